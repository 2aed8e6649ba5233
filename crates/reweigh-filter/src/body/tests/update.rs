//! What readings do, and what beginnings do.

use super::dense::Dense;
use super::dice::Dice;
use super::{assert_near, begun, odd_model, prior, same};
use crate::body::{BodyModel, BodyPrior, BodyState, Lags, SCALES, STATES, Seen};

/// How far the model may be from the dense filter, as a part of each number's size: both round.
const TOLERANCE: f64 = 1e-9;

/// Any sequence of spans, scales, evenings and noises gives what full matrices and the Joseph form give.
///
/// Proves H1, W28.
#[test]
fn any_sequence_is_the_dense_filter() {
    for seed in 0..12 {
        let mut dice = Dice::new(seed);
        let model = if seed % 2 == 0 { BodyModel::default() } else { odd_model() };
        let mut lags = Lags::default();
        let mut state = BodyState::new(&prior());
        let mut dense = Dense::new(&prior());
        let mut begun = 1;
        for n in 0..60 {
            let what = format!("seed {seed}, reading {n}");
            if begun < SCALES && dice.below(10) == 0 {
                state.begin_scale(begun, prior().bias_sd, &mut lags);
                dense.begin_scale(begun, prior().bias_sd);
                begun += 1;
            }
            if dice.below(20) == 0 {
                let variance = dice.within(0.0, 40.0);
                state.widen_level(variance);
                dense.widen_level(variance);
            }
            let days = dice.days();
            state.predict(&model.passage(days), &mut lags);
            dense.predict(&model, days);
            assert_near(&state, &dense.body(), TOLERANCE, &what);

            let (scale, evening) = (dice.below(begun), dice.share());
            let expected = state.expect(Seen { scale, evening });
            let (value, variance) = dense.expect(scale, evening);
            assert!(
                (expected.value - value).abs() < 1e-9 * value.abs(),
                "{what}: {expected:?} and not {value}"
            );
            assert!((expected.variance - variance).abs() < TOLERANCE * variance, "{what}: {expected:?}");

            let noise = dice.magnitude(1e-3, 10.0);
            let shown = 80.0 + 2.0 * dice.normal();
            state.update(&expected, shown, expected.variance + noise, &mut lags);
            dense.update(scale, evening, shown, noise);
            assert_near(&state, &dense.body(), TOLERANCE, &what);
        }
    }
}

/// The first reading counts once: a normal belief and a normal reading have a closed form.
///
/// Proves H1, W28.
#[test]
fn the_first_reading_counts_once() {
    let only_level = BodyPrior { water_sd: 0.0, evening: 0.0, evening_sd: 0.0, ..prior() };
    let mut state = BodyState::new(&only_level);
    let expected = state.expect(Seen { scale: 0, evening: 1.0 });
    let (believed, noise) = (only_level.level_sd * only_level.level_sd, 0.25);
    assert!((expected.value - only_level.level).abs() < 1e-12);
    assert!((expected.variance - believed).abs() < 1e-12 * believed);
    state.update(&expected, 95.0, expected.variance + noise, &mut Lags::default());
    let wanted = (only_level.level * noise + 95.0 * believed) / (believed + noise);
    assert!((state.level() - wanted).abs() < 1e-10, "{} and not {wanted}", state.level());
    let variance = believed * noise / (believed + noise);
    assert!(
        (state.level_variance() - variance).abs() < 1e-10,
        "{} and not {variance}",
        state.level_variance()
    );
}

/// A reading in the evening, or on a scale that shows too much, moves what it should.
#[test]
fn evenings_and_scales_are_told_from_the_level() {
    let model = BodyModel::default();
    let mut lags = Lags::default();
    let mut state = begun(&prior(), &mut lags);
    for day in 0..200 {
        let evening = f64::from(day % 2);
        let scale = if day % 3 == 0 { 2 } else { 0 };
        let shown = 70.0 + 1.1 * evening + if scale == 2 { -0.4 } else { 0.0 };
        state.predict(&model.passage(0.5), &mut lags);
        let expected = state.expect(Seen { scale, evening });
        state.update(&expected, shown, expected.variance + 0.04, &mut lags);
    }
    assert!((state.level() - 70.0).abs() < 0.1, "{state:?}");
    assert!((state.mean()[3] - 1.1).abs() < 0.1, "{state:?}");
    assert!((state.mean()[5] + 0.4).abs() < 0.1, "{state:?}");
    assert!(
        state.mean()[4].abs() < 0.05 && state.mean()[6].abs() < 0.05,
        "other scales learn nothing: {state:?}"
    );
}

