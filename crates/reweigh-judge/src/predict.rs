//! What the next reading is expected to show.

use reweigh_reading::{Instant, Source};
use reweigh_state::{CheckedPolicy, PlainResetter, Resetter, UserState, source_hash};

use crate::density::log_normal;
use crate::due;
use crate::event::Observation;
use crate::rhythm;
use crate::step;

/// Parts whose share is below this count as nothing.
const NOTHING: f64 = 1e-12;

/// What a reading to come would show if it is this person's weight, in the unit it says.
///
/// A mixture of normal densities: for each story an ordinary reading and a stray one, and before the
/// first reading the tail of the population. Its shares sum to one, so it is a density: readings can be
/// scored by it. What a reading that is *not* this person's weight would show has no part in it; see
/// [`explain`](crate::explain()) for that.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    parts: Vec<Part>,
}

/// One normal density of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    pub(crate) share: f64,
    pub(crate) kg: f64,
    pub(crate) variance: f64,
}

/// Predicts what a source would show at an instant, given everything up to `state`.
///
/// Pure: `state` stays as it is. A reset that the mere passing of time makes due, the initial one or one
/// after a gap, is taken into account, and refused where the judge would refuse it; so there is a
/// prediction before the first reading too, which is what is believed of anybody. `at` before the
/// state's last reading counts as that reading's instant.
///
/// ```
/// use reweigh_judge::{effective, fold, predict};
/// use reweigh_reading::{Fact, Measure, Source, Unit, UserId};
/// use reweigh_state::Profile;
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let scale = Source::new("scale").unwrap();
/// let fact = |day: u32| {
///     let at = format!("2026-01-{day:02}T07:00:00Z").parse().unwrap();
///     let measure = Measure::new(80.0, Unit::Kilogram).unwrap();
///     Fact::reading(UserId::new("ada").unwrap(), at, scale.clone(), measure)
/// };
/// let state = fold(&effective((1..20).map(fact)).events, &policy);
///
/// let tomorrow = predict(&state, "2026-01-20T07:00:00Z".parse().unwrap(), &scale, &policy);
/// assert!((tomorrow.mean_kg() - 80.0).abs() < 0.1);
/// assert!(tomorrow.log_density(80.2) > tomorrow.log_density(83.0));
///
/// let next_year = predict(&state, "2027-01-20T07:00:00Z".parse().unwrap(), &scale, &policy);
/// assert!(next_year.variance() > 4.0 * tomorrow.variance());
/// ```
#[must_use]
pub fn predict(state: &UserState, at: Instant, source: &Source, policy: &CheckedPolicy) -> Prediction {
    let mut state = passed(state, at, policy);
    let hash = source_hash(source);
    let evening = rhythm::evening(at, policy.policy().body.clock_offset_hours);
    // The value plays no part in what is expected; any will do.
    let seen = Observation { kg: policy.policy().population.mean_kg, number: 0.0, unit: None, evening };
    let scene = step::arrive(&mut state, at, hash, seen, policy);
    let mut parts = Vec::with_capacity(3 * state.hypotheses.len());
    for story in &state.hypotheses {
        let face = scene.face(story);
        for (share, variance) in scene.good_parts(story, &face) {
            let share = story.share * share;
            if share > NOTHING {
                parts.push(Part { share, kg: face.expected.value, variance });
            }
        }
    }
    Prediction::of(parts)
}

/// The state after the reset that time alone makes due, if any; a refused one leaves it as it is.
fn passed(state: &UserState, at: Instant, policy: &CheckedPolicy) -> UserState {
    due::by_time(state, at, policy)
        .and_then(|plan| PlainResetter.reset(state, &plan, policy).ok())
        .map_or_else(|| state.clone(), |applied| applied.state)
}

impl Prediction {
    /// A mixture whose shares sum to one.
    fn of(mut parts: Vec<Part>) -> Self {
        let total = parts.iter().fold(0.0, |sum, part| sum + part.share);
        for part in &mut parts {
            part.share /= total;
        }
        Self { parts }
    }

    /// The mean, kg.
    #[must_use]
    pub fn mean_kg(&self) -> f64 {
        self.parts.iter().fold(0.0, |sum, part| sum + part.share * part.kg)
    }

    /// The variance, kg²: of each part, and of their means about the whole mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let mean = self.mean_kg();
        self.parts.iter().fold(0.0, |sum, part| {
            let off = part.kg - mean;
            sum + part.share * (part.variance + off * off)
        })
    }

    /// The natural logarithm of the density of a value, per kilogram. Finite however far the value is.
    #[must_use]
    pub fn log_density(&self, kg: f64) -> f64 {
        let logs =
            || self.parts.iter().map(|part| libm::log(part.share) + log_normal(kg - part.kg, part.variance));
        let most = logs().fold(f64::NEG_INFINITY, |most, log| if log > most { log } else { most });
        most + libm::log(logs().fold(0.0, |sum, log| sum + libm::exp(log - most)))
    }

    /// The chance that the reading is below a value: 0.5 at the median, 0.025 and 0.975 at the ends of
    /// the interval that holds 95 in 100.
    #[must_use]
    pub fn chance_below(&self, kg: f64) -> f64 {
        self.parts.iter().fold(0.0, |sum, part| {
            let deviations = (kg - part.kg) / (2.0 * part.variance).sqrt();
            sum + part.share * 0.5 * libm::erfc(-deviations)
        })
    }
}

#[cfg(test)]
mod tests;
