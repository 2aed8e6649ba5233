//! A policy that keeps its bounds, with what the step wants of it at hand.

use reweigh_filter::{BodyModel, BodyPrior, BodyState, Lags, STATES, TRIANGLE};
use reweigh_reading::{Instant, Source};

use super::canonical::canonical;
use super::{Policy, SourceProfile};
use crate::rules::VARIANCE_MAX;

/// A policy whose every number is within its bounds. Made by [`Policy::check`], in no other way.
///
/// Nothing can be changed in it: whoever folds or replays only reads, and an edit is made to a [`Policy`]
/// and checked again.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedPolicy {
    policy: Policy,
    canonical: Vec<u8>,
    model: BodyModel,
    prior: BodyPrior,
    by_hash: Vec<(u64, SourceProfile)>,
    variance_max: f64,
}

impl CheckedPolicy {
    pub(super) fn compile(mut policy: Policy) -> Self {
        let canonical = canonical(&mut policy);
        let body = &policy.body;
        let model = BodyModel {
            level_sd: body.level_sd,
            trend_sd: body.trend_sd,
            trend_days: body.trend_days,
            water_sd: if body.water { body.water_sd } else { 0.0 },
            water_days: body.water_days,
            evening_drift_sd: if body.daily_rhythm { body.evening_drift_sd } else { 0.0 },
            bias_drift_sd: if body.scale_bias { body.bias_drift_sd } else { 0.0 },
        };
        let prior = BodyPrior {
            level: policy.population.mean_kg,
            level_sd: policy.population.sd_kg,
            trend_sd: body.trend_sd,
            water_sd: model.water_sd,
            evening: if body.daily_rhythm { body.evening_kg } else { 0.0 },
            evening_sd: if body.daily_rhythm { body.evening_sd } else { 0.0 },
            bias_sd: if body.scale_bias { body.bias_sd } else { 0.0 },
        };
        let mut by_hash: Vec<_> =
            policy.sources.iter().map(|(source, profile)| (source_hash(source), *profile)).collect();
        by_hash.sort_by_key(|(hash, _)| *hash);
        let variance_max = VARIANCE_MAX + level_noise_max(&policy, &model);
        Self { policy, canonical, model, prior, by_hash, variance_max }
    }

    /// The policy itself.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The bytes that stand for this policy in a fingerprint: equal policies, equal bytes.
    ///
    /// They begin with the version of their layout, 1. Then comes each setting in the order of the file:
    ///
    /// | bytes | what |
    /// |---|---|
    /// | any, then a zero | the key, as it is written in a file; no key holds a zero |
    /// | 1 + 8 | 1 and a number: the bits of an IEEE 754 double, little-endian |
    /// | 1 + 4 | or 2 and a whole number, little-endian |
    /// | 1 + 1 | or 3 and a switch: 0 off, 1 on |
    ///
    /// Kinds delimit the values and keys are among the bytes, so two policies that differ have other
    /// bytes, and a new key changes them without a new version.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// How weight moves under this policy.
    pub fn model(&self) -> &BodyModel {
        &self.model
    }

    /// What is believed before the first reading.
    pub fn prior(&self) -> &BodyPrior {
        &self.prior
    }

    /// The largest variance that a level can have: what a reset leaves at most, and what time then adds.
    pub(crate) fn variance_max(&self) -> f64 {
        self.variance_max
    }

    /// What is known of the source with that [`source_hash`].
    pub fn source(&self, hash: u64) -> &SourceProfile {
        self.by_hash
            .binary_search_by_key(&hash, |(known, _)| *known)
            .ok()
            .and_then(|found| self.by_hash.get(found))
            .map_or(&self.policy.source_default, |(_, profile)| profile)
    }
}

/// What the longest span of time adds to the variance of a level, with the largest factors of an adaptation.
fn level_noise_max(policy: &Policy, model: &BodyModel) -> f64 {
    let resets = &policy.resets;
    let (mut level, mut trend) = (1.0, 1.0);
    for reset in [&resets.initial, &resets.hard, &resets.soft, &resets.manual] {
        level = if reset.level > level { reset.level } else { level };
        trend = if reset.trend > trend { reset.trend } else { trend };
    }
    let days = Instant::MAX.since(Instant::MIN).days();
    let mut body = BodyState::from_parts([0.0; STATES], [0.0; TRIANGLE]);
    body.predict(&model.passage_with_noise(days, level, trend), &mut Lags::default());
    body.level_variance()
}

/// The hash a state knows a source by: names may be long, and a state is small.
#[must_use]
pub fn source_hash(source: &Source) -> u64 {
    xxhash_rust::xxh3::xxh3_64(source.as_str().as_bytes())
}
