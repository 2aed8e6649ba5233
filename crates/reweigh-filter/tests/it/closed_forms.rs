//! Where theory has a formula, the filter must give it.

use proptest::prelude::*;
use reweigh_filter::{Belief, Gaussian, LocalLevel, LocalLinearTrend, Model};

use crate::near::{near, relatively_near};

/// Elapsed times from none to three thousand years of days.
const ELAPSED: [f64; 9] = [0.0, 1e-6, 0.01, 0.1, 1.0, 30.0, 31.0, 3_650.0, 1e6];

/// Variance grows by the integral of the noise over the very time that passed, however short or long; nothing
/// is scaled by a step count and nothing clamped. Tolerance: 4 units in the last place, 1e-15 of each entry.
///
/// Proves H1, W28.
#[test]
fn process_noise_is_the_integral_over_the_elapsed_time() {
    let (level_rate, trend_rate) = (0.03, 0.002);
    let level = LocalLevel::new(level_rate, 0.4).unwrap();
    let trend = LocalLinearTrend::new(level_rate, trend_rate, 0.4).unwrap();
    for t in ELAPSED {
        relatively_near(level.transition(t).unwrap().noise()[(0, 0)], level_rate * t, 1e-15);
        let step = trend.transition(t).unwrap();
        let q = step.noise();
        relatively_near(q[(0, 0)], level_rate * t + trend_rate * t * t * t / 3.0, 1e-15);
        relatively_near(q[(1, 0)], trend_rate * t * t / 2.0, 1e-15);
        relatively_near(q[(0, 1)], trend_rate * t * t / 2.0, 1e-15);
        relatively_near(q[(1, 1)], trend_rate * t, 1e-15);
        assert_eq!(step.matrix()[(0, 1)].to_bits(), t.to_bits());
    }
}

/// The variance of a forecast is the closed form too: `P11 + 2 t P12 + t² P22 + Q11(t) + r`.
/// Tolerance 1e-15 of it per operation, 4e-15 in all.
///
/// Proves W28.
#[test]
fn a_forecast_widens_with_the_time_to_it() {
    let model = LocalLinearTrend::new(0.03, 0.002, 0.4).unwrap();
    let p = nalgebra::Matrix2::new(0.5, 0.01, 0.01, 0.004);
    let state = Gaussian::new(nalgebra::Vector2::new(80.0, -0.05), p).unwrap();
    for t in ELAPSED {
        let forecast = model.forecast(&state, t).unwrap();
        relatively_near(forecast.mean(), 80.0 - 0.05 * t, 4e-15);
        let expected = 0.5 + 0.02 * t + 0.004 * t * t + 0.03 * t + 0.002 * t * t * t / 3.0 + 0.4;
        relatively_near(forecast.variance(), expected, 4e-15);
    }
}

/// No elapsed time changes nothing, to the bit.
///
/// Proves H1, W28.
#[test]
fn no_elapsed_time_changes_nothing() {
    let model = LocalLinearTrend::new(0.03, 0.002, 0.4).unwrap();
    let p = nalgebra::Matrix2::new(0.5, -0.01, -0.01, 0.004);
    let state = Gaussian::new(nalgebra::Vector2::new(80.0, -0.05), p).unwrap();
    assert_eq!(model.predict(&state, 0.0).unwrap(), state);
    assert_eq!(model.predict(&state, -0.0).unwrap(), state);
}

/// The first observation counts once: it gives its own value with its own variance, and not half of it.
///
/// Proves W28.
#[test]
fn the_first_observation_is_applied_once() {
    let model = LocalLevel::new(0.03, 0.4).unwrap();
    let start = Belief::<1>::unknown();
    let (first, _) = start.update(&model.observation(80.0).unwrap()).unwrap();
    let state = first.known().unwrap();
    assert_eq!(state.mean()[0].to_bits(), 80.0_f64.to_bits());
    assert_eq!(state.covariance()[(0, 0)].to_bits(), 0.4_f64.to_bits());
    // From a prior with variance p it moves by p / (p + r), once.
    let prior = Gaussian::independent([70.0], [1.2]).unwrap();
    let updated = model.update(&prior, 80.0).unwrap();
    near(updated.state.mean()[0], 70.0 + 10.0 * 1.2 / 1.6, 1e-14);
    near(updated.state.covariance()[(0, 0)], 1.2 * 0.4 / 1.6, 1e-15);
}

