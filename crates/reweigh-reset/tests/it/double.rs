//! A store in memory that fails where and how it is told to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::resume_unwind;

use reweigh_reading::UserId;
use reweigh_reset::{Commit, CommitFault, CommitPort, Fence, Head, Stage, StateVersion};
use reweigh_state::{AuditRecord, Chain};

/// How to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fail {
    /// The work is called off.
    Error,
    /// The store panics.
    Panic,
    /// Its own check does not let the state in.
    Rejected,
    /// It can't write.
    Storage,
    /// Another commit of the user came first, and moved the state.
    Conflict,
    /// It fails after it has committed.
    UnknownMade,
    /// It fails and says it may have committed, and has not.
    UnknownNotMade,
    /// As before, and it can't be looked at either.
    Blind,
    /// It panics after it has committed.
    PanicMade,
}

/// What a store holds of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) head: Head,
    pub(crate) bytes: Vec<u8>,
}

/// The store. It is used through shared references, so that a fence and a port of it live side by side.
#[derive(Debug, Default)]
pub(crate) struct Double {
    rows: RefCell<BTreeMap<UserId, Row>>,
    audit: RefCell<Vec<(UserId, AuditRecord)>>,
    /// Fails at that stage, as often as that.
    pub(crate) plan: Cell<Option<(Stage, Fail, u32)>>,
    /// Does not answer when it is looked at.
    pub(crate) blind: Cell<bool>,
    /// Commits that were asked for, whatever became of them.
    pub(crate) asked: Cell<u64>,
}

impl Double {
    pub(crate) fn fail(&self, stage: Stage, fail: Fail, times: u32) {
        self.plan.set(Some((stage, fail, times)));
    }

    pub(crate) fn heal(&self) {
        self.plan.set(None);
        self.blind.set(false);
    }

    pub(crate) fn row(&self, user: &UserId) -> Option<Row> {
        self.rows.borrow().get(user).cloned()
    }

    pub(crate) fn version(&self, user: &UserId) -> StateVersion {
        self.row(user).map(|row| row.head.version).unwrap_or_default()
    }

    pub(crate) fn audit(&self) -> Vec<AuditRecord> {
        self.audit.borrow().iter().map(|(_, record)| record.clone()).collect()
    }

    /// Another commit of the same user, with a story of its own.
    pub(crate) fn overtake(&self, user: &UserId) -> StateVersion {
        let mut rows = self.rows.borrow_mut();
        let row =
            rows.entry(user.clone()).or_insert_with(|| Row { head: Head::default(), bytes: Vec::new() });
        row.head.version = StateVersion::new(row.head.version.get() + 1);
        row.head.chain = Chain::default().link(b"another");
        row.head.version
    }

    fn due(&self, stage: Stage) -> Option<Fail> {
        let (at, fail, times) = self.plan.get()?;
        if at != stage || times == 0 {
            return None;
        }
        self.plan.set(Some((at, fail, times - 1)));
        Some(fail)
    }

    fn apply(&self, commit: &Commit<'_>) -> StateVersion {
        let version = StateVersion::new(commit.base.get() + 1);
        let head = Head { version, chain: commit.state.chain };
        self.rows.borrow_mut().insert(commit.user.clone(), Row { head, bytes: commit.state.encode() });
        let records = commit.records.iter().map(|record| (commit.user.clone(), record.clone()));
        self.audit.borrow_mut().extend(records);
        version
    }
}

fn io() -> Box<dyn std::error::Error + Send + Sync> {
    "no space left on device".into()
}

impl Fence for &Double {
    fn check(&mut self, stage: Stage) -> Result<(), CommitFault> {
        match self.due(stage) {
            None => Ok(()),
            Some(Fail::Panic | Fail::PanicMade) => resume_unwind(Box::new("injected")),
            Some(Fail::Conflict) => {
                Err(CommitFault::Conflict { base: StateVersion::new(1), found: StateVersion::new(2) })
            }
            Some(Fail::Storage | Fail::UnknownMade | Fail::UnknownNotMade | Fail::Blind) => {
                Err(CommitFault::Storage { action: "read the version", source: io() })
            }
            Some(Fail::Error | Fail::Rejected) => Err(CommitFault::Cancelled),
        }
    }
}

impl CommitPort for &Double {
    fn head(&mut self, user: &UserId) -> Result<Head, CommitFault> {
        if self.blind.get() {
            return Err(CommitFault::Storage { action: "read the version", source: io() });
        }
        Ok(self.row(user).map(|row| row.head).unwrap_or_default())
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault> {
        self.asked.set(self.asked.get() + 1);
        let fail = self.due(Stage::Commit);
        if fail == Some(Fail::Conflict) {
            self.overtake(commit.user);
        }
        let found = self.version(commit.user);
        if found != commit.base {
            return Err(CommitFault::Conflict { base: commit.base, found });
        }
        match fail {
            None | Some(Fail::Conflict) => Ok(self.apply(commit)),
            Some(Fail::Error) => Err(CommitFault::Cancelled),
            Some(Fail::Panic) => resume_unwind(Box::new("injected")),
            Some(Fail::PanicMade) => {
                self.apply(commit);
                resume_unwind(Box::new("injected"))
            }
            Some(Fail::Rejected) => {
                Err(CommitFault::Rejected { why: "state.chain: of another user".to_owned() })
            }
            Some(Fail::Storage) => Err(CommitFault::Storage { action: "write the state", source: io() }),
            Some(Fail::UnknownMade) => {
                self.apply(commit);
                Err(CommitFault::Unknown { action: "commit", source: io() })
            }
            Some(Fail::UnknownNotMade) => Err(CommitFault::Unknown { action: "commit", source: io() }),
            Some(Fail::Blind) => {
                self.blind.set(true);
                Err(CommitFault::Unknown { action: "commit", source: io() })
            }
        }
    }

    fn record(&mut self, user: &UserId, records: &[AuditRecord]) -> Result<(), CommitFault> {
        if self.blind.get() {
            return Err(CommitFault::Storage { action: "append to the audit log", source: io() });
        }
        self.audit.borrow_mut().extend(records.iter().map(|record| (user.clone(), record.clone())));
        Ok(())
    }
}
