//! Stores, users, facts and states to measure with.

use std::path::{Path, PathBuf};

use redb::{Database, TableDefinition};
use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_state::{Checked, CheckedPolicy, Expectations, Fingerprint, Profile, UserState};
use reweigh_store::StoreId;

pub(crate) const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("raw");

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
        let owner = Owner { pid: std::process::id(), host: "bench".to_owned(), since: "now".to_owned() };
        let patience = std::time::Duration::from_mins(10);
        let options = Options { create: Some(StoreId::from_number(1)), patience, ..Options::new(owner) };
        RedbStore::open(&self.at("x.redb"), options).unwrap()
    }

    pub(crate) fn raw(&self) -> Database {
        let database = Database::builder().set_cache_size(128 << 20).create(self.at("raw.redb")).unwrap();
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
