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

/// Mean and variance of those of the last days' readings that agree.
///
/// Agreeing is being near the median, in terms of the median distance from it: one stranger among three readings moves
/// neither. Where less than two thirds agree, nobody can say which of them are the user's.
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
    if within.0.len() < settings.history_readings as usize {
        return Err(too_few);
    }
    let numbers = &settings.measured;
    let (all, agreed) = (within.0.len(), within.agreed(numbers.noise));
    if agreed.0.len() * 3 < all * 2 {
        let days = settings.history_for.days();
        return Err(NotServed::Disagree { agreed: agreed.0.len(), found: all, days });
    }
    let (Some(first), Some(last)) = (agreed.0.first(), agreed.0.last()) else { return Err(too_few) };
    // What readings share, a scale's bias or held water, does not average out: the variance is that of one.
    let spread = at_least(agreed.variance(), numbers.noise);
    let variance = spread + numbers.process * evidence.at.since(last.at()).days();
    if variance > settings.conservative_variance {
        return Err(NotServed::TooUncertain { variance, most: settings.conservative_variance });
    }
    let found = Found {
        rung: Rung::History,
        at: evidence.at,
        level_kg: agreed.mean(),
        variance,
        newest: last.key,
        readings: agreed.counted(),
    };
    let provenance =
        Provenance::History { readings: agreed.0.len(), of: all, from: first.at(), to: last.at() };
    Ok((made::state(&found, numbers, &evidence.expectations)?, provenance))
}

/// Between the readings before and after the instant, as a random walk between them goes: the variance is that
/// of a Brownian bridge, and at both ends that of the readings there. Sides that are too far apart for such a walk
/// are a jump at a moment that nobody knows, and the variance is that of not knowing which side it is.
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
    let (left_variance, right_variance) =
        (left.variance_of_mean(numbers.noise), right.variance_of_mean(numbers.noise));
    let apart = (right.mean() - left.mean()) * (right.mean() - left.mean());
    let walked = left_variance + right_variance + numbers.process * whole;
    let jump = if apart > AGREE_SD * AGREE_SD * walked { apart * share * (1.0 - share) } else { 0.0 };
    let variance =
        near * left_variance + far * right_variance + numbers.process * passed * (1.0 - share) + jump;
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
        .max_by(|a, b| a.key.cmp(b.key).then(b.kg.total_cmp(&a.kg)))
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

/// Plausible readings in their order, each once.
struct Group<'a>(Vec<Plausible<'a>>);

/// How far readings may be apart and still agree, in standard deviations.
const AGREE_SD: f64 = 3.0;
/// What the median distance from the median is to a standard deviation, where errors are normal: 1/Φ⁻¹(3/4).
const MEDIAN_DISTANCE_TO_SD: f64 = 1.482_602_218_505_602;

impl<'a> Group<'a> {
    fn of(evidence: &Evidence<'a>, within: impl Fn(Instant) -> bool) -> Self {
        let mut readings: Vec<_> = Plausible::of(evidence).filter(|reading| within(reading.at())).collect();
        // By value too, so that nothing depends on the order in which readings were given. One that is given with two
        // weights breaks the law of facts; the lighter stands, here and in the conservative rung.
        readings.sort_by(|a, b| a.key.cmp(b.key).then(a.kg.total_cmp(&b.kg)));
        readings.dedup_by(|again, first| again.key == first.key);
        Self(readings)
    }

    /// Those that agree with the median. A reading has at least such a noise.
    fn agreed(&self, noise: f64) -> Self {
        let middle = median(self.0.iter().map(|reading| reading.kg));
        let distance = |reading: &Plausible<'_>| (reading.kg - middle).abs();
        let sd = MEDIAN_DISTANCE_TO_SD * median(self.0.iter().map(distance));
        let most = AGREE_SD * at_least(sd, noise.sqrt());
        Self(self.0.iter().filter(|reading| distance(reading) <= most).copied().collect())
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

/// The middle of some numbers; 0 of none.
fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let upper = numbers.get(half).copied().unwrap_or(0.0);
    let lower = if numbers.len().is_multiple_of(2) { half.checked_sub(1) } else { Some(half) };
    let lower = lower.and_then(|place| numbers.get(place)).copied().unwrap_or(upper);
    lower + (upper - lower) / 2.0
}

fn at_least(number: f64, least: f64) -> f64 {
    if number > least { number } else { least }
}

fn back(at: Instant, elapsed: Elapsed) -> Instant {
    at.saturating_add(Elapsed::from_micros(elapsed.micros().saturating_neg()))
}
