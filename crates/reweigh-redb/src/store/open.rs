//! Opening and closing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use redb::{Database, ReadableDatabase, ReadableTable};
use reweigh_store::{Place, Sequence, Store, StoreError, StoreId};

use super::RedbStore;
use crate::fault::{Fault, from_io, words};
use crate::file::{File, Poison};
use crate::medium::Medium;
use crate::migration::migrate;
use crate::open_error::OpenError;
use crate::opening::{
    MAIN, Names, ROW_COUNTERS, ROW_JOURNAL, ROW_META, ROW_PRUNED, TAIL, check_main, database, find_meta,
    from_fault, from_medium, make_journal, make_main, put_meta,
};
use crate::options::Options;
use crate::records::{CountersV1, JournalMetaV1, MetaV1};
use crate::tables::JOURNAL;

/// An open journal and the last number it gave.
struct Tail {
    database: Database,
    number: u64,
    floor: u64,
}

impl RedbStore {
    /// Opens a store, and makes it first if there is none and the options say so.
    ///
    /// A store that was not closed is as it was after the last verb that returned: what was acknowledged is in its
    /// journal or in its main file.
    ///
    /// # Errors
    ///
    /// Why not; see [`OpenError`]. What was there is as it was.
    pub fn open(path: &Path, options: Options) -> Result<Self, OpenError> {
        // A damaged file can make the library give up at any read, those of the first rows included.
        let opened = catch_unwind(AssertUnwindSafe(|| Self::open_both(path, options)));
        opened.unwrap_or_else(|panic| {
            let detail = format!("the database library gave up on it: {}", words(&*panic));
            let cause = StoreError::Corrupt { place: Place::of(MAIN), detail };
            Err(OpenError::Store { path: path.to_owned(), cause })
        })
    }

    fn open_both(path: &Path, options: Options) -> Result<Self, OpenError> {
        let names = Names::of(path);
        let main = open_main(&names, &options)?;
        let mut meta = check_main(&names.main, &main)?;
        let fault = |fault| from_fault(&names.main, MAIN, fault);
        let counters = find_meta::<CountersV1>(&main, ROW_COUNTERS).map_err(fault)?;
        let mark = counters.ok_or_else(|| fault(super::gone()))?.mark;
        let tail = open_journal(&names, &options, &main, &mut meta, mark)?;
        // Last, so that a store that is refused is as it was.
        migrate(&names.main, &main, &mut meta)?;
        // Nothing depends on the note; without it the next one is told less.
        let _ = options.medium.write_note(&names.owner, &options.owner.note());
        let poison = Poison::default();
        let patience = options.patience;
        Ok(Self {
            id: StoreId::from_number(meta.store),
            names,
            options,
            main: File::new(MAIN, main, patience, poison.clone(), true),
            journal: File::new(TAIL, tail.database, patience, poison.clone(), false),
            journal_number: tail.number,
            floor: AtomicU64::new(tail.floor),
            poison,
        })
    }

    /// Closes the store. If everything in the journal is in the main file, one file is left; if not, both are, and
    /// opening them again is all there is to do. Says whether one file is left.
    ///
    /// # Errors
    ///
    /// What the medium says. Nothing that was acknowledged is lost: both files are as after a crash.
    pub fn close(self) -> Result<bool, StoreError> {
        let empty = !self.poison.is_set() && self.tail(Sequence::START, 1)?.is_empty();
        let Self { names, options, main, journal, journal_number, id, .. } = self;
        drop(journal);
        if empty {
            // The mark may not be below what the journal ever gave, or the next one would give it again.
            main.write("closing", |transaction| {
                let meta = MetaV1 {
                    schema: crate::opening::SCHEMA,
                    store: id.number(),
                    journal: None,
                    journals: journal_number,
                };
                put_meta(transaction, ROW_META, &meta)
            })?;
            let removed = options
                .medium
                .remove(&names.journal)
                .and_then(|()| options.medium.sync_names(&names.journal));
            removed.map_err(|cause| from_io(cause, "closing"))?;
        }
        let _ = options.medium.remove(&names.owner);
        drop(main);
        Ok(empty)
    }

    /// Gives back the room that was freed, in both files. Nobody reads or writes meanwhile.
    ///
    /// # Errors
    ///
    /// Others who read or write; the medium. What is kept stays as it was.
    pub fn compact(&self) -> Result<(), StoreError> {
        for file in [&self.main, &self.journal] {
            file.alone("compacting", |database| Ok(database.compact()?))?;
        }
        Ok(())
    }

    pub(super) fn file_bytes(&self, path: &Path) -> Result<u64, StoreError> {
        let said = |cause| from_io(cause, "counting");
        self.options.medium.size(path).map_err(said).map(Option::unwrap_or_default)
    }
}

