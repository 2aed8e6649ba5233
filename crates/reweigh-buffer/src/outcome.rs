//! What the buffer's calls answer.

use reweigh_reading::{Elapsed, Instant, UserId};

use crate::entry::{Buffered, Sequence, Token, Version};
use crate::guard::Snapshot;
use crate::queue::Queue;
use crate::sync::Arc;

/// Where a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It waits for the next snapshot.
    Live,
    /// It waits beside an open snapshot, for the one after it.
    Pending,
    /// Not in memory: there was no room, and its own token is among the evicted.
    Evicted,
}

/// Why a user's readings should be replayed now rather than later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Due {
    /// As many wait as the limit says.
    Readings,
    /// They lie as far apart in event time as the limit says.
    Window,
}

/// What became of a reading that was added.
#[derive(Debug)]
#[must_use = "what was evicted must be read back by the next replay of its user"]
pub struct Added {
    /// The reading's turn.
    pub sequence: Sequence,
    /// Where it is.
    pub stage: Stage,
    /// How many of its user wait there, itself included.
    pub waiting: usize,
    /// Whether its user is due.
    pub due: Option<Due>,
    /// What left memory to make room, of this user or of others. Nearly always nothing.
    pub evicted: Vec<Token>,
}

/// A snapshot that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The snapshot. Read the base now, then finalize it.
    pub snapshot: Snapshot,
    /// What left memory to make room for the snapshot, of other users. Nearly always nothing.
    pub evicted: Vec<Token>,
}

/// Up to where a snapshot freezes.
///
/// The point is one of arrival and not of event time. What is frozen is folded together with all that was folded before;
/// where in the past it falls plays no part in whether it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Upto {
    /// All that was added before the snapshot began.
    Latest,
    /// What was added no later than this; the rest is pending.
    Sequence(Sequence),
}

/// What a snapshot that ended leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The user's new version.
    pub version: Version,
    /// How many readings the snapshot held.
    pub readings: usize,
    /// From begin to end.
    pub duration: Elapsed,
    /// How many readings of the user are live now.
    pub waiting: usize,
    /// Whether the user is due again.
    pub due: Option<Due>,
}

/// A snapshot that was not finalized in time. Its readings are live again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedOut {
    /// Whose.
    pub user: UserId,
    /// The version that it had made.
    pub version: Version,
    /// When it began.
    pub began: Instant,
    /// How old it was.
    pub age: Elapsed,
    /// How many readings it held.
    pub readings: usize,
}

/// All readings of one user at one moment, to look at. It is a copy, and changes nothing.
///
/// A frozen set is shared and not copied, so it stays in memory as long as the view does.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) version: Version,
    pub(crate) frozen: Option<Arc<Queue>>,
    pub(crate) waiting: Vec<Buffered>,
}

impl View {
    /// The user's version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether a snapshot is open.
    pub fn is_snapshot_open(&self) -> bool {
        self.frozen.is_some()
    }

    /// What an open snapshot set aside, oldest first.
    pub fn frozen(&self) -> impl Iterator<Item = &Buffered> {
        self.frozen.iter().flat_map(|frozen| frozen.iter())
    }

    /// What is live, or pending while a snapshot is open; oldest first.
    pub fn waiting(&self) -> &[Buffered] {
        &self.waiting
    }

    /// All of them in the order in which they were added.
    pub fn readings(&self) -> impl Iterator<Item = &Buffered> {
        self.frozen().chain(&self.waiting)
    }
}

/// What is left in a buffer that was shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Users with readings in memory or with an open snapshot.
    pub users: usize,
    /// Their readings, live, pending and frozen.
    pub readings: usize,
    /// Open snapshots.
    pub snapshots: usize,
}
