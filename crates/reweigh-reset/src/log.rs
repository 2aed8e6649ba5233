//! Where transactions that did not commit leave their records, however they ended.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{AuditKind, AuditOutcome, AuditRecord};

use crate::breaker::{Breakers, OperationKind};
use crate::error::ResetError;
use crate::fault::CommitFault;
use crate::port::CommitPort;
use crate::stuck::{Resolved, Stuck};
use crate::trail::Trail;

/// How a user's resets ended, counted. Every transaction that was opened is in exactly one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResetTally {
    /// Resets that were settled before just so, and went the plain way.
    pub unchanged: u64,
    /// Transactions that were begun.
    pub opened: u64,
    /// Committed.
    pub committed: u64,
    /// Refused, because the result would have broken a rule, and the refusal committed or handed back.
    pub refused: u64,
    /// Rolled back by an error, a panic or a drop.
    pub rolled_back: u64,
    /// Given up without a trace, because a breaker is open or it was a dry run.
    pub held_back: u64,
    /// Neither: see [`Stuck`].
    pub stuck: u64,
}

impl ResetTally {
    /// Transactions that are still open: none once nothing holds the log any more.
    ///
    /// ```
    /// use reweigh_reset::ResetTally;
    ///
    /// let tally = ResetTally { opened: 3, committed: 2, rolled_back: 1, ..ResetTally::default() };
    /// assert_eq!(tally.open(), 0);
    /// ```
    pub fn open(&self) -> u64 {
        let ended = self.committed + self.refused + self.rolled_back + self.held_back + self.stuck;
        self.opened.saturating_sub(ended)
    }
}

/// The records of one user's transactions that did not commit, and how all of them ended.
///
/// It lies outside of the transactions, which borrow it. So a record is there after an error, after `?`, after
/// a drop, and after a panic that somebody further out caught; a killed process leaves nothing, and needs not.
#[derive(Debug, Default)]
pub struct ResetLog {
    records: Vec<AuditRecord>,
    stuck: Vec<Stuck>,
    pub(crate) tally: ResetTally,
}

impl ResetLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// What failed and is not written yet.
    pub fn records(&self) -> &[AuditRecord] {
        &self.records
    }

    /// How the transactions ended.
    pub fn tally(&self) -> ResetTally {
        self.tally
    }

    /// Commits of which nobody knows whether they were made. While there is one of a user, no other commit of that
    /// user is tried: [look](Self::resolve) first.
    pub fn stuck(&self) -> &[Stuck] {
        &self.stuck
    }

    /// Looks what became of those commits. What turns out to be rolled back is in the [records](Self::records)
    /// then.
    ///
    /// # Errors
    ///
    /// The store failed again, and of what is still [stuck](Self::stuck) nobody knows more than before. Try again
    /// later, or open the store anew: it knows then.
    pub fn resolve<P: CommitPort + ?Sized>(&mut self, port: &mut P) -> Result<Vec<Resolved>, CommitFault> {
        let mut resolved = Vec::with_capacity(self.stuck.len());
        while let Some(stuck) = self.stuck.first() {
            let how = stuck.look(port)?;
            let stuck = self.stuck.remove(0);
            let count = stuck.records().len() as u64;
            self.tally.stuck -= count;
            if matches!(how, Resolved::Committed { .. }) {
                self.tally.committed += count;
            } else {
                self.tally.rolled_back += count;
                self.records.extend(stuck.into_rolled_back());
            }
            resolved.push(how);
        }
        Ok(resolved)
    }

    pub(crate) fn put_stuck(&mut self, stuck: Stuck) {
        self.stuck.push(stuck);
    }

    /// Adds a record that belongs to no commit.
    pub fn push(&mut self, record: AuditRecord) {
        self.records.push(record);
    }

    /// Writes what failed and is not written yet.
    ///
    /// # Errors
    ///
    /// The breaker of audit commits is open, or the store failed. The records stay for the next time; after
    /// [`CommitFault::Unknown`](crate::CommitFault::Unknown) they may then be there twice, and say so by their
    /// correlation and instant.
    pub fn flush<P: CommitPort + ?Sized>(
        &mut self,
        port: &mut P,
        user: &UserId,
        breakers: &Breakers,
        now: Instant,
    ) -> Result<(), ResetError> {
        if self.records.is_empty() {
            return Ok(());
        }
        let permit = breakers.of(OperationKind::AuditCommit).acquire(now)?;
        match port.record(user, &self.records) {
            Ok(()) => {
                permit.succeed(now);
                self.records.clear();
                Ok(())
            }
            Err(fault) => {
                permit.fail(fault.class(), now);
                Err(ResetError::AuditFault { user: user.clone(), waiting: self.records.len(), source: fault })
            }
        }
    }

    /// A transaction whose last checkpoint says why ended without commit.
    pub(crate) fn rolled_back(&mut self, trail: &Trail) {
        self.tally.rolled_back += 1;
        self.records.push(trail.record(AuditKind::ResetFailed, AuditOutcome::RolledBack));
    }
}
