//! What can go wrong in a store, and what the caller can do about it.

use std::fmt;
use std::io;
use std::time::Duration;

use reweigh_reading::{OrderKey, UserId};
use reweigh_state::{SnapshotError, Violations};

/// What the caller of a failed verb can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Nothing was changed, and the same call may succeed later.
    Retry,
    /// Nothing was changed, and the same call will fail again: what was handed in is at fault.
    FixInput,
    /// The handle is of no more use. Open the store again: that settles what was kept.
    Reopen,
    /// What was kept is damaged: restore a backup, or run the files again.
    Restore,
    /// A person has to look: room on the disk, a permission, another program's file.
    Stop,
}

/// Where in a store something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The table or file.
    pub table: &'static str,
    /// The user, where one is known.
    pub user: Option<UserId>,
    /// The key or range within it, in words; empty where the table says all.
    pub key: String,
}

impl Place {
    /// A table or file as a whole.
    pub fn of(table: &'static str) -> Self {
        Self { table, user: None, key: String::new() }
    }

    /// What a table holds about a user.
    pub fn of_user(table: &'static str, user: &UserId) -> Self {
        Self { table, user: Some(user.clone()), key: String::new() }
    }

    /// The same place, narrowed to a key.
    #[must_use]
    pub fn at(mut self, key: impl fmt::Display) -> Self {
        self.key = key.to_string();
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.table)?;
        if let Some(user) = &self.user {
            write!(f, " of user {user}")?;
        }
        if self.key.is_empty() { Ok(()) } else { write!(f, " at {}", self.key) }
    }
}

/// Why a verb of a store failed.
///
/// Unless a variant says otherwise nothing was changed, for good: no reader, now or after a crash, sees a part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What was kept is not what was written. The row is never served; other rows are.
    #[error("{place} is corrupt: {detail}; restore a backup, or run the files again")]
    Corrupt {
        /// Where.
        place: Place,
        /// What is wrong with it.
        detail: String,
    },
    /// The commit failed in a way that leaves open whether it was kept. The handle is poisoned; what was kept shows
    /// itself when the store is opened again, and offering the same again is harmless.
    #[error("whether {doing} was kept is not known; open the store again and offer it again")]
    Unknown {
        /// What was being done.
        doing: &'static str,
        /// What the commit said.
        #[source]
        cause: Box<StoreError>,
    },
    /// An earlier fault made this handle useless. Nothing was tried.
    #[error("an earlier fault closed this handle: {because}; open the store again")]
    Poisoned {
        /// The earlier fault.
        because: String,
    },
    /// The disk is full.
    #[error("the disk is full while {doing}; make room and try again")]
    Full {
        /// What was being done.
        doing: &'static str,
    },
    /// The store can only be read: by its file's mode, by its medium, or because it was opened so.
    #[error("the store can only be read, so {doing} is refused; see the mode of its file and folder")]
    ReadOnly {
        /// What was being done.
        doing: &'static str,
    },
    /// Others held the writer for too long.
    #[error("others held the writer for {} ms, so {doing} was given up; try again", waited.as_millis())]
    Busy {
        /// What was being done.
        doing: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The medium failed.
    #[error("{doing} failed")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the medium said.
        #[source]
        cause: io::Error,
    },
    /// One thing was too large.
    #[error("{what} takes {bytes} bytes, and at most {most} are taken; hand it in in parts")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The most that is taken.
        most: usize,
    },
    /// A journal mark that is lower than the one before, or beyond the end of the journal.
    #[error("the mark {mark} is not within {least} and {most}; this is a fault of the caller")]
    Mark {
        /// The mark that was handed in.
        mark: u64,
        /// The mark that holds.
        least: u64,
        /// The last row of the journal.
        most: u64,
    },
    /// The user is not in the store, or has no such version.
    #[error("there is no {what} of user {user}")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Whose.
        user: UserId,
    },
}

