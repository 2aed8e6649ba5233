//! Verifying, rebuilding, copying and compacting.

use proptest::prelude::*;
use reweigh::{Engine, Settings};
use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_state::{AuditKind, Checked, Expectations};
use reweigh_store::{ActKind, AuditEntry, AuditQuery, Checkpoint, MemoryStore, Settled, Store, UserCommit};

use crate::world::{Disk, Hand, by_definition, memory, on_disk, open, open_on, policy};

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

fn life(name: &str) -> Vec<Fact> {
    (0..40).map(|day| reading(name, day, 80.0 + f64::from(u8::try_from(day % 5).unwrap()) / 10.0)).collect()
}

/// Puts a state in the place of a user's that is valid and wrong.
fn spoil(store: &MemoryStore, name: &str, facts: &[Fact]) {
    let policy = policy();
    let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
    let wrong = fold(&effective(facts.iter().cloned()).events, &policy);
    let settled = Some(Settled::new(Checked::state(wrong, &expectations).unwrap(), None));
    let seen = store.load(&user(name)).unwrap().unwrap().seen;
    let commit = UserCommit { seen, settled, ..UserCommit::facts(user(name), Vec::new()) };
    let at = Instant::from_unix_seconds(1_900_000_000).unwrap();
    let outcomes = store.commit(&Checkpoint { users: vec![commit], ..Checkpoint::at(at) }).unwrap();
    assert_eq!(outcomes[0].refused, None);
}

fn of_rebuilds(engine: &Engine, name: &str) -> (usize, usize) {
    let query = AuditQuery { user: Some(user(name)), ..AuditQuery::default() };
    let rows = engine.audit(&query, 1_000).unwrap();
    let acts =
        rows.iter().filter(|row| matches!(&row.entry, AuditEntry::Act(act) if act.kind == ActKind::Rebuild));
    let records = rows
        .iter()
        .filter(|row| matches!(&row.entry, AuditEntry::Reset(it) if it.kind == AuditKind::Rebuilt));
    (acts.count(), records.count())
}

/// Proves E4, E6, I1.
#[test]
fn what_is_wrong_is_found_shown_and_rebuilt() {
    let store = memory();
    let engine = open(&store, Settings::default(), &Hand::new());
    let all: Vec<Fact> = ["ada", "bob", "cyd"].into_iter().flat_map(life).collect();
    engine.ingest(all.clone()).unwrap();
    let right = engine.digest().unwrap();
    assert!(engine.verify(None).unwrap().is_sound());
    spoil(&store, "bob", &life("bob")[..12]);

    let verified = engine.verify(None).unwrap();
    assert_eq!((verified.users, verified.facts), (3, 120));
    assert_eq!((verified.differ.as_slice(), verified.is_sound()), ([user("bob")].as_slice(), false));
    assert_eq!(engine.verify(Some(2)).unwrap().users, 2);
    // The dry run says what would change, and leaves nothing behind.
    let would = engine.rebuild(&user("bob"), true, &clerk(), "verify said so").unwrap();
    assert!(would.changed && would.before != would.after);
    assert_eq!((of_rebuilds(&engine, "bob"), engine.verify(None).unwrap().differ.len()), ((0, 0), 1));
    let done = engine.rebuild(&user("bob"), false, &clerk(), "verify said so").unwrap();
    assert_eq!(done, would);
    assert_eq!(of_rebuilds(&engine, "bob"), (1, 1));
    assert!(engine.verify(None).unwrap().is_sound());
    assert_eq!(engine.digest().unwrap(), right);
    assert_eq!(right, by_definition(&all, &policy()));
    // Once more: nothing changes, and that somebody tried is written down.
    assert!(!engine.rebuild(&user("bob"), false, &clerk(), "again").unwrap().changed);
    assert_eq!((of_rebuilds(&engine, "bob"), of_rebuilds(&engine, "ada")), ((2, 2), (0, 0)));
    assert_eq!(engine.rebuild(&user("dan"), false, &clerk(), "").unwrap_err().code(), "engine_no_user");
    // What comes next goes on from there.
    let late = reading("bob", -3, 79.0);
    engine.ingest(late.clone()).unwrap();
    let all: Vec<Fact> = all.into_iter().chain([late]).collect();
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
}

