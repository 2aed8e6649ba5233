//! Many at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reweigh_progress::Progress;

use crate::child::{Process, TIDY, manager, names, notes, plan};

const WRITERS: usize = 8;

/// How many each writer makes: a few in the check, where a slow disk is waited for by two readers that never rest;
/// `REWEIGH_RACE_UPDATES=100 cargo test -p reweigh-progress --test it race -- --nocapture` makes 800 of 800.
fn updates() -> usize {
    std::env::var("REWEIGH_RACE_UPDATES").ok().and_then(|count| count.parse().ok()).unwrap_or(15)
}

#[expect(clippy::disallowed_methods, reason = "only to print how long it took")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Reads file and backup as fast as it can until `done`; neither is ever torn, and no note goes away again.
fn read_all_the_time(path: &Path, done: &AtomicBool) -> usize {
    let (manager, backup) = (manager(path), path.with_extension("backup"));
    let (mut reads, mut notes_before) = (0, 0);
    while !done.load(Ordering::Relaxed) {
        let progress = manager.load().unwrap_or_else(|fault| panic!("read {reads}: {fault}"));
        let count = progress.notes().count();
        assert!(count >= notes_before, "{count} notes after {notes_before}");
        notes_before = count;
        if let Ok(bytes) = fs::read(&backup) {
            Progress::parse(bytes).unwrap_or_else(|findings| panic!("backup in read {reads}: {findings}"));
        }
        reads += 1;
        std::thread::yield_now();
    }
    reads
}

/// Ends the reader when it is dropped.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs the writers beside a reader, and checks that every note of every writer is there once.
fn race(name: &str, write: impl FnOnce(&Path) + Send) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_all_the_time(&path, &done));
        // However the writers end, the reader has to.
        let end = Ending(&done);
        let elapsed = timed(|| write(&path));
        drop(end);
        let reads = reader.join().unwrap();
        let updates = u32::try_from(WRITERS * updates()).unwrap();
        eprintln!(
            "{name}: {updates} durable updates in {elapsed:.2?} ({:.0}/s) beside {reads} reads",
            f64::from(updates) / elapsed.as_secs_f64()
        );
        assert!(reads > 2, "{reads}");
    });
    let notes = notes(&manager(&path).load().unwrap());
    let expected: BTreeSet<_> = (0..WRITERS)
        .flat_map(|writer| (0..updates()).map(move |number| format!("w{writer} {number}")))
        .collect();
    assert_eq!(notes.len(), WRITERS * updates());
    assert_eq!(notes.into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(names(folder.path()), TIDY);
}

/// Proves S15, G9.
#[test]
fn eight_processes_lose_no_update() {
    race("8 processes", |path| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| Process::spawn(&format!("notes {} w{writer}", updates()), path))
            .collect();
        for writer in writers {
            assert_eq!(writer.finish().len(), updates());
        }
    });
}

/// Proves G2, G9.
#[test]
fn eight_threads_lose_no_update() {
    race("8 threads", |path| {
        // One manager for all: each change takes the lock anew.
        let manager = manager(path);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let manager = &manager;
                scope.spawn(move || {
                    for number in 0..updates() {
                        manager.add_note(&format!("w{writer} {number}")).unwrap();
                    }
                });
            }
        });
    });
}
