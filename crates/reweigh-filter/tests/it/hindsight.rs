//! The smoothers against each other, and against one great linear system that knows nothing of recursions.

use nalgebra::{DMatrix, DVector, SMatrix, SVector};
use proptest::prelude::*;
use reweigh_filter::{
    Belief, Evidence, FixedLag, Gaussian, LocalLevel, LocalLinearTrend, Model, Run, Sample, Step, smooth,
};

use crate::near::near;
use crate::nile;

/// The smoothed means and covariances of all states at once, from the joint density: its precision matrix is
/// a sum of one block per transition and one entry per observation. A flat start adds none.
fn batch<const N: usize>(
    model: &impl Model<N>,
    prior: Option<&Gaussian<N>>,
    samples: &[Sample],
) -> Vec<(SVector<f64, N>, SMatrix<f64, N, N>)> {
    let size = samples.len() * N;
    let mut precision = DMatrix::<f64>::zeros(size, size);
    let mut weighted = DVector::<f64>::zeros(size);
    let h = model.loading();
    for (t, sample) in samples.iter().enumerate() {
        let here = t * N;
        if let Some(y) = sample.value {
            let r = model.noise();
            for i in 0..N {
                weighted[here + i] += h[i] * y / r;
                for j in 0..N {
                    precision[(here + i, here + j)] += h[i] * h[j] / r;
                }
            }
        }
        if t == 0 {
            if let Some(prior) = prior {
                let inverse = prior.covariance().try_inverse().unwrap();
                let mean = inverse * prior.mean();
                for i in 0..N {
                    weighted[i] += mean[i];
                    for j in 0..N {
                        precision[(i, j)] += inverse[(i, j)];
                    }
                }
            }
            continue;
        }
        let transition = model.transition(sample.elapsed).unwrap();
        let inverse = transition.noise().try_inverse().unwrap();
        let f = transition.matrix();
        let blocks = [
            (here - N, here - N, f.transpose() * inverse * f),
            (here - N, here, -(f.transpose() * inverse)),
            (here, here - N, -(inverse * f)),
            (here, here, inverse),
        ];
        for (row, column, block) in blocks {
            for i in 0..N {
                for j in 0..N {
                    precision[(row + i, column + j)] += block[(i, j)];
                }
            }
        }
    }
    let covariance = precision.try_inverse().unwrap();
    let mean = &covariance * weighted;
    (0..samples.len())
        .map(|t| (mean.fixed_rows::<N>(t * N).into(), covariance.fixed_view::<N, N>(t * N, t * N).into()))
        .collect()
}

#[track_caller]
fn same<const N: usize>(
    smoothed: &[Gaussian<N>],
    expected: &[(SVector<f64, N>, SMatrix<f64, N, N>)],
    tolerance: f64,
) {
    assert_eq!(smoothed.len(), expected.len());
    for (got, (mean, covariance)) in smoothed.iter().zip(expected) {
        got.check().unwrap();
        for i in 0..N {
            let deviation = covariance[(i, i)].sqrt();
            near(got.mean()[i], mean[i], tolerance * (mean[i].abs() + deviation));
            for j in 0..N {
                let scale = deviation * covariance[(j, j)].sqrt();
                near(got.covariance()[(i, j)], covariance[(i, j)], tolerance * scale);
            }
        }
    }
}

