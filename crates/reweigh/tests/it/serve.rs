//! What is served, and why it may not be what is settled.

use std::sync::Arc;

use reweigh::{Engine, Provisional, Settings};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_store::{ActKind, AuditEntry, AuditQuery, AuditRow, PinCause, Store};

use crate::world::{Hand, Turns, by_definition, memory, on_disk, open, open_on, policy};

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn clerk() -> Source {
    Source::new("clerk").unwrap()
}

fn reading(day: i64, kg: f64) -> Fact {
    let at = Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap();
    Fact::reading(ada(), at, Source::new("scale").unwrap(), Measure::new(kg, Unit::Kilogram).unwrap())
}

fn take_in(engine: &Engine, facts: Vec<Fact>) {
    engine.ingest(facts).unwrap();
    engine.settle().unwrap();
    engine.checkpoint().unwrap();
    engine.settle().unwrap();
}

fn levels(engine: &Engine) -> (f64, f64) {
    let standing = engine.state(&ada()).unwrap().unwrap();
    let settled = standing.settled.as_ref().unwrap().estimate().unwrap().level_kg;
    (settled, standing.estimate().unwrap().level_kg)
}

fn cause(engine: &Engine) -> Option<&'static str> {
    let provisional = engine.state(&ada()).unwrap().unwrap().provisional;
    provisional.as_ref().map(Provisional::code)
}

fn acts(engine: &Engine, kind: ActKind) -> Vec<(String, String)> {
    let of_ada = AuditQuery { user: Some(ada()), ..AuditQuery::default() };
    let rows = engine.audit(&of_ada, 1_000).unwrap().into_iter();
    let act = |row: AuditRow| if let AuditEntry::Act(act) = row.entry { Some(act) } else { None };
    rows.filter_map(act).filter(|act| act.kind == kind).map(|act| (act.by, act.reason)).collect()
}

/// A life that ends at 110 kg after long at 80, and the readings that take it there.
fn jumped(engine: &Engine) -> Vec<Fact> {
    take_in(engine, (0..30).map(|day| reading(day, 80.0)).collect());
    let later: Vec<Fact> = (30..60).map(|day| reading(day, 110.0)).collect();
    take_in(engine, later.clone());
    later
}

/// Proves A10.
#[test]
fn a_state_that_jumps_is_settled_and_not_served() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    let mut all: Vec<Fact> = (0..30).map(|day| reading(day, 80.0)).collect();
    all.extend(jumped(&engine));
    let (settled, served) = levels(&engine);
    assert!(settled > 105.0 && (served - 80.0).abs() < 0.5, "{settled} {served}");
    assert_eq!(cause(&engine), Some("jump"));
    let status = engine.status().unwrap();
    assert_eq!(status.pinned.get(&ada()), Some(&PinCause::Jump));
    assert_eq!((status.jumps, status.provisional.get("jump")), (1, Some(&1)));
    assert_eq!(acts(&engine, ActKind::Pin)[0].0, "publish guard");
    // The guard is no part of what is settled.
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
    // It stays as it is while more of the same comes, until somebody looks.
    take_in(&engine, vec![reading(61, 110.0)]);
    assert_eq!(cause(&engine), Some("jump"));
    engine.release(&ada(), &clerk(), "she was ill").unwrap();
    let (settled, served) = levels(&engine);
    assert_eq!((settled.to_bits(), cause(&engine)), (served.to_bits(), None));
    assert_eq!(acts(&engine, ActKind::Release), [("clerk".to_owned(), "she was ill".to_owned())]);
    assert_eq!(engine.release(&ada(), &clerk(), "again").unwrap_err().code(), "engine_not_pinned");
    // From here on the new weight is what was served last.
    take_in(&engine, vec![reading(62, 110.0)]);
    assert_eq!(cause(&engine), None);
}

/// What made it jump is taken back: the guard lets go by itself, also if the engine was opened again meanwhile.
///
/// Proves A10.
#[test]
fn the_guard_lets_go_when_the_estimate_came_back() {
    for reopen in [false, true] {
        let store = memory();
        let mut engine = open(&store, Settings::default(), &Hand::new());
        let wrong = jumped(&engine);
        if reopen {
            engine.close().unwrap();
            engine = open(&store, Settings::default(), &Hand::new());
        }
        assert_eq!(cause(&engine), Some("jump"));
        for fact in &wrong {
            engine.retract(&ada(), fact.id()).unwrap();
        }
        take_in(&engine, vec![reading(70, 81.0)]);
        let (settled, served) = levels(&engine);
        assert_eq!((settled.to_bits(), cause(&engine)), (served.to_bits(), None));
        assert_eq!(acts(&engine, ActKind::Release)[0].0, "publish guard");
        assert!(engine.status().unwrap().pinned.is_empty());
    }
}

