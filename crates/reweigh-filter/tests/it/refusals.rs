//! What is refused, and that nothing unsound ever comes out.

use nalgebra::{Matrix2, Vector2};
use proptest::prelude::*;
use reweigh_filter::{
    Belief, FilterError, FixedLag, Forecast, Gaussian, LocalLevel, LocalLinearTrend, Model, Observation,
    Past, Run, Sample, Transition,
};

fn text(error: FilterError) -> String {
    error.to_string()
}

/// Each refusal says what, its value and what would be right.
#[test]
fn refusals_say_what_and_what_would_be_right() {
    let refused = [
        LocalLevel::new(-1.0, 1.0).unwrap_err(),
        LocalLevel::new(1.0, 0.0).unwrap_err(),
        LocalLinearTrend::new(0.0, f64::NAN, 1.0).unwrap_err(),
        LocalLevel::new(1.0, 1.0).unwrap().transition(-0.5).unwrap_err(),
        LocalLevel::new(1.0, 1.0).unwrap().observation(f64::INFINITY).unwrap_err(),
        Gaussian::new(Vector2::zeros(), Matrix2::new(1.0, 2.0, 2.0, 1.0)).unwrap_err(),
        Gaussian::new(Vector2::zeros(), Matrix2::new(1.0, 0.5, 0.25, 1.0)).unwrap_err(),
        Forecast::new(0.0, 1.0).unwrap().interval(1.0).unwrap_err(),
        Belief::<2>::unknown().known().unwrap_err(),
    ];
    let texts = [
        "variance rate of the level is -1; it must not be negative",
        "noise variance is 0; it must be greater than zero",
        "variance rate of the trend is NaN; it must be finite",
        "elapsed time is -0.5; it must not be negative",
        "observed value is inf; it must be finite",
        "covariance is not positive definite: pivot -3 in row 1; widen its diagonal or start again from a wider \
         state",
        "covariance is not symmetric: entry (1, 0) is 0.25 but entry (0, 1) is 0.5; make both the same number",
        "probability is 1; it must lie strictly between 0 and 1",
        "2 direction(s) of the state are still unknown; give more observations at different times",
    ];
    for (error, expected) in refused.into_iter().zip(texts) {
        assert_eq!(text(error), expected);
    }
}

/// A series names the place.
#[test]
fn a_series_names_the_sample_that_is_wrong() {
    let model = LocalLevel::new(1.0, 1.0).unwrap();
    let samples = [Sample::new(0.0, 80.0), Sample::new(1.0, 80.0), Sample::new(-1.0, 80.0)];
    let error = Run::over(&model, Belief::unknown(), &samples).unwrap_err();
    assert_eq!(error.to_string(), "the series fails at index 2");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "elapsed time is -1; it must not be negative");
}

/// A state that overflows is refused and not carried on.
///
/// Proves H1.
#[test]
fn overflow_is_refused() {
    let model = LocalLinearTrend::new(1e300, 1e300, 1.0).unwrap();
    let state = Gaussian::independent([80.0, 0.0], [1.0, 1.0]).unwrap();
    assert!(matches!(model.predict(&state, 1e100), Err(FilterError::NotFinite { .. })));
    let far = Gaussian::independent([-1e308, 0.0], [1.0, 1.0]).unwrap();
    let ordinary = LocalLinearTrend::new(1.0, 1.0, 1.0).unwrap();
    assert!(matches!(ordinary.update(&far, 1.7e308), Err(FilterError::NotFinite { .. })));
}

/// A fixed-lag filter that refuses is as it was.
#[test]
fn a_fixed_lag_that_refuses_is_as_it_was() {
    let model = LocalLevel::new(1.0, 1.0).unwrap();
    let mut filter = FixedLag::<1, 2>::new(Belief::unknown());
    for value in [80.0, 81.0, 82.0] {
        filter.observe(&model.observation(value).unwrap()).unwrap();
        filter.advance(&model.transition(1.0).unwrap()).unwrap();
    }
    let before = filter;
    let violent = Transition::new(nalgebra::Matrix1::new(1e200), nalgebra::Matrix1::new(0.0)).unwrap();
    assert!(filter.advance(&violent).is_err());
    assert_eq!(filter, before);
    let blind = Observation::new(nalgebra::Vector1::new(0.0), 80.0, 1.0).unwrap();
    assert!(filter.observe(&blind).is_err());
    assert_eq!(filter, before);
}

