//! The tables of the requirements document: read their ids, write their proofs.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::is_id;
use crate::file::File;
use crate::finding::Finding;

/// What stands where no test proves the requirement yet.
const OPEN: &str = "—";

/// The ids of the document, and what is wrong with its rows.
pub(super) fn ids(document: &File) -> (BTreeSet<String>, Vec<Finding>) {
    let (mut ids, mut findings) = (BTreeSet::new(), Vec::new());
    for (number, line) in document.lines() {
        let Some(row) = Row::of(line) else { continue };
        if row.cells != 3 {
            let what = format!("the row of `{}` has {} cells", row.id, row.cells);
            findings.push(Finding::new(&document.path, number, what, "write | id | what | proof |"));
        }
        if !ids.insert(row.id.to_owned()) {
            let what = format!("`{}` has a second row", row.id);
            findings.push(Finding::new(&document.path, number, what, "keep one"));
        }
    }
    (ids, findings)
}

/// The document with the proof of every row written anew.
pub(super) fn rewrite(text: &str, proofs: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let lines = text.split_inclusive('\n').map(|line| match Row::of(line.trim_end()) {
        Some(row) if row.cells == 3 => {
            format!("| {} | {} | {} |\n", row.id, row.what, cell(proofs.get(row.id)))
        }
        _ => line.to_owned(),
    });
    lines.collect()
}

fn cell(names: Option<&BTreeSet<&str>>) -> String {
    let Some(names) = names else { return OPEN.to_owned() };
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join("<br>")
}

/// How many requirements are proven, and which are not.
pub(super) fn summary(text: &str) -> String {
    let rows: Vec<Row<'_>> = text.lines().filter_map(Row::of).collect();
    let open: Vec<&str> = rows.iter().filter(|row| row.proof == OPEN).map(|row| row.id).collect();
    let line = format!("{} of {} requirements have a proof", rows.len() - open.len(), rows.len());
    if open.is_empty() { line } else { format!("{line}; open: {}", open.join(" ")) }
}

/// A row of a table whose first cell is an id.
struct Row<'a> {
    id: &'a str,
    what: &'a str,
    proof: &'a str,
    cells: usize,
}

impl<'a> Row<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        is_id(cell(0)).then(|| Row { id: cell(0), what: cell(1), proof: cell(2), cells: cells.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# Heading\n\n| id | what | proof |\n|---|---|---|\n| A1 | one | old |\n| A2 | [n] two | — |\n";

    #[test]
    fn ids_are_read() {
        let (ids, findings) = ids(&File::new("r.md", TEXT));
        assert_eq!(ids, BTreeSet::from(["A1".to_owned(), "A2".to_owned()]));
        assert_eq!(findings, []);
    }

    #[test]
    fn a_second_row_and_a_row_of_another_shape_are_rejected() {
        let (_, findings) = ids(&File::new("r.md", "| A1 | one | — |\n| A1 | a | b | c |\n"));
        let said: Vec<_> = findings.iter().map(|f| (f.line, f.what.as_str())).collect();
        assert_eq!(said, [(2, "the row of `A1` has 4 cells"), (2, "`A1` has a second row")]);
    }

    #[test]
    fn proofs_are_written_and_the_rest_is_kept() {
        let proofs = BTreeMap::from([("A2", BTreeSet::from(["a: x", "a: w"]))]);
        let written = rewrite(TEXT, &proofs);
        assert_eq!(written, TEXT.replace("old", "—").replace("two | —", "two | `a: w`<br>`a: x`"));
        assert_eq!(rewrite(&written, &proofs), written);
    }

    #[test]
    fn the_summary_names_what_is_open() {
        assert_eq!(summary(TEXT), "1 of 2 requirements have a proof; open: A2");
        assert_eq!(summary(""), "0 of 0 requirements have a proof");
    }
}
