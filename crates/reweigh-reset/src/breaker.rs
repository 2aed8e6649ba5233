//! The circuit breaker: what keeps a sick store from being asked again and again.

mod machine;
mod settings;
mod transition;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reweigh_reading::{Instant, Source};

use crate::fault::FaultClass;
use machine::{Machine, Report, Ticket};

pub use settings::BreakerSettingError;
pub use settings::BreakerSettings;
pub use settings::CheckedBreakerSettings;
pub use transition::BreakerState;
pub use transition::BreakerStatus;
pub use transition::BreakerTally;
pub use transition::Denied;
pub use transition::OperationKind;
pub use transition::Transition;
pub use transition::TransitionCause;

/// What hears of every transition.
type Hook = Box<dyn Fn(&Transition) + Send + Sync>;

/// A circuit breaker over one kind of operation. It guards committing and never deciding.
///
/// | state | on | does | goes to |
/// |---|---|---|---|
/// | closed | a request | gives a permit | |
/// | closed | a success | forgets the failures before it | |
/// | closed | a failure | counts it | open, if it is the last of `failures_to_open` in a row |
/// | open | a request | denies it | half-open once `open_for` is over: then it gives the permit |
/// | half-open | a request | gives a permit, if fewer than `half_open_permits` are out | |
/// | half-open | a success | counts it | closed, if it is the last of `successes_to_close` |
/// | half-open | a failure | | open |
/// | half-open | time, while a permit is out | | open, if none was back for `half_open_for` |
/// | half-open | time, while none is out | nothing | |
/// | forced open | a request | denies it | |
/// | forced closed | a request | gives a permit | |
/// | any but forced so | an operator forces it | | forced open, forced closed |
/// | forced open | an operator lets go | | half-open |
/// | forced closed | an operator lets go | | closed |
/// | any | a permit that is dropped, or whose holder was at fault | takes it back | |
/// | any | a report of a permit from before the last transition | counts it in the tally | |
///
/// ```text
///            failures in a row                a failure, or a try takes too long
///   closed ──────────────────▶ open ◀──────────────────────── half-open
///      ▲                         │                               ▲  │
///      │                         └──── its time is over ─────────┘  │
///      └──────────────────────── successes ─────────────────────────┘
/// ```
///
/// Half-open lasts until somebody has found out: a store that works and has little to do stays half-open between
/// its tries, and nobody waits for that, because the next one gets its permit at once. What may not last is a try.
/// The time counts from when the first of those that are out asked, so one that hangs is not hidden by others.
///
/// Only [faults of the infrastructure](FaultClass) count. Time comes in with every call; a clock that goes back
/// makes an open breaker wait its time once more, and no longer. Whoever holds a [`Permit`] reports through it;
/// one that is dropped is released. Reports of a permit that was given before the last transition are counted
/// and change nothing: what was asked then says nothing about now.
///
/// ```
/// use reweigh_reading::{Elapsed, Instant};
/// use reweigh_reset::{Breaker, BreakerSettings, BreakerState, FaultClass, OperationKind};
///
/// let settings = BreakerSettings::default().check().unwrap();
/// let breaker = Breaker::new(OperationKind::ResetCommit, settings);
/// let now = Instant::UNIX_EPOCH;
/// for _ in 0..3 {
///     breaker.acquire(now)?.fail(FaultClass::Infrastructure, now);
/// }
/// let denied = breaker.acquire(now).unwrap_err();
/// assert_eq!(denied.retry_at, Some(now.saturating_add(Elapsed::from_seconds(60))));
///
/// let later = now.saturating_add(Elapsed::from_seconds(60));
/// for _ in 0..2 {
///     breaker.acquire(later)?.succeed(later);
/// }
/// assert_eq!(breaker.status().state, BreakerState::Closed);
/// # Ok::<(), reweigh_reset::Denied>(())
/// ```
pub struct Breaker {
    kind: OperationKind,
    machine: Mutex<Machine>,
    hook: Option<Hook>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("kind", &self.kind)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Breaker {
    /// A closed breaker.
    pub fn new(kind: OperationKind, settings: CheckedBreakerSettings) -> Self {
        Self { kind, machine: Mutex::new(Machine::new(kind, settings)), hook: None }
    }

    /// Has every transition told to a hook, in order and one at a time, by whichever thread calls next; never from
    /// a drop. While the hook is busy no other caller waits for it: who called it tells what comes meanwhile. It may
    /// look at the breaker. If it panics, the panic goes to that caller, and the breaker is sound. While one hangs, the
    /// last 64 transitions wait for it; those before are in the tally alone, and a gap in the numbers shows it.
    #[must_use]
    pub fn with_hook(mut self, hook: impl Fn(&Transition) + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// What it is over.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// Asks for a permit.
    ///
    /// # Errors
    ///
    /// It is open, or as many as may are trying already.
    pub fn acquire(&self, now: Instant) -> Result<Permit<'_>, Denied> {
        let answer = self.lock().acquire(now);
        // A permit before the hook is called: whatever that does, the ticket comes back.
        let mut permit = answer.map(|ticket| Permit { breaker: self, ticket, held: false, reported: false });
        self.tell();
        if let Ok(permit) = &mut permit {
            permit.held = true;
        }
        permit
    }

    /// Lets time pass without asking for anything, so that a half-open breaker whose time is over opens.
    pub fn poll(&self, now: Instant) {
        self.lock().poll(now);
        self.tell();
    }

    /// Holds it open until [`release`](Self::release), whatever is reported.
    pub fn force_open(&self, by: &Source, now: Instant) {
        self.lock().force(BreakerState::ForcedOpen, by, now);
        self.tell();
    }

    /// Holds it closed until [`release`](Self::release), whatever is reported.
    pub fn force_closed(&self, by: &Source, now: Instant) {
        self.lock().force(BreakerState::ForcedClosed, by, now);
        self.tell();
    }

    /// Lets go: one that was forced open tries half-open, one that was forced closed is closed. Does nothing to
    /// one that was not forced.
    pub fn release(&self, by: &Source, now: Instant) {
        self.lock().release(by, now);
        self.tell();
    }

    /// How it stands. Nothing is moved by looking.
    pub fn status(&self) -> BreakerStatus {
        self.lock().status()
    }

    fn lock(&self) -> MutexGuard<'_, Machine> {
        // Nothing that could panic runs under the lock, so it is never poisoned half-way.
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the hook what it has not heard yet, outside of the lock.
    fn tell(&self) {
        let Some(hook) = &self.hook else { return };
        loop {
            let Some(transition) = self.lock().next_to_tell() else { return };
            let _telling = Telling(self);
            hook(&transition);
        }
    }
}

/// The hook is being called. Ends with the call, also by a panic.
struct Telling<'a>(&'a Breaker);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.0.lock().told();
    }
}

