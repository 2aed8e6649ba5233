//! The transactions of one fold, together in the commit that they end in.

use reweigh_reading::{Clock, Instant, UserId};
use reweigh_state::{AuditActor, AuditKind, AuditOutcome, AuditRecord, Checked, UserState};

use crate::breaker::{Breakers, OperationKind, Permit};
use crate::checkpoint::{Stage, StageVerdict};
use crate::decision::{DecisionChange, ResetDecision, compare};
use crate::error::ResetError;
use crate::fault::{CommitFault, FaultClass, told};
use crate::log::ResetLog;
use crate::open::{Committing, Decided, Open};
use crate::port::{Commit, CommitPort, StateVersion};
use crate::stuck::{Found, found};
use crate::trail::Trail;

/// What a commit replaces, and by what.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Whose state.
    pub user: &'a UserId,
    /// The version the fold began on.
    pub base: StateVersion,
    /// What the fold gave, checked.
    pub state: &'a Checked<UserState>,
}

/// A commit that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Committed {
    /// The version it made.
    pub version: StateVersion,
    /// What the audit log got with it.
    pub records: Vec<AuditRecord>,
    /// The decisions that are settled now: what the next fold is [held against](crate::TransactionResetter::known).
    pub decisions: Vec<ResetDecision>,
}

/// The reset decisions of one fold, whose transactions wait for their commit.
///
/// Whoever has a port of this crate calls [`commit`](Self::commit). Whoever commits many users at once writes
/// [`records`](Self::records) in that transaction and says afterwards how it went, with
/// [`committed`](Self::committed) or [`failed`](Self::failed); until then it is kept [detached](Self::detach) from
/// the log. A dry run [discards](Self::discard). What is dropped is rolled back, and the log says so.
#[derive(Debug)]
#[must_use = "staged transactions that are dropped are rolled back"]
pub struct Staged<'a> {
    open: Open<'a>,
    known: Vec<ResetDecision>,
    also: Vec<AuditRecord>,
    lost: Option<(Stage, CommitFault)>,
    correlation: u64,
}

impl<'a> Staged<'a> {
    pub(crate) fn new(open: Open<'a>) -> Self {
        let trails = open.decided.iter().filter_map(|decided| decided.trail.as_ref());
        let correlation = trails.map(|trail| trail.cause.correlation).next().unwrap_or(0);
        Self { open, known: Vec::new(), also: Vec::new(), lost: None, correlation }
    }

    pub(crate) fn against(
        open: Open<'a>,
        known: Vec<ResetDecision>,
        lost: Option<(Stage, CommitFault)>,
        correlation: u64,
    ) -> Self {
        Self { open, known, also: Vec::new(), lost, correlation }
    }

    /// Why this fold must not be committed: its fence said so on the way. [`commit`](Self::commit) looks
    /// itself; whoever commits elsewhere asks here first.
    pub fn fault(&self) -> Option<&CommitFault> {
        self.lost.as_ref().map(|(_, fault)| fault)
    }

    /// Adds lasting changes of weight whose verdicts became final in this fold: the instants of the readings
    /// that began them. They have no plan and no transaction, and are audited like other decisions.
    pub fn add_level_shifts(&mut self, at: impl IntoIterator<Item = Instant>) {
        let shifts =
            at.into_iter().map(|at| Decided { decision: ResetDecision::level_shift(at), trail: None });
        self.open.decided.extend(shifts);
    }

    /// Adds a record that is written in the same commit, such as that of a
    /// [rebuild](crate::RebuildPreview::record).
    pub fn add_record(&mut self, record: AuditRecord) {
        self.also.push(record);
    }

    /// Every decision of this fold.
    pub fn decisions(&self) -> Vec<ResetDecision> {
        self.open.decided.iter().map(|decided| decided.decision).collect()
    }

    /// What is new, changed or gone against what was settled before.
    pub fn changes(&self) -> Vec<DecisionChange> {
        compare(&self.known, &self.decisions())
    }

    /// Whether the commit of this fold needs the permit of a breaker: it holds a reset that is new or changed.
    pub fn needs_permit(&self) -> bool {
        open_in(&self.open.decided) > 0
    }

