//! Promises about states, versions and pins.

use reweigh_reading::{Action, Fact, OrderKey};
use reweigh_state::{Checked, Expectations, Fingerprint, UserState};

use super::Bench;
use super::world::{
    ACCEPTED, MANY, World, act, at, chain, commit_one, facts_of, reading, readings, telling, user,
};
use crate::arrivals::Refusal;
use crate::audit::{ActKind, AuditEntry, AuditQuery};
use crate::commit::{Settled, UserCommit};
use crate::error::{Remedy, RestoreError, StoreError};
use crate::port::Store;
use crate::user::{Judgement, Pin, PinCause, Restored, Seen};

fn seen(store: &dyn Store, of: &str) -> Seen {
    store.load(&user(of)).unwrap().map(|loaded| loaded.seen).unwrap_or_default()
}

fn restore(store: &dyn Store, world: &World, before: &OrderKey) -> Result<Restored, RestoreError> {
    store.check_and_restore(&user("ada"), before, MANY, &world.expectations())
}

/// Facts of ada, settled at once, a snapshot after every one.
fn long_life(store: &dyn Store, world: &World, count: i64) -> Vec<Fact> {
    let facts = readings("ada", 1..=count);
    let mut base = None;
    for chunk in facts.chunks(50) {
        let last = chunk.last().unwrap();
        let snapshots = chunk.iter().map(|fact| world.state(&fact.key(), 0)).collect();
        let settled = Settled { base, snapshots, ..world.settled(last, 1) };
        base = Some(last.key());
        let seen = seen(store, "ada");
        let commit =
            UserCommit { seen, settled: Some(settled), ..UserCommit::facts(user("ada"), chunk.to_vec()) };
        assert_eq!(commit_one(store, commit).refused, None);
    }
    facts
}

pub(super) fn nothing_known_is_none(bench: &dyn Bench) {
    let store = bench.open();
    let ada = user("ada");
    assert_eq!(store.load(&ada).unwrap(), None);
    assert_eq!(store.versions(&ada).unwrap(), []);
    assert_eq!(store.history(&ada, None, MANY).unwrap().facts, []);
    assert_eq!(store.find(&ada, reading("ada", 1).id()).unwrap(), []);
    let world = World::new();
    let pin =
        Pin { state: world.state(&reading("ada", 1).key(), 1), version: None, cause: PinCause::Operator };
    let error = store.pin(&ada, &pin, &act(ActKind::Pin, 1)).unwrap_err();
    assert!(matches!(error, StoreError::Missing { .. }), "{error}");
    assert_eq!((error.code(), error.remedy()), ("store_missing", Remedy::FixInput));
    assert!(store.release(&ada, &act(ActKind::Release, 1)).is_err());
    assert_eq!(store.audit(&AuditQuery::default(), MANY).unwrap(), [], "what failed is not recorded");
}

pub(super) fn a_missing_snapshot_is_a_typed_error(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let check = |store: &dyn Store| {
        let before = reading("ada", 1).key();
        let error = restore(store, &world, &before).unwrap_err();
        assert!(
            matches!(&error, RestoreError::NoSnapshotBefore { before: key, .. } if *key == before),
            "{error}"
        );
        assert_eq!((error.code(), error.remedy()), ("restore_no_snapshot_before", Remedy::FixInput));
        let error = store
            .check_and_pin(&user("ada"), &before, &act(ActKind::Pin, 1), &world.expectations())
            .unwrap_err();
        assert_eq!(error.code(), "restore_no_snapshot_before");
    };
    check(&*store);
    let facts = readings("ada", 1..=3);
    commit_one(&*store, UserCommit::facts(user("ada"), facts.clone()));
    check(&*store);
    world.settle(&*store, seen(&*store, "ada"), &[], &facts[2], 1);
    check(&*store);
}

