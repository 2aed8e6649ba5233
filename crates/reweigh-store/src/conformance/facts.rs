//! Promises about facts.

use reweigh_reading::{
    Action, Fact, GivenId, Height, Instant, MadeId, Measure, ResetReason, Revision, Source, Unit,
};

use super::Bench;
use super::world::{
    MANY, at, commit_one, facts_of, given, reading, readings, scattered, sorted, telling, user,
};
use crate::commit::UserCommit;
use crate::port::Store;

fn keep(store: &dyn Store, of: &str, facts: Vec<Fact>) -> (usize, usize) {
    let outcome = commit_one(store, UserCommit::facts(user(of), facts));
    (outcome.added, outcome.known)
}

pub(super) fn facts_are_a_set(bench: &dyn Bench) {
    let store = bench.open();
    assert_eq!(keep(&*store, "ada", readings("ada", [1, 2, 3])), (3, 0));
    let before = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!(keep(&*store, "ada", readings("ada", [2, 3])), (0, 2));
    let after = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!(before, after, "what is there already changes nothing");
    assert_eq!(keep(&*store, "ada", readings("ada", [3, 4, 4])), (1, 2));
    drop(store);
    assert_eq!(facts_of(&*bench.open(), "ada"), readings("ada", 1..=4));
}

pub(super) fn facts_come_in_their_own_order(bench: &dyn Bench) {
    let store = bench.open();
    for second in scattered(30) {
        keep(&*store, "ada", readings("ada", [second]));
    }
    assert_eq!(facts_of(&*store, "ada"), readings("ada", 1..=30));
}

pub(super) fn history_in_portions_is_the_whole(bench: &dyn Bench) {
    let store = bench.open();
    let mut facts = readings("ada", 1..=300);
    // One of them has an id that was given, so that it can be told twice.
    let (at, source, action) = (facts[99].at(), facts[99].source().clone(), facts[99].action().clone());
    facts[99] = Fact::new(user("ada"), "twin".parse().unwrap(), Revision::FIRST, at, source, action);
    for chunk in facts.chunks(70) {
        keep(&*store, "ada", chunk.to_vec());
    }
    // Two at one key are never parted.
    let twin = telling(&facts[99], 0, Action::Add(Measure::new(70.0, Unit::Kilogram).unwrap()));
    keep(&*store, "ada", vec![twin.clone()]);
    facts.push(twin);
    for most in [1, 7, 100, 299, 301, MANY] {
        let mut read: Vec<Fact> = Vec::new();
        loop {
            let after = read.last().map(Fact::key);
            let history = store.history(&user("ada"), after.as_ref(), most).unwrap();
            assert!(history.facts.len() <= most + 1);
            read.extend(history.facts.into_iter().map(|recorded| recorded.fact));
            if !history.more {
                break;
            }
        }
        assert_eq!(read, sorted(facts.clone()), "in portions of {most}");
    }
}

pub(super) fn late_facts_find_their_place(bench: &dyn Bench) {
    let store = bench.open();
    let seconds = scattered(900);
    let mut known = Vec::new();
    for (n, chunk) in seconds.chunks(37).enumerate() {
        let facts = readings("ada", chunk.iter().copied());
        assert_eq!(keep(&*store, "ada", facts.clone()), (facts.len(), 0));
        assert_eq!(keep(&*store, "ada", facts.clone()), (0, facts.len()));
        known.extend(facts);
        if n % 5 == 0 {
            assert_eq!(facts_of(&*store, "ada"), sorted(known.clone()), "after {} facts", known.len());
        }
    }
    drop(store);
    let store = bench.open();
    assert_eq!(facts_of(&*store, "ada"), readings("ada", 1..=900));
    assert!(store.check().unwrap().is_sound());
}

/// Facts of every kind, with extreme and awkward values.
pub(super) fn menagerie() -> Vec<Fact> {
    let ada = user("ada");
    let measures = [
        (80.5, Unit::Kilogram),
        (0.1 + 0.2, Unit::Kilogram),
        (f64::MIN_POSITIVE, Unit::Gram),
        (10_000.0, Unit::Kilogram),
        (176.4, Unit::Pound),
        (12.5, Unit::Stone),
        (80_500.0, Unit::Gram),
        (std::f64::consts::PI * 25.0, Unit::Kilogram),
    ];
    let mut facts = Vec::new();
    for (n, (value, unit)) in (0_u8..).zip(measures) {
        let measure = Measure::new(value, unit).unwrap();
        let source = Source::new(["scale", "app", "clinic é"][usize::from(n % 3)]).unwrap();
        let fact = Fact::reading(ada.clone(), at(i64::from(n) * 86_400), source.clone(), measure);
        facts.push(telling(&fact, 3, Action::Amend(measure)));
        facts.push(Fact::new(
            ada.clone(),
            GivenId::new(&format!("message-{n}-{}", "x".repeat(usize::from(n) * 10))).unwrap().into(),
            Revision::FIRST,
            fact.at(),
            source,
            Action::Add(measure),
        ));
        facts.push(fact);
    }
    for (n, at) in (0..).zip([Instant::MIN, Instant::MAX, Instant::from_unix_micros(-1).unwrap()]) {
        let source = Source::new(&"s".repeat(64)).unwrap();
        let measure = Measure::new(80.0, Unit::Kilogram).unwrap();
        facts.push(Fact::reading(ada.clone(), at, source.clone(), measure));
        let id = MadeId::from_bytes([n; 16]).into();
        // A made id that this fact does not make: a file that was exported and edited.
        facts.push(Fact::new(ada.clone(), id, Revision::new(u32::MAX), at, source.clone(), Action::Retract));
        let id = MadeId::from_bytes([n + 100; 16]).into();
        facts.push(Fact::new(ada.clone(), id, Revision::FIRST, at, source, Action::Add(measure)));
    }
    let height = Height::new(1.815).unwrap();
    let reason = ResetReason::new(&"because ".repeat(30)).unwrap();
    let source = Source::unknown();
    let actions = [Action::Height(height), Action::Reset { reason }, Action::Retract];
    for (n, action) in (0..).zip(actions) {
        let id = given(&format!("act-{n}"));
        facts.push(Fact::new(ada.clone(), id, Revision::FIRST, at(n), source.clone(), action));
    }
    facts
}

