//! The rungs that make a state of a few readings.

use reweigh_reading::{Elapsed, Instant, OrderKey};

use super::Served;
use super::evidence::Evidence;
use super::made::{self, Found};
use super::outcome::{NotServed, Provenance, Rung};
use super::settings::CheckedLadderSettings;

/// A reading that a body can have, and that was not refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plausible<'a> {
    key: &'a OrderKey,
    kg: f64,
}

impl<'a> Plausible<'a> {
    pub(super) fn of(evidence: &Evidence<'a>) -> impl Iterator<Item = Self> + use<'a> {
        let safety = &evidence.expectations.policy.policy().safety;
        let (light, heavy) = (safety.lightest_kg, safety.heaviest_kg);
        evidence
            .readings
            .iter()
            .filter(|reading| !reading.refused)
            .map(|reading| Self { key: &reading.key, kg: reading.weight.get() })
            .filter(move |reading| (light..=heavy).contains(&reading.kg))
    }

    pub(super) fn at(&self) -> Instant {
        self.key.at()
    }
}

/// Mean and variance of the last days' readings.
pub(super) fn history(
    evidence: &Evidence<'_>,
    settings: &CheckedLadderSettings,
) -> Result<Served, NotServed> {
    let settings = settings.get();
    let from = back(evidence.at, settings.history_for);
    let within = Group::of(evidence, |at| from <= at && at <= evidence.at);
    let too_few = NotServed::TooFewReadings {
        found: within.0.len(),
        needed: settings.history_readings,
        days: settings.history_for.days(),
    };
    let (Some(first), Some(last)) = (within.0.first(), within.0.last()) else { return Err(too_few) };
    if within.0.len() < settings.history_readings as usize {
        return Err(too_few);
    }
    let numbers = &settings.measured;
    // What readings share, a scale's bias or held water, does not average out: the variance is that of one.
    let spread = at_least(within.variance(), numbers.noise);
    let found = Found {
        rung: Rung::History,
        at: evidence.at,
        level_kg: within.mean(),
        variance: spread + numbers.process * evidence.at.since(last.at()).days(),
        newest: last.key,
        readings: within.counted(),
    };
    let provenance = Provenance::History { readings: within.0.len(), from: first.at(), to: last.at() };
    Ok((made::state(&found, numbers, &evidence.expectations)?, provenance))
}

/// Between the readings before and after the instant, as a random walk between them goes: the variance is that
/// of a Brownian bridge, and at both ends that of the readings there.
pub(super) fn interpolation(
    evidence: &Evidence<'_>,
    settings: &CheckedLadderSettings,
) -> Result<Served, NotServed> {
    let at = evidence.at;
    let before = Plausible::of(evidence).map(|reading| reading.at()).filter(|when| *when <= at).max();
    let after = Plausible::of(evidence).map(|reading| reading.at()).filter(|when| *when > at).min();
    let (before, after) = (before.ok_or(NotServed::NothingBefore)?, after.ok_or(NotServed::NothingAfter)?);
    // All readings of one instant speak for it together.
    let (left, right) =
        (Group::of(evidence, |when| when == before), Group::of(evidence, |when| when == after));
    let newest = left.0.last().ok_or(NotServed::NothingBefore)?.key;
    let settings = settings.get();
    let numbers = &settings.measured;
    // Never zero: one is at or before the instant, the other after it.
    let whole = after.since(before).days();
    let passed = at.since(before).days();
    let share = passed / whole;
    let (far, near) = (share * share, (1.0 - share) * (1.0 - share));
    let variance = near * left.variance_of_mean(numbers.noise)
        + far * right.variance_of_mean(numbers.noise)
        + numbers.process * passed * (1.0 - share);
    if variance > settings.conservative_variance {
        return Err(NotServed::TooUncertain { variance, most: settings.conservative_variance });
    }
    let found = Found {
        rung: Rung::Interpolation,
        at,
        level_kg: left.mean() + share * (right.mean() - left.mean()),
        variance,
        newest,
        readings: left.counted(),
    };
    Ok((made::state(&found, numbers, &evidence.expectations)?, Provenance::Interpolation { before, after }))
}

/// About the newest plausible reading; the older it is, the less certain, and at last as uncertain as of a
/// person of whom nothing is known.
pub(super) fn conservative(
    evidence: &Evidence<'_>,
    settings: &CheckedLadderSettings,
) -> Result<Served, NotServed> {
    let newest = Plausible::of(evidence)
        .filter(|reading| reading.at() <= evidence.at)
        .max_by(|a, b| a.key.cmp(b.key).then(a.kg.total_cmp(&b.kg)))
        .ok_or(NotServed::NothingBefore)?;
    let settings = settings.get();
    let numbers = &settings.conservative;
    let aged = settings.conservative_variance + numbers.process * evidence.at.since(newest.at()).days();
    let spread = evidence.expectations.policy.policy().population.sd_kg;
    let most = at_least(spread * spread, settings.conservative_variance);
    let found = Found {
        rung: Rung::Conservative,
        at: evidence.at,
        level_kg: newest.kg,
        variance: if aged < most { aged } else { most },
        newest: newest.key,
        readings: 1,
    };
    let provenance = Provenance::Conservative { reading: newest.at() };
    Ok((made::state(&found, numbers, &evidence.expectations)?, provenance))
}

/// Plausible readings in their order.
struct Group<'a>(Vec<Plausible<'a>>);

impl<'a> Group<'a> {
    fn of(evidence: &Evidence<'a>, within: impl Fn(Instant) -> bool) -> Self {
        let mut readings: Vec<_> = Plausible::of(evidence).filter(|reading| within(reading.at())).collect();
        // By value too, so that sums do not depend on the order in which readings were given.
        readings.sort_by(|a, b| a.key.cmp(b.key).then(a.kg.total_cmp(&b.kg)));
        Self(readings)
    }

    fn counted(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn count(&self) -> f64 {
        f64::from(self.counted())
    }

    fn mean(&self) -> f64 {
        self.0.iter().fold(0.0, |sum, reading| sum + reading.kg) / self.count()
    }

    /// The sample variance, by differences from the mean: never negative, and 0 for equal readings.
    fn variance(&self) -> f64 {
        if self.0.len() < 2 {
            return 0.0;
        }
        let mean = self.mean();
        let squares = self.0.iter().fold(0.0, |sum, reading| sum + (reading.kg - mean) * (reading.kg - mean));
        squares / (self.count() - 1.0)
    }

    /// The variance of the mean, if each reading has at least such a noise.
    fn variance_of_mean(&self, noise: f64) -> f64 {
        at_least(self.variance(), noise) / self.count()
    }
}

fn at_least(number: f64, least: f64) -> f64 {
    if number > least { number } else { least }
}

fn back(at: Instant, elapsed: Elapsed) -> Instant {
    at.saturating_add(Elapsed::from_micros(elapsed.micros().saturating_neg()))
}