/// A permit to try one operation. Say how it went, or drop it: then it is released, and counts as a failure
/// only if it is dropped by a panic.
#[derive(Debug)]
#[must_use = "a permit that is dropped is released without having said how it went"]
pub struct Permit<'a> {
    breaker: &'a Breaker,
    ticket: Ticket,
    /// Whether it has reached its caller. Before that no panic is the store's.
    held: bool,
    reported: bool,
}

impl Permit<'_> {
    /// It went well.
    pub fn succeed(self, now: Instant) {
        self.report(Report::Success, now);
    }

    /// It failed, and whose fault that was.
    pub fn fail(self, class: FaultClass, now: Instant) {
        let report = match class {
            FaultClass::Infrastructure => Report::Failure,
            FaultClass::Answer => Report::Success,
            FaultClass::Caller => Report::Abandoned,
        };
        self.report(report, now);
    }

    fn report(mut self, report: Report, now: Instant) {
        self.reported = true;
        self.breaker.lock().report(self.ticket, report, Some(now));
        self.breaker.tell();
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.reported {
            // Whoever panics with a permit in hand was at the store. The hook hears of it from the next caller.
            let panicked = self.held && std::thread::panicking();
            let report = if panicked { Report::Failure } else { Report::Abandoned };
            self.breaker.lock().report(self.ticket, report, None);
        }
    }
}

/// One breaker for each kind of operation. Give them to whoever commits.
#[derive(Debug)]
pub struct Breakers([Breaker; OperationKind::ALL.len()]);

impl Breakers {
    /// Closed breakers with the same settings and one hook.
    pub fn new(
        settings: CheckedBreakerSettings,
        hook: impl Fn(&Transition) + Send + Sync + Clone + 'static,
    ) -> Self {
        Self(OperationKind::ALL.map(|kind| Breaker::new(kind, settings).with_hook(hook.clone())))
    }

    /// The breaker over a kind of operation.
    pub fn of(&self, kind: OperationKind) -> &Breaker {
        let [reset, recovery, restore, audit] = &self.0;
        match kind {
            OperationKind::ResetCommit => reset,
            OperationKind::RecoveryCommit => recovery,
            OperationKind::RestoreCommit => restore,
            OperationKind::AuditCommit => audit,
        }
    }

    /// Every breaker.
    pub fn iter(&self) -> impl Iterator<Item = &Breaker> {
        self.0.iter()
    }

    /// Lets time pass for all of them: see [`Breaker::poll`].
    pub fn poll(&self, now: Instant) {
        for breaker in self.iter() {
            breaker.poll(now);
        }
    }
}

#[cfg(test)]
mod tests;
