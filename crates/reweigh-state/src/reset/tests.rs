//! The four operations, alone and as a chain.

mod chain;
mod kinds;

use reweigh_reading::{Elapsed, Instant};

use super::{Applied, ResetKind, ResetPlan, create_adaptation, cut_buffer, filter_reset, persist};
use crate::policy::{CheckedPolicy, Policy, ResetProfile};
use crate::state::UserState;

/// A policy whose four kinds of reset differ in every number.
fn distinct() -> CheckedPolicy {
    let mut policy = Policy::default();
    let profile = |n: u32| {
        let x = f64::from(n);
        ResetProfile {
            variance: 1.0 + x,
            level: 2.0 + x,
            trend: 3.0 + x,
            noise: 4.0 + x,
            readings: 5 + n,
            days: 6.0 + x,
            decay: 0.1 + 0.1 * x,
            threshold: 0.2 + 0.1 * x,
        }
    };
    policy.resets.initial = profile(1);
    policy.resets.hard = profile(2);
    policy.resets.soft = profile(3);
    policy.resets.manual = profile(4);
    policy.check().unwrap()
}

fn days_after(at: Instant, days: i64) -> Instant {
    at.checked_add(Elapsed::from_days(days)).unwrap()
}

/// A plan for the next reading of a state, a day after the last fact.
fn plan(kind: ResetKind, state: &UserState, policy: &CheckedPolicy) -> ResetPlan {
    let last = state.key.as_ref().map_or(Instant::UNIX_EPOCH, reweigh_reading::OrderKey::at);
    ResetPlan::new(kind, days_after(last, 1), 0.0, policy)
}

fn by_hand(state: &UserState, plan: &ResetPlan, policy: &CheckedPolicy) -> Applied {
    let stories = filter_reset(state, plan, policy);
    persist(stories, create_adaptation(plan), cut_buffer(state, plan), plan)
}
