//! Users who cannot be settled for a while.

use reweigh::{Engine, Provisional, Settings};
use reweigh_reading::{Fact, Instant, Measure, ResetReason, Source, Unit, UserId};
use reweigh_reset::{OperationKind, Rung};
use reweigh_state::{AuditKind, AuditOutcome};
use reweigh_store::{AuditEntry, AuditQuery, PinCause};

use crate::world::{Hand, by_definition, memory, open, policy};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn clerk() -> Source {
    Source::new("clerk").unwrap()
}

/// A reading so many days before the clock's.
fn ago(name: &str, days: i64, kg: f64) -> Fact {
    let now: Instant = "2030-01-01T00:00:00Z".parse().unwrap();
    let at = Instant::from_unix_micros(now.unix_micros() - 86_400_000_000 * days).unwrap();
    Fact::reading(user(name), at, Source::new("scale").unwrap(), Measure::new(kg, Unit::Kilogram).unwrap())
}

fn bring_in(engine: &Engine, facts: Vec<Fact>) {
    engine.ingest(facts).unwrap();
    engine.settle().unwrap();
    engine.checkpoint().unwrap();
    engine.settle().unwrap();
}

fn cause(engine: &Engine, name: &str) -> Option<&'static str> {
    let provisional = engine.state(&user(name)).unwrap().unwrap().provisional;
    provisional.as_ref().map(Provisional::code)
}

fn recovered(engine: &Engine, name: &str) -> Vec<AuditOutcome> {
    let query = AuditQuery { user: Some(user(name)), ..AuditQuery::default() };
    let rows = engine.audit(&query, 1_000).unwrap().into_iter();
    rows.filter_map(|row| {
        let AuditEntry::Reset(record) = row.entry else { return None };
        (record.kind == AuditKind::Recovered).then_some(record.outcome)
    })
    .collect()
}

/// While the breaker of reset commits is open a new user cannot be settled: others go on, the ladder serves what the
/// readings give, and once the breaker lets go the user is settled and the pin is gone.
///
/// Proves E2, E3, E6.
#[test]
fn the_ladder_serves_until_the_user_is_settled() {
    let clock = Hand::new();
    let engine = open(&memory(), Settings::default(), &clock);
    let well: Vec<Fact> = (10..30).rev().map(|days| ago("ada", days, 70.0)).collect();
    bring_in(&engine, well.clone());
    let breaker = engine.breakers().of(OperationKind::ResetCommit);
    breaker.force_open(&clerk(), "2030-01-01T00:00:01Z".parse().unwrap());
    let held: Vec<Fact> = (0..5).rev().map(|days| ago("bob", days, 90.0)).collect();
    bring_in(&engine, held.clone());
    bring_in(&engine, vec![ago("ada", 5, 70.1)]);
    assert_eq!((cause(&engine, "bob"), cause(&engine, "ada")), (Some("breaker_open"), None));

    let would = engine.recover(&user("bob"), true).unwrap();
    assert_eq!(would.rung, Rung::History);
    assert_eq!(
        would.passed_over.iter().map(|it| it.rung).collect::<Vec<_>>(),
        [Rung::Rollback, Rung::LastGood]
    );
    assert!(recovered(&engine, "bob").is_empty() && engine.status().unwrap().pinned.is_empty());
    let serves = engine.recover(&user("bob"), false).unwrap();
    assert_eq!(serves.rung, would.rung);
    let standing = engine.state(&user("bob")).unwrap().unwrap();
    assert!((standing.estimate().unwrap().level_kg - 90.0).abs() < 0.5 && standing.settled.is_none());
    let status = engine.status().unwrap();
    assert_eq!(status.pinned.get(&user("bob")), Some(&PinCause::Recovered(3)));
    assert_eq!((status.recoveries, status.provisional.get("recovered")), ([0, 0, 1, 0, 0], Some(&1)));
    assert_eq!(recovered(&engine, "bob"), [AuditOutcome::Served]);
    assert_eq!(engine.recover(&user("ada"), false).unwrap_err().code(), "engine_settled");
    assert_eq!(engine.recover(&user("cyd"), true).unwrap_err().code(), "engine_no_user");

    breaker.release(&clerk(), "2030-01-01T00:00:02Z".parse().unwrap());
    bring_in(&engine, vec![ago("bob", 6, 90.2)]);
    assert_eq!((cause(&engine, "bob"), cause(&engine, "ada")), (None, None));
    assert!(engine.status().unwrap().pinned.is_empty());
    let all: Vec<Fact> =
        well.into_iter().chain(held).chain([ago("ada", 5, 70.1), ago("bob", 6, 90.2)]).collect();
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
}

/// Each rung by what there is: the state before, a version after opening again, and one old reading.
///
/// Proves E3.
#[test]
fn each_rung_serves_by_what_there_is() {
    let (store, clock) = (memory(), Hand::new());
    let engine = open(&store, Settings::default(), &clock);
    bring_in(&engine, (5..25).rev().map(|days| ago("ada", days, 70.0)).collect());
    let breaker = engine.breakers().of(OperationKind::ResetCommit);
    breaker.force_open(&clerk(), "2030-01-01T00:00:01Z".parse().unwrap());
    // A new reset of a settled user: what was settled before is served.
    let at = ago("ada", 9, 70.0).at();
    engine.reset(&user("ada"), at, &clerk(), &ResetReason::new("a new scale").unwrap()).unwrap();
    bring_in(&engine, vec![ago("dan", 20, 95.0)]);
    assert_eq!(cause(&engine, "ada"), Some("breaker_open"));
    let ada = engine.recover(&user("ada"), false).unwrap();
    assert_eq!((ada.rung, ada.passed_over.len()), (Rung::Rollback, 0));
    let dan = engine.recover(&user("dan"), false).unwrap();
    assert_eq!((dan.rung, dan.passed_over.len()), (Rung::Conservative, 4));
    let wide = dan.state.unwrap().estimate().unwrap();
    assert!((wide.level_kg - 95.0).abs() < 1.0 && wide.variance > 50.0, "{wide:?}");
    assert_eq!(engine.status().unwrap().recoveries, [1, 0, 0, 0, 1]);
}
