//! What a rule found: where, what, and what to do.

use std::fmt;

use crate::task::Outcome;

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// From 1; 1 also stands for the file as a whole.
    pub(crate) line: usize,
    pub(crate) what: String,
    /// What to do about it, in the imperative.
    pub(crate) mend: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), mend: mend.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path, self.line, self.what, self.mend)
    }
}

/// Fails with every finding, or goes well with `said`.
pub(crate) fn none_or_all(findings: &[Finding], said: impl FnOnce() -> String) -> Outcome {
    if findings.is_empty() {
        return Ok(said());
    }
    let mut lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    lines.push(match findings.len() {
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    });
    Err(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_is_said_with_its_place_and_its_mending() {
        let findings = [
            Finding::new("docs/a.md", 3, "the link leads nowhere", "mend it"),
            Finding::new("xtask", 1, "it is big", "split it"),
        ];
        assert_eq!(
            none_or_all(&findings, String::new),
            Err("docs/a.md:3: the link leads nowhere; mend it\nxtask:1: it is big; split it\n2 findings"
                .to_owned())
        );
    }

    #[test]
    fn no_finding_is_good() {
        assert_eq!(none_or_all(&[], || "3 files".to_owned()), Ok("3 files".to_owned()));
    }
}
