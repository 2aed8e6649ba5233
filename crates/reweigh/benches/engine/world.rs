//! Engines, users and facts to measure with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use reweigh::{Engine, OpenFault, Settings};
use reweigh_reading::{Clock, Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_state::Profile;
use reweigh_store::{Store, StoreId};

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wall;

impl Clock for Wall {
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Instant::from_unix_micros(i64::try_from(since.as_micros()).unwrap()).unwrap()
    }
}

/// A folder on the disk that the build is on.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("engine-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn engine(&self, settings: Settings) -> Engine {
        let path = self.at("x.redb");
        let stores = move || -> Result<Arc<dyn Store>, OpenFault> {
            let owner = Owner { pid: std::process::id(), host: "bench".to_owned(), since: "now".to_owned() };
            let options = Options { create: Some(StoreId::from_number(1)), ..Options::new(owner) };
            Ok(Arc::new(RedbStore::open(&path, options)?))
        };
        let policy = Profile::Balanced.policy().check().unwrap();
        Engine::open(stores, policy, settings.check().unwrap(), Wall).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How many readings the large benches take.
pub(crate) fn readings() -> usize {
    std::env::var("REWEIGH_BENCH_READINGS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000_000)
}

pub(crate) fn user(number: usize) -> UserId {
    UserId::new(&format!("user-{number:08}")).unwrap()
}

pub(crate) fn scale() -> Source {
    Source::new("scale").unwrap()
}

/// A morning weight on a day, to the second and a tenth of a kilogram.
pub(crate) fn fact(user: &UserId, number: usize, source: &Source, day: usize) -> Fact {
    let wobble = (day * 7_919 + number * 31) % 5_400;
    let seconds = 1_600_000_000 + day * 86_400 + wobble;
    let at = Instant::from_unix_seconds(i64::try_from(seconds).unwrap()).unwrap();
    let tenths = u32::try_from(800 + (day * 13 + number) % 17).unwrap();
    Fact::reading(
        user.clone(),
        at,
        source.clone(),
        Measure::new(f64::from(tenths) / 10.0, Unit::Kilogram).unwrap(),
    )
}

/// How long it takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Stopwatch::now();
    let said = work();
    (said, start.elapsed())
}

/// The value below which so many of a thousand are.
pub(crate) fn quantile(times: &mut [Duration], thousandths: usize) -> Duration {
    times.sort();
    times.get((times.len() * thousandths / 1_000).min(times.len() - 1)).copied().unwrap()
}

/// A number that looks like none before, the same every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound
    }
}
