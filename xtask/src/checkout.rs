//! The checkout that this program works on: where it is.

use std::path::{Path, PathBuf};

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
}
