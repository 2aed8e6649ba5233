//! Names that come again and again, made once.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use reweigh_reading::TextError;
use xxhash_rust::xxh3::xxh3_64;

/// The names that were met lately, so that a name that comes again is neither checked nor copied.
///
/// It is small on purpose: a table of all users would be out of the processor's caches, and finding a name there takes
/// longer than making it anew. What is given out is equal either way.
pub(crate) struct Names<T> {
    slots: Vec<Option<T>>,
}

impl<T: Borrow<str> + Clone + FromStr<Err = TextError>> Names<T> {
    const SLOTS: usize = 1 << 10;

    pub(crate) fn new() -> Self {
        Self { slots: vec![None; Self::SLOTS] }
    }

    /// The name of this text, or why it is none.
    pub(crate) fn get(&mut self, text: &str) -> Result<T, TextError> {
        let text = text.trim_ascii();
        let hash = usize::try_from(xxh3_64(text.as_bytes()) % Self::SLOTS as u64).unwrap_or_default();
        let Some(slot) = self.slots.get_mut(hash) else { return text.parse() };
        if let Some(name) = slot
            && (*name).borrow() == text
        {
            return Ok(name.clone());
        }
        let name: T = text.parse()?;
        *slot = Some(name.clone());
        Ok(name)
    }
}

impl<T> fmt::Debug for Names<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("slots", &self.slots.len()).finish_non_exhaustive()
    }
}
