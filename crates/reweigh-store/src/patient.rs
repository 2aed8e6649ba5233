//! A caller that does what the port says can be done about an error.

mod commit;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::Expectations;

use crate::audit::{Act, AuditEntry, AuditQuery, AuditRow, Told};
use crate::commit::{Checkpoint, UserOutcome};
use crate::error::{Remedy, RestoreError, StoreError};
use crate::faulty::Faulty;
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::kept::Version;
use crate::port::{Store, StoreId};
use crate::report::{Erased, Report, Settings, Stats};
use crate::user::{History, Loaded, Pin, Recorded, Restored, UserLine};

/// How often a verb is tried before its last error is given back.
const TRIES: usize = 1_000;

const ALL: usize = usize::MAX;

/// A store that fails, behind a caller that knows what to do about it.
///
/// It does what the [port](Store#what-to-do-about-an-error) says of each error and nothing else: it tries again, opens the
/// store again, looks whether what it wrote was kept, and offers a state again that was refused without need. So a
/// suite that holds for it shows that the ways out which are written down lead out. It waits for nothing, and whoever
/// writes is alone in writing, as the one writer of a file is.
///
/// ```
/// use reweigh_store::{Faults, Faulty, MemoryStore, Patient, Sequence, Store, StoreId};
///
/// let faults = Faults { busy: 300, broken: 200, unknown: 400, ..Faults::default() };
/// let store = Patient::new(Faulty::new(MemoryStore::new(StoreId::from_number(1)), 7, faults));
/// for _ in 0..100 {
///     store.append(&[], &[])?;
/// }
/// assert_eq!(store.tail(Sequence::START, 1_000)?.len(), 100, "each once");
/// # Ok::<(), reweigh_store::StoreError>(())
/// ```
#[derive(Debug)]
pub struct Patient<S> {
    store: Faulty<S>,
    turn: Mutex<()>,
}

impl<S: Store> Patient<S> {
    /// Puts itself between a store that fails and its user.
    pub fn new(store: Faulty<S>) -> Self {
        Self { store, turn: Mutex::new(()) }
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries again what changed nothing, after opening the store again where that is asked for.
    fn again<T>(&self, mut call: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
        for _ in 1..TRIES {
            match call() {
                Err(StoreError::Unknown { doing, cause }) => {
                    self.store.heal();
                    return Err(StoreError::Unknown { doing, cause });
                }
                Err(error) if error.remedy() == Remedy::Reopen => self.store.heal(),
                Err(error) if error.remedy() == Remedy::Retry => {}
                said => return said,
            }
        }
        call()
    }

    /// Looks whether it was kept where that is not known, and offers it again if it was not.
    fn surely<T>(
        &self,
        mut call: impl FnMut() -> Result<T, StoreError>,
        look: impl Fn() -> Result<Option<T>, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 1..TRIES {
            match self.again(&mut call) {
                Err(StoreError::Unknown { .. }) => {
                    if let Some(said) = look()? {
                        return Ok(said);
                    }
                }
                said => return said,
            }
        }
        call()
    }

    /// The same for what searches first.
    fn restoring<T>(
        &self,
        mut call: impl FnMut() -> Result<T, RestoreError>,
        look: impl Fn() -> Result<Option<T>, StoreError>,
        user: &UserId,
    ) -> Result<T, RestoreError> {
        for _ in 1..TRIES {
            match call() {
                Err(RestoreError::Storage { cause: StoreError::Unknown { .. }, .. }) => {
                    self.store.heal();
                    if let Some(said) = look().map_err(|cause| RestoreError::storage(user, cause))? {
                        return Ok(said);
                    }
                }
                Err(error) if error.remedy() == Remedy::Reopen => self.store.heal(),
                Err(error) if error.remedy() == Remedy::Retry => {}
                said => return said,
            }
        }
        call()
    }

    /// The number of the last audit entry.
    fn last_entry(&self) -> Result<u64, StoreError> {
        let rows = self.audit(&AuditQuery::default(), ALL)?;
        Ok(rows.last().map_or(0, |row| row.number))
    }

    /// Whether an act was recorded after an entry: it is, if and only if what it did was kept.
    fn acted(&self, act: &Act, after: u64) -> Result<bool, StoreError> {
        let rows = self.audit(&AuditQuery { after, ..AuditQuery::default() }, ALL)?;
        Ok(rows.iter().any(|row| row.entry == AuditEntry::Act(act.clone())))
    }

    /// Does something that is recorded with it, and says of what was kept unseen what there is to say.
    fn act<T>(
        &self,
        act: &Act,
        call: impl FnMut() -> Result<T, StoreError>,
        kept: impl Fn() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let after = self.last_entry()?;
        self.surely(call, || self.acted(act, after)?.then(&kept).transpose())
    }
}

impl<S: Store> Store for Patient<S> {
    fn id(&self) -> StoreId {
        self.store.id()
    }

