//! What is served instead of the settled state: pins, who sets them, and what lets them go.

use reweigh_reading::{OrderKey, Source, UserId};
use reweigh_reset::OperationKind;
use reweigh_state::UserState;
use reweigh_store::{ActKind, Pin, PinCause, RestoreError, StoreError, Version};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::keeper::StoreFailure;
use crate::port::fault_of;

/// What is served instead of the settled state of a user, as far as the guard has to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Held {
    pub(crate) cause: PinCause,
    level_kg: Option<f64>,
}

impl Held {
    pub(crate) fn of(cause: PinCause, state: &UserState) -> Self {
        Self { cause, level_kg: state.estimate().map(|estimate| estimate.level_kg) }
    }

    /// Why it need not be held any more, now that this is settled.
    fn lets_go(self, settled: &UserState, jump_kg: f64) -> Option<&'static str> {
        match self.cause {
            PinCause::Jump => {
                let settled = settled.estimate()?.level_kg;
                let back = (settled - self.level_kg?).abs() <= jump_kg;
                back.then_some("the settled estimate came back to what is served")
            }
            PinCause::Recovered(_) => Some("the user is settled"),
            // What an operator or a rollout holds, and what later versions add, is let go by hand.
            PinCause::Operator | PinCause::Rollout | _ => None,
        }
    }
}

/// A user was settled: what is served goes on from there, if nothing speaks against it any more.
pub(crate) fn settled(core: &Core, user: &UserId, state: &UserState) {
    let Some(held) = core.pins().get(user).copied() else { return };
    let Some(why) = held.lets_go(state, core.settings.get().publish_jump_kg) else { return };
    let by = if held.cause == PinCause::Jump { "publish guard" } else { "recovery ladder" };
    let act = core.act(ActKind::Release, by, why);
    if let Err(failure) = core.keeper.call(|store| store.release(user, &act)) {
        tracing::warn!(code = failure.last.code(), "a pin could not be let go; it is tried again");
    }
    look_again(core, user);
}

/// Takes up what the store says is served.
pub(crate) fn look_again(core: &Core, user: &UserId) {
    // What cannot be read stays as it was known.
    let Ok(loaded) = core.keeper.call(|store| store.load(user)) else { return };
    let pin = loaded.and_then(|loaded| loaded.pin);
    match pin {
        None => drop(core.pins().remove(user)),
        Some(pin) => {
            let level_kg = pin.state.look().ok().and_then(|state| Some(state.estimate()?.level_kg));
            core.pins().insert(user.clone(), Held { cause: pin.cause, level_kg });
        }
    }
}

/// Commits what is to be served under its breaker.
pub(crate) fn guarded<T>(
    core: &Core,
    kind: OperationKind,
    work: impl FnOnce() -> Result<T, StoreFailure>,
) -> Result<T, EngineError> {
    let permit = core.breakers.of(kind).acquire(core.now())?;
    let done = work();
    let now = core.now();
    match &done {
        Ok(_) => permit.succeed(now),
        Err(failure) => permit.fail(fault_of(failure, kind.as_str()).class(), now),
    }
    Ok(done?)
}

impl Engine {
    /// The versions of a user that are kept, the newest first: the settled states of the last checkpoints.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// for day in 1..=3 {
    ///     engine.ingest(doc::reading("ada", day, 80.0))?;
    ///     engine.settle()?;
    ///     engine.checkpoint()?;
    /// }
    /// let numbers: Vec<_> = engine.versions(&"ada".parse()?)?.iter().map(|version| version.number).collect();
    /// assert_eq!(numbers, [3, 2, 1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user in the main file; the store failed.
    pub fn versions(&self, user: &UserId) -> Result<Vec<Version>, EngineError> {
        let versions = self.core.keeper.call(|store| store.versions(user))?;
        if versions.is_empty() && self.core.keeper.call(|store| store.load(user))?.is_none() {
            return Err(EngineError::NoUser(user.clone()));
        }
        Ok(versions)
    }

