//! Moving a store from one policy to another, a share of the users at a time, and back.

use std::sync::Arc;

use reweigh_judge::fingerprint;
use reweigh_reading::{Clock, Source, UserId};
use reweigh_state::{CheckedPolicy, Estimate, Restatement};
use reweigh_store::ActKind;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::keeper::Stores;
use crate::known;
use crate::lane::Job;
use crate::lines::{Role, tell};
use crate::rebuild::{Anew, Rebuilt};
use crate::rollout::{Rollout, is_under_another};
use crate::settings::CheckedSettings;
use crate::share::Share;

/// How many users are moved in one transaction at most.
const PIECE: usize = 256;

/// Why, for the audit.
const REASON: &str = "moved to another policy";

/// What one piece of a backfill did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Moved {
    /// Users that were looked at.
    pub users: u64,
    /// Users that were folded anew, and are under the engine's policy now.
    pub moved: u64,
    /// Of these, users whose estimate moved by 0.05 kg or more.
    pub changed: u64,
}

impl Moved {
    fn count(&mut self, rebuilt: &Rebuilt) {
        let level = |estimate: Option<Estimate>| estimate.map(|estimate| estimate.level_kg);
        let moved = match (level(rebuilt.before), level(rebuilt.after)) {
            (Some(before), Some(after)) => (before - after).abs() >= Restatement::WORTH_TELLING_KG,
            (before, after) => before.is_some() != after.is_some(),
        };
        self.moved += 1;
        self.changed += u64::from(moved);
    }
}

/// What another policy would make of a user.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Shadowed {
    /// The estimate under the engine's policy.
    pub before: Option<Estimate>,
    /// The estimate under the other.
    pub after: Option<Estimate>,
    /// Readings.
    pub readings: u64,
    /// Readings that would have another verdict.
    pub verdicts: u64,
}

