//! What can go wrong at the store, and whose fault it is.

use std::error::Error;

use crate::port::StateVersion;

/// What the store answered instead of doing as asked.
///
/// Unless a variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitFault {
    /// Somebody else moved the user's state first.
    #[error("the state moved from version {base} to {found} meanwhile; read it again and fold again")]
    Conflict {
        /// The version the work stood on.
        base: StateVersion,
        /// The version there is.
        found: StateVersion,
    },
    /// The store's own check did not let the state in.
    #[error("the store does not take the state: {why}; look at the state, the store is fine")]
    Rejected {
        /// What its check said.
        why: String,
    },
    /// Whoever asked does not want it any more.
    #[error("the work was called off; ask again when it is wanted")]
    Cancelled,
    /// The store was not to be had in time, and what it was asked for was not begun. Giving up on what was begun is
    /// [`Unknown`](Self::Unknown).
    #[error("the store was not to be had within {waited_ms} ms; try again")]
    Timeout {
        /// How long was waited.
        waited_ms: u64,
    },
    /// The store failed, and what it was asked for was not done.
    #[error("the store failed to {action}; look at its file system, then try again")]
    Storage {
        /// What it failed to do: `write the state`.
        action: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The store failed, and may have done what it was asked for all the same.
    #[error("the store failed to {action}, and may have done it; look before trying again")]
    Unknown {
        /// What it may have done.
        action: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// Whose fault it is: the only thing a [`Breaker`](crate::Breaker) looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultClass {
    /// The store's, or that of what is below it. It counts.
    Infrastructure,
    /// Nobody's: the store is fine and said no. It counts as success.
    Answer,
    /// The caller's. It says nothing of the store and does not count.
    Caller,
}

impl CommitFault {
    /// Whose fault it is.
    ///
    /// ```
    /// use reweigh_reset::{CommitFault, FaultClass, StateVersion};
    ///
    /// let conflict = CommitFault::Conflict { base: StateVersion::new(3), found: StateVersion::new(4) };
    /// assert_eq!(conflict.class(), FaultClass::Answer);
    /// assert_eq!(CommitFault::Timeout { waited_ms: 1_000 }.class(), FaultClass::Infrastructure);
    /// ```
    pub fn class(&self) -> FaultClass {
        match self {
            Self::Conflict { .. } | Self::Rejected { .. } => FaultClass::Answer,
            Self::Cancelled => FaultClass::Caller,
            Self::Timeout { .. } | Self::Storage { .. } | Self::Unknown { .. } => FaultClass::Infrastructure,
        }
    }

    /// Whether it may have been done all the same.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }

    /// A word for logs, audit and JSON, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "commit_conflict",
            Self::Rejected { .. } => "commit_rejected",
            Self::Cancelled => "commit_cancelled",
            Self::Timeout { .. } => "commit_timeout",
            Self::Storage { .. } => "commit_storage",
            Self::Unknown { .. } => "commit_unknown",
        }
    }
}

/// An error and everything below it, in one line: for an audit record, which keeps no source.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(source) = below {
        text.push_str(": ");
        text.push_str(&source.to_string());
        below = source.source();
    }
    text
}
