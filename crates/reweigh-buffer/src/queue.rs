//! Readings of one user in the order they came, with what they cost.

use std::collections::VecDeque;

use reweigh_reading::{Elapsed, Instant};

use crate::entry::{Buffered, ENTRY_BYTES, Sequence};

/// Readings of one user, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    entries: VecDeque<Buffered>,
    /// The bytes of all their texts.
    text_bytes: usize,
    /// The earliest and the latest instant that ever waited here. What was evicted from the front still waits to be
    /// folded, so it keeps its say in whether the user is due.
    earliest: Instant,
    latest: Instant,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { entries: VecDeque::new(), text_bytes: 0, earliest: Instant::MAX, latest: Instant::MIN }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Buffered> + DoubleEndedIterator + Clone {
        self.entries.iter()
    }

    /// How far apart in event time the readings lie; less than nothing while there has been none.
    #[inline]
    pub(crate) fn span(&self) -> Elapsed {
        self.latest.since(self.earliest)
    }

    /// The memory that the queue holds on to, itself apart.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.entries.capacity() * ENTRY_BYTES + self.text_bytes
    }

    /// What one more reading would add to [`bytes`](Self::bytes), its texts apart.
    #[inline]
    pub(crate) fn growth(&self, most: usize) -> usize {
        if self.is_full() { (self.next_capacity(most) - self.entries.capacity()) * ENTRY_BYTES } else { 0 }
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.entries.len() == self.entries.capacity()
    }

    /// Doubles, but never beyond what the bound allows.
    fn next_capacity(&self, most: usize) -> usize {
        let capacity = self.entries.capacity();
        (2 * capacity).min(most).max(capacity + 1)
    }

    /// Makes place for a reading of this instant, to be [`put`](Self::put) there. Two steps, because a fact is large, and
    /// each call that it is handed through may copy it once more.
    #[inline]
    pub(crate) fn expect(&mut self, most: usize, at: Instant, text_bytes: usize) {
        if self.is_full() {
            self.entries.reserve_exact(self.next_capacity(most) - self.entries.len());
        }
        self.text_bytes += text_bytes;
        self.earliest = self.earliest.min(at);
        self.latest = self.latest.max(at);
    }

    /// Puts the reading that was expected at the end.
    #[inline]
    pub(crate) fn put(&mut self, entry: Buffered) {
        self.entries.push_back(entry);
    }

    pub(crate) fn pop_oldest(&mut self) -> Option<Buffered> {
        let oldest = self.entries.pop_front()?;
        self.text_bytes -= oldest.text_bytes();
        Some(oldest)
    }

    /// How many were added no later than `upto`, `most` at the most.
    pub(crate) fn count_upto(&self, upto: Option<Sequence>, most: usize) -> usize {
        let count =
            upto.map_or(self.len(), |upto| self.entries.partition_point(|entry| entry.sequence() <= upto));
        count.min(most)
    }

    /// What taking the oldest out adds to [`bytes`](Self::bytes) of both parts together.
    pub(crate) fn split_bytes(&self, upto: Option<Sequence>, most: usize) -> usize {
        (self.len() - self.count_upto(upto, most)) * ENTRY_BYTES
    }

    /// Splits off the oldest `count`; what came after them stays. Moves no reading if that is all of them or none.
    pub(crate) fn take_oldest(&mut self, count: usize) -> Self {
        let mut rest = Self::new();
        if count == 0 {
            return rest;
        }
        if count < self.len() {
            rest.entries = self.entries.split_off(count);
            for entry in &rest.entries {
                rest.text_bytes += entry.text_bytes();
                rest.earliest = rest.earliest.min(entry.at());
                rest.latest = rest.latest.max(entry.at());
            }
            self.text_bytes -= rest.text_bytes;
        }
        std::mem::replace(self, rest)
    }

    /// Puts `older` back in front. It makes place once, for exactly what there is.
    pub(crate) fn put_in_front(&mut self, mut older: Self) {
        older.entries.reserve_exact(self.entries.len());
        older.entries.append(&mut self.entries);
        older.text_bytes += self.text_bytes;
        older.earliest = older.earliest.min(self.earliest);
        older.latest = older.latest.max(self.latest);
        *self = older;
    }
}
