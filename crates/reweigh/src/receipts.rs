//! What is remembered of acknowledged facts until somebody asks what became of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reweigh_buffer::JournalPlace;

/// For how many rows of the journal it is remembered which of their facts were there already.
const ROWS_MAX: usize = 100_000;

/// Which acknowledged facts turned out to be there already.
#[derive(Debug, Default)]
pub(crate) struct Receipts {
    rows: Mutex<BTreeMap<u64, Vec<u64>>>,
}

impl Receipts {
    /// These were there already.
    pub(crate) fn note_duplicates(&self, places: &[JournalPlace]) {
        if places.is_empty() {
            return;
        }
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places.iter().filter(|place| place.sequence > 0) {
            let bits = rows.entry(place.sequence).or_default();
            let (word, bit) = (place.offset as usize / 64, place.offset % 64);
            if bits.len() <= word {
                bits.resize(word + 1, 0);
            }
            if let Some(bits) = bits.get_mut(word) {
                *bits |= 1 << bit;
            }
        }
        while rows.len() > ROWS_MAX {
            rows.pop_first();
        }
    }

    /// Whether the fact at a place was there already.
    pub(crate) fn is_duplicate(&self, place: JournalPlace) -> bool {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let word = rows.get(&place.sequence).and_then(|bits| bits.get(place.offset as usize / 64));
        word.is_some_and(|bits| bits & (1 << (place.offset % 64)) != 0)
    }
}
