//! What is written down of resets and of what operators do.

use reweigh_reading::Instant;

use crate::reset::ResetKind;

/// What was decided or asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditKind {
    /// A reset that was not there before.
    ResetNew,
    /// A reset that was there, and does something else now.
    ResetChanged,
    /// A reset that was there, and is not any more.
    ResetGone,
    /// A reset that would have broken a rule.
    ResetRefused,
    /// A reset that failed.
    ResetFailed,
    /// A reset an operator asked for.
    ResetRequested,
}

impl AuditKind {
    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ResetNew => "reset_new",
            Self::ResetChanged => "reset_changed",
            Self::ResetGone => "reset_gone",
            Self::ResetRefused => "reset_refused",
            Self::ResetFailed => "reset_failed",
            Self::ResetRequested => "reset_requested",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// It is part of the settled state.
    Committed,
    /// Nothing changed.
    RolledBack,
    /// It was turned down before it began.
    Refused,
}

impl AuditOutcome {
    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
            Self::Refused => "refused",
        }
    }
}

/// One step of a reset, and what its check said.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditStep {
    /// Which of the four operations.
    pub operation: String,
    /// What its check said: `valid`, or every rule that was broken.
    pub verdict: String,
    /// How long it took, µs.
    pub micros: u64,
}

/// One record of the audit log. The user is the log's own key and not in here.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// What was decided or asked for.
    pub kind: AuditKind,
    /// The kind of reset.
    pub reset: ResetKind,
    /// The instant of the fact that made it due, in the time of the readings.
    pub effective: Instant,
    /// When it was written, by the clock.
    pub recorded: Instant,
    /// Why.
    pub reason: String,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The steps it went through.
    pub steps: Vec<AuditStep>,
    /// What ties it to the spans and logs of the same work.
    pub correlation: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of files and scripts.
    #[test]
    fn kinds_and_outcomes_have_words() {
        use AuditKind::{ResetChanged, ResetFailed, ResetGone, ResetNew, ResetRefused, ResetRequested};
        let kinds = [ResetNew, ResetChanged, ResetGone, ResetRefused, ResetFailed, ResetRequested];
        let words =
            ["reset_new", "reset_changed", "reset_gone", "reset_refused", "reset_failed", "reset_requested"];
        assert_eq!(kinds.map(AuditKind::as_str), words);
        let outcomes = [AuditOutcome::Committed, AuditOutcome::RolledBack, AuditOutcome::Refused];
        assert_eq!(outcomes.map(AuditOutcome::as_str), ["committed", "rolled_back", "refused"]);
    }
}
