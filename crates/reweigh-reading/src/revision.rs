//! Which telling of a reading it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::text::Excerpt;

/// Which telling of a reading it is: 0 at first, and the highest wins.
///
/// ```
/// use reweigh_reading::Revision;
///
/// assert_eq!(Revision::FIRST.next(), Some(Revision::new(1)));
/// assert_eq!(Revision::new(u32::MAX).next(), None);
/// assert_eq!("3".parse(), Ok(Revision::new(3)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(u32);

impl Revision {
    /// The first telling, and what a row without a revision has.
    pub const FIRST: Self = Self(0);

    /// The revision of this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The next one, if there is a greater number.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Revision {
    type Err = RevisionError;

    /// Reads digits with nothing but spaces around them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim_ascii();
        // The standard library would take a plus sign too.
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = if plain { digits.parse().ok() } else { None };
        number.map(Self).ok_or_else(|| RevisionError { text: Excerpt::new(text) })
    }
}

/// A text that is no revision. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("revision {text} is not a whole number from 0 to 4294967295")]
pub struct RevisionError {
    text: Excerpt,
}

impl RevisionError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        "revision_unreadable"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        for number in [0, 1, 17, u32::MAX] {
            assert_eq!(Revision::new(number).to_string().parse(), Ok(Revision::new(number)));
        }
        assert_eq!(" 007\t".parse(), Ok(Revision::new(7)));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for text in ["", " ", "+1", "-1", "1.0", "1e3", "4294967296", "٣", "one"] {
            assert_eq!(text.parse::<Revision>().unwrap_err().code(), "revision_unreadable", "{text:?}");
        }
    }
}
