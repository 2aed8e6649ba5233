//! A store that fails by a seed.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::Expectations;

use crate::arrivals::Refusal;
use crate::audit::{Act, AuditQuery, AuditRow, Told};
use crate::commit::{Checkpoint, UserOutcome};
use crate::error::{RestoreError, StoreError};
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::kept::Version;
use crate::port::{Store, StoreId};
use crate::report::{Erased, Report, Settings, Stats};
use crate::user::{History, Loaded, Pin, Recorded, Restored, UserLine};

/// How often each fault happens, in a thousand calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// The call is refused as busy; nothing is done, and the next may succeed.
    pub busy: u16,
    /// The medium fails before anything is done; the handle is poisoned until it is [healed](Faulty::heal).
    pub broken: u16,
    /// A call that writes ends in an unknown outcome: done or not, half of the time each. The handle is poisoned.
    pub unknown: u16,
    /// A state that is committed is refused, or a restored user is said to have moved, as if another had been faster.
    pub conflicts: u16,
    /// The call takes long: the hook of [`with_delay`](Faulty::with_delay) is called first.
    pub delays: u16,
}

/// A store that fails by a seed: the same calls in the same order fail in the same way.
///
/// ```
/// use reweigh_store::{Faults, Faulty, MemoryStore, Sequence, Store, StoreError, StoreId};
///
/// let faults = Faults { unknown: 1_000, ..Faults::default() };
/// let store = Faulty::new(MemoryStore::new(StoreId::from_number(1)), 7, faults);
/// assert!(matches!(store.append(&[], &[]), Err(StoreError::Unknown { .. })));
/// assert!(matches!(store.mark(), Err(StoreError::Poisoned { .. })));
/// store.heal();
/// assert_eq!(store.mark()?, Sequence::START);
/// # Ok::<(), StoreError>(())
/// ```
pub struct Faulty<S> {
    store: S,
    faults: Faults,
    dice: Mutex<Dice>,
    delay: Option<Arc<dyn Fn(Duration) + Send + Sync>>,
    witness: Option<Arc<dyn Fn(&'static str) + Send + Sync>>,
}

#[derive(Debug)]
struct Dice {
    state: u64,
    poisoned: bool,
}

impl Dice {
    /// The next number of Steele, Lea and Flood's `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn falls(&mut self, in_a_thousand: u16) -> bool {
        self.next() % 1_000 < u64::from(in_a_thousand)
    }
}

