//! The transition table, as a machine without locks, clocks or hooks.

use std::collections::VecDeque;

use reweigh_reading::{Instant, Source};

use super::settings::{BreakerSettings, CheckedBreakerSettings};
use super::transition::{
    BreakerState, BreakerStatus, BreakerTally, Denied, OperationKind, Transition, TransitionCause,
};

/// The most transitions that wait to be told. Each caller tells what waits, so there are never many; a breaker
/// without a hook, or with one that hangs, keeps the last ones.
const UNTOLD_MAX: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Closed {
        failures: u32,
    },
    Open {
        since: Instant,
    },
    /// `since` is when the first of the permits that are out was given; it says nothing while none is.
    HalfOpen {
        since: Instant,
        out: u32,
        successes: u32,
    },
    ForcedOpen,
    ForcedClosed,
}

impl Phase {
    fn state(&self) -> BreakerState {
        match self {
            Self::Closed { .. } => BreakerState::Closed,
            Self::Open { .. } => BreakerState::Open,
            Self::HalfOpen { .. } => BreakerState::HalfOpen,
            Self::ForcedOpen => BreakerState::ForcedOpen,
            Self::ForcedClosed => BreakerState::ForcedClosed,
        }
    }
}

/// What a permit knows: after which transition it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    transition: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    Success,
    Failure,
    Abandoned,
}

#[derive(Debug)]
pub(super) struct Machine {
    kind: OperationKind,
    settings: CheckedBreakerSettings,
    phase: Phase,
    since: Option<Instant>,
    /// The time that came in last; none before the first call.
    seen: Option<Instant>,
    transitions: u64,
    in_flight: u32,
    tally: BreakerTally,
    untold: VecDeque<Transition>,
    /// Whether one of them is being told right now.
    telling: bool,
}

impl Machine {
    pub(super) fn new(kind: OperationKind, settings: CheckedBreakerSettings) -> Self {
        Self {
            kind,
            settings,
            phase: Phase::Closed { failures: 0 },
            since: None,
            seen: None,
            transitions: 0,
            in_flight: 0,
            tally: BreakerTally::default(),
            untold: VecDeque::new(),
            telling: false,
        }
    }

    pub(super) fn acquire(&mut self, now: Instant) -> Result<Ticket, Denied> {
        self.pass(now);
        if let Phase::Open { since } = self.phase
            && now.since(since) >= self.settings().open_for
        {
            self.go(Phase::HalfOpen { since: now, out: 0, successes: 0 }, TransitionCause::Waited, now);
        }
        let permits = self.settings().half_open_permits;
        let granted = match &mut self.phase {
            Phase::Closed { .. } | Phase::ForcedClosed => true,
            Phase::Open { .. } | Phase::ForcedOpen => false,
            Phase::HalfOpen { since, out, .. } => {
                let free = *out < permits;
                if *out == 0 {
                    *since = now;
                }
                *out += u32::from(free);
                free
            }
        };
        if !granted {
            self.tally.denied += 1;
            let status = self.status();
            return Err(Denied { kind: self.kind, state: status.state, retry_at: status.retry_at });
        }
        self.tally.permits += 1;
        self.in_flight += 1;
        Ok(Ticket { transition: self.transitions })
    }

    /// A permit comes back. One that is dropped brings no time with it, and none passes.
    pub(super) fn report(&mut self, ticket: Ticket, report: Report, now: Option<Instant>) {
        self.in_flight -= 1;
        match report {
            Report::Success => self.tally.successes += 1,
            Report::Failure => self.tally.failures += 1,
            Report::Abandoned => self.tally.abandoned += 1,
        }
        let now = now.or(self.seen).unwrap_or(Instant::MIN);
        self.pass(now);
        if ticket.transition != self.transitions {
            self.tally.late += 1;
            return;
        }
        let BreakerSettings { failures_to_open, successes_to_close, .. } = *self.settings();
        match (&mut self.phase, report) {
            (Phase::Closed { failures }, Report::Success) => *failures = 0,
            (Phase::Closed { failures }, Report::Failure) => {
                *failures += 1;
                let count = *failures;
                if count >= failures_to_open {
                    self.open(TransitionCause::Failures(count), now);
                }
            }
            (Phase::HalfOpen { out, successes, .. }, Report::Success) => {
                *out -= 1;
                *successes += 1;
                let count = *successes;
                if count >= successes_to_close {
                    self.go(Phase::Closed { failures: 0 }, TransitionCause::Successes(count), now);
                }
            }
            (Phase::HalfOpen { .. }, Report::Failure) => self.open(TransitionCause::ProbeFailed, now),
            (Phase::HalfOpen { out, .. }, Report::Abandoned) => *out -= 1,
            (Phase::Closed { .. }, Report::Abandoned)
            | (Phase::Open { .. } | Phase::ForcedOpen | Phase::ForcedClosed, _) => {}
        }
    }

