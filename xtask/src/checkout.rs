//! The checkout that this program works on: where it is, and its files.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::file::File;

/// A checkout of the repository.
#[derive(Debug)]
pub(crate) struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The checkout that cargo built this program from. Asked at run time, because a target folder may be shared by
    /// several checkouts.
    pub(crate) fn here() -> Result<Self, String> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .ok_or("the checkout is not known; run this as `cargo xtask`, not by its path")?;
        let root = Path::new(&manifest).parent().ok_or("the folder `xtask` has no parent")?;
        Ok(Self { root: root.to_path_buf() })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Every file that git tracks, or would track: one that is forgotten fails before it is committed, not after.
    /// Sorted by path, paths relative to the root.
    pub(crate) fn files(&self) -> Result<Vec<File>, String> {
        let mut files = Vec::new();
        for path in self.paths()? {
            match std::fs::read(self.root.join(&path)) {
                Ok(bytes) => files.push(File { path, text: String::from_utf8_lossy(&bytes).into_owned() }),
                // Deleted and not yet committed, or a link to a folder.
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {}
                Err(error) => return Err(format!("{path}: cannot be read: {error}")),
            }
        }
        Ok(files)
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> Result<(), String> {
        std::fs::write(self.root.join(path), text)
            .map_err(|error| format!("{path}: cannot be written: {error}"))
    }

    fn paths(&self) -> Result<Vec<String>, String> {
        let output = Command::new("git")
            // A checkout in a container often belongs to another user. Its own code is running already, so git need
            // not be more careful than that.
            .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output()
            .map_err(|error| format!("git, which lists the files, could not be started: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`git ls-files`: {}\n{}", output.status, said.trim_end()));
        }
        let names = String::from_utf8_lossy(&output.stdout);
        let mut paths: Vec<String> = names.split_terminator('\0').map(str::to_owned).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }
}
