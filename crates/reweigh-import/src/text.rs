//! Bytes as text.

use std::borrow::Cow;

/// The text of some bytes, and whether they were no UTF-8 and had to be read as Latin-1.
///
/// In Latin-1 each byte is the character of its number, so nothing is lost and nothing fails. Bytes that are no text
/// at all become control characters, which no user, source or id may hold.
pub(crate) fn decoded(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    match str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()), true),
    }
}
