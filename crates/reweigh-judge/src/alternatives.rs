//! What a value could be if it is not this person's weight in this unit.

use reweigh_filter::Expected;
use reweigh_reading::Instant;
use reweigh_state::{Hypothesis, Reason, SlipMode, SlipUnit, UnitSlip};

use crate::density::normal;
use crate::digits;
use crate::event::Observation;

/// Shares of the ways a reading goes wrong, before the value is looked at. They sum to one with
/// [`OTHER_PERSON`] or, while nobody else was seen on the scale, with twice [`PATTERNLESS`].
const POUNDS: f64 = 0.14;
const KILOGRAMS: f64 = 0.10;
const STONES: f64 = 0.01;
const BODY_MASS_INDEX: f64 = 0.1;
const DECIMAL: f64 = 0.04;
const SWAPPED: f64 = 0.12;
const OTHER_PERSON: f64 = 0.25;
const PATTERNLESS: f64 = 0.25;
/// Before the first accepted reading nothing can be compared with: what is left of the shares.
const PATTERNLESS_AT_FIRST: f64 = 0.7;

/// People are about this tall, metres squared, and differ by so much of it.
const HEIGHT_SQUARED: f64 = 2.89;
const HEIGHT_SQUARED_SPREAD: f64 = 0.12;
/// A unit put right is off by the rounding of two scales.
const ROUNDING: f64 = 0.01;
/// Another person's weight comes back within so much (kg²), and drifts by so much a day.
const PERSON_SPREAD: f64 = 1.0;
const PERSON_DRIFT: f64 = 0.01;
/// How many readings the usual share of other people's is worth against what was seen.
const PERSON_PRIOR: f64 = 200.0;
/// A scale that stays in another unit shows near what it showed last: spread and drift, kg².
const STUCK_SPREAD: f64 = 1.0;
const STUCK_DRIFT: f64 = 0.1;
/// How much the last value of such a scale counts against what the body is expected to show.
const STUCK_SHARE: f64 = 0.3;

/// One explanation: what it is, and its share of all readings times density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Alternative {
    pub(crate) reason: Reason,
    pub(crate) weight: f64,
}

/// What a story knows that an explanation may lean on.
pub(crate) struct Basis<'a> {
    pub(crate) story: &'a Hypothesis,
    pub(crate) expected: &'a Expected,
    /// The variance of the innovation.
    pub(crate) total: f64,
    /// The noise of the scale.
    pub(crate) noise: f64,
    pub(crate) height_m: Option<f64>,
    pub(crate) at: Instant,
    /// The share of readings that are wrong.
    pub(crate) wrong: f64,
}

/// Every unit slip that could be behind a value, with share times density.
///
/// To a record in kilograms it happens both ways: pounds that were never converted, and kilograms that
/// were converted once too often. A record in another unit can only have been kilograms or the third.
pub(crate) fn slips(seen: &Observation, basis: &Basis<'_>) -> [Option<(UnitSlip, f64)>; 3] {
    use SlipUnit::{Kilogram, Pound, Stone};
    let candidates = match seen.unit {
        Some(Kilogram) => {
            [(Pound, Kilogram, POUNDS), (Kilogram, Pound, KILOGRAMS), (Stone, Kilogram, STONES)]
        }
        Some(Pound) => [(Kilogram, Pound, KILOGRAMS), (Stone, Pound, STONES), (Pound, Pound, 0.0)],
        Some(Stone) => [(Kilogram, Stone, KILOGRAMS), (Pound, Stone, POUNDS), (Stone, Stone, 0.0)],
        None => return [None; 3],
    };
    candidates.map(|(measured, recorded, share)| {
        let slip = UnitSlip { measured, recorded };
        (measured != recorded).then(|| (slip, basis.wrong * share * converted(seen, slip, basis)))
    })
}

fn converted(seen: &Observation, slip: UnitSlip, basis: &Basis<'_>) -> f64 {
    let factor = slip.factor();
    normal(seen.kg * factor - basis.expected.value, basis.total + ROUNDING) * factor
}

