//! A rollback that itself met a fault.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{AuditOutcome, AuditRecord};

use crate::fault::CommitFault;
use crate::open::Committing;
use crate::port::{CommitPort, Sought, StateVersion, Trace};

/// A commit of which nobody knows whether it was made: it failed or a panic went by, and the look that would
/// tell failed too.
///
/// Rolling back undoes nothing, so all that can go wrong with it is this: not knowing that nothing is there to
/// undo. The state is whole either way, the one before or the one that was meant. Until a look succeeds, or an operator
/// [lets go](crate::ResetLog::let_go), the user must not be committed again; what was settled last is still served.
#[derive(Debug, Clone, PartialEq)]
pub struct Stuck {
    user: UserId,
    commit: Committing,
    why: String,
    records: Vec<AuditRecord>,
}

/// What a look at the store found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// The commit was made after all, audit included, whatever came after it.
    Committed {
        /// The version it made.
        version: StateVersion,
    },
    /// The commit was not made, and neither was another. That it was rolled back is in the log.
    RolledBack,
    /// The commit was not made: another came first. That it was rolled back is in the log. Fold again.
    Superseded {
        /// What is settled now.
        found: StateVersion,
    },
    /// The state was moved on since, and the store has lost what would tell whether by way of this commit. It can't be
    /// made any more, so the user is free. Its records stay `stuck`. Fold again.
    Untold {
        /// What is settled now.
        found: StateVersion,
    },
}

impl Stuck {
    pub(crate) fn new(user: UserId, commit: Committing, why: String, records: Vec<AuditRecord>) -> Self {
        Self { user, commit, why, records }
    }

    /// Whose state.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The version the commit stood on.
    pub fn base(&self) -> StateVersion {
        self.commit.base
    }

    /// What ties it to spans and logs.
    pub fn correlation(&self) -> u64 {
        self.commit.correlation
    }

    /// What the commit said.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The records of its transactions as things stand: outcome `stuck`.
    pub fn records(&self) -> &[AuditRecord] {
        &self.records
    }

    /// What to look for.
    pub fn sought(&self) -> Sought<'_> {
        self.commit.sought(&self.user)
    }

    /// Looks whether the commit was made.
    pub(crate) fn look<P: CommitPort + ?Sized>(&self, port: &mut P) -> Result<Resolved, CommitFault> {
        let sought = self.sought();
        Ok(resolved(port.look(&sought)?, &sought))
    }

    /// Its records, now that it is known that they were rolled back.
    pub(crate) fn into_rolled_back(mut self, now: Instant) -> Vec<AuditRecord> {
        for record in &mut self.records {
            (record.outcome, record.recorded) = (AuditOutcome::RolledBack, now);
        }
        self.records
    }
}

/// What a trace says of a commit.
pub(crate) fn resolved(trace: Trace, sought: &Sought<'_>) -> Resolved {
    match trace {
        Trace::Made { version } => Resolved::Committed { version },
        Trace::NotMade { found } if found == sought.base => Resolved::RolledBack,
        // A commit that would have told nobody anything leaves nothing in doubt once it can't be made any more.
        Trace::Lost { found } if sought.records.is_empty() => Resolved::Superseded { found },
        Trace::NotMade { found } => Resolved::Superseded { found },
        Trace::Lost { found } => Resolved::Untold { found },
    }
}
