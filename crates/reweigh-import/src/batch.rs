//! What comes out of a file.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use reweigh_reading::Fact;

use crate::refusal::Refusal;

/// Some rows of a file: the facts they became, and those that became none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Facts that were let in, in the order of the file.
    pub facts: Vec<Fact>,
    /// Rows that were refused, in the order of the file.
    pub rejects: Vec<RejectedRow>,
}

impl Batch {
    /// How many rows it holds.
    pub fn rows(&self) -> usize {
        self.facts.len() + self.rejects.len()
    }

    /// Forgets the rows and keeps the room.
    pub fn clear(&mut self) {
        self.facts.clear();
        self.rejects.clear();
    }
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedRow {
    /// The file within an archive, if it is one.
    pub member: Option<Arc<str>>,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Why.
    pub refusal: Refusal,
    /// Its bytes as they came, at most [`BYTES_MAX`](Self::BYTES_MAX) of them.
    pub row: Vec<u8>,
}

impl RejectedRow {
    /// How much of a row is kept.
    pub const BYTES_MAX: usize = 1024;
}

/// Why a row, or a thing in its place, was passed over without being refused: it says nothing about weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// Nothing but delimiters and white space.
    Blank,
    /// The header line once more, as in files that were put together.
    HeaderAgain,
    /// A measurement of something else.
    OtherMeasurement,
    /// A weight that somebody wants to have, not one that was measured.
    Goal,
    /// A resource that is no observation.
    OtherResource,
    /// A line of another section of the file.
    OtherSection,
}

impl Skip {
    /// A name that never changes, for JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::HeaderAgain => "header_again",
            Self::OtherMeasurement => "other_measurement",
            Self::Goal => "goal",
            Self::OtherResource => "other_resource",
            Self::OtherSection => "other_section",
        }
    }
}

/// How much was read, and what became of it.
///
/// `rows = facts + rejected + skipped()`, at every moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Rows that were met.
    pub rows: u64,
    /// Rows that became a fact.
    pub facts: u64,
    /// Rows that were refused.
    pub rejected: u64,
    /// Rows that were passed over, by reason.
    pub skipped_by_reason: BTreeMap<Skip, u64>,
    /// Facts whose date and time named no zone, so that the zone of the settings was taken.
    pub local_times: u64,
    /// Facts whose date came without a time, so that midnight was taken.
    pub dates_alone: u64,
    /// Rows that were not UTF-8 and were read as Latin-1.
    pub latin1_rows: u64,
    /// The first line of those.
    pub latin1_first_line: Option<u64>,
    /// Facts whose unit nothing said but the body mass index beside the weight.
    pub units_by_index: u64,
    /// Why the first refused row was refused.
    pub first_refusal: Option<Box<str>>,
}

impl Tally {
    /// Rows that were passed over.
    pub fn skipped(&self) -> u64 {
        self.skipped_by_reason.values().sum()
    }

    /// What a summary should say about how the file was understood.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.local_times > 0 {
            notes.push(Note::LocalTimes { count: self.local_times });
        }
        if self.dates_alone > 0 {
            notes.push(Note::DatesAlone { count: self.dates_alone });
        }
        if let Some(first_line) = self.latin1_first_line {
            notes.push(Note::Latin1 { count: self.latin1_rows, first_line });
        }
        if self.units_by_index > 0 {
            notes.push(Note::UnitsByIndex { count: self.units_by_index });
        }
        notes
    }

    /// Counts what another file had, as if both were one.
    pub fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.facts += other.facts;
        self.rejected += other.rejected;
        for (skip, count) in &other.skipped_by_reason {
            *self.skipped_by_reason.entry(*skip).or_default() += count;
        }
        self.local_times += other.local_times;
        self.dates_alone += other.dates_alone;
        self.latin1_rows += other.latin1_rows;
        self.latin1_first_line = self.latin1_first_line.or(other.latin1_first_line);
        self.units_by_index += other.units_by_index;
        self.first_refusal = self.first_refusal.take().or_else(|| other.first_refusal.clone());
    }
}

/// Something about how a file was understood, that its owner should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Dates and times without a zone.
    LocalTimes {
        /// How many.
        count: u64,
    },
    /// Dates without a time.
    DatesAlone {
        /// How many.
        count: u64,
    },
    /// Text that is not UTF-8.
    Latin1 {
        /// How many rows.
        count: u64,
        /// The line of the first.
        first_line: u64,
    },
    /// Weights without a unit beside a body mass index.
    UnitsByIndex {
        /// How many.
        count: u64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LocalTimes { count } => write!(f, "times without a zone, taken in the given one: {count}"),
            Self::DatesAlone { count } => {
                write!(f, "dates without a time, taken as midnight in the zone: {count}")
            }
            Self::Latin1 { count, first_line } => {
                write!(f, "rows that are not UTF-8, read as Latin-1: {count}, the first on line {first_line}")
            }
            Self::UnitsByIndex { count } => {
                write!(f, "weights without a unit, which the body mass index beside them tells: {count}")
            }
        }
    }
}

/// Where rows go on their way out, and where they are counted.
#[derive(Debug)]
pub(crate) struct Sink<'a> {
    pub(crate) batch: &'a mut Batch,
    pub(crate) tally: &'a mut Tally,
    pub(crate) member: Option<&'a Arc<str>>,
    pub(crate) rows_max: usize,
}

impl Sink<'_> {
    pub(crate) fn is_full(&self) -> bool {
        self.batch.rows() >= self.rows_max
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        self.tally.rows += 1;
        self.tally.facts += 1;
        self.batch.facts.push(fact);
    }

    pub(crate) fn reject(&mut self, line: u64, refusal: Refusal, row: &[u8]) {
        self.tally.rows += 1;
        self.tally.rejected += 1;
        if self.tally.first_refusal.is_none() {
            self.tally.first_refusal = Some(refusal.to_string().into());
        }
        let row = row.get(..RejectedRow::BYTES_MAX).unwrap_or(row).to_vec();
        self.batch.rejects.push(RejectedRow { member: self.member.cloned(), line, refusal, row });
    }

    pub(crate) fn skip(&mut self, skip: Skip) {
        self.tally.rows += 1;
        *self.tally.skipped_by_reason.entry(skip).or_default() += 1;
    }

    pub(crate) fn latin1(&mut self, line: u64) {
        self.tally.latin1_rows += 1;
        self.tally.latin1_first_line.get_or_insert(line);
    }
}
