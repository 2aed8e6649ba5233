//! A store in memory: the whole port, kept simple, for tests and for those who need no disk.

mod contents;
mod reading;
mod user;
mod writing;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::Expectations;

use crate::audit::{Act, AuditQuery, AuditRow, Told};
use crate::commit::{Checkpoint, UserOutcome};
use crate::error::{RestoreError, StoreError};
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::kept::Version;
use crate::port::{Store, StoreId};
use crate::report::{Erased, Report, Settings, Stats};
use crate::user::{History, Loaded, Pin, Recorded, Restored, UserLine};
use contents::Contents;

/// Where stores in memory put their backups.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<BTreeMap<PathBuf, Contents>>>);

/// A store in memory. Clones are handles on the same one.
///
/// It keeps every promise of the port but one: it ends with the process. What survives is what the tests need to
/// survive: a handle that is dropped and made again from another one.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    contents: Arc<Mutex<Contents>>,
    disk: MemoryDisk,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(id: StoreId) -> Self {
        Self { contents: Arc::new(Mutex::new(Contents::new(id))), disk: MemoryDisk::default() }
    }

    /// The backup at a path, as a store of its own.
    pub fn open_backup(&self, path: &Path) -> Option<Self> {
        let contents = lock(&self.disk.0).get(path).cloned()?;
        Some(Self { contents: Arc::new(Mutex::new(contents)), disk: self.disk.clone() })
    }

    fn look(&self) -> MutexGuard<'_, Contents> {
        lock(&self.contents)
    }

    /// Works on a copy and puts it in place at the end, so that an error leaves nothing behind.
    fn change<T, E>(&self, work: impl FnOnce(&mut Contents) -> Result<T, E>) -> Result<T, E> {
        let mut contents = self.look();
        let mut changed = contents.clone();
        let said = work(&mut changed)?;
        *contents = changed;
        Ok(said)
    }
}

/// A panic inside the lock leaves the old contents, so there is nothing to poison.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store for MemoryStore {
    fn id(&self) -> StoreId {
        self.look().id
    }

    fn append(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError> {
        Ok(self.look().append(facts, rejects))
    }

    fn tail(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError> {
        Ok(self.look().tail(after, most))
    }

    fn journal_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError> {
        Ok(self.look().journal_row(sequence))
    }

    fn mark(&self) -> Result<Sequence, StoreError> {
        Ok(self.look().mark)
    }

    fn prune(&self) -> Result<u64, StoreError> {
        Ok(self.look().prune())
    }

    fn load(&self, user: &UserId) -> Result<Option<Loaded>, StoreError> {
        Ok(self.look().users.get(user).map(user::MemoryUser::loaded))
    }

    fn check_and_restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError> {
        self.look().restore(user, before, most, expectations)
    }

    fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> Result<History, StoreError> {
        Ok(self.look().history(user, after, most))
    }

    fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, StoreError> {
        Ok(self.look().find(user, id))
    }

    fn versions(&self, user: &UserId) -> Result<Vec<Version>, StoreError> {
        Ok(self.look().users.get(user).map(user::MemoryUser::versions).unwrap_or_default())
    }

    fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, StoreError> {
        Ok(self.look().users(after, most))
    }

    fn marked(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserLine>, StoreError> {
        Ok(self.look().marked(after, most))
    }

    fn commit(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        self.change(|contents| contents.commit(checkpoint))
    }

    fn pin(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        self.change(|contents| contents.pin(user, pin, act))
    }

    fn release(&self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        self.change(|contents| contents.release(user, act))
    }

    fn check_and_pin(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        self.change(|contents| contents.check_and_pin(user, before, act, expectations))
    }

    fn erase(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        self.change(|contents| contents.erase(user, act))
    }

    fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        Ok(self.look().audit(query, most))
    }

    fn trim_audit(&self, before: Instant, act: &Act) -> Result<u64, StoreError> {
        Ok(self.look().trim_audit(before, act))
    }

    fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, StoreError> {
        let contents = self.look();
        let rows = contents.rejects.range(after.saturating_add(1)..).take(most);
        Ok(rows.map(|(number, row)| (*number, row.clone())).collect())
    }

    fn outbox(&self, after: u64, most: usize) -> Result<Vec<Told>, StoreError> {
        let contents = self.look();
        Ok(contents
            .outbox
            .range(after.saturating_add(1)..)
            .take(most)
            .map(|(_, told)| told.clone())
            .collect())
    }

    fn told(&self, upto: u64) -> Result<(), StoreError> {
        self.look().outbox.retain(|number, _| *number > upto);
        Ok(())
    }

    fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.look().settings)
    }

    fn set(&self, settings: &Settings, act: &Act) -> Result<(), StoreError> {
        let mut contents = self.look();
        contents.settings = *settings;
        contents.record(None, crate::audit::AuditEntry::Act(act.clone()));
        Ok(())
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        Ok(self.look().stats())
    }

    fn check(&self) -> Result<Report, StoreError> {
        let contents = self.look();
        let facts = contents.users.values().map(|user| user.loaded().facts).sum();
        Ok(Report { users: contents.users.len() as u64, facts, damage: Vec::new() })
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let contents = self.look().clone();
        let mut disk = lock(&self.disk.0);
        if disk.contains_key(to) {
            let cause = std::io::ErrorKind::AlreadyExists.into();
            return Err(StoreError::Io { doing: "backing up", cause });
        }
        disk.insert(to.to_owned(), contents);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
