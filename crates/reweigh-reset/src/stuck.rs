//! A rollback that itself met a fault.

use reweigh_reading::UserId;
use reweigh_state::{AuditOutcome, AuditRecord, Chain};

use crate::fault::CommitFault;
use crate::open::Committing;
use crate::port::{CommitPort, Head, StateVersion};

/// A commit of which nobody knows whether it was made: it failed or a panic went by, and the look that would
/// tell failed too.
///
/// Rolling back undoes nothing, so all that can go wrong with it is this: not knowing that nothing is there to
/// undo. The state is whole either way, the one before or the one that was meant. Until a look succeeds the user
/// must not be committed again; what was settled last is still served.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    user: UserId,
    base: StateVersion,
    meant: Chain,
    correlation: u64,
    why: String,
    records: Vec<AuditRecord>,
}

/// What a look at the store found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// The commit was made after all, audit included.
    Committed {
        /// The version it made.
        version: StateVersion,
    },
    /// The commit was not made. Its records are in the log.
    RolledBack,
    /// Somebody else has moved the state since, and whether by way of this commit no longer matters. Its records
    /// are in the log. Fold again.
    Superseded {
        /// What is settled now.
        head: Head,
    },
}

impl Stuck {
    pub(crate) fn new(committing: Committing, why: String, records: Vec<AuditRecord>) -> Self {
        let Committing { user, base, meant, correlation } = committing;
        Self { user, base, meant, correlation, why, records }
    }

    /// Whose state.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The version the commit stood on.
    pub fn base(&self) -> StateVersion {
        self.base
    }

    /// What ties it to spans and logs.
    pub fn correlation(&self) -> u64 {
        self.correlation
    }

    /// What the commit said.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The records of its transactions as things stand: outcome `stuck`.
    pub fn records(&self) -> &[AuditRecord] {
        &self.records
    }

    /// Looks whether the commit was made.
    pub(crate) fn look<P: CommitPort + ?Sized>(&self, port: &mut P) -> Result<Resolved, CommitFault> {
        let head = port.head(&self.user)?;
        Ok(match found(head, self.base, self.meant) {
            Found::Made => Resolved::Committed { version: head.version },
            Found::NotMade => Resolved::RolledBack,
            Found::Other => Resolved::Superseded { head },
        })
    }

    /// Its records, now that it is known that they were rolled back.
    pub(crate) fn into_rolled_back(mut self) -> Vec<AuditRecord> {
        for record in &mut self.records {
            record.outcome = AuditOutcome::RolledBack;
        }
        self.records
    }
}

/// What a head says of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Made,
    NotMade,
    Other,
}

/// Whether a commit on `base` that meant a chain was made.
pub(crate) fn found(head: Head, base: StateVersion, meant: Chain) -> Found {
    if head.version == base {
        Found::NotMade
    } else if head.chain == meant {
        Found::Made
    } else {
        Found::Other
    }
}
