//! What can go wrong in an engine, and what to do about it.

use std::sync::Arc;

use reweigh_reading::{Instant, ReadingId, UserId};
use reweigh_reset::Denied;
use reweigh_state::Fingerprint;
use reweigh_store::{RestoreError, StoreError};

use crate::keeper::{OpenFault, StoreFailure};

/// What the caller can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    /// Try again: nothing was changed, or what was is kept once.
    Retry,
    /// What was asked for is at fault.
    FixInput,
    /// What was kept is damaged: restore a backup, or run the files again.
    Restore,
    /// A person has to look.
    Stop,
}

/// Why an engine did not do what it was asked for.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store could not be opened. Nothing was changed.
    #[error("the store could not be opened: {0}")]
    Open(Arc<OpenFault>),
    /// The store failed as often as it was tried. Nothing of what was asked for was done.
    #[error(transparent)]
    Store(Arc<StoreFailure>),
    /// The store failed, and may have done what it was asked for. Offering the same again is harmless.
    #[error("whether it was kept is not known; offer it again, it counts once")]
    Unknown(#[source] Arc<StoreFailure>),
    /// The tail is at its bound. Nothing was taken in.
    #[error("{facts} facts wait for the main file, as many as may; offer it again later")]
    Backpressure {
        /// How many facts wait.
        facts: u64,
    },
    /// The store is settled under another policy. Nothing was changed.
    #[error(
        "the store is settled under {found}, and the policy gives {given}; go on with the old policy, or move the users by a backfill"
    )]
    OtherPolicy {
        /// What it is settled under.
        found: Fingerprint,
        /// What the policy gives.
        given: Fingerprint,
        /// How many users there are.
        users: u64,
    },
    /// Users of the store are being moved from one policy to another. Nothing was changed.
    #[error(
        "users are being moved from {current} to {target}; go on with the backfill, or take them back by it"
    )]
    Backfilling {
        /// What they are moved from.
        current: Fingerprint,
        /// What they are moved to.
        target: Fingerprint,
    },
    /// Some users are not moved yet. Nothing was changed.
    #[error("{users} users are under another policy; move them first")]
    NotMoved {
        /// How many.
        users: u64,
    },
    /// Nothing is known of the user.
    #[error("nothing is known of user {0}")]
    NoUser(UserId),
    /// The user has nothing of that id.
    #[error("user {user} has nothing with the id {id}")]
    NoReading {
        /// Whose.
        user: UserId,
        /// The id.
        id: ReadingId,
    },
    /// What has that id is no reading, so it has no weight to be amended.
    #[error("{id} of user {user} is no reading; retract it and tell it anew")]
    NotAReading {
        /// Whose.
        user: UserId,
        /// The id.
        id: ReadingId,
    },
    /// The user has no reading so early.
    #[error("user {user} has no reading at or before {at}; ask about a later instant")]
    NoReadingBefore {
        /// Whose.
        user: UserId,
        /// The instant.
        at: Instant,
    },
    /// The user has no such version.
    #[error("user {user} has no version {version}")]
    NoVersion {
        /// Whose.
        user: UserId,
        /// The version.
        version: u64,
    },
    /// There is no version to serve, or it is of no use. What was served is served.
    #[error(transparent)]
    Restore(Arc<RestoreError>),
    /// The user is served the settled state as it is.
    #[error("user {0} is served the settled state already; there is nothing to release")]
    NotPinned(UserId),
    /// The breaker keeps a store that failed in peace. Nothing was tried.
    #[error("{0}")]
    BreakerOpen(#[from] Denied),
    /// The user is settled, so there is nothing to recover. Nothing was changed.
    #[error("user {0} is settled, there is nothing to recover; pin a version, or rebuild the user")]
    Settled(UserId),
    /// The user's facts or state moved whenever they were read. Nothing was changed.
    #[error("user {0} moves all the time; try again when less comes in")]
    Moving(UserId),
    /// Folding a user's facts went wrong. Nothing was changed; other users are not concerned.
    #[error("folding user {user} failed: {said}; this is a defect, report it and recover the user meanwhile")]
    Defect {
        /// Whose facts.
        user: UserId,
        /// What it said.
        said: String,
    },
    /// The files were not compacted. What is kept is as it was.
    #[error("the store was not compacted: {0}")]
    Compact(Arc<OpenFault>),
    /// An id was told as often as it can be.
    #[error("the id {0} was told as often as an id can be")]
    NoRevision(ReadingId),
    /// What was handed in is no fact.
    #[error("{0}")]
    Refused(#[from] reweigh_reading::Reject),
    /// The engine is closed, or a part of it is gone.
    #[error("the engine is closed; open it again")]
    Closed,
}

impl EngineError {
    /// A word for logs, JSON and scripts, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open(_) => "engine_open",
            Self::Store(failure) => failure.last.code(),
            Self::Unknown(_) => "engine_unknown",
            Self::Backpressure { .. } => "engine_backpressure",
            Self::OtherPolicy { .. } => "engine_other_policy",
            Self::Backfilling { .. } => "engine_backfilling",
            Self::NotMoved { .. } => "engine_not_moved",
            Self::NoUser(_) => "engine_no_user",
            Self::NoReading { .. } => "engine_no_reading",
            Self::NotAReading { .. } => "engine_not_a_reading",
            Self::NoReadingBefore { .. } => "engine_no_reading_before",
            Self::NoVersion { .. } => "engine_no_version",
            Self::Restore(error) => error.code(),
            Self::NotPinned(_) => "engine_not_pinned",
            Self::BreakerOpen(_) => "engine_breaker_open",
            Self::Settled(_) => "engine_settled",
            Self::Moving(_) => "engine_moving",
            Self::Defect { .. } => "engine_defect",
            Self::Compact(_) => "engine_compact",
            Self::NoRevision(_) => "engine_no_revision",
            Self::Refused(_) => "engine_refused",
            Self::Closed => "engine_closed",
        }
    }

    /// What the caller can do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Open(_) | Self::Defect { .. } | Self::Compact(_) => Remedy::Stop,
            Self::Store(failure) => of_store(failure.last.remedy()),
            Self::Restore(error) => of_store(error.remedy()),
            Self::Moving(_)
            | Self::BreakerOpen(_)
            | Self::Unknown(_)
            | Self::Backpressure { .. }
            | Self::Closed => Remedy::Retry,
            Self::OtherPolicy { .. }
            | Self::Backfilling { .. }
            | Self::NotMoved { .. }
            | Self::NoUser(_)
            | Self::NoReading { .. }
            | Self::NotAReading { .. }
            | Self::NoReadingBefore { .. }
            | Self::NoVersion { .. }
            | Self::NotPinned(_)
            | Self::Settled(_)
            | Self::NoRevision(_)
            | Self::Refused(_) => Remedy::FixInput,
        }
    }

    /// Whether it comes from a damaged store.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Store(failure) if matches!(failure.last, StoreError::Corrupt { .. }))
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what a store adds is for a person to look at")]
fn of_store(remedy: reweigh_store::Remedy) -> Remedy {
    match remedy {
        reweigh_store::Remedy::Retry | reweigh_store::Remedy::Reopen => Remedy::Retry,
        reweigh_store::Remedy::FixInput => Remedy::FixInput,
        reweigh_store::Remedy::Restore => Remedy::Restore,
        _ => Remedy::Stop,
    }
}

impl From<StoreFailure> for EngineError {
    fn from(failure: StoreFailure) -> Self {
        if matches!(failure.last, StoreError::Unknown { .. }) {
            return Self::Unknown(Arc::new(failure));
        }
        Self::Store(Arc::new(failure))
    }
}
