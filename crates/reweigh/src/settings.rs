//! How the engine works: everything here decides when and how fast, and nothing of what is settled.

use std::fmt;
use std::time::Duration;

use reweigh_buffer::BufferLimits;
use reweigh_reading::{Elapsed, Kilograms, Limits};
use reweigh_reset::{BreakerSettings, CheckedBreakerSettings, CheckedLadderSettings, LadderSettings};
use serde::{Deserialize, Serialize};

/// What `ingest` does when the tail is at its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenFull {
    /// It waits until there is room.
    Wait,
    /// It refuses, and the caller offers again.
    Refuse,
}

/// The settings of an engine. They are no part of the policy: whatever they are, the same facts settle to the same
/// bits.
///
/// ```
/// use reweigh::Settings;
///
/// let settings = Settings { workers: 4, ..Settings::default() };
/// assert!(settings.check().is_ok());
///
/// let errors = Settings { workers: 0, ..Settings::default() }.check().unwrap_err();
/// assert_eq!(errors[0].to_string(), "workers is 0; give 1 to 64");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Threads that settle users: 2.
    pub workers: usize,
    /// The lightest weight that is let in, kg: 2.
    pub lightest_kg: f64,
    /// The heaviest weight that is let in, kg: 700.
    pub heaviest_kg: f64,
    /// How far after its receipt a fact may be dated, hours: 24.
    pub skew_hours: u32,
    /// What `ingest` does when the tail is at its bound: wait.
    pub when_full: WhenFull,
    /// The most facts of the journal that are not in the main file: 2,000,000.
    pub tail_facts_max: u64,
    /// The most bytes of them, as counted in memory: 192 MiB.
    pub tail_bytes_max: u64,
    /// The most facts of one group commit: 65,536.
    pub group_facts_max: usize,
    /// The most readings of a user that wait in memory to be settled: 100.
    pub max_buffer_readings: usize,
    /// The most bytes of all readings that wait in memory: 256 MiB.
    pub buffer_bytes_max: usize,
    /// How long a snapshot of the buffer may stay open, ms: 30,000.
    pub snapshot_timeout_ms: u32,
    /// How long late readings wait for more of their kind, ms: 1,000.
    pub settle_after_ms: u32,
    /// Late readings of a user wait no longer once there are so many: 100.
    pub settle_readings: usize,
    /// Nor once they lie so many hours apart: 72.
    pub settle_window_hours: u32,
    /// The most facts a worker folds before others have their turn: 16,384.
    pub turn_facts: usize,
    /// How long a replay may take before it goes on in the background, ms: 60,000.
    pub replay_slice_ms: u32,
    /// A checkpoint is due when so many facts wait for it: 1,000,000.
    pub checkpoint_facts: u64,
    /// Or when so many bytes are settled in memory only: 256 MiB.
    pub checkpoint_bytes: u64,
    /// Or when nothing came for so long, ms: 30,000.
    pub checkpoint_idle_ms: u32,
    /// The most facts of one transaction of a checkpoint: 100,000.
    pub transaction_facts: usize,
    /// The most users of one transaction of a checkpoint: 10,000.
    pub transaction_users: usize,
    /// A state along the way is offered to the store every so many facts: 32.
    pub snapshot_every: usize,
    /// A settled estimate that is so far from the one last served is not served by itself, kg: 15.
    pub publish_jump_kg: f64,
    /// How often a call to the store is tried in all: 3.
    pub attempts: usize,
    /// How long to wait before the second try, ms: 100. It doubles from then on, with jitter.
    pub backoff_ms: u32,
    /// Failures in a row that open the breaker: 3.
    pub breaker_failures: u32,
    /// How long the breaker stays open, ms: 60,000.
    pub breaker_open_ms: u32,
    /// Successes that close it again: 2.
    pub breaker_successes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: 2,
            lightest_kg: 2.0,
            heaviest_kg: 700.0,
            skew_hours: 24,
            when_full: WhenFull::Wait,
            tail_facts_max: 2_000_000,
            tail_bytes_max: 192 << 20,
            group_facts_max: 1 << 16,
            max_buffer_readings: 100,
            buffer_bytes_max: 256 << 20,
            snapshot_timeout_ms: 30_000,
            settle_after_ms: 1_000,
            settle_readings: 100,
            settle_window_hours: 72,
            turn_facts: 1 << 14,
            replay_slice_ms: 60_000,
            checkpoint_facts: 1_000_000,
            checkpoint_bytes: 256 << 20,
            checkpoint_idle_ms: 30_000,
            transaction_facts: 100_000,
            transaction_users: 10_000,
            snapshot_every: 32,
            publish_jump_kg: 15.0,
            attempts: 3,
            backoff_ms: 100,
            breaker_failures: 3,
            breaker_open_ms: 60_000,
            breaker_successes: 2,
        }
    }
}

/// A setting that is out of its bounds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} is {value}; give {bounds}")]
pub struct SettingError {
    /// The setting.
    pub key: &'static str,
    /// What was given.
    pub value: String,
    /// What may be given.
    pub bounds: String,
}

/// Settings that were checked, in the forms that the parts of the engine want.
#[derive(Debug, Clone)]
pub struct CheckedSettings {
    settings: Settings,
    limits: Limits,
    buffer: BufferLimits,
    breaker: CheckedBreakerSettings,
    ladder: CheckedLadderSettings,
}

