//! What is written down of resets, of recoveries, and of what operators do.

use reweigh_reading::{Instant, Source};

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
    /// A state that the recovery ladder made or found, to be served meanwhile.
    Recovered,
    /// A settled state that an operator had folded again from the facts.
    Rebuilt,
}

impl AuditKind {
    /// Every one there is.
    pub const ALL: [Self; 8] = [
        Self::ResetNew,
        Self::ResetChanged,
        Self::ResetGone,
        Self::ResetRefused,
        Self::ResetFailed,
        Self::ResetRequested,
        Self::Recovered,
        Self::Rebuilt,
    ];

    /// The one of a word, as a store or a file has it; none for a word of a later program.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

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
            Self::Recovered => "recovered",
            Self::Rebuilt => "rebuilt",
        }
    }
}

/// Which reset a record is about.
///
/// More than a [`ResetKind`], which is what a plan can be of: a level shift is a story that won and has
/// no plan, and what the recovery ladder makes is served and never folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditedReset {
    /// One with a plan.
    Planned(ResetKind),
    /// A lasting change of weight that the stories settled on.
    LevelShift,
    /// What the ladder served of what there was: a state, or a few readings.
    Recovery,
    /// What the ladder served for want of anything better.
    Conservative,
}

impl AuditedReset {
    /// Every one there is.
    pub const ALL: [Self; 7] = [
        Self::Planned(ResetKind::Initial),
        Self::Planned(ResetKind::Hard),
        Self::Planned(ResetKind::Soft),
        Self::Planned(ResetKind::Manual),
        Self::LevelShift,
        Self::Recovery,
        Self::Conservative,
    ];

    /// The one of a word, as a store or a file has it; none for a word of a later program.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned(kind) => kind.as_str(),
            Self::LevelShift => "level_shift",
            Self::Recovery => "recovery",
            Self::Conservative => "conservative",
        }
    }
}

impl From<ResetKind> for AuditedReset {
    fn from(kind: ResetKind) -> Self {
        Self::Planned(kind)
    }
}

/// Who decided or asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditActor {
    /// The step, from the facts.
    Step,
    /// The recovery ladder.
    Ladder,
    /// A person, by the name that the fact or the command gives.
    Operator(Source),
}

impl AuditActor {
    /// The word that files and scripts use; an operator's name is beside it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Ladder => "ladder",
            Self::Operator(_) => "operator",
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
    /// It was turned down, and the steps say why.
    Refused,
    /// It is a fact now, and decided when its user is settled.
    Accepted,
    /// It is served, and provisional.
    Served,
    /// Nobody knows: the commit failed, and so did looking whether it did.
    Stuck,
}

impl AuditOutcome {
    /// Every one there is.
    pub const ALL: [Self; 6] =
        [Self::Committed, Self::RolledBack, Self::Refused, Self::Accepted, Self::Served, Self::Stuck];

    /// The one of a word, as a store or a file has it; none for a word of a later program.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::RolledBack => "rolled_back",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Served => "served",
            Self::Stuck => "stuck",
        }
    }
}

/// One step on the way, and what its check said.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditStep {
    /// Which of the four operations, or which rung.
    pub operation: String,
    /// What it made, in a few words and numbers; empty if it made nothing.
    pub made: String,
    /// What its check said: `valid`, or every rule that was broken, or what failed.
    pub verdict: String,
    /// How long it took, µs.
    pub micros: u64,
}

/// One record of the audit log. The user is the log's own key and not in here.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// What was decided or asked for.
    pub kind: AuditKind,
    /// Which reset; none for what is no reset.
    pub reset: Option<AuditedReset>,
    /// Who decided or asked.
    pub who: AuditActor,
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
    /// How long all of it took, µs.
    pub micros: u64,
    /// What ties it to the spans and logs of the same work.
    pub correlation: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of files and scripts.
    #[test]
    fn every_word_leads_back() {
        assert!(AuditKind::ALL.into_iter().all(|kind| AuditKind::from_word(kind.as_str()) == Some(kind)));
        let outcomes = AuditOutcome::ALL;
        assert!(outcomes.into_iter().all(|one| AuditOutcome::from_word(one.as_str()) == Some(one)));
        let resets = AuditedReset::ALL;
        assert!(resets.into_iter().all(|one| AuditedReset::from_word(one.as_str()) == Some(one)));
        assert_eq!(AuditKind::from_word("reset_undone"), None);
    }

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
