//! Prose of any length: descriptions, errors, notes, values.

use std::borrow::Cow;

use crate::escape::{Breaks, ends_in_break, escape, is_ordinary, unescape};

/// Prose as it is meant, and as a person spelled it if they wrote it by hand.
///
/// The spelling is kept so that a hand-written `*emphasis*` is not turned into `\*emphasis\*` by the next write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    plain: String,
    spelling: Option<String>,
}

impl Text {
    /// Takes text of any kind; the file will escape it.
    pub(crate) fn from_plain(plain: impl Into<String>) -> Self {
        Self { plain: plain.into(), spelling: None }
    }

    /// Takes the Markdown that stands in the file.
    pub(crate) fn from_markdown(markdown: &str) -> Self {
        let markdown = markdown.trim();
        if is_ordinary(markdown) {
            return Self::from_plain(markdown);
        }
        let plain = unescape(markdown);
        // A backslash at the very end would reach for whatever line comes to stand below.
        let own = escape(&plain, Breaks::Hard) == markdown || ends_in_break(markdown);
        let spelling = if own { None } else { Some(markdown.to_owned()) };
        Self { plain, spelling }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.plain
    }

    /// The Markdown to write; it has line breaks only after a backslash.
    pub(crate) fn markdown(&self) -> Cow<'_, str> {
        match &self.spelling {
            Some(spelling) => Cow::Borrowed(spelling),
            None => Cow::Owned(escape(&self.plain, Breaks::Hard)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_spelling_is_kept() {
        let text = Text::from_markdown("  use *this* ");
        assert_eq!((text.as_str(), text.markdown().as_ref()), ("use *this*", "use *this*"));
        assert_eq!(Text::from_markdown(r"use \*this\*"), Text::from_plain("use *this*"));
    }

    #[test]
    fn a_backslash_at_the_end_reaches_for_nothing() {
        let text = Text::from_markdown(r"*in* C:\");
        assert_eq!((text.as_str(), text.markdown().as_ref()), (r"*in* C:\", r"\*in\* C:\\"));
    }
}
