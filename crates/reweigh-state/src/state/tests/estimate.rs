//! What a state says of the weight now, and of its resets.

use reweigh_filter::BodyState;
use reweigh_reading::Instant;

use crate::reset::ResetKind;
use crate::state::{Hypothesis, PastReset, UserState};
use crate::strategies::{balanced, fingerprint};

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(seconds).unwrap()
}

/// Before the first reading there is no estimate.
#[test]
fn there_is_no_estimate_before_the_first_story() {
    assert_eq!(UserState::unborn(fingerprint(&balanced())).estimate(), None);
}

/// The estimate is the mixture of the stories: means, and the spread within and between them.
#[test]
fn the_estimate_is_a_mixture() {
    let policy = balanced();
    let mut state = UserState::unborn(fingerprint(&policy));
    for (share, level, trend, variance) in [(0.75, 80.0, -0.1, 0.25), (0.25, 88.0, 0.3, 1.0)] {
        let mut story = Hypothesis { share, ..Hypothesis::first(policy.prior()) };
        let mut triangle = *story.body.triangle();
        triangle[0] = variance;
        story.body = BodyState::from_parts([level, trend, 0.0, 0.0, 0.0, 0.0, 0.0], triangle);
        state.hypotheses.push(story);
    }
    let estimate = state.estimate().unwrap();
    assert!((estimate.level_kg - 82.0).abs() < 1e-12, "{estimate:?}");
    assert!(estimate.trend_kg_per_day.abs() < 1e-12, "{estimate:?}");
    let variance = 0.75 * (0.25 + 4.0) + 0.25 * (1.0 + 36.0);
    assert!((estimate.variance - variance).abs() < 1e-12, "{estimate:?}");
}

/// The interval is 1.96 spreads either way; a variance below zero is none. A week has seven days.
#[test]
fn an_interval_is_centred_on_the_weight() {
    let estimate = crate::Estimate { level_kg: 80.0, variance: -1.0, trend_kg_per_day: 0.1 };
    assert_eq!(estimate.interval_kg(), (80.0, 80.0));
    assert!((estimate.trend_kg_per_week() - 0.7).abs() < 1e-12);
}

/// The last reset of a kind is the newest of those that are remembered.
#[test]
fn the_last_reset_of_a_kind_is_the_newest() {
    let mut state = UserState::unborn(fingerprint(&balanced()));
    let reset = |kind, seconds| PastReset { kind, at: at(seconds) };
    state.resets = vec![
        reset(ResetKind::Initial, 1),
        reset(ResetKind::Soft, 2),
        reset(ResetKind::Soft, 3),
        reset(ResetKind::Hard, 4),
    ];
    assert_eq!(state.last_reset(ResetKind::Soft), Some(at(3)));
    assert_eq!(state.last_reset(ResetKind::Initial), Some(at(1)));
    assert_eq!(state.last_reset(ResetKind::Manual), None);
}
