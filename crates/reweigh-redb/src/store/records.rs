//! Audit, rejected rows and the outbox.

use redb::{ReadTransaction, ReadableTable, WriteTransaction};
use reweigh_reading::{Instant, UserId};
use reweigh_store::{Act, AuditEntry, AuditQuery, AuditRow, Place, Rejected, StoreError, Told};
use xxhash_rust::xxh3::xxh3_128;

use super::{RedbStore, counters_of};
use crate::fault::Fault;
use crate::opening::{ROW_COUNTERS, put_meta};
use crate::records::{AuditV1, CountersV1, EntryV1, RejectV1, ToldV1, user};
use crate::row::{BadRow, Kind, open_as, seal_as};
use crate::tables::{
    AUDIT, AUDIT_KIND, AUDIT_USERS, OUTBOX, OUTBOX_KIND, REJECTS, REJECTS_KIND, REJECTS_SEEN, user_end,
    user_prefix,
};

fn at(kind: Kind, number: u64, bad: BadRow) -> Fault {
    Fault::Store(bad.at(Place::of(kind.name).at(number)))
}

/// Writes entries after the last one.
pub(super) fn record(
    transaction: &WriteTransaction,
    entries: &[(Option<&UserId>, &AuditEntry)],
    counters: &mut CountersV1,
) -> Result<(), Fault> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(AUDIT)?;
    let mut of_users = transaction.open_table(AUDIT_USERS)?;
    for (user, entry) in entries {
        counters.audit += 1;
        let number = counters.audit;
        let text = user.map(|user| user.as_str().to_owned());
        let row = AuditV1 { user: text, entry: EntryV1::try_from(*entry).map_err(Fault::unwritten)? };
        let row = seal_as(AUDIT_KIND, &number.to_be_bytes(), &row).map_err(Fault::unwritten)?;
        table.insert(number, row.as_slice())?;
        if let Some(user) = user {
            let mut key = user_prefix(user);
            key.extend_from_slice(&number.to_be_bytes());
            of_users.insert(key.as_slice(), [].as_slice())?;
        }
    }
    Ok(())
}

/// Writes one act, where nothing else is counted.
pub(super) fn record_act(
    transaction: &WriteTransaction,
    user: Option<&UserId>,
    act: &Act,
) -> Result<(), Fault> {
    let mut counters = counters_of(transaction)?;
    record(transaction, &[(user, &AuditEntry::Act(act.clone()))], &mut counters)?;
    put_meta(transaction, ROW_COUNTERS, &counters)
}

pub(super) fn audit_row(number: u64, row: &[u8]) -> Result<AuditRow, Fault> {
    let read = || -> Result<AuditRow, BadRow> {
        let row: AuditV1 = open_as(AUDIT_KIND, &number.to_be_bytes(), row)?;
        let user = row.user.as_deref().map(user).transpose()?;
        Ok(AuditRow { number, user, entry: AuditEntry::try_from(row.entry)? })
    };
    read().map_err(|bad| at(AUDIT_KIND, number, bad))
}

/// The numbers of a user's entries after one.
pub(super) fn numbers_of(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    user: &UserId,
    after: u64,
) -> Result<Vec<u64>, Fault> {
    let prefix = user_prefix(user);
    let mut first = prefix.clone();
    first.extend_from_slice(&after.saturating_add(1).to_be_bytes());
    let end = user_end(user);
    let mut numbers = Vec::new();
    for row in table.range::<&[u8]>(first.as_slice()..end.as_slice())? {
        let (key, _) = row?;
        let number = key.value().get(prefix.len()..).and_then(|number| number.try_into().ok());
        let place = || Place::of_user("audit index", user);
        let bad = || BadRow("a number cannot be read".to_owned());
        numbers.push(u64::from_be_bytes(number.ok_or_else(|| Fault::Store(bad().at(place())))?));
    }
    Ok(numbers)
}

