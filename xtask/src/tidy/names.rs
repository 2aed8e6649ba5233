//! A module is named after what it does. These names say nothing, and so they gather everything.

use crate::file::File;
use crate::finding::Finding;

const EMPTY: [&str; 7] = ["common", "core", "helper", "helpers", "misc", "util", "utils"];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_rust())
        .filter_map(|file| {
            let name =
                file.path.split('/').map(|part| part.trim_end_matches(".rs")).find(|p| EMPTY.contains(p))?;
            let what = format!("a module named `{name}` says nothing");
            Some(Finding::new(&file.path, 1, what, "name it after what it does, or move what it holds"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn names_that_say_something_pass() {
        let files = [("crates/a/src/units.rs", ""), ("crates/a/src/score.rs", ""), ("docs/core/a.md", "")];
        assert_eq!(said(check, &files), [""; 0]);
    }

    #[test]
    fn names_that_say_nothing_are_rejected_as_file_and_as_folder() {
        for path in ["crates/a/src/utils.rs", "crates/a/src/core/mod.rs", "crates/a/tests/common/mod.rs"] {
            assert_eq!(said(check, &[(path, "")]).len(), 1, "{path}");
        }
    }
}
