//! Colour, where it is wanted.

use std::fmt::{self, Display};

/// Whether to paint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

/// A text in a colour, or plain.
#[derive(Debug)]
pub(crate) struct Painted<T> {
    text: T,
    code: Option<&'static str>,
}

impl Paint {
    fn with<T>(self, code: &'static str, text: T) -> Painted<T> {
        Painted { text, code: self.0.then_some(code) }
    }

    pub(crate) fn bold<T>(self, text: T) -> Painted<T> {
        self.with("1", text)
    }

    pub(crate) fn faint<T>(self, text: T) -> Painted<T> {
        self.with("2", text)
    }

    pub(crate) fn bad<T>(self, text: T) -> Painted<T> {
        self.with("31", text)
    }

    pub(crate) fn doubtful<T>(self, text: T) -> Painted<T> {
        self.with("33", text)
    }
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            None => self.text.fmt(f),
            Some(code) => {
                write!(f, "\u{1b}[{code}m")?;
                self.text.fmt(f)?;
                f.write_str("\u{1b}[0m")
            }
        }
    }
}
