//! The breaker against its transition table.
//!
//! The model knows nothing of the machine: it keeps the history and reads the table off it.

use proptest::prelude::*;
use reweigh_reading::{Elapsed, Instant, Source};
use reweigh_reset::{
    Breaker, BreakerSettings, BreakerState, FaultClass, OperationKind, Permit, Transition, TransitionCause,
};
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone, Copy)]
enum Deed {
    Acquire,
    /// Reports one of the permits that are out: which, and how it went.
    Report(usize, How),
    Poll,
    ForceOpen,
    ForceClosed,
    Release,
    /// So many seconds pass; time may go back.
    Pass(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Success,
    Infrastructure,
    Answer,
    Caller,
    Drop,
}

fn deed() -> impl Strategy<Value = Deed> {
    let how = prop_oneof![
        3 => Just(How::Success),
        4 => Just(How::Infrastructure),
        1 => Just(How::Answer),
        1 => Just(How::Caller),
        1 => Just(How::Drop),
    ];
    prop_oneof![
        8 => Just(Deed::Acquire),
        9 => (0..4_usize, how).prop_map(|(which, how)| Deed::Report(which, how)),
        2 => Just(Deed::Poll),
        1 => prop_oneof![Just(Deed::ForceOpen), Just(Deed::ForceClosed), Just(Deed::Release)],
        5 => prop_oneof![
            6 => 0..8_i64,
            2 => 9..12_i64,
            1 => Just(40_i64),
            1 => -30..0_i64,
        ]
        .prop_map(Deed::Pass),
    ]
}

fn settings() -> impl Strategy<Value = BreakerSettings> {
    (1..4_u32, 1..4_u32, 1..3_u32).prop_map(|(failures_to_open, successes_to_close, half_open_permits)| {
        BreakerSettings {
            failures_to_open,
            open_for: Elapsed::from_seconds(10),
            successes_to_close,
            half_open_permits,
            half_open_for: Elapsed::from_seconds(20),
        }
    })
}

/// What happened since the last transition, and when that was. Everything follows from it.
struct Model {
    settings: BreakerSettings,
    state: BreakerState,
    since: Instant,
    /// Reports that count, since the last transition.
    reports: Vec<bool>,
    /// How many transitions there were when each permit that is out was given.
    out: Vec<u64>,
    /// Since when somebody has been trying; only the permits of the last transition try.
    trying: Instant,
    transitions: u64,
}

impl Model {
    fn go(&mut self, state: BreakerState, now: Instant) {
        (self.state, self.since) = (state, now);
        self.reports.clear();
        self.transitions += 1;
    }

    /// The rows of the table that time alone moves.
    fn pass(&mut self, now: Instant) {
        if self.state == BreakerState::Open {
            self.since = self.since.min(now);
        }
        self.trying = self.trying.min(now);
        let waits = now.since(self.trying) >= self.settings.half_open_for;
        if self.state == BreakerState::HalfOpen && self.tries() > 0 && waits {
            self.go(BreakerState::Open, now);
        }
    }

    fn tries(&self) -> usize {
        self.out.iter().filter(|given| **given == self.transitions).count()
    }

    fn acquire(&mut self, now: Instant) -> bool {
        self.pass(now);
        if self.state == BreakerState::Open && now.since(self.since) >= self.settings.open_for {
            self.go(BreakerState::HalfOpen, now);
        }
        let tries = self.tries();
        if tries == 0 {
            self.trying = now;
        }
        let granted = match self.state {
            BreakerState::Closed | BreakerState::ForcedClosed => true,
            BreakerState::Open | BreakerState::ForcedOpen => false,
            BreakerState::HalfOpen => tries < self.settings.half_open_permits as usize,
        };
        if granted {
            self.out.push(self.transitions);
        }
        granted
    }

    fn report(&mut self, which: usize, how: How, now: Instant) {
        // Nobody asks a clock while a permit is dropped.
        if how != How::Drop {
            self.pass(now);
        }
        let given = self.out.remove(which);
        let good = match how {
            How::Success | How::Answer => true,
            How::Infrastructure => false,
            How::Caller | How::Drop => return,
        };
        if given != self.transitions {
            return;
        }
        self.reports.push(good);
        let in_a_row = self.reports.iter().rev().take_while(|good| !**good).count();
        let successes = self.reports.iter().filter(|good| **good).count();
        match self.state {
            BreakerState::Closed if in_a_row >= self.settings.failures_to_open as usize => {
                self.go(BreakerState::Open, now);
            }
            BreakerState::HalfOpen if !good => self.go(BreakerState::Open, now),
            BreakerState::HalfOpen if successes >= self.settings.successes_to_close as usize => {
                self.go(BreakerState::Closed, now);
            }
            BreakerState::Closed
            | BreakerState::Open
            | BreakerState::HalfOpen
            | BreakerState::ForcedOpen
            | BreakerState::ForcedClosed => {}
        }
    }

