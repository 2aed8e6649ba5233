//! `cargo xtask requirements`: which test proves which requirement.
//!
//! The ids and what they mean stand in `docs/requirements.md`; the proofs stand above the tests, as
//! `/// Proves A1, W3.`. The third column of the document's tables is written from the tests, so it cannot promise a
//! proof that is not there.

mod claim;
mod place;
mod proofs;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use crate::checkout::Checkout;
use crate::file::File;
use crate::finding::{Finding, none_or_all};
use crate::task::{Outcome, no_words};
use proofs::Proof;

const DOCUMENT: &str = "docs/requirements.md";

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    let write = words == ["--write"];
    if !write {
        no_words(words)?;
    }
    let files = checkout.files()?;
    let (fresh, mut findings) = assess(&files);
    let Some((document, fresh)) = fresh else { return none_or_all(&findings, String::new) };
    if !write {
        findings.extend(stale(document, &fresh));
    } else if document.text != fresh {
        checkout.write(DOCUMENT, &fresh)?;
    }
    none_or_all(&findings, || table::summary(&fresh))
}

/// The rule of tidy: every claim is well formed and known, and the document is what `--write` would write.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let (fresh, mut findings) = assess(files);
    if let Some((document, fresh)) = fresh {
        findings.extend(stale(document, &fresh));
    }
    findings
}

/// The document as it should be, beside the one that is there; and every fault of it and of the claims.
fn assess(files: &[File]) -> (Option<(&File, String)>, Vec<Finding>) {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return (None, vec![Finding::new(DOCUMENT, 1, "is missing", "add it: a table of id, what, proof")]);
    };
    let (proofs, mut findings) = proofs::collect(files);
    let (ids, faults) = table::ids(document);
    findings.extend(faults);
    findings.extend(unknown(&proofs, &ids));
    (Some((document, table::rewrite(&document.text, &by_id(&proofs)))), findings)
}

fn unknown(proofs: &[Proof], ids: &BTreeSet<String>) -> Vec<Finding> {
    let claims = proofs.iter().flat_map(|proof| proof.ids.iter().map(move |id| (proof, id)));
    claims
        .filter(|(_, id)| !ids.contains(*id))
        .map(|(proof, id)| {
            let what = format!("no requirement is called `{id}`");
            Finding::new(&proof.path, proof.line, what, format!("name one of {DOCUMENT}, or add its row"))
        })
        .collect()
}

/// The names of the proofs of each id, in order.
fn by_id(proofs: &[Proof]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for proof in proofs {
        for id in &proof.ids {
            names.entry(id).or_default().insert(&proof.name);
        }
    }
    names
}

/// The rows that `--write` would change.
fn stale(document: &File, fresh: &str) -> Vec<Finding> {
    let pairs = document.lines().zip(fresh.lines());
    let changed = pairs.filter(|((_, is), wanted)| is != wanted);
    changed
        .map(|((line, _), wanted)| {
            let row: String = wanted.split('|').take(2).collect();
            let what = format!("the row of `{}` is not what the tests say", row.trim());
            Finding::new(DOCUMENT, line, what, "run `cargo xtask requirements --write`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| id | what | proof |\n|---|---|---|\n";
    const TEST: &str = "mod tests {\n    /// Proves A1.\n    #[test]\n    fn holds() {}\n}\n";

    fn files(rows: &str, source: &str) -> [File; 3] {
        [
            File::new("crates/a/Cargo.toml", ""),
            File::new("crates/a/src/units.rs", source),
            File::new(DOCUMENT, &format!("{TABLE}{rows}")),
        ]
    }

    #[track_caller]
    fn rejects(rows: &str, source: &str, expected: &[&str]) {
        let said: Vec<String> = check(&files(rows, source))
            .iter()
            .map(|f| format!("{}:{}: {}", f.path, f.line, f.what))
            .collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_current_document_passes() {
        rejects("| A1 | one | `a: units::tests::holds` |\n| A2 | two | — |\n", TEST, &[]);
    }

    #[test]
    fn a_proof_that_the_document_does_not_list_is_rejected() {
        rejects(
            "| A1 | one | — |\n",
            TEST,
            &["docs/requirements.md:3: the row of `A1` is not what the tests say"],
        );
    }

    #[test]
    fn a_promise_that_no_test_keeps_is_rejected() {
        let rows = "| A1 | one | `a: units::tests::gone` |\n| A2 | two | `a: units::tests::holds` |\n";
        rejects(
            rows,
            TEST,
            &[
                "docs/requirements.md:3: the row of `A1` is not what the tests say",
                "docs/requirements.md:4: the row of `A2` is not what the tests say",
            ],
        );
    }

    #[test]
    fn an_unknown_id_is_rejected() {
        rejects("| A2 | two | — |\n", TEST, &["crates/a/src/units.rs:2: no requirement is called `A1`"]);
    }

    #[test]
    fn a_missing_document_is_rejected() {
        assert_eq!(check(&[]).len(), 1);
    }

    #[test]
    fn several_proofs_of_one_id_are_sorted() {
        let source = "/// Proves A1.\n#[test]\nfn b() {}\n/// Proves A2, A1.\n#[test]\nfn a() {}\n";
        rejects("| A1 | one | `a: units::a`<br>`a: units::b` |\n| A2 | two | `a: units::a` |\n", source, &[]);
    }
}