/// What a verb that restores can fail with.
enum Failed {
    Store(StoreError),
    Restore(RestoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<S: fmt::Debug> fmt::Debug for Faulty<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("store", &self.store)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl<S: Store> Faulty<S> {
    /// Wraps a store.
    pub fn new(store: S, seed: u64, faults: Faults) -> Self {
        let dice = Mutex::new(Dice { state: seed, poisoned: false });
        Self { store, faults, dice, delay: None, witness: None }
    }

    /// Calls this where a call takes long, with how long.
    #[must_use]
    pub fn with_delay(mut self, delay: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.delay = Some(Arc::new(delay));
        self
    }

    /// Calls this with a word for each fault that happens: `busy`, `broken`, `unknown and kept`, `unknown and lost`,
    /// `conflict` or `delay`.
    #[must_use]
    pub fn with_witness(mut self, witness: impl Fn(&'static str) + Send + Sync + 'static) -> Self {
        self.witness = Some(Arc::new(witness));
        self
    }

    /// What opening the store again does for a real one: the handle is of use again.
    pub fn heal(&self) {
        self.with_dice(|dice| dice.poisoned = false);
    }

    /// The store inside, which does not fail.
    pub fn inner(&self) -> &S {
        &self.store
    }

    fn with_dice<T>(&self, work: impl FnOnce(&mut Dice) -> T) -> T {
        work(&mut self.dice.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn happened(&self, word: &'static str) {
        if let Some(witness) = &self.witness {
            witness(word);
        }
    }

    /// What every call may meet before it begins.
    fn enter(&self, doing: &'static str) -> Result<(), StoreError> {
        let late = self.with_dice(|dice| dice.falls(self.faults.delays).then(|| dice.next() % 2_000));
        if let Some(millis) = late {
            self.happened("delay");
            if let Some(delay) = &self.delay {
                delay(Duration::from_millis(millis));
            }
        }
        self.with_dice(|dice| {
            if dice.poisoned {
                return Err(StoreError::Poisoned { because: "an injected fault".to_owned() });
            }
            if dice.falls(self.faults.busy) {
                self.happened("busy");
                return Err(StoreError::Busy { doing, waited: Duration::from_secs(1) });
            }
            if dice.falls(self.faults.broken) {
                self.happened("broken");
                dice.poisoned = true;
                return Err(StoreError::Io { doing, cause: std::io::Error::other("an injected fault") });
            }
            Ok(())
        })
    }

    fn read<T>(&self, work: impl FnOnce(&S) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.enter("reading")?;
        work(&self.store)
    }

    fn write<T, E: From<StoreError>>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&S) -> Result<T, E>,
    ) -> Result<T, E> {
        self.enter(doing)?;
        let unknown = self.with_dice(|dice| {
            let falls = dice.falls(self.faults.unknown);
            dice.poisoned |= falls;
            falls.then(|| dice.next() % 2 == 0)
        });
        match unknown {
            None => work(&self.store),
            Some(kept) => {
                self.happened(if kept { "unknown and kept" } else { "unknown and lost" });
                if kept {
                    work(&self.store)?;
                }
                let cause = std::io::Error::other("an injected fault");
                Err(StoreError::Unknown { doing, cause: Box::new(StoreError::Io { doing, cause }) }.into())
            }
        }
    }

    /// Whether another was faster.
    fn conflicts(&self) -> bool {
        let falls = self.with_dice(|dice| dice.falls(self.faults.conflicts));
        if falls {
            self.happened("conflict");
        }
        falls
    }
}

impl<S: Store> Store for Faulty<S> {
    fn id(&self) -> StoreId {
        self.store.id()
    }

    fn append(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError> {
        self.write("appending", |store| store.append(facts, rejects))
    }

    fn tail(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError> {
        self.read(|store| store.tail(after, most))
    }

    fn journal_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError> {
        self.read(|store| store.journal_row(sequence))
    }

    fn mark(&self) -> Result<Sequence, StoreError> {
        self.read(S::mark)
    }

    fn prune(&self) -> Result<u64, StoreError> {
        self.write("pruning", S::prune)
    }

    fn load(&self, user: &UserId) -> Result<Option<Loaded>, StoreError> {
        self.read(|store| store.load(user))
    }

    fn check_and_restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError> {
        self.enter("restoring").map_err(|cause| RestoreError::storage(user, cause))?;
        if self.conflicts() {
            return Err(RestoreError::Conflict { user: user.clone() });
        }
        self.store.check_and_restore(user, before, most, expectations)
    }

    fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> Result<History, StoreError> {
        self.read(|store| store.history(user, after, most))
    }

    fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, StoreError> {
        self.read(|store| store.find(user, id))
    }

    fn versions(&self, user: &UserId) -> Result<Vec<Version>, StoreError> {
        self.read(|store| store.versions(user))
    }

    fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, StoreError> {
        self.read(|store| store.users(after, most))
    }

    fn marked(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserLine>, StoreError> {
        self.read(|store| store.marked(after, most))
    }

    /// A conflict takes the state out of a user's commit and leaves the facts in, as a real one does.
    fn commit(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        let mut hit = Vec::new();
        let mut checkpoint = checkpoint.clone();
        for user in &mut checkpoint.users {
            hit.push(user.settled.is_some() && self.conflicts());
            user.settled.take_if(|_| hit.last() == Some(&true));
        }
        let mut outcomes = self.write("a checkpoint", |store| store.commit(&checkpoint))?;
        for ((outcome, user), hit) in outcomes.iter_mut().zip(&checkpoint.users).zip(hit) {
            if hit {
                let (seen, found) = (user.seen.state, outcome.seen.state);
                outcome.refused = Some(Refusal::StateMoved { seen, found });
            }
        }
        Ok(outcomes)
    }

    fn pin(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        self.write("pinning", |store| store.pin(user, pin, act))
    }

    fn release(&self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        self.write("releasing", |store| store.release(user, act))
    }

    fn check_and_pin(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        if self.conflicts() {
            return Err(RestoreError::Conflict { user: user.clone() });
        }
        let pinned = self.write("restoring", |store| {
            store.check_and_pin(user, before, act, expectations).map_err(Failed::Restore)
        });
        pinned.map_err(|failed| match failed {
            Failed::Store(cause) => RestoreError::storage(user, cause),
            Failed::Restore(error) => error,
        })
    }

    fn erase(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        self.write("erasing", |store| store.erase(user, act))
    }

    fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.read(|store| store.audit(query, most))
    }

    fn trim_audit(&self, before: Instant, act: &Act) -> Result<u64, StoreError> {
        self.write("trimming the audit", |store| store.trim_audit(before, act))
    }

    fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, StoreError> {
        self.read(|store| store.rejects(after, most))
    }

    fn outbox(&self, after: u64, most: usize) -> Result<Vec<Told>, StoreError> {
        self.read(|store| store.outbox(after, most))
    }

    fn told(&self, upto: u64) -> Result<(), StoreError> {
        self.write("letting go of what was told", |store| store.told(upto))
    }

    fn settings(&self) -> Result<Settings, StoreError> {
        self.read(S::settings)
    }

    fn set(&self, settings: &Settings, act: &Act) -> Result<(), StoreError> {
        self.write("changing settings", |store| store.set(settings, act))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.read(S::stats)
    }

    fn check(&self) -> Result<Report, StoreError> {
        self.read(S::check)
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.read(|store| store.backup(to))
    }
}

#[cfg(test)]
mod tests;
