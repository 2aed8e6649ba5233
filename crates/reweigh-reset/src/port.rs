//! The small port through which a commit reaches a store.

use std::fmt;

use reweigh_reading::UserId;
use reweigh_state::{AuditRecord, Chain, Checked, UserState};

use crate::checkpoint::Stage;
use crate::fault::CommitFault;

/// How often a user's settled state was replaced; 0 while there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StateVersion(u64);

impl StateVersion {
    /// The version of a number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for StateVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything that one commit makes visible, all of it or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// Whose state.
    pub user: &'a UserId,
    /// The version it replaces; any other is a [conflict](CommitFault::Conflict).
    pub base: StateVersion,
    /// The state.
    pub state: &'a Checked<UserState>,
    /// What the audit log gets in the same transaction.
    pub records: &'a [AuditRecord],
    /// What ties it to spans and logs, and tells it from other commits on the same base.
    pub correlation: u64,
}

/// A commit that was handed to a store and has not come back, as it is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Whose state.
    pub user: &'a UserId,
    /// The version it stood on. If it was made, it made the next one.
    pub base: StateVersion,
    /// The chain of its state. Another commit may have made an equal state, so it can only speak against.
    pub chain: Chain,
    /// What tells it from other commits on the same base.
    pub correlation: u64,
    /// What the audit log got with it, if it was made.
    pub records: &'a [AuditRecord],
}

impl Sought<'_> {
    /// Whether a record of the user's audit log was written by this commit. One is enough: all of them are written
    /// in its transaction. What failed is written with the same correlation and with another outcome, and is none.
    ///
    /// ```
    /// use reweigh_reset::{Sought, StateVersion};
    /// use reweigh_reading::{Instant, UserId};
    /// use reweigh_state::{AuditActor, AuditKind, AuditOutcome, AuditRecord, Chain};
    ///
    /// let written = AuditRecord {
    ///     kind: AuditKind::ResetNew,
    ///     reset: None,
    ///     who: AuditActor::Step,
    ///     effective: Instant::UNIX_EPOCH,
    ///     recorded: Instant::UNIX_EPOCH,
    ///     reason: "the first reading".to_owned(),
    ///     outcome: AuditOutcome::Committed,
    ///     steps: Vec::new(),
    ///     micros: 0,
    ///     correlation: 7,
    /// };
    /// let failed = AuditRecord { outcome: AuditOutcome::Stuck, ..written.clone() };
    /// let sought = Sought {
    ///     user: &UserId::new("ada")?,
    ///     base: StateVersion::new(3),
    ///     chain: Chain::default(),
    ///     correlation: 7,
    ///     records: &[written.clone()],
    /// };
    /// assert!(sought.is_told_by(&written) && !sought.is_told_by(&failed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_told_by(&self, record: &AuditRecord) -> bool {
        self.records.contains(record)
    }
}

/// What a store knows of a commit that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// It was made, whatever came after it.
    Made {
        /// The version it made.
        version: StateVersion,
    },
    /// It was not made, and never will be.
    NotMade {
        /// What is settled: the base, or what another commit made.
        found: StateVersion,
    },
    /// The base was replaced, and nothing is kept any more that tells by which commit.
    Lost {
        /// What is settled.
        found: StateVersion,
    },
}

/// What a commit needs of a store.
///
/// An implementation does all of a [`Commit`] in one transaction. It may panic; whoever commits is then
/// [stuck](crate::Stuck) and looks before going on.
///
/// # How to look
///
/// What [`look`](Self::look) says ends up in the audit log, so it says only what it knows. Whether the commit was made
/// is told by its own marks, in this order:
///
/// 1. The settled version is the base: `NotMade`. But a commit that may still be on its way, in a queue or in a writer
///    that was given up on, is none that was not made: end it, or fail with [`CommitFault::Timeout`].
/// 2. The store keeps the correlation of each version: that of the version after the base is the commit's, `Made`, or
///    another's, `NotMade`.
/// 3. It keeps none, and the audit log has a record that [tells of the commit](Sought::is_told_by): `Made`.
/// 4. The commit had records, the audit log has none of them, and it still goes back to before they were recorded:
///    `NotMade`.
/// 5. The state after the base has another chain: `NotMade`. An equal one proves nothing: who folds the same facts
///    gets the same chain, and has other records.
/// 6. Otherwise, `Lost`: nothing of it is kept, the user was erased, the records were trimmed, there were none.
///
/// The answer is one moment of the store: read version and audit log in one transaction.
pub trait CommitPort {
    /// Looks whether a commit was made. It changes nothing.
    ///
    /// # Errors
    ///
    /// The store failed, or was not to be had in time: nobody knows more than before.
    fn look(&mut self, sought: &Sought<'_>) -> Result<Trace, CommitFault>;

    /// Replaces the settled state of a user, if it still has the version that the commit names, by the next version.
    ///
    /// It is tried once. A second try that finds the first one's work would take it for somebody else's.
    ///
    /// # Errors
    ///
    /// [`CommitFault::Conflict`] if it has another version; [`CommitFault::Unknown`] if the commit may have been made
    /// all the same, now or later: also when whoever waits for it gives up. After any other nothing was changed.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault>;

    /// Writes records about a user that belong to no commit: what failed.
    ///
    /// # Errors
    ///
    /// The store failed. After [`CommitFault::Unknown`] the records may have been written; otherwise none was.
    fn record(&mut self, user: &UserId, records: &[AuditRecord]) -> Result<(), CommitFault>;
}

/// Says after each stage of a transaction whether the work is still worth going on with.
///
/// A long replay that has lost its base, or whose store is gone, need not open another transaction. What a
/// fence says never changes what a fold decides: it only keeps the result from being committed.
pub trait Fence {
    /// Whether to go on after a stage.
    ///
    /// # Errors
    ///
    /// Why not.
    fn check(&mut self, stage: Stage) -> Result<(), CommitFault>;
}

/// A fence that always says yes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unfenced;

impl Fence for Unfenced {
    fn check(&mut self, _stage: Stage) -> Result<(), CommitFault> {
        Ok(())
    }
}
