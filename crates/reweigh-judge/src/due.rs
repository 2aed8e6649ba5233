//! When the filter starts over.

use reweigh_reading::Instant;
use reweigh_state::{CheckedPolicy, ResetKind, ResetPlan, UserState};

use crate::scene::Scene;

/// The reset that a reading makes due, if any, before the reading is taken in.
pub(crate) fn due(state: &UserState, scene: &Scene<'_>, policy: &CheckedPolicy) -> Option<ResetPlan> {
    by_time(state, scene.at, policy).or_else(|| by_departure(state, scene, policy))
}

/// The reset that is due at an instant whatever a reading says then.
pub(crate) fn by_time(state: &UserState, at: Instant, policy: &CheckedPolicy) -> Option<ResetPlan> {
    let plan = |kind, cause| Some(ResetPlan::new(kind, at, cause, policy));
    let Some(story) = state.hypotheses.first() else {
        return plan(ResetKind::Initial, 0.0);
    };
    let last = story.last_accepted.into_iter().chain(state.resets.last().map(|reset| reset.at)).max();
    let quiet = last.map_or(0.0, |last| at.since(last).days());
    // A story that has accepted nothing yet is still at its beginning.
    if story.accepted > 0 && quiet >= policy.policy().resets.gap_days {
        return plan(ResetKind::Hard, quiet);
    }
    None
}

/// The reset that a manual source's departure makes due.
fn by_departure(state: &UserState, scene: &Scene<'_>, policy: &CheckedPolicy) -> Option<ResetPlan> {
    let story = state.hypotheses.first()?;
    if !scene.source.manual || story.accepted == 0 {
        return None;
    }
    let resets = &policy.policy().resets;
    let departure = (scene.seen.kg - story.body.level()).abs();
    let rested = state
        .last_reset(ResetKind::Soft)
        .is_none_or(|last| scene.at.since(last).days() >= resets.cooldown_days);
    (departure >= resets.departure_kg && rested)
        .then(|| ResetPlan::new(ResetKind::Soft, scene.at, departure, policy))
}
