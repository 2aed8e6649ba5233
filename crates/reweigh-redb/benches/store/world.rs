//! Stores, users, facts and states to measure with.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, StorageBackend, TableDefinition};
use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_redb::{Backend, DiskMedium, Medium, Options, Owner, RedbStore};
use reweigh_state::{Checked, CheckedPolicy, Expectations, Fingerprint, Profile, UserState};
use reweigh_store::StoreId;

pub(crate) const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("raw");
pub(crate) const RAW_SECOND: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("second");
pub(crate) const RAW_THIRD: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("third");

pub(crate) struct World {
    pub(crate) policy: CheckedPolicy,
    pub(crate) fingerprint: Fingerprint,
}

impl World {
    pub(crate) fn new() -> Self {
        let policy = Profile::Balanced.policy().check().unwrap();
        let fingerprint = fingerprint(&policy);
        Self { policy, fingerprint }
    }

    pub(crate) fn expectations(&self) -> Expectations<'_> {
        Expectations { fingerprint: self.fingerprint, policy: &self.policy }
    }

    /// A real state, after facts.
    pub(crate) fn state(&self, facts: &[Fact]) -> Checked<UserState> {
        let state = fold(&effective(facts.to_vec()).events, &self.policy);
        Checked::state(state, &self.expectations()).unwrap()
    }
}

pub(crate) fn user(number: usize) -> UserId {
    UserId::new(&format!("user-{number:08}")).unwrap()
}

pub(crate) fn scale() -> Source {
    Source::new("scale").unwrap()
}

/// A morning weight on a day, to the second and a tenth of a kilogram.
pub(crate) fn fact(user: &UserId, source: &Source, day: usize) -> Fact {
    let wobble = (day * 7_919 + user.as_str().len() * 31) % 5_400;
    let seconds = 1_600_000_000 + day * 86_400 + wobble;
    let at = Instant::from_unix_seconds(i64::try_from(seconds).unwrap()).unwrap();
    let tenths = u32::try_from(800 + (day * 13) % 17).unwrap();
    Fact::reading(
        user.clone(),
        at,
        source.clone(),
        Measure::new(f64::from(tenths) / 10.0, Unit::Kilogram).unwrap(),
    )
}

pub(crate) fn facts(user: &UserId, days: std::ops::Range<usize>) -> Vec<Fact> {
    let source = scale();
    days.map(|day| fact(user, &source, day)).collect()
}

/// A folder on the disk that the build is on.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn store(&self) -> RedbStore {
        self.store_on(Arc::new(DiskMedium))
    }

    pub(crate) fn store_on(&self, medium: Arc<dyn Medium>) -> RedbStore {
        let owner = Owner { pid: std::process::id(), host: "bench".to_owned(), since: "now".to_owned() };
        let patience = std::time::Duration::from_mins(10);
        let create = Some(StoreId::from_number(1));
        let options = Options { create, patience, medium, ..Options::new(owner) };
        RedbStore::open(&self.at("x.redb"), options).unwrap()
    }

    pub(crate) fn raw(&self) -> Database {
        self.raw_on(&DiskMedium)
    }

    pub(crate) fn raw_on(&self, medium: &dyn Medium) -> Database {
        let backend = medium.create(&self.at("raw.redb")).unwrap();
        let database = Database::builder().set_cache_size(128 << 20).create_with_backend(backend).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction.open_table(RAW).unwrap();
        transaction.commit().unwrap();
        database
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn raw_insert<'a>(
    database: &Database,
    rows: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    quick: bool,
) {
    let mut transaction = database.begin_write().unwrap();
    transaction.set_quick_repair(quick);
    {
        let mut table = transaction.open_table(RAW).unwrap();
        for (key, row) in rows {
            table.insert(key, row).unwrap();
        }
    }
    transaction.commit().unwrap();
}

/// Numbers below a bound, spread, each once if the bound is a power of two.
pub(crate) fn spread(count: usize, bound: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |n| (n * 0x9e37_79b1 + 12_345) % bound)
}

/// A disk that never syncs: what a commit costs besides.
#[derive(Debug)]
pub(crate) struct Unsynced;

impl Unsynced {
    fn without(backend: Backend) -> Backend {
        Backend::new(UnsyncedFile(backend))
    }
}

impl Medium for Unsynced {
    fn open(&self, path: &Path) -> io::Result<Option<Backend>> {
        Ok(DiskMedium.open(path)?.map(Self::without))
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        DiskMedium.size(path)
    }

    fn create(&self, path: &Path) -> io::Result<Backend> {
        DiskMedium.create(path).map(Self::without)
    }

    fn place(&self, from: &Path, to: &Path) -> io::Result<()> {
        DiskMedium.place(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        DiskMedium.remove(path)
    }

    fn sync_names(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn read_note(&self, path: &Path) -> io::Result<Option<String>> {
        DiskMedium.read_note(path)
    }

    fn write_note(&self, path: &Path, text: &str) -> io::Result<()> {
        DiskMedium.write_note(path, text)
    }
}

#[derive(Debug)]
struct UnsyncedFile(Backend);

impl StorageBackend for UnsyncedFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
