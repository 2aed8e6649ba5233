//! Promises about the store as a whole.

use reweigh_state::{AuditOutcome, Restatement};

use super::Bench;
use super::world::{MANY, World, act, at, chain, commit_one, facts_of, reading, readings, user};
use crate::arrivals::Refusal;
use crate::audit::{ActKind, AuditEntry, AuditQuery};
use crate::commit::{Checkpoint, Settled, UserCommit};
use crate::journal::Sequence;
use crate::user::Seen;

pub(super) fn a_checkpoint_is_whole_or_not_at_all(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let row = store.append(&readings("ada", [1]), &[]).unwrap();
    let commit = |name: &str| {
        let fact = reading(name, 1);
        let settled = Some(world.settled(&fact, 1));
        UserCommit { settled, ..UserCommit::facts(user(name), vec![fact]) }
    };
    let checkpoint = |mark| Checkpoint {
        users: vec![commit("ada"), commit("bob")],
        rejects: vec![super::journal::rejected("a", "x")],
        audit: vec![(None, AuditEntry::Act(act(ActKind::Rebuild, 1)))],
        mark: Some(mark),
        ..Checkpoint::at(at(2))
    };
    assert!(store.commit(&checkpoint(Sequence::new(row.get() + 1))).is_err());
    assert_eq!(store.users(None, MANY).unwrap(), []);
    assert_eq!(store.rejects(0, MANY).unwrap(), []);
    assert_eq!(store.audit(&AuditQuery::default(), MANY).unwrap(), []);
    store.commit(&checkpoint(row)).unwrap();
    drop(store);
    let store = bench.open();
    assert_eq!(store.users(None, MANY).unwrap(), [user("ada"), user("bob")]);
    assert_eq!(store.rejects(0, MANY).unwrap().len(), 1);
    assert_eq!(store.audit(&AuditQuery::default(), MANY).unwrap().len(), 1);
    assert_eq!(store.mark().unwrap(), row);
}

pub(super) fn an_erased_user_leaves_a_stub(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=100);
    let restatement = Restatement { newest_kg: (None, Some(80.0)), ..Restatement::default() };
    let entry = AuditEntry::Act(act(ActKind::Rebuild, 3));
    let settled = Some(Settled {
        restatement: Some((restatement, "late".to_owned())),
        audit: vec![entry],
        snapshots: facts.iter().map(|fact| world.state(&fact.key(), 1)).collect(),
        ..world.settled(&facts[99], 1)
    });
    let read =
        commit_one(&*store, UserCommit { settled, ..UserCommit::facts(user("ada"), facts.clone()) }).seen;
    commit_one(&*store, UserCommit::facts(user("bob"), readings("bob", [1])));
    let mut both = readings("ada", [200]);
    both.extend(readings("bob", [2]));
    store.append(&both, &[]).unwrap();

    let erased = store.erase(&user("ada"), &act(ActKind::Erase, 9)).unwrap();
    assert_eq!((erased.facts, erased.audit), (100, 1));
    drop(store);
    let store = bench.open();
    let tail: Vec<_> =
        store.tail(Sequence::START, MANY).unwrap().into_iter().flat_map(|row| row.facts).collect();
    assert_eq!(tail, readings("bob", [2]), "the journal is rid of them too");
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    assert_eq!((loaded.facts, loaded.state, loaded.erased), (0, None, Some(at(9))));
    assert_eq!(facts_of(&*store, "ada"), []);
    assert_eq!(store.versions(&user("ada")).unwrap(), []);
    assert_eq!(store.outbox(0, MANY).unwrap(), []);
    assert!(store.check_and_restore(&user("ada"), &facts[99].key(), MANY, &world.expectations()).is_err());
    let rows = store.audit(&AuditQuery { user: Some(user("ada")), ..AuditQuery::default() }, MANY).unwrap();
    assert_eq!(rows[0].entry, AuditEntry::Erased { recorded: at(3) });
    assert_eq!(rows[1].entry, AuditEntry::Act(act(ActKind::Erase, 9)));
    // A fold that began before it comes too late.
    let outcome = world.settle(&*store, read, &[], &facts[99], 2);
    assert!(matches!(outcome.refused, Some(Refusal::StateMoved { .. })));
    // The user may come back.
    let again = reading("ada", 500);
    let seen = store.load(&user("ada")).unwrap().unwrap().seen;
    assert_eq!(world.settle(&*store, seen, std::slice::from_ref(&again), &again, 3).refused, None);
    assert_eq!(facts_of(&*store, "ada"), [again]);
    assert_eq!(facts_of(&*store, "bob"), readings("bob", [1]));
    // One who is only in the journal can be erased as well, and one who is nowhere cannot.
    store.append(&readings("cyd", [1]), &[]).unwrap();
    store.erase(&user("cyd"), &act(ActKind::Erase, 10)).unwrap();
    assert_eq!(store.tail(Sequence::START, MANY).unwrap().iter().flat_map(|row| &row.facts).count(), 1);
    assert!(store.erase(&user("dan"), &act(ActKind::Erase, 10)).is_err());
}

