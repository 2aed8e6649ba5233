//! Bit rot: every byte of a small store is flipped in turn.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use reweigh_reading::{Action, Fact, Instant, Measure, ReadingId, Revision, Source, Unit, UserId};
use reweigh_redb::{Options, PowerMedium, RedbStore};
use reweigh_state::{Chain, Checked, Expectations, Fingerprint, Profile, UserState};
use reweigh_store::{
    Act, ActKind, AuditEntry, AuditQuery, Checkpoint, Sequence, Settled, Store, StoreError, UserCommit,
};

use crate::bench::options;

const MAIN: &str = "x.redb";
const TAIL: &str = "x.redb-journal";

fn fact(user: &UserId, second: i64) -> Fact {
    let at = Instant::from_unix_seconds(second * 60).unwrap();
    Fact::reading(user.clone(), at, Source::unknown(), Measure::new(80.5, Unit::Kilogram).unwrap())
}

fn users() -> [UserId; 2] {
    ["ada", "bob"].map(|name| UserId::new(name).unwrap())
}

/// A store with something in every table of both files, closed as by a crash.
fn store(medium: &PowerMedium) {
    let store = RedbStore::open(MAIN.as_ref(), on(medium)).unwrap();
    let policy = Profile::Balanced.policy().check().unwrap();
    let fingerprint = Fingerprint::of(1, &policy);
    let act = Act {
        kind: ActKind::Rebuild,
        by: "x".to_owned(),
        reason: "y".to_owned(),
        at: Instant::UNIX_EPOCH,
        correlation: 0,
    };
    let mut commits = Vec::new();
    for user in users() {
        let mut facts: Vec<Fact> = (0..100).map(|n| fact(&user, n)).collect();
        let first = facts[7].clone();
        let id: ReadingId = first.id().clone();
        let last = facts[99].key();
        facts.push(Fact::new(
            user.clone(),
            id,
            Revision::new(1),
            first.at(),
            first.source().clone(),
            Action::Retract,
        ));
        let state = |key| {
            let mut state = UserState::unborn(fingerprint);
            state.key = Some(key);
            Checked::state(state, &Expectations { fingerprint, policy: &policy }).unwrap()
        };
        let snapshots = vec![state(facts[63].key())];
        let audit = vec![AuditEntry::Act(act.clone())];
        let settled = Settled { snapshots, audit, ..Settled::new(state(last), None) };
        commits.push(UserCommit { settled: Some(settled), ..UserCommit::facts(user, facts) });
    }
    let row = store.append(&[fact(&users()[0], 0)], &[]).unwrap();
    store
        .commit(&Checkpoint { users: commits, mark: Some(row), ..Checkpoint::at(Instant::UNIX_EPOCH) })
        .unwrap();
    // Seventeen more states of one user, so that there are versions in the archive.
    for number in 1..18_u64 {
        let user = users()[1].clone();
        let seen = store.load(&user).unwrap().unwrap().seen;
        let mut state = UserState::unborn(fingerprint);
        state.key = Some(fact(&user, 99).key());
        state.chain = Chain::default().link(&number.to_le_bytes());
        let state = Checked::state(state, &Expectations { fingerprint, policy: &policy }).unwrap();
        let settled = Some(Settled::new(state, None));
        let users = vec![UserCommit { seen, settled, ..UserCommit::facts(user, Vec::new()) }];
        store.commit(&Checkpoint { users, ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
    }
    store.commit(&Checkpoint::at(Instant::UNIX_EPOCH)).unwrap();
    store.append(&[fact(&users()[1], 500)], &[]).unwrap();
}

fn on(medium: &PowerMedium) -> Options {
    Options {
        medium: Arc::new(medium.clone()),
        cache_bytes: 1 << 20,
        journal_cache_bytes: 1 << 20,
        versions: 1,
        older_versions: 1,
        ..options()
    }
}

/// Everything that is served, as text.
fn served(store: &RedbStore) -> Result<Vec<String>, StoreError> {
    let mut said = Vec::new();
    for user in users() {
        said.push(format!("{:?}", store.load(&user)?));
        said.push(format!("{:?}", store.history(&user, None, 1_000)?));
        said.push(format!("{:?}", store.versions(&user)?));
    }
    said.push(format!("{:?}", store.tail(Sequence::START, 1_000)?));
    said.push(format!("{:?}", store.audit(&AuditQuery::default(), 1_000)?));
    said.push(format!("{:?}", store.users(None, 100)?));
    Ok(said)
}

/// What became of a flip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The store does not open, and says so.
    Refused,
    /// A read says that it is corrupt.
    Told,
    /// Reads are right, and the check finds it.
    Checked,
    /// Nothing is wrong: the byte was of no use.
    Harmless,
    /// Reads are wrong, and only the check finds it.
    ServedThenChecked,
    /// Reads are wrong, and nothing finds it.
    Served,
    /// A panic came through.
    Panicked,
}

fn flip(ready: &PowerMedium, file: &str, at: usize, right: &[String]) -> Fate {
    let medium = ready.copy();
    let mut bytes = medium.bytes(file.as_ref()).unwrap();
    bytes[at] ^= 0x10;
    medium.set_bytes(Path::new(file), bytes);
    let look = || {
        let Ok(store) = RedbStore::open(MAIN.as_ref(), on(&medium)) else { return Fate::Refused };
        let Ok(read) = served(&store) else { return Fate::Told };
        let sound = store.check().is_ok_and(|report| report.is_sound());
        match (read == right, sound) {
            (true, true) => Fate::Harmless,
            (true, false) => Fate::Checked,
            (false, false) => Fate::ServedThenChecked,
            (false, true) => Fate::Served,
        }
    };
    catch_unwind(AssertUnwindSafe(look)).unwrap_or(Fate::Panicked)
}

/// All places of each page that has anything in it, and one of each that has nothing; or of every so many one that is
/// not empty, some that are, and two in the head of each page: most of the library's panics came from there.
fn places(bytes: &[u8], stride: usize) -> Vec<usize> {
    if stride == 1 {
        let pages = bytes.chunks(4_096).zip((0..).step_by(4_096));
        let most = |page: &[u8]| if page.iter().all(|byte| *byte == 0) { 1 } else { page.len() };
        return pages.flat_map(|(page, from)| from..from + most(page)).collect();
    }
    let (full, empty): (Vec<usize>, Vec<usize>) = (0..bytes.len()).partition(|at| bytes[*at] != 0);
    let heads = full.iter().copied().filter(|at| matches!(at % 4_096, 2 | 8));
    let mut places: Vec<usize> = heads.collect();
    places.extend(full.iter().step_by(stride));
    places.extend(empty.iter().step_by(stride * 997));
    places.sort_unstable();
    places.dedup();
    places
}

/// A part of the places in every run; `REWEIGH_ROT=1` takes all of them.
///
/// Proves F6, W7.
#[test]
fn no_flip_is_served_as_data() {
    let stride = if std::env::var_os("REWEIGH_ROT").is_some() { 1 } else { 41 };
    let ready = PowerMedium::new();
    store(&ready);
    ready.reboot(&mut |_| reweigh_redb::Fate::Kept);
    let right = served(&RedbStore::open(MAIN.as_ref(), on(&ready.copy())).unwrap()).unwrap();
    // The library's panics are caught and told; their words would only fill the output.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut counts: BTreeMap<(&str, Fate), Vec<usize>> = BTreeMap::new();
    for file in [MAIN, TAIL] {
        let bytes = ready.bytes(file.as_ref()).unwrap();
        let places = places(&bytes, stride);
        println!("{file}: {} flips in {} bytes", places.len(), bytes.len());
        for at in places {
            counts.entry((file, flip(&ready, file, at, &right))).or_default().push(at);
        }
    }
    std::panic::set_hook(hook);
    for ((file, fate), places) in &counts {
        println!("{file}: {fate:?} {}, first at {:?}", places.len(), &places[..places.len().min(20)]);
    }
    assert!(counts.keys().all(|(_, fate)| *fate != Fate::Panicked), "a panic came through");
    assert!(counts.keys().all(|(_, fate)| *fate != Fate::Served), "wrong data passes even the check");
    for fate in [Fate::Refused, Fate::Told, Fate::Harmless] {
        assert!(counts.keys().any(|(_, found)| *found == fate), "no flip was {fate:?}");
    }
}
