//! What is wrong with a file, and where.

use std::fmt;

/// The rule that a finding is about. Its [`code`](Rule::code) is stable: scripts and documents may use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The file is UTF-8 and not empty.
    Content,
    /// A version that this program understands.
    Version,
    /// `# Workflow: NAME`, once, before the first section.
    Title,
    /// `**Workflow ID:**`, once.
    WorkflowId,
    /// `**Status:** Wave X/Y`, once, X at most Y.
    Status,
    /// `**Started:**` and `**Updated:**`, once each, in this order of time.
    Timestamp,
    /// Each section at most once; in the present format all of them.
    Section,
    /// `[x]`, `[~]`, `[ ]` or `[!]`, as the section wants it.
    Checkbox,
    /// Every task has an id, and no two the same.
    TaskId,
    /// Waves are counted from 1 and none is beyond the last.
    Wave,
    /// What stands below a task, once each.
    Detail,
    /// Keys of the metadata, once each.
    Metadata,
    /// A fenced block or a comment has an end.
    Unclosed,
    /// The file says exactly what the program meant to write.
    RoundTrip,
}

impl Rule {
    /// A stable name in lower case.
    pub fn code(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Version => "version",
            Self::Title => "title",
            Self::WorkflowId => "workflow-id",
            Self::Status => "status",
            Self::Timestamp => "timestamp",
            Self::Section => "section",
            Self::Checkbox => "checkbox",
            Self::TaskId => "task-id",
            Self::Wave => "wave",
            Self::Detail => "detail",
            Self::Metadata => "metadata",
            Self::Unclosed => "unclosed",
            Self::RoundTrip => "round-trip",
        }
    }
}

/// One thing that is wrong: the line, the rule, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The line, counted from 1.
    pub line: usize,
    /// Which rule is broken.
    pub rule: Rule,
    /// What was found and what should stand there.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} ({})", self.line, self.message, self.rule.code())
    }
}

/// All findings about one file, in the order of its lines. Never empty.
///
/// At most [`Findings::COUNT_MAX`] are kept; [`Findings::total`] counts them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    kept: Vec<Finding>,
    total: usize,
}

impl Findings {
    /// How many findings are kept.
    pub const COUNT_MAX: usize = 1_000;

    /// The findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.kept.iter()
    }

    /// How many there are, those not kept included.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    /// The findings, separated by `; `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.kept.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}{finding}")?;
        }
        let more = self.total - self.kept.len();
        if more > 0 { write!(f, "; and {more} more") } else { Ok(()) }
    }
}

impl std::error::Error for Findings {}

/// Findings while they are collected.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    kept: Vec<Finding>,
    total: usize,
}

impl Collected {
    pub(crate) fn add(&mut self, line: usize, rule: Rule, message: impl Into<String>) {
        self.total += 1;
        if self.kept.len() < Findings::COUNT_MAX {
            self.kept.push(Finding { line, rule, message: message.into() });
        }
    }

    /// The findings; this one if there are none.
    pub(crate) fn into_findings_or(mut self, line: usize, rule: Rule, message: &str) -> Findings {
        if self.kept.is_empty() {
            self.add(line, rule, message);
        }
        Findings { total: self.total, kept: self.sorted() }
    }

    fn sorted(mut self) -> Vec<Finding> {
        self.kept.sort_by_key(|finding| finding.line);
        self.kept
    }
}

impl From<Collected> for Result<(), Findings> {
    fn from(collected: Collected) -> Self {
        if collected.kept.is_empty() {
            return Ok(());
        }
        Err(Findings { total: collected.total, kept: collected.sorted() })
    }
}
