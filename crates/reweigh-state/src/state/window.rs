//! The readings whose verdicts may still change.

use reweigh_filter::LAGS;
use reweigh_reading::Instant;

/// A reading in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Its number: how many readings came before it.
    pub number: u64,
    /// When it was taken.
    pub at: Instant,
    /// Where the stories keep what they say of it.
    pub place: usize,
}

/// A run of readings with consecutive numbers, the oldest first. At most [`LAGS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    first: u64,
    len: usize,
    at: [Instant; LAGS],
}

impl Default for Window {
    fn default() -> Self {
        Self { first: 0, len: 0, at: [Instant::MIN; LAGS] }
    }
}

/// Where the reading of a number is kept.
#[expect(clippy::cast_possible_truncation, reason = "the remainder is below LAGS")]
fn place(number: u64) -> usize {
    (number % LAGS as u64) as usize
}

impl Window {
    /// An empty window before the reading of a number.
    #[must_use]
    pub fn empty_at(number: u64) -> Self {
        Self { first: number, ..Self::default() }
    }

    /// How many readings are in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no reading is in it.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of the oldest reading in it, or of the next one when it is empty.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The oldest reading.
    pub fn oldest(&self) -> Option<Pending> {
        self.iter().next()
    }

    /// Every reading, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = Pending> + '_ {
        (self.first..).take(self.len).map(|number| Pending {
            number,
            at: self.at.get(place(number)).copied().unwrap_or(Instant::MIN),
            place: place(number),
        })
    }

    /// Takes the next reading in and says where the stories keep what they say of it.
    ///
    /// A full window has no place for it: take the oldest out first.
    pub fn push(&mut self, at: Instant) -> Option<usize> {
        if self.len == LAGS {
            return None;
        }
        let place = place(self.first + self.len as u64);
        if let Some(slot) = self.at.get_mut(place) {
            *slot = at;
        }
        self.len += 1;
        Some(place)
    }

    /// Takes the oldest reading out.
    pub fn pop(&mut self) -> Option<Pending> {
        let oldest = self.oldest()?;
        if let Some(slot) = self.at.get_mut(oldest.place) {
            *slot = Instant::MIN;
        }
        self.first += 1;
        self.len -= 1;
        Some(oldest)
    }
}
