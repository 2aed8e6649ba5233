//! The fold: every effective fact of a user, in order.

use reweigh_state::{
    CheckedPolicy, Fingerprint, Judged, PlainResetter, ResetPlan, ResetRefused, Resetter, UserState,
};

use crate::event::Event;
use crate::step::{Resets, STEP_VERSION, Step, Taken, step};

/// What a fold tells while it goes: nothing of it decides anything.
pub trait Sink {
    /// An event was taken in.
    fn taken(&mut self, event: &Event, taken: &Taken) {
        let _ = (event, taken);
    }

    /// A verdict is final.
    fn settled(&mut self, judged: &Judged) {
        let _ = judged;
    }

    /// A reset was due; it was applied or refused.
    fn reset(&mut self, plan: &ResetPlan, outcome: Result<(), &ResetRefused>) {
        let _ = (plan, outcome);
    }
}

/// Nobody listens.
impl Sink for () {}

/// The fingerprint of states this crate makes under a policy.
#[must_use]
pub fn fingerprint(policy: &CheckedPolicy) -> Fingerprint {
    Fingerprint::of(STEP_VERSION, policy)
}

/// The settled state of events that are in order: [`effective`](crate::effective) gives them so.
///
/// ```
/// use reweigh_judge::{effective, fold};
/// use reweigh_reading::{Fact, Measure, Source, Unit, UserId};
/// use reweigh_state::Profile;
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let fact = |day: u32, kg: f64| {
///     let at = format!("2026-01-{day:02}T07:00:00Z").parse().unwrap();
///     let measure = Measure::new(kg, Unit::Kilogram).unwrap();
///     Fact::reading(UserId::new("ada").unwrap(), at, Source::new("scale").unwrap(), measure)
/// };
/// let facts = [fact(1, 80.4), fact(3, 80.1), fact(2, 80.0)];
/// let forwards = fold(&effective(facts.clone()).events, &policy);
/// let backwards = fold(&effective(facts.into_iter().rev()).events, &policy);
/// assert_eq!(forwards.encode(), backwards.encode());
/// let estimate = forwards.estimate().unwrap();
/// assert!((estimate.level_kg - 80.0).abs() < 0.5);
/// ```
#[must_use]
pub fn fold(events: &[Event], policy: &CheckedPolicy) -> UserState {
    let mut state = UserState::unborn(fingerprint(policy));
    fold_on(&mut state, events, policy, &mut PlainResetter, &mut ());
    state
}

/// Goes on from a state with events that come after it.
pub fn fold_on(
    state: &mut UserState,
    events: &[Event],
    policy: &CheckedPolicy,
    resetter: &mut impl Resetter,
    sink: &mut impl Sink,
) {
    for event in events {
        take_in(state, event, policy, resetter, sink);
    }
}

/// Takes one event in, the reset it makes due included. A refused reset leaves the prior state, which
/// goes on.
pub fn take_in(
    state: &mut UserState,
    event: &Event,
    policy: &CheckedPolicy,
    resetter: &mut impl Resetter,
    sink: &mut impl Sink,
) {
    let mut resets = Resets::Ask;
    loop {
        match step(state, event, policy, resets, &mut |judged| sink.settled(&judged)) {
            Step::Taken(taken) => {
                sink.taken(event, &taken);
                return;
            }
            Step::Reset(plan) => {
                match resetter.reset(state, &plan, policy) {
                    Ok(applied) => {
                        for judged in &applied.settled {
                            sink.settled(judged);
                        }
                        *state = applied.state;
                        sink.reset(&plan, Ok(()));
                    }
                    Err(refused) => sink.reset(&plan, Err(&refused)),
                }
                resets = Resets::Asked;
            }
        }
    }
}
