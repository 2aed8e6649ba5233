//! The envelope of every row: a version before it, a checksum after it.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version of the row's layout |
//! | n | the row |
//! | 8 | xxh3-64 of the bytes before, little-endian; its seed is the xxh3-64 of the key, whose seed is the table's number |
//!
//! So a row that was moved to another key or table does not pass for one of there.

use reweigh_store::{Place, StoreError};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::bytes::Malformed;

/// The version of every layout but that of pages.
pub(crate) const ROW_VERSION: u8 = 1;

const CHECKSUM: usize = 8;

/// A table as checksums and messages know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The seed of its checksums.
    pub(crate) number: u64,
}

/// What is wrong with the bytes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadRow(pub(crate) String);

impl From<Malformed> for BadRow {
    fn from(Malformed(what): Malformed) -> Self {
        Self(what)
    }
}

impl From<postcard::Error> for BadRow {
    fn from(error: postcard::Error) -> Self {
        Self(error.to_string())
    }
}

impl BadRow {
    /// The error of a row at a place.
    pub(crate) fn at(self, place: Place) -> StoreError {
        StoreError::Corrupt { place, detail: self.0 }
    }
}

fn checksum(kind: Kind, key: &[u8], bytes: &[u8]) -> [u8; CHECKSUM] {
    xxh3_64_with_seed(bytes, xxh3_64_with_seed(key, kind.number)).to_le_bytes()
}

/// Begins a row.
pub(crate) fn begin() -> Vec<u8> {
    begin_with(256)
}

/// Begins a row of about so many bytes.
pub(crate) fn begin_with(bytes: usize) -> Vec<u8> {
    begin_version(ROW_VERSION, bytes)
}

/// Begins a row of a layout that is not the first.
pub(crate) fn begin_version(version: u8, bytes: usize) -> Vec<u8> {
    let mut row = Vec::with_capacity(bytes);
    row.push(version);
    row
}

/// Ends a row that was begun.
pub(crate) fn seal(kind: Kind, key: &[u8], mut row: Vec<u8>) -> Vec<u8> {
    let checksum = checksum(kind, key, &row);
    row.extend_from_slice(&checksum);
    row
}

/// What is inside the envelope, if it is whole and of the first layout.
pub(crate) fn open<'a>(kind: Kind, key: &[u8], row: &'a [u8]) -> Result<&'a [u8], BadRow> {
    open_up_to(ROW_VERSION, kind, key, row).map(|(_, row)| row)
}

/// What is inside the envelope, if it is whole, and the version of its layout, if it is known.
pub(crate) fn open_up_to<'a>(
    known: u8,
    kind: Kind,
    key: &[u8],
    row: &'a [u8],
) -> Result<(u8, &'a [u8]), BadRow> {
    let (bytes, found) =
        row.split_last_chunk::<CHECKSUM>().ok_or_else(|| BadRow("the row is too short".to_owned()))?;
    if checksum(kind, key, bytes) != *found {
        return Err(BadRow("the checksum does not fit".to_owned()));
    }
    match bytes.split_first() {
        Some((&version, row)) if (1..=known).contains(&version) => Ok((version, row)),
        Some((version, _)) => {
            Err(BadRow(format!("the row is of version {version}, this program reads up to {known}")))
        }
        None => Err(BadRow("the row is empty".to_owned())),
    }
}

/// Seals a row that serde writes.
pub(crate) fn seal_as<T: Serialize>(kind: Kind, key: &[u8], row: &T) -> Result<Vec<u8>, BadRow> {
    seal_into(kind, key, row, begin())
}

/// The same, in bytes that were begun.
pub(crate) fn seal_into<T: Serialize>(
    kind: Kind,
    key: &[u8],
    row: &T,
    begun: Vec<u8>,
) -> Result<Vec<u8>, BadRow> {
    Ok(seal(kind, key, postcard::to_extend(row, begun)?))
}

/// Opens a row that serde wrote. All of it must be read.
pub(crate) fn open_as<'a, T: Deserialize<'a>>(kind: Kind, key: &[u8], row: &'a [u8]) -> Result<T, BadRow> {
    let (value, rest) = postcard::take_from_bytes(open(kind, key, row)?)?;
    if rest.is_empty() { Ok(value) } else { Err(BadRow(format!("{} bytes are left over", rest.len()))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { name: "test", number: 7 };

    /// Proves F6.
    #[test]
    fn no_flip_passes() {
        let mut row = begin();
        row.extend_from_slice(b"some bytes of a row");
        let row = seal(KIND, b"key", row);
        assert_eq!(open(KIND, b"key", &row).unwrap(), b"some bytes of a row");
        for at in 0..row.len() {
            for bit in 0..8 {
                let mut bad = row.clone();
                bad[at] ^= 1 << bit;
                assert!(open(KIND, b"key", &bad).is_err(), "bit {bit} of byte {at}");
            }
            assert!(open(KIND, b"key", &row[..at]).is_err());
        }
        assert!(open(KIND, b"kez", &row).is_err(), "moved to another key");
        assert!(open(Kind { number: 8, ..KIND }, b"key", &row).is_err(), "moved to another table");
    }

    #[test]
    fn a_row_of_a_later_version_says_so() {
        let row = seal(KIND, b"key", vec![9, 1, 2]);
        assert_eq!(
            open(KIND, b"key", &row).unwrap_err().0,
            "the row is of version 9, this program reads up to 1"
        );
    }
}