    fn append(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError> {
        let _turn = self.turn();
        let last = self.tail(Sequence::START, ALL)?.last().map(|row| row.sequence);
        let last = last.unwrap_or_default().max(self.mark()?);
        self.surely(
            || self.store.append(facts, rejects),
            || Ok(self.tail(last, 1)?.first().map(|row| row.sequence)),
        )
    }

    fn tail(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError> {
        self.again(|| self.store.tail(after, most))
    }

    fn journal_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError> {
        self.again(|| self.store.journal_row(sequence))
    }

    fn mark(&self) -> Result<Sequence, StoreError> {
        self.again(|| self.store.mark())
    }

    fn prune(&self) -> Result<u64, StoreError> {
        let _turn = self.turn();
        self.surely(|| self.store.prune(), || Ok(None))
    }

    fn load(&self, user: &UserId) -> Result<Option<Loaded>, StoreError> {
        self.again(|| self.store.load(user))
    }

    fn check_and_restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError> {
        self.restoring(|| self.store.check_and_restore(user, before, most, expectations), || Ok(None), user)
    }

    fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> Result<History, StoreError> {
        self.again(|| self.store.history(user, after, most))
    }

    fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, StoreError> {
        self.again(|| self.store.find(user, id))
    }

    fn versions(&self, user: &UserId) -> Result<Vec<Version>, StoreError> {
        self.again(|| self.store.versions(user))
    }

    fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, StoreError> {
        self.again(|| self.store.users(after, most))
    }

    fn marked(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserLine>, StoreError> {
        self.again(|| self.store.marked(after, most))
    }

    fn commit(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        let _turn = self.turn();
        self.commit_surely(checkpoint)
    }

    fn pin(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        let _turn = self.turn();
        self.act(act, || self.store.pin(user, pin, act), || Ok(()))
    }

    fn release(&self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        let _turn = self.turn();
        self.act(act, || self.store.release(user, act), || Ok(()))
    }

    fn check_and_pin(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        let _turn = self.turn();
        let failed = |cause| RestoreError::storage(user, cause);
        let after = self.last_entry().map_err(failed)?;
        let look = || {
            if !self.acted(act, after)? {
                return Ok(None);
            }
            let number = self.load(user)?.and_then(|loaded| loaded.pin).and_then(|pin| pin.version);
            Ok(self.versions(user)?.into_iter().find(|version| Some(version.number) == number))
        };
        self.restoring(|| self.store.check_and_pin(user, before, act, expectations), look, user)
    }

    fn erase(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        let _turn = self.turn();
        let facts = self.load(user)?.map_or(0, |loaded| loaded.facts);
        let query = AuditQuery { user: Some(user.clone()), ..AuditQuery::default() };
        let audit = self.audit(&query, ALL)?.len() as u64;
        self.act(act, || self.store.erase(user, act), || Ok(Erased { facts, audit }))
    }

    fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.again(|| self.store.audit(query, most))
    }

    fn trim_audit(&self, before: Instant, act: &Act) -> Result<u64, StoreError> {
        let _turn = self.turn();
        let gone = self.audit(&AuditQuery { until: Some(before), ..AuditQuery::default() }, ALL)?.len();
        self.act(act, || self.store.trim_audit(before, act), || Ok(gone as u64))
    }

    fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, StoreError> {
        self.again(|| self.store.rejects(after, most))
    }

    fn outbox(&self, after: u64, most: usize) -> Result<Vec<Told>, StoreError> {
        self.again(|| self.store.outbox(after, most))
    }

    fn told(&self, upto: u64) -> Result<(), StoreError> {
        let _turn = self.turn();
        self.surely(|| self.store.told(upto), || Ok(None))
    }

    fn settings(&self) -> Result<Settings, StoreError> {
        self.again(|| self.store.settings())
    }

    fn set(&self, settings: &Settings, act: &Act) -> Result<(), StoreError> {
        let _turn = self.turn();
        self.act(act, || self.store.set(settings, act), || Ok(()))
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.again(|| self.store.stats())
    }

    fn check(&self) -> Result<Report, StoreError> {
        self.again(|| self.store.check())
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let _turn = self.turn();
        self.again(|| self.store.backup(to))
    }
}

#[cfg(test)]
mod tests;
