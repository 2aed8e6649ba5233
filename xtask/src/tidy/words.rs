//! Words that do not belong in the repository: unfinished work, tests that do not run or that wait, and names of one
//! machine or of a host that only a package manager needs.
//!
//! Each word is written here in two pieces, so that this file does not hold what it looks for.

use crate::file::File;
use crate::finding::Finding;

struct Word {
    pieces: [&'static str; 2],
    /// Looked for in Rust files alone, or in every file.
    rust: bool,
    mend: &'static str,
}

const fn rust(first: &'static str, second: &'static str, mend: &'static str) -> Word {
    Word { pieces: [first, second], rust: true, mend }
}

const fn every(first: &'static str, second: &'static str, mend: &'static str) -> Word {
    Word { pieces: [first, second], rust: false, mend }
}

const FINISH: &str = "finish it, or leave it out";
const RUN: &str = "make the test one that runs, or delete it";
const CLOCK: &str = "hand the time in through a clock";
const PATH: &str = "name a path relative to the root, or take it from the environment";
const HOST: &str = "leave the host to the package manager's own settings";

const WORDS: &[Word] = &[
    rust("to", "do!", FINISH),
    rust("unimple", "mented!", FINISH),
    rust("TO", "DO", FINISH),
    rust("FIX", "ME", FINISH),
    rust("XX", "X", FINISH),
    rust("HA", "CK", FINISH),
    rust("#[ig", "nore", RUN),
    rust("thread::", "sleep", CLOCK),
    every("/wo", "rk/", PATH),
    every("/fa", "rm/", PATH),
    every("/ho", "me/", PATH),
    every("/ro", "ot/", PATH),
    every("/Us", "ers/", PATH),
    every("index.", "crates.io", HOST),
    every("static.", "crates.io", HOST),
    every("files.", "pythonhosted.org", HOST),
    every("registry.", "npmjs.org", HOST),
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files.iter().flat_map(|file| WORDS.iter().flat_map(move |word| find(file, word))).collect()
}

fn find(file: &File, word: &Word) -> Vec<Finding> {
    if word.rust && !file.is_rust() {
        return Vec::new();
    }
    let text = word.pieces.concat();
    file.lines()
        .filter(|(_, line)| holds(line, &text))
        .map(|(number, _)| Finding::new(&file.path, number, format!("holds `{text}`"), word.mend))
        .collect()
}

/// Whether the word stands in the line, not as a part of a longer one.
fn holds(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    // A word that begins or ends with a sign is whole wherever it stands.
    let (opens, closes) = (word.starts_with(is_part), word.ends_with(is_part));
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = line.split_at(at);
        let after = after.strip_prefix(word).unwrap_or_default();
        let goes_on = (opens && before.ends_with(is_part)) || (closes && after.starts_with(is_part));
        !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn every_word_is_rejected_in_a_rust_file() {
        for word in WORDS {
            let text = word.pieces.concat();
            let line = format!("fn a() {{}}\n    // {text} (that)\n");
            assert_eq!(
                said(check, &[("xtask/src/a.rs", &line)]),
                [format!("xtask/src/a.rs:2: holds `{text}`")]
            );
        }
    }

    #[test]
    fn paths_and_hosts_are_rejected_in_every_file() {
        for word in WORDS {
            let line = format!("see {} there\n", word.pieces.concat());
            let expected = usize::from(!word.rust);
            assert_eq!(said(check, &[(".ci/run", &line)]).len(), expected, "{line}");
        }
    }

    #[test]
    fn a_part_of_a_longer_word_passes() {
        let line = format!("// {}{}S, BACK{}{}, XX{}{}", "TO", "DO", "HA", "CK", "XX", "X");
        assert_eq!(said(check, &[("xtask/src/a.rs", &line)]), [""; 0]);
    }

    #[test]
    fn all_findings_are_listed_with_their_lines() {
        let text = format!("{0}\n{0}\n", ["thread::", "sleep"].concat());
        assert_eq!(said(check, &[("a.rs", &text)]).len(), 2);
    }
}
