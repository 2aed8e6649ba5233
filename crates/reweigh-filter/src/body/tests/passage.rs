//! What time does.

use super::dense::span;
use super::dice::Dice;
use super::{assert_near, begun, odd_model, prior};
use crate::body::{BodyModel, BodyPrior, BodyState, Lags, SCALES, STATES, Seen, TRIANGLE};

const MICROSECOND: f64 = 1.0 / 86_400e6;
const TEN_YEARS: f64 = 3_652.5;

/// Spans from the shortest there is to far beyond any gap that is left alone.
const SPANS: [f64; 14] =
    [MICROSECOND, 1e-9, 1e-6, 1e-4, 0.01, 0.1, 0.5, 1.0, 2.0, 7.0, 30.0, 365.25, TEN_YEARS, 109_573.0];

/// A state with every number in play, after a few readings on every scale.
fn worn(seed: u64, model: &BodyModel) -> BodyState {
    let mut dice = Dice::new(seed);
    let mut lags = Lags::default();
    let mut state = begun(&prior(), &mut lags);
    for n in 0..20 {
        state.predict(&model.passage(dice.within(0.1, 2.0)), &mut lags);
        let expected = state.expect(Seen { scale: n % SCALES, evening: dice.share() });
        state.update(&expected, 80.0 + dice.normal(), expected.variance + 0.2, &mut lags);
    }
    state
}

fn after(state: &BodyState, model: &BodyModel, spans: &[f64]) -> BodyState {
    let mut state = *state;
    for days in spans {
        state.predict(&model.passage(*days), &mut Lags::default());
    }
    state
}

/// Process noise follows the elapsed time from microseconds to centuries, unclamped, and is the solution of
/// the differential equation within 1e-10 of its size and 1e-12 kg².
///
/// Proves H1, W28.
#[test]
fn a_passage_solves_the_differential_equation() {
    for model in [BodyModel::default(), odd_model()] {
        for days in SPANS {
            let span = span(&model, [true; SCALES], days);
            // From no uncertainty at all, what is there after the span is its noise.
            let mut triangle = [0.0; TRIANGLE];
            for bias in 4..STATES {
                triangle[bias * (bias + 3) / 2] = 1e-300;
            }
            let mean = [80.0, 0.3, 1.5, 0.2, 0.1, -0.2, 0.3];
            let state = after(&BodyState::from_parts(mean, triangle), &model, &[days]);
            for i in 0..STATES {
                let wanted: f64 = (0..STATES).map(|j| span.transition[(i, j)] * mean[j]).sum();
                let off = (state.mean()[i] - wanted).abs();
                assert!(off <= 1e-10 * (1.0 + wanted.abs()), "{days} days, mean {i}: off by {off:e}");
                for j in 0..=i {
                    let (found, wanted) = (state.covariance(i, j), span.noise[(i, j)]);
                    let off = (found - wanted).abs();
                    assert!(
                        off <= 1e-10 * wanted.abs() + 1e-12,
                        "{days} days, noise {i}, {j}: {found} and not {wanted}"
                    );
                }
            }
        }
    }
}

/// The closed form of the level's random walk: its variance grows with the days, and with nothing else.
///
/// Proves H1, W28.
#[test]
fn the_level_alone_wanders_by_its_variance_times_the_days() {
    let model = BodyModel { trend_sd: 0.0, ..BodyModel::default() };
    let still = BodyState::from_parts([80.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0; TRIANGLE]);
    for days in SPANS {
        let wanted = model.level_sd * model.level_sd * days;
        let found = after(&still, &model, &[days]).level_variance();
        assert!((found - wanted).abs() <= 1e-14 * wanted, "{days} days: {found} and not {wanted}");
    }
}

/// Two halves of a span do what the whole does, within 1e-10 of the size of each number.
///
/// Proves H1, W28.
#[test]
fn two_halves_make_a_whole() {
    for model in [BodyModel::default(), odd_model()] {
        for (seed, days) in SPANS.into_iter().enumerate() {
            let state = worn(seed as u64, &model);
            let whole = after(&state, &model, &[days]);
            let halves = after(&state, &model, &[0.5 * days, 0.5 * days]);
            assert_near(&halves, &whole, 1e-10, &format!("{days} days"));
            let uneven = after(&state, &model, &[0.125 * days, 0.875 * days]);
            assert_near(&uneven, &whole, 1e-10, &format!("{days} days, uneven"));
        }
    }
}

