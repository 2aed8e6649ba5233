//! Copying a store while it is in use.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::{Builder, Database, Key, Range, ReadTransaction, ReadableTable, TableDefinition};
use reweigh_store::{Place, StoreError};

use super::{RedbStore, counters_in};
use crate::fault::{Fault, from_io, words};
use crate::opening::{MAIN, Names, ROW_JOURNAL, ROW_META, ROW_PRUNED, SCHEMA, put_meta};
use crate::records::{JournalMetaV1, MetaV1};
use crate::tables::{JOURNAL, MAIN_NUMBERED, MAIN_TABLES, Numbered, Table};

const DOING: &str = "backing up";

/// How many rows are copied in one transaction.
const ROWS: usize = 10_000;

impl RedbStore {
    /// The journal is read as it was before the main file was, so that a fact which moves from one to the other
    /// meanwhile is in both copies, and never in none.
    pub(super) fn back_up(&self, to: &Path) -> Result<(), StoreError> {
        let names = Names::of(to);
        let medium = &self.options.medium;
        let said = |cause| from_io(cause, DOING);
        for path in [&names.main, &names.journal] {
            if medium.size(path).map_err(said)?.is_some() {
                return Err(said(io::ErrorKind::AlreadyExists.into()));
            }
        }
        let (main, journal) = (
            Names::new_one(&names.main, &self.options.owner),
            Names::new_one(&names.journal, &self.options.owner),
        );
        let copied = self.journal.read(DOING, |tail| {
            let copied = self.main.read(DOING, |transaction| {
                let mark = counters_in(transaction)?.mark;
                let rows = self.copy_journal(tail, &journal, mark)?;
                self.copy_main(transaction, &main, rows)?;
                Ok(rows)
            });
            Ok(copied?)
        });
        let rows = match copied {
            Ok(rows) => rows,
            Err(error) => {
                // What was begun is of no use, and its name is never taken for a store's.
                let _ = medium.remove(&main);
                let _ = medium.remove(&journal);
                return Err(error);
            }
        };
        let mut journal_placed = false;
        let mut place = || -> io::Result<()> {
            if rows {
                medium.place(&journal, &names.journal)?;
                journal_placed = true;
            } else {
                medium.remove(&journal)?;
            }
            medium.sync_names(&names.journal)?;
            medium.place(&main, &names.main)
        };
        if let Err(cause) = place() {
            // A journal without its store would keep the next backup from this place.
            if journal_placed && medium.size(&names.main).is_ok_and(|size| size.is_none()) {
                let _ = medium.remove(&names.journal);
            }
            let _ = medium.remove(&journal);
            let _ = medium.remove(&main);
            return Err(said(cause));
        }
        medium.sync_names(&names.main).map_err(said)
    }

    /// Copies the rows after the mark; says whether there are any.
    fn copy_journal(&self, tail: &ReadTransaction, to: &Path, mark: u64) -> Result<bool, Fault> {
        self.fill(to, |copy| {
            let transaction = copy.begin_write()?;
            let meta = JournalMetaV1 { schema: SCHEMA, store: self.id.number(), number: self.journal_number };
            put_meta(&transaction, ROW_JOURNAL, &meta)?;
            put_meta(&transaction, ROW_PRUNED, &mark)?;
            transaction.open_table(JOURNAL)?;
            transaction.commit()?;
            copy_numbered(tail, copy, JOURNAL, mark.saturating_add(1))
        })
    }

    fn copy_main(&self, from: &ReadTransaction, to: &Path, with_journal: bool) -> Result<(), Fault> {
        self.fill(to, |copy| {
            for table in MAIN_TABLES {
                copy_table(from, copy, table)?;
            }
            for table in MAIN_NUMBERED {
                copy_numbered(from, copy, table, 0)?;
            }
            let mut transaction = copy.begin_write()?;
            transaction.set_quick_repair(true);
            let journal = with_journal.then_some(self.journal_number);
            let store = self.id.number();
            let meta = MetaV1 { schema: SCHEMA, store, journal, journals: self.journal_number };
            put_meta(&transaction, ROW_META, &meta)?;
            transaction.commit()?;
            Ok(())
        })
    }

    fn fill<T>(&self, path: &Path, fill: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Fault> {
        let backend =
            self.options.medium.create(path).map_err(|cause| Fault::Store(from_io(cause, DOING)))?;
        let filled = catch_unwind(AssertUnwindSafe(|| {
            let copy = Builder::new().set_cache_size(64 << 20).create_with_backend(backend)?;
            fill(&copy)
        }));
        // A fault of the copy is no fault of the store: its handle stays of use.
        match filled {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(fault)) => Err(Fault::Store(fault.said("the backup", DOING))),
            Err(panic) => {
                let detail = format!("the database library gave up on it: {}", words(&*panic));
                Err(Fault::Store(StoreError::Corrupt { place: Place::of(MAIN), detail }))
            }
        }
    }
}

fn copy_table(from: &ReadTransaction, copy: &Database, table: Table) -> Result<(), Fault> {
    copy_rows(from.open_table(table)?.iter()?, copy, table).map(drop)
}

fn copy_numbered(
    from: &ReadTransaction,
    copy: &Database,
    table: Numbered,
    first: u64,
) -> Result<bool, Fault> {
    copy_rows(from.open_table(table)?.range(first..)?, copy, table)
}

/// Copies rows, so many in a transaction; says whether there were any.
fn copy_rows<K: Key + 'static>(
    mut rows: Range<'_, K, &'static [u8]>,
    copy: &Database,
    table: TableDefinition<'static, K, &'static [u8]>,
) -> Result<bool, Fault> {
    let mut some = false;
    loop {
        let transaction = copy.begin_write()?;
        let mut count = 0;
        {
            let mut to = transaction.open_table(table)?;
            for row in rows.by_ref().take(ROWS) {
                let (key, row) = row?;
                to.insert(key.value(), row.value())?;
                count += 1;
            }
        }
        transaction.commit()?;
        some |= count > 0;
        if count < ROWS {
            return Ok(some);
        }
    }
}
