//! The order of a user's facts.

use serde::{Deserialize, Serialize};

use crate::id::{GivenId, MadeId, ReadingId};
use crate::instant::Instant;
use crate::name::Source;

/// The place of a fact among its user's: by instant, then by the source's bytes, then by id.
///
/// The order is made of content alone. It never depends on arrival, so it is the same on every machine.
///
/// ```
/// use reweigh_reading::{Instant, OrderKey, Source};
///
/// let key = |seconds, source, id: &str| -> Result<OrderKey, Box<dyn std::error::Error>> {
///     Ok(OrderKey::new(Instant::from_unix_seconds(seconds)?, Source::new(source)?, id.parse()?))
/// };
/// assert!(key(1, "scale", "z")? < key(2, "app", "a")?);
/// assert!(key(2, "app", "z")? < key(2, "scale", "a")?);
/// assert!(key(2, "scale", "a")? < key(2, "scale", "b")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    at: Instant,
    source: Source,
    id: ReadingId,
}

impl OrderKey {
    /// The key of these three.
    pub fn new(at: Instant, source: Source, id: ReadingId) -> Self {
        Self { at, source, id }
    }

    /// The instant.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The id.
    pub fn id(&self) -> &ReadingId {
        &self.id
    }

    /// Appends bytes that sort as the keys do, for hashes and for stores that order by bytes.
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 8 | the instant, as [`Instant::sortable_bytes`] |
    /// | any, then a zero | the source |
    /// | 1 + 16 | 0 and the bytes of a made id |
    /// | 1 + any | or 1 and the text of a given id |
    pub fn write_sortable(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.at.sortable_bytes());
        bytes.extend_from_slice(self.source.as_str().as_bytes());
        bytes.push(0);
        match &self.id {
            ReadingId::Made(id) => {
                bytes.push(0);
                bytes.extend_from_slice(&id.bytes());
            }
            ReadingId::Given(id) => {
                bytes.push(1);
                bytes.extend_from_slice(id.as_str().as_bytes());
            }
        }
    }

    /// The key of exactly these bytes, if [`write_sortable`](Self::write_sortable) can have written them.
    pub fn from_sortable(bytes: &[u8]) -> Option<Self> {
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (source, rest) = rest.split_at_checked(end)?;
        let id = match rest {
            [0, 0, id @ ..] => MadeId::from_bytes(id.try_into().ok()?).into(),
            [0, 1, id @ ..] => exactly(id, GivenId::new, GivenId::as_str)?.into(),
            _ => return None,
        };
        Some(Self {
            at: Instant::from_sortable_bytes(*at)?,
            source: exactly(source, Source::new, Source::as_str)?,
            id,
        })
    }
}

/// The value of a text that its constructor takes as it is, without trimming.
fn exactly<T, E>(bytes: &[u8], new: fn(&str) -> Result<T, E>, text: fn(&T) -> &str) -> Option<T> {
    let value = new(str::from_utf8(bytes).ok()?).ok()?;
    (text(&value).as_bytes() == bytes).then_some(value)
}

#[cfg(test)]
mod tests;
