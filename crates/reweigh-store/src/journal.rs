//! The journal: where a fact is durable first.

use std::fmt;

use reweigh_reading::{Fact, Instant};

/// The number of a row of the journal. Rows count from 1; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sequence(u64);

impl Sequence {
    /// Before the first row.
    pub const START: Self = Self(0);

    /// The row of a number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A row that was refused at the edge, as it came, and why.
///
/// Two of them are the same when `row` and `code` are: a store keeps such a pair once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The bytes of the row, or as many of them as are worth keeping.
    pub row: Vec<u8>,
    /// The stable code of the reason.
    pub code: String,
    /// The reason in words.
    pub reason: String,
    /// Where it came from: a file and a line, or a caller.
    pub origin: String,
    /// When it came.
    pub received: Instant,
}

/// One acknowledged append.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    /// Its place.
    pub sequence: Sequence,
    /// The facts, in the order they were handed in.
    pub facts: Vec<Fact>,
    /// The rows that were refused, likewise.
    pub rejects: Vec<Rejected>,
}