pub(super) fn a_base_lies_strictly_before(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = long_life(&*store, &world, 400);
    drop(store);
    let store = bench.open();
    for n in [399, 300, 210, 150] {
        let before = facts[n].key();
        let restored = restore(&*store, &world, &before).unwrap();
        assert!(restored.state.key.as_ref().unwrap() < &before);
    }
    let last = restore(&*store, &world, &reading("ada", 401).key()).unwrap();
    assert_eq!(last.state.key.as_ref(), Some(&facts[399].key()), "the settled state is the newest");
    assert_eq!(last.state.chain, chain(1));
    assert_eq!(last.history.facts, []);
    assert!(restore(&*store, &world, &facts[0].key()).is_err());
}

pub(super) fn a_base_comes_with_every_fact_after_it(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = long_life(&*store, &world, 300);
    for n in (100..300).step_by(17) {
        let restored = restore(&*store, &world, &facts[n].key()).unwrap();
        let key = restored.state.key.clone().unwrap();
        let after: Vec<Fact> = facts.iter().filter(|fact| fact.key() > key).cloned().collect();
        let given: Vec<Fact> = restored.history.facts.into_iter().map(|recorded| recorded.fact).collect();
        assert_eq!(given, after);
        assert_eq!(restored.history.seen, seen(&*store, "ada"));
    }
    let some = store.check_and_restore(&user("ada"), &facts[200].key(), 10, &world.expectations()).unwrap();
    assert!(some.history.more && some.history.facts.len() == 10);
}

pub(super) fn a_late_fact_makes_later_snapshots_stale(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let mut facts = readings("ada", (1..=300).map(|n| n * 10));
    let snapshots =
        |facts: &[Fact], number| facts.iter().map(|fact| world.state(&fact.key(), number)).collect();
    let settled = Settled { snapshots: snapshots(&facts, 1), ..world.settled(&facts[299], 1) };
    let commit = |seen, facts, settled| UserCommit { seen, settled, ..UserCommit::facts(user("ada"), facts) };
    commit_one(&*store, commit(Seen::default(), facts.clone(), Some(settled)));
    let late = reading("ada", 1_505);
    commit_one(&*store, commit(Seen::default(), vec![late.clone()], None));
    for n in [299, 200, 155] {
        let restored = restore(&*store, &world, &facts[n].key()).unwrap();
        assert!(
            restored.state.key.clone().unwrap() < late.key(),
            "a base after the late fact would leave it out"
        );
        assert!(restored.history.facts.iter().any(|recorded| recorded.fact == late));
    }
    // The replay hands in new ones, and they count.
    let seen = seen(&*store, "ada");
    facts.insert(150, late.clone());
    let settled = Settled { snapshots: snapshots(&facts[100..], 2), ..world.settled(&facts[300], 2) };
    assert_eq!(commit_one(&*store, commit(seen, Vec::new(), Some(settled))).refused, None);
    let restored = restore(&*store, &world, &facts[290].key()).unwrap();
    assert!(restored.state.key.clone().unwrap() > late.key());
    assert_eq!(restored.state.chain, chain(2));
}

pub(super) fn what_is_touched_makes_snapshots_stale(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = long_life(&*store, &world, 300);
    // Fact 150 is moved to the end: its old place is touched too.
    let source = facts[150].source().clone();
    let moved = Fact::new(
        user("ada"),
        facts[150].id().clone(),
        reweigh_reading::Revision::new(1),
        at(5_000),
        source,
        facts[150].action().clone(),
    );
    let touches = Some(facts[150].key());
    commit_one(&*store, UserCommit { touches, ..UserCommit::facts(user("ada"), vec![moved]) });
    assert_eq!(store.load(&user("ada")).unwrap().unwrap().mark.key(), Some(&facts[150].key()));
    let restored = restore(&*store, &world, &at_key(9_000)).unwrap();
    assert!(restored.state.key.clone().unwrap() < facts[150].key());
}

fn at_key(second: i64) -> OrderKey {
    reading("ada", second).key()
}

pub(super) fn a_replay_is_never_long(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = long_life(&*store, &world, 1_000);
    for n in (200..1_000).step_by(23) {
        let key = restore(&*store, &world, &facts[n].key()).unwrap().state.key.clone().unwrap();
        let again = facts.iter().filter(|fact| fact.key() > key && fact.key() < facts[n].key()).count();
        assert!(again <= 200, "{again} facts lie between the base and fact {n}");
    }
}