/// A scale past the last counts as the last, so no caller can reach outside the state.
#[test]
fn a_scale_past_the_last_counts_as_the_last() {
    let mut lags = Lags::default();
    let state = begun(&prior(), &mut lags);
    let last = state.expect(Seen { scale: SCALES - 1, evening: 0.3 });
    let past = state.expect(Seen { scale: usize::MAX, evening: 0.3 });
    assert!(same(last.value, past.value) && same(last.variance, past.variance));
    assert!(state.covariance(STATES, 0) == 0.0 && state.covariance(0, usize::MAX) == 0.0);
}

fn worn() -> (BodyState, Lags) {
    let model = odd_model();
    let mut dice = Dice::new(77);
    let mut lags = Lags::default();
    let mut state = begun(&prior(), &mut lags);
    for n in 0..12 {
        state.predict(&model.passage(1.0), &mut lags);
        let expected = state.expect(Seen { scale: n % SCALES, evening: 0.5 });
        state.update(&expected, 80.0 + dice.normal(), expected.variance + 0.1, &mut lags);
        lags.put(n, &state);
    }
    (state, lags)
}

/// A scale begins unknown: its bias zero, its spread as given, related to nothing; all else stays.
#[test]
fn a_scale_begins_unknown() {
    let (before, mut lags) = worn();
    let mut state = before;
    state.begin_scale(2, 0.3, &mut lags);
    let bias = 5;
    for i in 0..STATES {
        for j in 0..=i {
            let found = state.covariance(i, j);
            let wanted = match (i, j) {
                (5, 5) => 0.3 * 0.3,
                _ if i == bias || j == bias => 0.0,
                _ => before.covariance(i, j),
            };
            assert!(same(found, wanted), "covariance {i}, {j} is {found}, wanted {wanted}");
        }
        let wanted = if i == bias { 0.0 } else { before.mean()[i] };
        assert!(same(state.mean()[i], wanted), "mean {i}");
    }
    for place in 0..crate::body::LAGS {
        let (cross, level, variance) = lags.place(place);
        let (known, known_level, known_variance) = worn().1.place(place);
        assert!(cross[bias] == 0.0 && known[bias] != 0.0, "place {place}");
        assert!(cross[..bias] == known[..bias] && cross[bias + 1..] == known[bias + 1..], "place {place}");
        assert_eq!((level, variance), (known_level, known_variance), "place {place}");
    }
}

/// The frame has no bias to begin.
#[test]
fn the_frame_has_no_bias() {
    let (before, lags) = worn();
    let (mut state, mut same) = (before, lags);
    state.begin_scale(0, 0.3, &mut same);
    assert_eq!((state, same), (before, lags));
}

/// A scale that was never begun shows what the frame shows, and time adds nothing to its bias.
#[test]
fn a_scale_that_was_never_begun_has_no_bias() {
    let model = odd_model();
    let mut state = BodyState::new(&prior());
    state.predict(&model.passage(1e4), &mut Lags::default());
    assert!(state.covariance(4, 4) == 0.0);
    let (frame, other) = (Seen { scale: 0, evening: 0.5 }, Seen { scale: 1, evening: 0.5 });
    assert!(same(state.expect(frame).variance, state.expect(other).variance));
}

/// A beginning anew forgets trend and water, keeps evenings and scales, and keeps the level's mean.
#[test]
fn a_beginning_anew_keeps_the_level_evenings_and_scales() {
    let (before, _) = worn();
    let mut state = before;
    state.begin_anew(9.0, &prior());
    for i in 0..STATES {
        for j in 0..=i {
            let wanted = match (i, j) {
                (0, 0) => 9.0,
                (1, 1) => prior().trend_sd * prior().trend_sd,
                (2, 2) => prior().water_sd * prior().water_sd,
                (_, 0..=2) => 0.0,
                _ => before.covariance(i, j),
            };
            assert!(same(state.covariance(i, j), wanted), "covariance {i}, {j}");
        }
        let wanted = if matches!(i, 1 | 2) { 0.0 } else { before.mean()[i] };
        assert!(same(state.mean()[i], wanted), "mean {i}");
    }
}

/// A wider level is less certain by just so much, and nothing else is.
#[test]
fn a_wider_level_is_wider_and_nothing_else() {
    let (before, _) = worn();
    let mut state = before;
    state.widen_level(2.5);
    assert!((state.level_variance() - before.level_variance() - 2.5).abs() < 1e-15);
    assert_eq!((&state.triangle()[1..], state.mean()), (&before.triangle()[1..], before.mean()));
}
