//! One story.

use reweigh_filter::{BodyPrior, LAGS, Lags, SCALES, STATES};
use reweigh_reading::{Elapsed, Instant};

use crate::state::{Hypothesis, LearnedNoise, STRAYS, SlipMode, Stray};
use crate::strategies::{FULL, balanced, state};
use crate::unit_slip::UnitSlip;
use crate::verdict::Reason;

fn first() -> Hypothesis {
    Hypothesis::first(&BodyPrior::default())
}

fn stray(n: u8) -> Stray {
    let at = Instant::UNIX_EPOCH.checked_add(Elapsed::from_days(n.into())).unwrap();
    Stray { kg: f32::from(n), at }
}

/// The first story is all there is, believes the prior and remembers nothing.
#[test]
fn the_first_story_believes_the_prior() {
    let prior = BodyPrior { level: 71.5, level_sd: 3.0, ..BodyPrior::default() };
    let story = Hypothesis::first(&prior);
    assert_eq!((story.share, story.body.level(), story.body.level_variance()), (1.0, 71.5, 9.0));
    assert_eq!((story.lags, story.reasons), (Lags::default(), [Reason::Fits; LAGS]));
    assert_eq!((story.noise, story.strays), ([LearnedNoise::UNUSED; SCALES], [None; STRAYS]));
    assert_eq!((story.accepted, story.other_person, story.refused_in_a_row), (0, 0, 0));
    assert_eq!((story.slip, story.last_accepted), (None, None));
}

/// The values that were refused last are remembered, oldest first; each one counts in the run.
#[test]
fn the_last_refused_values_are_remembered_in_order() {
    let mut story = first();
    let mut wanted = vec![];
    for n in 1..=2 * u8::try_from(STRAYS).unwrap() {
        story.refuse(stray(n));
        wanted.push(stray(n));
        let last = &wanted[wanted.len().saturating_sub(STRAYS)..];
        assert_eq!(story.strays.into_iter().flatten().collect::<Vec<_>>(), last);
        assert_eq!(story.refused_in_a_row, u32::from(n));
    }
    story.refused_in_a_row = u32::MAX;
    story.refuse(stray(9));
    assert_eq!(story.refused_in_a_row, u32::MAX, "a run has no end that overflows");
}

/// A scale begins with an unknown bias and the noise of its source; what another in its place was set to is
/// forgotten, and nothing else.
#[test]
fn a_scale_begins_with_what_its_source_promises() {
    let noise = LearnedNoise { readings: 4.0, squares: 9.0 };
    for slip_scale in 0..SCALES {
        let mut before = state(FULL, &balanced()).hypotheses[0];
        let mode = before.slip.unwrap();
        before.slip = Some(SlipMode { scale: u8::try_from(slip_scale).unwrap(), ..mode });
        let mut story = before;
        story.begin_scale(2, 0.3, noise);
        let mut body = before.body;
        let mut lags = before.lags;
        body.begin_scale(2, 0.3, &mut lags);
        assert_eq!((story.body, story.lags), (body, lags));
        assert_eq!(story.noise[2], noise);
        assert_eq!(story.slip.is_none(), slip_scale == 2);
        let rest = Hypothesis {
            body: before.body,
            lags: before.lags,
            noise: before.noise,
            slip: before.slip,
            ..story
        };
        assert_eq!(rest, before);
    }
}

/// The frame begins with its noise and without a bias; a scale that cannot be changes nothing but the last bias.
#[test]
fn the_frame_begins_without_a_bias() {
    let noise = LearnedNoise { readings: 4.0, squares: 9.0 };
    let mut story = first();
    story.begin_scale(0, 0.3, noise);
    assert_eq!((story.body, story.noise[0]), (first().body, noise));
    assert!((4..STATES).all(|i| story.body.covariance(i, i) == 0.0));
}

/// A learned noise is a mean square.
#[test]
fn a_noise_is_the_mean_of_its_squares() {
    let variance = LearnedNoise { readings: 8.0, squares: 2.0 }.variance();
    assert!((variance - 0.25).abs() < 1e-15, "{variance}");
    assert!((LearnedNoise::UNUSED.variance() - 1.0).abs() < 1e-15);
}

/// A unit slip keeps its scale when another one begins.
#[test]
fn a_slip_belongs_to_one_scale() {
    let slip = UnitSlip::from_tag(1).unwrap();
    let mode = SlipMode {
        scale: 1,
        slip,
        since: Instant::UNIX_EPOCH,
        at: Instant::UNIX_EPOCH,
        recorded_kg: 80.0,
        times: 1,
    };
    let mut story = Hypothesis { slip: Some(mode), ..first() };
    story.begin_scale(3, 0.1, LearnedNoise::UNUSED);
    assert_eq!(story.slip, Some(mode));
    story.begin_scale(1, 0.1, LearnedNoise::UNUSED);
    assert_eq!(story.slip, None);
}
