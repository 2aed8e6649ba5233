//! What an engine has done since it was opened, counted.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use reweigh_reading::Instant;

/// A counter that only grows.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// When something happened last.
#[derive(Debug, Default)]
pub(crate) struct Last(AtomicI64);

impl Last {
    /// The clock never shows the instant that stands for never.
    pub(crate) fn set(&self, now: Instant) {
        self.0.store(now.unix_micros(), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Instant> {
        let micros = Some(self.0.load(Ordering::Relaxed)).filter(|micros| *micros != 0)?;
        Instant::from_unix_micros(micros).ok()
    }
}

/// The counters of an engine.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: Count,
    pub(crate) refused: Count,
    pub(crate) groups: Count,
    pub(crate) folded: Count,
    pub(crate) replays: Count,
    pub(crate) replayed: Count,
    pub(crate) duplicates: Count,
    pub(crate) passed_over: Count,
    pub(crate) checkpoints: Count,
    pub(crate) transactions: Count,
    pub(crate) conflicts: Count,
    pub(crate) panics: Count,
    pub(crate) read_back: Count,
    pub(crate) resets: Count,
    pub(crate) told: Count,
    pub(crate) pinned: Count,
    pub(crate) failed_commits: Count,
    /// By rung, but for the last, which serves nothing.
    pub(crate) recoveries: [Count; 5],
    pub(crate) last_commit: Last,
}
