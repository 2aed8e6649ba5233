//! Whole policies to start from.

use std::collections::BTreeMap;

use reweigh_reading::Source;
use serde::{Deserialize, Serialize};

use super::{
    BodyPolicy, ErrorsPolicy, HindsightPolicy, HypothesesPolicy, NoisePolicy, Policy, PopulationPolicy,
    QualityPolicy, ResetProfile, ResetsPolicy, SafetyPolicy, ScoreWeights, ShiftPolicy, SourceProfile,
    UnitsPolicy,
};

/// A policy with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Slow to believe a change: for records that must not move on thin evidence.
    Conservative,
    /// For adults who weigh themselves at home.
    Balanced,
    /// Quick to follow: for short programmes with frequent readings.
    Aggressive,
    /// For wards and trials: good scales, staff who type, no patience with strays.
    Clinical,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 4] = [Self::Conservative, Self::Balanced, Self::Aggressive, Self::Clinical];

    /// The whole policy of that name.
    ///
    /// ```
    /// use reweigh_state::Profile;
    ///
    /// let policy = Profile::Balanced.policy();
    /// assert_eq!(policy.resets.gap_days, 30.0);
    /// assert!(policy.check().is_ok());
    /// ```
    #[must_use]
    pub fn policy(self) -> Policy {
        let mut policy = balanced();
        match self {
            Self::Balanced => {}
            Self::Conservative => {
                policy.errors.share = 0.03;
                policy.shift.per_day = 1e-4;
                policy.shift.run_odds = 1.5;
                policy.body.trend_sd = 0.05;
                policy.quality.threshold = 0.3;
            }
            Self::Aggressive => {
                policy.errors.share = 0.012;
                policy.shift.per_day = 1e-3;
                policy.shift.run_odds = 3.0;
                policy.body.trend_sd = 0.1;
                policy.body.trend_days = 25.0;
                policy.hindsight.readings = 8;
            }
            Self::Clinical => {
                policy.noise.sd_kg = 0.3;
                policy.noise.stray_share = 0.02;
                policy.body.bias_sd = 0.1;
                policy.safety.fastest_kg_per_day = 3.0;
                policy.quality.threshold = 0.3;
            }
        }
        policy
    }
}

impl Default for Policy {
    fn default() -> Self {
        Profile::Balanced.policy()
    }
}

fn balanced() -> Policy {
    Policy {
        body: BodyPolicy {
            level_sd: 0.04,
            trend_sd: 0.07,
            trend_days: 40.0,
            water: true,
            water_sd: 0.52,
            water_days: 1.3,
            daily_rhythm: true,
            evening_kg: 0.2,
            evening_sd: 0.5,
            evening_drift_sd: 0.003,
            clock_offset_hours: 0.0,
            scale_bias: true,
            bias_sd: 0.15,
            bias_drift_sd: 0.003,
        },
        population: PopulationPolicy { mean_kg: 82.0, sd_kg: 22.0 },
        noise: NoisePolicy {
            learn: true,
            sd_kg: 0.5,
            prior_readings: 3.0,
            memory_readings: 200.0,
            stray_share: 0.04,
            stray_sd_kg: 1.7,
        },
        errors: ErrorsPolicy { share: 0.017, first_share: 0.05, weigh_above_nis: 6.0 },
        units: UnitsPolicy { stays: 0.7, stays_days: 3.0 },
        shift: ShiftPolicy { per_day: 3e-4, sd_kg: 6.0, run_odds: 2.0 },
        hypotheses: HypothesesPolicy { most: 4, keep_above: 3e-3 },
        hindsight: HindsightPolicy { readings: 12, days: 120.0 },
        quality: QualityPolicy {
            settled: ScoreWeights { safety: 0.35, plausibility: 0.25, consistency: 0.25, reliability: 0.15 },
            adapting: ScoreWeights { safety: 0.5, plausibility: 0.1, consistency: 0.15, reliability: 0.25 },
            threshold: 0.2,
        },
        safety: SafetyPolicy { lightest_kg: 3.0, heaviest_kg: 500.0, fastest_kg_per_day: 2.0 },
        resets: resets(),
        source_default: SourceProfile { noise: 1.0, reliability: 0.8, manual: false, repair_units: false },
        sources: sources(),
    }
}

fn resets() -> ResetsPolicy {
    let calm = ResetProfile {
        variance: 1.0,
        level: 2.0,
        trend: 1.5,
        noise: 1.0,
        readings: 10,
        days: 21.0,
        decay: 0.7,
        threshold: 0.1,
    };
    ResetsPolicy {
        gap_days: 30.0,
        departure_kg: 5.0,
        cooldown_days: 3.0,
        soft_shift_odds: 3.0,
        initial: calm,
        hard: ResetProfile { variance: 1.5, ..calm },
        soft: ResetProfile { variance: 2.0, readings: 5, days: 7.0, threshold: 0.2, ..calm },
        manual: ResetProfile { variance: 400.0, level: 4.0, ..calm },
    }
}

/// Names that real exports hold. Anything else gets `source_default`.
fn sources() -> BTreeMap<Source, SourceProfile> {
    let known = [
        ("patient-device", 0.8, 0.9, false),
        ("patient-upload", 1.2, 0.8, false),
        ("internal-questionnaire", 2.0, 0.7, false),
        ("care-team-upload", 0.8, 0.95, true),
    ];
    known
        .into_iter()
        .filter_map(|(name, noise, reliability, manual)| {
            let profile = SourceProfile { noise, reliability, manual, repair_units: false };
            Source::new(name).ok().map(|source| (source, profile))
        })
        .collect()
}
