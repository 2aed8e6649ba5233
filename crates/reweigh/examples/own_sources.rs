//! Your own source profiles: how much to believe of which scale.
//!
//! `cargo run -p reweigh --example own_sources`
#![expect(clippy::print_stdout, reason = "an example talks")]

use std::error::Error;
use std::sync::Arc;

use reweigh::{Engine, Settings};
use reweigh_reading::{Clock, Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_state::{CheckedPolicy, Profile, SourceProfile};
use reweigh_store::{MemoryStore, Store, StoreId};

struct Stopped(Instant);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.0
    }
}

/// What is left of the estimate's doubt after ten readings of a source, under a policy.
fn doubt(policy: CheckedPolicy, source: &str) -> Result<f64, Box<dyn Error>> {
    let store = MemoryStore::new(StoreId::from_number(1));
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    let settings = Settings::default().check().map_err(|errors| format!("{errors:?}"))?;
    let engine = Engine::open(stores, policy, settings, Stopped("2026-03-01T00:00:00Z".parse()?))?;
    let ada = UserId::new("ada")?;
    for day in 1..=10 {
        let at: Instant = format!("2026-02-{day:02}T07:00:00Z").parse()?;
        let measure = Measure::new(80.0 + 0.2 * f64::from(day % 3), Unit::Kilogram)?;
        engine.ingest(Fact::reading(ada.clone(), at, Source::new(source)?, measure))?;
    }
    engine.settle()?;
    let estimate = engine.state(&ada)?.and_then(|it| it.estimate()).ok_or("no estimate")?;
    engine.close()?;
    Ok(estimate.variance.sqrt())
}

fn main() -> Result<(), Box<dyn Error>> {
    let checked = |policy: reweigh_state::Policy| policy.check().map_err(|errors| format!("{errors:?}"));
    let plain = Profile::Balanced.policy();

    // A clinic's scale is calibrated; what people type in from memory is not.
    let mut own = Profile::Balanced.policy();
    let known: SourceProfile = own.source_default;
    own.sources.insert(Source::new("clinic")?, SourceProfile { noise: 0.5 * known.noise, ..known });
    own.sources.insert(Source::new("diary")?, SourceProfile { noise: 3.0 * known.noise, ..known });

    println!("clinic, as any source:  {:.3} kg of doubt", doubt(checked(plain.clone())?, "clinic")?);
    println!("clinic, calibrated:     {:.3} kg", doubt(checked(own.clone())?, "clinic")?);
    println!("diary, as any source:   {:.3} kg", doubt(checked(plain)?, "diary")?);
    println!("diary, from memory:     {:.3} kg", doubt(checked(own)?, "diary")?);
    Ok(())
}
