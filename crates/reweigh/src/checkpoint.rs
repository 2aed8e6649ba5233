//! One transaction of a checkpoint: users, their resets, what is served, and the mark.

use std::sync::PoisonError;

use reweigh_reading::{Instant, UserId};
use reweigh_reset::{CommitFault, Detached, OperationKind, Permit, ResetLog, Staged, StateVersion, Target};
use reweigh_state::{AuditRecord, Checked, Expectations, UserState};
use reweigh_store::{
    ActKind, AuditEntry, Checkpoint, Pin, PinCause, Refusal, Rejected, Sequence, Store, StoreError,
    UserCommit, UserOutcome,
};

use crate::error::EngineError;
use crate::fold::Part;
use crate::hub::Core;
use crate::keeper::StoreFailure;
use crate::lane::{Ended, Job};
use crate::port::{ResetPort, fault_of};
use crate::serve::{self, Held};
use crate::steward::LONG;
use crate::story::{Outgoing, Trouble};

/// What one transaction takes.
pub(crate) struct Piece {
    pub(crate) users: Vec<Outgoing>,
    pub(crate) rejects: Vec<Rejected>,
    pub(crate) mark: Option<Sequence>,
}

/// What came of it. The rejected rows are given back if they were not kept.
pub(crate) struct Brought {
    pub(crate) rejects: Vec<Rejected>,
    pub(crate) result: Result<(), EngineError>,
}

/// Brings a piece into the main file, and tells the lanes.
pub(crate) fn bring(core: &Core, piece: Piece) -> Brought {
    let Piece { mut users, rejects, mark } = piece;
    if users.is_empty() && rejects.is_empty() && mark.is_none() {
        return Brought { rejects, result: Ok(()) };
    }
    let now = core.now();
    let mut logs: Vec<ResetLog> = users.iter().map(|one| ResetLog::new(one.commit.user.clone())).collect();
    let mut resets: Vec<Option<Staged<'_>>> =
        users.iter_mut().zip(&mut logs).map(|(one, log)| attach(one, log)).collect();
    let (permit, denied) = permit(core, &resets, now);
    let mut audit = Vec::new();
    let held: Vec<bool> = users
        .iter_mut()
        .zip(&mut resets)
        .map(|(one, staged)| {
            let held = denied && staged.as_ref().is_some_and(Staged::needs_permit);
            if held {
                one.commit.settled = None;
                staged.take().into_iter().for_each(Staged::discard);
            }
            complete(core, one, staged.as_ref(), &mut audit, now);
            held
        })
        .collect();
    let (commits, rest): (Vec<UserCommit>, Vec<Rest>) = users.into_iter().map(Rest::apart).unzip();
    let checkpoint = Checkpoint { at: now, users: commits, rejects, audit, mark };
    let answer = commit(core, &checkpoint);
    let later = core.now();
    if later.since(now) > LONG {
        let took_us = later.since(now).micros();
        tracing::warn!(users = checkpoint.users.len(), took_us, "a transaction took long");
    }
    if let Some(permit) = permit {
        match &answer {
            Ok(_) => permit.succeed(later),
            Err(failure) => permit.fail(fault_of(failure, COMMIT).class(), later),
        }
    }
    for (place, staged) in resets.into_iter().enumerate() {
        let (Some(staged), Some(commit)) = (staged, checkpoint.users.get(place)) else { continue };
        end(staged, commit, answer.as_ref().map(|outcomes| outcomes.get(place)), later);
    }
    remember(core, logs);
    match answer {
        Ok(outcomes) => {
            core.counts.last_commit.set(later);
            tell(core, checkpoint, outcomes, &held);
            Brought { rejects: Vec::new(), result: Ok(()) }
        }
        Err(failure) => {
            let Checkpoint { users, rejects, .. } = checkpoint;
            give_back(core, users, rest, &failure);
            Brought { rejects, result: Err(failure.into()) }
        }
    }
}

/// What is done, for those who are told that it failed.
const COMMIT: &str = "commit a checkpoint";

/// What is left of what a lane gave out once its commit is taken out.
struct Rest {
    parts: Vec<Part>,
    requested: Vec<AuditRecord>,
    served: Option<UserState>,
}

impl Rest {
    fn apart(outgoing: Outgoing) -> (UserCommit, Self) {
        let Outgoing { commit, parts, requested, served } = outgoing;
        (commit, Self { parts, requested, served })
    }

    fn with(self, commit: UserCommit) -> Outgoing {
        let Self { parts, requested, served } = self;
        Outgoing { commit, parts, requested, served }
    }
}

