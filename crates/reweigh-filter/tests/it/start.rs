//! Starting from nothing: whatever comes first, and however it comes.

use nalgebra::{Matrix3, SVector};
use proptest::prelude::*;
use reweigh_filter::{
    Belief, Evidence, FilterError, Gaussian, LocalLevel, LocalLinearTrend, Model, Observation, Run, Sample,
    Step, Transition, smooth,
};

use crate::near::{near, relatively_near};

fn trend() -> LocalLinearTrend {
    LocalLinearTrend::new(0.01, 1e-4, 0.36).unwrap()
}

/// Two readings make a straight line: the level is the second, the trend their slope. With no process noise
/// the variances are `r` and `2 r / t²`, the covariance `r / t`. Tolerance 1e-14 of each.
///
/// Proves H1.
#[test]
fn two_readings_make_a_line() {
    let model = LocalLinearTrend::new(0.0, 0.0, 0.36).unwrap();
    for t in [0.01, 1.0, 250.0] {
        let samples = [Sample::new(0.0, 80.0), Sample::new(t, 79.0)];
        let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
        let state = run.last().known().unwrap();
        relatively_near(state.mean()[0], 79.0, 1e-14);
        relatively_near(state.mean()[1], -1.0 / t, 1e-14);
        relatively_near(state.covariance()[(0, 0)], 0.36, 1e-14);
        relatively_near(state.covariance()[(1, 0)], 0.36 / t, 1e-14);
        relatively_near(state.covariance()[(1, 1)], 0.72 / (t * t), 1e-14);
    }
}

/// A second reading at the same instant halves the level's variance and says nothing of the trend.
///
/// Proves H1.
#[test]
fn readings_at_one_instant_do_not_start_a_trend() {
    for second in [0.0, 1e-5] {
        let samples = [Sample::new(0.0, 80.0), Sample::new(second, 81.0), Sample::new(1.0, 81.0)];
        let run = Run::over(&trend(), Belief::unknown(), &samples).unwrap();
        let [first, repeated, last] = run.steps() else { panic!("three steps") };
        assert!(matches!(first.evidence, Evidence::Arrival(_)));
        assert!(matches!(repeated.evidence, Evidence::Innovation(_)));
        let Belief::Diffuse(half) = repeated.filtered else { panic!("{repeated:?}") };
        near(half.mean()[0], 80.5, 1e-6);
        near(half.finite()[(0, 0)], 0.18, 1e-6);
        assert_eq!(half.rank(), 1);
        assert!(matches!(last.evidence, Evidence::Arrival(_)));
        let state = last.filtered.known().unwrap();
        near(state.mean()[1], 0.5, 1e-4);
        state.check().unwrap();
    }
}

/// Two readings at one instant are one reading of their mean with half the noise, for the smoother too, and
/// also while the state is still unknown. Tolerance 1e-12 of each.
///
/// Proves H2.
#[test]
fn readings_at_one_instant_are_smoothed_as_their_mean() {
    let (model, halved) = (trend(), LocalLinearTrend::new(0.01, 1e-4, 0.18).unwrap());
    let later = [Sample::new(1.0, 81.0), Sample::new(2.0, 80.2), Sample::new(0.5, 80.9)];
    let twice = [[Sample::new(0.0, 80.0), Sample::new(0.0, 81.0)].as_slice(), &later].concat();
    let twice = Run::over(&model, Belief::unknown(), &twice).unwrap().smooth().unwrap();

    let at_once = halved.transition(0.0).unwrap();
    let mean = halved.observation(80.5).unwrap();
    let mut steps = vec![Step::after(&Belief::unknown(), at_once, Some(mean)).unwrap()];
    for sample in later {
        let transition = model.transition(sample.elapsed).unwrap();
        let seen = model.observation(sample.value.unwrap()).unwrap();
        let before = steps.last().unwrap().filtered;
        steps.push(Step::after(&before, transition, Some(seen)).unwrap());
    }
    let once = smooth(&steps).unwrap();
    for (a, b) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)] {
        near((twice[a].mean() - once[b].mean()).amax(), 0.0, 1e-12 * 80.0);
        near((twice[a].covariance() - once[b].covariance()).amax(), 0.0, 1e-12);
    }
}

/// What is asked of an unknown state is refused by name, with how much is unknown.
#[test]
fn an_unknown_state_says_so() {
    let model = trend();
    let start = Belief::<2>::unknown();
    assert_eq!(start.known(), Err(FilterError::StillDiffuse { rank: 2 }));
    let (one, evidence) = start.update(&model.observation(80.0).unwrap()).unwrap();
    assert_eq!(one.known(), Err(FilterError::StillDiffuse { rank: 1 }));
    assert_eq!(evidence.nis(), None);
    let run = Run::over(&model, start, &[Sample::new(0.0, 80.0), Sample::missing(1.0)]).unwrap();
    let error = run.smooth().unwrap_err();
    assert_eq!((error.index, error.source), (1, FilterError::StillDiffuse { rank: 1 }));
}

