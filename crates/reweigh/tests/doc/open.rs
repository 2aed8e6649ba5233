// What the examples of the documentation begin with: an engine on a store in memory.

use std::sync::Arc;

use reweigh::{Engine, Settings};
use reweigh_reading::{Clock, Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_state::Profile;
use reweigh_store::{MemoryStore, Store, StoreId};

struct Stopped(Instant);

impl Clock for Stopped {
    fn now(&self) -> Instant {
        self.0
    }
}

// An engine on an empty store.
pub fn engine() -> Engine {
    let store = MemoryStore::new(StoreId::from_number(1));
    Engine::open(
        move || Ok(Arc::new(store.clone()) as Arc<dyn Store>),
        Profile::Balanced.policy().check().unwrap(),
        Settings::default().check().unwrap(),
        Stopped("2026-01-31T08:00:00Z".parse().unwrap()),
    )
    .unwrap()
}

// A reading of a scale on a morning in January 2026.
pub fn reading(user: &str, day: u32, kg: f64) -> Fact {
    let at = format!("2026-01-{day:02}T07:00:00Z").parse().unwrap();
    let measure = Measure::new(kg, Unit::Kilogram).unwrap();
    Fact::reading(UserId::new(user).unwrap(), at, Source::new("scale").unwrap(), measure)
}