    pub(super) fn poll(&mut self, now: Instant) {
        self.pass(now);
    }

    pub(super) fn force(&mut self, state: BreakerState, by: &Source, now: Instant) {
        let phase = if state == BreakerState::ForcedOpen { Phase::ForcedOpen } else { Phase::ForcedClosed };
        if self.phase != phase {
            self.go(phase, TransitionCause::Forced { by: by.clone() }, now);
        }
    }

    pub(super) fn release(&mut self, by: &Source, now: Instant) {
        let cause = TransitionCause::Released { by: by.clone() };
        match self.phase {
            Phase::ForcedOpen => self.go(Phase::HalfOpen { since: now, out: 0, successes: 0 }, cause, now),
            Phase::ForcedClosed => self.go(Phase::Closed { failures: 0 }, cause, now),
            Phase::Closed { .. } | Phase::Open { .. } | Phase::HalfOpen { .. } => {}
        }
    }

    pub(super) fn status(&self) -> BreakerStatus {
        let mut status = BreakerStatus {
            state: self.phase.state(),
            since: self.since,
            failures: 0,
            successes: 0,
            in_flight: self.in_flight,
            retry_at: None,
            tally: self.tally,
        };
        match self.phase {
            Phase::Closed { failures } => status.failures = failures,
            Phase::Open { since } => status.retry_at = Some(since.saturating_add(self.settings().open_for)),
            Phase::HalfOpen { successes, .. } => status.successes = successes,
            Phase::ForcedOpen | Phase::ForcedClosed => {}
        }
        status
    }

    /// The next transition to tell, unless one is being told: that one comes first, and who tells it asks again.
    pub(super) fn next_to_tell(&mut self) -> Option<Transition> {
        if self.telling {
            return None;
        }
        let next = self.untold.pop_front();
        self.telling = next.is_some();
        next
    }

    /// What was to be told was told, or its hook panicked.
    pub(super) fn told(&mut self) {
        self.telling = false;
    }

    /// What time alone does. A clock that went back starts the time of an open or half-open breaker anew: so it
    /// waits at most its time once more, however far the clock had been ahead. While half-open, time is that of
    /// those who try: without one nothing hangs, and to open would only make the next one wait.
    fn pass(&mut self, now: Instant) {
        self.seen = Some(now);
        match &mut self.phase {
            Phase::Open { since } => {
                if now < *since {
                    *since = now;
                }
            }
            Phase::HalfOpen { since, out: 1.., .. } => {
                if now < *since {
                    *since = now;
                }
                if now.since(*since) >= self.settings.get().half_open_for {
                    self.open(TransitionCause::ProbeTimedOut, now);
                }
            }
            Phase::HalfOpen { out: 0, .. }
            | Phase::Closed { .. }
            | Phase::ForcedOpen
            | Phase::ForcedClosed => {}
        }
    }

    fn open(&mut self, cause: TransitionCause, now: Instant) {
        self.go(Phase::Open { since: now }, cause, now);
    }

    fn go(&mut self, phase: Phase, cause: TransitionCause, now: Instant) {
        let (from, to) = (self.phase.state(), phase.state());
        self.phase = phase;
        self.since = Some(now);
        self.seen = Some(now);
        self.transitions += 1;
        self.tally.opened += u64::from(to == BreakerState::Open);
        if self.untold.len() == UNTOLD_MAX {
            self.untold.pop_front();
        }
        let transition = Transition { kind: self.kind, number: self.transitions, from, to, cause, at: now };
        self.untold.push_back(transition);
    }

    fn settings(&self) -> &BreakerSettings {
        self.settings.get()
    }
}
