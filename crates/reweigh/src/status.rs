//! How an engine is doing.

use std::collections::BTreeMap;

use reweigh_reading::UserId;
use reweigh_store::Stats;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::story::Trouble;
use crate::tail::TailSize;

/// How an engine is doing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Status {
    /// Users of the main file.
    pub users: u64,
    /// What the store says of itself.
    pub store: Stats,
    /// What the journal has and the main file has not.
    pub tail: TailSize,
    /// Users that could not be settled, and why.
    pub troubles: BTreeMap<UserId, Trouble>,
    /// Facts acknowledged since the engine was opened.
    pub acknowledged: u64,
    /// Facts folded since then, replays included.
    pub folded: u64,
    /// Replays since then.
    pub replays: u64,
    /// Facts that were there already.
    pub duplicates: u64,
}

impl Engine {
    /// How the engine is doing.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn status(&self) -> Result<Status, EngineError> {
        let store = self.core.keeper.call(|store| store.stats())?;
        let counts = &self.core.counts;
        let troubles = self.core.lanes.iter().flat_map(|lane| lane.residents().troubles.clone()).collect();
        Ok(Status {
            users: store.users,
            store,
            tail: self.core.tail.size(),
            troubles,
            acknowledged: counts.acknowledged.get(),
            folded: counts.folded.get(),
            replays: counts.replays.get(),
            duplicates: counts.duplicates.get(),
        })
    }
}
