//! Where a fold begins: the newest state before a key that is of use, and the facts after it.

use reweigh_reading::{Elapsed, Instant, OrderKey, ReadingId, Source, UserId};
use reweigh_state::{Expectations, UserState};
use reweigh_store::{History, RestoreError, Store, StoreError};

/// A base and what comes after it.
#[derive(Debug)]
pub(crate) struct Base {
    /// The state; none when the fold begins at the first fact.
    pub(crate) state: Option<UserState>,
    pub(crate) history: History,
    /// What was of no use on the way: the code of each.
    pub(crate) passed_over: Vec<&'static str>,
}

impl Base {
    /// Whether something was said before of what comes after the base: then it lies in the middle of the story.
    pub(crate) fn is_within(&self) -> bool {
        let told = self.history.told.iter();
        let after = |key: &OrderKey| self.key().is_none_or(|base| key > base);
        self.history.facts.iter().any(|recorded| recorded.verdict.is_some())
            || told.into_iter().any(|recorded| recorded.verdict.is_some() && after(&recorded.fact.key()))
    }

    fn key(&self) -> Option<&OrderKey> {
        self.state.as_ref().and_then(|state| state.key.as_ref())
    }
}

/// A key after every fact of today.
pub(crate) fn end_of_time() -> OrderKey {
    OrderKey::new(
        Instant::MAX,
        Source::unknown(),
        ReadingId::Made(reweigh_reading::MadeId::from_bytes([0xff; 16])),
    )
}

/// A key before every fact of an instant.
pub(crate) fn before_instant(at: Instant) -> OrderKey {
    let earlier = at.saturating_add(Elapsed::from_micros(-1));
    OrderKey::new(
        earlier,
        Source::unknown(),
        ReadingId::Made(reweigh_reading::MadeId::from_bytes([0xff; 16])),
    )
}

/// Finds the base before a key. Snapshots that are of no use are passed over, and said so.
///
/// # Errors
///
/// The store failed.
pub(crate) fn find(
    store: &dyn Store,
    user: &UserId,
    before: &OrderKey,
    most: usize,
    expectations: &Expectations<'_>,
) -> Result<Base, StoreError> {
    let (mut before, mut passed_over) = (before.clone(), Vec::new());
    loop {
        let error = match store.check_and_restore(user, &before, most, expectations) {
            Ok(restored) => {
                let state = Some(restored.state.into_inner());
                return Ok(Base { state, history: restored.history, passed_over });
            }
            Err(error) => error,
        };
        let code = error.code();
        #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, there is no base")]
        let next = match error {
            RestoreError::Storage { cause, .. } => return Err(cause),
            RestoreError::Timeout { waited, .. } => {
                return Err(StoreError::Busy { doing: "restoring a user", waited });
            }
            RestoreError::Corrupt { before: next, .. }
            | RestoreError::Invalid { before: next, .. }
            | RestoreError::Dimension { before: next, .. } => {
                tracing::warn!(code, "a snapshot is of no use and passed over");
                passed_over.push(code);
                (next < before).then_some(next)
            }
            _ => None,
        };
        let Some(next) = next else {
            let history = store.history(user, None, most)?;
            return Ok(Base { state: None, history, passed_over });
        };
        before = next;
    }
}
