//! A folder with a store in it, and the program run there with nothing else around it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The instant that runs take it to be, so that everything that is written down is the same each time.
pub(crate) const NOW: &str = "2024-12-31T00:00:00Z";

/// A folder, empty at first.
pub(crate) struct Place {
    folder: TempDir,
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder in which the sample was run.
    pub(crate) fn with_sample() -> Self {
        let place = Self::new();
        place.run(&["run", &sample(), "--now", NOW]).done();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program, in this folder, in an empty environment.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reweigh"));
        command.args(words).env_clear().current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Said {
        Said::of(self.command(words).output().unwrap())
    }

    /// The program, started, with all three ends in our hands.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, words: &[S]) -> Child {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Runs a file and gives the summary.
    pub(crate) fn take(&self, words: &[&str]) -> Value {
        let mut all = vec!["run", "--json", "--now", NOW];
        all.extend(words);
        self.run(&all).json()
    }

    pub(crate) fn digest(&self) -> String {
        self.run(&["digest"]).done().trim().to_owned()
    }
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What was said on standard output by a program that was done.
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// The same, as JSON.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// The one line of an error, of a program that ended so.
    pub(crate) fn error(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        let lines: Vec<&str> = self.err.lines().collect();
        let [.., last] = lines.as_slice() else { panic!("nothing was said") };
        assert!(last.starts_with("reweigh: "), "{last}");
        (*last).to_owned()
    }
}

/// The sample that is shipped.
pub(crate) fn sample() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/readings.csv").display().to_string()
}

/// Every row is accounted for.
pub(crate) fn adds_up(summary: &Value) {
    let parts = [
        "accepted",
        "rejected",
        "held",
        "duplicate",
        "superseded",
        "retracted",
        "correction",
        "refused",
        "unsettled",
    ];
    let sum: u64 = parts.iter().map(|part| summary[part].as_u64().unwrap()).sum();
    assert_eq!(summary["read"].as_u64().unwrap(), sum, "{summary}");
}

/// Text without what differs from run to run: how long it took, where the repository is, how large a file is.
pub(crate) fn fixed(text: &str) -> String {
    let sample = sample();
    let mut fixed = String::new();
    // Rows of one file reach their user in one piece or in several, and only in the latter case some of them are late.
    let text = text.replace("late or corrected facts", "new facts");
    for line in text.replace(&sample, "sample/readings.csv").lines() {
        let line = match line.rsplit_once(" in ") {
            Some((head, time)) if time.ends_with(" s") => format!("{head} in 0.00 s"),
            _ if line.starts_with("file  ") => "file         (so many bytes)".to_owned(),
            _ if line.starts_with("last commit  ") => "last commit  (then)".to_owned(),
            _ if line.starts_with("revisions  ") => "revisions    (one for each user and commit)".to_owned(),
            // How often late rows were replayed is a matter of time.
            _ if line.contains(" users, ") || line.contains(" user, ") => {
                let lasting =
                    line.split(", ").filter(|it| !it.contains("replay") && !it.contains("revision"));
                lasting.collect::<Vec<_>>().join(", ")
            }
            _ => line.to_owned(),
        };
        fixed.push_str(&line);
        fixed.push('\n');
    }
    fixed
}
