//! `cargo xtask tidy`: the rules for files that no compiler knows.
//!
//! A rule is a pure function from the files to all its findings.

use crate::checkout::Checkout;
use crate::file::File;
use crate::finding::{Finding, none_or_all};
use crate::requirements;
use crate::task::{Outcome, no_words};

type Rule = fn(&[File]) -> Vec<Finding>;

const RULES: &[Rule] = &[requirements::check];

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    no_words(words)?;
    let files = checkout.files()?;
    none_or_all(&all(&files), || format!("{} files, {} rules", files.len(), RULES.len()))
}

fn all(files: &[File]) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(files)).collect()
}
