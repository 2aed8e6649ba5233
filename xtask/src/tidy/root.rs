//! What a visitor sees first: the root holds these names and dotfiles, nothing else.

use std::collections::BTreeSet;

use crate::file::File;
use crate::finding::Finding;

const VISIBLE: [&str; 11] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "docs",
    "rust-toolchain.toml",
    "tests",
    "xtask",
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let names: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.split('/').next())
        .filter(|name| !name.starts_with('.'))
        .collect();
    let more = names.iter().filter(|name| !VISIBLE.contains(name)).map(|name| {
        Finding::new(
            name,
            1,
            "is not a name of the visible root",
            "move it into a folder that is, or ignore it",
        )
    });
    let less = VISIBLE
        .iter()
        .filter(|name| !names.contains(*name))
        .map(|name| Finding::new(name, 1, "is missing from the visible root", "add it"));
    more.chain(less).collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    fn whole_root() -> Vec<(&'static str, &'static str)> {
        let folders =
            [("crates/a/Cargo.toml", ""), ("docs/a.md", ""), ("tests/a.md", ""), ("xtask/Cargo.toml", "")];
        let files = VISIBLE.iter().filter(|name| name.contains('.') || name.starts_with('L'));
        files.map(|&name| (name, "")).chain(folders).chain([(".ci/run", ""), (".gitignore", "")]).collect()
    }

    #[test]
    fn the_named_root_and_dotfiles_pass() {
        assert_eq!(said(check, &whole_root()), [""; 0]);
    }

    #[test]
    fn a_further_file_or_folder_is_rejected() {
        let mut files = whole_root();
        files.extend([("Makefile", ""), ("scripts/run.sh", "")]);
        let expected =
            ["Makefile", "scripts"].map(|name| format!("{name}:1: is not a name of the visible root"));
        assert_eq!(said(check, &files), expected);
    }

    #[test]
    fn a_missing_name_is_rejected() {
        let mut files = whole_root();
        files.retain(|(path, _)| *path != "README.md" && !path.starts_with("tests/"));
        let expected =
            ["README.md", "tests"].map(|name| format!("{name}:1: is missing from the visible root"));
        assert_eq!(said(check, &files), expected);
    }
}
