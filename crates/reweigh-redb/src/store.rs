//! The store: both files, and the port's verbs on them.

mod backup;
mod check;
mod commit;
mod erase;
mod journal;
mod open;
mod records;

use std::path::Path;
use std::sync::atomic::AtomicU64;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};
use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::Expectations;
use reweigh_store::{
    Act, AuditQuery, AuditRow, Checkpoint, Erased, History, JournalRow, Loaded, Pin, Place, Recorded,
    Rejected, Report, RestoreError, Restored, Sequence, Settings, Stats, Store, StoreError, StoreId, Told,
    UserLine, UserOutcome, Version,
};

use crate::fault::Fault;
use crate::file::{File, Poison};
use crate::head::{head_of, head_row};
use crate::opening::{Names, ROW_COUNTERS, ROW_SETTINGS, meta, put_meta};
use crate::options::Options;
use crate::records::{CountersV1, MarkV1, SettingsV1, order_key, take_cause, user};
use crate::row::{BadRow, open_as};
use crate::tables::{ARCHIVE, AUDIT, HEADS, JOURNAL, MARKS, MARKS_KIND, META, META_KIND, OUTBOX, REJECTS};
use crate::view::{View, archived_of};

/// A store in two files. See the [crate's front page](crate).
#[derive(Debug)]
pub struct RedbStore {
    id: StoreId,
    names: Names,
    options: Options,
    main: File,
    journal: File,
    /// The journal beside the main file, by its number.
    journal_number: u64,
    /// No row of the journal has a number up to this: it was pruned, or never there.
    floor: AtomicU64,
    poison: Poison,
}

/// A row of the meta table inside a transaction.
fn counters_in(transaction: &ReadTransaction) -> Result<CountersV1, Fault> {
    let table = transaction.open_table(META)?;
    let row = table.get(ROW_COUNTERS)?;
    row.map_or_else(|| Err(gone()), |row| meta(ROW_COUNTERS, row.value()))
}

fn counters_of(transaction: &WriteTransaction) -> Result<CountersV1, Fault> {
    let table = transaction.open_table(META)?;
    let row = table.get(ROW_COUNTERS)?;
    row.map_or_else(|| Err(gone()), |row| meta(ROW_COUNTERS, row.value()))
}

/// A row that every store has.
fn gone() -> Fault {
    let place = Place::of(META_KIND.name);
    Fault::Store(BadRow("a row that every store has is not there".to_owned()).at(place))
}

fn missing(what: &'static str, user: &UserId) -> Fault {
    Fault::Store(StoreError::Missing { what, user: user.clone() })
}

impl Store for RedbStore {
    fn id(&self) -> StoreId {
        self.id
    }

