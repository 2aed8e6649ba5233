//! Where the truth is known because it was drawn: errors and innovations must be as large as the filter says.

use reweigh_filter::{Belief, Certainty, Gaussian, LocalLevel, LocalLinearTrend, Model, Run, Sample, Search};

use crate::dice::{Dice, chi_square_bounds};

const LEVEL_RATE: f64 = 0.01;
const TREND_RATE: f64 = 2e-4;
const NOISE: f64 = 0.36;

fn model() -> LocalLinearTrend {
    LocalLinearTrend::new(LEVEL_RATE, TREND_RATE, NOISE).unwrap()
}

/// A life: hours to weeks between readings, every eighth missing.
fn live(dice: &mut Dice, start: [f64; 2], readings: u32) -> (Vec<Sample>, Vec<[f64; 2]>) {
    let [mut level, mut trend] = start;
    let mut samples = Vec::new();
    let mut truth = Vec::new();
    for i in 0..readings {
        let t = dice.log_uniform(0.1, 20.0);
        // A draw with the covariance of the closed form, from its Cholesky factor written out.
        let (a, b) = (dice.normal(), dice.normal());
        let trend_deviation = (TREND_RATE * t).sqrt();
        let own = (LEVEL_RATE * t + TREND_RATE * t * t * t / 12.0).sqrt();
        level += t * trend + 0.5 * t * trend_deviation * a + own * b;
        trend += trend_deviation * a;
        let value = (i % 8 != 7).then(|| level + NOISE.sqrt() * dice.normal());
        samples.push(Sample { elapsed: t, value });
        truth.push([level, trend]);
    }
    (samples, truth)
}

fn error_squared(state: &Gaussian<2>, truth: [f64; 2]) -> f64 {
    let off = nalgebra::Vector2::new(truth[0], truth[1]) - state.mean();
    off.dot(&(state.covariance().try_inverse().unwrap() * off))
}

#[track_caller]
fn within(sum: f64, degrees: f64) {
    let (low, high) = chi_square_bounds(degrees);
    assert!(low < sum && sum < high, "{sum} is not in [{low}, {high}]");
}

/// Over 2,000 lives of 40 readings: the errors of the last filtered state and of the middle smoothed one are
/// chi-square with two degrees each, the NIS of every reading chi-square with one. A prior starts half of the
/// lives, the exact diffuse start the others. Tolerance: the bounds that such sums leave one time in a
/// thousand.
///
/// Proves H1, H2.
#[test]
fn errors_and_innovations_are_as_large_as_the_filter_says() {
    const LIVES: u32 = 2_000;
    let model = model();
    let mut dice = Dice::new(20_261_120);
    let (mut last, mut middle, mut nis, mut innovations) = (0.0, 0.0, 0.0, 0.0);
    let mut products = 0.0;
    for life in 0..LIVES {
        let prior = Gaussian::independent([80.0, 0.0], [100.0, 0.01]).unwrap();
        let start = [80.0 + 10.0 * dice.normal(), 0.1 * dice.normal()];
        let (samples, truth) = live(&mut dice, start, 40);
        let start = if life % 2 == 0 { prior.into() } else { Belief::unknown() };
        let run = Run::over(&model, start, &samples).unwrap();
        last += error_squared(run.last().known().unwrap(), truth[39]);
        middle += error_squared(&run.smooth().unwrap()[20], truth[20]);
        let mut before = 0.0;
        for step in run.steps() {
            if let reweigh_filter::Evidence::Innovation(innovation) = step.evidence {
                nis += innovation.nis();
                innovations += 1.0;
                let normalised = innovation.value() / innovation.variance().sqrt();
                products += before * normalised;
                before = normalised;
            }
        }
    }
    within(last, 2.0 * f64::from(LIVES));
    within(middle, 2.0 * f64::from(LIVES));
    within(nis, innovations);
    // Innovations of one life do not know each other: their products sum to zero, within 3.29 deviations.
    assert!(products.abs() < 3.29 * f64::sqrt(innovations), "{products} of {innovations}");
}

/// The test above must be able to fail: a filter whose model is wrong by a quarter in its noise is found out.
#[test]
fn a_wrong_model_is_found_out() {
    let wrong = LocalLinearTrend::new(LEVEL_RATE, TREND_RATE, 1.25 * NOISE).unwrap();
    let mut dice = Dice::new(5);
    let (mut nis, mut innovations) = (0.0, 0.0);
    for _ in 0..300 {
        let (samples, _) = live(&mut dice, [80.0, 0.0], 40);
        let run = Run::over(&wrong, Belief::unknown(), &samples).unwrap();
        for one in run.steps().iter().filter_map(|step| step.evidence.nis()) {
            nis += one;
            innovations += 1.0;
        }
    }
    let (low, _) = chi_square_bounds(innovations);
    assert!(nis < low, "{nis} is not below {low}");
}

/// An interval of 90 % holds the next reading nine times in ten: 10,000 forecasts, within 3.29 deviations.
///
/// Proves H2.
#[test]
fn intervals_hold_what_they_promise() {
    let model = model();
    let mut dice = Dice::new(77);
    let (mut held, mut all) = (0.0, 0.0);
    for _ in 0..500 {
        let (samples, _) = live(&mut dice, [80.0, 0.0], 24);
        let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
        for pair in run.steps().windows(2).zip(&samples[1..]) {
            let ([before, _], sample) = pair else { unreachable!("windows of two") };
            if let (Belief::Known(state), Some(value)) = (&before.filtered, sample.value) {
                let forecast = model.forecast(state, sample.elapsed).unwrap();
                let interval = forecast.interval(0.9).unwrap();
                all += 1.0;
                held += if interval.low < value && value < interval.high { 1.0 } else { 0.0 };
            }
        }
    }
    let deviation = f64::sqrt(all * 0.9 * 0.1);
    assert!(all > 9_000.0 && f64::abs(held - 0.9 * all) < 3.29 * deviation, "{held} of {all}");
}

/// Fits of 300 drawn series of 100 readings: the logarithms of the fitted variances scatter round the truth
/// with the standard errors that the fits report. Their normalised errors have mean square one, within a
/// quarter, as the log-likelihood of a hundred readings is only nearly a parabola.
///
/// Proves H2.
#[test]
fn standard_errors_are_as_large_as_the_scatter() {
    let truth = [0.36, 0.1];
    let mut dice = Dice::new(9);
    let mut squares = [0.0; 2];
    for _ in 0..300 {
        let mut level = 80.0;
        let samples: Vec<Sample> = (0..100)
            .map(|_| {
                let t = dice.log_uniform(0.5, 2.0);
                level += (truth[1] * t).sqrt() * dice.normal();
                Sample::new(t, level + truth[0].sqrt() * dice.normal())
            })
            .collect();
        let fit = LocalLevel::fit(&samples, &Search::default()).unwrap();
        for ((square, parameter), truth) in squares.iter_mut().zip(fit.parameters).zip(truth) {
            let Certainty::StandardError(error) = parameter.certainty else { panic!("{parameter:?}") };
            let off = libm::log(parameter.value / truth) / (error / parameter.value);
            *square += off * off / 300.0;
        }
    }
    assert!(squares.iter().all(|s| (0.75..1.25).contains(s)), "{squares:?}");
}
