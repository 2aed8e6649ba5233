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
use crate::stuck::{Resolved, Stuck, resolved};
use crate::trail::Trail;

/// What a commit replaces, and by what. Whose state it is says the log.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
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
    /// The decisions that were settled with it: what the next fold is [held against](crate::TransactionResetter::known)
    /// after the commit of a fold. After [`ResetTransaction::stage`](crate::ResetTransaction::stage) it is the one
    /// reset alone, and what was settled before it is to be added.
    pub decisions: Vec<ResetDecision>,
}

/// The reset decisions of one fold, whose transactions wait for their commit.
///
/// Whoever has a port of this crate calls [`commit`](Self::commit). Whoever commits many users at once writes
/// [`records`](Self::records) in that transaction and says afterwards what the store [answered](Self::end); until then
/// it is kept [detached](Self::detach) from the log. A dry run [discards](Self::discard). What is dropped is rolled back, and the log says so.
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
    /// [`ResetError::Conflict`] and [`ResetError::Fault`] after a rollback; [`ResetError::Stuck`] if nobody knows, and
    /// [`ResetError::Untold`] if nobody ever will. The log has a record of each transaction that was rolled back or is
    /// stuck.
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
        if !self.open.log.stuck().is_empty() {
            self.open.hold_back();
            return Err(ResetError::Unresolved { user: self.open.log.user().clone() });
        }
        let permit = match self.permit(breakers, now) {
            Ok(permit) => permit,
            Err(denied) => {
                self.open.hold_back();
                return Err(denied);
            }
        };
        let records = self.records(now);
        let commit = self.begin(target, records, now);
        let answer = port.commit(&commit);
        let now = clock.now();
        report(permit, &answer, now);
        match answer {
            Err(fault) if fault.is_unknown() => self.look(port, fault, now),
            answer => self.finish(answer, None, now),
        }
    }

    /// Says what a store answered to a commit that its owner made elsewhere, with these records in it. One that was
    /// not tried is [discarded](Self::discard).
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit) after it has asked. Nobody looks here: after [`ResetError::Stuck`] the log knows
    /// what to look for.
    pub fn end(
        mut self,
        target: Target<'_>,
        records: Vec<AuditRecord>,
        answer: Result<StateVersion, CommitFault>,
        now: Instant,
    ) -> Result<Committed, ResetError> {
        self.begin(target, records, now);
        match answer {
            Err(fault) if fault.is_unknown() => {
                Err(self.stick(fault, "nobody has looked yet".to_owned(), now))
            }
            answer => self.finish(answer, None, now),
        }
    }

    /// Gives everything up without a trace: it was a dry run, or the commit is to wait. What failed on the way is in the
    /// log already; so a dry run has a log of its own, which nobody writes.
    pub fn discard(mut self) {
        self.open.hold_back();
    }

    /// Takes it away from the log, to wait for a commit that many users share.
    pub fn detach(mut self) -> Detached {
        let decided = std::mem::take(&mut self.open.decided);
        self.open.log.tally.opened -= open_in(&decided);
        let (known, also) = (std::mem::take(&mut self.known), std::mem::take(&mut self.also));
        let user = self.open.log.user().clone();
        Detached { user, decided, known, also, lost: self.lost.take(), correlation: self.correlation }
    }

    fn permit<'b>(&self, breakers: &'b Breakers, now: Instant) -> Result<Option<Permit<'b>>, ResetError> {
        if !self.needs_permit() {
            return Ok(None);
        }
        Ok(Some(breakers.of(OperationKind::ResetCommit).acquire(now)?))
    }

    /// Hands the commit over. From here on, whatever is dropped is in doubt.
    fn begin<'b>(&'b mut self, target: Target<'b>, records: Vec<AuditRecord>, now: Instant) -> Commit<'b> {
        let (Target { base, state }, correlation) = (target, self.correlation);
        let committing = Committing { base, meant: state.chain, correlation, records };
        let (user, committing) = self.open.begin_commit(committing, now);
        Commit { user, base, state, records: &committing.records, correlation }
    }

    /// Ends after a commit that was made or not, and that is certain.
    fn finish(
        mut self,
        answer: Result<StateVersion, CommitFault>,
        told_before: Option<String>,
        now: Instant,
    ) -> Result<Committed, ResetError> {
        let committing = self.open.committing.take();
        match answer {
            Ok(version) => {
                let decisions = self.decisions();
                self.open.commit();
                let records = committing.map(|committing| committing.records).unwrap_or_default();
                Ok(Committed { version, records, decisions })
            }
            Err(fault) => {
                let why = StageVerdict::Failed(told_before.unwrap_or_else(|| told(&fault)));
                self.open.roll_back(&why, Some(now));
                Err(ResetError::at(Stage::Commit, fault))
            }
        }
    }

    /// Ends after a commit of unknown outcome: finds out whether it was made.
    fn look<P: CommitPort + ?Sized>(
        mut self,
        port: &mut P,
        fault: CommitFault,
        now: Instant,
    ) -> Result<Committed, ResetError> {
        let Some(committing) = &self.open.committing else { return self.finish(Err(fault), None, now) };
        let (base, sought) = (committing.base, committing.sought(self.open.log.user()));
        let found = match port.look(&sought) {
            Ok(trace) => resolved(trace, &sought),
            Err(look) => return Err(self.stick(fault, told(&look), now)),
        };
        match found {
            Resolved::Committed { version } => self.finish(Ok(version), None, now),
            Resolved::RolledBack => self.finish(Err(fault), None, now),
            Resolved::Superseded { found } => {
                self.finish(Err(CommitFault::Conflict { base, found }), Some(told(&fault)), now)
            }
            Resolved::Untold { found } => {
                // What it leaves behind is in the log; there is nothing more to look for.
                drop(self.doubt(&fault, now));
                Err(ResetError::Untold { user: self.open.log.user().clone(), base, found, source: fault })
            }
        }
    }

    /// Ends not knowing, until somebody looks.
    fn stick(&mut self, fault: CommitFault, look: String, now: Instant) -> ResetError {
        let stuck = self.doubt(&fault, now);
        let base = stuck.as_ref().map(Stuck::base).unwrap_or_default();
        self.open.log.put_stuck(stuck);
        ResetError::Stuck { user: self.open.log.user().clone(), base, look, source: fault }
    }

    fn doubt(&mut self, fault: &CommitFault, now: Instant) -> Option<Stuck> {
        let committing = self.open.committing.take()?;
        Some(self.open.doubt(committing, &StageVerdict::Failed(told(fault)), Some(now)))
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
    user: UserId,
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

    /// Whose they are.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Joins it with what was staged after it for the same commit of the same user.
    ///
    /// # Errors
    ///
    /// The other is of another user. Both are given back as they were.
    pub fn join(mut self, later: Self) -> Result<Self, Box<(Self, Self)>> {
        if self.user != later.user {
            return Err(Box::new((self, later)));
        }
        self.decided.extend(later.decided);
        self.known.extend(later.known);
        self.also.extend(later.also);
        self.lost = self.lost.or(later.lost);
        Ok(self)
    }

    /// Puts it back with a log of the same user, which hears how it ends.
    ///
    /// # Errors
    ///
    /// The log is of another user. It is given back as it was.
    pub fn attach(self, log: &mut ResetLog) -> Result<Staged<'_>, Box<Self>> {
        if *log.user() != self.user {
            return Err(Box::new(self));
        }
        let Self { user: _, decided, known, also, lost, correlation } = self;
        log.tally.opened += open_in(&decided);
        let mut open = Open::new(log);
        open.decided = decided;
        Ok(Staged { open, known, also, lost, correlation })
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