/// Puts the resets of a user back with a log, which hears how they end.
fn attach<'l>(one: &mut Outgoing, log: &'l mut ResetLog) -> Option<Staged<'l>> {
    let mut joined: Option<Detached> = None;
    for part in std::mem::take(&mut one.parts) {
        joined = match joined.take() {
            // All of them are of this user.
            Some(before) => before.join(part.detached).ok(),
            None => Some(part.detached),
        };
    }
    joined.and_then(|detached| detached.attach(log).ok())
}

/// The breaker's permit, if any user of the piece has a new reset; and whether it was denied.
fn permit<'c>(core: &'c Core, resets: &[Option<Staged<'_>>], now: Instant) -> (Option<Permit<'c>>, bool) {
    if !resets.iter().flatten().any(Staged::needs_permit) {
        return (None, false);
    }
    match core.breakers.of(OperationKind::ResetCommit).acquire(now) {
        Ok(permit) => (Some(permit), false),
        Err(denied) => {
            tracing::warn!(%denied, "users with new resets are not committed for now");
            (None, true)
        }
    }
}

/// Adds to a commit what is decided only now: audit records, and what is served.
fn complete(
    core: &Core,
    one: &mut Outgoing,
    staged: Option<&Staged<'_>>,
    audit: &mut Vec<(Option<UserId>, AuditEntry)>,
    now: Instant,
) {
    let user = one.commit.user.clone();
    audit.extend(one.requested.drain(..).map(|record| (Some(user.clone()), AuditEntry::Reset(record))));
    let Some(settled) = &mut one.commit.settled else { return };
    let records = staged.map(|staged| staged.records(now)).unwrap_or_default();
    settled.audit.extend(records.into_iter().map(AuditEntry::Reset));
    settled.pin = guard(core, one.served.take(), &user);
    if let Some(pin) = &settled.pin {
        core.counts.pinned.add(1);
        core.pins().insert(user.clone(), Held::of(pin.cause, &pin.state));
        let reason = format!("the estimate moved by more than {} kg", core.settings.get().publish_jump_kg);
        audit.push((Some(user), AuditEntry::Act(core.act(ActKind::Pin, "publish guard", &reason))));
    }
}

/// What is served from here on, if the new estimate is too far from what was served to be served by itself.
pub(crate) fn guard(core: &Core, served: Option<UserState>, user: &UserId) -> Option<Pin> {
    let served = served?;
    if core.pins().contains_key(user) {
        return None;
    }
    // It may be of the policy before this one.
    let expectations = Expectations { fingerprint: served.fingerprint, ..core.expectations() };
    let state = Checked::state(served, &expectations).ok()?;
    Some(Pin { state, version: None, cause: PinCause::Jump })
}

