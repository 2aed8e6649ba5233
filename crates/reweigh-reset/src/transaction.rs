//! One reset as a transaction: four operations, a checkpoint after each, and nothing visible before the commit.

use std::fmt;

use reweigh_reading::Clock;
use reweigh_state::{
    Applied, Checked, CheckedPolicy, Expectations, Finding, Hypothesis, PastReset, ResetPlan, UserState,
    create_adaptation, cut_buffer, filter_reset, persist,
};

use crate::checkpoint::{Checkpoint, Made, Stage, StageVerdict};
use crate::decision::ResetDecision;
use crate::error::{Refusal, ResetError};
use crate::fault::told;
use crate::log::ResetLog;
use crate::open::{Decided, Open};
use crate::port::Fence;
use crate::staged::Staged;
use crate::trail::{Cause, Trail};

/// What a transaction works on and with.
pub struct ResetTask<'a> {
    /// The state as it is. It is only read.
    pub prior: &'a UserState,
    /// What is due.
    pub plan: ResetPlan,
    /// The policy, which is only read.
    pub policy: &'a CheckedPolicy,
    /// On whose behalf.
    pub cause: Cause,
    /// What durations are taken by.
    pub clock: &'a dyn Clock,
    /// What says between the stages whether to go on.
    pub fence: &'a mut dyn Fence,
}

impl fmt::Debug for ResetTask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetTask")
            .field("plan", &self.plan)
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

/// A stage: the filter was reset.
#[derive(Debug)]
pub struct FilterReset {
    /// The prior state with the stories that were made.
    trial: UserState,
}

/// A stage: the adaptation was created.
#[derive(Debug)]
pub struct AdaptationCreated {
    /// The same with the adaptation that was made.
    trial: UserState,
}

/// A stage: the window was cut.
#[derive(Debug)]
pub struct BufferUpdated {
    trial: UserState,
    cut: Applied,
}

/// A stage: the parts are put together and valid as a whole. Nobody sees them before the commit.
#[derive(Debug)]
pub struct Persisted {
    applied: Applied,
}

/// A reset on its way, at stage `S`: [`FilterReset`], [`AdaptationCreated`], [`BufferUpdated`], [`Persisted`].
///
/// Each stage runs one of the four operations of `reweigh-state`, takes a checkpoint of it, holds it against
/// the rules that operation answers for, asks the fence, and only then is there a next stage to call. What it
/// makes is a new value beside the prior one, which is borrowed and never written to. So there is nothing to
/// undo: to roll back is to drop. A transaction that is dropped before its commit, by `?`, by a panic or by
/// plain negligence, leaves a record in the log it borrows, and so does one that is refused.
///
/// ```
/// use reweigh_reading::{Clock, Instant, UserId};
/// use reweigh_reset::{Cause, ResetDecision, ResetLog, ResetTask, ResetTransaction, Stage, Unfenced};
/// use reweigh_state::{Fingerprint, Profile, ResetKind, ResetPlan, UserState};
///
/// struct Stopped(Instant);
/// impl Clock for Stopped {
///     fn now(&self) -> Instant { self.0 }
/// }
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let prior = UserState::unborn(Fingerprint::of(1, &policy));
/// let at = "2026-01-01T07:00:00Z".parse()?;
/// let plan = ResetPlan::new(ResetKind::Initial, at, 0.0, &policy);
/// let task = ResetTask {
///     prior: &prior,
///     plan,
///     policy: &policy,
///     cause: Cause::step(&ResetDecision::of_plan(&plan, false), 7),
///     clock: &Stopped(at),
///     fence: &mut Unfenced,
/// };
/// let mut log = ResetLog::new(UserId::new("ada")?);
/// let transaction = ResetTransaction::begin(task, &mut log)?
///     .create_adaptation()?
///     .update_buffer()?
///     .persist()?;
/// assert_eq!(transaction.checkpoints().last().unwrap().stage, Stage::Persisted);
/// assert!(transaction.state().adaptation.active());
/// drop(transaction);
/// assert_eq!(log.tally().rolled_back, 1);
/// assert!(!prior.adaptation.active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a transaction that is dropped is rolled back"]
pub struct ResetTransaction<'a, S> {
    work: Work<'a>,
    stage: S,
}

impl<S> ResetTransaction<'_, S> {
    /// The checkpoints so far.
    pub fn checkpoints(&self) -> &[Checkpoint] {
        self.work.open.under_way.as_ref().map_or(&[], |trail| &trail.checkpoints)
    }

    /// What is due.
    pub fn plan(&self) -> &ResetPlan {
        &self.work.plan
    }
}