pub(super) fn a_state_that_moved_refuses(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=4);
    world.settle(&*store, Seen::default(), &facts[..2], &facts[1], 1);
    let read = seen(&*store, "ada");
    assert_eq!(world.settle(&*store, read, &facts[2..3], &facts[2], 2).refused, None);
    let outcome = world.settle(&*store, read, &facts[3..], &facts[3], 3);
    assert_eq!(outcome.refused, Some(Refusal::StateMoved { seen: read.state, found: read.state + 1 }));
    assert_eq!(outcome.added, 1, "the facts are kept all the same");
    drop(store);
    let store = bench.open();
    assert_eq!(facts_of(&*store, "ada"), facts);
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!(loaded.mark.key(), Some(&facts[3].key()));
    let state = loaded.state.unwrap().check(&world.expectations()).unwrap();
    assert_eq!(state.chain, chain(2));
}

pub(super) fn a_fact_below_refuses_and_is_kept(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", [10, 20, 30]);
    world.settle(&*store, Seen::default(), &facts, &facts[2], 1);
    let read = seen(&*store, "ada");
    // While the replay folds, others come: one among what it folds, one after.
    for second in [25, 50] {
        commit_one(&*store, UserCommit::facts(user("ada"), readings("ada", [second])));
    }
    let newest = reading("ada", 40);
    let outcome = world.settle(&*store, read, std::slice::from_ref(&newest), &newest, 2);
    assert_eq!(outcome.refused, Some(Refusal::FactBelow { key: at_key(25) }));
    assert_eq!(facts_of(&*store, "ada"), readings("ada", [10, 20, 25, 30, 40, 50]));
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!(loaded.mark.key(), Some(&at_key(25)));
    assert_eq!(loaded.state.unwrap().look().unwrap().chain, chain(1));
}

pub(super) fn a_fact_after_is_the_mark(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", [10, 20]);
    world.settle(&*store, Seen::default(), &facts[..1], &facts[0], 1);
    commit_one(&*store, UserCommit::facts(user("ada"), facts[1..].to_vec()));
    let read = seen(&*store, "ada");
    commit_one(&*store, UserCommit::facts(user("ada"), readings("ada", [30])));
    assert_eq!(world.settle(&*store, read, &[], &facts[1], 2).refused, None);
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!(loaded.state.unwrap().look().unwrap().chain, chain(2));
    assert_eq!(loaded.mark.key(), Some(&at_key(30)), "what is not folded yet is marked");
    let base = restore(&*store, &world, &at_key(30)).unwrap();
    assert_eq!(base.state.chain, chain(2), "and is folded on from here");
}

pub(super) fn settling_clears_the_mark(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    for name in ["ada", "bob", "cyd"] {
        commit_one(&*store, UserCommit::facts(user(name), readings(name, [5, 3])));
    }
    let lines = |store: &dyn Store| store.marked(None, MANY).unwrap();
    let names: Vec<_> = lines(&*store).into_iter().map(|line| line.user).collect();
    assert_eq!(names, [user("ada"), user("bob"), user("cyd")]);
    let loaded = store.load(&user("bob")).unwrap().unwrap();
    assert_eq!(loaded.mark.key(), Some(&reading("bob", 3).key()));
    assert_eq!(loaded.state, None);
    let last = reading("bob", 5);
    assert_eq!(world.settle(&*store, loaded.seen, &[], &last, 1).refused, None);
    drop(store);
    let store = bench.open();
    let loaded = store.load(&user("bob")).unwrap().unwrap();
    assert!(loaded.mark.is_settled());
    assert_eq!(loaded.settled, Some(at(1_000_000)));
    let names: Vec<_> = lines(&*store).into_iter().map(|line| line.user).collect();
    assert_eq!(names, [user("ada"), user("cyd")]);
    assert_eq!(store.marked(Some(&user("ada")), 1).unwrap()[0].user, user("cyd"));
}

