//! The folder of recorded data, which only the variable `REWEIGH_DATA` names.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;

/// The variable that names the folder.
pub(crate) const VARIABLE: &str = "REWEIGH_DATA";

/// A folder with one folder for each set.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder of a value of the variable; none if it is not set or empty.
    pub(crate) fn of(value: Option<OsString>) -> Option<Self> {
        value.filter(|value| !value.is_empty()).map(|value| Self(PathBuf::from(value)))
    }

    /// The text of a file of a set; one whose name ends in `.gz` is unpacked.
    pub(crate) fn text(&self, set: &str, file: &str) -> Result<String, String> {
        let path = self.0.join(set).join(file);
        let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let bytes = fs::read(&path).map_err(|error| say(&error))?;
        let bytes = if path.extension().is_some_and(|ending| ending == "gz") {
            unpacked(&bytes).map_err(|error| say(&error))?
        } else {
            bytes
        };
        String::from_utf8(bytes).map_err(|error| say(&error))
    }
}

fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a,b\n1,2\n` as gzip packs it.
    const PACKED: [u8; 28] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 212, 73, 226, 50, 212, 49, 226, 2, 0, 123, 7, 151, 10, 8, 0, 0,
        0,
    ];

    #[test]
    fn a_variable_that_is_missing_or_empty_names_no_folder() {
        assert!(Folder::of(None).is_none());
        assert!(Folder::of(Some(OsString::new())).is_none());
        assert!(Folder::of(Some(OsString::from("data"))).is_some());
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let folder = Folder::of(Some(OsString::from("nowhere"))).unwrap();
        let error = folder.text("krone", "weights.csv").unwrap_err();
        assert!(error.contains("krone") && error.contains("weights.csv"), "{error}");
    }

    #[test]
    fn packed_bytes_are_unpacked_and_torn_ones_refused() {
        assert_eq!(unpacked(&PACKED).unwrap(), b"a,b\n1,2\n");
        assert!(unpacked(&PACKED[..20]).is_err());
        assert!(unpacked(b"a,b\n").is_err());
    }
}
