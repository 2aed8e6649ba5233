//! Stores that fail: nothing that was acknowledged is lost, and what is settled is what it would have been.

use std::collections::BTreeSet;

use proptest::prelude::*;
use reweigh::{Engine, EngineError, Remedy, Settings};
use reweigh_reading::Fact;
use reweigh_store::{Faults, Faulty};

use crate::law::{fact, settings};
use crate::world::{Hand, Shared, Turns, by_definition, memory, open, policy, tell_apart};

/// Asks as often as it takes, as long as the error says that asking again is of use.
fn insist<T>(mut ask: impl FnMut() -> Result<T, EngineError>) -> T {
    for _ in 0..1_000 {
        match ask() {
            Ok(answer) => return answer,
            Err(error) => assert_eq!(error.remedy(), Remedy::Retry, "{error}"),
        }
    }
    panic!("a thousand tries did not help");
}

fn faults() -> impl Strategy<Value = Faults> {
    (0..200_u16, 0..100_u16, 0..200_u16, 0..300_u16).prop_map(|(busy, broken, unknown, conflicts)| Faults {
        busy,
        broken,
        unknown,
        conflicts,
        delays: 0,
    })
}

proptest! {
    /// Proves A4, A5, A6, A7, E6, I1, I3, F5, W3, W7.
    #[test]
    fn a_store_that_fails_changes_nothing(
        facts in proptest::collection::vec(fact(), 1..40),
        settings in settings(),
        faults in faults(),
        cuts in proptest::collection::vec(1..8_usize, 1..12),
        seed in any::<u64>(),
    ) {
        let (store, clock) = (memory(), Hand::fast(1_000));
        let settings = Settings { attempts: 2, breaker_failures: 2, breaker_open_ms: 5, ..settings };
        let failing = Shared::new(Faulty::new(store.clone(), seed, faults));
        let turns = Turns::new(seed);
        let engine = insist(|| turns.open(failing.clone(), settings.clone(), &clock));
        let mut rest = facts.as_slice();
        for (number, cut) in cuts.iter().enumerate() {
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            rest = later;
            insist(|| engine.ingest(now.to_vec()));
            clock.advance_ms(if number % 2 == 0 { 7 } else { 1_500 });
            match number % 3 {
                0 => insist(|| engine.checkpoint()),
                1 => insist(|| engine.settle()),
                _ => {}
            }
        }
        let acknowledged: Vec<Fact> = facts.get(..facts.len() - rest.len()).unwrap().to_vec();
        // It is killed, and the store is sound again.
        drop(engine);
        let engine = open(&store, settings, &clock);
        let digest = engine.digest().unwrap();
        tell_apart(&engine, &acknowledged);
        prop_assert_eq!(digest, by_definition(&acknowledged, &policy()));
        let told = engine.status().unwrap();
        prop_assert_eq!(told.troubles, std::collections::BTreeMap::new());
        let users: BTreeSet<_> = acknowledged.iter().map(Fact::user).collect();
        prop_assert_eq!(told.users, users.len() as u64);
        closed(engine);
    }
}

fn closed(engine: Engine) {
    engine.close().unwrap();
}
