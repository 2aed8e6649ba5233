//! Folding a user from the first fact, and putting that in the place of what is kept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use reweigh_reading::{Source, UserId};
use reweigh_reset::RebuildPreview;
use reweigh_state::{Checked, Estimate, Restatement, UserState};
use reweigh_store::{
    ActKind, AuditEntry, Checkpoint, Loaded, PinCause, Seen, Settled, Store, StoreError, UserCommit,
};

use crate::checkpoint::guard;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::lane::Job;
use crate::replay::{Replay, Start, Winners};
use crate::serve;
use crate::turn::by_id;
use crate::work::said;

/// How often a rebuild begins again because the user moved meanwhile.
const AGAIN: usize = 5;

/// What a rebuild changed, or would.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rebuilt {
    /// Whether the state or a verdict is another than it was.
    pub changed: bool,
    /// The settled estimate before.
    pub before: Option<Estimate>,
    /// The estimate that the facts come to.
    pub after: Option<Estimate>,
    /// How many readings have another verdict than was kept.
    pub verdicts: u64,
    /// The same in the words of the audit.
    pub preview: RebuildPreview,
}

/// A user folded anew, ready to be committed.
struct Anew {
    seen: Seen,
    settled: Settled,
    before: Option<UserState>,
    rebuilt: Rebuilt,
}

impl Engine {
    /// Folds a user from the first fact, and puts that in the place of what is kept, unless it is a dry run: that says
    /// what would change and writes nothing. Who did it and why is in the audit, whatever it changed.
    ///
    /// Facts come first: if new ones come meanwhile it begins again, and what a worker settled meanwhile is never
    /// overwritten.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::Source;
    ///
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 80.0), doc::reading("ada", 2, 80.2)])?;
    /// engine.settle()?;
    ///
    /// let rebuilt = engine.rebuild(&"ada".parse()?, true, &Source::new("clerk")?, "to be sure")?;
    /// assert!(!rebuilt.changed);
    /// assert_eq!(rebuilt.preview.to_string(), "nothing changes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user; the fold panics or comes to a state that breaks rules, which is a defect; the user
    /// moves all the time; the store failed. What is kept is as it was.
    pub fn rebuild(
        &self,
        user: &UserId,
        dry_run: bool,
        by: &Source,
        reason: &str,
    ) -> Result<Rebuilt, EngineError> {
        self.heard(user)?;
        self.checkpoint()?;
        for _ in 0..AGAIN {
            let Some(anew) = self.anew(user)? else { continue };
            if dry_run {
                return Ok(anew.rebuilt);
            }
            let (user, by, reason) = (user.clone(), by.clone(), reason.to_owned());
            if let Some(rebuilt) = self.apart(move |core| replace(core, &user, anew, &by, &reason))? {
                return Ok(rebuilt);
            }
        }
        Err(EngineError::Moving(user.clone()))
    }

    /// Folds a user of the main file; none if it moved meanwhile.
    fn anew(&self, user: &UserId) -> Result<Option<Anew>, EngineError> {
        let core = &self.core;
        let loaded = core.keeper.call(|store| store.load(user))?;
        let loaded = loaded.filter(|loaded| loaded.facts > 0);
        let loaded = loaded.ok_or_else(|| EngineError::NoUser(user.clone()))?;
        let folded =
            catch_unwind(AssertUnwindSafe(|| core.keeper.call(|store| fold_all(core, store, user, &loaded))));
        let folded =
            folded.map_err(|panic| EngineError::Defect { user: user.clone(), said: said(panic.as_ref()) })?;
        let Some((state, mut settled)) = folded? else { return Ok(None) };
        let state = Checked::state(state, &core.expectations())
            .map_err(|wrong| EngineError::Defect { user: user.clone(), said: wrong.to_string() })?;
        let before = loaded.state.as_ref().and_then(|kept| kept.check(&core.expectations()).ok());
        let before = before.map(Checked::into_inner);
        let preview = RebuildPreview::of(before.as_ref(), &state, &[], &[]);
        let verdicts = settled.verdicts.len() as u64;
        let rebuilt = Rebuilt {
            changed: !preview.identical || verdicts > 0 || !loaded.mark.is_settled(),
            before: before.as_ref().and_then(UserState::estimate),
            after: state.estimate(),
            verdicts,
            preview,
        };
        let level = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.level_kg);
        if let Some((restatement, _)) = &mut settled.restatement {
            restatement.newest_kg = (level(rebuilt.before), level(rebuilt.after));
        }
        settled.restatement = settled.restatement.filter(|(restatement, _)| !restatement.is_empty());
        Ok(Some(Anew { seen: loaded.seen, settled: Settled { state, ..settled }, before, rebuilt }))
    }
}

