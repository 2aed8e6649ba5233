//! What is remembered of acknowledged facts until somebody asks what became of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reweigh_buffer::JournalPlace;
use reweigh_store::Sequence;

use crate::ledger::Span;

/// For how many rows of the journal it is remembered which of their facts were there already.
const ROWS_MAX: usize = 100_000;

/// Which acknowledged facts turned out to be there already.
#[derive(Debug, Default)]
pub(crate) struct Receipts(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The first row that this engine appended. Rows before it may be in the main file already, and are no duplicates for
    /// that.
    first: Option<u64>,
    rows: BTreeMap<u64, Vec<u64>>,
}

impl Receipts {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This engine appended a row.
    pub(crate) fn appended(&self, row: Sequence) {
        self.inner().first.get_or_insert(row.get());
    }

    /// These were there already.
    pub(crate) fn note_duplicates(&self, places: &[JournalPlace]) {
        if places.is_empty() {
            return;
        }
        let mut inner = self.inner();
        let Some(first) = inner.first else { return };
        for place in places.iter().filter(|place| place.sequence >= first) {
            let bits = inner.rows.entry(place.sequence).or_default();
            let (word, bit) = (place.offset as usize / 64, place.offset % 64);
            if bits.len() <= word {
                bits.resize(word + 1, 0);
            }
            if let Some(bits) = bits.get_mut(word) {
                *bits |= 1 << bit;
            }
        }
        while inner.rows.len() > ROWS_MAX {
            inner.rows.pop_first();
        }
    }

    /// Whether each fact of these spans was there already, one span after the other.
    pub(crate) fn duplicates(&self, spans: &[Span]) -> Vec<bool> {
        let inner = self.inner();
        let mut known = Vec::new();
        for span in spans {
            let bits = inner.rows.get(&span.sequence);
            let is_set = |place: u32| {
                let word = bits.and_then(|bits| bits.get(place as usize / 64));
                word.is_some_and(|word| word & (1 << (place % 64)) != 0)
            };
            known.extend((0..span.rows).map(|row| is_set(span.offset.saturating_add(row))));
        }
        known
    }
}
