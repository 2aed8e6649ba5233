//! What is said of each reading that was folded since the last commit, and what was said of it before.

use std::collections::BTreeMap;

use reweigh_judge::Event;
use reweigh_reading::{Instant, OrderKey, Revision};
use reweigh_state::{Judged, UserState, Verdict, VerdictChange};
use reweigh_store::Judgement;

/// An event of the fold, with what the store says of its fact.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) event: Event,
    pub(crate) revision: Revision,
    /// What was last said of it.
    pub(crate) said: Option<Verdict>,
}

/// A reading that was folded.
#[derive(Debug, Clone)]
struct Entry {
    number: u64,
    key: OrderKey,
    revision: Revision,
    said: Option<Verdict>,
    now: Option<Verdict>,
}

/// The readings that were folded since a base, by their numbers, and what is said of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book {
    entries: Vec<Entry>,
    /// What the base said of the readings in its window: they lie before the first entry.
    before: Vec<Judged>,
    /// Readings from before the first entry of which something else is said now, by number.
    unplaced: BTreeMap<u64, Instant>,
}

impl Book {
    /// A book of what comes after a state.
    pub(crate) fn after(base: &UserState) -> Self {
        Self { entries: Vec::new(), before: base.pending().collect(), unplaced: BTreeMap::new() }
    }

    /// Names the readings in the window of the base, the oldest of them being this number: what is said of them may
    /// change too.
    pub(crate) fn name_window(&mut self, first: u64, lines: &[Line]) {
        for (number, line) in (first..).zip(lines) {
            self.enter(number, line);
        }
    }

    /// A reading was folded.
    pub(crate) fn enter(&mut self, number: u64, line: &Line) {
        let Line { event, revision, said } = line;
        self.entries.push(Entry {
            number,
            key: event.key.clone(),
            revision: *revision,
            said: *said,
            now: None,
        });
    }

    /// Something is said of a reading now.
    pub(crate) fn say(&mut self, judged: &Judged) {
        let first = self.entries.first().map_or(u64::MAX, |entry| entry.number);
        if judged.number >= first {
            // Nearly always among the last few.
            if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.number == judged.number) {
                entry.now = Some(judged.verdict);
            }
            return;
        }
        let Some(before) = self.before.iter().find(|before| before.number == judged.number) else { return };
        if before.verdict == judged.verdict {
            self.unplaced.remove(&judged.number);
        } else {
            self.unplaced.insert(judged.number, judged.at);
        }
    }

    /// Forgets the readings from a number on: they will be folded again.
    pub(crate) fn cut(&mut self, number: u64) {
        let keep = self.entries.partition_point(|entry| entry.number < number);
        self.entries.truncate(keep);
    }

    /// Forgets what need not be written: what is said of it is final and as it was.
    pub(crate) fn thin(&mut self, window_first: u64) {
        self.entries.retain(|entry| entry.number >= window_first || entry.said != entry.now);
    }

    /// The oldest reading from before the book of which something else is said now: its key is not known here, so
    /// the fold has to begin further back.
    pub(crate) fn unplaced(&self) -> Option<Instant> {
        self.unplaced.values().min().copied()
    }

    /// The verdicts that are new or changed, to be kept; and those among them that were something else before, to be
    /// told.
    pub(crate) fn changes(&self) -> (Vec<Judgement>, Vec<VerdictChange>) {
        let (mut judgements, mut told) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            let Some(now) = entry.now.filter(|now| entry.said != Some(*now)) else { continue };
            judgements.push(Judgement { key: entry.key.clone(), revision: entry.revision, verdict: now });
            if let Some(old) = entry.said {
                let (number, at) = (entry.number, entry.key.at());
                told.push(VerdictChange { number, at, old: Some(old), new: Some(now) });
            }
        }
        (judgements, told)
    }

    /// Everything is kept now: what is said from here on is held against this.
    pub(crate) fn kept(&mut self, window_first: u64) {
        for entry in &mut self.entries {
            entry.said = entry.now;
        }
        self.thin(window_first);
    }

    /// How many readings it holds.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