impl<'a> ResetTransaction<'a, FilterReset> {
    /// Begins, with the first operation: what the filter believes after the reset.
    ///
    /// # Errors
    ///
    /// [`ResetError::Refused`] if that breaks rules, [`ResetError::Conflict`] or [`ResetError::Fault`] if the
    /// fence says no. The prior state goes on, and the log has the record.
    pub fn begin(task: ResetTask<'a>, log: &'a mut ResetLog) -> Result<Self, ResetError> {
        Self::filter_reset(Work::open(task, log, Refusals::Logged))
    }

    /// The same for a fold: there a refusal is a decision, and its record is part of the commit.
    pub(crate) fn begin_in_fold(task: ResetTask<'a>, log: &'a mut ResetLog) -> Result<Self, ResetError> {
        Self::filter_reset(Work::open(task, log, Refusals::HandedBack))
    }

    fn filter_reset(work: Work<'a>) -> Result<Self, ResetError> {
        let stories = filter_reset(work.prior, &work.plan, work.policy);
        let made = Made::stories(&stories);
        let trial = with_stories(work.prior, stories);
        let (work, trial) = work.pass(Stage::FilterReset, made, trial)?;
        Ok(Self { work, stage: FilterReset { trial } })
    }

    /// The second operation: how the filter adapts from here.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin).
    pub fn create_adaptation(self) -> Result<ResetTransaction<'a, AdaptationCreated>, ResetError> {
        let Self { mut work, stage: FilterReset { mut trial } } = self;
        work.enter(Stage::AdaptationCreated);
        trial.adaptation = create_adaptation(&work.plan);
        let made = Made::adaptation(&trial.adaptation);
        let (work, trial) = work.pass(Stage::AdaptationCreated, made, trial)?;
        Ok(ResetTransaction { work, stage: AdaptationCreated { trial } })
    }
}

impl<'a> ResetTransaction<'a, AdaptationCreated> {
    /// The third operation: the window, and with it all stories but the likeliest, cut.
    ///
    /// # Errors
    ///
    /// As [`begin`](ResetTransaction::begin).
    pub fn update_buffer(self) -> Result<ResetTransaction<'a, BufferUpdated>, ResetError> {
        let Self { mut work, stage: AdaptationCreated { trial } } = self;
        work.enter(Stage::BufferUpdated);
        let Applied { state, settled } = cut_buffer(work.prior, &work.plan);
        let made = Made::Window { settled: settled.len(), kept: state.window.len() };
        let (work, state) = work.pass(Stage::BufferUpdated, made, state)?;
        Ok(ResetTransaction { work, stage: BufferUpdated { trial, cut: Applied { state, settled } } })
    }
}

impl<'a> ResetTransaction<'a, BufferUpdated> {
    /// The fourth operation: the parts put together, and the whole held against every rule.
    ///
    /// # Errors
    ///
    /// As [`begin`](ResetTransaction::begin).
    pub fn persist(self) -> Result<ResetTransaction<'a, Persisted>, ResetError> {
        let Self { mut work, stage: BufferUpdated { trial, cut } } = self;
        work.enter(Stage::Persisted);
        let Applied { state, settled } = persist(trial.hypotheses, trial.adaptation, cut, &work.plan);
        let made = Made::State { chain: state.chain };
        let (work, state) = work.pass(Stage::Persisted, made, state)?;
        Ok(ResetTransaction { work, stage: Persisted { applied: Applied { state, settled } } })
    }
}

impl<'a> ResetTransaction<'a, Persisted> {
    /// The state that the commit would make visible, if nothing else were folded before it.
    pub fn state(&self) -> &UserState {
        &self.stage.applied.state
    }

    /// Gives the result to the fold that goes on with it, and the transaction to the commit it ends in.
    pub fn stage(self) -> (Applied, Staged<'a>) {
        let Self { work: Work { mut open, .. }, stage: Persisted { applied } } = self;
        if let Some(trail) = open.under_way.take() {
            open.decided.push(Decided { decision: trail.decision, trail: Some(trail) });
        }
        (applied, Staged::new(open))
    }

    /// The same for a fold that keeps the log itself.
    pub(crate) fn finish(self) -> (Applied, Option<Trail>) {
        let Self { work: Work { mut open, .. }, stage: Persisted { applied } } = self;
        (applied, open.under_way.take())
    }
}

/// Who writes down a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusals {
    /// The log has it at once.
    Logged,
    /// Whoever folds on takes it.
    HandedBack,
}

