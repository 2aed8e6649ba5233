//! Erasing a user for good.

use std::sync::Arc;

use proptest::prelude::*;
use reweigh::Settings;
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_store::{ActKind, AuditEntry, AuditQuery, Store};

use crate::law::{fact, settings};
use crate::world::{Hand, Turns, by_definition, memory, on_disk, open, open_on, open_stepped, policy};

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn clerk() -> Source {
    Source::new("clerk").unwrap()
}

fn reading(name: &str, day: i64, kg: f64) -> Fact {
    let at = Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap();
    Fact::reading(user(name), at, Source::new("scale").unwrap(), Measure::new(kg, Unit::Kilogram).unwrap())
}

/// Nothing is left in either file but that there was a user; not after opening again, and not what was to be told.
///
/// Proves F9.
#[test]
fn an_erased_user_is_gone_from_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    let both = |days: std::ops::Range<i64>| {
        days.flat_map(|day| [reading("ada", day, 70.0), reading("bob", day, 90.0)]).collect::<Vec<_>>()
    };
    engine.ingest(both(0..30)).unwrap();
    engine.digest().unwrap();
    // Some of hers is only in the journal and in memory.
    engine.ingest(both(30..35)).unwrap();
    let erased = engine.erase(&user("ada"), &clerk(), "she asked for it").unwrap();
    assert_eq!(erased.facts, 30);
    let gone = || {
        assert!(engine.facts(&user("ada"), None, 100).unwrap().is_empty());
        assert!(engine.history(&user("ada")).unwrap().is_empty());
        assert!(engine.versions(&user("ada")).unwrap().is_empty());
        assert_eq!(engine.story(&user("ada")).unwrap(), None);
    };
    gone();
    let bobs: Vec<Fact> = both(0..35).into_iter().filter(|fact| *fact.user() == user("bob")).collect();
    assert_eq!(engine.digest().unwrap(), by_definition(&bobs, &policy()));
    gone();
    let of_ada = AuditQuery { user: Some(user("ada")), ..AuditQuery::default() };
    let rows = engine.audit(&of_ada, 1_000).unwrap();
    let (acts, stubs): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| matches!(row.entry, AuditEntry::Act(_)));
    assert!(stubs.iter().all(|row| matches!(row.entry, AuditEntry::Erased { .. })));
    assert!(
        matches!(&acts[0].entry, AuditEntry::Act(act) if act.kind == ActKind::Erase && act.by == "clerk")
    );
    assert_eq!(engine.erase(&user("cyd"), &clerk(), "").unwrap_err().code(), "engine_no_user");
    engine.close().unwrap();

    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    assert_eq!(engine.digest().unwrap(), by_definition(&bobs, &policy()));
    // Who comes back begins anew.
    engine.ingest(reading("ada", 40, 71.0)).unwrap();
    let back: Vec<Fact> = bobs.into_iter().chain([reading("ada", 40, 71.0)]).collect();
    assert_eq!(engine.digest().unwrap(), by_definition(&back, &policy()));
    engine.close().unwrap();
}

/// A pin is erased with its user.
///
/// Proves F9, A10.
#[test]
fn what_was_served_is_erased_too() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    for (from, kg) in [(0, 80.0), (30, 110.0)] {
        engine.ingest((from..from + 30).map(|day| reading("ada", day, kg)).collect::<Vec<_>>()).unwrap();
        engine.digest().unwrap();
    }
    assert_eq!(engine.status().unwrap().pinned.len(), 1);
    engine.erase(&user("ada"), &clerk(), "").unwrap();
    assert!(engine.status().unwrap().pinned.is_empty());
    assert_eq!(engine.pin(&user("ada"), 1, &clerk(), "").unwrap_err().code(), "engine_no_version");
}

/// Erasing writes rows of the journal anew. Readings of others that left the buffer are still found in them.
///
/// Proves F9, B6.
#[test]
fn readings_of_others_that_left_the_buffer_are_read_back() {
    let names = ["ada", "bob", "cyd", "dan"];
    let facts: Vec<Fact> = (0..12).flat_map(|day| names.map(|name| reading(name, day, 80.0))).collect();
    let left: Vec<Fact> = facts.iter().filter(|fact| *fact.user() != user("ada")).cloned().collect();
    let mut read_back = 0;
    for favourite in 0..4 {
        let settings = Settings { workers: 4, max_buffer_readings: 2, ..Settings::default() };
        let (store, turns) = (memory(), Turns::of(favourite));
        let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
        let engine = turns.open(stores, settings, &Hand::new()).unwrap();
        engine.ingest(facts.clone()).unwrap();
        if engine.erase(&user("ada"), &clerk(), "").is_err() {
            // She is another worker's.
            continue;
        }
        turns.let_all();
        assert_eq!(engine.digest().unwrap(), by_definition(&left, &policy()));
        read_back += engine.status().unwrap().read_back;
    }
    assert!(read_back > 0, "none left the buffer");
}

/// What happens to a small world.
#[derive(Debug, Clone)]
enum Deed {
    Offer(usize, usize),
    Erase(u8),
    Checkpoint,
    Reopen(bool),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => (0..60_usize, 1..20_usize).prop_map(|(from, count)| Deed::Offer(from, count)),
        2 => (0..3_u8).prop_map(Deed::Erase),
        2 => Just(Deed::Checkpoint),
        1 => any::<bool>().prop_map(Deed::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Wherever a user's facts are when they are erased, in the buffer, in a replay, evicted, in the journal, in the main
    /// file: none comes back, and no other user loses one.
    ///
    /// Proves F9, E6, I1.
    #[test]
    fn nothing_on_its_way_brings_an_erased_user_back(
        facts in proptest::collection::vec(fact(), 60),
        deeds in proptest::collection::vec(deed(), 1..20),
        settings in settings(),
        seed in any::<u64>(),
    ) {
        let (store, clock) = (memory(), Hand::new());
        let open = || open_stepped(&store, settings.clone(), &clock, seed);
        let mut engine = open();
        let mut there: Vec<Fact> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Offer(from, count) => {
                    let batch: Vec<Fact> = facts.iter().skip(from).take(count).cloned().collect();
                    engine.ingest(batch.clone()).unwrap();
                    there.extend(batch);
                }
                Deed::Erase(number) => {
                    let gone = user(&format!("user-{number}"));
                    let known = there.iter().any(|fact| *fact.user() == gone);
                    let stub = store.load(&gone).unwrap().is_some();
                    let erased = engine.erase(&gone, &clerk(), "");
                    prop_assert_eq!(erased.is_ok(), known || stub);
                    there.retain(|fact| *fact.user() != gone);
                }
                Deed::Checkpoint => engine.checkpoint().unwrap(),
                Deed::Reopen(kill) => {
                    if kill { drop(engine) } else { engine.close().unwrap() }
                    engine = open();
                }
            }
        }
        prop_assert_eq!(engine.digest().unwrap(), by_definition(&there, &policy()));
        let mut exported = Vec::new();
        engine.each_fact(|fact| exported.push(fact.clone())).unwrap();
        prop_assert!(exported.iter().all(|fact| there.contains(fact)));
        prop_assert!(there.iter().all(|fact| exported.contains(fact)));
    }
}
