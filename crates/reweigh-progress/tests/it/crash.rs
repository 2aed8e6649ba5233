//! kill -9 at any point.
//!
//! `REWEIGH_KILL_ROUNDS=200 cargo test -p reweigh-progress --test it crash -- --nocapture` kills 200 times; without it
//! 40. `REWEIGH_KILL_SEED` repeats the draws of a run, though not where in its work a process was hit.

use std::fs;

use reweigh_progress::{Progress, Retry};

use crate::child::{Process, TIDY, manager, names, notes, plan};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name}={value}")))
}

/// Small numbers that differ: xorshift64*.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// Proves S1, G2, G4.
#[test]
fn kills_at_any_point_tear_nothing_and_lose_no_acknowledged_note() {
    let rounds = setting("REWEIGH_KILL_ROUNDS", 40);
    let seed = setting("REWEIGH_KILL_SEED", u64::from(std::process::id()));
    let mut draws = Draws(seed.max(1));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    let lock = folder.path().join("STATE.md.lock");
    manager(&path).initialize(&plan()).unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    let (mut holding, mut orphans, mut unacknowledged) = (0, 0, 0);
    for round in 0..rounds {
        let mut writer = Process::spawn(&format!("notes 100000 r{round}"), &path);
        for _ in 0..=draws.below(8) {
            acknowledged.extend(writer.hear());
        }
        // Three times of four it has begun another change, and is somewhere in it or in one after that.
        if draws.below(4) > 0 {
            while fs::read(&lock).unwrap().is_empty() {
                std::thread::yield_now();
            }
        }
        for _ in 0..draws.below(2_000) {
            std::thread::yield_now();
        }
        writer.child.kill().unwrap();
        writer.child.wait().unwrap();
        acknowledged.extend(std::iter::from_fn(|| writer.hear()));

        holding += u64::from(!fs::read(&lock).unwrap().is_empty());
        orphans += u64::from(names(folder.path()).len() > TIDY.len());
        let context = format!("round {round} of seed {seed}");
        let progress = manager(&path).load().unwrap_or_else(|fault| panic!("{context}: {fault}"));
        if let Ok(backup) = fs::read(path.with_extension("backup")) {
            Progress::parse(backup).unwrap_or_else(|findings| panic!("{context}: backup: {findings}"));
        }
        let found = notes(&progress);
        // One note may be in the file whose writer did not live to say so.
        let missing: Vec<_> = acknowledged.iter().filter(|note| !found.contains(note)).collect();
        assert!(missing.is_empty(), "{context}: lost {missing:?}");
        let more = found.len() - acknowledged.len();
        assert!(more <= 1, "{context}: {more} notes that nobody made");
        unacknowledged += more;

        // The next one finds the lock free and leaves the folder tidy.
        let survivor = format!("survivor {round}");
        manager(&path).with_retry(Retry::never()).add_note(&survivor).unwrap();
        acknowledged = notes(&manager(&path).load().unwrap());
        assert_eq!(acknowledged.last(), Some(&survivor), "{context}");
        assert_eq!(names(folder.path()), TIDY, "{context}");
    }
    eprintln!(
        "{rounds} kills (seed {seed}): {holding} while holding the lock, {orphans} with a temporary file left, \
         {unacknowledged} between writing and saying so; {} notes",
        acknowledged.len()
    );
    assert!(holding > rounds / 2, "only {holding} of {rounds} kills hit a change");
}