impl Engine {
    /// Opens a store that is, or was in the middle of being, moved to another policy, and goes on with that: with the new
    /// policy to move users to it, with the old one to take them back.
    ///
    /// Users who are not moved yet are folded under the old policy no more: they take facts, which are not settled, and
    /// are served as they were. Only users of the share are moved, by [`backfill`](Self::backfill) or when a fact of
    /// theirs comes. A share may grow from one opening to the next. What the store names as its
    /// [current and target](reweigh_store::Settings) policy says how far it is; [`end_backfill`](Self::end_backfill)
    /// ends it. A store that is wholly under the policy is opened as always.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use std::sync::Arc;
    ///
    /// use reweigh::{Engine, Settings, Share};
    /// use reweigh_reading::Instant;
    /// use reweigh_state::Profile;
    /// use reweigh_store::{MemoryStore, Store, StoreId};
    /// # struct Stopped(Instant);
    /// # impl reweigh_reading::Clock for Stopped { fn now(&self) -> Instant { self.0 } }
    /// # let now: Instant = "2026-01-31T08:00:00Z".parse()?;
    ///
    /// let store = MemoryStore::new(StoreId::from_number(1));
    /// let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    /// let settings = Settings::default().check().unwrap();
    /// let (old, new) = (Profile::Balanced, Profile::Conservative);
    /// let policy = |profile: Profile| profile.policy().check().unwrap();
    ///
    /// let engine = Engine::open(stores.clone(), policy(old), settings.clone(), Stopped(now))?;
    /// engine.ingest(vec![doc::reading("ada", 1, 80.0), doc::reading("bob", 1, 95.3)])?;
    /// engine.close()?;
    ///
    /// let engine = Engine::open_for_backfill(stores, policy(new), Share::ALL, settings, Stopped(now))?;
    /// let mut last = None;
    /// while let (piece, Some(user)) = engine.backfill(last.as_ref(), 1_000)? {
    ///     println!("{} of {} users moved", piece.moved, piece.users);
    ///     last = Some(user);
    /// }
    /// engine.end_backfill()?;
    /// assert_eq!((engine.digest()?.users, engine.digest()?.unsettled), (2, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); the store is being moved between two other policies.
    pub fn open_for_backfill(
        stores: impl Stores + 'static,
        policy: CheckedPolicy,
        share: Share,
        settings: CheckedSettings,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<Self, EngineError> {
        Self::open_with(Arc::new(stores), policy, Some(share), settings, Arc::new(clock))
    }

    /// Moves the next users after one to the engine's policy, as far as they are in the share: at most `most` are looked
    /// at. Gives what it did and the last user, to go on after; none at the end. It can be killed at any time and begun
    /// anew: who is moved is moved.
    ///
    /// # Errors
    ///
    /// A user could not be folded or the store failed: those before are moved.
    pub fn backfill(
        &self,
        after: Option<&UserId>,
        most: usize,
    ) -> Result<(Moved, Option<UserId>), EngineError> {
        let core = &self.core;
        let users = core.keeper.call(|store| store.users(after, most))?;
        let share = core.rollout.get().map_or(Share::ALL, Rollout::share);
        self.catch_up()?;
        self.checkpoint()?;
        let by = Source::new("backfill").map_err(reweigh_reading::Reject::from)?;
        let mut done = Moved { users: users.len() as u64, ..Moved::default() };
        let (mut piece, mut facts) = (Vec::new(), 0);
        let facts_max = core.settings.get().transaction_facts as u64;
        for user in users.iter().filter(|user| share.has(user)) {
            let loaded = core.keeper.call(|store| store.load(user))?;
            if !loaded.is_some_and(|loaded| loaded.facts > 0 && is_under_another(core, &loaded)) {
                continue;
            }
            // Who moves while it is read is looked at again when the piece is done.
            let Some(anew) = self.anew(user)? else {
                self.move_one(user, &by, &mut done)?;
                continue;
            };
            facts += anew.facts;
            piece.push((user.clone(), anew));
            if facts >= facts_max || piece.len() >= PIECE {
                facts = 0;
                self.move_all(std::mem::take(&mut piece), &by, &mut done)?;
            }
        }
        self.move_all(piece, &by, &mut done)?;
        Ok((done, users.last().cloned()))
    }

    /// Moves users together.
    fn move_all(&self, piece: Vec<(UserId, Anew)>, by: &Source, done: &mut Moved) -> Result<(), EngineError> {
        if piece.is_empty() {
            return Ok(());
        }
        let (users, anew): (Vec<UserId>, Vec<Anew>) = piece.into_iter().unzip();
        let rebuilt: Vec<Rebuilt> = anew.iter().map(|anew| anew.rebuilt.clone()).collect();
        let left = self.replace(anew, by, REASON)?;
        for (user, rebuilt) in users.iter().zip(&rebuilt) {
            if left.contains(user) {
                self.move_one(user, by, done)?;
            } else {
                done.count(rebuilt);
                release(&self.core, user);
            }
        }
        Ok(())
    }

    fn move_one(&self, user: &UserId, by: &Source, done: &mut Moved) -> Result<(), EngineError> {
        done.count(&self.fold_anew(user, false, by, REASON)?);
        release(&self.core, user);
        Ok(())
    }

    /// Ends a backfill: from here on the store is under the engine's policy, and opened as always.
    ///
    /// # Errors
    ///
    /// There are users under another policy: so many. Nothing was changed. The store failed.
    pub fn end_backfill(&self) -> Result<(), EngineError> {
        let mut left = 0_u64;
        self.each_user(|store, user| {
            let loaded = store.load(user)?;
            left += u64::from(loaded.is_some_and(|loaded| is_under_another(&self.core, &loaded)));
            Ok(())
        })?;
        if left > 0 {
            return Err(EngineError::NotMoved { users: left });
        }
        self.apart(|core| {
            let mut settings = core.keeper.call(|store| store.settings())?;
            (settings.current, settings.target) = (Some(core.fingerprint), None);
            let act = core.act(ActKind::Settings, "backfill", "every user is under one policy");
            Ok(core.keeper.call(|store| store.set(&settings, &act))?)
        })
    }

    /// What another policy would make of a user: nothing is written, and nothing waits for it. This is the dry run of a
    /// backfill.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_state::Profile;
    ///
    /// let engine = doc::engine();
    /// engine.ingest((1..=20).map(|day| doc::reading("ada", day, 80.0)).collect::<Vec<_>>())?;
    /// engine.settle()?;
    /// let other = Profile::Conservative.policy().check().unwrap();
    /// let would = engine.shadow(&"ada".parse()?, &other)?.unwrap();
    /// assert_eq!((would.readings, would.verdicts), (20, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn shadow(&self, user: &UserId, policy: &CheckedPolicy) -> Result<Option<Shadowed>, EngineError> {
        let facts: Vec<_> = known::all(&self.core, user)?.into_iter().map(|it| it.fact).collect();
        if facts.is_empty() {
            return Ok(None);
        }
        let (now, then) = (tell(facts.clone(), &self.core.policy, None), tell(facts, policy, None));
        let pairs = now.lines.iter().zip(&then.lines).filter(|(line, _)| line.role == Role::Reading);
        let verdicts = pairs.filter(|(now, then)| now.verdict != then.verdict).count() as u64;
        let (before, after) = (now.state.estimate(), then.state.estimate());
        Ok(Some(Shadowed { before, after, readings: then.state.readings, verdicts }))
    }

    /// Holds the store to the engine's policy, or begins to move it there.
    pub(crate) fn move_to_policy(&self, share: Share) -> Result<(), EngineError> {
        let core = &self.core;
        let mut settings = core.keeper.call(|store| store.settings())?;
        let given = fingerprint(&core.policy);
        match (settings.current, settings.target) {
            (None, _) => return self.hold_to_policy(),
            (Some(current), None) if current == given => return Ok(()),
            (Some(current), Some(target)) if current != given && target != given => {
                let users = core.keeper.call(|store| store.stats())?.users;
                return Err(EngineError::OtherPolicy { found: target, given, users });
            }
            (Some(_), None) => {
                settings.target = Some(given);
                let act = core.act(ActKind::Settings, "backfill", "users are moved to another policy");
                core.keeper.call(|store| store.set(&settings, &act))?;
            }
            // It goes on, in one direction or the other.
            (Some(_), Some(_)) => {}
        }
        let _ = core.rollout.set(Rollout::new(share));
        Ok(())
    }
}

/// A user was moved: what waited of it goes the way of all facts.
fn release(core: &Core, user: &UserId) {
    let Some(rollout) = core.rollout.get() else { return };
    let waited = rollout.moved(user);
    let Some(lane) = core.lane(user) else { return };
    let job = if waited.is_empty() { Job::Turns(vec![user.clone()]) } else { Job::Run(user.clone(), waited) };
    let _ = lane.jobs.send(job);
}