/// No time does nothing to the last bit, and neither does time that runs backwards.
///
/// Proves H1, W28.
#[test]
fn no_time_changes_no_bit() {
    let model = odd_model();
    let state = worn(7, &model);
    let mut lags = Lags::default();
    lags.put(3, &state);
    for days in [0.0, -0.0, -1.0, -1e9, f64::NEG_INFINITY, f64::NAN] {
        let (mut later, mut later_lags) = (state, lags);
        later.predict(&model.passage(days), &mut later_lags);
        assert_eq!((later, later_lags), (state, lags), "{days} days");
    }
}

/// A factor on a noise variance is a factor on what the noise adds.
///
/// Proves H1.
#[test]
fn factors_multiply_the_noise_of_level_and_trend() {
    let model = odd_model();
    let of = |level: f64, trend: f64| {
        let mut state = BodyState::from_parts([0.0; STATES], [0.0; TRIANGLE]);
        state.predict(&model.passage_with_noise(3.0, level, trend), &mut Lags::default());
        state
    };
    let (neither, walk, both) = (of(0.0, 0.0), of(5.0, 0.0), of(5.0, 7.0));
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-14 * (1.0 + b.abs()), "{a} and not {b}");
    near(neither.level_variance(), 0.0);
    near(walk.level_variance(), 5.0 * 3.0 * model.level_sd * model.level_sd);
    near(both.covariance(1, 1), 7.0 * of(1.0, 1.0).covariance(1, 1));
    near(both.covariance(1, 0), 7.0 * of(1.0, 1.0).covariance(1, 0));
    assert_eq!(of(1.0, 1.0), after(&BodyState::from_parts([0.0; STATES], [0.0; TRIANGLE]), &model, &[3.0]));
}

/// What fades to nothing over a long time has no sign left: equal states are equal bits.
#[test]
fn long_spans_leave_no_signed_zero() {
    let model = odd_model();
    let mut lags = Lags::default();
    let mut state = worn(3, &model);
    for place in 0..crate::body::LAGS {
        lags.put(place, &state);
    }
    for days in [100.0, 3e3, 1e5] {
        state.predict(&model.passage(days), &mut lags);
        for number in state.mean().iter().chain(state.triangle()) {
            assert_ne!(number.to_bits(), (-0.0_f64).to_bits(), "{days} days: {state:?}");
        }
        for place in 0..crate::body::LAGS {
            for number in lags.place(place).0 {
                assert_ne!(number.to_bits(), (-0.0_f32).to_bits(), "{days} days: {lags:?}");
            }
        }
    }
    assert!(state.covariance(2, 1) == 0.0 && state.mean()[2] == 0.0, "the spans were long enough: {state:?}");
}

/// A body whose prior switches water, evenings and scales off is a level and a trend, whatever is seen.
#[test]
fn what_the_prior_switches_off_stays_off() {
    let off = BodyPrior { water_sd: 0.0, evening: 0.0, evening_sd: 0.0, bias_sd: 0.0, ..prior() };
    let model =
        BodyModel { water_sd: 0.0, evening_drift_sd: 0.0, bias_drift_sd: 0.0, ..BodyModel::default() };
    let mut lags = Lags::default();
    let mut state = begun(&off, &mut lags);
    let mut dice = Dice::new(9);
    for _ in 0..100 {
        state.predict(&model.passage(dice.days()), &mut lags);
        let expected = state.expect(Seen { scale: dice.below(SCALES), evening: dice.share() });
        state.update(&expected, 80.0 + dice.normal(), expected.variance + 0.2, &mut lags);
    }
    for i in 2..STATES {
        assert!(state.mean()[i].to_bits() == 0, "mean {i} of {state:?}");
        for j in 0..STATES {
            assert!(state.covariance(i, j).to_bits() == 0, "covariance {i}, {j} of {state:?}");
        }
    }
    assert!(state.level_variance() > 0.0 && state.covariance(1, 1) > 0.0);
}
