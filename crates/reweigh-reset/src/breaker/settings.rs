//! The thresholds of a breaker, and their bounds.

use reweigh_reading::Elapsed;

/// The thresholds of a breaker. Operational: no settled state depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// Failures in a row after which it opens: 1 to 1,000.
    pub failures_to_open: u32,
    /// How long it stays open before it tries: 1 ms to a day.
    pub open_for: Elapsed,
    /// Successes while half-open after which it closes: 1 to 1,000.
    pub successes_to_close: u32,
    /// How many may try at once while it is half-open: 1 to 1,000.
    pub half_open_permits: u32,
    /// How long those who try while it is half-open may take, from the first that asks to the last that is back: 1 ms
    /// to a day.
    pub half_open_for: Elapsed,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            failures_to_open: 3,
            open_for: Elapsed::from_seconds(60),
            successes_to_close: 2,
            half_open_permits: 1,
            half_open_for: Elapsed::from_seconds(30),
        }
    }
}

/// Settings that keep their bounds. Made by [`BreakerSettings::check`], in no other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedBreakerSettings(BreakerSettings);

/// A setting that is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("breaker.{key} = {value} is out of bounds: give a number from {low} to {high}")]
pub struct BreakerSettingError {
    /// The key.
    pub key: &'static str,
    /// What it was set to; times in milliseconds.
    pub value: i64,
    /// The least it may be.
    pub low: i64,
    /// The most it may be.
    pub high: i64,
}

const COUNT_MAX: i64 = 1_000;
const MILLIS_MAX: i64 = 86_400_000;

impl BreakerSettings {
    /// Says whether every setting is within its bounds; on failure lists all that are not.
    ///
    /// ```
    /// use reweigh_reading::Elapsed;
    /// use reweigh_reset::BreakerSettings;
    ///
    /// let settings = BreakerSettings {
    ///     failures_to_open: 0,
    ///     open_for: Elapsed::from_days(2),
    ///     ..BreakerSettings::default()
    /// };
    /// let errors: Vec<_> = settings.check().unwrap_err().iter().map(ToString::to_string).collect();
    /// assert_eq!(errors, [
    ///     "breaker.failures_to_open = 0 is out of bounds: give a number from 1 to 1000",
    ///     "breaker.open_for_ms = 172800000 is out of bounds: give a number from 1 to 86400000",
    /// ]);
    /// ```
    ///
    /// # Errors
    ///
    /// Every setting that is out of its bounds.
    pub fn check(self) -> Result<CheckedBreakerSettings, Vec<BreakerSettingError>> {
        let millis = |elapsed: Elapsed| elapsed.micros().div_euclid(1_000);
        let all = [
            ("failures_to_open", i64::from(self.failures_to_open), COUNT_MAX),
            ("open_for_ms", millis(self.open_for), MILLIS_MAX),
            ("successes_to_close", i64::from(self.successes_to_close), COUNT_MAX),
            ("half_open_permits", i64::from(self.half_open_permits), COUNT_MAX),
            ("half_open_for_ms", millis(self.half_open_for), MILLIS_MAX),
        ];
        let errors: Vec<_> = all
            .into_iter()
            .filter(|(_, value, high)| !(1..=*high).contains(value))
            .map(|(key, value, high)| BreakerSettingError { key, value, low: 1, high })
            .collect();
        if errors.is_empty() { Ok(CheckedBreakerSettings(self)) } else { Err(errors) }
    }
}

impl CheckedBreakerSettings {
    /// The settings.
    pub fn get(&self) -> &BreakerSettings {
        &self.0
    }
}
