//! That the covariance stays one.

use super::super::{BodyModel, BodyState, LAGS, Lags, SCALES, STATES, Seen};
use super::dense::Body;
use super::dice::Dice;
use super::{begun, odd_model, prior};

/// A million readings, and beginnings of every kind between them.
const READINGS: usize = 1_000_000;
/// Readings between two looks at the covariance, a prime so that it meets every place and scale.
const LOOK_EVERY: usize = 61;

fn smallest_pivot(state: &BodyState) -> Option<f64> {
    let full = Body::from_fn(|i, j| state.covariance(i, j));
    full.cholesky().map(|factor| {
        (0..STATES).map(|i| factor.l_dirty()[(i, i)] * factor.l_dirty()[(i, i)]).fold(f64::MAX, f64::min)
    })
}

/// The covariance is positive definite after any number of readings of any noise after any span, and no
/// number is anything but finite.
///
/// Proves H1.
#[test]
fn a_million_readings_leave_the_covariance_positive_definite() {
    let mut dice = Dice::new(42);
    let mut lags = Lags::default();
    let mut state = begun(&prior(), &mut lags);
    let models = [BodyModel::default(), odd_model()];
    for n in 0..READINGS {
        match dice.below(200) {
            0 => state.begin_scale(1 + dice.below(SCALES - 1), prior().bias_sd, &mut lags),
            1 => state.widen_level(dice.magnitude(1e-3, 500.0)),
            2 => {
                state.begin_anew(dice.magnitude(1e-2, 500.0), &prior());
                lags = Lags::default();
            }
            _ => {}
        }
        let days = if n % 7 == 0 { dice.days() } else { 0.6 };
        state.predict(&models[n / 1000 % 2].passage(days), &mut lags);
        let seen = Seen { scale: dice.below(SCALES), evening: dice.share() };
        let expected = state.expect(seen);
        assert!(expected.variance > 0.0, "reading {n}: {expected:?}");
        let noise = dice.magnitude(1e-6, 100.0);
        state.update(&expected, 80.0 + dice.share(), expected.variance + noise, &mut lags);
        lags.put(n % LAGS, &state);
        if n % LOOK_EVERY == 0 {
            let numbers = state.mean().iter().chain(state.triangle());
            assert!(numbers.copied().all(f64::is_finite), "reading {n}: {state:?}");
            let pivot = smallest_pivot(&state).unwrap_or(0.0);
            assert!(pivot > 0.0, "reading {n}: pivot {pivot:e}, {state:?}");
        }
    }
}
