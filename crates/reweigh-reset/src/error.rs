//! What can become of a reset instead of being committed.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{AuditKind, AuditOutcome, AuditRecord, Finding, ResetKind};

use crate::breaker::Denied;
use crate::checkpoint::Stage;
use crate::fault::CommitFault;
use crate::port::StateVersion;
use crate::trail::Trail;

/// Why a reset, or the commit it was to end in, was not made.
///
/// After every one of them but [`Stuck`](Self::Stuck) and [`Untold`](Self::Untold) the user's state is, bit for bit,
/// what it was before, or what another commit made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResetError {
    /// What a stage made breaks rules. The prior state goes on, and the log has the record.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Somebody else moved the user's state first.
    #[error("the state moved from version {base} to {found} before {stage}; read it again and fold again")]
    Conflict {
        /// After which stage it was noticed.
        stage: Stage,
        /// The version the work stood on.
        base: StateVersion,
        /// The version there is.
        found: StateVersion,
    },
    /// The store failed, or the work was called off.
    #[error("rolled back at {stage}")]
    Fault {
        /// At which stage.
        stage: Stage,
        /// What the store said.
        #[source]
        source: CommitFault,
    },
    /// The breaker is open: nothing was tried.
    #[error("held back, and the user stays unsettled")]
    HeldBack(#[from] Denied),
    /// The commit failed, and so did looking whether it was made. The log knows what to look for:
    /// [`ResetLog::resolve`](crate::ResetLog::resolve).
    #[error(
        "nobody knows whether version {base} of {user} was replaced ({look}); commit nothing for this user until \
         a look at the store succeeds"
    )]
    Stuck {
        /// Whose state.
        user: UserId,
        /// The version the commit stood on.
        base: StateVersion,
        /// What looking said.
        look: String,
        /// What the commit said.
        #[source]
        source: CommitFault,
    },
    /// The commit failed, the state was moved on meanwhile, and the store has lost what would tell whether by way of
    /// this commit. It can't be made any more. Its records say `stuck`.
    #[error(
        "nobody can tell whether version {base} of {user} was replaced by this commit; the state has moved to \
         {found}: read it again and fold again"
    )]
    Untold {
        /// Whose state.
        user: UserId,
        /// The version the commit stood on.
        base: StateVersion,
        /// The version there is.
        found: StateVersion,
        /// What the commit said.
        #[source]
        source: CommitFault,
    },
    /// An earlier commit of the user is stuck: nothing was tried.
    #[error("an earlier commit of {user} is stuck; look what became of it first")]
    Unresolved {
        /// Whose state.
        user: UserId,
    },
    /// The records of what failed could not be written. They are kept.
    #[error("{waiting} audit records of {user} wait to be written")]
    AuditFault {
        /// Whose.
        user: UserId,
        /// How many.
        waiting: usize,
        /// What the store said.
        #[source]
        source: CommitFault,
    },
}

impl ResetError {
    /// A word for logs, audit and JSON, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "reset_refused",
            Self::Conflict { .. } => "reset_conflict",
            Self::Fault { .. } => "reset_fault",
            Self::HeldBack(_) => "reset_held_back",
            Self::Stuck { .. } => "reset_stuck",
            Self::Untold { .. } => "reset_untold",
            Self::Unresolved { .. } => "reset_unresolved",
            Self::AuditFault { .. } => "reset_audit_fault",
        }
    }

    /// The error of a fault at a stage.
    pub(crate) fn at(stage: Stage, fault: CommitFault) -> Self {
        if let CommitFault::Conflict { base, found } = fault {
            Self::Conflict { stage, base, found }
        } else {
            Self::Fault { stage, source: fault }
        }
    }
}

/// A reset that was not applied because a stage of it broke rules, with everything up to there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the {} reset at {at} breaks {} rules at {stage}, the first: {}", kind.as_str(), findings.len(),
    findings.first().map(ToString::to_string).unwrap_or_default())]
pub struct Refusal {
    /// The kind of reset.
    pub kind: ResetKind,
    /// When it was due.
    pub at: Instant,
    /// The stage that broke them.
    pub stage: Stage,
    /// Every rule that stage breaks.
    pub findings: Vec<Finding>,
    pub(crate) trail: Trail,
}

impl Refusal {
    /// The record of it, as the log of its transaction has it.
    pub fn record(&self) -> AuditRecord {
        self.trail.record(AuditKind::ResetRefused, AuditOutcome::Refused)
    }
}