impl StoreError {
    /// A word for logs, JSON and audit, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Corrupt { .. } => "store_corrupt",
            Self::Unknown { .. } => "store_unknown",
            Self::Poisoned { .. } => "store_poisoned",
            Self::Full { .. } => "store_full",
            Self::ReadOnly { .. } => "store_read_only",
            Self::Busy { .. } => "store_busy",
            Self::Io { .. } => "store_io",
            Self::TooLarge { .. } => "store_too_large",
            Self::Mark { .. } => "store_mark",
            Self::Missing { .. } => "store_missing",
        }
    }

    /// What the caller can do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Corrupt { .. } => Remedy::Restore,
            Self::Unknown { .. } | Self::Poisoned { .. } | Self::Io { .. } => Remedy::Reopen,
            Self::Full { .. } | Self::ReadOnly { .. } => Remedy::Stop,
            Self::Busy { .. } => Remedy::Retry,
            Self::TooLarge { .. } | Self::Mark { .. } | Self::Missing { .. } => Remedy::FixInput,
        }
    }
}

/// Why there is no base for a replay, or nothing to serve instead. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// No snapshot that still holds lies before the key: fold from the first fact.
    #[error("user {user} has no snapshot before {}; fold from the first fact", before.at())]
    NoSnapshotBefore {
        /// Whose.
        user: UserId,
        /// The key.
        before: OrderKey,
    },
    /// The snapshot is not what was written. Ask again before its key, or fold from the first fact.
    #[error("the snapshot of user {user} before {} is corrupt", before.at())]
    Corrupt {
        /// Whose.
        user: UserId,
        /// Ask again before this key to get an older one.
        before: OrderKey,
        /// What is wrong with it.
        #[source]
        cause: SnapshotError,
    },
    /// The snapshot decodes and breaks rules: every one of them is listed.
    #[error("the snapshot of user {user} before {} is invalid", before.at())]
    Invalid {
        /// Whose.
        user: UserId,
        /// Ask again before this key to get an older one.
        before: OrderKey,
        /// Every rule it breaks, and the state.
        #[source]
        cause: Violations,
    },
    /// The snapshot is of a model of another size or of another version of its layout.
    #[error("the snapshot of user {user} before {} is of another layout", before.at())]
    Dimension {
        /// Whose.
        user: UserId,
        /// Ask again before this key to get an older one.
        before: OrderKey,
        /// Which size or version.
        #[source]
        cause: SnapshotError,
    },
    /// The user moved while it was restored. Ask again.
    #[error("user {user} moved meanwhile; ask again")]
    Conflict {
        /// Whose.
        user: UserId,
    },
    /// Others held the store for too long. Ask again.
    #[error("restoring user {user} waited for {} ms and was given up; try again", waited.as_millis())]
    Timeout {
        /// Whose.
        user: UserId,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The store failed.
    #[error("the store failed while user {user} was restored")]
    Storage {
        /// Whose.
        user: UserId,
        /// How.
        #[source]
        cause: StoreError,
    },
}

impl RestoreError {
    /// The error of a snapshot that is of no use. `before` is the key to ask again with.
    pub fn snapshot(user: &UserId, before: &OrderKey, cause: SnapshotError) -> Self {
        let (user, before) = (user.clone(), before.clone());
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "whatever else is wrong with bytes, they are corrupt"
        )]
        match cause {
            SnapshotError::Invalid(cause) => Self::Invalid { user, before, cause },
            SnapshotError::Dimension { .. } | SnapshotError::Version { .. } => {
                Self::Dimension { user, before, cause }
            }
            _ => Self::Corrupt { user, before, cause },
        }
    }

    /// The error of a store that failed.
    pub fn storage(user: &UserId, cause: StoreError) -> Self {
        let user = user.clone();
        if let StoreError::Busy { waited, .. } = cause {
            return Self::Timeout { user, waited };
        }
        Self::Storage { user, cause }
    }

    /// A word for logs, JSON and audit, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSnapshotBefore { .. } => "restore_no_snapshot_before",
            Self::Corrupt { .. } => "restore_corrupt",
            Self::Invalid { .. } => "restore_invalid",
            Self::Dimension { .. } => "restore_dimension",
            Self::Conflict { .. } => "restore_conflict",
            Self::Timeout { .. } => "restore_timeout",
            Self::Storage { .. } => "restore_storage",
        }
    }

    /// What the caller can do. For a snapshot that is of no use: ask before an older key.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::NoSnapshotBefore { .. } => Remedy::FixInput,
            Self::Corrupt { .. } | Self::Invalid { .. } | Self::Dimension { .. } => Remedy::Restore,
            Self::Conflict { .. } | Self::Timeout { .. } => Remedy::Retry,
            Self::Storage { cause, .. } => cause.remedy(),
        }
    }
}