/// Facts that no state holds yet are no difference.
///
/// Proves E6.
#[test]
fn what_is_not_settled_is_said_to_be_so() {
    let store = memory();
    let engine = open(&store, Settings::default(), &Hand::new());
    engine.ingest(life("ada")).unwrap();
    engine.digest().unwrap();
    let at = Instant::from_unix_seconds(1_900_000_000).unwrap();
    let raw = UserCommit::facts(user("bob"), life("bob"));
    store.commit(&Checkpoint { users: vec![raw], ..Checkpoint::at(at) }).unwrap();
    let verified = engine.verify(None).unwrap();
    assert_eq!((verified.unsettled.as_slice(), verified.is_sound()), ([user("bob")].as_slice(), true));
    // Folding from the first fact settles them too.
    assert!(engine.rebuild(&user("bob"), false, &clerk(), "left over").unwrap().changed);
    assert_eq!(engine.verify(None).unwrap().unsettled.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Rebuilds race with workers, with late facts and with checkpoints: whoever loses begins again, and what is settled
    /// is the fold of the facts.
    ///
    /// Proves C7, E4.
    #[test]
    fn rebuilds_that_race_leave_what_the_facts_come_to(
        order in Just((0..40_i64).collect::<Vec<_>>()).prop_shuffle(),
        every in 1..9_usize,
    ) {
        let engine = open(&memory(), Settings { settle_after_ms: 0, ..Settings::default() }, &Hand::new());
        let all = life("ada");
        engine.ingest(reading("ada", 100, 80.0)).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for day in &order {
                    engine.ingest(all[usize::try_from(*day).unwrap()].clone()).unwrap();
                }
            });
            scope.spawn(|| {
                for _ in 0..every {
                    engine.checkpoint().unwrap();
                }
            });
            for _ in 0..every {
                match engine.rebuild(&user("ada"), false, &clerk(), "a race") {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.code(), "engine_moving"),
                }
            }
        });
        let all: Vec<Fact> = all.into_iter().chain([reading("ada", 100, 80.0)]).collect();
        prop_assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
        prop_assert!(engine.verify(None).unwrap().is_sound());
    }
}

/// A copy is made while the store is in use, and opens like any.
///
/// Proves F9.
#[test]
fn a_backup_has_every_acknowledged_fact() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    engine.ingest(life("ada")).unwrap();
    engine.settle().unwrap();
    engine.checkpoint().unwrap();
    // These are in the journal alone.
    engine.ingest(life("bob")).unwrap();
    let copy = folder.path().join("copy.redb");
    engine.backup(&copy).unwrap();
    assert_eq!(engine.backup(&copy).unwrap_err().code(), "store_io");
    assert_eq!(engine.status().unwrap().reopened, 0, "the store itself is well");
    engine.ingest(life("cyd")).unwrap();
    engine.close().unwrap();

    let both: Vec<Fact> = life("ada").into_iter().chain(life("bob")).collect();
    let copy = open_on(Disk::new(&copy), Settings::default(), &Hand::new());
    assert_eq!(copy.digest().unwrap(), by_definition(&both, &policy()));
    copy.close().unwrap();
}

/// Erasing frees room, and compacting gives it back; nothing else changes.
///
/// Proves F9.
#[test]
fn compacting_gives_room_back() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    for number in 0..60 {
        engine.ingest(life(&format!("user-{number:02}"))).unwrap();
    }
    engine.digest().unwrap();
    for number in 1..60 {
        engine.erase(&user(&format!("user-{number:02}")), &clerk(), "asked for").unwrap();
    }
    let before = engine.status().unwrap().store;
    engine.compact().unwrap();
    let after = engine.status().unwrap().store;
    assert!(after.main_bytes < before.main_bytes, "{} -> {}", before.main_bytes, after.main_bytes);
    assert_eq!(engine.digest().unwrap(), by_definition(&life("user-00"), &policy()));
    engine.close().unwrap();
    let engine = open(&memory(), Settings::default(), &Hand::new());
    assert_eq!(engine.compact().unwrap_err().code(), "engine_compact");
}
