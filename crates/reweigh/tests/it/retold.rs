//! An id that is told twice while its user is replayed.

use std::sync::Arc;

use reweigh::{Settings, Stepper};
use reweigh_reading::{Action, Fact, Instant, Measure, Revision, Source, Unit, UserId};
use reweigh_state::Outcome;
use reweigh_store::Store;

use crate::world::{Hand, Turns, by_definition, memory, open, policy};

fn told(id: &str, day: i64, kg: f64) -> Fact {
    let at = Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap();
    let action = Action::Add(Measure::new(kg, Unit::Kilogram).unwrap());
    let source = Source::new("scale").unwrap();
    Fact::new(UserId::new("ada").unwrap(), id.parse().unwrap(), Revision::FIRST, at, source, action)
}

fn amended(of: &Fact, day: i64, kg: f64) -> Fact {
    let moved = told(&of.id().to_string(), day, kg);
    let action = Action::Amend(moved.measure().unwrap());
    let source = moved.source().clone();
    Fact::new(moved.user().clone(), moved.id().clone(), Revision::new(1), moved.at(), source, action)
}

/// What comes second: another content of the same telling, or a correction that moves a reading.
fn seconds(of: &Fact) -> [Fact; 3] {
    [told(&of.id().to_string(), 300, 83.0), amended(of, 300, 83.0), amended(of, 120, 83.0)]
}

/// The second telling comes while a long replay is under way, and a checkpoint takes it to the main file as it is: it is
/// still known to be of an id that was told before.
///
/// Proves I1, I2.
#[test]
fn an_id_told_again_during_a_replay_is_a_conflict() {
    for seed in (1..=30_u64).map(|it| it.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
        let first: Vec<Fact> = (0..200).map(|day| told(&format!("id-{day}"), day, 80.0)).collect();
        for again in seconds(&first[5]) {
            let settings = Settings { turn_facts: 16, settle_after_ms: 0, ..Settings::default() };
            let (store, clock, turns) = (memory(), Hand::new(), Turns::new(seed));
            let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
            let engine = turns.open(stores, settings, &clock).unwrap();
            engine.ingest(first.clone()).unwrap();
            engine.digest().unwrap();
            let late = told("late", -1, 80.0);
            engine.ingest(late.clone()).unwrap();
            for _ in 0..seed % 7 {
                turns.step();
            }
            engine.ingest(again.clone()).unwrap();
            engine.checkpoint().unwrap();
            let all: Vec<Fact> = first.iter().cloned().chain([late, again]).collect();
            assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()), "seed {seed}");
        }
    }
}

/// A telling of the same place and revision takes the place of one that was accepted: its verdict is kept as its own.
///
/// Proves I2, H5.
#[test]
fn the_winner_of_a_conflict_keeps_its_own_verdict() {
    let store = memory();
    let engine = open(&store, Settings::default(), &Hand::new());
    let mut facts: Vec<Fact> = (0..10).map(|day| told(&format!("id-{day}"), day, 80.0)).collect();
    engine.ingest(facts.clone()).unwrap();
    engine.digest().unwrap();
    for winner in [told("id-5", 5, 80.4), told("id-9", 9, 80.6)] {
        engine.ingest(winner.clone()).unwrap();
        engine.digest().unwrap();
        let kept = store.find(winner.user(), winner.id()).unwrap();
        let verdict = |fact: &Fact| kept.iter().find(|it| it.fact == *fact).unwrap().verdict.unwrap().outcome;
        assert_eq!((kept.len(), verdict(&winner)), (2, Outcome::Accepted));
        let loser = facts.iter().find(|fact| fact.id() == winner.id()).unwrap();
        assert_eq!(verdict(loser), Outcome::Superseded);
    }
    facts.extend([told("id-5", 5, 80.4), told("id-9", 9, 80.6)]);
    assert_eq!(engine.digest().unwrap(), by_definition(&facts, &policy()));
    assert!(engine.verify(None).unwrap().is_sound());
}
