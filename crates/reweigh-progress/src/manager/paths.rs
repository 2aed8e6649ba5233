//! The names of the file and of what stands beside it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{ProgressError, Step, fault};

/// How many links one may lead to the next, as Linux counts.
const LINKS_MAX: usize = 40;

/// All names that one progress file takes up in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    pub(crate) folder: PathBuf,
    pub(crate) name: OsString,
    /// The file itself, links followed.
    pub(crate) state: PathBuf,
    pub(crate) backup: PathBuf,
    /// What a restore or clearing away put aside.
    pub(crate) replaced: PathBuf,
    pub(crate) lock: PathBuf,
    /// A second lock that only those hold who wait for the first.
    pub(crate) turn: PathBuf,
}

impl Paths {
    /// Follows links from `path`, so that all names of one file share one lock and one backup. The file need not
    /// exist, its folder must.
    pub(crate) fn resolve(path: &Path) -> Result<Self, ProgressError> {
        let mut path = path.to_path_buf();
        for _ in 0..LINKS_MAX {
            let not_a_file = || ProgressError::NotAFile { path: path.clone() };
            let name = path.file_name().ok_or_else(not_a_file)?.to_owned();
            let parent =
                path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let folder = match fs::canonicalize(parent) {
                Ok(folder) => folder,
                Err(source) if source.kind() == io::ErrorKind::NotFound => {
                    return Err(ProgressError::NoFolder { path: parent.to_path_buf() });
                }
                Err(source) => return Err(fault(Step::Resolve, parent, source)),
            };
            let state = folder.join(&name);
            match fs::symlink_metadata(&state) {
                Ok(metadata) if metadata.is_symlink() => {
                    let target =
                        fs::read_link(&state).map_err(|source| fault(Step::Resolve, &state, source))?;
                    path = folder.join(target);
                }
                Ok(metadata) if !metadata.is_file() => return Err(not_a_file()),
                Ok(_) => return Ok(Self::beside(folder, name)),
                Err(source) if source.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self::beside(folder, name));
                }
                Err(source) => return Err(fault(Step::Resolve, &state, source)),
            }
        }
        Err(ProgressError::NotAFile { path })
    }

    fn beside(folder: PathBuf, name: OsString) -> Self {
        let with = |prefix: &str, suffix: &str| {
            let mut full = OsString::from(prefix);
            full.push(&name);
            full.push(suffix);
            folder.join(full)
        };
        let state = folder.join(&name);
        // STATE.md has STATE.backup; STATE.txt beside it has STATE.txt.backup.
        let aside = |suffix: &str| match state.extension() {
            Some(extension) if extension == "md" => state.with_extension(suffix),
            _ => with("", &format!(".{suffix}")),
        };
        Self {
            backup: aside("backup"),
            replaced: aside("replaced"),
            lock: with("", ".lock"),
            turn: with(".", ".turn"),
            state: state.clone(),
            name,
            folder,
        }
    }

    /// How the name of a temporary file begins.
    pub(crate) fn temp_prefix(&self) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(&self.name);
        prefix.push(".");
        prefix
    }

    /// Whether `name` is that of a temporary file of this one, and not of a file whose name only begins the same.
    pub(crate) fn is_temp(&self, name: &OsStr) -> bool {
        let random = name
            .as_encoded_bytes()
            .strip_prefix(self.temp_prefix().as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(TEMP_SUFFIX.as_bytes()));
        random
            .is_some_and(|random| random.len() == TEMP_RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
    }
}

/// How the name of a temporary file ends, and how many random letters stand before.
pub(crate) const TEMP_SUFFIX: &str = ".tmp";
pub(crate) const TEMP_RANDOM: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_the_file() {
        let paths = Paths::beside("/x".into(), "STATE.md".into());
        assert_eq!(paths.backup, Path::new("/x/STATE.backup"));
        assert_eq!(paths.lock, Path::new("/x/STATE.md.lock"));
        assert_eq!(paths.turn, Path::new("/x/.STATE.md.turn"));
        assert_eq!(Paths::beside("/x".into(), "STATE.txt".into()).backup, Path::new("/x/STATE.txt.backup"));
    }

    #[test]
    fn only_its_own_temporary_files_are_its_own() {
        let paths = Paths::beside("/x".into(), "STATE.md".into());
        assert!(paths.is_temp(OsStr::new(".STATE.md.abcdefABCDEF.tmp")));
        for other in [
            ".STATE.md.x.abcdefABCD.tmp",
            ".STATE.md.abc.tmp",
            ".STATE.md.turn",
            ".STATE.md.abcdefABCD.F.tmp",
        ] {
            assert!(!paths.is_temp(OsStr::new(other)), "{other}");
        }
    }
}