/// A move of just less than the bound is served, of just more is not, whatever the bound.
///
/// Proves A10.
#[test]
fn the_bound_of_the_guard_is_a_setting() {
    for (publish_jump_kg, held) in [(25.0, true), (35.0, false)] {
        let engine = open(&memory(), Settings { publish_jump_kg, ..Settings::default() }, &Hand::new());
        jumped(&engine);
        assert_eq!(cause(&engine).is_some(), held, "{publish_jump_kg} kg");
    }
}

/// Each checkpoint that changes a state makes a version, the last ten are kept, and each can be served; on disk, over
/// closing and opening.
///
/// Proves F2, A1.
#[test]
fn any_kept_version_is_served_until_it_is_released() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    let mut was = Vec::new();
    for day in 0..13 {
        take_in(&engine, vec![reading(day, 80.0 + 0.1 * f64::from(i32::try_from(day).unwrap()))]);
        was.push(levels(&engine).0);
    }
    let versions = engine.versions(&ada()).unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, (4..=13).rev().collect::<Vec<_>>());
    for version in &versions {
        engine.pin(&ada(), version.number, &clerk(), "a look back").unwrap();
        let (settled, served) = levels(&engine);
        let then = was[usize::try_from(version.number).unwrap() - 1];
        assert_eq!((settled.to_bits(), served.to_bits()), (was[12].to_bits(), then.to_bits()));
    }
    assert_eq!(acts(&engine, ActKind::Pin).len(), 10);
    let before = reading(9, 80.0 + 0.1 * 9.0).key();
    assert_eq!(engine.restore(&ada(), &before, &clerk(), "as of day nine").unwrap().number, 9);
    engine.close().unwrap();

    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    assert_eq!(cause(&engine), Some("operator"));
    // Settling goes on underneath, and an operator's pin is let go by hand alone.
    take_in(&engine, vec![reading(13, 81.3)]);
    let (settled, served) = levels(&engine);
    assert_eq!(served.to_bits(), was[8].to_bits());
    assert!(settled > served);
    engine.release(&ada(), &clerk(), "seen").unwrap();
    assert_eq!(cause(&engine), None);
    engine.close().unwrap();
}

/// Proves A2.
#[test]
fn what_cannot_be_served_is_said_and_changes_nothing() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    take_in(&engine, vec![reading(0, 80.0)]);
    let bob = UserId::new("bob").unwrap();
    let code = |error: reweigh::EngineError| error.code();
    assert_eq!(code(engine.versions(&bob).unwrap_err()), "engine_no_user");
    assert_eq!(code(engine.pin(&bob, 1, &clerk(), "").unwrap_err()), "engine_no_user");
    assert_eq!(code(engine.pin(&ada(), 7, &clerk(), "").unwrap_err()), "engine_no_version");
    assert_eq!(code(engine.release(&bob, &clerk(), "").unwrap_err()), "engine_no_user");
    let first = reading(0, 80.0).key();
    let error = engine.restore(&ada(), &first, &clerk(), "").unwrap_err();
    assert_eq!((error.code(), cause(&engine)), ("restore_no_snapshot_before", None));
    assert!(acts(&engine, ActKind::Pin).is_empty());
}

/// Proves A10.
///
/// What is acknowledged and not folded yet is never passed over: a state that is called settled has all of it, wherever
/// the facts are on their way.
#[test]
fn a_settled_state_has_everything_that_was_acknowledged() {
    let (store, clock) = (memory(), Hand::new());
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    let engine = Turns::of(0).open(stores, Settings::default(), &clock).unwrap();
    let scale = Source::new("scale").unwrap();
    let mut waiting = 0;
    for number in 0..16 {
        let user = UserId::new(&format!("user-{number}")).unwrap();
        let facts: Vec<Fact> = (0..60)
            .map(|day| {
                let at = Instant::from_unix_seconds(1_700_000_000 + 86_400 * day).unwrap();
                Fact::reading(user.clone(), at, scale.clone(), Measure::new(80.0, Unit::Kilogram).unwrap())
            })
            .collect();
        engine.ingest(facts).unwrap();
        let standing = engine.state(&user).unwrap().expect("acknowledged, so it is known");
        match standing.settled {
            Some(settled) => assert_eq!(settled.readings, 60),
            None => waiting += 1,
        }
    }
    // Only one of the two workers works.
    assert!(waiting > 0);
}