    fn append(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError> {
        self.append_row(facts, rejects)
    }

    fn tail(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError> {
        self.tail_rows(after, most)
    }

    fn journal_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError> {
        self.one_row(sequence)
    }

    fn mark(&self) -> Result<Sequence, StoreError> {
        self.main.read("reading the mark", counters_in).map(|counters| Sequence::new(counters.mark))
    }

    fn prune(&self) -> Result<u64, StoreError> {
        self.prune_rows()
    }

    fn load(&self, user: &UserId) -> Result<Option<Loaded>, StoreError> {
        self.main.read("loading a user", |transaction| {
            let heads = transaction.open_table(HEADS)?;
            let Some(row) = head_row(&heads, user)? else { return Ok(None) };
            let loaded = head_of(user, &row)?.loaded();
            let place = || Place::of_user(crate::tables::HEADS_KIND.name, user);
            loaded.map(Some).map_err(|bad| bad.at(place()).into())
        })
    }

    fn check_and_restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError> {
        let found = self.main.read("restoring a user", |transaction| {
            View::open(transaction)?.restore(user, before, most, expectations)
        });
        found.map_err(|cause| RestoreError::storage(user, cause))?
    }

    fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> Result<History, StoreError> {
        self.main.read("reading facts", |transaction| View::open(transaction)?.history(user, after, most))
    }

    fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, StoreError> {
        self.main.read("finding an id", |transaction| View::open(transaction)?.find(user, id))
    }

    fn versions(&self, user: &UserId) -> Result<Vec<Version>, StoreError> {
        self.main.read("reading versions", |transaction| {
            let heads = transaction.open_table(HEADS)?;
            let Some(row) = head_row(&heads, user)? else { return Ok(Vec::new()) };
            let place = || Place::of_user(crate::tables::HEADS_KIND.name, user);
            let mut versions = head_of(user, &row)?.versions().map_err(|bad| bad.at(place()))?;
            versions.extend(archived_of(&transaction.open_table(ARCHIVE)?, user)?);
            Ok(versions)
        })
    }

    fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, StoreError> {
        self.main.read("listing users", |transaction| {
            let heads = transaction.open_table(HEADS)?;
            let mut users = Vec::new();
            for row in heads.range::<&[u8]>(beyond(after).as_slice()..)?.take(most) {
                users.push(user_of(row?.0.value(), "head")?);
            }
            Ok(users)
        })
    }

    fn marked(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserLine>, StoreError> {
        self.main.read("listing users", |transaction| {
            let marks = transaction.open_table(MARKS)?;
            let mut lines = Vec::new();
            for row in marks.range::<&[u8]>(beyond(after).as_slice()..)?.take(most) {
                let (key, row) = row?;
                lines.push(line(&user_of(key.value(), MARKS_KIND.name)?, key.value(), row.value())?);
            }
            Ok(lines)
        })
    }

    fn commit(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        self.commit_all(checkpoint)
    }

    fn pin(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        self.pin_user(user, pin, act)
    }

    fn release(&self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        self.release_user(user, act)
    }

    fn check_and_pin(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        self.pin_version(user, before, act, expectations)
    }

    fn erase(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        self.erase_user(user, act)
    }

    fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.main.read("reading the audit", |transaction| records::audit(transaction, query, most))
    }

    fn trim_audit(&self, before: Instant, act: &Act) -> Result<u64, StoreError> {
        self.trim(before, act)
    }

    fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, StoreError> {
        self.main.read("reading rejected rows", |transaction| records::rejects(transaction, after, most))
    }

    fn outbox(&self, after: u64, most: usize) -> Result<Vec<Told>, StoreError> {
        self.main.read("reading the outbox", |transaction| records::outbox(transaction, after, most))
    }

    fn told(&self, upto: u64) -> Result<(), StoreError> {
        self.main.write("letting go of what was told", |transaction| {
            transaction.open_table(OUTBOX)?.retain_in(..=upto, |_, _| false)?;
            Ok(())
        })
    }

    fn settings(&self) -> Result<Settings, StoreError> {
        self.main.read("reading settings", |transaction| {
            let table = transaction.open_table(META)?;
            let row = table.get(ROW_SETTINGS)?.ok_or_else(gone)?;
            meta::<SettingsV1>(ROW_SETTINGS, row.value()).map(Settings::from)
        })
    }

    fn set(&self, settings: &Settings, act: &Act) -> Result<(), StoreError> {
        self.main.write("changing settings", |transaction| {
            put_meta(transaction, ROW_SETTINGS, &SettingsV1::from(settings))?;
            records::record_act(transaction, None, act)
        })
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        let mut stats = self.main.read("counting", |transaction| {
            let counters = counters_in(transaction)?;
            Ok(Stats {
                users: transaction.open_table(HEADS)?.len()?,
                facts: counters.facts,
                unsettled: counters.unsettled,
                pinned: counters.pinned,
                audit: transaction.open_table(AUDIT)?.len()?,
                rejects: transaction.open_table(REJECTS)?.len()?,
                outbox: transaction.open_table(OUTBOX)?.len()?,
                journal_rows: counters.mark,
                main_bytes: 0,
                journal_bytes: 0,
            })
        })?;
        let mark = stats.journal_rows;
        stats.journal_rows = self.journal.read("counting", |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            Ok(table.range(mark.saturating_add(1)..)?.count() as u64)
        })?;
        stats.main_bytes = self.file_bytes(&self.names.main)?;
        stats.journal_bytes = self.file_bytes(&self.names.journal)?;
        Ok(stats)
    }

    fn check(&self) -> Result<Report, StoreError> {
        self.check_all()
    }

    fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.back_up(to)
    }
}

/// Where users after one begin.
fn beyond(after: Option<&UserId>) -> Vec<u8> {
    after.map(|user| [user.as_str().as_bytes(), &[0]].concat()).unwrap_or_default()
}

fn user_of(key: &[u8], table: &'static str) -> Result<UserId, Fault> {
    let text = str::from_utf8(key).map_err(|_| BadRow("a user cannot be read".to_owned()));
    text.and_then(user).map_err(|bad| bad.at(Place::of(table)).into())
}

fn line(user: &UserId, key: &[u8], row: &[u8]) -> Result<UserLine, Fault> {
    let read = || -> Result<UserLine, BadRow> {
        let row: MarkV1 = open_as(MARKS_KIND, key, row)?;
        let mark = row.mark.as_deref().map(order_key).transpose()?;
        let pinned = row.pinned.map(take_cause).transpose()?;
        let mark = mark.map(reweigh_state::Mark::at).unwrap_or_default();
        Ok(UserLine { user: user.clone(), mark, pinned })
    };
    read().map_err(|bad| bad.at(Place::of_user(MARKS_KIND.name, user)).into())
}

#[cfg(test)]
mod tests;
