//! How both files are made and opened, and what is checked about them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, ReadableDatabase, StorageBackend, TableError, WriteTransaction};
use reweigh_store::{Place, StoreError, StoreId};

use crate::fault::{Fault, from_io, words};
use crate::medium::{Backend, Medium};
use crate::open_error::OpenError;
use crate::options::Options;
use crate::owner::Owner;
use crate::records::{CountersV1, JournalMetaV1, MetaV1, SettingsV1};
use crate::row::{open_as, seal_as};
use crate::tables::{JOURNAL, MAIN_NUMBERED, MAIN_TABLES, META, META_KIND};

/// The schema this program writes.
pub(crate) const SCHEMA: u32 = 2;
/// The first schema that a store was released with.
pub(crate) const SCHEMA_FIRST: u32 = 1;

pub(crate) const MAIN: &str = "the main file";
pub(crate) const TAIL: &str = "the journal";

/// What every redb file begins with.
const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

pub(crate) const ROW_META: &[u8] = b"store";
pub(crate) const ROW_COUNTERS: &[u8] = b"counters";
pub(crate) const ROW_SETTINGS: &[u8] = b"settings";
pub(crate) const ROW_JOURNAL: &[u8] = b"journal";
/// The last row that was pruned from the journal.
pub(crate) const ROW_PRUNED: &[u8] = b"pruned";

/// The names beside a store.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) main: PathBuf,
    pub(crate) journal: PathBuf,
    pub(crate) owner: PathBuf,
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

impl Names {
    pub(crate) fn of(path: &Path) -> Self {
        Self { main: path.to_owned(), journal: beside(path, "-journal"), owner: beside(path, "-owner") }
    }

    /// A name for a file that is being made. No other process makes one of the same name.
    pub(crate) fn new_one(path: &Path, owner: &Owner) -> PathBuf {
        beside(path, &format!("-new-{}", owner.pid))
    }
}

/// What a medium says while a file is opened.
pub(crate) fn from_medium(path: &Path, cause: io::Error) -> OpenError {
    let path = path.to_owned();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no error of their own")]
    match cause.kind() {
        io::ErrorKind::NotFound => OpenError::MissingFolder { path },
        io::ErrorKind::PermissionDenied => OpenError::Permission { path, cause },
        io::ErrorKind::IsADirectory => OpenError::NotADatabase { path },
        _ => from_store(path, from_io(cause, "opening")),
    }
}

fn from_store(path: PathBuf, cause: StoreError) -> OpenError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no error of their own")]
    match cause {
        StoreError::Full { .. } => OpenError::Full { path },
        StoreError::ReadOnly { .. } => OpenError::ReadOnly { path },
        cause => OpenError::Store { path, cause },
    }
}

pub(crate) fn from_fault(path: &Path, file: &'static str, fault: Fault) -> OpenError {
    from_store(path.to_owned(), fault.said(file, "opening"))
}

/// Opens a redb file that is there.
pub(crate) fn database(
    path: &Path,
    file: &'static str,
    backend: Backend,
    cache: usize,
    medium: &dyn Medium,
    owner: &Path,
) -> Result<Database, OpenError> {
    let len = backend.len().map_err(|error| from_medium(path, error))?;
    let mut magic = [0; MAGIC.len()];
    let not = || OpenError::NotADatabase { path: path.to_owned() };
    if len < MAGIC.len() as u64 {
        return Err(not());
    }
    backend.read(0, &mut magic).map_err(|error| from_medium(path, error))?;
    if magic != MAGIC {
        return Err(not());
    }
    let opened =
        catch_unwind(AssertUnwindSafe(|| Builder::new().set_cache_size(cache).create_with_backend(backend)));
    match opened {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(redb::DatabaseError::DatabaseAlreadyOpen)) => {
            let note = medium.read_note(owner).ok().flatten();
            Err(OpenError::InUse { path: path.to_owned(), owner: note.as_deref().and_then(Owner::of_note) })
        }
        Ok(Err(error)) => Err(from_fault(path, file, error.into())),
        Err(panic) => {
            let detail = format!("the database library gave up on it: {}", words(&*panic));
            let cause = StoreError::Corrupt { place: Place::of(file), detail };
            Err(OpenError::Store { path: path.to_owned(), cause })
        }
    }
}

