//! One user in the buffer.

use std::mem::size_of;

use reweigh_reading::{Fact, Instant, Source, UserId};

use crate::entry::{Version, text_bytes};
use crate::limits::Rules;
use crate::queue::Queue;
use crate::sync::Arc;

/// What an open snapshot costs, its readings apart: its record, and the shared set with two counters.
pub(crate) const OPEN_BYTES: usize = size_of::<Open>() + size_of::<Queue>() + 2 * size_of::<usize>();

/// A user as a shard looks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) hash: u64,
}

/// One user: a queue, and perhaps an open snapshot beside it.
///
/// There is one queue only. It is *live* while no snapshot is open and *pending* while one is, so nothing has to be
/// moved when a snapshot ends: pending is swapped in by the very write that ends it.
///
/// It is two cache lines long, and aligned so that it is no more than two.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Slot {
    pub(crate) user: UserId,
    /// The source of its first reading, which most of the others share; `None` before the first.
    pub(crate) source: Option<Source>,
    pub(crate) hash: u64,
    pub(crate) version: Version,
    pub(crate) queue: Queue,
    pub(crate) open: Option<Box<Open>>,
    /// Whether a reading came since the user was last passed over for eviction.
    pub(crate) used: bool,
    /// Neighbours in the list of idle or of busy users; the table's business.
    pub(crate) before: u32,
    pub(crate) after: u32,
}

/// A snapshot that was begun and has not ended.
#[derive(Debug)]
pub(crate) struct Open {
    /// The version that it made: no other snapshot ever has the same.
    pub(crate) ticket: Version,
    pub(crate) began: Instant,
    pub(crate) finalized: bool,
    /// The frozen set. The slot keeps it until the snapshot ends, so that whoever looks sees every reading.
    pub(crate) frozen: Arc<Queue>,
}

/// How much there is, in one slot or in all of a shard. What waits is not in it: a shard knows that without counting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// The memory that the slots hold on to, themselves apart.
    pub(crate) bytes: usize,
    /// Those of them that are of users without a snapshot, and could be evicted.
    pub(crate) idle_bytes: usize,
    pub(crate) frozen: usize,
}

impl Measure {
    /// Follows a change of one slot.
    pub(crate) fn replace(&mut self, before: Self, after: Self) {
        self.bytes = self.bytes + after.bytes - before.bytes;
        self.idle_bytes = self.idle_bytes + after.idle_bytes - before.idle_bytes;
        self.frozen = self.frozen + after.frozen - before.frozen;
    }
}

impl Slot {
    /// A user without readings.
    pub(crate) fn new(who: Who<'_>, version: Version) -> Self {
        Self {
            user: who.user.clone(),
            source: None,
            hash: who.hash,
            version,
            queue: Queue::new(),
            open: None,
            used: false,
            before: 0,
            after: 0,
        }
    }

    /// A user whose first reading is about to come.
    pub(crate) fn of(fact: &Fact, hash: u64, version: Version) -> Self {
        let source = Some(fact.source().clone());
        Self { source, ..Self::new(Who { user: fact.user(), hash }, version) }
    }

    /// Keeps the source of its first reading, if the slot was made by a snapshot and has none. Returns what that costs.
    pub(crate) fn keep_source(&mut self, fact: &Fact) -> usize {
        if self.source.is_some() {
            return 0;
        }
        self.source = Some(fact.source().clone());
        text_bytes(fact.source().as_str())
    }

    /// How many readings may wait in its queue.
    pub(crate) fn bound(&self, rules: &Rules) -> usize {
        if self.open.is_some() { rules.pending_max } else { rules.live_max }
    }

    fn text_bytes(&self) -> usize {
        text_bytes(self.user.as_str()) + self.source.as_ref().map_or(0, |source| text_bytes(source.as_str()))
    }

    pub(crate) fn measure(&self) -> Measure {
        let bytes = self.text_bytes() + self.queue.bytes();
        match &self.open {
            None => Measure { bytes, idle_bytes: bytes, frozen: 0 },
            Some(open) => Measure {
                bytes: bytes + OPEN_BYTES + open.frozen.bytes(),
                idle_bytes: 0,
                frozen: open.frozen.len(),
            },
        }
    }
}
