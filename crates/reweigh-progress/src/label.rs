//! Short names: of the workflow, of tasks, of metadata.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A short name on one line: a workflow's name or id, a task's id, a commit, a key of the metadata.
///
/// 1 to 1,024 bytes, no control characters, no white space at either end. Anything else is allowed, Markdown
/// included: the file escapes it.
///
/// ```
/// use reweigh_progress::Label;
///
/// assert_eq!(Label::new("fold **all** users")?.as_str(), "fold **all** users");
/// assert!(Label::new("two\nlines").is_err());
/// # Ok::<(), reweigh_progress::InvalidLabel>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// Why a text is no [`Label`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidLabel {
    /// Nothing in it.
    #[error("a name may not be empty")]
    Empty,
    /// More than 1,024 bytes.
    #[error("a name may have {} bytes, this one has {bytes}", Label::BYTES_MAX)]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A line break, a tab or another control character.
    #[error("a name may not hold the control character {character:?} (at byte {at})")]
    Control {
        /// Which one.
        character: char,
        /// Where it stands.
        at: usize,
    },
    /// White space at the beginning or the end.
    #[error("a name may not begin or end with white space: {text:?}")]
    Blank {
        /// The name as given.
        text: String,
    },
}

impl Label {
    /// How many bytes a name may have.
    pub const BYTES_MAX: usize = 1_024;

    /// Checks and takes a name.
    ///
    /// # Errors
    /// Says which rule `text` breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidLabel> {
        let text = text.into();
        if text.is_empty() {
            return Err(InvalidLabel::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(InvalidLabel::TooLong { bytes: text.len() });
        }
        if let Some((at, character)) = text.char_indices().find(|(_, character)| character.is_control()) {
            return Err(InvalidLabel::Control { character, at });
        }
        if text.trim() != text {
            return Err(InvalidLabel::Blank { text });
        }
        Ok(Self(text))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, InvalidLabel> {
        Self::new(text)
    }
}

impl Borrow<str> for Label {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_told_apart() {
        assert_eq!(Label::new(""), Err(InvalidLabel::Empty));
        assert_eq!(Label::new("x".repeat(1_025)), Err(InvalidLabel::TooLong { bytes: 1_025 }));
        assert_eq!(Label::new("a\u{1b}"), Err(InvalidLabel::Control { character: '\u{1b}', at: 1 }));
        assert_eq!(Label::new("a\u{a0}"), Err(InvalidLabel::Blank { text: "a\u{a0}".to_owned() }));
        assert!(Label::new("✅ **a** `b` <c> [x]").is_ok());
    }
}