pub(super) fn every_kind_of_fact_comes_back(bench: &dyn Bench) {
    let facts = menagerie();
    let store = bench.open();
    let sequence = store.append(&facts, &[]).unwrap();
    assert_eq!(store.journal_row(sequence).unwrap().unwrap().facts, facts, "from the journal");
    assert_eq!(keep(&*store, "ada", facts.clone()), (facts.len(), 0));
    assert_eq!(sorted(facts_of(&*store, "ada")), sorted(facts.clone()), "from the main file");
    assert_eq!(keep(&*store, "ada", facts.clone()), (0, facts.len()));
    // Among many others, where stores pack them.
    keep(&*store, "ada", readings("ada", 0..200));
    drop(store);
    let all: Vec<Fact> = facts.into_iter().chain(readings("ada", 0..200)).collect();
    assert_eq!(sorted(facts_of(&*bench.open(), "ada")), sorted(all));
}

pub(super) fn both_sides_of_a_conflict_are_kept(bench: &dyn Bench) {
    let store = bench.open();
    let fact = reading("ada", 10);
    let other = telling(&fact, 0, Action::Add(Measure::new(99.0, Unit::Kilogram).unwrap()));
    let id = fact.id().clone();
    let moved = Fact::new(
        user("ada"),
        id.clone(),
        Revision::FIRST,
        at(20),
        fact.source().clone(),
        fact.action().clone(),
    );
    for fact in [&fact, &other, &moved, &other] {
        keep(&*store, "ada", vec![fact.clone()]);
    }
    let all = sorted(vec![fact, other, moved]);
    assert_eq!(facts_of(&*store, "ada"), all);
    let found = store.find(&user("ada"), &id).unwrap().into_iter().map(|recorded| recorded.fact).collect();
    assert_eq!(sorted(found), all);
}

pub(super) fn corrected_ids_are_told_whole(bench: &dyn Bench) {
    let store = bench.open();
    let facts = readings("ada", 1..=200);
    keep(&*store, "ada", facts.clone());
    let heavier = Action::Amend(Measure::new(90.0, Unit::Kilogram).unwrap());
    let amended = telling(&facts[9], 1, heavier.clone());
    let retracted = telling(&facts[149], 1, Action::Retract);
    // A correction that comes before its reading waits for it.
    let late = reading("ada", 1_000);
    let early = telling(&late, 2, heavier);
    keep(&*store, "ada", vec![amended.clone(), retracted.clone(), early.clone()]);
    keep(&*store, "ada", vec![late.clone()]);
    drop(store);
    let store = bench.open();
    let after = facts[99].key();
    let history = store.history(&user("ada"), Some(&after), MANY).unwrap();
    let told: Vec<Fact> = history.told.into_iter().map(|recorded| recorded.fact).collect();
    let expected =
        vec![facts[9].clone(), amended.clone(), facts[149].clone(), retracted, late.clone(), early.clone()];
    assert_eq!(sorted(told), sorted(expected));
    let rest: Vec<Fact> = history.facts.into_iter().map(|recorded| recorded.fact).collect();
    let mut expected = facts[100..].to_vec();
    expected.remove(49);
    assert_eq!(rest, expected, "corrected ids are left out of the others");
    let found =
        store.find(&user("ada"), late.id()).unwrap().into_iter().map(|recorded| recorded.fact).collect();
    assert_eq!(sorted(found), sorted(vec![late, early]));
    assert_eq!(store.load(&user("ada")).unwrap().unwrap().facts, 204);
    assert_eq!(keep(&*store, "ada", vec![amended]), (0, 1));
}

/// Names that a store could take for a part, a bound or a neighbour of one another.
const NAMES: [&str; 7] = ["a", "ab", "a b", "a!", "b", "é", "\u{10ffff}"];

pub(super) fn users_are_apart(bench: &dyn Bench) {
    let store = bench.open();
    let seconds = |n: i64| n * 1_000..n * 1_000 + 100;
    for (n, name) in (0..).zip(NAMES) {
        keep(&*store, name, readings(name, seconds(n)));
    }
    for (n, name) in (0..).zip(NAMES) {
        assert_eq!(facts_of(&*store, name), readings(name, seconds(n)), "{name}");
    }
    let mut listed = Vec::new();
    while let Some(next) = store.users(listed.last(), 2).unwrap().first().cloned() {
        listed.push(next);
    }
    let mut names: Vec<_> = NAMES.iter().map(|name| user(name)).collect();
    names.sort();
    assert_eq!(listed, names);
    assert_eq!(facts_of(&*store, "aa"), []);
}

pub(super) fn ids_are_data_and_never_paths(bench: &dyn Bench) {
    let store = bench.open();
    for name in ["../../escaped", "/etc/passwd", "a/b", "con", ".", "%2e%2e", "'; drop table"] {
        keep(&*store, name, readings(name, [1, 2]));
        assert_eq!(facts_of(&*store, name), readings(name, [1, 2]));
    }
}
