//! Words that do not belong in the repository: unfinished work, tests that do not run or that wait, libraries that look
//! round for their inputs, and names of one machine or of a host that only a package manager needs.
//!
//! Each word is written here in two pieces, so that this file does not hold what it looks for.

use crate::file::File;
use crate::finding::Finding;

struct Word {
    scope: Scope,
    pieces: [&'static str; 2],
    mend: &'static str,
}

/// Where a word is looked for.
enum Scope {
    EveryFile,
    Rust,
    /// The code of libraries. The program composes them, and may ask its environment.
    Library,
}

use Scope::{EveryFile, Library, Rust};

/// The one crate below `crates/` that is no library.
const PROGRAM: &str = "crates/reweigh-cli/";

const FINISH: &str = "finish it, or leave it out";
const RUN: &str = "make the test one that runs, or delete it";
const CLOCK: &str = "hand the time in through a clock";
const INPUT: &str = "take it as an argument";
const PATH: &str = "name a path relative to the root, or take it from the environment";
const HOST: &str = "leave the host to the package manager's own settings";

const WORDS: &[Word] = &[
    Word { scope: Rust, pieces: ["to", "do!"], mend: FINISH },
    Word { scope: Rust, pieces: ["unimple", "mented!"], mend: FINISH },
    Word { scope: Rust, pieces: ["TO", "DO"], mend: FINISH },
    Word { scope: Rust, pieces: ["FIX", "ME"], mend: FINISH },
    Word { scope: Rust, pieces: ["XX", "X"], mend: FINISH },
    Word { scope: Rust, pieces: ["HA", "CK"], mend: FINISH },
    Word { scope: Rust, pieces: ["#[ig", "nore"], mend: RUN },
    Word { scope: Rust, pieces: ["thread::", "sleep"], mend: CLOCK },
    Word { scope: Library, pieces: ["env::", "var"], mend: INPUT },
    Word { scope: Library, pieces: ["env::", "var_os"], mend: INPUT },
    Word { scope: Library, pieces: ["env::", "vars"], mend: INPUT },
    Word { scope: EveryFile, pieces: ["/wo", "rk/"], mend: PATH },
    Word { scope: EveryFile, pieces: ["/fa", "rm/"], mend: PATH },
    Word { scope: EveryFile, pieces: ["/ho", "me/"], mend: PATH },
    Word { scope: EveryFile, pieces: ["/ro", "ot/"], mend: PATH },
    Word { scope: EveryFile, pieces: ["/Us", "ers/"], mend: PATH },
    Word { scope: EveryFile, pieces: ["index.", "crates.io"], mend: HOST },
    Word { scope: EveryFile, pieces: ["static.", "crates.io"], mend: HOST },
    Word { scope: EveryFile, pieces: ["files.", "pythonhosted.org"], mend: HOST },
    Word { scope: EveryFile, pieces: ["registry.", "npmjs.org"], mend: HOST },
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files.iter().flat_map(|file| WORDS.iter().flat_map(move |word| find(file, word))).collect()
}

fn find(file: &File, word: &Word) -> Vec<Finding> {
    let looked_at = match word.scope {
        EveryFile => true,
        Rust => file.is_rust(),
        Library => file.is_source() && file.path.starts_with("crates/") && !file.path.starts_with(PROGRAM),
    };
    if !looked_at {
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
    fn every_word_is_rejected_in_a_library() {
        for word in WORDS {
            let text = word.pieces.concat();
            let line = format!("fn a() {{}}\n    // {text} (that)\n");
            assert_eq!(
                said(check, &[("crates/a/src/a.rs", &line)]),
                [format!("crates/a/src/a.rs:2: holds `{text}`")]
            );
        }
    }

    #[test]
    fn elsewhere_a_word_is_rejected_by_its_scope() {
        for word in WORDS {
            let line = format!("see {} there\n", word.pieces.concat());
            for path in [".ci/run", "docs/a.md", "Cargo.toml"] {
                let expected = usize::from(matches!(word.scope, EveryFile));
                assert_eq!(said(check, &[(path, &line)]).len(), expected, "{path}: {line}");
            }
            for path in [
                "xtask/src/a.rs",
                "crates/a/src/a/tests.rs",
                "crates/a/tests/a.rs",
                "crates/reweigh-cli/src/a.rs",
            ] {
                let expected = usize::from(matches!(word.scope, EveryFile | Rust));
                assert_eq!(said(check, &[(path, &line)]).len(), expected, "{path}: {line}");
            }
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