    /// What the audit log gets in the transaction of the commit: one record for each decision that is new,
    /// changed or gone. Nothing for what is as it was.
    pub fn records(&self, recorded: Instant) -> Vec<AuditRecord> {
        let mut trails: Vec<&Decided> = self.open.decided.iter().collect();
        let mut records = Vec::new();
        for change in self.changes() {
            let decided = change.new_decision().and_then(|new| {
                let place =
                    trails.iter().position(|decided| decided.decision == new && decided.trail.is_some());
                place.map(|place| trails.remove(place))
            });
            records.push(self.record(&change, decided.and_then(|decided| decided.trail.as_ref()), recorded));
        }
        records.extend(self.also.iter().cloned());
        records
    }

    /// Commits, if the breaker of reset commits lets it; a fold without new or changed resets needs no permit.
    ///
    /// # Errors
    ///
    /// [`ResetError::HeldBack`] and [`ResetError::Unresolved`] before anything is tried;
    /// [`ResetError::Conflict`] and [`ResetError::Fault`] after a rollback; [`ResetError::Stuck`] if nobody knows.
    /// The log has a record of each transaction that was rolled back, and what is stuck.
    pub fn commit<P: CommitPort + ?Sized>(
        mut self,
        port: &mut P,
        breakers: &Breakers,
        clock: &dyn Clock,
        target: Target<'_>,
    ) -> Result<Committed, ResetError> {
        let now = clock.now();
        if let Some((stage, fault)) = self.lost.take() {
            count_against(breakers, &fault, now);
            self.open.roll_back(&StageVerdict::Failed(told(&fault)), Some(now));
            return Err(ResetError::at(stage, fault));
        }
        if self.open.log.stuck().iter().any(|stuck| stuck.user() == target.user) {
            self.open.hold_back();
            return Err(ResetError::Unresolved { user: target.user.clone() });
        }
        let permit = match self.permit(breakers, now) {
            Ok(permit) => permit,
            Err(denied) => {
                self.open.hold_back();
                return Err(denied);
            }
        };
        let (records, decisions) = (self.records(now), self.decisions());
        let Target { user, base, state } = target;
        let (meant, correlation) = (state.chain, self.correlation);
        self.open.begin_commit(Committing { user: user.clone(), base, meant, correlation }, now);
        let answer = port.commit(&Commit { user, base, state, records: &records, correlation });
        let now = clock.now();
        report(permit, &answer, now);
        let version = match answer {
            Ok(version) => version,
            Err(fault) => self.look(port, target, fault, now)?,
        };
        self.open.committing = None;
        self.open.commit();
        Ok(Committed { version, records, decisions })
    }

    /// The commit that its owner made elsewhere holds.
    pub fn committed(mut self) {
        self.open.commit();
    }

    /// The commit that its owner tried elsewhere was not made, and that is certain.
    pub fn failed(mut self, fault: &CommitFault, now: Instant) {
        self.open.roll_back(&StageVerdict::Failed(told(fault)), Some(now));
    }

    /// Gives everything up without a trace: it was a dry run, or the commit is to wait.
    pub fn discard(mut self) {
        self.open.hold_back();
    }

    /// Takes it away from the log, to wait for a commit that many users share.
    pub fn detach(mut self) -> Detached {
        let decided = std::mem::take(&mut self.open.decided);
        self.open.log.tally.opened -= open_in(&decided);
        let (known, also) = (std::mem::take(&mut self.known), std::mem::take(&mut self.also));
        Detached { decided, known, also, lost: self.lost.take(), correlation: self.correlation }
    }

