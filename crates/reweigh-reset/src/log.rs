//! Where transactions that did not commit leave their records, however they ended.

use reweigh_reading::{Instant, Source, UserId};
use reweigh_state::{AuditActor, AuditKind, AuditOutcome, AuditRecord};

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
    /// Refused, because the result would have broken a rule, and the refusal committed or in the log.
    pub refused: u64,
    /// Rolled back by an error, a panic or a drop.
    pub rolled_back: u64,
    /// Given up without a trace, because a breaker is open or it was a dry run.
    pub held_back: u64,
    /// Nobody knows: see [`Stuck`]. Those that nobody will ever know stay here.
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
///
/// It is of one user, and so is all that is done with it: whose state is committed and whose records are written is
/// never said a second time. Keep it until it is [written](Self::flush) and nothing is [stuck](Self::stuck).
#[derive(Debug)]
#[must_use = "records that are not written are lost with it"]
pub struct ResetLog {
    user: UserId,
    records: Vec<AuditRecord>,
    stuck: Vec<Stuck>,
    pub(crate) tally: ResetTally,
}

impl ResetLog {
    /// An empty log of a user.
    pub fn new(user: UserId) -> Self {
        Self { user, records: Vec::new(), stuck: Vec::new(), tally: ResetTally::default() }
    }

    /// Whose it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// What failed and is not written yet.
    pub fn records(&self) -> &[AuditRecord] {
        &self.records
    }

    /// How the transactions ended.
    pub fn tally(&self) -> ResetTally {
        self.tally
    }

    /// Commits of which nobody knows whether they were made. While there is one no other is tried:
    /// [look](Self::resolve) first.
    pub fn stuck(&self) -> &[Stuck] {
        &self.stuck
    }

    /// Looks what became of those commits, the oldest first, and says it of each. That they were `stuck` is in the
    /// [records](Self::records) since they were; that one turned out to be rolled back is there now as well. One that
    /// turned out to be committed wrote its own records.
    ///
    /// # Errors
    ///
    /// The store failed at the first of them, and nobody knows more than before. If it fails at a later one, what was
    /// found out is returned, and the others are still [stuck](Self::stuck). Try again later, or open the store anew:
    /// it knows then.
    pub fn resolve<P: CommitPort + ?Sized>(
        &mut self,
        port: &mut P,
        now: Instant,
    ) -> Result<Vec<Resolved>, CommitFault> {
        let mut resolved = Vec::with_capacity(self.stuck.len());
        while let Some(stuck) = self.stuck.first() {
            let how = match stuck.look(port) {
                Ok(how) => how,
                Err(fault) if resolved.is_empty() => return Err(fault),
                Err(_) => break,
            };
            let stuck = self.stuck.remove(0);
            let count = stuck.records().len() as u64;
            match how {
                Resolved::Committed { .. } => {
                    self.tally.stuck -= count;
                    self.tally.committed += count;
                }
                Resolved::RolledBack | Resolved::Superseded { .. } => {
                    self.tally.stuck -= count;
                    self.tally.rolled_back += count;
                    self.records.extend(stuck.into_rolled_back(now));
                }
                Resolved::Untold { .. } => {}
            }
            resolved.push(how);
        }
        Ok(resolved)
    }

    /// Gives up on finding out what became of those commits, in an operator's name, and says how many there were. The
    /// user may be committed again: a commit names the version it stands on, so what was made is never overwritten
    /// unseen. The records stay `stuck`, and one more says who let go and why.
    pub fn let_go(&mut self, by: &Source, why: &str, now: Instant) -> usize {
        let stuck = std::mem::take(&mut self.stuck);
        let record = |stuck: &Stuck| AuditRecord {
            kind: AuditKind::ResetFailed,
            reset: None,
            who: AuditActor::Operator(by.clone()),
            effective: now,
            recorded: now,
            reason: format!("let go without knowing whether version {} was replaced: {why}", stuck.base()),
            outcome: AuditOutcome::Stuck,
            steps: Vec::new(),
            micros: 0,
            correlation: stuck.correlation(),
        };
        self.records.extend(stuck.iter().map(record));
        stuck.len()
    }

    pub(crate) fn put_stuck(&mut self, stuck: impl IntoIterator<Item = Stuck>) {
        self.stuck.extend(stuck);
    }

    pub(crate) fn extend(&mut self, records: impl IntoIterator<Item = AuditRecord>) {
        self.records.extend(records);
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
        breakers: &Breakers,
        now: Instant,
    ) -> Result<(), ResetError> {
        if self.records.is_empty() {
            return Ok(());
        }
        let permit = breakers.of(OperationKind::AuditCommit).acquire(now)?;
        match port.record(&self.user, &self.records) {
            Ok(()) => {
                permit.succeed(now);
                self.records.clear();
                Ok(())
            }
            Err(fault) => {
                permit.fail(fault.class(), now);
                Err(ResetError::AuditFault {
                    user: self.user.clone(),
                    waiting: self.records.len(),
                    source: fault,
                })
            }
        }
    }

    /// A transaction whose last checkpoint says why ended without commit.
    pub(crate) fn rolled_back(&mut self, trail: &Trail) {
        self.tally.rolled_back += 1;
        self.records.push(trail.record(AuditKind::ResetFailed, AuditOutcome::RolledBack));
    }

    /// A transaction whose last checkpoint says why was refused.
    pub(crate) fn refused(&mut self, trail: &Trail) {
        self.tally.refused += 1;
        self.records.push(trail.record(AuditKind::ResetRefused, AuditOutcome::Refused));
    }
}
