//! Against the same filter in 106 bits, where the numbers are ill conditioned.

use reweigh_filter::{Belief, Gaussian, LocalLinearTrend, Model};

use crate::dice::Dice;
use crate::double_double::Wide;
use crate::near::near;

/// The textbook's filter for a level and a trend, in its plainest form: `P - k hᵀ P`. With 106 bits it can
/// afford that.
#[derive(Debug, Clone, Copy)]
struct Reference {
    m: [Wide; 2],
    p: [Wide; 3],
}

impl Reference {
    fn step(self, t: f64, y: f64, rates: [f64; 3]) -> Self {
        let [level, trend, noise] = rates.map(Wide::from);
        let (t, y) = (Wide::from(t), Wide::from(y));
        let (two, three) = (Wide::from(2.0), Wide::from(3.0));
        let [m0, m1] = self.m;
        let [a, b, c] = self.p;
        let m0 = m0 + t * m1;
        let a = a + two * t * b + t * t * c + level * t + trend * t * t * t / three;
        let b = b + t * c + trend * t * t / two;
        let c = c + trend * t;
        let s = a + noise;
        let v = y - m0;
        let (k0, k1) = (a / s, b / s);
        Self { m: [m0 + k0 * v, m1 + k1 * v], p: [a - k0 * a, b - k0 * b, c - k1 * b] }
    }
}

/// The worst errors of a run: of the covariance in parts of its own entries' scale, of the mean in standard
/// deviations.
#[derive(Debug, Clone, Copy, Default)]
struct Worst {
    covariance: f64,
    mean: f64,
}

fn compare(
    start: [f64; 2],
    variances: [f64; 2],
    rates: [f64; 3],
    elapsed: impl Fn(u32, &mut Dice) -> f64,
    steps: u32,
) -> Worst {
    let model = LocalLinearTrend::new(rates[0], rates[1], rates[2]).unwrap();
    let mut state = Gaussian::independent(start, variances).unwrap();
    let zero = Wide::from(0.0);
    let mut reference =
        Reference { m: start.map(Wide::from), p: [variances[0].into(), zero, variances[1].into()] };
    let mut dice = Dice::new(7);
    let mut worst = Worst::default();
    for i in 0..steps {
        let t = elapsed(i, &mut dice);
        let y = 80.0 + dice.normal() * rates[2].sqrt();
        state = model.update(&model.predict(&state, t).unwrap(), y).unwrap().state;
        reference = reference.step(t, y, rates);
        state.check().unwrap();
        let p = reference.p.map(Wide::value);
        let scale = (p[0] * p[2]).sqrt();
        let got = state.covariance();
        for (got, want, scale) in
            [(got[(0, 0)], p[0], p[0]), (got[(1, 0)], p[1], scale), (got[(1, 1)], p[2], p[2])]
        {
            worst.covariance = worst.covariance.max((got - want).abs() / scale);
        }
        for (got, (want, variance)) in state.mean().iter().zip(reference.m.iter().zip([p[0], p[2]])) {
            worst.mean = worst.mean.max((got - want.value()).abs() / variance.sqrt());
        }
    }
    worst
}

#[track_caller]
fn at_most(worst: Worst, covariance: f64, mean: f64) {
    assert!(worst.covariance <= covariance && worst.mean <= mean, "{worst:?}");
}

/// An ordinary life of weights, hours to months apart. Tolerance: 2e-14 of the covariance and 1e-12 of a
/// standard deviation, which is some fifty roundings.
///
/// Proves H1.
#[test]
fn ordinary_lives_lose_nothing() {
    let daily = |_: u32, dice: &mut Dice| dice.log_uniform(0.01, 100.0);
    let worst = compare([80.0, 0.0], [484.0, 0.01], [0.01, 1e-5, 0.36], daily, 5_000);
    at_most(worst, 2e-14, 1e-12);
}

/// A prior whose variance is 10¹² times that of the noise costs ten digits, and no form of the update can
/// give them back: this is what the exact start is for. Tolerance: 1e-5 of each.
///
/// Proves H1.
#[test]
fn a_prior_much_wider_than_the_noise() {
    let hourly = |_: u32, _: &mut Dice| 1.0;
    let worst = compare([0.0, 0.0], [1e12, 1e12], [1e-3, 1e-4, 1.0], hourly, 500);
    at_most(worst, 1e-5, 1e-5);
}

/// Two readings a second apart, then years of silence, over and over. Tolerance as for ordinary lives.
///
/// Proves H1.
#[test]
fn seconds_and_decades() {
    let gaps = |i: u32, _: &mut Dice| if i.is_multiple_of(2) { 1.2e-5 } else { 3_650.0 };
    let worst = compare([80.0, 0.0], [4.0, 0.01], [0.01, 1e-5, 0.36], gaps, 500);
    at_most(worst, 2e-14, 1e-12);
}

/// Almost no noise in the readings, so that the level is all but known and the trend a quotient. Tolerance as
/// for ordinary lives.
///
/// Proves H1.
#[test]
fn readings_almost_without_noise() {
    let daily = |_: u32, _: &mut Dice| 1.0;
    let worst = compare([80.0, 0.0], [1.0, 1.0], [1e-3, 1e-5, 1e-12], daily, 500);
    at_most(worst, 2e-14, 1e-12);
}

/// No process noise at all: ten thousand readings of a straight line, whose covariance goes to zero and
/// nothing forgets a rounding. Tolerance: 1e-13 of the covariance, 1e-10 of a standard deviation.
///
/// Proves H1.
#[test]
fn a_straight_line_for_ever() {
    let daily = |_: u32, _: &mut Dice| 1.0;
    let worst = compare([80.0, 0.0], [100.0, 1.0], [0.0, 0.0, 0.25], daily, 10_000);
    at_most(worst, 1e-13, 1e-10);
}

/// The exact start against a prior of variance 10¹⁶ in 106 bits, from where both are known on. What the
/// reference itself lacks is of the order 1e-12. Tolerance: 1e-11 of the covariance and of a standard
/// deviation.
///
/// Proves H1.
#[test]
fn the_exact_start_is_the_limit_of_wide_ones() {
    for gap in [0.01, 1.0, 40.0] {
        let rates = [0.01, 1e-4, 0.36];
        let model = LocalLinearTrend::new(rates[0], rates[1], rates[2]).unwrap();
        let mut belief = Belief::unknown();
        let wide = Wide::from(1e16);
        let zero = Wide::from(0.0);
        let mut reference = Reference { m: [zero; 2], p: [wide, zero, wide] };
        let mut dice = Dice::new(3);
        for i in 0..20 {
            let (t, y) = (if i == 0 { 0.0 } else { gap }, 80.0 + dice.normal());
            belief = belief.predict(&model.transition(t).unwrap()).unwrap();
            belief = belief.update(&model.observation(y).unwrap()).unwrap().0;
            reference = reference.step(t, y, rates);
            assert_eq!(belief.known().is_ok(), i > 0);
            let Belief::Known(state) = belief else { continue };
            let p = reference.p.map(Wide::value);
            let got = state.covariance();
            near(got[(0, 0)], p[0], 1e-11 * p[0]);
            near(got[(1, 0)], p[1], 1e-11 * (p[0] * p[2]).sqrt());
            near(got[(1, 1)], p[2], 1e-11 * p[2]);
            near(state.mean()[0], reference.m[0].value(), 1e-11 * p[0].sqrt());
            near(state.mean()[1], reference.m[1].value(), 1e-11 * p[2].sqrt());
        }
    }
}
