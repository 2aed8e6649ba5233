//! Facts: what was said about a user, when, and by what.

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::id::{MadeId, ReadingId};
use crate::instant::Instant;
use crate::measure::Measure;
use crate::name::{Source, UserId};
use crate::order_key::OrderKey;
use crate::revision::Revision;

/// One thing that was said about one user.
///
/// Any fact that can be built is well-formed; whether it is let in is for [`admit`](crate::admit). There are no
/// setters: a correction is another fact, with the same id and a higher revision.
///
/// ```
/// use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
///
/// let fact = Fact::reading(
///     UserId::new("anna")?,
///     "2024-01-31T07:15:00Z".parse::<Instant>()?,
///     Source::new("scale")?,
///     Measure::new(80.5, Unit::Kilogram)?,
/// );
/// assert_eq!(fact.id().to_string(), "made-1513da92fba7cfd6aff0dd083a0ad316");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    user: UserId,
    id: ReadingId,
    revision: Revision,
    at: Instant,
    source: Source,
    action: Action,
}

impl Fact {
    /// Puts a fact together.
    pub fn new(
        user: UserId,
        id: ReadingId,
        revision: Revision,
        at: Instant,
        source: Source,
        action: Action,
    ) -> Self {
        Self { user, id, revision, at, source, action }
    }

    /// The first telling of a reading that came without an id: it gets a [made](MadeId) one.
    pub fn reading(user: UserId, at: Instant, source: Source, measure: Measure) -> Self {
        let id = MadeId::of_reading(&user, &source, at, measure).into();
        Self::new(user, id, Revision::FIRST, at, source, Action::Add(measure))
    }

    /// Whether its id, if it is a made one, is made of its content. It is of every fact that this crate makes; one that was
    /// read from a file may say otherwise, and then its id tells nothing of what it says.
    ///
    /// ```
    /// use reweigh_reading::{Action, Fact, Instant, Measure, Revision, Source, Unit, UserId};
    ///
    /// let (anna, scale) = (UserId::new("anna")?, Source::new("scale")?);
    /// let fact = Fact::reading(anna.clone(), Instant::UNIX_EPOCH, scale.clone(), Measure::new(80.5, Unit::Kilogram)?);
    /// assert!(fact.has_own_id());
    ///
    /// let edited = Action::Add(Measure::new(81.5, Unit::Kilogram)?);
    /// let edited = Fact::new(anna, fact.id().clone(), Revision::FIRST, fact.at(), scale, edited);
    /// assert!(!edited.has_own_id());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn has_own_id(&self) -> bool {
        let ReadingId::Made(id) = &self.id else { return true };
        match &self.action {
            Action::Add(measure) => *id == MadeId::of_reading(&self.user, &self.source, self.at, *measure),
            Action::Height(height) => *id == MadeId::of_height(&self.user, &self.source, self.at, *height),
            Action::Reset { reason } => *id == MadeId::of_reset(&self.user, &self.source, self.at, reason),
            // They name the id of another fact.
            Action::Amend(_) | Action::Retract => true,
        }
    }

    /// Whom it is about.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// What it is called.
    pub fn id(&self) -> &ReadingId {
        &self.id
    }

    /// Which telling it is.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The instant it holds for.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// What reported it.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What it does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// The weight of a reading or of its amendment.
    pub fn measure(&self) -> Option<Measure> {
        self.action.measure()
    }

    /// Its place in the order of its user's facts.
    pub fn key(&self) -> OrderKey {
        OrderKey::new(self.at, self.source.clone(), self.id.clone())
    }
}

#[cfg(test)]
mod tests;