/// Missing values before the first reading teach nothing, and are smoothed all the same.
/// Tolerance 1e-12 of each.
///
/// Proves H1, H2.
#[test]
fn missing_values_before_the_first_are_no_matter() {
    let model = trend();
    let late = [
        Sample::missing(0.0),
        Sample::missing(3.0),
        Sample::new(2.0, 80.0),
        Sample::new(1.0, 79.5),
        Sample::new(1.0, 79.7),
    ];
    let mut prompt = late[2..].to_vec();
    prompt[0].elapsed = 0.0;
    let late = Run::over(&model, Belief::unknown(), &late).unwrap();
    let prompt = Run::over(&model, Belief::unknown(), &prompt).unwrap();
    let (a, b) = (late.last().known().unwrap(), prompt.last().known().unwrap());
    near((a.mean() - b.mean()).amax(), 0.0, 1e-12 * 80.0);
    near((a.covariance() - b.covariance()).amax(), 0.0, 1e-12);
    // Seen from the first reading, the time before is a forecast backwards: the trend leads away and the
    // variance grows.
    let smoothed = late.smooth().unwrap();
    let first = smoothed[2];
    for (state, t) in [(smoothed[1], 2.0), (smoothed[0], 5.0)] {
        let back = Transition::new(
            nalgebra::Matrix2::new(1.0, -t, 0.0, 1.0),
            nalgebra::Matrix2::new(
                0.01 * t + 1e-4 * t * t * t / 3.0,
                -1e-4 * t * t / 2.0,
                -1e-4 * t * t / 2.0,
                1e-4 * t,
            ),
        );
        let expected = first.predict(&back.unwrap()).unwrap();
        near((state.mean() - expected.mean()).amax(), 0.0, 1e-12 * 80.0);
        near((state.covariance() - expected.covariance()).amax(), 0.0, 1e-12 * 10.0);
    }
}

/// The diffuse part is not made for two states alone: with three (level, trend, and an offset that only
/// evening readings show) each start is the limit of wide ones. Tolerance 1e-6, which is what a prior of
/// variance 10⁹ is off.
///
/// Proves H1.
#[test]
fn three_unknown_directions_resolve_in_any_order() {
    let evening = SVector::<f64, 3>::new(1.0, 0.0, 1.0);
    let morning = SVector::<f64, 3>::new(1.0, 0.0, 0.0);
    let day = Transition::new(
        Matrix3::new(1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        Matrix3::from_diagonal(&SVector::<f64, 3>::new(0.01, 1e-4, 1e-5)),
    )
    .unwrap();
    for order in [[evening, evening, morning], [morning, evening, morning], [evening, morning, morning]] {
        let mut exact = Belief::<3>::unknown();
        let mut wide: Belief<3> = Gaussian::independent([0.0; 3], [1e9; 3]).unwrap().into();
        for (i, loading) in order.iter().cycle().take(9).enumerate() {
            let value = 80.0 + [0.3, -0.2, 0.1, 0.4][i % 4];
            let seen = Observation::new(*loading, value, 0.25).unwrap();
            exact = exact.predict(&day).unwrap().update(&seen).unwrap().0;
            wide = wide.predict(&day).unwrap().update(&seen).unwrap().0;
            if i >= 3 {
                let (a, b) = (exact.known().unwrap(), wide.known().unwrap());
                a.check().unwrap();
                near((a.mean() - b.mean()).amax(), 0.0, 1e-6);
                near((a.covariance() - b.covariance()).amax(), 0.0, 1e-6);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The exact start is the limit of wide priors: the wider the prior, the nearer. Tolerance: 10⁻⁷ of the
    /// scale of the values for a prior of 10⁹ times the variance of the noise.
    ///
    /// Proves H1.
    #[test]
    fn wide_priors_tend_to_the_exact_start(
        level_rate in 1e-4..1.0_f64,
        gaps in prop::collection::vec(0.1..20.0_f64, 3..12),
        values in prop::collection::vec(60.0..100.0_f64, 12),
    ) {
        let model = LocalLevel::new(level_rate, 0.5).unwrap();
        let samples: Vec<Sample> =
            gaps.iter().zip(&values).map(|(t, y)| Sample::new(*t, *y)).collect();
        let exact = Run::over(&model, Belief::unknown(), &samples).unwrap();
        let exact = exact.last().known().unwrap().mean()[0];
        let wide = Gaussian::independent([0.0], [5e8]).unwrap();
        let wide = Run::over(&model, wide.into(), &samples).unwrap();
        near(wide.last().known().unwrap().mean()[0], exact, 1e-7 * 100.0);
    }
}
