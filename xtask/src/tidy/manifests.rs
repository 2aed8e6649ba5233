//! Every crate takes the lints of the workspace.

use crate::file::File;
use crate::finding::Finding;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_manifest() && !is_workspace(&file.text) && !inherits_lints(&file.text))
        .map(|file| {
            let what = "does not take the lints of the workspace";
            Finding::new(&file.path, 1, what, "add `[lints]` with `workspace = true`")
        })
        .collect()
}

/// A root of its own has nobody to take lints from.
fn is_workspace(manifest: &str) -> bool {
    manifest.lines().any(|line| line.trim() == "[workspace]")
}

fn inherits_lints(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        section == "[lints]" && line.split_whitespace().eq(["workspace", "=", "true"])
    })
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn a_crate_with_the_lints_and_a_workspace_pass() {
        let files = [
            ("crates/a/Cargo.toml", "[package]\nname = \"a\"\n\n[lints]\nworkspace = true\n"),
            ("tests/fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n\n[workspace]\n"),
        ];
        assert_eq!(said(check, &files), [""; 0]);
    }

    #[test]
    fn a_crate_without_them_is_rejected() {
        for manifest in [
            "[package]\nname = \"a\"\n",
            "[lints]\nworkspace = false\n",
            "[lints]\n\n[package.metadata.x]\nworkspace = true\n",
        ] {
            let expected = ["crates/a/Cargo.toml:1: does not take the lints of the workspace"];
            assert_eq!(said(check, &[("crates/a/Cargo.toml", manifest)]), expected, "{manifest}");
        }
    }
}