pub(super) fn audit(
    transaction: &ReadTransaction,
    query: &AuditQuery,
    most: usize,
) -> Result<Vec<AuditRow>, Fault> {
    let table = transaction.open_table(AUDIT)?;
    let mut rows = Vec::new();
    if let Some(user) = &query.user {
        for number in numbers_of(&transaction.open_table(AUDIT_USERS)?, user, query.after)? {
            if rows.len() >= most {
                break;
            }
            if let Some(row) = table.get(number)? {
                rows.push(audit_row(number, row.value())?);
                rows.pop_if(|row| !query.wants(row));
            }
        }
        return Ok(rows);
    }
    for row in table.range(query.after.saturating_add(1)..)? {
        if rows.len() >= most {
            break;
        }
        let (number, row) = row?;
        rows.push(audit_row(number.value(), row.value())?);
        rows.pop_if(|row| !query.wants(row));
    }
    Ok(rows)
}

impl RedbStore {
    pub(super) fn trim(&self, before: Instant, act: &Act) -> Result<u64, StoreError> {
        self.main.write("trimming the audit", |transaction| {
            let mut gone = Vec::new();
            {
                let mut table = transaction.open_table(AUDIT)?;
                for row in table.iter()? {
                    let (number, row) = row?;
                    let row = audit_row(number.value(), row.value())?;
                    if row.entry.recorded() < before {
                        gone.push((row.number, row.user));
                    }
                }
                let mut of_users = transaction.open_table(AUDIT_USERS)?;
                for (number, user) in &gone {
                    table.remove(*number)?;
                    if let Some(user) = user {
                        let mut key = user_prefix(user);
                        key.extend_from_slice(&number.to_be_bytes());
                        of_users.remove(key.as_slice())?;
                    }
                }
            }
            record_act(transaction, None, act)?;
            Ok(gone.len() as u64)
        })
    }
}

/// Keeps rejected rows, each pair of row and code once.
pub(super) fn reject(
    transaction: &WriteTransaction,
    rejects: &[Rejected],
    counters: &mut CountersV1,
) -> Result<(), Fault> {
    if rejects.is_empty() {
        return Ok(());
    }
    let mut table = transaction.open_table(REJECTS)?;
    let mut seen = transaction.open_table(REJECTS_SEEN)?;
    for rejected in rejects {
        let mut what = (rejected.code.len() as u64).to_le_bytes().to_vec();
        what.extend_from_slice(rejected.code.as_bytes());
        what.extend_from_slice(&rejected.row);
        let hash = xxh3_128(&what).to_be_bytes();
        if seen.insert(hash.as_slice(), [].as_slice())?.is_some() {
            continue;
        }
        counters.rejects += 1;
        let number = counters.rejects;
        let row = RejectV1::from(rejected);
        let row = seal_as(REJECTS_KIND, &number.to_be_bytes(), &row).map_err(Fault::unwritten)?;
        table.insert(number, row.as_slice())?;
    }
    Ok(())
}

pub(super) fn reject_row(number: u64, row: &[u8]) -> Result<Rejected, Fault> {
    let row = open_as::<RejectV1>(REJECTS_KIND, &number.to_be_bytes(), row);
    row.and_then(Rejected::try_from).map_err(|bad| at(REJECTS_KIND, number, bad))
}

pub(super) fn rejects(
    transaction: &ReadTransaction,
    after: u64,
    most: usize,
) -> Result<Vec<(u64, Rejected)>, Fault> {
    let table = transaction.open_table(REJECTS)?;
    let mut rows = Vec::new();
    for row in table.range(after.saturating_add(1)..)?.take(most) {
        let (number, row) = row?;
        rows.push((number.value(), reject_row(number.value(), row.value())?));
    }
    Ok(rows)
}

pub(super) fn told_row(number: u64, row: &[u8]) -> Result<Told, Fault> {
    let row = open_as::<ToldV1>(OUTBOX_KIND, &number.to_be_bytes(), row);
    row.and_then(|row| row.told(number)).map_err(|bad| at(OUTBOX_KIND, number, bad))
}

pub(super) fn outbox(transaction: &ReadTransaction, after: u64, most: usize) -> Result<Vec<Told>, Fault> {
    let table = transaction.open_table(OUTBOX)?;
    let mut rows = Vec::new();
    for row in table.range(after.saturating_add(1)..)?.take(most) {
        let (number, row) = row?;
        rows.push(told_row(number.value(), row.value())?);
    }
    Ok(rows)
}
