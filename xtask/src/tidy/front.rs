//! The front page of a crate, `lib.rs`, names each thing it offers, one per line.

use crate::file::File;
use crate::finding::Finding;

/// The engine's crate shows the parts it is made of, item by item.
const MAY_SHOW_OTHERS: &str = "crates/reweigh/src/lib.rs";

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let fronts =
        files.iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with("/src/lib.rs"));
    fronts
        .flat_map(|file| {
            file.lines().filter_map(|(number, line)| {
                let (what, mend) = fault(line.trim_start(), &file.path)?;
                Some(Finding::new(&file.path, number, what, mend))
            })
        })
        .collect()
}

fn fault(line: &str, path: &str) -> Option<(&'static str, &'static str)> {
    if line.starts_with("pub mod ") {
        return Some((
            "a public module shows how the crate is cut",
            "make it private and `pub use` its items",
        ));
    }
    let used = line.strip_prefix("pub use ")?;
    if used.contains('*') {
        return Some(("a glob shows whatever is there", "`pub use` each item by its name"));
    }
    if used.contains('{') {
        return Some(("several items in one `pub use`", "write one per line"));
    }
    if used.starts_with("reweigh_") && path != MAY_SHOW_OTHERS {
        return Some(("another crate of the workspace is shown again", "let users name that crate"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn private_modules_and_single_uses_pass() {
        let text = "//! A crate.\nmod units;\n\npub use units::Unit;\npub use units::UnitAliases;\n";
        assert_eq!(said(check, &[("crates/a/src/lib.rs", text)]), [""; 0]);
        let text = "pub use reweigh_reading::UserId;\n";
        assert_eq!(said(check, &[(MAY_SHOW_OTHERS, text)]), [""; 0]);
    }

    #[test]
    fn what_hides_the_list_of_items_is_rejected() {
        for line in [
            "pub mod units;",
            "pub use units::*;",
            "pub use units::{Unit, UnitAliases};",
            "pub use reweigh_reading::UserId;",
        ] {
            assert_eq!(said(check, &[("crates/a/src/lib.rs", line)]).len(), 1, "{line}");
        }
    }

    #[test]
    fn other_files_are_free() {
        assert_eq!(said(check, &[("crates/a/src/units.rs", "pub use scale::*;\n")]), [""; 0]);
    }
}
