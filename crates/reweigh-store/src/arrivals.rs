//! The one rule that refuses a commit, in one place for every store.

use reweigh_reading::OrderKey;

use crate::user::Seen;

/// What came in for a user since its last settled state: how far the facts' number had got, and the lowest key that
/// came with it. Bounded: old ones are merged, which can refuse a commit without need and never lets a wrong one pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrivals(Vec<(u64, OrderKey)>);

impl Arrivals {
    /// How many are told apart.
    pub const MOST: usize = 4;

    /// Those that were kept. More than [`MOST`](Self::MOST) are merged.
    pub fn from_entries(entries: Vec<(u64, OrderKey)>) -> Self {
        let mut arrivals = Self(entries);
        arrivals.merge();
        arrivals
    }

    /// All of them, to be kept: the facts' number and the lowest key.
    pub fn entries(&self) -> &[(u64, OrderKey)] {
        &self.0
    }

    /// Facts came, this being their number now and the lowest key they touch.
    pub fn note(&mut self, facts: u64, lowest: OrderKey) {
        self.0.push((facts, lowest));
        self.merge();
    }

    /// The lowest key that came after a reader saw this number.
    pub fn since(&self, facts: u64) -> Option<&OrderKey> {
        self.0.iter().filter(|(number, _)| *number > facts).map(|(_, key)| key).min()
    }

    /// The lowest key of all.
    pub fn lowest(&self) -> Option<&OrderKey> {
        self.since(0)
    }

    fn merge(&mut self) {
        while self.0.len() > Self::MOST {
            let (_, old) = self.0.remove(0);
            if let Some((_, next)) = self.0.first_mut()
                && old < *next
            {
                *next = old;
            }
        }
    }
}

/// Why a state was not taken. The facts of the same commit were.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Another state was settled meanwhile: read again and fold again.
    #[error("the state moved from {seen} to {found}; read again and fold again")]
    StateMoved {
        /// The number that was read.
        seen: u64,
        /// The number that was found.
        found: u64,
    },
    /// A fact came in that the state should hold and does not. Below the base: read again. Between: fold again from
    /// this key.
    #[error("a fact at {} came meanwhile; fold again from there", key.at())]
    FactBelow {
        /// The lowest of them.
        key: OrderKey,
    },
}

impl Refusal {
    /// A word for logs, JSON and audit, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StateMoved { .. } => "commit_state_moved",
            Self::FactBelow { .. } => "commit_fact_below",
        }
    }
}

/// Whether a state may be committed: `Ok` with the lowest key that is not in it, or why not.
///
/// It is refused if another state was settled since, or if a fact came since whose key is not after the state's. A
/// fact after it does no harm: it is folded on, and until then it is the user's mark.
///
/// # Errors
///
/// The refusal.
///
/// ```
/// use reweigh_reading::{Instant, OrderKey, Source};
/// use reweigh_store::{Arrivals, Refusal, Seen, may_commit};
///
/// let key = |seconds| {
///     let at = Instant::from_unix_seconds(seconds).unwrap();
///     OrderKey::new(at, Source::unknown(), "a".parse().unwrap())
/// };
/// let mut arrivals = Arrivals::default();
/// arrivals.note(5, key(100));
/// let (read, now) = (Seen { facts: 4, state: 2 }, Seen { facts: 5, state: 2 });
/// assert_eq!(may_commit(read, now, &arrivals, Some(&key(90))), Ok(Some(key(100))));
/// assert_eq!(may_commit(read, now, &arrivals, Some(&key(110))), Err(Refusal::FactBelow { key: key(100) }));
/// assert_eq!(may_commit(now, now, &arrivals, Some(&key(110))), Ok(None));
/// ```
pub fn may_commit(
    seen: Seen,
    found: Seen,
    arrivals: &Arrivals,
    state: Option<&OrderKey>,
) -> Result<Option<OrderKey>, Refusal> {
    if seen.state != found.state {
        return Err(Refusal::StateMoved { seen: seen.state, found: found.state });
    }
    match arrivals.since(seen.facts) {
        Some(key) if state.is_some_and(|state| key <= state) => Err(Refusal::FactBelow { key: key.clone() }),
        lowest => Ok(lowest.cloned()),
    }
}
