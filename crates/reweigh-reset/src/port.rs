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

/// What a store has settled of a user: which version, and the chain of its story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// The version of the settled state.
    pub version: StateVersion,
    /// Its chain. Equal chains are equal stories, so it tells whether a commit is the one that was meant.
    pub chain: Chain,
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
    /// What ties it to spans and logs.
    pub correlation: u64,
}

/// What a commit needs of a store.
///
/// An implementation does all of a [`Commit`] in one transaction. It may panic; whoever commits is then
/// [stuck](crate::Stuck) and looks before going on.
pub trait CommitPort {
    /// What is settled of a user now.
    ///
    /// # Errors
    ///
    /// The store failed, or was not to be had in time.
    fn head(&mut self, user: &UserId) -> Result<Head, CommitFault>;

    /// Replaces the settled state of a user, if it still has the version that the commit names.
    ///
    /// # Errors
    ///
    /// [`CommitFault::Conflict`] if it has another; [`CommitFault::Unknown`] if the commit may have been
    /// made all the same. After any other nothing was changed.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault>;

    /// Writes records about a user that belong to no commit: what failed.
    ///
    /// # Errors
    ///
    /// The store failed. Some of the records may have been written only after [`CommitFault::Unknown`].
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