/// Readings a fixed time apart bring the variance to the root of its Riccati equation,
/// `(q + √(q² + 4 q r)) / 2` (Durbin and Koopman 2012, section 2.11). For the Nile that is 5501.25794181,
/// tolerance half a unit of its last digit. Elsewhere 2e-13: where the gain is a thousandth, a thousand
/// roundings live on.
///
/// Proves H1.
#[test]
fn the_level_settles_at_its_steady_gain() {
    for (q, r) in [(1_469.1, 15_099.0), (0.02, 0.36), (1e-6, 1.0), (1e3, 1e-3)] {
        let model = LocalLevel::new(q, r).unwrap();
        let mut state = Gaussian::independent([0.0], [r]).unwrap();
        let mut gain = 0.0;
        for _ in 0..40_000 {
            let updated = model.update(&model.predict(&state, 1.0).unwrap(), 0.0).unwrap();
            (state, gain) = (updated.state, updated.gain[0]);
        }
        let steady = 0.5 * (q + (q * q + 4.0 * q * r).sqrt());
        let predicted = model.predict(&state, 1.0).unwrap().covariance()[(0, 0)];
        relatively_near(predicted, steady, 2e-13);
        relatively_near(gain, steady / (steady + r), 2e-13);
        if q.to_bits() == 1_469.1_f64.to_bits() {
            near(predicted, 5_501.257_941_81, 5e-9);
        }
    }
}

/// A trend driven by white noise, seen every `t`, settles at the gains `α` and `β/t` that satisfy
/// `β² / (1 - α) = q t³ / r` and `α = √(2β + β²/12) - β/2` (Bar-Shalom, Li and Kirubarajan 2001, section 6.5).
/// Tolerance 1e-12 of each.
///
/// Proves H1.
#[test]
fn the_trend_settles_at_its_steady_gains() {
    for (q, r, t) in [(0.001, 0.36, 1.0), (0.5, 0.1, 0.25), (1e-6, 1.0, 7.0), (10.0, 1e-2, 3.0)] {
        let model = LocalLinearTrend::new(0.0, q, r).unwrap();
        let mut state = Gaussian::independent([0.0, 0.0], [r, r]).unwrap();
        let (mut alpha, mut beta) = (0.0, 0.0);
        for _ in 0..20_000 {
            let updated = model.update(&model.predict(&state, t).unwrap(), 0.0).unwrap();
            state = updated.state;
            (alpha, beta) = (updated.gain[0], updated.gain[1] * t);
        }
        relatively_near(beta * beta / (1.0 - alpha), q * t * t * t / r, 1e-12);
        relatively_near(alpha, (2.0 * beta + beta * beta / 12.0).sqrt() - beta / 2.0, 1e-12);
    }
}

fn rate() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 9 => (-12.0..4.0_f64).prop_map(|x| libm::exp(2.3 * x))]
}

fn elapsed() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 9 => (-14.0..12.0_f64).prop_map(libm::exp)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// One step of `t` is as many steps as you like that add up to `t`. Tolerance per step 2e-15 of the
    /// variances that an entry belongs to, and of the largest mean on the way.
    ///
    /// Proves H1, W28.
    #[test]
    fn one_step_equals_its_parts(
        level_rate in rate(),
        trend_rate in rate(),
        parts in prop::collection::vec(elapsed(), 1..12),
        correlation in -0.99..0.99_f64,
        trend in -1.0..1.0_f64,
    ) {
        let level = LocalLevel::new(level_rate, 1.0).unwrap();
        let both = LocalLinearTrend::new(level_rate, trend_rate, 1.0).unwrap();
        let covariance = nalgebra::Matrix2::new(0.5, 0.1 * correlation, 0.1 * correlation, 0.02);
        let start1 = Gaussian::independent([80.0], [0.5]).unwrap();
        let start2 = Gaussian::new(nalgebra::Vector2::new(80.0, trend), covariance).unwrap();
        let (mut in_parts1, mut in_parts2, mut whole) = (start1, start2, 0.0);
        for part in &parts {
            in_parts1 = level.predict(&in_parts1, *part).unwrap();
            in_parts2 = both.predict(&in_parts2, *part).unwrap();
            whole += part;
        }
        let at_once1 = level.predict(&start1, whole).unwrap();
        let at_once2 = both.predict(&start2, whole).unwrap();
        let tolerance = 2e-15 * f64::from(u32::try_from(parts.len()).unwrap() + 1);
        relatively_near(in_parts1.covariance()[(0, 0)], at_once1.covariance()[(0, 0)], tolerance);
        near(in_parts2.mean()[0], at_once2.mean()[0], tolerance * (80.0 + whole));
        for (i, j) in [(0, 0), (1, 0), (1, 1)] {
            let p = at_once2.covariance();
            let scale = (p[(i, i)] * p[(j, j)]).sqrt();
            near(in_parts2.covariance()[(i, j)], p[(i, j)], tolerance * scale);
        }
        prop_assert!(at_once2.check().is_ok(), "{at_once2:?}");
    }
}
