//! How many versions are kept, and that each that is kept can be served.

use reweigh_reading::{Fact, Instant, Measure, OrderKey, Source, Unit, UserId};
use reweigh_redb::{Options, RedbStore};
use reweigh_state::{Chain, Checked, CheckedPolicy, Expectations, Fingerprint, Profile, UserState};
use reweigh_store::{Act, ActKind, Checkpoint, PinCause, Settled, Store, UserCommit};

use crate::bench::{OnDisk, options};

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn fact(number: u64) -> Fact {
    let at = Instant::from_unix_seconds(i64::try_from(number).unwrap() * 60).unwrap();
    Fact::reading(ada(), at, Source::unknown(), Measure::new(80.5, Unit::Kilogram).unwrap())
}

fn policy() -> CheckedPolicy {
    Profile::Balanced.policy().check().unwrap()
}

fn state(key: OrderKey, number: u64, policy: &CheckedPolicy) -> Checked<UserState> {
    let fingerprint = Fingerprint::of(1, policy);
    let mut state = UserState::unborn(fingerprint);
    state.key = Some(key);
    state.height_m = (!number.is_multiple_of(3)).then_some(1.8);
    state.chain = Chain::default().link(&number.to_le_bytes());
    Checked::state(state, &Expectations { fingerprint, policy }).unwrap()
}

fn open(disk: &OnDisk, versions: usize, older_versions: usize) -> RedbStore {
    RedbStore::open(&disk.path(), Options { versions, older_versions, ..options() }).unwrap()
}

/// Settles ada so many times more.
fn settle(store: &RedbStore, numbers: std::ops::RangeInclusive<u64>) {
    for number in numbers {
        let fact = fact(number);
        let settled = Some(Settled::new(state(fact.key(), number, &policy()), None));
        let seen = store.load(&ada()).unwrap().map(|loaded| loaded.seen).unwrap_or_default();
        let user = UserCommit { seen, settled, ..UserCommit::facts(ada(), vec![fact]) };
        let checkpoint = Checkpoint { users: vec![user], ..Checkpoint::at(Instant::UNIX_EPOCH) };
        assert_eq!(store.commit(&checkpoint).unwrap()[0].refused, None);
    }
}

fn act(kind: ActKind) -> Act {
    Act { kind, by: "x".to_owned(), reason: "y".to_owned(), at: Instant::UNIX_EPOCH, correlation: 0 }
}

/// The numbers of all versions; each is what was settled, and can be served.
fn kept(store: &RedbStore) -> Vec<u64> {
    let policy = policy();
    let expectations = Expectations { fingerprint: Fingerprint::of(1, &policy), policy: &policy };
    let versions = store.versions(&ada()).unwrap();
    for version in &versions {
        let settled = state(fact(version.number).key(), version.number, &policy);
        assert_eq!((version.key().unwrap(), version.chain), (settled.key.clone(), settled.chain));
        let next = fact(version.number + 1).key();
        let pinned = store.check_and_pin(&ada(), &next, &act(ActKind::Pin), &expectations).unwrap();
        assert_eq!(&pinned, version);
        let served = store.load(&ada()).unwrap().unwrap().pin.unwrap();
        assert_eq!((served.version, served.cause), (Some(version.number), PinCause::Operator));
        assert_eq!(served.state.check(&expectations).unwrap().height_m, settled.height_m);
    }
    assert!(store.check().unwrap().is_sound());
    versions.iter().map(|version| version.number).collect()
}

fn down(numbers: std::ops::RangeInclusive<u64>) -> Vec<u64> {
    numbers.rev().collect()
}

/// Proves F2.
#[test]
fn older_versions_are_pruned_unless_asked_for() {
    let disk = OnDisk::new();
    let store = open(&disk, 10, 0);
    settle(&store, 1..=30);
    assert_eq!(kept(&store), down(21..=30));
}

/// Proves F2.
#[test]
fn older_versions_are_compressed_and_served() {
    let disk = OnDisk::new();
    let store = open(&disk, 10, 20);
    settle(&store, 1..=70);
    // Sixteen go at a time, so between none and fifteen more than were asked for are there.
    assert_eq!(kept(&store), down(17..=70));
    drop(store);
    let store = open(&disk, 10, 20);
    settle(&store, 71..=100);
    let numbers = kept(&store);
    assert!((30..=30 + 30).contains(&numbers.len()), "{numbers:?}");
    assert_eq!(numbers, down(100 + 1 - numbers.len() as u64..=100));
    // Another policy holds from the next settled state on.
    drop(store);
    let store = open(&disk, 3, 0);
    settle(&store, 101..=101);
    assert_eq!(kept(&store), down(99..=101));
    drop(store);
    let store = open(&disk, 1, 100);
    settle(&store, 102..=160);
    assert_eq!(kept(&store), down(99..=160));
}

/// Proves F2, F9.
#[test]
fn older_versions_are_backed_up_and_erased() {
    let disk = OnDisk::new();
    let store = open(&disk, 2, 40);
    settle(&store, 1..=60);
    let backup = disk.path().with_file_name("copy.redb");
    store.backup(&backup).unwrap();
    let copy = RedbStore::open(&backup, Options { create: None, ..options() }).unwrap();
    assert_eq!(copy.versions(&ada()).unwrap(), store.versions(&ada()).unwrap());
    assert!(copy.versions(&ada()).unwrap().len() >= 42);
    store.erase(&ada(), &act(ActKind::Erase)).unwrap();
    assert_eq!(store.versions(&ada()).unwrap(), []);
    assert!(store.check().unwrap().is_sound());
}
