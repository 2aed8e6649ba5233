//! Who a reading is of, and what reported it.

use std::sync::Arc;

use serde::Deserialize;

use crate::text::{TextError, TextField, checked, short_text};

/// Whose weight it is: 1 to 128 bytes as given, after trimming ASCII whitespace.
///
/// Any text without control characters is an id. It is data and never a path, a pattern or a key in
/// somebody else's syntax, so `../../escaped` is a user like any other. Ids are compared byte by byte:
/// no case folding, no Unicode normalisation. A clone shares the text.
///
/// ```
/// use reweigh_reading::UserId;
///
/// assert_eq!(UserId::new(" anna ")?.as_str(), "anna");
/// assert_ne!(UserId::new("Anna")?, UserId::new("anna")?);
/// assert_eq!(UserId::new("").unwrap_err().code(), "user_missing");
/// # Ok::<(), reweigh_reading::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct UserId(Arc<str>);

impl UserId {
    /// The longest id, in bytes.
    pub const BYTES_MAX: usize = 128;

    /// Takes an id, or says why it is none.
    ///
    /// # Errors
    ///
    /// Nothing left after trimming, more than [`BYTES_MAX`](Self::BYTES_MAX) bytes, or a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(TextField::User, text, Self::BYTES_MAX).map(|text| Self(text.into()))
    }
}

short_text!(UserId);

/// What reported a reading: a scale, an app, a clinic. 1 to 64 bytes, by the rules of [`UserId`].
///
/// ```
/// use reweigh_reading::Source;
///
/// assert_eq!(Source::new("patient-device")?.as_str(), "patient-device");
/// assert_eq!(Source::unknown().as_str(), "unknown");
/// # Ok::<(), reweigh_reading::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Source(Arc<str>);

impl Source {
    /// The longest source, in bytes.
    pub const BYTES_MAX: usize = 64;

    /// Takes a source, or says why it is none.
    ///
    /// # Errors
    ///
    /// Nothing left after trimming, more than [`BYTES_MAX`](Self::BYTES_MAX) bytes, or a control character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(TextField::Source, text, Self::BYTES_MAX).map(|text| Self(text.into()))
    }

    /// The source of a reading that names none. It is the text `unknown`, and equal to it.
    ///
    /// Each call makes a new copy of the text; keep one and clone it where many are needed.
    pub fn unknown() -> Self {
        Self("unknown".into())
    }
}

short_text!(Source);

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, code: &str) {
        assert_eq!(UserId::new(text).unwrap_err().code(), code, "{text:?}");
    }

    /// Proves W21.
    #[test]
    fn an_id_is_data_and_never_a_path() {
        for text in
            ["../../escaped", "/etc/passwd", "a/b", "C:\\x", "con", ".", "%2e%2e", "'; drop table", "ünï 🦀"]
        {
            let user = UserId::new(text).unwrap();
            assert_eq!(user.as_str(), text);
            assert_eq!(user.to_string().parse::<UserId>().unwrap(), user);
        }
    }

    #[test]
    fn only_ascii_whitespace_at_the_ends_is_trimmed() {
        assert_eq!(UserId::new("\t a  b\r\n").unwrap().as_str(), "a  b");
        assert_eq!(UserId::new("\u{a0}a").unwrap().as_str(), "\u{a0}a");
    }

    #[test]
    fn length_is_bounded_in_bytes() {
        refused("", "user_missing");
        refused(" \t\n", "user_missing");
        assert!(UserId::new(&"x".repeat(128)).is_ok());
        refused(&"x".repeat(129), "user_too_long");
        assert!(UserId::new(&"é".repeat(64)).is_ok());
        refused(&"é".repeat(65), "user_too_long");
        assert!(Source::new(&"x".repeat(64)).is_ok());
        assert_eq!(Source::new(&"x".repeat(65)).unwrap_err().code(), "source_too_long");
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["a\0b", "a\nb", "a\u{1b}[2J", "a\u{7f}", "a\u{85}b", "a\u{9b}b"] {
            refused(text, "user_control_character");
        }
    }

    #[test]
    fn decoding_goes_through_the_constructor() {
        assert!(serde_json::from_str::<UserId>("\"\"").is_err());
        assert!(serde_json::from_str::<Source>("\"a\\u0000\"").is_err());
        let user = UserId::new("anna").unwrap();
        let bytes = postcard::to_allocvec(&user).unwrap();
        assert_eq!(bytes, b"\x04anna");
        assert_eq!(postcard::from_bytes::<UserId>(&bytes).unwrap(), user);
    }

    #[test]
    fn an_error_says_what_and_shows_no_more_than_an_excerpt() {
        let error = UserId::new(&format!("\u{1b}{}", "x".repeat(100))).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("user id `\\u{{1b}}{}…` holds the control character U+001B; remove it", "x".repeat(39))
        );
    }
}
