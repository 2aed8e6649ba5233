//! The verbs of the journal.

use std::sync::atomic::Ordering;

use redb::{ReadableTable, ReadableTableMetadata};
use reweigh_reading::Fact;
use reweigh_store::{JournalRow, Place, Rejected, Sequence, StoreError};

use super::{RedbStore, counters_in};
use crate::bytes::Reader;
use crate::fault::Fault;
use crate::opening::{ROW_PRUNED, put_meta};
use crate::pack::{pack, unpack};
use crate::records::{ErasedV1, RejectV1};
use crate::row::{BadRow, begin, open, open_as, seal};
use crate::tables::{ERASED, ERASED_KIND, JOURNAL, JOURNAL_KIND};

/// The most bytes of one row.
const ROW_BYTES_MOST: usize = 64 << 20;

impl RedbStore {
    pub(super) fn append_row(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError> {
        let mut row = begin();
        row.extend_from_slice(&self.id.number().to_le_bytes());
        pack(facts.iter(), &mut row);
        let rejects: Vec<RejectV1> = rejects.iter().map(RejectV1::from).collect();
        let row = postcard::to_extend(&rejects, row).map_err(|error| StoreError::Corrupt {
            place: Place::of("a row to be written"),
            detail: error.to_string(),
        })?;
        if row.len() > ROW_BYTES_MOST {
            return Err(StoreError::TooLarge { what: "an append", bytes: row.len(), most: ROW_BYTES_MOST });
        }
        self.journal.write("appending", |transaction| {
            let mut table = transaction.open_table(JOURNAL)?;
            let last = table.last()?.map_or(0, |(number, _)| number.value());
            let number = last.max(self.floor.load(Ordering::Acquire)).saturating_add(1);
            let row = seal(JOURNAL_KIND, &number.to_be_bytes(), row);
            table.insert(number, row.as_slice())?;
            Ok(Sequence::new(number))
        })
    }

    pub(super) fn tail_rows(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError> {
        let (mark, erased) = self.main.read("reading the mark", |transaction| {
            let table = transaction.open_table(ERASED)?;
            let mut erased = Vec::new();
            for row in table.iter()? {
                let (key, row) = row?;
                let user = super::user_of(key.value(), ERASED_KIND.name)?;
                let row: ErasedV1 = open_as(ERASED_KIND, key.value(), row.value())
                    .map_err(|bad| Fault::Store(bad.at(Place::of_user(ERASED_KIND.name, &user))))?;
                erased.push((user, row.upto));
            }
            Ok((counters_in(transaction)?.mark, erased))
        })?;
        let first = after.get().max(mark).saturating_add(1);
        self.journal.read("reading the journal", |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            let (mut rows, mut facts) = (Vec::new(), 0);
            for row in table.range(first..)? {
                if facts >= most && !rows.is_empty() {
                    break;
                }
                let (number, row) = row?;
                let mut row = self.journal_row_of(number.value(), row.value())?;
                for (user, upto) in &erased {
                    if number.value() <= *upto {
                        row.facts.retain(|fact| fact.user() != user);
                    }
                }
                facts += row.facts.len();
                rows.push(row);
            }
            Ok(rows)
        })
    }

    pub(super) fn one_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError> {
        self.journal.read("reading the journal", |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            let Some(row) = table.get(sequence.get())? else { return Ok(None) };
            self.journal_row_of(sequence.get(), row.value()).map(Some)
        })
    }

    pub(super) fn journal_row_of(&self, number: u64, row: &[u8]) -> Result<JournalRow, Fault> {
        let read = || -> Result<JournalRow, BadRow> {
            let mut reader = Reader::new(open(JOURNAL_KIND, &number.to_be_bytes(), row)?);
            if u128::from_le_bytes(reader.array("the store's id")?) != self.id.number() {
                return Err(BadRow("the row is of another store".to_owned()));
            }
            let facts = unpack(&mut reader)?;
            let rest = reader.take(reader.left(), "rejected rows")?;
            let (rows, rest) = postcard::take_from_bytes::<Vec<RejectV1>>(rest)?;
            if !rest.is_empty() {
                return Err(BadRow(format!("{} bytes are left over", rest.len())));
            }
            let rejects = rows.into_iter().map(Rejected::try_from).collect::<Result<_, _>>()?;
            Ok(JournalRow { sequence: Sequence::new(number), facts, rejects })
        };
        read().map_err(|bad| Fault::Store(bad.at(Place::of(JOURNAL_KIND.name).at(number))))
    }

    /// The number of the last row there ever was.
    pub(super) fn last_number(&self) -> Result<u64, StoreError> {
        self.journal.read("reading the journal", |transaction| {
            let last = transaction.open_table(JOURNAL)?.last()?.map_or(0, |(number, _)| number.value());
            Ok(last.max(self.floor.load(Ordering::Acquire)))
        })
    }

    pub(super) fn prune_rows(&self) -> Result<u64, StoreError> {
        let (mark, erasures) = self.main.read("reading the mark", |transaction| {
            Ok((counters_in(transaction)?.mark, transaction.open_table(ERASED)?.len()?))
        })?;
        let some = self.journal.read("reading the journal", |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            Ok(table.range(..=mark)?.next().transpose()?.is_some())
        })?;
        if erasures > 0 {
            self.forget_erasures(mark)?;
        }
        if !some {
            return Ok(0);
        }
        let pruned = self.journal.write("pruning", |transaction| {
            put_meta(transaction, ROW_PRUNED, &mark)?;
            let mut table = transaction.open_table(JOURNAL)?;
            let before = table.len()?;
            table.retain_in(..=mark, |_, _| false)?;
            Ok(before - table.len()?)
        })?;
        self.floor.fetch_max(mark, Ordering::AcqRel);
        Ok(pruned)
    }

    /// Erasures that no row of the journal needs any more.
    fn forget_erasures(&self, mark: u64) -> Result<(), StoreError> {
        self.main.write("pruning", |transaction| {
            let mut table = transaction.open_table(ERASED)?;
            table.retain(|key, row| {
                // One that cannot be read stays; reading the tail tells of it.
                open_as::<ErasedV1>(ERASED_KIND, key, row).map_or(true, |row| row.upto > mark)
            })?;
            Ok(())
        })
    }
}