/// Samples at irregular times, some without a value. The first two have one.
fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (0.05..30.0_f64, prop::option::weighted(0.8, 60.0..100.0_f64))
        .prop_map(|(elapsed, value)| Sample { elapsed, value });
    (60.0..100.0_f64, 60.0..100.0_f64, prop::collection::vec(sample, 1..14)).prop_map(
        |(first, second, mut rest)| {
            let mut samples = vec![Sample::new(0.0, first), Sample::new(1.0, second)];
            samples.append(&mut rest);
            samples
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// From an exact diffuse start the smoother gives what the joint density gives, for both models.
    /// Tolerance 1e-8 of the scale of each entry: the inverse of the great matrix has lost that many digits.
    ///
    /// Proves H2.
    #[test]
    fn smoothing_is_conditioning_on_everything(
        samples in samples(),
        level_rate in 1e-3..1.0_f64,
        trend_rate in 1e-4..0.1_f64,
        noise in 0.05..2.0_f64,
    ) {
        let level = LocalLevel::new(level_rate, noise).unwrap();
        let run = Run::over(&level, Belief::unknown(), &samples).unwrap();
        same(&run.smooth().unwrap(), &batch(&level, None, &samples), 1e-8);
        let trend = LocalLinearTrend::new(level_rate, trend_rate, noise).unwrap();
        let run = Run::over(&trend, Belief::unknown(), &samples).unwrap();
        same(&run.smooth().unwrap(), &batch(&trend, None, &samples), 1e-8);
    }

    /// The same from a prior.
    ///
    /// Proves H2.
    #[test]
    fn smoothing_from_a_prior_is_conditioning_too(
        samples in samples(),
        trend_rate in 1e-4..0.1_f64,
        widths in (0.01..100.0_f64, 1e-3..1.0_f64),
    ) {
        let model = LocalLinearTrend::new(0.05, trend_rate, 0.4).unwrap();
        let prior = Gaussian::independent([80.0, 0.0], [widths.0, widths.1]).unwrap();
        let run = Run::over(&model, prior.into(), &samples).unwrap();
        same(&run.smooth().unwrap(), &batch(&model, Some(&prior), &samples), 1e-8);
    }

    /// Hindsight never knows less: the smoothed variance is at most the filtered one, in every direction. At
    /// the last point the two are one, to the bit. Tolerance 1e-12 of the variance for rounding.
    ///
    /// Proves H2.
    #[test]
    fn hindsight_knows_no_less_and_at_the_end_the_same(
        samples in samples(),
        level_rate in 0.0..1.0_f64,
        trend_rate in 1e-6..0.1_f64,
        direction in (-1.0..1.0_f64, -1.0..1.0_f64),
    ) {
        let model = LocalLinearTrend::new(level_rate, trend_rate, 0.4).unwrap();
        let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
        let smoothed = run.smooth().unwrap();
        for (step, smoothed) in run.steps().iter().zip(&smoothed) {
            if let Belief::Known(filtered) = &step.filtered {
                let w = SVector::<f64, 2>::new(direction.0, direction.1);
                let spread = |g: &Gaussian<2>| w.dot(&(g.covariance() * w));
                let entries = |g: &Gaussian<2>| {
                    w[0] * w[0] * g.covariance()[(0, 0)] + w[1] * w[1] * g.covariance()[(1, 1)]
                };
                let (before, after) = (spread(filtered), spread(smoothed));
                prop_assert!(after <= before + 1e-12 * entries(filtered), "{after} above {before}");
                prop_assert!(smoothed.covariance()[(0, 0)] <= filtered.covariance()[(0, 0)] * (1.0 + 1e-12));
            }
        }
        prop_assert_eq!(smoothed.last(), run.last().known().ok());
    }

    /// A value that leaves the fixed-lag window is what the smoother makes of all that was seen up to then,
    /// and so are those still in it. Tolerance 1e-9 of the standard deviation and of the variance.
    ///
    /// Proves H2.
    #[test]
    fn the_fixed_lag_gives_what_smoothing_again_would(
        samples in samples(),
        level_rate in 1e-3..1.0_f64,
        trend_rate in 1e-5..0.1_f64,
    ) {
        let model = LocalLinearTrend::new(level_rate, trend_rate, 0.4).unwrap();
        check_lag::<2, 1>(&model, Belief::unknown(), &samples);
        check_lag::<2, 3>(&model, Belief::unknown(), &samples);
        check_lag::<2, 20>(&model, Belief::unknown(), &samples);
        let level = LocalLevel::new(level_rate, 0.4).unwrap();
        check_lag::<1, 3>(&level, Belief::unknown(), &samples);
    }
}

fn check_lag<const N: usize, const LAG: usize>(model: &impl Model<N>, start: Belief<N>, samples: &[Sample]) {
    let run = Run::over(model, start, samples).unwrap();
    let h = model.loading();
    // Places of the samples that have a value: only those enter the window.
    let places: Vec<usize> = (0..samples.len()).filter(|t| samples[*t].value.is_some()).collect();
    let mut filter = FixedLag::<N, LAG>::new(start);
    let mut entered = 0;
    for (t, sample) in samples.iter().enumerate() {
        filter.advance(&model.transition(sample.elapsed).unwrap()).unwrap();
        let Some(value) = sample.value else { continue };
        let observed = filter.observe(&model.observation(value).unwrap()).unwrap();
        entered += 1;
        assert_eq!(filter.belief(), &run.steps()[t].filtered);
        assert_eq!(observed.settled.is_some(), entered > LAG);
        assert_eq!(filter.window().count(), entered.min(LAG));
        let Ok(smoothed) = smooth(&run.steps()[..=t]) else { continue };
        let left = entered.saturating_sub(LAG);
        let window = filter.window().map(|past| past.value().unwrap());
        let first = observed.settled.map(|settled| (left - 1, settled));
        for (n, value) in first.into_iter().chain((left..).zip(window)) {
            let expected = smoothed[places[n]].forecast(&h, 0.0).unwrap();
            near(value.mean(), expected.mean(), 1e-9 * expected.standard_deviation());
            near(value.variance(), expected.variance(), 1e-9 * expected.variance());
        }
    }
}

/// A window in the middle of a series is smoothed by itself: what lies before is in its first state, and what
/// lies after it does not know. Tolerance none: the same operations.
///
/// Proves H2.
#[test]
fn a_window_is_smoothed_up_to_its_own_end() {
    let model = LocalLevel::new(1_469.1, 15_099.0).unwrap();
    let samples = nile::samples();
    let long = Run::over(&model, Belief::unknown(), &samples).unwrap();
    let short = Run::over(&model, Belief::unknown(), &samples[..60]).unwrap();
    assert_eq!(smooth(&long.steps()[40..60]).unwrap(), short.smooth().unwrap()[40..]);
    assert_eq!(smooth::<1>(&[]).unwrap(), []);
}

/// Each step of a run can be made by itself, with a noise of its own, and such steps are smoothed alike.
///
/// Proves H2.
#[test]
fn steps_with_changing_noise_are_smoothed() {
    let quiet = LocalLevel::new(0.1, 0.01).unwrap();
    let loud = LocalLevel::new(0.1, 100.0).unwrap();
    let mut belief = Belief::unknown();
    let mut steps = Vec::new();
    for (model, value) in [(quiet, 80.0), (loud, 120.0), (quiet, 80.2)] {
        let transition = model.transition(1.0).unwrap();
        let step = Step::after(&belief, transition, Some(model.observation(value).unwrap())).unwrap();
        belief = step.filtered;
        steps.push(step);
    }
    let middle = smooth(&steps).unwrap()[1];
    // The loud value weighs 1/100, its neighbours about 1/0.11 each.
    near(middle.mean()[0], (80.0 / 0.11 + 120.0 / 100.0 + 80.2 / 0.11) / (2.0 / 0.11 + 0.01), 1e-12);
    near(middle.covariance()[(0, 0)], 1.0 / (2.0 / 0.11 + 0.01), 1e-15);
}

/// A missing value leaves the belief as predicted and the likelihood as it was.
///
/// Proves H1, H2.
#[test]
fn a_missing_value_changes_nothing_but_the_time() {
    let model = LocalLinearTrend::new(0.01, 1e-4, 0.4).unwrap();
    let samples = [Sample::new(0.0, 80.0), Sample::new(1.0, 80.5), Sample::missing(2.0)];
    let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
    let step = &run.steps()[2];
    assert_eq!(step.evidence, Evidence::Missing);
    assert_eq!(step.predicted, step.filtered);
    assert_eq!(
        step.filtered.known(),
        Ok(&model.predict(run.steps()[1].filtered.known().unwrap(), 2.0).unwrap())
    );
    let shorter = Run::over(&model, Belief::unknown(), &samples[..2]).unwrap();
    assert_eq!(run.log_likelihood().to_bits(), shorter.log_likelihood().to_bits());
}