    fn force(&mut self, state: BreakerState, now: Instant) {
        if self.state != state {
            self.go(state, now);
        }
    }

    fn release(&mut self, now: Instant) {
        match self.state {
            BreakerState::ForcedOpen => self.go(BreakerState::HalfOpen, now),
            BreakerState::ForcedClosed => self.go(BreakerState::Closed, now),
            BreakerState::Closed | BreakerState::Open | BreakerState::HalfOpen => {}
        }
    }
}

/// Whether the table has such a row.
fn in_table(transition: &Transition) -> bool {
    use BreakerState::{Closed, ForcedClosed, ForcedOpen, HalfOpen, Open};
    match (transition.from, transition.to, &transition.cause) {
        (Closed, Open, TransitionCause::Failures(_))
        | (Open, HalfOpen, TransitionCause::Waited)
        | (HalfOpen, Closed, TransitionCause::Successes(_))
        | (HalfOpen, Open, TransitionCause::ProbeFailed | TransitionCause::ProbeTimedOut)
        | (ForcedOpen, HalfOpen, TransitionCause::Released { .. })
        | (ForcedClosed, Closed, TransitionCause::Released { .. }) => true,
        (from, ForcedOpen | ForcedClosed, TransitionCause::Forced { .. }) => from != transition.to,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever is asked and reported, in whatever order, whichever way time goes: the breaker is in the state that
    /// the table gives, lets through exactly what it lets through, and every transition is a row of it.
    ///
    /// Proves E1.
    #[test]
    fn the_breaker_follows_its_table(
        settings in settings(),
        deeds in prop::collection::vec(deed(), 1..120),
    ) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&heard);
        let breaker = Breaker::new(OperationKind::ResetCommit, settings.check().unwrap())
            .with_hook(move |transition| told.lock().unwrap().push(transition.clone()));
        let by = Source::new("ops").unwrap();
        let mut now: Instant = "2026-07-01T12:00:00Z".parse().unwrap();
        let mut model = Model {
            settings,
            state: BreakerState::Closed,
            since: now,
            reports: Vec::new(),
            out: Vec::new(),
            trying: now,
            transitions: 0,
        };
        let mut permits: Vec<Permit<'_>> = Vec::new();
        for deed in deeds {
            match deed {
                Deed::Acquire => {
                    let permit = breaker.acquire(now);
                    prop_assert_eq!(permit.is_ok(), model.acquire(now));
                    if let Err(denied) = &permit {
                        prop_assert_eq!(denied.state, model.state);
                    }
                    permits.extend(permit);
                }
                Deed::Report(which, how) => {
                    if permits.is_empty() {
                        continue;
                    }
                    let which = which % permits.len();
                    let permit = permits.remove(which);
                    match how {
                        How::Success => permit.succeed(now),
                        How::Infrastructure => permit.fail(FaultClass::Infrastructure, now),
                        How::Answer => permit.fail(FaultClass::Answer, now),
                        How::Caller => permit.fail(FaultClass::Caller, now),
                        How::Drop => drop(permit),
                    }
                    model.report(which, how, now);
                }
                Deed::Poll => {
                    breaker.poll(now);
                    model.pass(now);
                }
                Deed::ForceOpen => {
                    breaker.force_open(&by, now);
                    model.force(BreakerState::ForcedOpen, now);
                }
                Deed::ForceClosed => {
                    breaker.force_closed(&by, now);
                    model.force(BreakerState::ForcedClosed, now);
                }
                Deed::Release => {
                    breaker.release(&by, now);
                    model.release(now);
                }
                Deed::Pass(seconds) => now = now.saturating_add(Elapsed::from_seconds(seconds)),
            }
            let status = breaker.status();
            prop_assert_eq!(status.state, model.state, "after {:?}", deed);
            prop_assert_eq!(status.in_flight as usize, permits.len());
            prop_assert_eq!(heard.lock().unwrap().len() as u64, model.transitions);
        }
        drop(permits);
        let tally = breaker.status().tally;
        prop_assert_eq!(tally.permits, tally.successes + tally.failures + tally.abandoned);
        prop_assert_eq!(breaker.status().in_flight, 0);
        for (n, transition) in heard.lock().unwrap().iter().enumerate() {
            prop_assert!(in_table(transition), "{transition}");
            prop_assert_eq!(transition.number, n as u64 + 1);
        }
    }
}
