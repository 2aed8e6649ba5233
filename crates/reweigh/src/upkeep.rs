//! What is done to the files as a whole.

use std::path::Path;

use reweigh_reset::Breakers;

use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// Copies the store as it is at one moment, every acknowledged fact in it, while it stays in use. The copy is opened
    /// like any store.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(doc::reading("ada", 1, 80.0))?;
    /// engine.backup("weights-of-today.redb".as_ref())?;
    /// // Nothing is ever written over.
    /// assert!(engine.backup("weights-of-today.redb".as_ref()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is something at `to` already; either medium failed. Nothing is at `to` unless all of it is.
    pub fn backup(&self, to: &Path) -> Result<(), EngineError> {
        Ok(self.core.keeper.call_once(|store| store.backup(to))?)
    }

    /// The breakers, for an operator to look at and to force: what one of them holds back is unsettled and goes on once it
    /// lets it through.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reset::{BreakerState, OperationKind};
    ///
    /// let engine = doc::engine();
    /// let breaker = engine.breakers().of(OperationKind::ResetCommit);
    /// assert_eq!(breaker.status().state, BreakerState::Closed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn breakers(&self) -> &Breakers {
        &self.core.breakers
    }

    /// Brings everything into the main file and gives back the room that was freed, as far as the store can. Nobody is
    /// served meanwhile, and offers wait.
    ///
    /// # Errors
    ///
    /// The store cannot; the store failed. What is kept is as it was.
    pub fn compact(&self) -> Result<(), EngineError> {
        self.settle()?;
        self.checkpoint()?;
        let stores = std::sync::Arc::clone(self.stores());
        self.apart(move |core| {
            core.keeper.compact(stores.as_ref()).map_err(|fault| EngineError::Compact(fault.into()))
        })
    }
}
