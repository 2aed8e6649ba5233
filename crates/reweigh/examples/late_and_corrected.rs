//! Late data and corrections: whatever order things come in, the story is the same.
//!
//! `cargo run -p reweigh --example late_and_corrected`
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;
use std::sync::Arc;

use reweigh::{Engine, Settings};
use reweigh_reading::{Action, Clock, Fact, Instant, Measure, Revision, Source, Unit, UserId};
use reweigh_state::Profile;
use reweigh_store::{MemoryStore, Store, StoreId};

struct Stopped(Instant);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.0
    }
}

fn engine(number: u128) -> Result<Engine, Box<dyn Error>> {
    let store = MemoryStore::new(StoreId::from_number(number));
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    let policy = Profile::Balanced.policy().check().map_err(|errors| format!("{errors:?}"))?;
    let settings = Settings::default().check().map_err(|errors| format!("{errors:?}"))?;
    Ok(Engine::open(stores, policy, settings, Stopped("2026-03-01T00:00:00Z".parse()?))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let ada = UserId::new("ada")?;
    let reading = |id: &str, day: u32, kilograms: f64| -> Result<Fact, Box<dyn Error>> {
        let at: Instant = format!("2026-02-{day:02}T07:00:00Z").parse()?;
        let action = Action::Add(Measure::new(kilograms, Unit::Kilogram)?);
        Ok(Fact::new(ada.clone(), id.parse()?, Revision::FIRST, at, Source::new("clinic")?, action))
    };

    // As it came: the third of February arrives last, and the second was mistyped and corrected.
    let first = engine(1)?;
    first.ingest(vec![reading("a", 1, 80.2)?, reading("b", 2, 88.1)?, reading("d", 4, 80.0)?])?;
    first.settle()?;
    let before = first.state(&ada)?.and_then(|it| it.estimate()).ok_or("no estimate")?;
    first.ingest(reading("c", 3, 80.3)?)?;
    let mistyped = reading("b", 2, 80.1)?;
    let amended = Action::Amend(Measure::new(80.1, Unit::Kilogram)?);
    let correction = Fact::new(
        ada.clone(),
        mistyped.id().clone(),
        Revision::new(1),
        mistyped.at(),
        mistyped.source().clone(),
        amended,
    );
    first.ingest(correction.clone())?;
    first.settle()?;
    let after = first.state(&ada)?.and_then(|it| it.estimate()).ok_or("no estimate")?;
    println!(
        "before {:.3} kg, with the late reading and the correction {:.3} kg",
        before.level_kg, after.level_kg
    );

    // The other way round, one at a time, twice over: the same bits.
    let second = engine(2)?;
    for _ in 0..2 {
        second.ingest(correction.clone())?;
        for fact in
            [reading("d", 4, 80.0)?, reading("c", 3, 80.3)?, reading("b", 2, 88.1)?, reading("a", 1, 80.2)?]
        {
            second.ingest(fact)?;
        }
    }
    println!("{}\n{}", first.digest()?, second.digest()?);
    assert_eq!(first.digest()?, second.digest()?);
    first.close()?;
    second.close()?;
    Ok(())
}
