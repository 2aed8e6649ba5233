//! What a buffer may hold, and for how long.

use reweigh_reading::Elapsed;

use crate::entry::ENTRY_BYTES;
use crate::error::BufferError;

/// What a buffer may hold, and for how long. They decide when and where from a reading is read, never what is in a
/// state.
///
/// ```
/// use reweigh_buffer::{BufferLimits, ReplayBuffer};
///
/// let limits = BufferLimits { memory_bytes_max: 64 << 20, ..BufferLimits::default() };
/// let buffer = ReplayBuffer::new(&limits)?;
///
/// let none = BufferLimits { max_buffer_readings: 0, ..BufferLimits::default() };
/// let error = ReplayBuffer::new(&none).unwrap_err();
/// assert_eq!(error.to_string(), "max_buffer_readings is 0; give 1 to 1000000");
/// # Ok::<(), reweigh_buffer::BufferError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BufferLimits {
    /// The most live readings of one user; twice as many may be pending, and twice as many frozen. 100 by default.
    ///
    /// One more evicts the oldest. A snapshot that is given back puts frozen and pending together, so that one user
    /// never has more than four times as many in memory.
    pub max_buffer_readings: usize,
    /// The most bytes of memory for all users together, 512 MiB by default.
    ///
    /// Each shard has its equal part, less what it takes to move one user's readings: as much as one user may have.
    /// Readings that leave are freed after the lock is let go, and count no more from the moment they have left; this
    /// reserve covers them too, unless several threads let go of very many in one shard at once.
    pub memory_bytes_max: usize,
    /// How long a snapshot may stay unfinalized: 30 s by default.
    pub snapshot_timeout: Elapsed,
    /// A user is due when its readings in memory lie this far apart in event time: 72 h by default.
    pub due_window: Elapsed,
    /// A user is due when this many of its readings wait: 100 by default.
    pub due_readings: usize,
    /// The number of locks that users are spread over, a power of two: 64 by default.
    pub shards: usize,
    /// A secret for the spread of users. Give a random one where strangers choose user ids; nothing depends on it but
    /// speed.
    pub hash_seed: u64,
}

impl Default for BufferLimits {
    fn default() -> Self {
        Self {
            max_buffer_readings: 100,
            memory_bytes_max: 512 << 20,
            snapshot_timeout: Elapsed::from_seconds(30),
            due_window: Elapsed::from_hours(72),
            due_readings: 100,
            shards: 64,
            hash_seed: 0,
        }
    }
}

/// The limits as one shard lives by them, checked.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) live_max: usize,
    pub(crate) pending_max: usize,
    pub(crate) frozen_max: usize,
    /// The shard's part of the memory, less what it needs to move one user's readings.
    pub(crate) bytes_max: usize,
    pub(crate) snapshot_timeout: Elapsed,
    pub(crate) due_window: Elapsed,
    pub(crate) due_readings: usize,
}

impl BufferLimits {
    /// Moving one user's frozen and pending readings together takes a second place for all of them, for a moment.
    fn moving_bytes(&self) -> usize {
        self.max_buffer_readings.saturating_mul(4 * ENTRY_BYTES)
    }

    pub(crate) fn check(&self) -> Result<Rules, BufferError> {
        within("max_buffer_readings", self.max_buffer_readings, 1, 1_000_000)?;
        within("shards", self.shards, 1, 1 << 16)?;
        if !self.shards.is_power_of_two() {
            return Err(BufferError::ShardsNotPowerOfTwo { shards: self.shards });
        }
        // Below this a shard could not keep even one user.
        let least = self.shards.saturating_mul(2 * self.moving_bytes() + 4_096);
        within("memory_bytes_max", self.memory_bytes_max, least, isize::MAX.unsigned_abs())?;
        within("due_readings", self.due_readings, 1, usize::MAX)?;
        positive("snapshot_timeout", self.snapshot_timeout)?;
        positive("due_window", self.due_window)?;
        Ok(Rules {
            live_max: self.max_buffer_readings,
            pending_max: 2 * self.max_buffer_readings,
            frozen_max: 2 * self.max_buffer_readings,
            bytes_max: self.memory_bytes_max / self.shards - self.moving_bytes(),
            snapshot_timeout: self.snapshot_timeout,
            due_window: self.due_window,
            due_readings: self.due_readings,
        })
    }
}

fn within(key: &'static str, value: usize, least: usize, most: usize) -> Result<(), BufferError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(BufferError::LimitOutOfBounds { key, value, least, most })
    }
}

fn positive(key: &'static str, value: Elapsed) -> Result<(), BufferError> {
    if value > Elapsed::ZERO { Ok(()) } else { Err(BufferError::LimitNotPositive { key, value }) }
}
