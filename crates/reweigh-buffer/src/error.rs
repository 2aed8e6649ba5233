//! What a buffer refuses.

use reweigh_reading::{Elapsed, Instant, UserId};

use crate::entry::Version;

/// Why the buffer did not do what it was asked. Each says the state it leaves behind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BufferError {
    /// A limit is out of its bounds. No buffer was made.
    #[error("{key} is {value}; give {least} to {most}")]
    LimitOutOfBounds {
        /// The limit's name.
        key: &'static str,
        /// What was given.
        value: usize,
        /// The least that works.
        least: usize,
        /// The most that works.
        most: usize,
    },
    /// The number of shards can't be spread over. No buffer was made.
    #[error("shards is {shards}; give a power of two")]
    ShardsNotPowerOfTwo {
        /// What was given.
        shards: usize,
    },
    /// A duration that must be more than nothing. No buffer was made.
    #[error("{key} is {value}; give more than 0 s")]
    LimitNotPositive {
        /// The limit's name.
        key: &'static str,
        /// What was given.
        value: Elapsed,
    },
    /// The buffer was shut down. The reading is not in it; it is durable, and is read from the journal next time.
    #[error("the buffer is shut down and takes no reading of {user}; open the store again")]
    Closed {
        /// Whose reading it was.
        user: UserId,
    },
    /// The user has a snapshot or a guard already. It was left alone, and nothing was frozen.
    #[error("{user} has a snapshot since {since} ({phase}); wait until it ends")]
    Busy {
        /// Whose.
        user: UserId,
        /// The version that the other snapshot made.
        version: Version,
        /// When it began.
        since: Instant,
        /// How far it is.
        phase: Phase,
    },
    /// All memory is taken by users that have a snapshot. Nothing was frozen and nothing evicted.
    #[error(
        "no memory for a snapshot of {user}, and no idle user to evict; wait until another snapshot ends"
    )]
    NoRoom {
        /// Whose snapshot it would have been.
        user: UserId,
    },
    /// The snapshot was not finalized in time. Its readings are live again, in order, and none is missing.
    #[error("the snapshot of {user} was not finalized within {limit} (it is {age} old); begin another")]
    TimedOut {
        /// Whose.
        user: UserId,
        /// How old it was when it should have been finalized.
        age: Elapsed,
        /// The limit.
        limit: Elapsed,
    },
}

/// How far an open snapshot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Frozen, not finalized: it may time out.
    Begun,
    /// Handed out as a guard: it lasts until the guard ends.
    Finalized,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Begun => "begun",
            Self::Finalized => "finalized",
        })
    }
}
