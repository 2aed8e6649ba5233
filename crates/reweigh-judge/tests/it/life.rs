//! A small language for lives: readings on days, folded, and asked about.

use reweigh_judge::{Deed, Event, Sink, Taken, effective, fingerprint, fold_on};
use reweigh_reading::{
    Action, Fact, Height, Instant, MadeId, Measure, ReadingId, ResetReason, Revision, Source, Unit, UserId,
};
use reweigh_state::{
    CheckedPolicy, Judged, Outcome, PlainResetter, Policy, Reason, ResetKind, ResetPlan, ResetRefused,
    UserState,
};

pub(crate) const MICROS_PER_DAY: f64 = 86_400_000_000.0;

/// Facts of one user, in the order they were told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Life {
    pub(crate) facts: Vec<Fact>,
}

pub(crate) fn user() -> UserId {
    UserId::new("ada").unwrap()
}

/// Day 0 is 2026-01-01, seven in the morning.
pub(crate) fn day(day: f64) -> Instant {
    let start: Instant = "2026-01-01T07:00:00Z".parse().unwrap();
    Instant::from_unix_micros(start.unix_micros() + (day * MICROS_PER_DAY) as i64).unwrap()
}

pub(crate) fn reading(at: f64, value: f64, unit: Unit, source: &str) -> Fact {
    Fact::reading(user(), day(at), Source::new(source).unwrap(), Measure::new(value, unit).unwrap())
}

impl Life {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn kg(self, at: f64, value: f64) -> Self {
        self.on(at, value, "scale")
    }

    pub(crate) fn on(mut self, at: f64, value: f64, source: &str) -> Self {
        self.facts.push(reading(at, value, Unit::Kilogram, source));
        self
    }

    /// One reading a day, `values` about a level, with the scatter of a real scale and body.
    pub(crate) fn daily(mut self, from: u32, count: u32, kg: f64) -> Self {
        for n in from..from + count {
            self.facts.push(reading(f64::from(n), kg + scatter(n), Unit::Kilogram, "scale"));
        }
        self
    }

    pub(crate) fn reset(mut self, at: f64) -> Self {
        let reason = ResetReason::new("a new scale").unwrap();
        let id = ReadingId::Made(MadeId::of_reset(&user(), &Source::unknown(), day(at), &reason));
        let action = Action::Reset { reason };
        self.facts.push(Fact::new(user(), id, Revision::new(0), day(at), Source::unknown(), action));
        self
    }

    pub(crate) fn height(mut self, at: f64, metres: f64) -> Self {
        let height = Height::new(metres).unwrap();
        let id = ReadingId::Made(MadeId::of_height(&user(), &Source::unknown(), day(at), height));
        let action = Action::Height(height);
        self.facts.push(Fact::new(user(), id, Revision::new(0), day(at), Source::unknown(), action));
        self
    }

    pub(crate) fn folded(&self) -> Story {
        self.folded_under(&Policy::default().check().unwrap())
    }

    pub(crate) fn folded_under(&self, policy: &CheckedPolicy) -> Story {
        Story::of(&effective(self.facts.clone()).events, policy)
    }
}

/// A scatter of about half a kilogram that is the same on every run.
pub(crate) fn scatter(n: u32) -> f64 {
    const TENTHS: [f64; 16] =
        [0.2, -0.4, 0.5, 0.1, -0.3, -0.1, 0.6, -0.5, 0.0, 0.3, -0.2, 0.4, -0.6, 0.1, -0.1, 0.2];
    TENTHS[n as usize % TENTHS.len()]
}

/// A fold, and what it said on the way.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) state: UserState,
    /// The readings in order.
    pub(crate) events: Vec<Event>,
    /// The estimate right after each reading, kg.
    pub(crate) estimates: Vec<f64>,
    /// What is said of each reading in the end.
    pub(crate) judged: Vec<Judged>,
    pub(crate) resets: Vec<(ResetKind, Instant)>,
}

impl Sink for Story {
    fn taken(&mut self, event: &Event, taken: &Taken) {
        if taken.number.is_some() {
            self.events.push(event.clone());
            self.estimates.push(taken.estimate.unwrap().level_kg);
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.judged.push(*judged);
    }

    fn reset(&mut self, plan: &ResetPlan, outcome: Result<(), &ResetRefused>) {
        assert!(outcome.is_ok(), "{outcome:?}");
        self.resets.push((plan.kind, plan.at));
    }
}

impl Story {
    pub(crate) fn of(events: &[Event], policy: &CheckedPolicy) -> Self {
        let mut state = UserState::unborn(fingerprint(policy));
        let mut story = Self {
            state: state.clone(),
            events: Vec::new(),
            estimates: Vec::new(),
            judged: Vec::new(),
            resets: Vec::new(),
        };
        fold_on(&mut state, events, policy, &mut PlainResetter, &mut story);
        story.judged.extend(state.pending());
        story.state = state;
        story
    }

    pub(crate) fn level(&self) -> f64 {
        self.state.estimate().unwrap().level_kg
    }

    pub(crate) fn outcome_at(&self, at: f64) -> Outcome {
        self.judged_at(at).verdict.outcome
    }

    pub(crate) fn reason_at(&self, at: f64) -> Reason {
        self.judged_at(at).verdict.reason
    }

    pub(crate) fn judged_at(&self, at: f64) -> &Judged {
        self.judged.iter().find(|judged| judged.at == day(at)).expect("no reading then")
    }

    pub(crate) fn estimate_at(&self, at: f64) -> f64 {
        let n = self.events.iter().position(|event| event.key.at() == day(at)).expect("no reading then");
        self.estimates[n]
    }

    pub(crate) fn rejected(&self) -> usize {
        self.judged.iter().filter(|judged| judged.verdict.outcome == Outcome::Rejected).count()
    }

    pub(crate) fn readings(&self) -> usize {
        self.events.iter().filter(|event| matches!(event.deed, Deed::Reading(_))).count()
    }
}