pub(super) fn the_last_versions_are_kept(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=15);
    for (n, fact) in (1..).zip(&facts) {
        let outcome = world.settle(&*store, seen(&*store, "ada"), std::slice::from_ref(fact), fact, n);
        assert_eq!(outcome.seen.state, n);
    }
    drop(store);
    let store = bench.open();
    let versions = store.versions(&user("ada")).unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, (6..=15).rev().collect::<Vec<u64>>());
    for version in &versions {
        let place = usize::try_from(version.number).unwrap() - 1;
        assert_eq!(version.key().unwrap(), Some(facts[place].key()));
        assert_eq!(version.chain, chain(version.number));
        assert_eq!(version.made, at(1_000_000));
        let state = version.state.check(&world.expectations()).unwrap();
        assert_eq!(state.height_m, Some(1.8), "it can be served");
    }
}

pub(super) fn another_fingerprint_is_passed_over(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = long_life(&*store, &world, 200);
    let other = Expectations { fingerprint: Fingerprint::of(2, &world.policy), policy: &world.policy };
    let error = store.check_and_restore(&user("ada"), &facts[199].key(), MANY, &other).unwrap_err();
    assert_eq!(error.code(), "restore_no_snapshot_before");
    // Folded anew under the other one, it is found.
    let mut state = UserState::unborn(other.fingerprint);
    state.key = Some(facts[199].key());
    state.chain = chain(9);
    let settled = Settled::new(Checked::state(state, &other).unwrap(), None);
    let commit = UserCommit {
        seen: seen(&*store, "ada"),
        settled: Some(settled),
        ..UserCommit::facts(user("ada"), Vec::new())
    };
    assert_eq!(commit_one(&*store, commit).refused, None);
    let restored = store.check_and_restore(&user("ada"), &at_key(900), MANY, &other).unwrap();
    assert_eq!(restored.state.chain, chain(9));
    let versions = store.versions(&user("ada")).unwrap();
    assert_eq!(versions[1].state.fingerprint().unwrap(), world.fingerprint, "old versions stay");
}

pub(super) fn verdicts_come_back(bench: &dyn Bench) {
    use reweigh_state::{Outcome, Reason, Verdict};
    let (store, world) = (bench.open(), World::new());
    let mut facts = readings("ada", 1..=150);
    let odd = Verdict { outcome: Outcome::Rejected, reason: Reason::OtherPerson };
    let verdict = |n: usize| if n.is_multiple_of(7) { odd } else { ACCEPTED };
    let judge = |fact: &Fact, verdict| Judgement { key: fact.key(), revision: fact.revision(), verdict };
    let verdicts = facts.iter().enumerate().map(|(n, fact)| judge(fact, verdict(n))).collect();
    let settled = Some(Settled { verdicts, ..world.settled(&facts[149], 1) });
    commit_one(&*store, UserCommit { settled, ..UserCommit::facts(user("ada"), facts.clone()) });
    // Late facts, and a correction, move nothing.
    let late = telling(&facts[20], 0, Action::Add(reading("ada", 7).measure().unwrap()));
    let retraction = telling(&facts[30], 1, Action::Retract);
    commit_one(
        &*store,
        UserCommit::facts(user("ada"), vec![late.clone(), retraction.clone(), reading("ada", 0)]),
    );
    let taken = Verdict { outcome: Outcome::Retracted, reason: Reason::Fits };
    let superseded = Verdict { outcome: Outcome::Superseded, reason: Reason::Fits };
    let verdicts = vec![judge(&facts[30], taken), judge(&retraction, ACCEPTED), judge(&facts[20], odd)];
    let settled = Some(Settled { verdicts, ..world.settled(&facts[149], 2) });
    let commit =
        UserCommit { seen: seen(&*store, "ada"), settled, ..UserCommit::facts(user("ada"), Vec::new()) };
    assert_eq!(commit_one(&*store, commit).refused, None);
    drop(store);
    let history = bench.open().history(&user("ada"), None, MANY).unwrap();
    let said = |fact: &Fact| {
        let all = history.facts.iter().chain(&history.told);
        all.into_iter().find(|recorded| recorded.fact == *fact).unwrap().verdict
    };
    let winner = if facts[20].compare_payload(&late).is_gt() { facts[20].clone() } else { late.clone() };
    let loser = if winner == late { facts[20].clone() } else { late };
    assert_eq!((said(&winner), said(&loser)), (Some(odd), Some(superseded)));
    assert_eq!((said(&facts[30]), said(&retraction)), (Some(taken), Some(ACCEPTED)));
    assert_eq!(said(&reading("ada", 0)), None);
    facts.remove(30);
    facts.remove(20);
    for fact in &facts {
        let n = usize::try_from(fact.at().unix_micros() / 1_000_000).unwrap() - 1;
        assert_eq!(said(fact), Some(verdict(n)), "fact {n}");
    }
}

