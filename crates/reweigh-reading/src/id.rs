//! What a reading is called: the id it came with, or one made of what it says.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::height::Height;
use crate::instant::Instant;
use crate::measure::Measure;
use crate::name::{Source, UserId};
use crate::reset_reason::ResetReason;
use crate::text::{Excerpt, TextError, TextField, checked, short_text};

/// What a reading is called within its user.
///
/// Its text form is read back to the same id: a given id is its own text, a made one is `made-` and 32 hexadecimal
/// digits. Made ids come before given ones, and either are in the order of their bytes.
///
/// ```
/// use reweigh_reading::ReadingId;
///
/// let given: ReadingId = "msg-17".parse()?;
/// assert!(matches!(given, ReadingId::Given(_)));
/// let made: ReadingId = "made-0123456789abcdef0123456789abcdef".parse()?;
/// assert!(matches!(made, ReadingId::Made(_)));
/// # Ok::<(), reweigh_reading::TextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReadingId {
    /// Made of what the reading says, because it came without one.
    Made(MadeId),
    /// The id that it came with.
    Given(GivenId),
}

impl FromStr for ReadingId {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = checked(TextField::Id, text, GivenId::BYTES_MAX)?;
        Ok(match MadeId::from_text(text) {
            Some(made) => Self::Made(made),
            None => Self::Given(GivenId(text.into())),
        })
    }
}

impl From<MadeId> for ReadingId {
    fn from(id: MadeId) -> Self {
        Self::Made(id)
    }
}

impl From<GivenId> for ReadingId {
    fn from(id: GivenId) -> Self {
        Self::Given(id)
    }
}

impl fmt::Display for ReadingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(id) => id.fmt(f),
            Self::Given(id) => id.fmt(f),
        }
    }
}

/// An id that a reading came with: 1 to 128 bytes, by the rules of [`UserId`], and not of the form of a made one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct GivenId(Arc<str>);

impl GivenId {
    /// The longest id, in bytes.
    pub const BYTES_MAX: usize = 128;

    /// Takes an id, or says why it is none. Text that may hold either kind is parsed as a [`ReadingId`].
    ///
    /// # Errors
    ///
    /// As [`UserId::new`], and a text in the form of a made id.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let text = checked(TextField::Id, text, Self::BYTES_MAX)?;
        match MadeId::from_text(text) {
            Some(_) => Err(TextError::LooksMade { text: Excerpt::new(text) }),
            None => Ok(Self(text.into())),
        }
    }
}

short_text!(GivenId);

/// An id made of what a fact says, for facts that come without one.
///
/// The same words give the same id on every machine and in every version, so the same reading met twice is a
/// duplicate and not a second reading. It is the XXH3 128-bit hash, seed 0, of these bytes in this order:
///
/// | bytes | what |
/// |---|---|
/// | 16 | `reweigh made id` in ASCII, and a zero |
/// | 1 | the version of this layout, 1 |
/// | 1 | the kind: 1 reading, 2 height, 3 reset |
/// | any, then a zero | the user |
/// | any, then a zero | the source |
/// | 8 | microseconds of UTC since 1970, two's complement, big-endian |
/// | 8 + 1 | of a reading: the bits of the value as written, big-endian, and the [tag](crate::Unit::tag) of its unit |
/// | 8 | of a height: the bits of the metres, big-endian |
/// | any | of a reset: the reason |
///
/// Users and sources hold no zero byte, so no two facts have the same bytes. The hash is no defence against someone
/// who looks for collisions on purpose; a collision shows as a conflict between two facts, and never as a loss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MadeId([u8; 16]);

impl MadeId {
    /// The id of a reading.
    pub fn of_reading(user: &UserId, source: &Source, at: Instant, measure: Measure) -> Self {
        let value = measure.value().to_bits().to_be_bytes();
        Self::hash(1, user, source, at, &value, &[measure.unit().tag()])
    }

    /// The id of a height.
    pub fn of_height(user: &UserId, source: &Source, at: Instant, height: Height) -> Self {
        Self::hash(2, user, source, at, &height.metres().to_bits().to_be_bytes(), &[])
    }

    /// The id of a manual reset.
    pub fn of_reset(user: &UserId, source: &Source, at: Instant, reason: &ResetReason) -> Self {
        Self::hash(3, user, source, at, reason.as_str().as_bytes(), &[])
    }

    /// The id that has these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes: the hash, big-endian.
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    fn hash(kind: u8, user: &UserId, source: &Source, at: Instant, what: &[u8], unit: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(b"reweigh made id\0");
        bytes.extend_from_slice(&[1, kind]);
        bytes.extend_from_slice(user.as_str().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(source.as_str().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(&at.unix_micros().to_be_bytes());
        bytes.extend_from_slice(what);
        bytes.extend_from_slice(unit);
        Self(xxhash_rust::xxh3::xxh3_128(&bytes).to_be_bytes())
    }

    /// Reads `made-` and 32 lower-case hexadecimal digits, exactly as [`Display`](fmt::Display) writes them.
    fn from_text(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("made-")?;
        let lower = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if hex.len() != 32 || !lower {
            return None;
        }
        u128::from_str_radix(hex, 16).ok().map(|id| Self(id.to_be_bytes()))
    }
}

impl fmt::Display for MadeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "made-{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for MadeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