/// The density of a value on a scale that stays in another unit.
pub(crate) fn stuck(seen: &Observation, mode: &SlipMode, basis: &Basis<'_>) -> f64 {
    let factor = mode.slip.factor();
    let age = basis.at.since(mode.at).days();
    let spread = 2.0 * basis.noise + STUCK_SPREAD + STUCK_DRIFT * age;
    (1.0 - STUCK_SHARE) * converted(seen, mode.slip, basis)
        + STUCK_SHARE * normal((seen.kg - mode.recorded_kg) * factor, spread) * factor
}

/// Every other explanation.
pub(crate) fn others(seen: &Observation, basis: &Basis<'_>) -> [Alternative; 5] {
    let broad = patternless(seen, basis);
    if basis.story.accepted == 0 {
        let nothing = |reason| Alternative { reason, weight: 0.0 };
        return [
            Alternative { reason: Reason::OutOfPattern, weight: basis.wrong * PATTERNLESS_AT_FIRST * broad },
            nothing(Reason::BodyMassIndex),
            nothing(Reason::DecimalSlip),
            nothing(Reason::SwappedDigits),
            nothing(Reason::OtherPerson),
        ];
    }
    let person = other_person(seen, basis);
    let patternless = if person.is_some() { PATTERNLESS } else { OTHER_PERSON + PATTERNLESS };
    let weight = |share: f64, density: f64| basis.wrong * share * density;
    [
        Alternative { reason: Reason::OutOfPattern, weight: weight(patternless, broad) },
        Alternative {
            reason: Reason::BodyMassIndex,
            weight: weight(BODY_MASS_INDEX, body_mass_index(seen, basis)),
        },
        Alternative { reason: Reason::DecimalSlip, weight: weight(DECIMAL, decimal(seen, basis)) },
        Alternative { reason: Reason::SwappedDigits, weight: weight(SWAPPED, swapped(seen, basis)) },
        Alternative { reason: Reason::OtherPerson, weight: person_share(basis) * person.unwrap_or(0.0) },
    ]
}

/// How many of this user's readings are another person's: what is usual, and what was seen so far.
#[expect(clippy::cast_precision_loss, reason = "counts of readings are far below 2^53")]
fn person_share(basis: &Basis<'_>) -> f64 {
    let usual = basis.wrong * OTHER_PERSON;
    let seen = f64::from(basis.story.other_person);
    (usual * PERSON_PRIOR + seen) / (PERSON_PRIOR + basis.story.accepted as f64 + seen)
}

/// Anything at all: a person of any weight, or a value somewhere about this one's.
fn patternless(seen: &Observation, basis: &Basis<'_>) -> f64 {
    0.3 * normal(seen.kg - 82.0, 900.0) + 0.7 * normal(seen.kg - basis.expected.value, 625.0)
}

fn body_mass_index(seen: &Observation, basis: &Basis<'_>) -> f64 {
    if let Some(height) = basis.height_m {
        let square = height * height;
        // Heights are told to the centimetre, indices rounded to tenths.
        let spread = basis.total + 0.5 + ROUNDING * square * square;
        return normal(seen.number * square - basis.expected.value, spread) * square;
    }
    let index = basis.expected.value / HEIGHT_SQUARED;
    let spread = HEIGHT_SQUARED_SPREAD * index;
    normal(seen.number - index, spread * spread)
}

fn decimal(seen: &Observation, basis: &Basis<'_>) -> f64 {
    let slipped = |factor: f64| normal(seen.kg * factor - basis.expected.value, basis.total) * factor;
    0.5 * (slipped(10.0) + slipped(0.1))
}

fn swapped(seen: &Observation, basis: &Basis<'_>) -> f64 {
    let scale = seen.kg / seen.number;
    let mut sum = 0.0;
    for number in digits::swapped(seen.number).into_iter().flatten() {
        sum += normal(number * scale - basis.expected.value, basis.total);
    }
    0.5 * sum
}

/// The density near values that were refused lately; none while there are none.
fn other_person(seen: &Observation, basis: &Basis<'_>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for stray in basis.story.strays.iter().flatten() {
        let age = basis.at.since(stray.at).days();
        sum += normal(seen.kg - f64::from(stray.kg), 2.0 * basis.noise + PERSON_SPREAD + PERSON_DRIFT * age);
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}
