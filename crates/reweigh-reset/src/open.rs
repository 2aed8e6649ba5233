//! What rolls back when it is dropped. All there is to do then is to say so.

use reweigh_reading::{Instant, UserId};
use reweigh_state::{AuditKind, AuditOutcome, AuditRecord, Chain};

use crate::checkpoint::{Stage, StageVerdict};
use crate::decision::ResetDecision;
use crate::log::ResetLog;
use crate::port::{Sought, StateVersion};
use crate::stuck::Stuck;
use crate::trail::Trail;

/// A decision, and the transaction that it went through, if it did.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) decision: ResetDecision,
    pub(crate) trail: Option<Trail>,
}

/// A commit that was handed to the store and has not come back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Committing {
    pub(crate) base: StateVersion,
    pub(crate) meant: Chain,
    pub(crate) correlation: u64,
    pub(crate) records: Vec<AuditRecord>,
}

impl Committing {
    pub(crate) fn sought<'a>(&'a self, user: &'a UserId) -> Sought<'a> {
        let Self { base, meant: chain, correlation, ref records } = *self;
        Sought { user, base, chain, correlation, records }
    }
}

/// The open transactions of one fold, and the log that hears how they end.
#[derive(Debug)]
pub(crate) struct Open<'a> {
    pub(crate) log: &'a mut ResetLog,
    /// The transaction that is on its way through its stages.
    pub(crate) under_way: Option<Trail>,
    /// Every decision so far. Those with a trail wait for the commit.
    pub(crate) decided: Vec<Decided>,
    /// The commit, while the store has it.
    pub(crate) committing: Option<Committing>,
}

impl<'a> Open<'a> {
    pub(crate) fn new(log: &'a mut ResetLog) -> Self {
        Self { log, under_way: None, decided: Vec::new(), committing: None }
    }

    /// Every open transaction is on its way to the commit now: this one, of this user.
    pub(crate) fn begin_commit(&mut self, committing: Committing, now: Instant) -> (&UserId, &Committing) {
        for trail in self.decided.iter_mut().filter_map(|decided| decided.trail.as_mut()) {
            trail.stage = Stage::Commit;
            trail.since = now;
        }
        (self.log.user(), self.committing.insert(committing))
    }

    /// Every open transaction ends without commit. `now` is none while a panic may be going by: then no clock is
    /// asked.
    pub(crate) fn roll_back(&mut self, why: &StageVerdict, now: Option<Instant>) {
        for mut trail in self.under_way.take().into_iter().chain(self.trails()) {
            trail.end(why.clone(), now);
            self.log.rolled_back(&trail);
        }
    }

    /// The transaction on its way ends without commit, and its last checkpoint says why.
    pub(crate) fn end_under_way(&mut self) {
        if let Some(trail) = self.under_way.take() {
            self.log.rolled_back(&trail);
        }
    }

    /// Every open transaction ends committed, refusals as what they are.
    pub(crate) fn commit(&mut self) {
        for trail in self.trails() {
            if trail.decision.refused() {
                self.log.tally.refused += 1;
            } else {
                self.log.tally.committed += 1;
            }
        }
    }

    /// Every open transaction is given up without a trace.
    pub(crate) fn hold_back(&mut self) {
        self.log.tally.held_back += self.trails().len() as u64;
    }

    /// Nobody knows how the open transactions ended. The log says so at once; what is returned waits for somebody to
    /// look, or is let go.
    pub(crate) fn doubt(&mut self, commit: Committing, why: &StageVerdict, now: Option<Instant>) -> Stuck {
        let mut trails = self.trails();
        let mut records: Vec<AuditRecord> = Vec::with_capacity(trails.len());
        for trail in &mut trails {
            trail.end(why.clone(), now);
            records.push(trail.record(AuditKind::ResetFailed, AuditOutcome::Stuck));
        }
        self.log.tally.stuck += trails.len() as u64;
        self.log.extend(records.iter().cloned());
        Stuck::new(self.log.user().clone(), commit, why.to_string(), records)
    }

    fn trails(&mut self) -> Vec<Trail> {
        self.decided.drain(..).filter_map(|decided| decided.trail).collect()
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let why = StageVerdict::Dropped { panicking: std::thread::panicking() };
        match self.committing.take() {
            Some(commit) => {
                let stuck = self.doubt(commit, &why, None);
                self.log.put_stuck([stuck]);
            }
            None => self.roll_back(&why, None),
        }
    }
}
