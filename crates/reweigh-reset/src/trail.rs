//! The way one transaction has gone so far, and the record it becomes.

use reweigh_reading::{Instant, Source};
use reweigh_state::{AuditActor, AuditKind, AuditOutcome, AuditRecord};

use crate::checkpoint::{Checkpoint, Made, Stage, StageVerdict};
use crate::decision::ResetDecision;

/// On whose behalf a reset is done, and what ties it to other records.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// Who decided or asked.
    pub who: AuditActor,
    /// Why, in words.
    pub reason: String,
    /// What ties it to the spans and logs of the same work.
    pub correlation: u64,
}

impl Cause {
    /// The step decided it, from the facts.
    pub fn step(decision: &ResetDecision, correlation: u64) -> Self {
        Self { who: AuditActor::Step, reason: decision.reason(), correlation }
    }

    /// An operator asked for it.
    pub fn operator(by: &Source, reason: &str, correlation: u64) -> Self {
        Self { who: AuditActor::Operator(by.clone()), reason: reason.to_owned(), correlation }
    }
}

/// A transaction's checkpoints, and where it is now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trail {
    pub(crate) decision: ResetDecision,
    pub(crate) cause: Cause,
    pub(crate) checkpoints: Vec<Checkpoint>,
    /// The stage it is on its way to.
    pub(crate) stage: Stage,
    /// When that began.
    pub(crate) since: Instant,
}

impl Trail {
    pub(crate) fn begin(decision: ResetDecision, cause: Cause, now: Instant) -> Self {
        Self { decision, cause, checkpoints: Vec::with_capacity(4), stage: Stage::FilterReset, since: now }
    }

    /// Takes a checkpoint of the stage it is on its way to.
    pub(crate) fn take(&mut self, made: Made, verdict: StageVerdict, now: Instant) {
        let micros = u64::try_from(now.since(self.since).micros()).unwrap_or(0);
        self.checkpoints.push(Checkpoint { stage: self.stage, made, verdict, micros });
        self.since = now;
    }

    /// The last stage did not hold after all: what its checkpoint says is replaced.
    pub(crate) fn fail_last(&mut self, why: StageVerdict) {
        if let Some(last) = self.checkpoints.last_mut() {
            last.verdict = why;
        }
    }

    /// How it ended on the way to a stage, and when, if there was a clock to ask.
    pub(crate) fn end(&mut self, verdict: StageVerdict, now: Option<Instant>) {
        self.take(Made::Nothing, verdict, now.unwrap_or(self.since));
    }

    /// The record of it, written when its last checkpoint was taken.
    pub(crate) fn record(&self, kind: AuditKind, outcome: AuditOutcome) -> AuditRecord {
        let steps = self.checkpoints.iter().map(Checkpoint::to_step).collect();
        AuditRecord {
            kind,
            reset: Some(self.decision.what()),
            who: self.cause.who.clone(),
            effective: self.decision.at(),
            recorded: self.since,
            reason: self.cause.reason.clone(),
            outcome,
            steps,
            micros: self.checkpoints.iter().map(|checkpoint| checkpoint.micros).fold(0, u64::saturating_add),
            correlation: self.cause.correlation,
        }
    }
}
