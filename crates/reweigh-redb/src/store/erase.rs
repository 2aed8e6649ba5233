//! Erasing a user.

use redb::{ReadableTable, WriteTransaction};
use reweigh_reading::UserId;
use reweigh_store::{Act, AuditEntry, Erased, StoreError};

use super::{RedbStore, counters_of, missing, records};
use crate::fault::Fault;
use crate::head::{HeadV1, head_of, head_row};
use crate::opening::{ROW_COUNTERS, put_meta};
use crate::pack::pack;
use crate::records::{AuditV1, CountersV1, EntryV1, ErasedV1, RejectV1};
use crate::row::{begin, seal, seal_as};
use crate::tables::{
    ARCHIVE, AUDIT, AUDIT_KIND, AUDIT_USERS, CORRECTIONS, ERASED, ERASED_KIND, HEADS, HEADS_KIND, JOURNAL,
    JOURNAL_KIND, MARKS, OUTBOX, PAGES, STORIES, user_end, user_prefix,
};

impl RedbStore {
    /// First the main file, which also says that what the journal still has is of no use; that is the erasure. Then
    /// the journal's rows are written anew without the user.
    pub(super) fn erase_user(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        let rows = self.rows_with(user)?;
        let erased = self.main.write("erasing", |transaction| {
            let mut counters = counters_of(transaction)?;
            let mut erased = Erased {
                facts: take_head(transaction, user, !rows.is_empty(), act, &mut counters)?,
                audit: 0,
            };
            let (first, end) = (user_prefix(user), user_end(user));
            for table in [PAGES, STORIES, CORRECTIONS, ARCHIVE] {
                let mut table = transaction.open_table(table)?;
                table.retain_in::<&[u8], _>(first.as_slice()..end.as_slice(), |_, _| false)?;
            }
            transaction.open_table(MARKS)?.remove(user.as_str().as_bytes())?;
            take_told(transaction, user)?;
            erased.audit = take_audit(transaction, user)?;
            if let Some(upto) = rows.last() {
                let key = user.as_str().as_bytes();
                let row = seal_as(ERASED_KIND, key, &ErasedV1 { upto: *upto }).map_err(Fault::unwritten)?;
                transaction.open_table(ERASED)?.insert(key, row.as_slice())?;
            }
            records::record(transaction, &[(Some(user), &AuditEntry::Act(act.clone()))], &mut counters)?;
            put_meta(transaction, ROW_COUNTERS, &counters)?;
            Ok(erased)
        })?;
        if rows.is_empty() {
            return Ok(erased);
        }
        match self.rewrite_without(user, &rows) {
            Ok(()) => Ok(erased),
            Err(cause) => Err(self.half_erased(cause)),
        }
    }

    /// The user is erased, and bytes of theirs are still in the journal, where nobody reads them. No other error may say
    /// that, so the outcome is unknown: offering the same again takes them away, and so does pruning.
    fn half_erased(&self, cause: StoreError) -> StoreError {
        let unknown = if matches!(cause, StoreError::Unknown { .. }) {
            cause
        } else {
            StoreError::Unknown { doing: "erasing", cause: Box::new(cause) }
        };
        self.poison.set(&unknown);
        unknown
    }

    /// The rows of the journal that hold facts of a user, pruned or not.
    fn rows_with(&self, user: &UserId) -> Result<Vec<u64>, StoreError> {
        self.journal.read("reading the journal", |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            let mut rows = Vec::new();
            for row in table.iter()? {
                let (number, row) = row?;
                let row = self.journal_row_of(number.value(), row.value())?;
                if row.facts.iter().any(|fact| fact.user() == user) {
                    rows.push(number.value());
                }
            }
            Ok(rows)
        })
    }

    fn rewrite_without(&self, user: &UserId, rows: &[u64]) -> Result<(), StoreError> {
        self.journal.write("erasing", |transaction| {
            let mut table = transaction.open_table(JOURNAL)?;
            for number in rows {
                let Some(row) = table.get(*number)?.map(|row| row.value().to_vec()) else { continue };
                let row = self.journal_row_of(*number, &row)?;
                let mut bytes = begin();
                bytes.extend_from_slice(&self.id.number().to_le_bytes());
                pack(row.facts.iter().filter(|fact| fact.user() != user), &mut bytes);
                let rejects: Vec<RejectV1> = row.rejects.iter().map(RejectV1::from).collect();
                let bytes =
                    postcard::to_extend(&rejects, bytes).map_err(|error| Fault::unwritten(error.into()))?;
                let bytes = seal(JOURNAL_KIND, &number.to_be_bytes(), bytes);
                table.insert(*number, bytes.as_slice())?;
            }
            Ok(())
        })
    }
}

/// Puts the stub in the head's place and says how many facts there were.
fn take_head(
    transaction: &WriteTransaction,
    user: &UserId,
    in_journal: bool,
    act: &Act,
    counters: &mut CountersV1,
) -> Result<u64, Fault> {
    let mut heads = transaction.open_table(HEADS)?;
    let row = head_row(&heads, user)?;
    let head = match &row {
        Some(row) => head_of(user, row)?,
        None if in_journal => HeadV1::default(),
        None => return Err(missing("record", user)),
    };
    counters.facts = counters.facts.saturating_sub(head.facts);
    counters.unsettled = counters.unsettled.saturating_sub(u64::from(head.mark.is_some()));
    counters.pinned = counters.pinned.saturating_sub(u64::from(head.pin.is_some()));
    let stub = HeadV1 {
        facts_number: head.facts_number + 1,
        state_number: head.state_number + 1,
        erased: Some(act.at.unix_micros()),
        ..HeadV1::default()
    };
    let key = user.as_str().as_bytes();
    let row = seal_as(HEADS_KIND, key, &stub).map_err(Fault::unwritten)?;
    let facts = head.facts;
    heads.insert(key, row.as_slice())?;
    Ok(facts)
}

fn take_told(transaction: &WriteTransaction, user: &UserId) -> Result<(), Fault> {
    let mut table = transaction.open_table(OUTBOX)?;
    let mut gone = Vec::new();
    for row in table.iter()? {
        let (number, row) = row?;
        if records::told_row(number.value(), row.value())?.user == *user {
            gone.push(number.value());
        }
    }
    for number in gone {
        table.remove(number)?;
    }
    Ok(())
}

/// Leaves of each audit entry that there was one.
fn take_audit(transaction: &WriteTransaction, user: &UserId) -> Result<u64, Fault> {
    let numbers = records::numbers_of(&transaction.open_table(AUDIT_USERS)?, user, 0)?;
    let mut table = transaction.open_table(AUDIT)?;
    let mut stubs = 0;
    for number in numbers {
        let Some(row) = table.get(number)?.map(|row| row.value().to_vec()) else { continue };
        let recorded = records::audit_row(number, &row)?.entry.recorded().unix_micros();
        let row = AuditV1 { user: Some(user.as_str().to_owned()), entry: EntryV1::Erased { recorded } };
        let row = seal_as(AUDIT_KIND, &number.to_be_bytes(), &row).map_err(Fault::unwritten)?;
        table.insert(number, row.as_slice())?;
        stubs += 1;
    }
    Ok(stubs)
}
