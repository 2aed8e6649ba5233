//! A decision record has a number of its own and says why, what, and what was rejected.

use std::collections::BTreeMap;

use crate::file::File;
use crate::finding::Finding;

const FOLDER: &str = "docs/decisions";
const HEADINGS: [&str; 3] = ["## Context", "## Decision", "## Rejected"];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.folder() == FOLDER) {
        let Some(number) = number(file.name()) else {
            findings.push(Finding::new(&file.path, 1, "is not named NNNN-what-is-decided.md", "rename it"));
            continue;
        };
        if let Some(other) = first.insert(number, file.name()) {
            let what = format!("has the number of {other}");
            findings.push(Finding::new(&file.path, 1, what, "give it the next free number"));
        }
        findings.extend(HEADINGS.iter().filter(|heading| !has(file, heading)).map(|heading| {
            Finding::new(&file.path, 1, format!("has no heading `{heading}`"), "add it and say so under it")
        }));
    }
    findings
}

/// The four digits of a well-formed name.
fn number(name: &str) -> Option<&str> {
    let (number, slug) = name.strip_suffix(".md")?.split_once('-')?;
    let is_number = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit());
    let is_slug = slug
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    (is_number && is_slug).then_some(number)
}

fn has(file: &File, heading: &str) -> bool {
    file.lines().any(|(_, line)| line.trim_end() == heading)
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    const WHOLE: &str = "# A\n\n## Context\n\na\n\n## Decision\n\nb\n\n## Rejected\n\nc\n";

    #[test]
    fn well_formed_records_pass_with_gaps_between_their_numbers() {
        let files = [("docs/decisions/0001-a.md", WHOLE), ("docs/decisions/0010-one-more.md", WHOLE)];
        assert_eq!(said(check, &files), [""; 0]);
    }

    #[test]
    fn a_name_of_another_form_is_rejected() {
        for name in ["notes.md", "1-a.md", "0001.md", "0001-.md", "0001-A.md", "0001-a.txt", "00010-a.md"] {
            let path = format!("docs/decisions/{name}");
            assert_eq!(
                said(check, &[(&path, WHOLE)]),
                [format!("{path}:1: is not named NNNN-what-is-decided.md")]
            );
        }
    }

    #[test]
    fn a_number_that_is_taken_is_rejected() {
        let files = [("docs/decisions/0001-a.md", WHOLE), ("docs/decisions/0001-b.md", WHOLE)];
        assert_eq!(said(check, &files), ["docs/decisions/0001-b.md:1: has the number of 0001-a.md"]);
    }

    #[test]
    fn each_missing_heading_is_listed() {
        let text = "# A\n\n## Context\n\nThe ## Decision is\n";
        let path = "docs/decisions/0001-a.md";
        let expected =
            ["## Decision", "## Rejected"].map(|heading| format!("{path}:1: has no heading `{heading}`"));
        assert_eq!(said(check, &[(path, text)]), expected);
    }
}