/// Makes a redb file under a passing name, fills it, and gives it its own. It is there whole, or not at all.
pub(crate) fn make(
    path: &Path,
    file: &'static str,
    options: &Options,
    write: impl FnOnce(&WriteTransaction) -> Result<(), Fault>,
) -> Result<(), OpenError> {
    let medium = &*options.medium;
    let passing = Names::new_one(path, &options.owner);
    let said = |error| from_medium(path, error);
    let backend = medium.create(&passing).map_err(said)?;
    let made = catch_unwind(AssertUnwindSafe(|| -> Result<(), Fault> {
        let database = Builder::new().set_cache_size(1 << 20).create_with_backend(backend)?;
        let mut transaction = database.begin_write()?;
        transaction.set_quick_repair(true);
        write(&transaction)?;
        transaction.commit()?;
        Ok(())
    }));
    match made {
        Ok(Ok(())) => {}
        Ok(Err(fault)) => return Err(from_fault(path, file, fault)),
        Err(panic) => {
            let detail = format!("the database library gave up on it: {}", words(&*panic));
            let cause = StoreError::Corrupt { place: Place::of(file), detail };
            return Err(OpenError::Store { path: path.to_owned(), cause });
        }
    }
    medium.place(&passing, path).map_err(said)?;
    medium.sync_names(path).map_err(said)
}

/// A row of the meta table.
pub(crate) fn meta<'a, T: serde::Deserialize<'a>>(key: &[u8], row: &'a [u8]) -> Result<T, Fault> {
    open_as(META_KIND, key, row)
        .map_err(|bad| Fault::Store(bad.at(Place::of(META_KIND.name).at(String::from_utf8_lossy(key)))))
}

pub(crate) fn put_meta<T: serde::Serialize>(
    transaction: &WriteTransaction,
    key: &[u8],
    row: &T,
) -> Result<(), Fault> {
    let row = seal_as(META_KIND, key, row).map_err(Fault::unwritten)?;
    transaction.open_table(META)?.insert(key, row.as_slice())?;
    Ok(())
}

/// A row of the meta table, if the table and the row are there.
pub(crate) fn find_meta<T: for<'a> serde::Deserialize<'a>>(
    database: &Database,
    key: &[u8],
) -> Result<Option<T>, Fault> {
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(META) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(row) = table.get(key)? else { return Ok(None) };
    meta(key, row.value()).map(Some)
}

/// Makes an empty store.
pub(crate) fn make_main(names: &Names, options: &Options, id: StoreId) -> Result<(), OpenError> {
    make(&names.main, MAIN, options, |transaction| {
        for table in MAIN_TABLES {
            transaction.open_table(table)?;
        }
        for table in MAIN_NUMBERED {
            transaction.open_table(table)?;
        }
        let store = MetaV1 { schema: SCHEMA, store: id.number(), journal: None, journals: 0 };
        put_meta(transaction, ROW_META, &store)?;
        put_meta(transaction, ROW_COUNTERS, &CountersV1::default())?;
        put_meta(transaction, ROW_SETTINGS, &SettingsV1::from(&reweigh_store::Settings::default()))
    })
}

/// Makes an empty journal, which goes on after the mark.
pub(crate) fn make_journal(
    names: &Names,
    options: &Options,
    store: u128,
    number: u64,
    mark: u64,
) -> Result<(), OpenError> {
    make(&names.journal, TAIL, options, |transaction| {
        transaction.open_table(JOURNAL)?;
        put_meta(transaction, ROW_JOURNAL, &JournalMetaV1 { schema: SCHEMA, store, number })?;
        put_meta(transaction, ROW_PRUNED, &mark)
    })
}

/// What a main file says it is. Its schema is this program's or an earlier one.
pub(crate) fn check_main(path: &Path, database: &Database) -> Result<MetaV1, OpenError> {
    let path = path.to_owned();
    let found = find_meta::<MetaV1>(database, ROW_META).map_err(|fault| from_fault(&path, MAIN, fault))?;
    let Some(found) = found else { return Err(OpenError::AnotherProgram { path }) };
    if found.schema > SCHEMA {
        return Err(OpenError::Newer { path, found: found.schema, known: SCHEMA });
    }
    if found.schema < SCHEMA_FIRST {
        return Err(OpenError::Older { path, found: found.schema, known: SCHEMA });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
