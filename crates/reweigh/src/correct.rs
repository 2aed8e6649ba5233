//! What an operator corrects: facts like any others, made for a person who knows an id.

use reweigh_reading::{
    Action, Fact, Instant, MadeId, Measure, ReadingId, ResetReason, Revision, Source, UserId, admit,
};

use crate::batch::Receipt;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::known;
use crate::lane::Job;

impl Engine {
    /// Says that a reading weighs something else, and gives the revision that says so. A reading that was taken back is
    /// brought back by it.
    ///
    /// The reading keeps its instant and its source. Two people who amend it at the same time make a conflict, which is
    /// decided by content and listed.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::{Measure, Unit};
    ///
    /// let engine = doc::engine();
    /// let wrong = doc::reading("ada", 1, 8.1);
    /// engine.ingest(wrong.clone())?;
    ///
    /// let (receipt, revision) = engine.amend(wrong.user(), wrong.id(), Measure::new(81.0, Unit::Kilogram)?)?;
    /// engine.settle()?;
    /// assert_eq!((revision.get(), engine.outcome(&receipt)?.accepted), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The user has nothing of that id, or it is no reading; the weight is not let in; the errors of
    /// [`ingest`](Self::ingest). Nothing was changed.
    pub fn amend(
        &self,
        user: &UserId,
        id: &ReadingId,
        measure: Measure,
    ) -> Result<(Receipt, Revision), EngineError> {
        let (told, revision) = self.next_telling(user, id)?;
        if matches!(told.action(), Action::Height(_) | Action::Reset { .. }) {
            return Err(EngineError::NotAReading { user: user.clone(), id: id.clone() });
        }
        let action = Action::Amend(measure);
        let fact = Fact::new(user.clone(), id.clone(), revision, told.at(), told.source().clone(), action);
        Ok((self.tell(fact)?, revision))
    }

    /// Takes a reading, a height or a reset back, and gives the revision that says so. A later amendment brings a
    /// reading back.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// let wrong = doc::reading("ada", 1, 81.0);
    /// let receipt = engine.ingest(wrong.clone())?;
    ///
    /// engine.retract(wrong.user(), wrong.id())?;
    /// engine.settle()?;
    /// assert_eq!(engine.outcome(&receipt)?.retracted, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The user has nothing of that id; the errors of [`ingest`](Self::ingest). Nothing was changed.
    pub fn retract(&self, user: &UserId, id: &ReadingId) -> Result<(Receipt, Revision), EngineError> {
        let (told, revision) = self.next_telling(user, id)?;
        let source = told.source().clone();
        let fact = Fact::new(user.clone(), id.clone(), revision, told.at(), source, Action::Retract);
        Ok((self.tell(fact)?, revision))
    }

    /// Asks that the estimate start anew at an instant, and gives the id of the request: [retracting](Self::retract) it
    /// undoes the reset. Who asked is in the fact and in the audit.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::{ResetReason, Source};
    ///
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 81.0), doc::reading("ada", 9, 74.0)])?;
    ///
    /// let (ada, clerk) = ("ada".parse()?, Source::new("clerk")?);
    /// let at = "2026-01-05T00:00:00Z".parse()?;
    /// let (_, id) = engine.reset(&ada, at, &clerk, &ResetReason::new("an operation")?)?;
    /// engine.settle()?;
    /// assert!(engine.find(&ada, "made-")?.contains(&id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user; the instant is not let in; the errors of [`ingest`](Self::ingest). Nothing was
    /// changed.
    pub fn reset(
        &self,
        user: &UserId,
        at: Instant,
        by: &Source,
        reason: &ResetReason,
    ) -> Result<(Receipt, ReadingId), EngineError> {
        self.heard(user)?;
        if self.state(user)?.is_none() {
            return Err(EngineError::NoUser(user.clone()));
        }
        let id: ReadingId = MadeId::of_reset(user, by, at, reason).into();
        let action = Action::Reset { reason: reason.clone() };
        let fact = Fact::new(user.clone(), id.clone(), Revision::FIRST, at, by.clone(), action);
        Ok((self.tell(fact)?, id))
    }

    /// A fact that one person tells: what is not let in is an error, and not kept among the rejected rows.
    fn tell(&self, fact: Fact) -> Result<Receipt, EngineError> {
        let fact = admit(fact, self.core.now(), self.core.settings.limits())?;
        self.ingest(fact)
    }

    /// What an id says, and the revision after the last one.
    fn next_telling(&self, user: &UserId, id: &ReadingId) -> Result<(Fact, Revision), EngineError> {
        self.heard(user)?;
        let mut tellings = known::held(&self.core, user);
        tellings.retain(|fact| fact.id() == id);
        let kept = self.core.keeper.call(|store| store.find(user, id))?;
        tellings.extend(kept.into_iter().map(|recorded| recorded.fact));
        tellings.sort_by(|a, b| a.revision().cmp(&b.revision()).then_with(|| a.compare_payload(b)));
        let says = tellings.iter().rev().find(|fact| !matches!(fact.action(), Action::Retract));
        let (Some(newest), Some(told)) = (tellings.last(), says.or_else(|| tellings.last())) else {
            return Err(EngineError::NoReading { user: user.clone(), id: id.clone() });
        };
        let next = newest.revision().next().ok_or_else(|| EngineError::NoRevision(id.clone()))?;
        Ok((told.clone(), next))
    }

    /// Waits until what was acknowledged before has reached its user: then whoever looks there finds it.
    pub(crate) fn heard(&self, user: &UserId) -> Result<(), EngineError> {
        self.catch_up()?;
        let (done, answers) = crossbeam_channel::bounded(1);
        let sent = self.core.lane(user).map(|lane| lane.jobs.send(Job::Echo(done)).is_ok());
        if sent != Some(true) {
            return Err(EngineError::Closed);
        }
        self.core.drive.wait(&answers).ok_or(EngineError::Closed)
    }
}
