//! What a buffer holds, and what has happened in it.

use reweigh_reading::Instant;

use crate::histogram::DurationHistogram;

/// What a buffer holds, and what has happened in it since it was made.
///
/// Each shard is read under its own lock and one after the other, so under load the sums are of slightly different
/// moments. What is said of one user is always of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BufferStats {
    /// Users in memory.
    pub users: usize,
    /// Readings that wait and are not frozen, of users without a snapshot.
    pub live: usize,
    /// Readings that came while their user had a snapshot.
    pub pending: usize,
    /// Readings set aside by open snapshots.
    pub frozen: usize,
    /// Bytes of memory taken.
    pub bytes: usize,
    /// The most bytes that each shard ever took, added up.
    pub bytes_most: usize,
    /// Open snapshots, begun or finalized.
    pub snapshots: usize,
    /// When the open snapshot that was begun first was begun: its age is `now` less this.
    pub oldest_snapshot: Option<Instant>,
    /// What has happened.
    pub events: Events,
    /// How long snapshots took from begin to complete, abort or timeout. Those that were dropped are not in it: a drop
    /// brings no time along.
    pub durations: DurationHistogram,
}

/// Counts of what has happened in a buffer. They only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Readings taken into memory.
    pub added: u64,
    /// Readings that found no room in memory and left as a token at once.
    pub refused: u64,
    /// Snapshots begun.
    pub begun: u64,
    /// Snapshots handed out as guards.
    pub finalized: u64,
    /// Guards completed.
    pub completed: u64,
    /// Readings let go by complete.
    pub completed_readings: u64,
    /// Snapshots and guards aborted.
    pub aborted: u64,
    /// Snapshots and guards dropped: a panic, or a `?` on the way.
    pub dropped: u64,
    /// Snapshots that were not finalized in time.
    pub timed_out: u64,
    /// Live readings evicted because their user had too many.
    pub evicted_live: u64,
    /// Pending readings evicted because their user had too many.
    pub evicted_pending: u64,
    /// Readings evicted with their idle user to stay within the memory.
    pub evicted_idle: u64,
    /// Idle users evicted to stay within the memory.
    pub evicted_users: u64,
}

impl Events {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.added += other.added;
        self.refused += other.refused;
        self.begun += other.begun;
        self.finalized += other.finalized;
        self.completed += other.completed;
        self.completed_readings += other.completed_readings;
        self.aborted += other.aborted;
        self.dropped += other.dropped;
        self.timed_out += other.timed_out;
        self.evicted_live += other.evicted_live;
        self.evicted_pending += other.evicted_pending;
        self.evicted_idle += other.evicted_idle;
        self.evicted_users += other.evicted_users;
    }
}