/// The state that all facts of the main file come to, and its story; none if the user moved meanwhile.
fn fold_all(
    core: &Core,
    store: &dyn Store,
    user: &UserId,
    loaded: &Loaded,
) -> Result<Option<(UserState, Settled)>, StoreError> {
    let most = core.settings.get().turn_facts;
    let first = store.history(user, None, most)?;
    if first.seen != loaded.seen {
        return Ok(None);
    }
    let told = by_id(first.told.iter().cloned());
    let winners = Winners::of(&told);
    let start = Start {
        window: Vec::new(),
        base: UserState::unborn(core.fingerprint),
        first,
        own: &[],
        told: &told,
        winners: &winners,
        known: Vec::new(),
        correlation: core.correlation(),
        began: core.now(),
    };
    let mut replay = Replay::new(start);
    while !replay.step(store, &told, most, user, core.bench(user))? {}
    // The pieces belong together if nothing moved until the last was read: the commit is fenced by the numbers too.
    if store.load(user)?.is_none_or(|now| now.seen != loaded.seen) {
        return Ok(None);
    }
    let mut fold = replay.fold;
    fold.say_pending();
    let (mut verdicts, mut changes) = fold.book.changes();
    verdicts.extend(winners.gone.iter().cloned());
    changes.extend(winners.gone_told.iter().cloned());
    let check = |bytes: &[u8]| Checked::decode(bytes, &core.expectations()).ok();
    let snapshots = fold.snapshots().filter_map(check).collect();
    let restatement = Restatement { verdicts: changes, ..Restatement::default() };
    let unborn = Checked::state(UserState::unborn(core.fingerprint), &core.expectations());
    let Ok(unborn) = unborn else { return Ok(None) };
    let restatement = Some((restatement, "a rebuild".to_owned()));
    Ok(Some((fold.state, Settled { snapshots, verdicts, restatement, ..Settled::new(unborn, None) })))
}

/// Commits a user that was folded anew; none if it moved meanwhile.
fn replace(
    core: &Core,
    user: &UserId,
    anew: Anew,
    by: &Source,
    reason: &str,
) -> Result<Option<Rebuilt>, EngineError> {
    let Anew { seen, mut settled, before, rebuilt } = anew;
    let now = core.now();
    let act = core.act(ActKind::Rebuild, by.as_str(), reason);
    let record = rebuilt.preview.record(by, now, act.correlation);
    let mut audit = vec![(Some(user.clone()), AuditEntry::Act(act))];
    let mut users = Vec::new();
    if rebuilt.changed {
        settled.audit = vec![AuditEntry::Reset(record)];
        let jump_kg = core.settings.get().publish_jump_kg;
        let jumps = matches!((rebuilt.before, rebuilt.after), (Some(before), Some(after))
            if (after.level_kg - before.level_kg).abs() > jump_kg);
        settled.pin = guard(core, before.filter(|_| jumps), user);
        if settled.pin.is_some() {
            let why = format!("the estimate moved by more than {jump_kg} kg");
            let pinned = AuditEntry::Act(core.act(ActKind::Pin, "publish guard", &why));
            audit.push((Some(user.clone()), pinned));
        }
        users.push(UserCommit {
            seen,
            settled: Some(settled.clone()),
            ..UserCommit::facts(user.clone(), Vec::new())
        });
    } else {
        audit.push((Some(user.clone()), AuditEntry::Reset(record)));
    }
    let checkpoint = Checkpoint { users, audit, ..Checkpoint::at(now) };
    // A commit of unknown outcome may be made again: it is the same state, and what is there refuses it.
    let outcomes = core.keeper.call(|store| store.commit(&checkpoint));
    serve::look_again(core, user);
    if outcomes?.first().is_some_and(|outcome| outcome.refused.is_some()) {
        return Ok(None);
    }
    if settled.pin.as_ref().is_none_or(|pin| pin.cause != PinCause::Jump) {
        serve::settled(core, user, &settled.state);
    }
    if let Some(lane) = core.lane(user) {
        // What troubled the user may be over.
        let _ = lane.jobs.send(Job::Turns(vec![user.clone()]));
    }
    Ok(Some(rebuilt))
}