pub(super) fn a_pin_is_served_until_released(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=2);
    world.settle(&*store, Seen::default(), &facts[..1], &facts[0], 1);
    let state = world.state(&facts[0].key(), 77);
    let pin = Pin { state: state.clone(), version: None, cause: PinCause::Recovered(3) };
    store.pin(&user("ada"), &pin, &act(ActKind::Pin, 5)).unwrap();
    // Settling goes on underneath.
    assert_eq!(world.settle(&*store, seen(&*store, "ada"), &facts[1..], &facts[1], 2).refused, None);
    drop(store);
    let store = bench.open();
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    let pinned = loaded.pin.unwrap();
    assert_eq!((pinned.cause, pinned.since, pinned.version), (PinCause::Recovered(3), at(5), None));
    assert_eq!(pinned.state.check(&world.expectations()).unwrap(), state);
    assert_eq!(loaded.state.unwrap().look().unwrap().chain, chain(2));
    let line = store.marked(None, MANY).unwrap().remove(0);
    assert_eq!((line.user, line.pinned), (user("ada"), Some(PinCause::Recovered(3))));
    store.release(&user("ada"), &act(ActKind::Release, 6)).unwrap();
    assert_eq!(store.load(&user("ada")).unwrap().unwrap().pin, None);
    assert_eq!(store.marked(None, MANY).unwrap(), []);
    let entries = store.audit(&AuditQuery::default(), MANY).unwrap();
    let acts: Vec<_> = entries.into_iter().map(|row| row.entry).collect();
    assert_eq!(acts, [AuditEntry::Act(act(ActKind::Pin, 5)), AuditEntry::Act(act(ActKind::Release, 6))]);
}

pub(super) fn an_operator_restores_a_version(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=5);
    for (n, fact) in (1..).zip(&facts) {
        world.settle(&*store, seen(&*store, "ada"), std::slice::from_ref(fact), fact, n);
    }
    let act = act(ActKind::Pin, 9);
    let version = store.check_and_pin(&user("ada"), &facts[3].key(), &act, &world.expectations()).unwrap();
    assert_eq!((version.number, version.chain), (3, chain(3)), "strictly before");
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    let pinned = loaded.pin.unwrap();
    assert_eq!((pinned.version, pinned.cause, &pinned.state), (Some(3), PinCause::Operator, &version.state));
    assert_eq!(loaded.state.unwrap().look().unwrap().chain, chain(5), "the settled state is untouched");
    let rows = store.audit(&AuditQuery { user: Some(user("ada")), ..AuditQuery::default() }, MANY).unwrap();
    assert_eq!(rows[0].entry, AuditEntry::Act(act));
}

pub(super) fn a_state_may_come_pinned(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let fact = reading("ada", 1);
    let old = world.state(&fact.key(), 1);
    let pin = Some(Pin { state: old.clone(), version: Some(1), cause: PinCause::Jump });
    let settled = Some(Settled { pin, ..world.settled(&fact, 2) });
    commit_one(&*store, UserCommit { settled, ..UserCommit::facts(user("ada"), vec![fact]) });
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    let pinned = loaded.pin.unwrap();
    assert_eq!(pinned.cause, PinCause::Jump);
    assert_eq!(pinned.state.check(&world.expectations()).unwrap(), old);
    assert_eq!(store.stats().unwrap().pinned, 1);
}
