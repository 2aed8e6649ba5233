//! The numbers of the ladder, and their bounds.

use reweigh_reading::Elapsed;

/// The numbers of the ladder. Operational: they decide what is served meanwhile, never what is settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LadderSettings {
    /// Readings that the history rung needs: 2 to 100.
    pub history_readings: u32,
    /// How far back it looks: an hour to 90 days.
    pub history_for: Elapsed,
    /// What history and interpolation assume.
    pub measured: RungNumbers,
    /// What the conservative rung assumes.
    pub conservative: RungNumbers,
    /// The variance that the conservative rung starts from, and the most that history and interpolation may have, kg²:
    /// 1 to 1,000.
    pub conservative_variance: f64,
}

/// What a rung assumes where it can't know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RungNumbers {
    /// The variance that a day without a reading adds, kg²: 0 to 100.
    pub process: f64,
    /// The noise variance of one reading, kg²: 0.01 to 100. No estimate from readings gets below it.
    pub noise: f64,
    /// The factor on the level's process noise for whoever goes on from here, fading: 1 to 100.
    pub factor: f64,
}

impl Default for LadderSettings {
    fn default() -> Self {
        Self {
            history_readings: 3,
            history_for: Elapsed::from_days(7),
            measured: RungNumbers { process: 0.1, noise: 1.0, factor: 10.0 },
            conservative: RungNumbers { process: 1.0, noise: 10.0, factor: 50.0 },
            conservative_variance: 100.0,
        }
    }
}

/// Settings that keep their bounds. Made by [`LadderSettings::check`], in no other way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CheckedLadderSettings(LadderSettings);

/// A setting that is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("ladder.{key} = {value} is out of bounds: give a number from {low} to {high}")]
pub struct LadderSettingError {
    /// The key.
    pub key: &'static str,
    /// What it was set to.
    pub value: f64,
    /// The least it may be.
    pub low: f64,
    /// The most it may be.
    pub high: f64,
}

impl LadderSettings {
    /// Says whether every setting is within its bounds; on failure lists all that are not.
    ///
    /// ```
    /// use reweigh_reset::{LadderSettings, RungNumbers};
    ///
    /// let mut settings = LadderSettings::default();
    /// settings.measured.noise = f64::NAN;
    /// settings.history_readings = 1;
    /// let errors: Vec<_> = settings.check().unwrap_err().iter().map(ToString::to_string).collect();
    /// assert_eq!(errors, [
    ///     "ladder.history_readings = 1 is out of bounds: give a number from 2 to 100",
    ///     "ladder.measured.noise = NaN is out of bounds: give a number from 0.01 to 100",
    /// ]);
    /// ```
    ///
    /// # Errors
    ///
    /// Every setting that is out of its bounds or not finite.
    pub fn check(self) -> Result<CheckedLadderSettings, Vec<LadderSettingError>> {
        let Self { history_readings, history_for, measured, conservative, conservative_variance } = self;
        let all = [
            ("history_readings", f64::from(history_readings), 2.0, 100.0),
            ("history_for_days", history_for.days(), 1.0 / 24.0, 90.0),
            ("measured.process", measured.process, 0.0, 100.0),
            ("measured.noise", measured.noise, 0.01, 100.0),
            ("measured.factor", measured.factor, 1.0, 100.0),
            ("conservative.process", conservative.process, 0.0, 100.0),
            ("conservative.noise", conservative.noise, 0.01, 100.0),
            ("conservative.factor", conservative.factor, 1.0, 100.0),
            ("conservative_variance", conservative_variance, 1.0, 1_000.0),
        ];
        let errors: Vec<_> = all
            .into_iter()
            .filter(|(_, value, low, high)| !(*low..=*high).contains(value))
            .map(|(key, value, low, high)| LadderSettingError { key, value, low, high })
            .collect();
        if errors.is_empty() { Ok(CheckedLadderSettings(self)) } else { Err(errors) }
    }
}

impl CheckedLadderSettings {
    /// The settings.
    pub fn get(&self) -> &LadderSettings {
        &self.0
    }
}