fn open_main(names: &Names, options: &Options) -> Result<Database, OpenError> {
    let medium = &*options.medium;
    let found = medium.open(&names.main).map_err(|error| from_medium(&names.main, error))?;
    let backend = match (found, options.create) {
        (Some(backend), _) => backend,
        (None, create) => {
            let journal = medium.size(&names.journal).map_err(|error| from_medium(&names.journal, error))?;
            if journal.is_some() {
                return Err(OpenError::JournalAlone { path: names.journal.clone() });
            }
            let id = create.ok_or_else(|| OpenError::Missing { path: names.main.clone() })?;
            make_main(names, options, id)?;
            let made = medium.open(&names.main).map_err(|error| from_medium(&names.main, error))?;
            made.ok_or_else(|| OpenError::Missing { path: names.main.clone() })?
        }
    };
    database(&names.main, MAIN, backend, options.cache_bytes, medium, &names.owner)
}

/// Opens the journal that the main file names, or makes a new one and has the main file name it.
fn open_journal(
    names: &Names,
    options: &Options,
    main: &Database,
    meta: &mut MetaV1,
    mark: u64,
) -> Result<Tail, OpenError> {
    let path = &names.journal;
    let medium: &dyn Medium = &*options.medium;
    let stale = |detail: String| OpenError::JournalStale { path: path.clone(), detail };
    let backend = medium.open(path).map_err(|error| from_medium(path, error))?;
    let missing = || OpenError::JournalMissing { path: path.clone() };
    if let Some(backend) = backend {
        let database = database(path, TAIL, backend, options.journal_cache_bytes, medium, &names.owner)?;
        let tail = check_journal(path, database, meta.store)?;
        match meta.journal {
            Some(number) if number == tail.number => {
                if tail.floor < mark {
                    return Err(stale(format!("it ends at {} and the store's mark is {mark}", tail.floor)));
                }
                return Ok(tail);
            }
            Some(number) => return Err(stale(format!("it is number {}, not {number}", tail.number))),
            // Made just before a crash, and not yet named: nothing was ever written to it.
            None if tail.number == meta.journals + 1 && tail.floor == mark => {}
            // Left over by a crash while the store was closed.
            None if tail.number <= meta.journals && tail.floor <= mark => {}
            None => {
                return Err(stale(format!("it has rows up to {} after a clean close at {mark}", tail.floor)));
            }
        }
        drop(tail);
        medium.remove(path).map_err(|error| from_medium(path, error))?;
    } else if meta.journal.is_some() {
        return Err(missing());
    }
    let number = meta.journals + 1;
    make_journal(names, options, meta.store, number, mark)?;
    let fault = |fault| from_fault(&names.main, MAIN, fault);
    *meta = MetaV1 { journal: Some(number), journals: number, ..meta.clone() };
    name_journal(main, meta).map_err(fault)?;
    let backend = medium.open(path).map_err(|error| from_medium(path, error))?.ok_or_else(missing)?;
    let database = database(path, TAIL, backend, options.journal_cache_bytes, medium, &names.owner)?;
    check_journal(path, database, meta.store)
}

fn name_journal(main: &Database, meta: &MetaV1) -> Result<(), Fault> {
    let mut transaction = main.begin_write()?;
    transaction.set_quick_repair(true);
    put_meta(&transaction, ROW_META, meta)?;
    transaction.commit()?;
    Ok(())
}

fn check_journal(path: &Path, database: Database, store: u128) -> Result<Tail, OpenError> {
    let fault = |fault| from_fault(path, TAIL, fault);
    let found = find_meta::<JournalMetaV1>(&database, ROW_JOURNAL).map_err(fault)?;
    let Some(found) = found else { return Err(OpenError::AnotherProgram { path: path.to_owned() }) };
    if found.store != store {
        return Err(OpenError::JournalOfAnother { path: path.to_owned() });
    }
    let known = crate::opening::SCHEMA;
    // What an earlier schema has in its journal this program reads, and the main file keeps earlier programs away.
    if found.schema > known {
        return Err(OpenError::Newer { path: path.to_owned(), found: found.schema, known });
    }
    let pruned = find_meta::<u64>(&database, ROW_PRUNED).map_err(fault)?.unwrap_or_default();
    let last = last_row(&database).map_err(fault)?;
    Ok(Tail { database, number: found.number, floor: pruned.max(last) })
}

fn last_row(database: &Database) -> Result<u64, Fault> {
    let transaction = database.begin_read()?;
    let table = transaction.open_table(JOURNAL)?;
    Ok(table.last()?.map_or(0, |(number, _)| number.value()))
}