/// An observation that rounding cannot bear is refused when it comes, and not later, when an ordinary one
/// would push out the value that it used up. The filter goes on.
#[test]
fn a_fixed_lag_goes_on_after_an_observation_that_uses_up_its_window() {
    let seen = |noise| Observation::new(nalgebra::Vector1::new(1.0), 80.0, noise).unwrap();
    let mut filter = FixedLag::<1, 2>::new(Gaussian::independent([0.0], [1e12]).unwrap().into());
    filter.observe(&seen(1e10)).unwrap();
    let before = filter;
    assert!(matches!(filter.observe(&seen(1e-10)), Err(FilterError::NotPositive { .. })));
    assert_eq!(filter, before);
    for _ in 0..4 {
        filter.observe(&seen(1.0)).unwrap();
    }
    assert!(filter.window().all(|past| past.value().is_ok()));
}

/// The negative zero is a number like any other on the way in, and never comes out.
#[test]
fn there_is_no_negative_zero() {
    let minus = -0.0_f64;
    let state = Gaussian::new(Vector2::new(minus, minus), Matrix2::new(1.0, minus, minus, 1.0)).unwrap();
    let model = LocalLinearTrend::new(minus, minus, 1.0).unwrap();
    let next = model.update(&model.predict(&state, minus).unwrap(), minus).unwrap();
    let numbers = next.state.mean().iter().chain(next.state.covariance().iter());
    for number in numbers.chain(state.mean().iter()).chain(state.covariance().iter()) {
        assert!(number.to_bits() != minus.to_bits(), "{next:?}");
    }
    assert_eq!(next.innovation.value().to_bits(), 0);
    // A transition that turns the sign round, and a covariance that is halved below the smallest number.
    let turn = Transition::new(nalgebra::Matrix1::new(-1.0), nalgebra::Matrix1::new(0.1)).unwrap();
    let turned = Gaussian::independent([0.0], [1.0]).unwrap().predict(&turn).unwrap();
    assert_eq!(turned.mean()[0].to_bits(), 0);
    let smallest = -f64::from_bits(1);
    let least = Gaussian::new(Vector2::zeros(), Matrix2::new(1.0, smallest, smallest, 1.0)).unwrap();
    let halved = LocalLinearTrend::new(0.0, 0.0, 1.0).unwrap().update(&least, 0.0).unwrap();
    assert_eq!(halved.state.covariance()[(1, 0)].to_bits(), 0);
}

/// Any bits at all, with the numbers of a life more often than others.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0..100.0_f64,
        2 => (-700.0..700.0_f64).prop_map(libm::exp),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop::sample::select(vec![0.0, -0.0, f64::MIN_POSITIVE, f64::MAX, 1e-320]),
    ]
}

