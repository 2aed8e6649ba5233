//! A reading in the buffer, and what is left of it once it is out of memory.

use std::mem::size_of;

use reweigh_reading::{Action, Fact, Instant, OrderKey, ReadingId, UserId};

use crate::slot::Slot;

/// Where the journal keeps a fact: the row, and the fact's place in it.
///
/// The buffer takes a fact only together with its place, so what is in the buffer is durable already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalPlace {
    /// The number of the journal's row.
    pub sequence: u64,
    /// The fact's place within the row.
    pub offset: u32,
}

/// The order in which the buffer took readings of one user: strictly growing, with gaps.
///
/// It says nothing about the order of two users, and it starts anew with each buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub(crate) u64);

impl Sequence {
    /// The number itself, for logs.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Which set of readings of one user is meant: strictly growing with each change of the set's owner, with gaps.
///
/// It grows when a snapshot begins and when one ends, however it ends. A user that leaves memory and comes back never has
/// a lower one than before, and its next snapshot has a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub(crate) u64);

impl Version {
    /// The number itself, for logs.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// A fact in the buffer, with its place in the journal and its turn in the buffer.
#[derive(Clone, Debug)]
pub struct Buffered {
    fact: Fact,
    sequence: Sequence,
    journal_sequence: u64,
    journal_offset: u32,
    /// What the fact was charged for its texts; given back when it leaves.
    text_bytes: u32,
}

/// What one reading costs inside a queue, its texts apart.
pub(crate) const ENTRY_BYTES: usize = size_of::<Buffered>();

/// What a shared text costs besides its bytes: two counters.
const TEXT_BYTES: usize = 2 * size_of::<usize>();

impl Buffered {
    /// A fact in its turn, with what [`charge`] says of its texts.
    pub(crate) fn new(fact: Fact, place: JournalPlace, sequence: Sequence, text_bytes: usize) -> Self {
        Self {
            fact,
            sequence,
            journal_sequence: place.sequence,
            journal_offset: place.offset,
            // Texts are bounded by their own types, far below 4 GiB.
            text_bytes: u32::try_from(text_bytes).unwrap_or(u32::MAX),
        }
    }

    /// The fact.
    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    /// Where the journal keeps it.
    pub fn place(&self) -> JournalPlace {
        JournalPlace { sequence: self.journal_sequence, offset: self.journal_offset }
    }

    /// Its turn among the readings of its user.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    pub(crate) fn at(&self) -> Instant {
        self.fact.at()
    }

    pub(crate) fn text_bytes(&self) -> usize {
        self.text_bytes as usize
    }
}

/// What a fact's texts cost beside those that its user's slot keeps anyway.
///
/// A text that the caller shares with others outside of the buffer counts as if it were the buffer's own, so what is
/// counted may be more than what is used, and never less.
pub(crate) fn charge(fact: &Fact, slot: &Slot) -> usize {
    let mut bytes = 0;
    if !std::ptr::eq(fact.user().as_str(), slot.user.as_str()) {
        bytes += text_bytes(fact.user().as_str());
    }
    if !slot.source.as_ref().is_some_and(|source| std::ptr::eq(fact.source().as_str(), source.as_str())) {
        bytes += text_bytes(fact.source().as_str());
    }
    if let ReadingId::Given(id) = fact.id() {
        bytes += text_bytes(id.as_str());
    }
    if let Action::Reset { reason } = fact.action() {
        bytes += text_bytes(reason.as_str());
    }
    bytes
}

/// What a shared text costs.
pub(crate) fn text_bytes(text: &str) -> usize {
    // Counters and bytes are one block, aligned to the counters.
    TEXT_BYTES + text.len().next_multiple_of(size_of::<usize>())
}

/// What is handed out for a reading that is no longer in memory: enough to read it back.
///
/// The reading is not lost: the journal keeps it at `place`, and once the journal's mark has passed that row, the
/// user's pages keep it under `key`. Whoever gets a token must see to it that the next replay of `user` reads it back,
/// and that there is one: a user with nothing left in memory is never [`Due`](crate::Due).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a reading that left memory must be read back by the next replay of its user"]
pub struct Token {
    /// Whose reading it is.
    pub user: UserId,
    /// Its place in the user's story.
    pub key: OrderKey,
    /// Its place in the journal.
    pub place: JournalPlace,
}

impl Token {
    pub(crate) fn of(entry: &Buffered) -> Self {
        Self { user: entry.fact.user().clone(), key: entry.fact.key(), place: entry.place() }
    }
}
