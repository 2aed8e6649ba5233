//! Short texts that come from outside: bounded, trimmed, without control characters.

use std::fmt::{self, Write};

/// Which text was refused; it decides the words and the code of a [`TextError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextField {
    /// A [`UserId`](crate::UserId).
    User,
    /// A [`Source`](crate::Source).
    Source,
    /// A [`GivenId`](crate::GivenId).
    Id,
    /// A [`ResetReason`](crate::ResetReason).
    Reason,
}

impl fmt::Display for TextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user id",
            Self::Source => "source",
            Self::Id => "reading id",
            Self::Reason => "reset reason",
        })
    }
}

/// Why a text is not a user id, source, reading id or reason. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("{field} is missing; give 1 to {max} bytes")]
    Missing {
        /// Which text.
        field: TextField,
        /// The longest that is taken, in bytes.
        max: usize,
    },
    /// More bytes than the bound.
    #[error("{field} {text} has {bytes} bytes; at most {max} are taken")]
    TooLong {
        /// Which text.
        field: TextField,
        /// How it begins.
        text: Excerpt,
        /// Its length after trimming.
        bytes: usize,
        /// The longest that is taken, in bytes.
        max: usize,
    },
    /// A control character (Unicode category Cc) inside.
    #[error("{field} {text} holds the control character U+{:04X}; remove it", u32::from(*.character))]
    ControlCharacter {
        /// Which text.
        field: TextField,
        /// How it begins.
        text: Excerpt,
        /// The first control character.
        character: char,
    },
    /// A given id that reads as a made one; parse it as a [`ReadingId`](crate::ReadingId) instead.
    #[error("reading id {text} has the form of a made id; parse it as one")]
    LooksMade {
        /// The text.
        text: Excerpt,
    },
}

impl TextError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { field, .. } => match field {
                TextField::User => "user_missing",
                TextField::Source => "source_missing",
                TextField::Id => "id_missing",
                TextField::Reason => "reason_missing",
            },
            Self::TooLong { field, .. } => match field {
                TextField::User => "user_too_long",
                TextField::Source => "source_too_long",
                TextField::Id => "id_too_long",
                TextField::Reason => "reason_too_long",
            },
            Self::ControlCharacter { field, .. } => match field {
                TextField::User => "user_control_character",
                TextField::Source => "source_control_character",
                TextField::Id => "id_control_character",
                TextField::Reason => "reason_control_character",
            },
            Self::LooksMade { .. } => "id_looks_made",
        }
    }
}

/// The first few characters of a text that was refused, quoted and escaped when shown.
///
/// It bounds what an error holds and keeps line breaks and terminal codes out of what is printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt {
    text: Box<str>,
    cut: bool,
}

impl Excerpt {
    /// How many characters are kept.
    pub const CHARS_MAX: usize = 40;

    /// Takes the beginning of `text`.
    pub fn new(text: &str) -> Self {
        match text.char_indices().nth(Self::CHARS_MAX) {
            None => Self { text: text.into(), cut: false },
            Some((end, _)) => Self { text: text.get(..end).unwrap_or_default().into(), cut: true },
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`")?;
        for c in self.text.chars() {
            match c {
                '\'' | '"' | '\\' => f.write_char(c)?,
                _ => write!(f, "{}", c.escape_debug())?,
            }
        }
        f.write_str(if self.cut { "…`" } else { "`" })
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Trims ASCII whitespace and checks the rules that all short texts share.
pub(crate) fn checked(field: TextField, text: &str, max: usize) -> Result<&str, TextError> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(TextError::Missing { field, max });
    }
    if text.len() > max {
        return Err(TextError::TooLong { field, text: Excerpt::new(text), bytes: text.len(), max });
    }
    // Nearly every text is printable ASCII, and bytes are quicker to look at than characters.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(text);
    }
    match text.chars().find(|c| c.is_control()) {
        Some(character) => Err(TextError::ControlCharacter { field, text: Excerpt::new(text), character }),
        None => Ok(text),
    }
}

/// What every short text can do, once its `new` has checked it.
macro_rules! short_text {
    ($name:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        // Comparison and hash are those of the text, so a map can be asked with a `&str`.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}
pub(crate) use short_text;
