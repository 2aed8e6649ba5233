//! What is remembered of decisions and acts, and what the outside world is told.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{AuditOutcome, AuditRecord, Restatement};

/// Something that was decided or done.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AuditEntry {
    /// A reset.
    Reset(AuditRecord),
    /// An act of somebody.
    Act(Act),
    /// There was an entry, and its user was erased.
    Erased {
        /// When the entry was made.
        recorded: Instant,
    },
}

impl AuditEntry {
    /// When it was recorded.
    pub fn recorded(&self) -> Instant {
        match self {
            Self::Reset(record) => record.recorded,
            Self::Act(act) => act.at,
            Self::Erased { recorded } => *recorded,
        }
    }

    /// How it ended; acts are recorded when they are done.
    pub fn outcome(&self) -> Option<AuditOutcome> {
        match self {
            Self::Reset(record) => Some(record.outcome),
            Self::Act(_) => Some(AuditOutcome::Committed),
            Self::Erased { .. } => None,
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ActKind {
    /// Something else than the settled state is served from here on.
    Pin,
    /// The settled state is served again.
    Release,
    /// A user was erased.
    Erase,
    /// A setting of the store was changed.
    Settings,
    /// Old entries were let go.
    Retention,
    /// A user or all were folded anew.
    Rebuild,
}

impl ActKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Pin, Self::Release, Self::Erase, Self::Settings, Self::Retention, Self::Rebuild];

    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pin => "pin",
            Self::Release => "release",
            Self::Erase => "erase",
            Self::Settings => "settings",
            Self::Retention => "retention",
            Self::Rebuild => "rebuild",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Who did what, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub kind: ActKind,
    /// Who, or which part of the program.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// What ties it to spans and logs.
    pub correlation: u64,
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// Its number; they only grow.
    pub number: u64,
    /// Whom it is about, if it is about one user.
    pub user: Option<UserId>,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which entries are asked for. They come in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditQuery {
    /// Only of this user.
    pub user: Option<UserId>,
    /// Recorded at or after.
    pub from: Option<Instant>,
    /// Recorded before.
    pub until: Option<Instant>,
    /// Only with this outcome.
    pub outcome: Option<AuditOutcome>,
    /// Only after this number.
    pub after: u64,
}

impl AuditQuery {
    /// Whether an entry is asked for.
    pub fn wants(&self, row: &AuditRow) -> bool {
        let recorded = row.entry.recorded();
        row.number > self.after
            && self.user.as_ref().is_none_or(|user| row.user.as_ref() == Some(user))
            && self.from.is_none_or(|from| recorded >= from)
            && self.until.is_none_or(|until| recorded < until)
            && self.outcome.is_none_or(|outcome| row.entry.outcome() == Some(outcome))
    }
}

/// Something the outside world should be told: it stays until it is acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Its number; they only grow.
    pub number: u64,
    /// Whose story changed.
    pub user: UserId,
    /// When it was committed.
    pub at: Instant,
    /// What changed.
    pub restatement: Restatement,
    /// Why.
    pub cause: String,
}
