//! The update of bounded influence.

use proptest::prelude::*;
use reweigh_filter::{Gaussian, LocalLinearTrend, Model, Past};

use crate::near::{near, relatively_near};

const THRESHOLD: f64 = 1.345;

fn model() -> LocalLinearTrend {
    LocalLinearTrend::new(0.01, 1e-4, 0.36).unwrap()
}

fn state() -> Gaussian<2> {
    let p = nalgebra::Matrix2::new(0.5, 0.03, 0.03, 0.01);
    Gaussian::new(nalgebra::Vector2::new(80.0, -0.1), p).unwrap()
}

/// Minus the logarithm of the density of a state, with Huber's density for the observation's error.
fn cost(before: &Gaussian<2>, x: nalgebra::Vector2<f64>, y: f64, noise: f64) -> f64 {
    let off = x - before.mean();
    let prior = 0.5 * off.dot(&(before.covariance().try_inverse().unwrap() * off));
    let u = (y - x[0]).abs() / noise.sqrt();
    prior + if u <= THRESHOLD { 0.5 * u * u } else { THRESHOLD * u - 0.5 * THRESHOLD * THRESHOLD }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// It is the most probable state under Huber's density: no state near it is more probable, by more than
    /// rounding (1e-9 of a cost that is below 10⁴).
    ///
    /// Proves H1.
    #[test]
    fn the_bounded_update_is_the_most_probable_state(
        y in prop_oneof![78.0..82.0_f64, 0.0..5_000.0_f64],
        angle in 0.0..std::f64::consts::TAU,
        distance in prop_oneof![Just(1e-4), Just(1e-2), Just(1.0)],
    ) {
        let (model, before) = (model(), state());
        let updated = before.update_bounded(&model.observation(y).unwrap(), THRESHOLD).unwrap();
        let top = *updated.state.mean();
        let aside = nalgebra::Vector2::new(libm::cos(angle), 0.1 * libm::sin(angle)) * distance;
        let (here, there) = (cost(&before, top, y, 0.36), cost(&before, top + aside, y, 0.36));
        prop_assert!(here <= there + 1e-9, "{here} above {there}");
        updated.state.check().unwrap();
    }

    /// However far off a reading is, it moves the state by at most `P h · threshold / √r`. Tolerance 1e-12 of
    /// it.
    ///
    /// Proves H1.
    #[test]
    fn no_reading_moves_the_state_further_than_the_bound(y in prop_oneof![-1e9..1e9_f64, 70.0..90.0_f64]) {
        let before = state();
        let updated = before.update_bounded(&model().observation(y).unwrap(), THRESHOLD).unwrap();
        for i in 0..2 {
            let bound = before.covariance()[(i, 0)] * THRESHOLD / 0.6;
            let moved = (updated.state.mean()[i] - before.mean()[i]).abs();
            prop_assert!(moved <= bound * (1.0 + 1e-12) + 1e-13, "{moved} beyond {bound}");
        }
        let plain = before.update(&model().observation(y).unwrap()).unwrap();
        // It believes the reading at most as much as the ordinary update does.
        for i in 0..2 {
            let (bounded, plain) = (updated.state.covariance()[(i, i)], plain.state.covariance()[(i, i)]);
            prop_assert!(bounded >= plain * (1.0 - 1e-14));
            prop_assert!(bounded <= before.covariance()[(i, i)] * (1.0 + 1e-14));
        }
        prop_assert_eq!(updated.innovation.nis().to_bits(), plain.innovation.nis().to_bits());
        prop_assert!(updated.innovation.weight() > 0.0 && updated.innovation.weight() <= 1.0);
    }
}

/// Below the threshold it is the ordinary update, to the bit; at it the two halves meet; beyond it the weight
/// falls. The threshold lies where the residual `v r / s` is `threshold · √r`. Tolerance 1e-9 across a step
/// of 1e-10.
///
/// Proves H1.
#[test]
fn the_two_halves_meet_at_the_threshold() {
    let (model, before) = (model(), state());
    let edge = THRESHOLD * (0.5 + 0.36) / 0.6;
    let bounded = |y: f64| before.update_bounded(&model.observation(y).unwrap(), THRESHOLD).unwrap();
    let inside = bounded(80.0 + edge - 1e-10);
    assert_eq!(inside, before.update(&model.observation(80.0 + edge - 1e-10).unwrap()).unwrap());
    let outside = bounded(80.0 + edge + 1e-10);
    assert!(outside.innovation.weight() < 1.0);
    near((outside.state.mean() - inside.state.mean()).amax(), 0.0, 1e-9);
    near((outside.state.covariance() - inside.state.covariance()).amax(), 0.0, 1e-9);
    assert!(bounded(90.0).innovation.weight() < bounded(85.0).innovation.weight());
}

/// It is the ordinary update with a larger noise, and everything that follows an update sees that noise: here
/// a past value, which an outlier must not drag along either. Tolerance 1e-13.
///
/// Proves H1, H2.
#[test]
fn the_past_follows_the_bounded_update() {
    let (model, before) = (model(), state());
    let seen = model.observation(200.0).unwrap();
    let updated = before.update_bounded(&seen, THRESHOLD).unwrap();
    let wider = LocalLinearTrend::new(0.01, 1e-4, 0.36 / updated.innovation.weight()).unwrap();
    let same = before.update(&wider.observation(200.0).unwrap()).unwrap();
    near((updated.state.mean() - same.state.mean()).amax(), 0.0, 1e-13 * 80.0);
    near((updated.state.covariance() - same.state.covariance()).amax(), 0.0, 1e-13);
    let mut bounded = Past::new(&before, &model.loading()).unwrap();
    let mut plain = bounded;
    bounded.update(&seen, &updated);
    plain.update(&wider.observation(200.0).unwrap(), &same);
    relatively_near(bounded.value().unwrap().mean(), plain.value().unwrap().mean(), 1e-13);
    relatively_near(bounded.value().unwrap().variance(), plain.value().unwrap().variance(), 1e-13);
    // The value of the present is the past's, if no time has passed.
    relatively_near(bounded.value().unwrap().mean(), updated.state.mean()[0], 1e-13);
}
