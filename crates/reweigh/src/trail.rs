//! What was said, decided and refused, as it was written down.

use reweigh_reading::UserId;
use reweigh_store::{AuditQuery, AuditRow, Rejected, Told};

use crate::digest::PIECE;
use crate::engine::Engine;
use crate::error::EngineError;

impl Engine {
    /// The next revisions after a number, at most `most`: verdicts that changed, and estimates that moved. They stay until
    /// they are [told](Self::told). A number is a place to go on from.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 80.0)])?;
    /// engine.digest()?;
    ///
    /// let revisions = engine.revisions(0, 100)?;
    /// assert_eq!(revisions[0].user.as_str(), "ada");
    /// engine.told(revisions[0].number)?;
    /// assert!(engine.revisions(0, 100)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn revisions(&self, after: u64, most: usize) -> Result<Vec<Told>, EngineError> {
        Ok(self.core.keeper.call(|store| store.outbox(after, most))?)
    }

    /// Lets go of the revisions up to a number: whoever had to know knows. They are gone from
    /// [`history`](Self::history) too.
    ///
    /// # Errors
    ///
    /// The store failed, and may have let go of them.
    pub fn told(&self, upto: u64) -> Result<(), EngineError> {
        Ok(self.core.keeper.call(|store| store.told(upto))?)
    }

    /// What was said of a user and changed, oldest first, as far as it is kept.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(doc::reading("ada", 1, 80.0))?;
    /// engine.digest()?;
    /// engine.ingest(doc::reading("ada", 2, 81.0))?;
    /// engine.digest()?;
    ///
    /// let history = engine.history(&"ada".parse()?)?;
    /// assert_eq!(history.len(), 2);
    /// assert_eq!(history[0].restatement.newest_kg.1, history[1].restatement.newest_kg.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn history(&self, user: &UserId) -> Result<Vec<Told>, EngineError> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let piece = self.revisions(after, PIECE)?;
            let Some(last) = piece.last() else { return Ok(all) };
            after = last.number;
            all.extend(piece.into_iter().filter(|told| told.user == *user));
        }
    }

    /// The next rejected rows after a number, with their numbers, at most `most`. Those of the last batches are among
    /// them from the next checkpoint on.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(doc::reading("ada", 1, 980.0))?;
    /// engine.digest()?;
    ///
    /// let (_, row) = &engine.rejects(0, 100)?[0];
    /// assert_eq!(row.code, "weight_out_of_range");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, EngineError> {
        Ok(self.core.keeper.call(|store| store.rejects(after, most))?)
    }

    /// The next audit entries that are asked for, at most `most`: resets, and what people and the engine did.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_store::{AuditEntry, AuditQuery};
    ///
    /// let engine = doc::engine();
    /// engine.ingest(doc::reading("ada", 1, 80.0))?;
    /// engine.digest()?;
    ///
    /// let of_ada = AuditQuery { user: Some("ada".parse()?), ..AuditQuery::default() };
    /// let entries = engine.audit(&of_ada, 100)?;
    /// let AuditEntry::Reset(record) = &entries[0].entry else { unreachable!() };
    /// assert_eq!(record.reason, "the first reading");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, EngineError> {
        Ok(self.core.keeper.call(|store| store.audit(query, most))?)
    }
}
