//! Names that come again and again, kept once.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use hashbrown::HashTable;
use reweigh_reading::TextError;
use xxhash_rust::xxh3::xxh3_64;

/// The names that were met, so that each is checked and kept once and every fact shares it.
///
/// It forgets them all when there are too many: what is given out is equal either way.
pub(crate) struct Names<T> {
    table: HashTable<T>,
    /// The one that was asked for last: files are often sorted by user, and sources hardly change.
    last: Option<T>,
}

impl<T: Borrow<str> + Clone + FromStr<Err = TextError>> Names<T> {
    const COUNT_MAX: usize = 1 << 19;

    pub(crate) fn new() -> Self {
        Self { table: HashTable::new(), last: None }
    }

    /// The name of this text, or why it is none.
    pub(crate) fn get(&mut self, text: &str) -> Result<T, TextError> {
        let text = text.trim_ascii();
        if let Some(last) = &self.last
            && last.borrow() == text
        {
            return Ok(last.clone());
        }
        let hash = xxh3_64(text.as_bytes());
        let name = if let Some(known) = self.table.find(hash, |name| name.borrow() == text) {
            known.clone()
        } else {
            let name: T = text.parse()?;
            if self.table.len() >= Self::COUNT_MAX {
                self.table.clear();
            }
            self.table.insert_unique(hash, name.clone(), |name| xxh3_64(name.borrow().as_bytes()));
            name
        };
        self.last = Some(name.clone());
        Ok(name)
    }
}

impl<T> fmt::Debug for Names<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("count", &self.table.len()).finish_non_exhaustive()
    }
}
