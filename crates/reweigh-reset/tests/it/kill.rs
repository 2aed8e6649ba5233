//! A process that is killed in the middle of a reset.
//!
//! The child is this very test binary, asked through the environment to run one reset against a file. It stops at a
//! stage and says so; then it is killed.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use reweigh_reading::UserId;
use reweigh_reset::{
    BreakerSettings, Breakers, Commit, CommitFault, CommitPort, Fence, ResetLog, Sought, Stage, StateVersion,
    Target, Trace, TransactionResetter,
};
use reweigh_state::{AuditRecord, Checked, PlainResetter, ResetKind, ResetPlan, Resetter, UserState};

use crate::clock::Ticking;
use crate::life::{Life, balanced, day, expectations, fold_with, user};

const FOLDER: &str = "REWEIGH_TEST_KILL_FOLDER";
const STAGE: &str = "REWEIGH_TEST_KILL_STAGE";
/// Where the child stops in the commit: before the file is replaced, or after.
const STOPS: [&str; 7] =
    ["filter_reset", "adaptation_create", "buffer_update", "state_persist", "before", "written", "renamed"];

/// A store of one user in one file, replaced by renaming.
struct File {
    folder: PathBuf,
    stop: String,
}

impl File {
    fn path(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn reach(&self, place: &str) {
        if self.stop == place {
            eprintln!("reached {place}");
            // Waits to be killed: the parent keeps the other end open.
            let _ = std::io::stdin().read(&mut [0]);
        }
    }

    fn io(source: std::io::Error) -> CommitFault {
        CommitFault::Storage { action: "write the state", source: source.into() }
    }
}

impl Fence for &File {
    fn check(&mut self, stage: Stage) -> Result<(), CommitFault> {
        self.reach(stage.as_str());
        Ok(())
    }
}

impl CommitPort for &File {
    fn look(&mut self, _sought: &Sought<'_>) -> Result<Trace, CommitFault> {
        Err(CommitFault::Cancelled)
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault> {
        self.reach("before");
        let temporary = self.folder.join("state.new");
        fs::write(&temporary, commit.state.encode()).map_err(File::io)?;
        self.reach("written");
        fs::rename(&temporary, self.path()).map_err(File::io)?;
        self.reach("renamed");
        Ok(StateVersion::new(commit.base.get() + 1))
    }

    fn record(&mut self, _user: &UserId, _records: &[AuditRecord]) -> Result<(), CommitFault> {
        Ok(())
    }
}

/// The state before, and what the reset makes of it.
fn states() -> (UserState, ResetPlan, UserState) {
    let policy = balanced();
    let (prior, _) = fold_with(&Life::of("ada").daily(0, 20, 80.0).events(), &policy, &mut PlainResetter);
    let plan = ResetPlan::new(ResetKind::Hard, day(65.0), 45.0, &policy);
    let after = PlainResetter.reset(&prior, &plan, &policy).unwrap().state;
    (prior, plan, after)
}

/// Does nothing unless [`a_killed_process_leaves_the_old_bytes_or_the_new`] has started it.
#[test]
fn child() {
    let (Ok(folder), Ok(stop)) = (std::env::var(FOLDER), std::env::var(STAGE)) else { return };
    let file = File { folder: folder.into(), stop };
    let policy = balanced();
    let (_, plan, _) = states();
    let bytes = fs::read(file.path()).unwrap();
    let prior = Checked::decode(&bytes, &expectations(&policy)).unwrap();
    let (mut log, clock, mut fence) = (ResetLog::new(user("ada")), Ticking::new(), &file);
    let mut resetter = TransactionResetter::new(&mut log, &clock, &mut fence, 1);
    let applied = resetter.reset(&prior, &plan, &policy).unwrap();
    let staged = resetter.finish();
    let state = Checked::state(applied.state, &expectations(&policy)).unwrap();
    let breakers = Breakers::new(BreakerSettings::default().check().unwrap(), |_| {});
    let target = Target { base: StateVersion::default(), state: &state };
    staged.commit(&mut &file, &breakers, &clock, target).unwrap();
}

/// Whichever stage a process is killed at, the file holds the bytes from before; once the commit has replaced it,
/// those that were meant. Never anything between, and the next process goes on from there.
///
/// Proves C1, C3, W7.
#[test]
fn a_killed_process_leaves_the_old_bytes_or_the_new() {
    let (prior, _, after) = states();
    for stop in STOPS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::write(&path, prior.encode()).unwrap();
        assert!(killed_at(folder.path(), stop), "the child never reached {stop}");
        let expected = if stop == "renamed" { &after } else { &prior };
        assert_eq!(fs::read(&path).unwrap(), expected.encode(), "{stop}");

        fs::write(&path, prior.encode()).unwrap();
        assert!(!killed_at(folder.path(), "nowhere"), "{stop}");
        assert_eq!(fs::read(&path).unwrap(), after.encode(), "{stop}");
    }
}

/// Runs the child and kills it where it stops; false if it came to its end.
fn killed_at(folder: &Path, stop: &str) -> bool {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture"])
        .env(FOLDER, folder)
        .env(STAGE, stop)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let reached = lines.map_while(Result::ok).any(|line| line == format!("reached {stop}"));
    if reached {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert_eq!(status.success(), !reached, "{stop}: {status}");
    reached
}
