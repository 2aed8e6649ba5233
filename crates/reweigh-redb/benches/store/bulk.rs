//! Many users at once.

use std::time::Duration;

use reweigh_reading::Instant;
use reweigh_store::{Checkpoint, Settled, Store, UserCommit};

use crate::users::fill;
use crate::world::{Folder, World, facts, raw_insert, spread, user};
use crate::{busy, time, versus};

/// Whether the full size is asked for.
fn million() -> bool {
    std::env::args().any(|word| word == "--million")
}

pub(crate) fn checkpoint() {
    const TOUCHED: usize = 10_000;
    let users = if million() { 1 << 20 } else { 1 << 17 };
    let (folder, world) = (Folder::new("checkpoint"), World::new());
    let (store, raw) = (folder.store(), folder.raw());
    fill(&store, &world, users, 10);
    let size = usize::try_from(store.stats().unwrap().main_bytes).unwrap() / users;
    // The library's own share of a row is about 60 bytes; each state that is settled leaves a version of about 270.
    let first_row = size.saturating_sub(60);
    let row = vec![7_u8; first_row];
    for first in (0..users).step_by(1 << 13) {
        let keys: Vec<_> = (first..first + (1 << 13)).map(user).collect();
        raw_insert(&raw, keys.iter().map(|key| (key.as_str().as_bytes(), row.as_slice())), true);
    }
    let state = world.state(&facts(&user(0), 0..20));
    let (mut ours, mut control) = (Vec::new(), Vec::new());
    for turn in 0..4_usize {
        let mut numbers: Vec<usize> =
            spread(TOUCHED, users).map(|number| (number + turn * 997) % users).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let days = 10 + turn * 10..20 + turn * 10;
        let commits = numbers.iter().map(|number| {
            let seen = store.load(&user(*number)).unwrap().unwrap().seen;
            let settled = Some(Settled::new(state.clone(), None));
            UserCommit {
                seen,
                settled,
                ..UserCommit::facts(user(*number), facts(&user(*number), days.clone()))
            }
        });
        let checkpoint = Checkpoint { users: commits.collect(), ..Checkpoint::at(Instant::UNIX_EPOCH) };
        ours.push(time(|| store.commit(&checkpoint).unwrap()).1);
        let keys: Vec<_> = numbers.iter().map(|number| user(*number)).collect();
        let row = vec![u8::try_from(turn).unwrap(); first_row + 330 * (turn + 1)];
        let rows = keys.iter().map(|key| (key.as_str().as_bytes(), row.as_slice()));
        control.push(time(|| raw_insert(&raw, rows, true)).1);
    }
    println!("{users} users of {size} bytes in the file, {TOUCHED} touched with 10 readings each");
    versus("checkpoint against raw redb, as many spread rows", ours, control, "<= 1.25");
}

/// Every reading of each user at once, user by user; the control is the bare library with as many rows of as many bytes
/// in order, turn by turn.
pub(crate) fn bulk() {
    const DAYS: usize = 100;
    const EACH: usize = 5_000;
    let (folder, world) = (Folder::new("bulk"), World::new());
    let (store, raw) = (folder.store(), folder.raw());
    let users = if million() { 100_000 } else { 20_000 };
    let all = facts(&user(0), 0..DAYS);
    let (state, snapshot) = (world.state(&all), world.state(&all[..64]));
    let (mut ours, mut control, mut core) = (Vec::new(), Vec::new(), Duration::ZERO);
    // A head, and a page with what stands beside it.
    let (head, page) = (vec![7_u8; 1_500], vec![7_u8; 1_000]);
    for first in (0..users).step_by(EACH) {
        let commits = (first..first + EACH).map(|number| {
            let settled = Settled { snapshots: vec![snapshot.clone()], ..Settled::new(state.clone(), None) };
            UserCommit {
                settled: Some(settled),
                ..UserCommit::facts(user(number), facts(&user(number), 0..DAYS))
            }
        });
        let checkpoint = Checkpoint { users: commits.collect(), ..Checkpoint::at(Instant::UNIX_EPOCH) };
        let ((_, on_core), took) = time(|| busy(|| store.commit(&checkpoint).unwrap()));
        ours.push(took);
        core += on_core;
        let keys: Vec<String> =
            (first * 2..(first + EACH) * 2).map(|row| format!("user-{row:012}")).collect();
        let rows = keys.iter().zip([&head, &page].into_iter().cycle());
        let rows = rows.map(|(key, row)| (key.as_bytes(), row.as_slice()));
        control.push(time(|| raw_insert(&raw, rows, true)).1);
    }
    let readings = users * DAYS;
    let took: Duration = ours.iter().sum();
    store.compact().unwrap();
    let bytes = store.stats().unwrap().main_bytes;
    println!(
        "bulk: {readings} readings of {users} users in {took:?}: {:.2} M readings/s, {:.2} M/s of a core, {:.1} bytes \
         each; wanted >= 3 M/s",
        readings as f64 / took.as_secs_f64() / 1e6,
        readings as f64 / core.as_secs_f64() / 1e6,
        bytes as f64 / readings as f64
    );
    versus("  against raw redb, as many bytes in order", ours, control, "-");
}
