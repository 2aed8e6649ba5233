//! The journal.

use std::fs::OpenOptions;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use reweigh_reading::{Fact, Instant};
use reweigh_store::{Checkpoint, Sequence, Settled, Store, UserCommit};

use crate::world::{Folder, World, facts, raw_insert, user};
use crate::{time, versus};

/// About what a packed row takes.
fn bytes(facts: usize) -> Vec<u8> {
    (0..80 + facts * 7).map(|n| u8::try_from(n * 37 % 251).unwrap()).collect()
}

pub(crate) fn append_one() {
    let folder = Folder::new("append-one");
    let store = folder.store();
    let mut file = OpenOptions::new().create_new(true).append(true).open(folder.at("control")).unwrap();
    let (raw, row) = (folder.raw(), bytes(1));
    let (mut ours, mut control, mut library) = (Vec::new(), Vec::new(), Vec::new());
    for day in 0..1_500_usize {
        let one = facts(&user(1), day..day + 1);
        ours.push(time(|| store.append(&one, &[]).unwrap()).1);
        control.push(time(|| file.write_all(&row).and_then(|()| file.sync_data()).unwrap()).1);
        let key = (day as u64).to_be_bytes();
        library.push(time(|| raw_insert(&raw, [(&key[..], &row[..])].into_iter(), false)).1);
    }
    versus("one append, durable, against append + fdatasync", ours.clone(), control, "<= 1.3");
    versus("one append, durable, against raw redb", ours, library, "-");
}

pub(crate) fn append_thousand() {
    let folder = Folder::new("append-thousand");
    let (store, raw, row) = (folder.store(), folder.raw(), bytes(1_000));
    let (mut ours, mut control) = (Vec::new(), Vec::new());
    for turn in 0..400_usize {
        let many: Vec<Fact> = (0..100).flat_map(|n| facts(&user(turn * 100 + n), 0..10)).collect();
        ours.push(time(|| store.append(&many, &[]).unwrap()).1);
        let key = (turn as u64).to_be_bytes();
        control.push(time(|| raw_insert(&raw, [(&key[..], &row[..])].into_iter(), false)).1);
    }
    versus("append of 1,000 readings against raw redb, one packed row", ours, control, "<= 1.15");
    let stats = store.stats().unwrap();
    println!("  the journal takes {:.1} bytes per reading", stats.journal_bytes as f64 / 400_000.0);
}

pub(crate) fn append_beside_checkpoint() {
    const USERS: usize = 100_000;
    let (folder, world) = (Folder::new("beside"), World::new());
    let store = folder.store();
    let state = world.state(&facts(&user(0), 0..10));
    let commit_part = |part: usize, days: std::ops::Range<usize>| {
        let users = (part * 10_000..(part + 1) * 10_000).map(|number| {
            let seen = store.load(&user(number)).unwrap().map(|loaded| loaded.seen).unwrap_or_default();
            let settled = Some(Settled::new(state.clone(), None));
            UserCommit {
                seen,
                settled,
                ..UserCommit::facts(user(number), facts(&user(number), days.clone()))
            }
        });
        store.commit(&Checkpoint { users: users.collect(), ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
    };
    (0..USERS / 10_000).for_each(|part| commit_part(part, 0..10));
    // Another thread commits a part, then pauses for as many appends, and so on: both kinds meet the same machine.
    let (busy, done) = (AtomicBool::new(false), AtomicBool::new(false));
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let (pause, paused) = sync_channel::<()>(0);
    std::thread::scope(|scope| {
        let (busy, done, commit_part) = (&busy, &done, &commit_part);
        scope.spawn(move || {
            for part in 0..20 {
                busy.store(true, Ordering::Release);
                commit_part(part % 10, 10 + part / 10..11 + part / 10);
                busy.store(false, Ordering::Release);
                if paused.recv().is_err() {
                    break;
                }
            }
            done.store(true, Ordering::Release);
        });
        let mut since = 0;
        for day in 0.. {
            if done.load(Ordering::Acquire) {
                break;
            }
            let before = busy.load(Ordering::Acquire);
            let took = time(|| store.append(&facts(&user(1), day % 7_000..day % 7_000 + 1), &[]).unwrap()).1;
            match (before, busy.load(Ordering::Acquire)) {
                (true, true) => beside.push(took),
                (false, false) => {
                    alone.push(took);
                    since += 1;
                    if since % 200 == 0 {
                        let _ = pause.try_send(());
                    }
                }
                _ => {}
            }
        }
    });
    println!("{} appends beside transactions of 10,000 users, {} alone", beside.len(), alone.len());
    versus("an append beside a checkpoint of 100,000 users against one alone", beside, alone, "<= 2");
}

/// The tail alone.
pub(crate) fn reopen() {
    for tail in [100_000, 2_000_000] {
        reopen_with(0, tail);
    }
}

/// With 10 M readings of 100,000 users in the main file.
pub(crate) fn reopen_large() {
    for tail in [100_000, 2_000_000] {
        reopen_with(100_000, tail);
    }
}

fn reopen_with(users: usize, tail: usize) {
    let folder = Folder::new("reopen");
    let store = folder.store();
    if users > 0 {
        crate::users::fill(&store, &World::new(), users, 100);
    }
    for chunk in 0..tail / 1_000 {
        let many: Vec<Fact> = (0..100)
            .flat_map(|n| {
                let number = (chunk * 100 + n) % 100_000;
                let day = 100 + chunk / 1_000 * 10;
                facts(&user(number), day..day + 10)
            })
            .collect();
        store.append(&many, &[]).unwrap();
    }
    // As after a kill: nobody closes the files.
    for name in ["x.redb", "x.redb-journal"] {
        std::fs::copy(folder.at(name), folder.at(&name.replace("x.", "y."))).unwrap();
    }
    drop(store);
    for name in ["x.redb", "x.redb-journal"] {
        std::fs::rename(folder.at(&name.replace("x.", "y.")), folder.at(name)).unwrap();
    }
    let (store, open) = time(|| folder.store());
    let (_, first) = time(|| store.load(&user(1)).unwrap());
    let (_, history) = time(|| store.history(&user(1), None, 1_000).unwrap());
    let (read, rest) = time(|| {
        let (mut after, mut count) = (Sequence::START, 0);
        loop {
            let rows = store.tail(after, 50_000).unwrap();
            let Some(last) = rows.last() else { return count };
            after = last.sequence;
            count += rows.iter().map(|row| row.facts.len()).sum::<usize>();
        }
    });
    assert_eq!(read, tail);
    let stats = store.stats().unwrap();
    println!(
        "reopen after a kill, {} readings in {} MB, tail of {tail} in {} MB: open {open:?}, first read {first:?}, \
         one history {history:?}, whole tail {rest:?} ({:.1} M readings/s); wanted < 0.3 s / < 1 s",
        users * 100,
        stats.main_bytes >> 20,
        stats.journal_bytes >> 20,
        tail as f64 / rest.as_secs_f64() / 1e6
    );
}
