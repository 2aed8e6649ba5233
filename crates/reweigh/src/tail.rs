//! The bound on what the journal has and the main file has not.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender};
use reweigh_reading::Instant;
use reweigh_store::Sequence;

use crate::settings::Settings;

/// The tail: how much of it there is, and who waits for room.
#[derive(Debug)]
pub(crate) struct Tail {
    facts_max: u64,
    bytes_max: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    facts: u64,
    bytes: u64,
    /// The last row that was handed to the workers.
    handed: Sequence,
    /// What came at each row, to know what a mark lets go of.
    rows: std::collections::VecDeque<(Sequence, u64, u64)>,
    waiting: Vec<Sender<()>>,
    last_came: Option<Instant>,
    caught_up: bool,
}

/// How much the tail holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TailSize {
    /// Facts.
    pub facts: u64,
    /// Bytes, as counted in memory.
    pub bytes: u64,
}

impl Tail {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            facts_max: settings.tail_facts_max,
            bytes_max: settings.tail_bytes_max,
            inner: Mutex::default(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is room; if not, who asks hears when there may be.
    pub(crate) fn room(&self) -> Result<(), Receiver<()>> {
        let mut inner = self.inner();
        if inner.facts < self.facts_max && inner.bytes < self.bytes_max {
            return Ok(());
        }
        let (sender, receiver) = crossbeam_channel::bounded(1);
        inner.waiting.push(sender);
        Err(receiver)
    }

    /// A row came.
    pub(crate) fn came(&self, row: Sequence, facts: u64, bytes: u64, now: Instant) {
        let mut inner = self.inner();
        inner.facts += facts;
        inner.bytes += bytes;
        inner.rows.push_back((row, facts, bytes));
        inner.last_came = Some(now);
    }

    /// All that the last engine left is in memory.
    pub(crate) fn caught_up(&self) {
        self.inner().caught_up = true;
    }

    /// Whether all that the last engine left is in memory.
    pub(crate) fn is_caught_up(&self) -> bool {
        self.inner().caught_up
    }

    /// A row was handed to the workers.
    pub(crate) fn handed(&self, row: Sequence) {
        let mut inner = self.inner();
        inner.handed = inner.handed.max(row);
    }

    /// The last row that the workers have.
    pub(crate) fn last_handed(&self) -> Sequence {
        self.inner().handed
    }

    /// The main file has everything up to a row.
    pub(crate) fn marked(&self, mark: Sequence) {
        let mut inner = self.inner();
        while let Some((_, facts, bytes)) = inner.rows.front().copied().filter(|(row, _, _)| *row <= mark) {
            inner.rows.pop_front();
            inner.facts -= facts;
            inner.bytes -= bytes;
        }
        for waiting in inner.waiting.drain(..) {
            // Whoever gave up waiting needs no news.
            let _ = waiting.try_send(());
        }
    }

    /// Lets everybody who waits look again.
    pub(crate) fn wake(&self) {
        for waiting in self.inner().waiting.drain(..) {
            let _ = waiting.try_send(());
        }
    }

    pub(crate) fn size(&self) -> TailSize {
        let inner = self.inner();
        TailSize { facts: inner.facts, bytes: inner.bytes }
    }

    /// When the last row came.
    pub(crate) fn last_came(&self) -> Option<Instant> {
        self.inner().last_came
    }
}