impl Settings {
    /// Holds the settings against their bounds.
    ///
    /// # Errors
    ///
    /// Every setting that is out of its bounds.
    pub fn check(self) -> Result<CheckedSettings, Vec<SettingError>> {
        let mut errors = self.out_of_bounds();
        let mut kilograms = |key, value: f64| {
            Kilograms::new(value).map_err(|error| errors.push(wrong(key, value, &error.to_string()))).ok()
        };
        let (lightest, heaviest) =
            (kilograms("lightest_kg", self.lightest_kg), kilograms("heaviest_kg", self.heaviest_kg));
        let skew = Elapsed::from_hours(i64::from(self.skew_hours));
        let limits = match (lightest, heaviest) {
            (Some(lightest), Some(heaviest)) => Limits::new(lightest, heaviest, skew)
                .map_err(|_| errors.push(wrong("lightest_kg", self.lightest_kg, "at most heaviest_kg")))
                .ok(),
            _ => None,
        };
        let breaker = self.breaker().check().map_err(|wrongs| {
            let bounds = |low: i64, high: i64| format!("{low} to {high}");
            errors.extend(wrongs.iter().map(|it| wrong(it.key, it.value, &bounds(it.low, it.high))));
        });
        let buffer = self.buffer();
        if let Err(error) = reweigh_buffer::ReplayBuffer::new(&buffer) {
            errors.push(wrong("buffer_bytes_max", self.buffer_bytes_max, &format!("other values: {error}")));
        }
        let ladder = LadderSettings::default().check().ok();
        match (limits, breaker, ladder) {
            (Some(limits), Ok(breaker), Some(ladder)) if errors.is_empty() => {
                Ok(CheckedSettings { settings: self, limits, buffer, breaker, ladder })
            }
            _ => Err(errors),
        }
    }

    fn out_of_bounds(&self) -> Vec<SettingError> {
        let numbers: [(&'static str, u64, u64, u64); 14] = [
            ("workers", self.workers as u64, 1, 64),
            ("skew_hours", self.skew_hours.into(), 0, 24 * 366),
            ("tail_facts_max", self.tail_facts_max, 1, u64::MAX),
            ("tail_bytes_max", self.tail_bytes_max, 1, u64::MAX),
            ("group_facts_max", self.group_facts_max as u64, 1, 1 << 20),
            ("settle_readings", self.settle_readings as u64, 1, 1 << 20),
            ("settle_window_hours", self.settle_window_hours.into(), 1, 24 * 3_660),
            ("turn_facts", self.turn_facts as u64, 16, 1 << 24),
            ("checkpoint_facts", self.checkpoint_facts, 1, u64::MAX),
            ("checkpoint_bytes", self.checkpoint_bytes, 1, u64::MAX),
            ("transaction_facts", self.transaction_facts as u64, 1, 10_000_000),
            ("transaction_users", self.transaction_users as u64, 1, 10_000_000),
            ("snapshot_every", self.snapshot_every as u64, 1, 1 << 20),
            ("attempts", self.attempts as u64, 1, 100),
        ];
        let mut errors: Vec<SettingError> = numbers
            .into_iter()
            .filter(|(_, value, low, high)| value < low || value > high)
            .map(|(key, value, low, high)| wrong(key, value, &bounds(low, high)))
            .collect();
        if !(self.publish_jump_kg.is_finite() && self.publish_jump_kg > 0.0) {
            errors.push(wrong("publish_jump_kg", self.publish_jump_kg, "more than 0"));
        }
        errors
    }

    fn breaker(&self) -> BreakerSettings {
        BreakerSettings {
            failures_to_open: self.breaker_failures,
            open_for: Elapsed::from_millis(self.breaker_open_ms.into()),
            successes_to_close: self.breaker_successes,
            ..BreakerSettings::default()
        }
    }

    fn buffer(&self) -> BufferLimits {
        BufferLimits {
            max_buffer_readings: self.max_buffer_readings,
            memory_bytes_max: self.buffer_bytes_max,
            snapshot_timeout: Elapsed::from_millis(self.snapshot_timeout_ms.into()),
            due_window: Elapsed::from_hours(self.settle_window_hours.into()),
            due_readings: self.settle_readings,
            ..BufferLimits::default()
        }
    }
}

fn bounds(low: u64, high: u64) -> String {
    if high == u64::MAX { format!("{low} or more") } else { format!("{low} to {high}") }
}

fn wrong(key: &'static str, value: impl fmt::Display, bounds: &str) -> SettingError {
    SettingError { key, value: value.to_string(), bounds: bounds.to_owned() }
}

impl CheckedSettings {
    /// The settings.
    pub fn get(&self) -> &Settings {
        &self.settings
    }

    /// What is let in at the edge.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn buffer(&self) -> &BufferLimits {
        &self.buffer
    }

    pub(crate) fn breaker(&self) -> &CheckedBreakerSettings {
        &self.breaker
    }

    pub(crate) fn ladder(&self) -> &CheckedLadderSettings {
        &self.ladder
    }

    pub(crate) fn settle_after(&self) -> Elapsed {
        Elapsed::from_millis(self.settings.settle_after_ms.into())
    }

    pub(crate) fn settle_window(&self) -> Elapsed {
        Elapsed::from_hours(self.settings.settle_window_hours.into())
    }

    pub(crate) fn replay_slice(&self) -> Elapsed {
        Elapsed::from_millis(self.settings.replay_slice_ms.into())
    }

    pub(crate) fn checkpoint_idle(&self) -> Elapsed {
        Elapsed::from_millis(self.settings.checkpoint_idle_ms.into())
    }

    pub(crate) fn backoff(&self) -> Duration {
        Duration::from_millis(self.settings.backoff_ms.into())
    }
}
