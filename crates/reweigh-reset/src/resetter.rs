//! Resets of a fold as transactions, where they are news.

use std::collections::BTreeMap;
use std::fmt;

use reweigh_reading::{Action, Clock, Fact, Instant, ResetReason, Source};
use reweigh_state::{
    Applied, AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditedReset, CheckedPolicy, PlainResetter,
    ResetKind, ResetPlan, ResetRefused, Resetter, UserState,
};

use crate::checkpoint::Stage;
use crate::decision::ResetDecision;
use crate::error::ResetError;
use crate::fault::CommitFault;
use crate::log::ResetLog;
use crate::open::{Decided, Open};
use crate::port::Fence;
use crate::staged::Staged;
use crate::trail::{Cause, Trail};
use crate::transaction::{ResetTask, ResetTransaction};

/// An operator's request for a reset: the part of the fact that the audit wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualRequest {
    /// From when on.
    pub at: Instant,
    /// Who asked.
    pub by: Source,
    /// Why.
    pub reason: ResetReason,
}

impl ManualRequest {
    /// The request of a fact, if it is one.
    pub fn of(fact: &Fact) -> Option<Self> {
        match fact.action() {
            Action::Reset { reason } => {
                Some(Self { at: fact.at(), by: fact.source().clone(), reason: reason.clone() })
            }
            Action::Add(_) | Action::Amend(_) | Action::Retract | Action::Height(_) => None,
        }
    }

    /// The record of the request itself, written when the fact is taken in. Whether it comes to a reset is
    /// decided when the user is settled, and has a record of its own.
    pub fn record(&self, recorded: Instant, correlation: u64) -> AuditRecord {
        AuditRecord {
            kind: AuditKind::ResetRequested,
            reset: Some(AuditedReset::Planned(ResetKind::Manual)),
            who: AuditActor::Operator(self.by.clone()),
            effective: self.at,
            recorded,
            reason: self.reason.to_string(),
            outcome: AuditOutcome::Accepted,
            steps: Vec::new(),
            micros: 0,
            correlation,
        }
    }
}

/// Applies the resets of one fold: those that were settled before just so by the plain chain, and those that
/// are new or changed as [transactions](ResetTransaction) that wait for the commit.
///
/// Either way a fold gets the bits that [`PlainResetter`] gives it. That is why a fault of the store never
/// refuses a reset here: it would change what is settled. The fold goes on the plain way, and its commit then
/// fails with what the fence said.
pub struct TransactionResetter<'a> {
    open: Open<'a>,
    clock: &'a dyn Clock,
    fence: &'a mut dyn Fence,
    correlation: u64,
    known: Vec<ResetDecision>,
    /// How often each known decision has not been met yet.
    unmet: BTreeMap<ResetDecision, u32>,
    requests: Vec<ManualRequest>,
    lost: Option<(Stage, CommitFault)>,
}

impl fmt::Debug for TransactionResetter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactionResetter")
            .field("open", &self.open)
            .field("correlation", &self.correlation)
            .field("known", &self.known.len())
            .field("lost", &self.lost)
            .finish_non_exhaustive()
    }
}

impl<'a> TransactionResetter<'a> {
    /// A resetter to which every reset is new.
    ///
    /// The correlation tells this fold's commit from all others on the same version, also after a commit of unknown
    /// outcome: take a new one for each fold that may be committed.
    pub fn new(
        log: &'a mut ResetLog,
        clock: &'a dyn Clock,
        fence: &'a mut dyn Fence,
        correlation: u64,
    ) -> Self {
        Self {
            open: Open::new(log),
            clock,
            fence,
            correlation,
            known: Vec::new(),
            unmet: BTreeMap::new(),
            requests: Vec::new(),
            lost: None,
        }
    }

    /// Names what was settled before, from the key on that the fold begins at.
    #[must_use]
    pub fn known(mut self, decisions: impl IntoIterator<Item = ResetDecision>) -> Self {
        self.known = decisions.into_iter().collect();
        self.unmet.clear();
        for decision in &self.known {
            *self.unmet.entry(*decision).or_insert(0) += 1;
        }
        self
    }

