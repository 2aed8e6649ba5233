//! Versions that are older than those in a head, sixteen to a row, compressed.
//!
//! Version 1, in the envelope of every row: a varint, how many versions; for each, the newest first, a varint, its bytes;
//! then their bytes in columns (the first byte of each, the second of each that has one, …), compressed as one LZ4
//! block. Two versions of one user are alike in the same places, and not in runs.

use reweigh_reading::UserId;
use reweigh_store::{Place, Version};

use crate::bytes::{Malformed, Reader, put_varint};
use crate::fault::Fault;
use crate::head::take_version;
use crate::row::{BadRow, begin, open, seal};
use crate::tables::{ARCHIVE_KIND, page_key};

/// How many versions a row holds.
pub(crate) const BLOCK: usize = 16;

/// LZ4 gives no more than so many bytes for one.
const GROWTH_MOST: usize = 255;

/// The key of the row whose newest version has this number.
pub(crate) fn archive_key(user: &UserId, newest: u64) -> Vec<u8> {
    page_key(user, &newest.to_be_bytes())
}

/// The row of versions, the newest first, each as a head has it.
pub(crate) fn archive_row(key: &[u8], versions: &[&[u8]]) -> Vec<u8> {
    let mut row = begin();
    put_varint(&mut row, versions.len() as u64);
    for version in versions {
        put_varint(&mut row, version.len() as u64);
    }
    row.extend_from_slice(&lz4_flex::compress(&columns(versions)));
    seal(ARCHIVE_KIND, key, row)
}

/// The versions of a row, the newest first.
pub(crate) fn archived(user: &UserId, key: &[u8], row: &[u8]) -> Result<Vec<Version>, Fault> {
    let read = || -> Result<Vec<Version>, BadRow> {
        let mut reader = Reader::new(open(ARCHIVE_KIND, key, row)?);
        let mut lengths = Vec::new();
        for _ in 0..reader.count("versions")? {
            lengths.push(usize::try_from(reader.varint("a version")?).unwrap_or(usize::MAX));
        }
        let packed = reader.take(reader.left(), "versions")?;
        let most = packed.len().saturating_mul(GROWTH_MOST);
        let whole = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
        let whole = whole.filter(|whole| *whole <= most).ok_or_else(|| Malformed::new("versions"))?;
        let columns =
            lz4_flex::decompress(packed, whole).map_err(|error| BadRow(format!("versions: {error}")))?;
        let rows = rows(&columns, &lengths).ok_or_else(|| Malformed::new("versions"))?;
        let versions = rows.iter().map(|row| {
            let mut reader = Reader::new(row);
            let version = take_version(&mut reader)?;
            reader.end("a version")?;
            Ok(version)
        });
        versions.collect()
    };
    read().map_err(|bad| Fault::Store(bad.at(Place::of_user(ARCHIVE_KIND.name, user))))
}

fn columns(rows: &[&[u8]]) -> Vec<u8> {
    let longest = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    (0..longest).flat_map(|at| rows.iter().filter_map(move |row| row.get(at).copied())).collect()
}

fn rows(columns: &[u8], lengths: &[usize]) -> Option<Vec<Vec<u8>>> {
    let mut rows: Vec<Vec<u8>> = lengths.iter().map(|length| Vec::with_capacity(*length)).collect();
    let mut bytes = columns.iter();
    for at in 0..lengths.iter().copied().max().unwrap_or_default() {
        for (row, length) in rows.iter_mut().zip(lengths) {
            if at < *length {
                row.push(*bytes.next()?);
            }
        }
    }
    bytes.next().is_none().then_some(rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn columns_are_undone(rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let slices: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            let lengths: Vec<usize> = rows.iter().map(Vec::len).collect();
            let columns = columns(&slices);
            prop_assert_eq!(super::rows(&columns, &lengths), Some(rows.clone()));
            if let Some((_, short)) = columns.split_last() {
                prop_assert_eq!(super::rows(short, &lengths), None);
            }
        }

        /// Proves F6.
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut row = begin();
            row.extend_from_slice(&bytes);
            let row = seal(ARCHIVE_KIND, b"k", row);
            let _ = archived(&UserId::new("ada").unwrap(), b"k", &row);
        }
    }
}
