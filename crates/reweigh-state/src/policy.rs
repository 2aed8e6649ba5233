//! The policy: every number that decides what a reading becomes.
//!
//! A policy is data. It has no defaults hidden in code paths: a [`Profile`] gives a whole one, a file
//! at the edge overrides keys of it, and [`Policy::check`] says of every number whether it is within
//! its bounds. What cannot change a settled state (threads, batches, limits of the edge) is not here.

mod bounds;
mod canonical;
mod compiled;
mod profile;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use reweigh_reading::Source;
use serde::{Deserialize, Serialize};

pub use bounds::BoundError;
pub use compiled::CheckedPolicy;
pub use compiled::source_hash;
pub use profile::Profile;

/// Everything that can be tuned and that a settled state depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How weight moves.
    pub body: BodyPolicy,
    /// What is believed of a person before the first reading.
    pub population: PopulationPolicy,
    /// How noisy readings are.
    pub noise: NoisePolicy,
    /// How often readings are wrong.
    pub errors: ErrorsPolicy,
    /// How scales are set to other units.
    pub units: UnitsPolicy,
    /// How weight jumps for good.
    pub shift: ShiftPolicy,
    /// How many stories are kept side by side.
    pub hypotheses: HypothesesPolicy,
    /// How long a verdict may still change.
    pub hindsight: HindsightPolicy,
    /// How the scores of a reading are put together.
    pub quality: QualityPolicy,
    /// What no body can do.
    pub safety: SafetyPolicy,
    /// When the filter starts over, and how it adapts then.
    pub resets: ResetsPolicy,
    /// What is assumed of a source that is not listed.
    pub source_default: SourceProfile,
    /// What is known of sources, by name.
    pub sources: BTreeMap<Source, SourceProfile>,
}

/// How weight moves. Every `*_sd` is a standard deviation in kilograms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyPolicy {
    /// Random walk of the level over one day.
    pub level_sd: f64,
    /// Stationary spread of the trend, kg per day.
    pub trend_sd: f64,
    /// Days after which a trend has faded to 1/e.
    pub trend_days: f64,
    /// Whether body water is told apart from the level.
    pub water: bool,
    /// Spread of held water.
    pub water_sd: f64,
    /// Days after which held water has faded to 1/e.
    pub water_days: f64,
    /// Whether evenings are told apart from mornings.
    pub daily_rhythm: bool,
    /// How much more an evening shows, before anything is learned.
    pub evening_kg: f64,
    /// How much people differ in that.
    pub evening_sd: f64,
    /// How much it drifts in a day.
    pub evening_drift_sd: f64,
    /// Hours to add to UTC for the clock on the wall.
    pub clock_offset_hours: f64,
    /// Whether each scale has a bias of its own against the first.
    pub scale_bias: bool,
    /// How far scales differ.
    pub bias_sd: f64,
    /// How much a scale's bias drifts in a day.
    pub bias_drift_sd: f64,
}

/// What is believed of a person before the first reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationPolicy {
    /// Mean weight, kg.
    pub mean_kg: f64,
    /// Spread of weights, kg.
    pub sd_kg: f64,
}

/// How noisy readings are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoisePolicy {
    /// Whether the noise of each source is learned from the user's own readings.
    pub learn: bool,
    /// The noise before anything is learned, kg.
    pub sd_kg: f64,
    /// How many readings that first guess is worth.
    pub prior_readings: f64,
    /// How many readings the learned noise remembers.
    pub memory_readings: f64,
    /// Share of good readings with much more noise: clothes, a full bladder, a carpet.
    pub stray_share: f64,
    /// The extra noise of those, kg.
    pub stray_sd_kg: f64,
}

/// How often readings are wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorsPolicy {
    /// Share of readings that are not this person's weight in this unit.
    pub share: f64,
    /// The same for readings before the first accepted one.
    pub first_share: f64,
    /// A normalised innovation squared below this is taken in without weighing alternatives.
    pub weigh_above_nis: f64,
}

/// How scales are set to other units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsPolicy {
    /// Chance that a source seen in another unit is in it still at the next reading.
    pub stays: f64,
    /// Days after which that chance has faded to 1/e.
    pub stays_days: f64,
}

/// How weight jumps for good: surgery, a birth, a long illness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftPolicy {
    /// Chance of a jump in a day.
    pub per_day: f64,
    /// Size of a jump, kg.
    pub sd_kg: f64,
    /// Factor on the chance for each reading refused in a row.
    pub run_odds: f64,
}

/// How many stories are kept side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HypothesesPolicy {
    /// The most that are kept, 1 to 4.
    pub most: u8,
    /// A story this much less likely than the best is dropped.
    pub keep_above: f64,
}

/// How long a verdict may still change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HindsightPolicy {
    /// Readings after which a verdict is final, 1 to 12.
    pub readings: u8,
    /// Days after which it is final, however few the readings.
    pub days: f64,
}

/// How the scores of a reading are put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityPolicy {
    /// Weights in ordinary times.
    pub settled: ScoreWeights,
    /// Weights while the filter adapts after a reset.
    pub adapting: ScoreWeights,
    /// Below this quality a reading's odds of being good shrink in proportion.
    pub threshold: f64,
}

/// Weights of the four scores in their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreWeights {
    /// Within what a body can weigh.
    pub safety: f64,
    /// Near what was expected.
    pub plausibility: f64,
    /// Within what a body can change.
    pub consistency: f64,
    /// From a source that can be relied on.
    pub reliability: f64,
}

/// What no body can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SafetyPolicy {
    /// The lightest weight that is believed, kg.
    pub lightest_kg: f64,
    /// The heaviest weight that is believed, kg.
    pub heaviest_kg: f64,
    /// The fastest change that is believed, kg per day.
    pub fastest_kg_per_day: f64,
}

/// When the filter starts over, and how it adapts then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetsPolicy {
    /// Days without an accepted reading after which the filter starts over.
    pub gap_days: f64,
    /// How far a manual source must depart for a soft reset, kg.
    pub departure_kg: f64,
    /// Days before another soft reset.
    pub cooldown_days: f64,
    /// Factor on the chance of a jump while a soft reset's adaptation lasts.
    pub soft_shift_odds: f64,
    /// The first reading.
    pub initial: ResetProfile,
    /// After a gap.
    pub hard: ResetProfile,
    /// After a departure a manual source reports.
    pub soft: ResetProfile,
    /// An operator's.
    pub manual: ResetProfile,
}

/// What one kind of reset does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetProfile {
    /// Factor on the variance of the level.
    pub variance: f64,
    /// Factor on the level's process noise, fading.
    pub level: f64,
    /// Factor on the trend's process noise, fading.
    pub trend: f64,
    /// Factor on the readings' noise variance, fading.
    pub noise: f64,
    /// Accepted readings after which the adaptation ends.
    pub readings: u32,
    /// Days after which it ends.
    pub days: f64,
    /// What is left of each factor's excess after one accepted reading.
    pub decay: f64,
    /// The quality threshold while it lasts.
    pub threshold: f64,
}

/// What is known of a source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceProfile {
    /// Factor on the first guess of its noise.
    pub noise: f64,
    /// How far it can be relied on, 0 to 1.
    pub reliability: f64,
    /// Whether a person typed the value: a departure it reports is a reason for a soft reset.
    pub manual: bool,
    /// Whether a value in another unit may be converted and taken in, with the verdict saying so.
    pub repair_units: bool,
}
