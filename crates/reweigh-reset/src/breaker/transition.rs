//! What is told of a breaker.

use std::fmt;

use reweigh_reading::{Instant, Source};

/// A kind of operation that has a breaker of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Committing a settled state that holds a new or changed reset.
    ResetCommit,
    /// Committing what the recovery ladder found, to be served.
    RecoveryCommit,
    /// Committing an operator's restore, to be served.
    RestoreCommit,
    /// Writing audit records of what failed.
    AuditCommit,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [Self; 4] =
        [Self::ResetCommit, Self::RecoveryCommit, Self::RestoreCommit, Self::AuditCommit];

    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResetCommit => "reset_commit",
            Self::RecoveryCommit => "recovery_commit",
            Self::RestoreCommit => "restore_commit",
            Self::AuditCommit => "audit_commit",
        }
    }
}

/// The state of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// Everything is let through.
    Closed,
    /// Nothing is.
    Open,
    /// A few are, to see how it goes.
    HalfOpen,
    /// Nothing is, because an operator said so.
    ForcedOpen,
    /// Everything is, because an operator said so.
    ForcedClosed,
}

impl BreakerState {
    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::ForcedOpen => "forced_open",
            Self::ForcedClosed => "forced_closed",
        }
    }
}

impl fmt::Display for BreakerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a breaker changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransitionCause {
    /// So many failures in a row.
    Failures(u32),
    /// The time it was to stay open is over.
    Waited,
    /// So many successes while half-open.
    Successes(u32),
    /// A failure while half-open.
    ProbeFailed,
    /// Those who tried while half-open were out for too long.
    ProbeTimedOut,
    /// An operator forced it.
    Forced {
        /// Who.
        by: Source,
    },
    /// An operator let go.
    Released {
        /// Who.
        by: Source,
    },
}

impl fmt::Display for TransitionCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(count) => write!(f, "{count} failures in a row"),
            Self::Waited => f.write_str("its time is over"),
            Self::Successes(count) => write!(f, "{count} successes"),
            Self::ProbeFailed => f.write_str("a failure while half-open"),
            Self::ProbeTimedOut => f.write_str("who tried while half-open took too long"),
            Self::Forced { by } => write!(f, "forced by {by}"),
            Self::Released { by } => write!(f, "released by {by}"),
        }
    }
}

/// A breaker changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Which breaker.
    pub kind: OperationKind,
    /// The number of this transition, from 1, without gaps.
    pub number: u64,
    /// What it was.
    pub from: BreakerState,
    /// What it is.
    pub to: BreakerState,
    /// Why.
    pub cause: TransitionCause,
    /// When, by the time that came in.
    pub at: Instant,
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "breaker {}: {} -> {}, {}", self.kind.as_str(), self.from, self.to, self.cause)
    }
}

/// No permit. Nothing was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the breaker of {} is {state}; {}", kind.as_str(), advice(*retry_at))]
pub struct Denied {
    /// Which breaker.
    pub kind: OperationKind,
    /// How it stands.
    pub state: BreakerState,
    /// When asking again may help; none if that depends on others.
    pub retry_at: Option<Instant>,
}

fn advice(retry_at: Option<Instant>) -> String {
    match retry_at {
        Some(at) => format!("ask again at {at}"),
        None => "ask again when one who tries is done, or an operator lets go".to_owned(),
    }
}

/// Everything that a breaker has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BreakerTally {
    /// Permits that were given.
    pub permits: u64,
    /// Requests that were denied.
    pub denied: u64,
    /// Permits that were reported as successes.
    pub successes: u64,
    /// Permits that were reported as failures.
    pub failures: u64,
    /// Permits that were dropped, or whose holder was at fault.
    pub abandoned: u64,
    /// Of all reports, those that came after a transition and changed nothing.
    pub late: u64,
    /// Transitions to open.
    pub opened: u64,
}

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerStatus {
    /// Its state.
    pub state: BreakerState,
    /// When it came into that state; none if it was never in another.
    pub since: Option<Instant>,
    /// Failures in a row, while closed.
    pub failures: u32,
    /// Successes, while half-open.
    pub successes: u32,
    /// Permits that are out, given before the last transition or after it.
    pub in_flight: u32,
    /// When an open one lets somebody try.
    pub retry_at: Option<Instant>,
    /// What it has counted.
    pub tally: BreakerTally,
}
