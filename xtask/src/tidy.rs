//! `cargo xtask tidy`: the rules for files that no compiler knows.
//!
//! A rule is a pure function from the files to all its findings.

mod decisions;
mod front;
mod links;
mod manifests;
mod names;
mod root;
mod size;
mod words;

use crate::checkout::Checkout;
use crate::file::File;
use crate::finding::{Finding, none_or_all};
use crate::requirements;
use crate::task::{Outcome, no_words};

type Rule = fn(&[File]) -> Vec<Finding>;

const RULES: &[Rule] = &[
    root::check,
    size::check,
    words::check,
    manifests::check,
    names::check,
    front::check,
    links::check,
    decisions::check,
    requirements::check,
];

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    no_words(words)?;
    let files = checkout.files()?;
    none_or_all(&all(&files), || format!("{} files, {} rules", files.len(), RULES.len()))
}

fn all(files: &[File]) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(files)).collect()
}

/// What a rule says of these files, as `path:line: what`.
#[cfg(test)]
fn said(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<File> = files.iter().map(|&(path, text)| File::new(path, text)).collect();
    rule(&files)
        .iter()
        .map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.what))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_asked_and_all_findings_are_listed() {
        let front = format!("pub mod units;\n// {}\n", ["TO", "DO"].concat());
        let files = [
            File::new("crates/a/Cargo.toml", ""),
            File::new("crates/a/src/lib.rs", &front),
            File::new("crates/a/src/utils.rs", &"\n".repeat(601)),
            File::new("docs/decisions/notes.md", "[nowhere](a.md)"),
        ];
        let found = all(&files);
        for what in [
            "README.md:1: is missing from the visible root",
            "utils.rs:601: has 601 lines",
            "lib.rs:2: holds",
            "a/Cargo.toml:1: does not take the lints",
            "utils.rs:1: a module named `utils`",
            "lib.rs:1: a public module",
            "notes.md:1: the link to `a.md`",
            "notes.md:1: is not named",
            "docs/requirements.md:1: is missing",
        ] {
            assert!(found.iter().any(|finding| finding.to_string().contains(what)), "{what}");
        }
    }
}
