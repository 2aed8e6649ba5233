//! A source file has one job, and a file that is too long has two. A long list of test cases is no second job.

use crate::file::File;
use crate::finding::Finding;

const LINES_MAX: usize = 600;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_source())
        .filter_map(|file| {
            let lines = file.lines().count();
            (lines > LINES_MAX).then(|| {
                let what = format!("has {lines} lines, more than {LINES_MAX}");
                Finding::new(&file.path, LINES_MAX + 1, what, "split it by job")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    #[test]
    fn the_longest_file_passes_and_one_line_more_is_rejected() {
        let (most, more) = ("x\n".repeat(LINES_MAX), "x\n".repeat(LINES_MAX + 1));
        assert_eq!(said(check, &[("crates/a/src/b.rs", &most)]), [""; 0]);
        for path in ["crates/a/src/b.rs", "crates/a/src/b/c.rs", "xtask/src/b.rs"] {
            assert_eq!(said(check, &[(path, &more)]), [format!("{path}:601: has 601 lines, more than 600")]);
        }
    }

    #[test]
    fn tests_benches_and_other_files_may_be_long() {
        let more = "x\n".repeat(LINES_MAX + 1);
        for path in [
            "crates/a/src/b/tests.rs",
            "crates/a/src/tests/b.rs",
            "crates/a/tests/b.rs",
            "crates/a/benches/b.rs",
            "crates/a/src/b.csv",
        ] {
            assert_eq!(said(check, &[(path, &more)]), [""; 0], "{path}");
        }
    }
}
