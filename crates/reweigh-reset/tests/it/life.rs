//! A small language for lives: what was said of a person, folded with one resetter or another.

use reweigh_judge::{Event, Sink, effective, fingerprint, fold_on};
use reweigh_reading::{
    Action, Elapsed, Fact, Height, Instant, MadeId, Measure, ReadingId, ResetReason, Revision, Source, Unit,
    UserId,
};
use reweigh_reset::ManualRequest;
use reweigh_state::{
    Checked, CheckedPolicy, Expectations, Judged, Policy, Profile, Reason, ResetPlan, ResetRefused, Resetter,
    UserState,
};

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(crate) fn source(name: &str) -> Source {
    Source::new(name).unwrap()
}

/// Day 0 is 2026-01-01, seven in the morning.
pub(crate) fn day(day: f64) -> Instant {
    let start: Instant = "2026-01-01T07:00:00Z".parse().unwrap();
    start.saturating_add(Elapsed::from_micros((day * 86_400e6) as i64))
}

pub(crate) fn balanced() -> CheckedPolicy {
    checked(&Profile::Balanced.policy())
}

pub(crate) fn checked(policy: &Policy) -> CheckedPolicy {
    policy.check().unwrap()
}

/// Facts of one user, in the order they were told.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    user: UserId,
    pub(crate) facts: Vec<Fact>,
}

impl Life {
    pub(crate) fn of(name: &str) -> Self {
        Self { user: user(name), facts: Vec::new() }
    }

    pub(crate) fn on(mut self, at: f64, kg: f64, scale: &str) -> Self {
        let measure = Measure::new(kg, Unit::Kilogram).unwrap();
        self.facts.push(Fact::reading(self.user.clone(), day(at), source(scale), measure));
        self
    }

    /// One reading a day about a weight, with the scatter of a real scale and body.
    pub(crate) fn daily(mut self, from: u32, count: u32, kg: f64) -> Self {
        for n in from..from + count {
            self = self.on(f64::from(n), kg + scatter(n), "scale");
        }
        self
    }

    pub(crate) fn reset(mut self, at: f64, by: &str, reason: &str) -> Self {
        let (by, reason) = (source(by), ResetReason::new(reason).unwrap());
        let id = ReadingId::Made(MadeId::of_reset(&self.user, &by, day(at), &reason));
        let action = Action::Reset { reason };
        self.facts.push(Fact::new(self.user.clone(), id, Revision::FIRST, day(at), by, action));
        self
    }

    pub(crate) fn height(mut self, at: f64, metres: f64) -> Self {
        let (by, height) = (Source::unknown(), Height::new(metres).unwrap());
        let id = ReadingId::Made(MadeId::of_height(&self.user, &by, day(at), height));
        let fact = Fact::new(self.user.clone(), id, Revision::FIRST, day(at), by, Action::Height(height));
        self.facts.push(fact);
        self
    }

    pub(crate) fn user(&self) -> &UserId {
        &self.user
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        effective(self.facts.clone()).events
    }

    pub(crate) fn requests(&self) -> Vec<ManualRequest> {
        let mut facts = self.facts.clone();
        facts.sort_by_key(Fact::key);
        facts.iter().filter_map(ManualRequest::of).collect()
    }
}

/// A repeatable spread of about ±0.4 kg.
pub(crate) fn scatter(n: u32) -> f64 {
    f64::from(n.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 * 0.8 - 0.4
}

/// Everything a fold told while it went.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Heard {
    pub(crate) settled: Vec<Judged>,
    pub(crate) resets: Vec<(ResetPlan, Result<(), ResetRefused>)>,
}

impl Heard {
    pub(crate) fn shifts(&self) -> Vec<Instant> {
        let shifts = self.settled.iter().filter(|judged| judged.verdict.reason == Reason::BeganShift);
        shifts.map(|judged| judged.at).collect()
    }
}

impl Sink for Heard {
    fn settled(&mut self, judged: &Judged) {
        self.settled.push(*judged);
    }

    fn reset(&mut self, plan: &ResetPlan, outcome: Result<(), &ResetRefused>) {
        self.resets.push((*plan, outcome.map_err(Clone::clone)));
    }
}

/// Folds events from the beginning.
pub(crate) fn fold_with(
    events: &[Event],
    policy: &CheckedPolicy,
    resetter: &mut impl Resetter,
) -> (UserState, Heard) {
    let mut state = UserState::unborn(fingerprint(policy));
    let mut heard = Heard::default();
    fold_on(&mut state, events, policy, resetter, &mut heard);
    (state, heard)
}

pub(crate) fn expectations(policy: &CheckedPolicy) -> Expectations<'_> {
    Expectations { fingerprint: fingerprint(policy), policy }
}

pub(crate) fn check(state: UserState, policy: &CheckedPolicy) -> Checked<UserState> {
    Checked::state(state, &expectations(policy)).unwrap()
}
