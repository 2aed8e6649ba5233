//! Processes of their own: this test program again, told by its environment what to do.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use reweigh_progress::{Label, Manager, Plan, Progress, ProgressError, Retry, Stamp};

const JOB: &str = "REWEIGH_CHILD";
const FILE: &str = "REWEIGH_STATE";

#[expect(clippy::disallowed_methods, reason = "the clock adapter of these tests")]
pub(crate) fn now() -> Stamp {
    SystemTime::now().into()
}

/// A manager that waits longer than it does by default. On a disk that is shared with other work a single sync may
/// take several seconds, and that is not what these tests are about.
pub(crate) fn manager(path: &Path) -> Manager {
    Manager::new(path, (now, std::thread::park_timeout)).with_retry(Retry { retries: 6, ..Retry::default() })
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn plan() -> Plan {
    Plan::new(label("Backfill"), label("bf-7"), 2)
        .task(1, label("shard-0"), "fold users 0..999")
        .task(2, label("shard-1"), "fold the rest")
        .metadata(label("policy"), "balanced")
}

pub(crate) fn notes(progress: &Progress) -> Vec<String> {
    progress.notes().map(|note| note.text().to_owned()).collect()
}

/// The names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What stands beside a file that has a backup, and nothing else.
pub(crate) const TIDY: [&str; 4] = [".STATE.md.turn", "STATE.backup", "STATE.md", "STATE.md.lock"];

/// The command that runs `job` on `file` as a process of its own.
pub(crate) fn command(job: &str, file: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(ARGUMENTS).env(JOB, job).env(FILE, file);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The arguments that make the test program do a job.
pub(crate) const ARGUMENTS: [&str; 3] = ["--exact", "child::job", "--nocapture"];

/// A process that does a job.
pub(crate) struct Process {
    pub(crate) child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn spawn(job: &str, file: &Path) -> Self {
        Self::run(&mut command(job, file))
    }

    pub(crate) fn run(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output: BufReader::new(output) }
    }

    /// The next thing that the process says; none when it has ended.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.output.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // A line cut off by a kill was not said.
            if let Some((_, said)) = line.split_once("say ").filter(|_| line.ends_with('\n')) {
                return Some(said.trim_end().to_owned());
            }
        }
    }

    /// Lets the process go on that waits for a word.
    pub(crate) fn tell(&mut self) {
        writeln!(self.input, "go on").unwrap();
    }

    /// All it has still to say; it must end well.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let said = std::iter::from_fn(|| self.hear()).collect();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {said:?}");
        said
    }
}

/// However a test ends, its processes do.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::print_stdout, reason = "how a process of these tests talks to the one that started it")]
fn say(text: &str) {
    println!("say {text}");
}

fn listen() {
    std::io::stdin().lock().read_line(&mut String::new()).unwrap();
}

/// Does a job where the environment names one; else checks that jobs are done.
#[test]
fn job() {
    if let (Ok(job), Ok(file)) = (std::env::var(JOB), std::env::var(FILE)) {
        println!();
        return work(&job, &file);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("STATE.md");
    manager(&path).initialize(&plan()).unwrap();
    assert_eq!(Process::spawn("notes 2 w", &path).finish(), ["w 0", "w 1"]);
    assert_eq!(notes(&manager(&path).load().unwrap()), ["w 0", "w 1"]);
}

fn work(job: &str, file: &str) {
    let manager = manager(Path::new(file));
    let (job, argument) = job.split_once(' ').unwrap_or((job, ""));
    match job {
        // Adds so many notes.
        "notes" => {
            let (count, name) = argument.split_once(' ').unwrap();
            for number in 0..count.parse::<usize>().unwrap() {
                manager.add_note(&format!("{name} {number}")).unwrap();
                say(&format!("{name} {number}"));
            }
        }
        // Holds the lock in the middle of a change until it is told to go on.
        "hold" => {
            let mut tries = 0;
            manager
                .update(|progress| {
                    tries += 1;
                    if tries == 1 {
                        say("holding");
                        listen();
                    }
                    progress.add_note(now(), "from the holder");
                    Ok(())
                })
                .unwrap();
            say("done");
        }
        // Adds notes until the disk is full, then says what happened.
        "fill" => {
            manager.initialize(&plan()).unwrap();
            let mut written = 0;
            let fault = loop {
                match manager.add_note(&"full ".repeat(400)) {
                    Ok(()) => written += 1,
                    Err(fault) => break fault,
                }
            };
            say(kind(&fault));
            assert_eq!(manager.load().unwrap().notes().count(), written);
            let backup = Path::new(file).with_extension("backup");
            assert!(Progress::parse(std::fs::read(backup).unwrap()).is_ok());
            assert_eq!(names(Path::new(file).parent().unwrap()), TIDY);
            say(if written > 5 { "whole" } else { "nothing was written" });
        }
        // Reads and changes, and says how each went.
        "try" => {
            say(manager.load().as_ref().map_or_else(kind, |_| "read"));
            say(manager
                .with_retry(Retry::never())
                .add_note("tried")
                .as_ref()
                .map_or_else(kind, |()| "written"));
        }
        _ => panic!("no such job: {job}"),
    }
}

/// The kind of an error, for those that these tests expect.
pub(crate) fn kind(fault: &ProgressError) -> &'static str {
    let kinds = [
        (matches!(fault, ProgressError::Denied { .. }), "denied"),
        (matches!(fault, ProgressError::ReadOnly { .. }), "read-only"),
        (matches!(fault, ProgressError::Full { .. }), "full"),
    ];
    let found = kinds.into_iter().find_map(|(is_it, kind)| is_it.then_some(kind));
    found.unwrap_or_else(|| panic!("{fault:?}"))
}