    fn permit<'b>(&self, breakers: &'b Breakers, now: Instant) -> Result<Option<Permit<'b>>, ResetError> {
        if !self.needs_permit() {
            return Ok(None);
        }
        Ok(Some(breakers.of(OperationKind::ResetCommit).acquire(now)?))
    }

    /// Ends after a commit that failed: finds out whether it was made, where that is in doubt.
    fn look<P: CommitPort + ?Sized>(
        &mut self,
        port: &mut P,
        target: Target<'_>,
        fault: CommitFault,
        now: Instant,
    ) -> Result<StateVersion, ResetError> {
        let why = StageVerdict::Failed(told(&fault));
        let fault = if fault.is_unknown() {
            match port.head(target.user).map(|head| (head, found(head, target.base, target.state.chain))) {
                Ok((head, Found::Made)) => return Ok(head.version),
                Ok((_, Found::NotMade)) => fault,
                Ok((head, Found::Other)) => CommitFault::Conflict { base: target.base, found: head.version },
                Err(look) => return Err(self.stick(target, &fault, look, now)),
            }
        } else {
            fault
        };
        self.open.committing = None;
        self.open.roll_back(&why, Some(now));
        Err(ResetError::at(Stage::Commit, fault))
    }

    fn stick(
        &mut self,
        target: Target<'_>,
        fault: &CommitFault,
        look: CommitFault,
        now: Instant,
    ) -> ResetError {
        let commit = told(fault);
        if let Some(committing) = self.open.committing.take() {
            self.open.stick(committing, &StageVerdict::Failed(commit.clone()), Some(now));
        }
        ResetError::Stuck { user: target.user.clone(), base: target.base, commit, source: look }
    }

    fn record(&self, change: &DecisionChange, trail: Option<&Trail>, recorded: Instant) -> AuditRecord {
        let (kind, decision, was) = match change {
            DecisionChange::New(new) => (AuditKind::ResetNew, new, None),
            DecisionChange::Changed { old, new } => (AuditKind::ResetChanged, new, Some(old)),
            DecisionChange::Gone(old) => (AuditKind::ResetGone, old, None),
        };
        let now_refused = change.new_decision().is_some_and(|new| new.refused());
        let (kind, outcome) = if now_refused {
            (AuditKind::ResetRefused, AuditOutcome::Refused)
        } else {
            (kind, AuditOutcome::Committed)
        };
        let mut record = match trail {
            Some(trail) => trail.record(kind, outcome),
            None => AuditRecord {
                kind,
                reset: Some(decision.what()),
                who: AuditActor::Step,
                effective: decision.at(),
                recorded,
                reason: decision.reason(),
                outcome,
                steps: Vec::new(),
                micros: 0,
                correlation: self.correlation,
            },
        };
        record.recorded = recorded;
        if let Some(was) = was {
            let refused = if was.refused() { ", refused" } else { "" };
            record.reason =
                format!("{}; it was {}: {}{refused}", record.reason, was.what().as_str(), was.reason());
        }
        record
    }
}

/// Staged transactions on their own, beside the state that waits for its commit with them.
///
/// Dropping it leaves no record: it is memory that is given up, as when a process ends. To end it properly,
/// [attach](Self::attach) it to a log again.
#[derive(Debug)]
#[must_use = "attach it again and say how it ended"]
pub struct Detached {
    decided: Vec<Decided>,
    known: Vec<ResetDecision>,
    also: Vec<AuditRecord>,
    lost: Option<(Stage, CommitFault)>,
    correlation: u64,
}

impl Detached {
    /// Whether the commit it waits for needs the permit of a breaker: see
    /// [`Staged::needs_permit`].
    pub fn needs_permit(&self) -> bool {
        open_in(&self.decided) > 0
    }

    /// Why the state must not be committed: see [`Staged::fault`].
    pub fn fault(&self) -> Option<&CommitFault> {
        self.lost.as_ref().map(|(_, fault)| fault)
    }

    /// Puts it back with a log, which hears how it ends.
    pub fn attach(self, log: &mut ResetLog) -> Staged<'_> {
        let Self { decided, known, also, lost, correlation } = self;
        log.tally.opened += open_in(&decided);
        let mut open = Open::new(log);
        open.decided = decided;
        Staged { open, known, also, lost, correlation }
    }
}

/// How many transactions wait.
fn open_in(decided: &[Decided]) -> u64 {
    decided.iter().filter(|decided| decided.trail.is_some()).count() as u64
}

/// A store that fails on the way to the commit counts as one that fails at it: else a breaker would never open for
/// a store that no fold gets past.
fn count_against(breakers: &Breakers, fault: &CommitFault, now: Instant) {
    let class = fault.class();
    if class == FaultClass::Infrastructure
        && let Ok(permit) = breakers.of(OperationKind::ResetCommit).acquire(now)
    {
        permit.fail(class, now);
    }
}

fn report(permit: Option<Permit<'_>>, answer: &Result<StateVersion, CommitFault>, now: Instant) {
    if let Some(permit) = permit {
        match answer {
            Ok(_) => permit.succeed(now),
            Err(fault) => permit.fail(fault.class(), now),
        }
    }
}