/// What every stage has.
struct Work<'a> {
    prior: &'a UserState,
    plan: ResetPlan,
    policy: &'a CheckedPolicy,
    clock: &'a dyn Clock,
    fence: &'a mut dyn Fence,
    refusals: Refusals,
    open: Open<'a>,
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").field("plan", &self.plan).field("open", &self.open).finish_non_exhaustive()
    }
}

impl<'a> Work<'a> {
    fn open(task: ResetTask<'a>, log: &'a mut ResetLog, refusals: Refusals) -> Self {
        let ResetTask { prior, plan, policy, cause, clock, fence } = task;
        let trail = Trail::begin(ResetDecision::of_plan(&plan, false), cause, clock.now());
        log.tally.opened += 1;
        let mut open = Open::new(log);
        open.under_way = Some(trail);
        Self { prior, plan, policy, clock, fence, refusals, open }
    }

    fn enter(&mut self, stage: Stage) {
        if let Some(trail) = &mut self.open.under_way {
            trail.stage = stage;
        }
    }

    /// Takes the checkpoint of a stage, and lets the work go on if its check and the fence do.
    fn pass(mut self, stage: Stage, made: Made, trial: UserState) -> Result<(Self, UserState), ResetError> {
        let (trial, findings) = self.check(stage, trial);
        let now = self.clock.now();
        // There is one until it has ended, and then there is no transaction to call this on.
        let Some(mut trail) = self.open.under_way.take() else { return Ok((self, trial)) };
        if !findings.is_empty() {
            trail.take(made, StageVerdict::Invalid(findings.clone()), now);
            trail.decision = ResetDecision::of_plan(&self.plan, true);
            if self.refusals == Refusals::Logged {
                self.open.log.refused(&trail);
            }
            let Self { plan: ResetPlan { kind, at, .. }, .. } = self;
            return Err(ResetError::Refused(Box::new(Refusal { kind, at, stage, findings, trail })));
        }
        trail.take(made, StageVerdict::Valid, now);
        let trail = self.open.under_way.insert(trail);
        let Err(fault) = self.fence.check(stage) else { return Ok((self, trial)) };
        trail.fail_last(StageVerdict::Failed(told(&fault)));
        self.open.end_under_way();
        Err(ResetError::at(stage, fault))
    }

    /// Holds of a trial what the stage made against every rule, and keeps the findings that the stage answers for.
    ///
    /// The stories are most of the work of a check, and are held against the rules when they are made and when
    /// everything is put together; between, the stages look at their own part.
    fn check(&self, stage: Stage, mut trial: UserState) -> (UserState, Vec<Finding>) {
        match stage {
            Stage::AdaptationCreated => {
                let (_, findings) = self.hold(stage, adaptation_alone(&trial));
                (trial, findings)
            }
            Stage::BufferUpdated => {
                let stories = std::mem::take(&mut trial.hypotheses);
                let (mut trial, findings) = self.hold(stage, trial);
                trial.hypotheses = stories;
                (trial, findings)
            }
            Stage::FilterReset | Stage::Persisted | Stage::Commit => self.hold(stage, trial),
        }
    }

    fn hold(&self, stage: Stage, trial: UserState) -> (UserState, Vec<Finding>) {
        let expectations = Expectations { fingerprint: self.prior.fingerprint, policy: self.policy };
        match Checked::state(trial, &expectations) {
            Ok(checked) => (checked.into_inner(), Vec::new()),
            Err(violations) => {
                let mut findings = violations.findings;
                findings.retain(|finding| stage.answers_for(finding.rule));
                (*violations.state, findings)
            }
        }
    }
}

/// A state that knows nothing but how it adapts.
fn adaptation_alone(trial: &UserState) -> UserState {
    let mut state = UserState::unborn(trial.fingerprint);
    state.adaptation = trial.adaptation;
    if let Some(kind) = trial.adaptation.kind {
        state.resets.push(PastReset { kind, at: trial.adaptation.since });
        state.resets_in_all = 1;
    }
    state
}

/// The prior state with other stories. Every field is named, so that a new one is not forgotten here.
fn with_stories(prior: &UserState, hypotheses: Vec<Hypothesis>) -> UserState {
    UserState {
        fingerprint: prior.fingerprint,
        chain: prior.chain,
        key: prior.key.clone(),
        last_reading: prior.last_reading,
        readings: prior.readings,
        tally: prior.tally,
        height_m: prior.height_m,
        scales: prior.scales,
        window: prior.window,
        adaptation: prior.adaptation,
        resets: prior.resets.clone(),
        resets_in_all: prior.resets_in_all,
        hypotheses,
    }
}
