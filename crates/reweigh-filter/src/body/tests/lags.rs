//! The levels at past readings, smoothed along.

use nalgebra::SVector;

use super::dense::{Body, Dense, span};
use super::dice::Dice;
use super::{begun, odd_model, prior};
use crate::body::{BodyModel, BodyState, LAGS, Lags, SCALES, STATES, Seen};

/// How far a smoothed level may be from the dense one, kg, and its variance as a part of itself: single
/// precision has 24 bits, 5e-6 kg of 80, and twelve updates each round once.
const LEVEL_TOLERANCE: f64 = 1e-4;
const VARIANCE_TOLERANCE: f64 = 1e-4;

fn assert_level(found: (f64, f64), wanted: (f64, f64), what: &str) {
    let (level, variance) = (found.0 - wanted.0, found.1 - wanted.1);
    assert!(level.abs() <= LEVEL_TOLERANCE, "{what}: level off by {level:e} kg");
    let most = VARIANCE_TOLERANCE * (1.0 + wanted.1);
    assert!(variance.abs() <= most, "{what}: variance {} and not {}, off by {variance:e}", found.1, wanted.1);
}

/// Every place follows the level it was given as a filter does that has past levels as states.
///
/// Proves H1.
#[test]
fn places_are_the_augmented_filter() {
    for seed in 0..8 {
        let mut dice = Dice::new(1000 + seed);
        let model = if seed % 2 == 0 { BodyModel::default() } else { odd_model() };
        let mut lags = Lags::default();
        let mut state = BodyState::new(&prior());
        let mut dense = Dense::new(&prior());
        let mut begun = 1;
        for n in 0..60 {
            if begun < SCALES && dice.below(10) == 0 {
                state.begin_scale(begun, prior().bias_sd, &mut lags);
                dense.begin_scale(begun, prior().bias_sd);
                begun += 1;
            }
            let days = dice.days();
            state.predict(&model.passage(days), &mut lags);
            dense.predict(&model, days);
            let (scale, evening) = (dice.below(begun), dice.share());
            let expected = state.expect(Seen { scale, evening });
            let (shown, noise) = (80.0 + dice.normal(), dice.magnitude(0.01, 10.0));
            state.update(&expected, shown, expected.variance + noise, &mut lags);
            dense.update(scale, evening, shown, noise);
            lags.put(n % LAGS, &state);
            dense.put(n % LAGS);
            for place in 0..LAGS.min(n + 1) {
                let what = format!("seed {seed}, reading {n}, place {place}");
                assert_level(lags.level(place), dense.level(place), &what);
            }
        }
    }
}

/// After the last reading the places hold what a pass backwards over all readings (Rauch, Tung and
/// Striebel, 1965) says of them.
///
/// Proves H1.
#[test]
fn places_are_the_backward_smoother() {
    for seed in 0..12 {
        let mut dice = Dice::new(2000 + seed);
        let model = if seed % 2 == 0 { BodyModel::default() } else { odd_model() };
        let mut lags = Lags::default();
        let mut state = begun(&prior(), &mut lags);
        let mut steps: Vec<Step> = Vec::new();
        for place in 0..LAGS {
            let days = if place == 0 { 0.0 } else { dice.within(0.01, 5.0) };
            state.predict(&model.passage(days), &mut lags);
            let (mean, covariance) = full(&state);
            let transition = span(&model, [true; SCALES], days).transition;
            let seen = Seen { scale: dice.below(SCALES), evening: dice.share() };
            let expected = state.expect(seen);
            let total = expected.variance + dice.magnitude(0.01, 10.0);
            state.update(&expected, 80.0 + dice.normal(), total, &mut lags);
            lags.put(place, &state);
            let (after, spread) = full(&state);
            steps.push(Step { transition, predicted: (mean, covariance), filtered: (after, spread) });
        }
        for (place, smoothed) in backwards(&steps).into_iter().enumerate() {
            assert_level(lags.level(place), smoothed, &format!("seed {seed}, place {place}"));
        }
    }
}

struct Step {
    transition: Body,
    predicted: (SVector<f64, STATES>, Body),
    filtered: (SVector<f64, STATES>, Body),
}

fn full(state: &BodyState) -> (SVector<f64, STATES>, Body) {
    (SVector::from(*state.mean()), Body::from_fn(|i, j| state.covariance(i, j)))
}

/// The smoothed level at every step, and its variance.
fn backwards(steps: &[Step]) -> Vec<(f64, f64)> {
    let (mut mean, mut covariance) = steps.last().unwrap().filtered;
    let mut levels = vec![(mean[0], covariance[(0, 0)])];
    for pair in steps.windows(2).rev() {
        let [step, next] = pair else { unreachable!() };
        let (filtered, spread) = step.filtered;
        let gain = spread * next.transition.transpose() * next.predicted.1.try_inverse().unwrap();
        mean = filtered + gain * (mean - next.predicted.0);
        covariance = spread + gain * (covariance - next.predicted.1) * gain.transpose();
        levels.push((mean[0], covariance[(0, 0)]));
    }
    levels.reverse();
    levels
}

/// Later readings make what is known of an earlier level only better, and the newest place is the level.
#[test]
fn hindsight_only_sharpens() {
    let model = BodyModel::default();
    let mut dice = Dice::new(5);
    let mut lags = Lags::default();
    let mut state = BodyState::new(&prior());
    let mut known = [f64::INFINITY; LAGS];
    for n in 0..200 {
        state.predict(&model.passage(dice.days()), &mut lags);
        let expected = state.expect(Seen { scale: 0, evening: dice.share() });
        state.update(&expected, 80.0 + dice.normal(), expected.variance + 0.2, &mut lags);
        let place = n % LAGS;
        lags.put(place, &state);
        known[place] = f64::INFINITY;
        assert!((lags.level(place).0 - state.level()).abs() < 1e-5);
        for (place, known) in known.iter_mut().enumerate().take(n + 1) {
            let variance = lags.level(place).1;
            assert!(
                variance > 0.0 && variance <= *known,
                "reading {n}, place {place}: {variance}, was {known}"
            );
            *known = variance;
        }
    }
}

/// A place that was emptied holds zeros, whatever was in it, and the others keep theirs.
#[test]
fn a_place_that_was_emptied_holds_nothing() {
    let state = BodyState::new(&prior());
    let mut lags = Lags::default();
    lags.put(2, &state);
    let alone = lags;
    lags.put(5, &state);
    assert_ne!(lags, alone);
    lags.clear(5);
    assert_eq!(lags, alone);
    lags.clear(2);
    assert_eq!(lags, Lags::default());
}

/// The numbers of a place are taken out and put back as they are; a place past the last counts from the first.
#[test]
fn a_place_is_taken_out_and_put_back() {
    let mut lags = Lags::default();
    let cross = [1.0, -2.0, 3.0, -4.0, 5.0, -6.0, 7.0];
    lags.set_place(LAGS + 4, cross, 81.5, 0.25);
    assert_eq!(lags.place(4), (cross, 81.5, 0.25));
    assert_eq!(lags.level(4 + 2 * LAGS), (81.5, 0.25));
    let empty = lags.place(3);
    assert_eq!(empty, ([0.0; STATES], 0.0, 0.0));
}
