//! Single users.

use std::sync::Arc;
use std::time::Duration;

use redb::{Database, ReadableDatabase};
use reweigh_reading::{Fact, Instant, MadeId};
use reweigh_redb::{DiskMedium, Medium};
use reweigh_store::{Checkpoint, Settled, Store, UserCommit};

use crate::world::{
    Folder, RAW, RAW_SECOND, RAW_THIRD, Unsynced, World, fact, facts, raw_insert, scale, spread, user,
};
use crate::{quantile, versus};

fn commit_one(store: &impl Store, commit: UserCommit) {
    let outcome =
        store.commit(&Checkpoint { users: vec![commit], ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
    assert_eq!(outcome[0].refused, None);
}

/// Fills a store with users who have the same days behind them.
pub(crate) fn fill(store: &impl Store, world: &World, users: usize, days: usize) {
    let state = world.state(&facts(&user(0), 0..days));
    for first in (0..users).step_by(10_000) {
        let commits = (first..(first + 10_000).min(users)).map(|number| {
            let settled = Some(Settled::new(state.clone(), None));
            UserCommit { settled, ..UserCommit::facts(user(number), facts(&user(number), 0..days)) }
        });
        store
            .commit(&Checkpoint { users: commits.collect(), ..Checkpoint::at(Instant::UNIX_EPOCH) })
            .unwrap();
    }
}

pub(crate) fn size() {
    let world = World::new();
    let measure =
        |name: &str, users: usize, days: usize, with_snapshots: bool, given: &dyn Fn(Fact) -> Fact| {
            let folder = Folder::new("size");
            let store = folder.store();
            for first in (0..users).step_by(1_000) {
                let commits = (first..(first + 1_000).min(users)).map(|number| {
                    let all: Vec<Fact> = facts(&user(number), 0..days).into_iter().map(given).collect();
                    let snapshots = if with_snapshots {
                        (1..=days / 64).map(|page| world.state(&all[..(page * 64).min(days)])).collect()
                    } else {
                        Vec::new()
                    };
                    let settled = Some(Settled { snapshots, ..Settled::new(world.state(&all[..10]), None) });
                    UserCommit { settled, ..UserCommit::facts(user(number), all) }
                });
                store
                    .commit(&Checkpoint { users: commits.collect(), ..Checkpoint::at(Instant::UNIX_EPOCH) })
                    .unwrap();
            }
            store.compact().unwrap();
            let bytes = store.stats().unwrap().main_bytes;
            (name.to_owned(), bytes as f64 / users as f64, bytes as f64 / (users * days) as f64)
        };
    let made = |fact: Fact| fact;
    let with_id = |fact: Fact, id: String| {
        let id = id.parse().unwrap();
        Fact::new(
            fact.user().clone(),
            id,
            fact.revision(),
            fact.at(),
            fact.source().clone(),
            fact.action().clone(),
        )
    };
    let numbered = |fact: Fact| {
        let id = format!("scale-{:010}", fact.at().unix_micros() / 1_000_000);
        with_id(fact, id)
    };
    let random = |fact: Fact| {
        let made = MadeId::of_reading(fact.user(), fact.source(), fact.at(), fact.measure().unwrap());
        let hex = format!("{:032x}", u128::from_be_bytes(made.bytes()));
        let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        with_id(fact, parts.join("-"))
    };
    let (_, per_user, _) = measure("ten", 20_000, 10, false, &made);
    println!("bytes per user with 10 readings and one version: {per_user:.0}; wanted <= 3,000");
    let (_, _, plain) = measure("pages", 200, 64 * 100, false, &made);
    let (_, _, with) = measure("snapshots", 40, 64 * 100, true, &made);
    println!(
        "bytes per reading in full pages, made ids: {plain:.1}; with snapshots {with:.1}; wanted <= 12 / <= 28"
    );
    let (_, _, numbered) = measure("numbered", 200, 64 * 100, false, &numbered);
    let (_, _, random) = measure("random", 200, 64 * 100, false, &random);
    println!("  ids given: numbers after a word {numbered:.1}, random uuids as text {random:.1}");
    let state = world.state(&facts(&user(0), 0..60));
    println!("a state takes {} bytes", state.encode().len());
}

/// What a compressor would make of the versions of one user.
pub(crate) fn versions() {
    let world = World::new();
    let (folder, all) = (Folder::new("versions"), facts(&user(0), 0..40));
    let store = folder.store();
    for day in 20..all.len() {
        let seen = store.load(&user(0)).unwrap().map(|loaded| loaded.seen).unwrap_or_default();
        let settled = Some(Settled::new(world.state(&all[..=day]), None));
        let new: Vec<Fact> = if day == 20 { all[..=day].to_vec() } else { vec![all[day].clone()] };
        commit_one(&store, UserCommit { seen, settled, ..UserCommit::facts(user(0), new) });
    }
    let versions = store.versions(&user(0)).unwrap();
    let sizes: Vec<usize> = versions.iter().map(|version| version.state.as_bytes().len()).collect();
    println!("versions of one user, bytes each: {sizes:?}");
}

pub(crate) fn load() {
    const USERS: usize = 100_000;
    let (folder, world) = (Folder::new("load"), World::new());
    let (store, raw) = (folder.store(), folder.raw());
    fill(&store, &world, USERS, 10);
    let row = vec![7_u8; 1_200];
    for first in (0..USERS).step_by(10_000) {
        let keys: Vec<_> = (first..first + 10_000).map(user).collect();
        raw_insert(&raw, keys.iter().map(|key| (key.as_str().as_bytes(), row.as_slice())), true);
    }
    let (mut ours, mut control) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        for number in spread(20_000, USERS) {
            let user = user(number);
            ours.push(crate::time(|| store.load(&user).unwrap().unwrap()).1);
            control.push(
                crate::time(|| {
                    let transaction = raw.begin_read().unwrap();
                    let table = transaction.open_table(RAW).unwrap();
                    table.get(user.as_str().as_bytes()).unwrap().unwrap().value().to_vec()
                })
                .1,
            );
        }
    }
    versus("load one user against a raw read of those bytes", ours, control, "<= 1.3");
}

/// Check, restore and commit of spread users: with syncs by the clock, and without by the time on the core.
///
/// Proves A9.
pub(crate) fn restore() {
    for users in [1, 100_000] {
        replays(users, &(Arc::new(Unsynced) as Arc<dyn Medium>), "on the core, without syncs", busy);
        replays(users, &(Arc::new(DiskMedium) as Arc<dyn Medium>), "by the clock, with syncs", time);
    }
}

/// A way to say how long something takes.
type Watch = fn(&mut dyn FnMut()) -> Duration;

fn time(work: &mut dyn FnMut()) -> Duration {
    crate::time(work).1
}

fn busy(work: &mut dyn FnMut()) -> Duration {
    crate::busy(work).1
}

fn replays(users: usize, medium: &Arc<dyn Medium>, how: &str, watch: Watch) {
    let (folder, world) = (Folder::new("restore"), World::new());
    let (store, raw) = (folder.store_on(Arc::clone(medium)), folder.raw_on(&**medium));
    fill(&store, &world, users, 100);
    fill_raw(&raw, users);
    let all = facts(&user(0), 0..100);
    let (state, snapshot) = (world.state(&all), world.state(&all[..64]));
    let (mut wholes, mut restores, mut commits, mut one, mut three) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let row = vec![7_u8; 2_000];
    for number in spread(4_000, users) {
        let user = user(number);
        let before = fact(&user, &scale(), 90).key();
        let mut found = None;
        let restoring = watch(&mut || {
            found = Some(store.check_and_restore(&user, &before, 1_000, &world.expectations()));
        });
        let found = found.unwrap();
        let seen = found.map_or_else(|_| store.load(&user).unwrap().unwrap().seen, |base| base.history.seen);
        let settled = Settled { snapshots: vec![snapshot.clone()], ..Settled::new(state.clone(), None) };
        let commit =
            UserCommit { seen, settled: Some(settled), ..UserCommit::facts(user.clone(), Vec::new()) };
        let committing = watch(&mut || commit_one(&store, commit.clone()));
        restores.push(restoring);
        commits.push(committing);
        wholes.push(restoring + committing);
        let key = user.as_str().as_bytes();
        one.push(watch(&mut || raw_insert(&raw, [(key, row.as_slice())].into_iter(), true)));
        three.push(watch(&mut || three_rows(&raw, key)));
    }
    println!(
        "{users} users, {how}: check and restore p50 {:?} p99 {:?}; with the commit p50 {:?} p99 {:?}; \
         wanted p99 < 200 us besides the syncs",
        quantile(&mut restores, 500),
        quantile(&mut restores, 990),
        quantile(&mut wholes, 500),
        quantile(&mut wholes, 990)
    );
    let name = "  its commit against raw redb, one row of as many, quick-repair";
    versus(name, commits.clone(), one, "-");
    versus("  against raw redb, three rows in three tables, as it writes them", commits, three, "-");
}

/// The control has as many users, a head and a story each.
fn fill_raw(raw: &Database, users: usize) {
    let (head, story) = (vec![7_u8; 2_000], vec![7_u8; 700]);
    for first in (0..users).step_by(10_000) {
        let keys: Vec<_> = (first..(first + 10_000).min(users)).map(user).collect();
        raw_insert(raw, keys.iter().map(|key| (key.as_str().as_bytes(), head.as_slice())), true);
        let transaction = raw.begin_write().unwrap();
        {
            let mut second = transaction.open_table(RAW_SECOND).unwrap();
            for key in &keys {
                second.insert(key.as_str().as_bytes(), story.as_slice()).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

/// What a replay's commit writes: a head, a story with its snapshot, and the counters.
fn three_rows(raw: &Database, key: &[u8]) {
    let mut transaction = raw.begin_write().unwrap();
    transaction.set_quick_repair(true);
    for (table, key, bytes) in [(RAW, key, 2_000), (RAW_SECOND, key, 700), (RAW_THIRD, b"counters", 40)] {
        transaction.open_table(table).unwrap().insert(key, vec![7_u8; bytes].as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}