    /// Names the operators' requests among the facts of the fold, in the order of their keys.
    #[must_use]
    pub fn requests(mut self, requests: impl IntoIterator<Item = ManualRequest>) -> Self {
        self.requests = requests.into_iter().collect();
        self
    }

    /// Ends the fold. Its transactions wait for the commit.
    pub fn finish(self) -> Staged<'a> {
        let Self { open, known, lost, correlation, .. } = self;
        Staged::against(open, known, lost, correlation)
    }

    /// Whether a decision was settled before; each counts once.
    fn meet(&mut self, decision: ResetDecision) -> bool {
        match self.unmet.get_mut(&decision) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn is_unmet(&self, decision: ResetDecision) -> bool {
        self.unmet.get(&decision).is_some_and(|left| *left > 0)
    }

    /// Takes the request that a plan comes from. Each is taken once, whatever becomes of the plan.
    fn take_request(&mut self, plan: &ResetPlan) -> Option<ManualRequest> {
        if plan.kind != ResetKind::Manual {
            return None;
        }
        let place = self.requests.iter().position(|request| request.at == plan.at)?;
        Some(self.requests.remove(place))
    }

    fn transaction(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
        request: Option<ManualRequest>,
    ) -> Result<(Applied, Option<Trail>), ResetError> {
        let cause = match request {
            Some(request) => Cause::operator(&request.by, request.reason.as_str(), self.correlation),
            None => Cause::step(&ResetDecision::of_plan(plan, false), self.correlation),
        };
        let fence = &mut *self.fence;
        let task = ResetTask { prior: state, plan: *plan, policy, cause, clock: self.clock, fence };
        let persisted = ResetTransaction::begin_in_fold(task, self.open.log)?
            .create_adaptation()?
            .update_buffer()?
            .persist()?;
        Ok(persisted.finish())
    }

    fn decide(&mut self, plan: &ResetPlan, refused: bool, trail: Option<Trail>) {
        self.open.decided.push(Decided { decision: ResetDecision::of_plan(plan, refused), trail });
    }

    /// The plain chain, for what is not news or can't be committed any more.
    fn plain(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused> {
        let applied = PlainResetter.reset(state, plan, policy);
        self.decide(plan, applied.is_err(), None);
        applied
    }
}

impl Resetter for TransactionResetter<'_> {
    fn reset(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused> {
        let request = self.take_request(plan);
        if self.lost.is_some() {
            return self.plain(state, plan, policy);
        }
        // Whether the decision is as it was is known for certain only when it is made: where it may be, the
        // plain way is tried first.
        let (applied, refused) = (ResetDecision::of_plan(plan, false), ResetDecision::of_plan(plan, true));
        if self.is_unmet(applied) || self.is_unmet(refused) {
            let result = PlainResetter.reset(state, plan, policy);
            let decision = if result.is_ok() { applied } else { refused };
            if self.meet(decision) {
                self.open.log.tally.unchanged += 1;
                self.decide(plan, result.is_err(), None);
                return result;
            }
        }
        match self.transaction(state, plan, policy, request) {
            Ok((applied, trail)) => {
                self.decide(plan, false, trail);
                Ok(applied)
            }
            Err(ResetError::Refused(refusal)) => {
                // The refusal is a decision like any other, and ends when the commit does.
                let result = PlainResetter.reset(state, plan, policy);
                self.decide(plan, result.is_err(), Some(refusal.trail));
                result
            }
            Err(ResetError::Conflict { stage, base, found }) => {
                self.lost = Some((stage, CommitFault::Conflict { base, found }));
                self.plain(state, plan, policy)
            }
            Err(ResetError::Fault { stage, source }) => {
                self.lost = Some((stage, source));
                self.plain(state, plan, policy)
            }
            // A transaction before its commit has no other errors; a reset is decided in any case.
            Err(
                ResetError::HeldBack(_)
                | ResetError::Stuck { .. }
                | ResetError::Untold { .. }
                | ResetError::Unresolved { .. }
                | ResetError::AuditFault { .. },
            ) => self.plain(state, plan, policy),
        }
    }
}
