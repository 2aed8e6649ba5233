//! A person's state, as one value.

mod adaptation;
mod hypothesis;
mod settle;
#[cfg(test)]
mod tests;
mod window;

use reweigh_reading::{Instant, OrderKey};

pub use adaptation::Adaptation;
pub use adaptation::Fading;
pub use hypothesis::Hypothesis;
pub use hypothesis::LearnedNoise;
pub use hypothesis::STRAYS;
pub use hypothesis::SlipMode;
pub use hypothesis::Stray;
pub use settle::Judged;
pub use window::Pending;
pub use window::Window;

use crate::estimate::Estimate;
use crate::fingerprint::{Chain, Fingerprint};
use crate::reset::ResetKind;

/// The most stories that are kept side by side.
pub const HYPOTHESES: usize = 4;

/// How many past resets a state remembers.
pub const RESETS_KEPT: usize = 4;

/// Everything the step needs to take in the next reading, and nothing that grows with history.
///
/// The fields are open to the step; what a store may keep is only a [`Checked`](crate::Checked) one.
/// Encoded, a state with one story and a full window takes 624 bytes with one scale, 738 with two, 860 with
/// three and 990 with four; the largest there can be, with four stories, the longest names and the largest
/// counts, takes 4,063 (see [`UserState::encode`]).
#[derive(Debug, Clone, PartialEq)]
pub struct UserState {
    /// What it was made under.
    pub fingerprint: Fingerprint,
    /// Every reading, estimate and verdict so far, hashed.
    pub chain: Chain,
    /// The key of the last fact that was folded; none before the first.
    pub key: Option<OrderKey>,
    /// When the last reading was taken: how far the stories have been carried.
    pub last_reading: Option<Instant>,
    /// How many readings were taken in; also the number of the next.
    pub readings: u64,
    /// How many verdicts are final, by what they were.
    pub tally: Tally,
    /// The height that holds now, metres.
    pub height_m: Option<f64>,
    /// The sources of this user's readings, by hash; the first is the frame of the level.
    pub scales: [Option<Scale>; reweigh_filter::SCALES],
    /// The readings whose verdicts may still change.
    pub window: Window,
    /// How the filter adapts after the last reset.
    pub adaptation: Adaptation,
    /// The last resets, oldest first.
    pub resets: Vec<PastReset>,
    /// How many resets there were in all.
    pub resets_in_all: u64,
    /// The stories that are alive, likeliest first; none before the first reading.
    pub hypotheses: Vec<Hypothesis>,
}

/// How many states of the body a story uses: level, trend, water, evening, and a bias for each scale but
/// the first. The others are zero.
pub(crate) fn states_in_use(scales: usize) -> usize {
    const BODY: usize = 4;
    reweigh_filter::STATES.min(BODY + scales.saturating_sub(1))
}

/// Final verdicts, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Accepted for good.
    pub accepted: u64,
    /// Rejected for good.
    pub rejected: u64,
    /// Lasting changes of weight that were recognised.
    pub shifts: u64,
}

/// A source of readings as a state knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// [`source_hash`](crate::source_hash) of its name.
    pub source: u64,
    /// The number of its last reading: the scale that was silent longest makes room for a new one.
    pub last: u64,
}

/// A reset that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastReset {
    /// What kind it was.
    pub kind: ResetKind,
    /// When, in the time of the readings.
    pub at: Instant,
}

impl UserState {
    /// The state before the first fact.
    #[must_use]
    pub fn unborn(fingerprint: Fingerprint) -> Self {
        Self {
            fingerprint,
            chain: Chain::default(),
            key: None,
            last_reading: None,
            readings: 0,
            tally: Tally::default(),
            height_m: None,
            scales: [None; reweigh_filter::SCALES],
            window: Window::default(),
            adaptation: Adaptation::none(),
            resets: Vec::new(),
            resets_in_all: 0,
            hypotheses: Vec::new(),
        }
    }

    /// The estimate at the last reading: the mean over the stories that are alive. None before the first.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        if self.hypotheses.is_empty() {
            return None;
        }
        let (mut level, mut trend) = (0.0, 0.0);
        for story in &self.hypotheses {
            level += story.share * story.body.level();
            trend += story.share * story.body.trend();
        }
        let mut variance = 0.0;
        for story in &self.hypotheses {
            let off = story.body.level() - level;
            variance += story.share * (story.body.level_variance() + off * off);
        }
        Some(Estimate { level_kg: level, variance, trend_kg_per_day: trend })
    }

    /// The last reset of a kind, as far as it is remembered.
    #[must_use]
    pub fn last_reset(&self, kind: ResetKind) -> Option<Instant> {
        self.resets.iter().rev().find(|reset| reset.kind == kind).map(|reset| reset.at)
    }
}
