//! A store that is moved from one policy to another.

use std::sync::Arc;

use reweigh::{Engine, EngineError, Provisional, Settings, Share};
use reweigh_judge::{effective, fold};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_state::{CheckedPolicy, Profile};
use reweigh_store::{MemoryStore, Store};

use crate::world::{Hand, by_definition, memory, open, policy};

fn new_policy() -> CheckedPolicy {
    Profile::Conservative.policy().check().unwrap()
}

fn user(number: usize) -> UserId {
    UserId::new(&format!("user-{number:02}")).unwrap()
}

fn reading(number: usize, day: i64, kg: f64) -> Fact {
    let at = Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap();
    Fact::reading(user(number), at, Source::new("scale").unwrap(), Measure::new(kg, Unit::Kilogram).unwrap())
}

const USERS: usize = 40;

fn facts() -> Vec<Fact> {
    let value = |number: usize, day: i64| {
        70.0 + f64::from(u8::try_from(number).unwrap()) + 0.3 * f64::from(u8::try_from(day % 4).unwrap())
    };
    (0..USERS).flat_map(|number| (0..20).map(move |day| reading(number, day, value(number, day)))).collect()
}

fn move_to(store: &MemoryStore, policy: CheckedPolicy, share: Share) -> Result<Engine, EngineError> {
    let store = store.clone();
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    let settings = Settings::default().check().unwrap();
    Engine::open_for_backfill(stores, policy, share, settings, Hand::new())
}

fn plain(store: &MemoryStore, policy: CheckedPolicy) -> Result<Engine, EngineError> {
    let store = store.clone();
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    Engine::open(stores, policy, Settings::default().check().unwrap(), Hand::new())
}

/// Moves everybody in the share, in pieces, and says how many moved.
fn move_all(engine: &Engine, pieces: usize) -> u64 {
    let (mut last, mut moved) = (None, 0);
    for _ in 0..pieces {
        let (piece, next) = engine.backfill(last.as_ref(), 7).unwrap();
        moved += piece.moved;
        if next.is_none() {
            break;
        }
        last = next;
    }
    moved
}

fn state_of(number: usize, facts: &[Fact], policy: &CheckedPolicy) -> Vec<u8> {
    let own = facts.iter().filter(|fact| *fact.user() == user(number)).cloned();
    fold(&effective(own).events, policy).encode()
}

/// First nobody, then a tenth, a part of the rest, a kill, and the rest: each user is under exactly one policy at any time,
/// those who are not moved take facts and are served as they were, and at the end all are as if they had never been under
/// another.
///
/// Proves G11, I4.
#[test]
fn a_policy_is_rolled_out_in_steps() {
    let (store, mut all) = (memory(), facts());
    let engine = open(&store, Settings::default(), &Hand::new());
    engine.ingest(all.clone()).unwrap();
    let old = engine.digest().unwrap();
    // The dry run compares, and changes nothing.
    let shadowed = engine.shadow(&user(3), &new_policy()).unwrap().unwrap();
    assert_ne!(shadowed.before, shadowed.after);
    assert_eq!((shadowed.readings, engine.digest().unwrap()), (20, old));
    assert_eq!(engine.shadow(&UserId::new("nobody").unwrap(), &new_policy()).unwrap(), None);
    engine.close().unwrap();
    assert_eq!(plain(&store, new_policy()).unwrap_err().code(), "engine_other_policy");

    let tenth = Share::percent(10.0).unwrap();
    let in_tenth: Vec<usize> = (0..USERS).filter(|number| tenth.has(&user(*number))).collect();
    assert!(!in_tenth.is_empty() && in_tenth.len() < USERS / 2);
    let engine = move_to(&store, new_policy(), tenth).unwrap();
    assert_eq!(move_all(&engine, 100), in_tenth.len() as u64);
    let news: Vec<Fact> = (0..USERS).map(|number| reading(number, 30, 80.0)).collect();
    engine.ingest(news.clone()).unwrap();
    all.extend(news);
    let mixed = engine.digest().unwrap();
    assert_eq!((mixed.users, mixed.unsettled), (in_tenth.len() as u64, (USERS - in_tenth.len()) as u64));
    for number in 0..USERS {
        let standing = engine.state(&user(number)).unwrap().unwrap();
        if in_tenth.contains(&number) {
            assert_eq!(standing.settled.unwrap().encode(), state_of(number, &all, &new_policy()));
        } else {
            assert_eq!((standing.settled, standing.provisional), (None, Some(Provisional::Rollout)));
            assert_eq!(standing.served.unwrap().encode(), state_of(number, &facts(), &policy()));
        }
    }
    assert!(
        matches!(engine.end_backfill(), Err(EngineError::NotMoved { users }) if users == mixed.unsettled)
    );
    engine.close().unwrap();
    for policy in [policy(), new_policy()] {
        assert_eq!(plain(&store, policy).unwrap_err().code(), "engine_backfilling");
    }
    let third = Profile::Aggressive.policy().check().unwrap();
    assert_eq!(move_to(&store, third, Share::ALL).unwrap_err().code(), "engine_other_policy");

    let engine = move_to(&store, new_policy(), Share::ALL).unwrap();
    let some = move_all(&engine, 2);
    drop(engine);
    let engine = move_to(&store, new_policy(), Share::ALL).unwrap();
    let rest = move_all(&engine, 100);
    // Users with facts that waited are moved when they are settled, if the backfill does not come first.
    assert!(in_tenth.len() as u64 + some + rest <= USERS as u64);
    engine.end_backfill().unwrap();
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &new_policy()));
    engine.close().unwrap();
    let engine = plain(&store, new_policy()).unwrap();
    assert!(engine.verify(None).unwrap().is_sound());
    engine.ingest(reading(0, -2, 70.0)).unwrap();
    all.push(reading(0, -2, 70.0));
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &new_policy()));
}

/// Taken back: those who were moved are folded under the old policy again, facts that came meanwhile included.
///
/// Proves G11.
#[test]
fn a_rollout_is_undone() {
    let (store, mut all) = (memory(), facts());
    let engine = open(&store, Settings::default(), &Hand::new());
    engine.ingest(all.clone()).unwrap();
    engine.close().unwrap();
    let half = Share::percent(50.0).unwrap();
    let engine = move_to(&store, new_policy(), half).unwrap();
    let moved = move_all(&engine, 100);
    assert!(moved > 0 && moved < USERS as u64);
    let news: Vec<Fact> = (0..USERS).map(|number| reading(number, 30, 80.0)).collect();
    engine.ingest(news.clone()).unwrap();
    all.extend(news);
    engine.close().unwrap();

    let engine = move_to(&store, policy(), Share::ALL).unwrap();
    assert_eq!(move_all(&engine, 100), moved);
    engine.end_backfill().unwrap();
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
    engine.close().unwrap();
    assert_eq!(plain(&store, new_policy()).unwrap_err().code(), "engine_other_policy");
    let engine = plain(&store, policy()).unwrap();
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
}