/// Finite, symmetric, positive on the diagonal, and without a zero that has a minus sign.
fn sound<const N: usize>(state: &Gaussian<N>) -> bool {
    let p = state.covariance();
    (0..N).all(|i| p[(i, i)] > 0.0)
        && p.iter().chain(state.mean().iter()).all(|x| x.is_finite())
        && p.iter().chain(state.mean().iter()).all(|x| x.to_bits() != (-0.0_f64).to_bits())
        && *p == p.transpose()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// Whatever the numbers, each call gives an error or a state without a NaN, symmetric to the bit, with
    /// variances greater than zero and no zero with a minus sign. Nothing panics.
    ///
    /// Proves H1.
    #[test]
    fn any_numbers_give_a_sound_state_or_an_error(
        rates in (any_number(), any_number(), any_number()),
        mean in (any_number(), any_number()),
        covariance in (any_number(), any_number(), any_number()),
        steps in prop::collection::vec((any_number(), any_number()), 1..6),
        threshold in any_number(),
    ) {
        let p = Matrix2::new(covariance.0, covariance.1, covariance.1, covariance.2);
        let model = LocalLinearTrend::new(rates.0, rates.1, rates.2);
        let start = Gaussian::new(Vector2::new(mean.0, mean.1), p);
        if let (Ok(model), Ok(mut state)) = (model, start) {
            prop_assert!(sound(&state));
            for (elapsed, value) in &steps {
                if let Ok(next) = model.predict(&state, *elapsed) {
                    prop_assert!(sound(&next), "{next:?}");
                    state = next;
                }
                if let Ok(forecast) = model.forecast(&state, *elapsed) {
                    prop_assert!(forecast.variance() > 0.0 && forecast.mean().is_finite());
                }
                if let Ok(seen) = model.observation(*value) {
                    if let Ok(next) = state.update_bounded(&seen, threshold) {
                        prop_assert!(sound(&next.state), "{next:?}");
                    }
                    if let Ok(next) = state.update(&seen) {
                        prop_assert!(sound(&next.state), "{next:?}");
                        state = next.state;
                    }
                }
            }
        }
    }

    /// The same from an exact diffuse start, and for both smoothers.
    ///
    /// Proves H1, H2.
    #[test]
    fn any_series_gives_sound_states_or_an_error(
        rates in (any_number(), any_number(), any_number()),
        samples in prop::collection::vec((any_number(), prop::option::of(any_number())), 1..8),
    ) {
        if let Ok(model) = LocalLinearTrend::new(rates.0.abs(), rates.1.abs(), rates.2.abs()) {
            let samples: Vec<Sample> =
                samples.iter().map(|(t, value)| Sample { elapsed: t.abs(), value: *value }).collect();
            if let Ok(run) = Run::over(&model, Belief::unknown(), &samples) {
                for step in run.steps() {
                    if let Belief::Known(state) = &step.filtered {
                        prop_assert!(sound(state));
                    }
                }
                for state in run.smooth().unwrap_or_default() {
                    prop_assert!(sound(&state));
                }
            }
            let mut filter = FixedLag::<2, 2>::new(Belief::unknown());
            for sample in &samples {
                if let Ok(step) = model.transition(sample.elapsed) {
                    let _ = filter.advance(&step);
                }
                if let Some(Ok(seen)) = sample.value.map(|value| model.observation(value))
                    && let Ok(observed) = filter.observe(&seen)
                {
                    prop_assert!(observed.settled.is_none_or(|s| s.variance() > 0.0));
                }
            }
        }
    }

    /// A state and a past value that are taken apart and put together again go on with the same bits,
    /// wherever the cut is.
    ///
    /// Proves H1.
    #[test]
    fn what_is_put_together_again_has_the_same_bits(
        steps in prop::collection::vec((0.0..30.0_f64, -5.0..5.0_f64), 1..20),
        scale in (-600.0..3.0_f64).prop_map(libm::exp),
    ) {
        let model = LocalLinearTrend::new(0.0, 1e-3 * scale, 0.3 * scale).unwrap();
        let mut whole = Gaussian::independent([0.0, 0.0], [scale, scale]).unwrap();
        let mut whole_past = Past::new(&whole, &model.loading()).unwrap();
        let (mut cut, mut cut_past) = (whole, whole_past);
        for (elapsed, value) in steps {
            let step = model.transition(elapsed).unwrap();
            let seen = model.observation(value * scale.sqrt()).unwrap();
            for (state, past) in [(&mut whole, &mut whole_past), (&mut cut, &mut cut_past)] {
                let updated = state.predict(&step).unwrap().update(&seen).unwrap();
                past.predict(&step);
                past.update(&seen, &updated);
                *state = updated.state;
            }
            cut = Gaussian::new(*cut.mean(), *cut.covariance()).unwrap();
            cut_past = Past::from_parts(cut_past.mean(), cut_past.variance(), *cut_past.cross()).unwrap();
            prop_assert_eq!(bits(&whole), bits(&cut));
            prop_assert_eq!(whole_past, cut_past);
        }
    }
}

fn bits(state: &Gaussian<2>) -> Vec<u64> {
    state.mean().iter().chain(state.covariance().iter()).map(|x| x.to_bits()).collect()
}