    /// Serves a kept version from here on, until it is [released](Self::release). Settling goes on underneath. Who did
    /// it and why is in the audit.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::Source;
    ///
    /// let engine = doc::engine();
    /// for (day, kg) in [(1, 80.0), (2, 80.0), (3, 83.0)] {
    ///     engine.ingest(doc::reading("ada", day, kg))?;
    ///     engine.settle()?;
    ///     engine.checkpoint()?;
    /// }
    /// let (ada, clerk) = ("ada".parse()?, Source::new("clerk")?);
    /// engine.pin(&ada, 2, &clerk, "the scale was moved on the third")?;
    ///
    /// let standing = engine.state(&ada)?.unwrap();
    /// assert_eq!(standing.provisional.as_ref().unwrap().code(), "operator");
    /// assert_ne!(standing.estimate(), standing.settled.unwrap().estimate());
    ///
    /// engine.release(&ada, &clerk, "it is fine")?;
    /// assert_eq!(engine.state(&ada)?.unwrap().provisional, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user, or there is no such version, or it is of no use; the breaker is open; the store
    /// failed. What was served is served.
    pub fn pin(&self, user: &UserId, version: u64, by: &Source, reason: &str) -> Result<(), EngineError> {
        let (user, by, reason) = (user.clone(), by.clone(), reason.to_owned());
        self.apart(move |core| pin(core, &user, version, &by, &reason))
    }

    /// Serves the newest kept version before a key: an operator's restore. Looking for it, checking it and serving it are
    /// one transaction, so nothing can fall between.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::Source;
    ///
    /// let engine = doc::engine();
    /// for day in 1..=3 {
    ///     engine.ingest(doc::reading("ada", day, 80.0))?;
    ///     engine.settle()?;
    ///     engine.checkpoint()?;
    /// }
    /// let before = doc::reading("ada", 3, 80.0).key();
    /// let version = engine.restore(&"ada".parse()?, &before, &Source::new("clerk")?, "as of the second")?;
    /// assert_eq!(version.number, 2);
    ///
    /// let error = engine.restore(&"bob".parse()?, &before, &Source::new("clerk")?, "").unwrap_err();
    /// assert_eq!(error.code(), "restore_no_snapshot_before");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is no version before the key, or it is of no use; the breaker is open; the store failed. What was served is
    /// served.
    pub fn restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        by: &Source,
        reason: &str,
    ) -> Result<Version, EngineError> {
        let (user, before, by, reason) = (user.clone(), before.clone(), by.clone(), reason.to_owned());
        self.apart(move |core| {
            let act = core.act(ActKind::Pin, by.as_str(), &reason);
            let expectations = core.expectations();
            let found = guarded(core, OperationKind::RestoreCommit, || {
                core.keeper.call(|store| match store.check_and_pin(&user, &before, &act, &expectations) {
                    Err(RestoreError::Storage { cause, .. }) => Err(cause),
                    Err(RestoreError::Timeout { waited, .. }) => {
                        Err(StoreError::Busy { doing: "restoring a user", waited })
                    }
                    found => Ok(found),
                })
            });
            look_again(core, &user);
            found?.map_err(|error| EngineError::Restore(error.into()))
        })
    }

    /// Serves the settled state again.
    ///
    /// # Errors
    ///
    /// Nothing is known of the user, or nothing else than the settled state is served; the breaker is open; the store
    /// failed. What was served is served.
    pub fn release(&self, user: &UserId, by: &Source, reason: &str) -> Result<(), EngineError> {
        let (user, by, reason) = (user.clone(), by.clone(), reason.to_owned());
        self.apart(move |core| {
            let loaded = core.keeper.call(|store| store.load(&user))?;
            let loaded = loaded.ok_or_else(|| EngineError::NoUser(user.clone()))?;
            if loaded.pin.is_none() {
                return Err(EngineError::NotPinned(user.clone()));
            }
            let act = core.act(ActKind::Release, by.as_str(), &reason);
            let kind = OperationKind::RestoreCommit;
            let done = guarded(core, kind, || core.keeper.call(|store| store.release(&user, &act)));
            look_again(core, &user);
            done
        })
    }
}

fn pin(core: &Core, user: &UserId, version: u64, by: &Source, reason: &str) -> Result<(), EngineError> {
    let versions = core.keeper.call(|store| store.versions(user))?;
    if versions.is_empty() && core.keeper.call(|store| store.load(user))?.is_none() {
        return Err(EngineError::NoUser(user.clone()));
    }
    let found = versions.into_iter().find(|kept| kept.number == version);
    let found = found.ok_or_else(|| EngineError::NoVersion { user: user.clone(), version })?;
    let state = found.state.check(&core.expectations()).map_err(|cause| {
        let before = found.key().ok().flatten().unwrap_or_else(crate::base::end_of_time);
        EngineError::Restore(RestoreError::snapshot(user, &before, cause).into())
    })?;
    let pin = Pin { state, version: Some(version), cause: PinCause::Operator };
    let act = core.act(ActKind::Pin, by.as_str(), reason);
    let kind = OperationKind::RestoreCommit;
    let done = guarded(core, kind, || core.keeper.call(|store| store.pin(user, &pin, &act)));
    look_again(core, user);
    done
}
