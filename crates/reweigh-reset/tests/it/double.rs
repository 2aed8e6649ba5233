//! A store in memory that fails where and how it is told to.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::resume_unwind;

use reweigh_reading::UserId;
use reweigh_reset::{Commit, CommitFault, CommitPort, Fence, Sought, Stage, StateVersion, Trace};
use reweigh_state::AuditRecord;

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
    /// It fails after it has committed, and another commit came after that one.
    Overtaken,
    /// It panics after it has committed, and another commit came after that one.
    PanicOvertaken,
    /// As overtaken, and the store keeps nothing that tells which commit made what.
    Lost,
    /// It fails before it has committed, and another writer commits the very same state.
    Twin,
}

/// By what it tells who made a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Memory {
    /// The correlation of each version.
    #[default]
    Correlations,
    /// The audit log alone.
    Audit,
    /// Nothing.
    None,
}

/// What a store holds of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    /// The correlation of the commit that made each version, from the first.
    made_by: Vec<u64>,
    pub(crate) bytes: Vec<u8>,
}

impl Row {
    pub(crate) fn version(&self) -> StateVersion {
        StateVersion::new(self.made_by.len() as u64)
    }

    /// Whether a commit of this correlation was made.
    pub(crate) fn was_made(&self, correlation: u64) -> bool {
        self.made_by.contains(&correlation)
    }
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
    pub(crate) memory: Cell<Memory>,
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
        self.row(user).unwrap_or_default().version()
    }

    pub(crate) fn audit(&self) -> Vec<AuditRecord> {
        self.audit.borrow().iter().map(|(_, record)| record.clone()).collect()
    }

    /// Another commit of the same user, which happens to leave the bytes as they are.
    pub(crate) fn overtake(&self, user: &UserId) {
        let mut rows = self.rows.borrow_mut();
        rows.entry(user.clone()).or_default().made_by.push(u64::MAX);
    }

    /// Another commit of the same user, which makes the very same state and has records of its own.
    fn twin(&self, commit: &Commit<'_>) {
        let mut records = commit.records.to_vec();
        for record in &mut records {
            record.correlation = u64::MAX;
        }
        self.apply(&Commit { records: &records, correlation: u64::MAX, ..*commit });
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
        let mut rows = self.rows.borrow_mut();
        let row = rows.entry(commit.user.clone()).or_default();
        row.made_by.push(commit.correlation);
        row.bytes = commit.state.encode();
        let records = commit.records.iter().map(|record| (commit.user.clone(), record.clone()));
        self.audit.borrow_mut().extend(records);
        row.version()
    }

    /// The steps of the port's documentation.
    fn trace(&self, sought: &Sought<'_>) -> Trace {
        let row = self.row(sought.user).unwrap_or_default();
        let (base, found) = (sought.base, row.version());
        let made = Trace::Made { version: StateVersion::new(base.get() + 1) };
        if found == base {
            return Trace::NotMade { found };
        }
        let told = || {
            let audit = self.audit.borrow();
            audit.iter().any(|(user, record)| user == sought.user && sought.is_told_by(record))
        };
        match self.memory.get() {
            Memory::Correlations if row.made_by[base.get() as usize] == sought.correlation => made,
            Memory::Correlations => Trace::NotMade { found },
            Memory::Audit if told() => made,
            Memory::Audit if !sought.records.is_empty() => Trace::NotMade { found },
            Memory::Audit | Memory::None => Trace::Lost { found },
        }
    }
}

fn io() -> Box<dyn std::error::Error + Send + Sync> {
    "no space left on device".into()
}

impl Fence for &Double {
    fn check(&mut self, stage: Stage) -> Result<(), CommitFault> {
        match self.due(stage) {
            None => Ok(()),
            Some(Fail::Panic | Fail::PanicMade | Fail::PanicOvertaken) => resume_unwind(Box::new("injected")),
            Some(Fail::Conflict) => {
                Err(CommitFault::Conflict { base: StateVersion::new(1), found: StateVersion::new(2) })
            }
            Some(
                Fail::Storage
                | Fail::UnknownMade
                | Fail::UnknownNotMade
                | Fail::Blind
                | Fail::Overtaken
                | Fail::Lost
                | Fail::Twin,
            ) => Err(CommitFault::Storage { action: "read the version", source: io() }),
            Some(Fail::Error | Fail::Rejected) => Err(CommitFault::Cancelled),
        }
    }
}

impl CommitPort for &Double {
    fn look(&mut self, sought: &Sought<'_>) -> Result<Trace, CommitFault> {
        if self.blind.get() {
            return Err(CommitFault::Storage { action: "read the version", source: io() });
        }
        Ok(self.trace(sought))
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
            Some(Fail::Overtaken) => {
                self.apply(commit);
                self.overtake(commit.user);
                Err(CommitFault::Unknown { action: "commit", source: io() })
            }
            Some(Fail::PanicOvertaken) => {
                self.apply(commit);
                self.overtake(commit.user);
                resume_unwind(Box::new("injected"))
            }
            Some(Fail::Lost) => {
                self.apply(commit);
                self.overtake(commit.user);
                self.memory.set(Memory::None);
                Err(CommitFault::Unknown { action: "commit", source: io() })
            }
            Some(Fail::Twin) => {
                self.twin(commit);
                Err(CommitFault::Unknown { action: "commit", source: io() })
            }
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
