//! The note beside a store that says who has it open.

use std::fmt;

/// Who has a store open. It is believed only while the file's lock is held, so it cannot lie after a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The process.
    pub pid: u32,
    /// The machine.
    pub host: String,
    /// Since when, as text.
    pub since: String,
}

impl Owner {
    /// The note: one line each.
    pub(crate) fn note(&self) -> String {
        let line = |text: &str| text.replace(['\n', '\r'], " ");
        format!("reweigh owner 1\n{}\n{}\n{}\n", self.pid, line(&self.host), line(&self.since))
    }

    /// The owner of a note, if it is a whole one.
    pub(crate) fn of_note(note: &str) -> Option<Self> {
        let mut lines = note.strip_suffix('\n')?.split('\n');
        let head = lines.next()?;
        let (pid, host, since) = (lines.next()?, lines.next()?, lines.next()?);
        if head != "reweigh owner 1" || lines.next().is_some() {
            return None;
        }
        Some(Self { pid: pid.parse().ok()?, host: host.to_owned(), since: since.to_owned() })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {} on {} since {}", self.pid, self.host, self.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_whole_or_not_at_all() {
        let owner = Owner { pid: 7, host: "a\nb".to_owned(), since: "2026-01-01T07:00:00Z".to_owned() };
        let note = owner.note();
        let read = Owner::of_note(&note).unwrap();
        assert_eq!(read.to_string(), "pid 7 on a b since 2026-01-01T07:00:00Z");
        for end in 0..note.len() {
            assert_eq!(Owner::of_note(&note[..end]), None);
        }
    }
}