pub(super) fn a_backup_is_a_whole_store(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let facts = readings("ada", 1..=150);
    let row = store.append(&facts, &[]).unwrap();
    let settled = Some(world.settled(&facts[149], 1));
    let users = vec![UserCommit { settled, ..UserCommit::facts(user("ada"), facts.clone()) }];
    store.commit(&Checkpoint { users, mark: Some(row), ..Checkpoint::at(at(1)) }).unwrap();
    store.append(&readings("bob", [7]), &[]).unwrap();
    let path = bench.backup_path();
    store.backup(&path).unwrap();
    assert!(store.backup(&path).is_err(), "what is there is never overwritten");
    // The store goes on, and the backup does not see it.
    store.append(&readings("cyd", [8]), &[]).unwrap();
    commit_one(&*store, UserCommit::facts(user("ada"), readings("ada", [999])));

    let copy = bench.open_backup(&path);
    assert_eq!(copy.id(), store.id());
    assert_eq!(facts_of(&*copy, "ada"), facts);
    assert_eq!(copy.load(&user("ada")).unwrap().unwrap().state.unwrap().look().unwrap().chain, chain(1));
    let tail: Vec<_> =
        copy.tail(Sequence::START, MANY).unwrap().into_iter().flat_map(|row| row.facts).collect();
    assert_eq!(tail, readings("bob", [7]));
    assert!(copy.check().unwrap().is_sound());
    copy.append(&readings("dan", [1]), &[]).unwrap();
}

pub(super) fn counts_add_up(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    for (n, name) in (1..).zip(["ada", "bob", "cyd"]) {
        let facts = readings(name, 1..=n * 50);
        let last = facts.last().unwrap().clone();
        if n == 2 {
            commit_one(&*store, UserCommit::facts(user(name), facts));
        } else {
            world.settle(&*store, Seen::default(), &facts, &last, 1);
        }
    }
    store.append(&readings("ada", [900]), &[]).unwrap();
    let stats = store.stats().unwrap();
    assert_eq!((stats.users, stats.facts, stats.unsettled, stats.pinned), (3, 300, 1, 0));
    assert_eq!((stats.journal_rows, stats.outbox, stats.rejects, stats.audit), (1, 0, 0, 0));
    drop(store);
    let store = bench.open();
    let again = store.stats().unwrap();
    assert_eq!((again.users, again.facts, again.unsettled), (3, 300, 1));
    let report = store.check().unwrap();
    assert_eq!((report.users, report.facts), (3, 300));
}

pub(super) fn a_sound_store_is_found_sound(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    assert!(store.check().unwrap().is_sound());
    let facts = readings("ada", 1..=200);
    world.settle(&*store, Seen::default(), &facts, &facts[199], 1);
    store.append(&readings("bob", [1]), &[]).unwrap();
    let audit = vec![(None, AuditEntry::Act(act(ActKind::Rebuild, 1)))];
    store.commit(&Checkpoint { audit, ..Checkpoint::at(at(1)) }).unwrap();
    let report = store.check().unwrap();
    assert!(report.is_sound(), "{:?}", report.damage);
    let committed = AuditQuery { outcome: Some(AuditOutcome::Committed), ..AuditQuery::default() };
    assert_eq!(store.audit(&committed, MANY).unwrap().len(), 1);
}

pub(super) fn threads_lose_nothing(bench: &dyn Bench) {
    const EACH: i64 = 25;
    let (store, world) = (bench.open(), World::new());
    let names = ["ada", "bob", "cyd", "dan"];
    std::thread::scope(|scope| {
        for name in names {
            let (store, world) = (&*store, &world);
            scope.spawn(move || {
                for second in 1..=EACH {
                    let fact = reading(name, second);
                    store.append(std::slice::from_ref(&fact), &[]).unwrap();
                    let seen = store.load(&user(name)).unwrap().map(|loaded| loaded.seen).unwrap_or_default();
                    let outcome = world.settle(store, seen, std::slice::from_ref(&fact), &fact, 1);
                    assert_eq!((outcome.added, outcome.refused), (1, None), "users do not hinder each other");
                }
            });
        }
    });
    for name in names {
        assert_eq!(facts_of(&*store, name), readings(name, 1..=EACH));
    }
    let rows = store.tail(Sequence::START, MANY).unwrap();
    assert_eq!(rows.iter().map(|row| row.facts.len()).sum::<usize>(), 4 * 25);
}
