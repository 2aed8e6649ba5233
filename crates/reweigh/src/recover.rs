//! What is served of a user who cannot be settled.

use reweigh_reading::UserId;
use reweigh_reset::{
    Evidence, KeptVersion, KnownReading, OperationKind, PassedOver, Provenance, Rung, StateVersion,
};
use reweigh_state::{AuditRecord, UserState};
use reweigh_store::{ActKind, AuditEntry, Checkpoint, Pin, PinCause};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::known;
use crate::lines::{Role, cast};
use crate::serve::{guarded, look_again};
use crate::story::Story;

/// What the recovery ladder serves, or would.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Recovery {
    /// The rung that serves. [`Manual`](Rung::Manual): none could, and a person has to decide.
    pub rung: Rung,
    /// What it serves.
    pub state: Option<UserState>,
    /// Where that comes from.
    pub provenance: Option<Provenance>,
    /// The rungs above, and why each did not serve.
    pub passed_over: Vec<PassedOver>,
}

impl Engine {
    /// Serves of a user who cannot be settled what the recovery ladder can give, until settling replaces it; in a dry
    /// run it only says what that would be. The facts and what is settled stay as they are. What was served is in the
    /// audit, with the rungs that were tried.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reset::Rung;
    ///
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 29, 80.0), doc::reading("ada", 30, 80.2)])?;
    /// engine.settle()?;
    ///
    /// let would = engine.recover(&"ada".parse()?, true)?;
    /// assert_eq!((would.rung, would.passed_over.len()), (Rung::Rollback, 0));
    /// // She is settled, so there is nothing to recover.
    /// assert_eq!(engine.recover(&"ada".parse()?, false).unwrap_err().code(), "engine_settled");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user; the user is settled; the breaker is open; the store failed. What was served is
    /// served.
    pub fn recover(&self, user: &UserId, dry_run: bool) -> Result<Recovery, EngineError> {
        self.heard(user)?;
        let standing = self.state(user)?.ok_or_else(|| EngineError::NoUser(user.clone()))?;
        if !dry_run && standing.settled.is_some() {
            return Err(EngineError::Settled(user.clone()));
        }
        if !dry_run {
            // What is served is kept beside the facts, so they have to be there.
            self.checkpoint()?;
        }
        let (began, core) = (self.core.now(), &self.core);
        let prior = self.prior(user)?;
        let versions = core.keeper.call(|store| store.versions(user)).unwrap_or_default();
        let versions: Vec<KeptVersion<'_>> = versions
            .iter()
            .map(|kept| KeptVersion { version: StateVersion::new(kept.number), bytes: kept.state.as_bytes() })
            .collect();
        // Any of it may be damaged: then it is no evidence.
        let readings = self.readings(user).unwrap_or_default();
        let (prior, versions, readings) = (prior.as_ref(), versions.as_slice(), readings.as_slice());
        let expectations = core.expectations();
        let evidence = Evidence { at: began, prior, versions, readings, expectations };
        let found = reweigh_reset::recover(&evidence, core.settings.ladder());
        let now = core.now();
        let micros = u64::try_from(now.since(began).micros()).unwrap_or(0);
        let correlation = core.correlation();
        let (recovery, pin, record) = match found {
            Ok(recovered) => {
                let record = recovered.record(now, micros, correlation);
                let rung = recovered.provenance.rung();
                let state = Some(UserState::clone(&recovered.state));
                let version = if let Provenance::Version { version, .. } = recovered.provenance {
                    Some(version.get())
                } else {
                    None
                };
                let cause = PinCause::Recovered(number(rung));
                let pin = Pin { state: recovered.state, version, cause };
                let provenance = Some(recovered.provenance);
                (Recovery { rung, state, provenance, passed_over: recovered.passed_over }, Some(pin), record)
            }
            Err(none) => {
                let record = none.record(now, micros, correlation);
                let passed_over = none.passed_over;
                (Recovery { rung: Rung::Manual, state: None, provenance: None, passed_over }, None, record)
            }
        };
        if !dry_run {
            let user = user.clone();
            self.apart(move |core| serve(core, &user, pin, record))?;
        }
        Ok(recovery)
    }

    /// The state before what failed: as memory has it, or as it is kept.
    fn prior(&self, user: &UserId) -> Result<Option<UserState>, EngineError> {
        let in_memory = self.core.lane(user).and_then(|lane| {
            let folded = |story: &Story| story.fold.as_ref().map(|fold| fold.state.clone());
            let said = |story: &Story| story.said.clone().filter(|said| !said.hypotheses.is_empty());
            lane.look(user, |story| story.and_then(|story| said(story).or_else(|| folded(story))))
        });
        if in_memory.is_some() {
            return Ok(in_memory);
        }
        let loaded = self.core.keeper.call(|store| store.load(user))?;
        Ok(loaded.and_then(|loaded| loaded.state?.look().ok()))
    }

    /// The readings of a user that hold.
    fn readings(&self, user: &UserId) -> Result<Vec<KnownReading>, EngineError> {
        let recorded = known::all(&self.core, user)?;
        let roles = cast(recorded.iter().map(|it| it.fact.clone()).collect());
        let reading = |((fact, role), it): ((_, Role), &reweigh_store::Recorded)| {
            let fact: reweigh_reading::Fact = fact;
            let refused = it.verdict.is_some_and(|verdict| verdict.reason.rejects());
            let measure = fact.measure().filter(|_| role == Role::Reading)?;
            Some(KnownReading { key: fact.key(), weight: measure.kilograms(), refused })
        };
        Ok(roles.into_iter().zip(&recorded).filter_map(reading).collect())
    }
}

/// The number of a rung, from 1.
fn number(rung: Rung) -> u8 {
    let place = Rung::ALL.iter().position(|one| *one == rung).unwrap_or_default();
    u8::try_from(place + 1).unwrap_or(u8::MAX)
}

fn serve(core: &Core, user: &UserId, pin: Option<Pin>, record: AuditRecord) -> Result<(), EngineError> {
    let entry = (Some(user.clone()), AuditEntry::Reset(record));
    let checkpoint = Checkpoint { audit: vec![entry], ..Checkpoint::at(core.now()) };
    guarded(core, OperationKind::RecoveryCommit, || {
        core.keeper.call(|store| store.commit(&checkpoint).map(drop))
    })?;
    let Some(pin) = pin else { return Ok(()) };
    let PinCause::Recovered(rung) = pin.cause else { return Ok(()) };
    let act = core.act(ActKind::Pin, "recovery ladder", "the user cannot be settled");
    let kind = OperationKind::RecoveryCommit;
    let done = guarded(core, kind, || core.keeper.call(|store| store.pin(user, &pin, &act)));
    look_again(core, user);
    done?;
    if let Some(count) = core.counts.recoveries.get(usize::from(rung) - 1) {
        count.add(1);
    }
    Ok(())
}