/// Commits, and finds out what became of a commit of unknown outcome: only the steward commits, so the numbers tell.
fn commit(core: &Core, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreFailure> {
    core.counts.transactions.add(1);
    let before = checkpoint.mark.and_then(|_| core.keeper.call(|store| store.mark()).ok());
    let failure = match core.keeper.call(|store| store.commit(checkpoint)) {
        Ok(outcomes) => return Ok(outcomes),
        Err(failure) => failure,
    };
    core.counts.failed_commits.add(1);
    if !matches!(failure.last, StoreError::Unknown { .. }) {
        return Err(failure);
    }
    match core.keeper.call(|store| made(store, checkpoint, before)) {
        Ok(Some(outcomes)) => Ok(outcomes),
        // It was not made, and offering it again is all there is to do.
        Ok(None) => {
            let StoreFailure { attempts, last } = failure;
            let last = if let StoreError::Unknown { cause, .. } = last { *cause } else { last };
            Err(StoreFailure { attempts, last })
        }
        Err(_) => Err(failure),
    }
}

/// The outcomes of a commit, if it is certain that it was made: the mark moved, or a state that was folded on a number that
/// was read. Facts alone tell nothing, because they may have been there; offering them again is harmless.
fn made(
    store: &dyn Store,
    checkpoint: &Checkpoint,
    before: Option<Sequence>,
) -> Result<Option<Vec<UserOutcome>>, StoreError> {
    let mut outcomes = Vec::with_capacity(checkpoint.users.len());
    let mut moved = match (before, checkpoint.mark) {
        (Some(before), Some(mark)) => before < mark && store.mark()? >= mark,
        _ => false,
    };
    for commit in &checkpoint.users {
        let seen = store.load(&commit.user)?.map(|loaded| loaded.seen).unwrap_or_default();
        moved |= commit.settled.is_some() && seen.state > commit.seen.state;
        // The facts are kept in every case; that the state is not shows in its number.
        let (before, found) = (commit.seen.state, seen.state);
        let refused = (commit.settled.is_some() && before == found)
            .then_some(Refusal::StateMoved { seen: before, found });
        outcomes.push(UserOutcome { seen, added: commit.facts.len(), known: 0, refused });
    }
    Ok(moved.then_some(outcomes))
}

/// Says to the resets of a user how their commit ended.
fn end(
    staged: Staged<'_>,
    commit: &UserCommit,
    answer: Result<Option<&UserOutcome>, &StoreFailure>,
    now: Instant,
) {
    let Some(settled) = &commit.settled else { return staged.discard() };
    let base = StateVersion::new(commit.seen.state);
    let answer = match answer {
        Ok(Some(outcome)) if outcome.refused.is_none() => Ok(StateVersion::new(outcome.seen.state)),
        Ok(outcome) => {
            let found = StateVersion::new(outcome.map_or(0, |outcome| outcome.seen.state));
            Err(CommitFault::Conflict { base, found })
        }
        Err(failure) => Err(fault_of(failure, COMMIT)),
    };
    let records = staged.records(now);
    if let Err(error) = staged.end(Target { base, state: &settled.state }, records, answer, now) {
        tracing::warn!(code = error.code(), "a reset was not committed");
    }
}

/// Writes down what failed and belongs to no commit, and keeps what nobody knows yet.
fn remember(core: &Core, logs: Vec<ResetLog>) {
    let mut stuck = core.stuck.lock().unwrap_or_else(PoisonError::into_inner);
    stuck.extend(logs.into_iter().filter(|log| !log.records().is_empty() || !log.stuck().is_empty()));
}

/// Finds out what became of commits that nobody knew of, and writes down what is not written.
pub(crate) fn look_after(core: &Core) {
    let logs = std::mem::take(&mut *core.stuck.lock().unwrap_or_else(PoisonError::into_inner));
    let mut left = Vec::new();
    for mut log in logs {
        let now = core.now();
        let mut port = ResetPort(core);
        let resolved = log.stuck().is_empty() || log.resolve(&mut port, now).is_ok();
        let written = log.flush(&mut port, &core.breakers, now).is_ok();
        if !(resolved && written && log.stuck().is_empty()) {
            left.push(log);
        }
    }
    core.stuck.lock().unwrap_or_else(PoisonError::into_inner).extend(left);
}

/// Tells the lanes what became of what they gave out.
fn tell(core: &Core, checkpoint: Checkpoint, outcomes: Vec<UserOutcome>, held: &[bool]) {
    let mut jobs: Vec<Vec<Ended>> = core.lanes.iter().map(|_| Vec::new()).collect();
    let guarded = !core.pins().is_empty();
    for ((commit, outcome), held_back) in checkpoint.users.into_iter().zip(outcomes).zip(held) {
        if let Some(settled) = commit.settled.filter(|_| outcome.refused.is_none()) {
            core.counts.told.add(u64::from(settled.restatement.is_some()));
            core.counts.resets.add(settled.audit.len() as u64);
            if guarded && settled.pin.is_none() {
                serve::settled(core, &commit.user, &settled.state);
            }
        }
        if let Some(jobs) = jobs.get_mut(core.lane_of(&commit.user)) {
            jobs.push(Ended { user: commit.user, outcome: Some(outcome), held_back: *held_back });
        }
    }
    for (lane, jobs) in core.lanes.iter().zip(jobs) {
        let _ = lane.jobs.send(Job::Committed(jobs));
    }
}

/// Gives back to the lanes what was not committed.
fn give_back(core: &Core, users: Vec<UserCommit>, rest: Vec<Rest>, failure: &StoreFailure) {
    let trouble = Trouble::Store(failure.to_string());
    let mut jobs: Vec<Vec<(Outgoing, Option<Trouble>)>> = core.lanes.iter().map(|_| Vec::new()).collect();
    for (commit, rest) in users.into_iter().zip(rest) {
        if commit.settled.as_ref().is_some_and(|settled| settled.pin.is_some()) {
            core.pins().remove(&commit.user);
        }
        if let Some(rollout) = core.rollout.get().filter(|rollout| rollout.holds(core, &commit.user)) {
            rollout.give_back(&commit.user, commit.facts);
            continue;
        }
        if let Some(jobs) = jobs.get_mut(core.lane_of(&commit.user)) {
            jobs.push((rest.with(commit), Some(trouble.clone())));
        }
    }
    for (lane, jobs) in core.lanes.iter().zip(jobs) {
        let _ = lane.jobs.send(Job::GivenBack(jobs));
    }
}
