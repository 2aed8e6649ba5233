//! The smallest use: a few readings in, an estimate out.
//!
//! `cargo run -p reweigh --example smallest`
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example talks, and asks the machine for the time"
)]

use std::error::Error;
use std::sync::Arc;

use reweigh::{Engine, Settings};
use reweigh_reading::{Clock, Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_state::{Profile, UserState};
use reweigh_store::{MemoryStore, Store, StoreId};

/// The machine's clock: the one place where an engine gets the time from.
struct Wall;

impl Clock for Wall {
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(0);
        Instant::from_unix_micros(micros).unwrap_or(Instant::UNIX_EPOCH)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // A store in memory. `reweigh-redb` has one on disk; the engine does not know the difference.
    let store = MemoryStore::new(StoreId::from_number(1));
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    let policy = Profile::Balanced.policy().check().map_err(|errors| format!("{errors:?}"))?;
    let settings = Settings::default().check().map_err(|errors| format!("{errors:?}"))?;
    let engine = Engine::open(stores, policy, settings, Wall)?;

    let ada = UserId::new("ada")?;
    let scale = Source::new("bathroom scale")?;
    let mut facts = Vec::new();
    for (day, kilograms) in [(1, 80.4), (2, 80.1), (3, 80.3), (4, 176.4), (5, 79.9), (6, 80.2)] {
        let at: Instant = format!("2026-01-{day:02}T07:00:00Z").parse()?;
        facts.push(Fact::reading(ada.clone(), at, scale.clone(), Measure::new(kilograms, Unit::Kilogram)?));
    }

    // When this returns the readings are durable. Offering them again would change nothing.
    let receipt = engine.ingest(facts)?;
    println!("{} readings in row {} of the journal", receipt.accepted, receipt.row);

    engine.settle()?;
    let standing = engine.state(&ada)?.ok_or("ada is not known")?;
    let estimate = standing.estimate().ok_or("no estimate yet")?;
    println!("ada weighs {:.1} kg, give or take {:.1}", estimate.level_kg, 2.0 * estimate.variance.sqrt());
    for judged in standing.served.iter().flat_map(UserState::pending) {
        println!("  {}  {}  ({})", judged.at, judged.verdict.outcome, judged.verdict.reason.code());
    }
    engine.close()?;
    Ok(())
}
