//! The edge rule: what is let in.

use crate::fact::Fact;
use crate::instant::{Elapsed, Instant};
use crate::kilograms::Kilograms;
use crate::reject::Reject;

/// The bounds of what is let in. See [`admit`].
///
/// ```
/// use reweigh_reading::{Elapsed, Kilograms, Limits};
///
/// let limits = Limits::default();
/// assert_eq!((limits.lightest().get(), limits.heaviest().get()), (2.0, 700.0));
/// assert_eq!(limits.skew(), Elapsed::from_hours(24));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    lightest: Kilograms,
    heaviest: Kilograms,
    skew: Elapsed,
}

impl Default for Limits {
    /// 2 kg, a newborn, to 700 kg, above the heaviest person on record; 24 hours ahead.
    fn default() -> Self {
        let kilograms = |value| Kilograms::new(value).unwrap_or(Kilograms::MAX);
        Self { lightest: kilograms(2.0), heaviest: kilograms(700.0), skew: Elapsed::from_hours(24) }
    }
}

impl Limits {
    /// Sets the bounds, all of them included in what is let in.
    ///
    /// # Errors
    ///
    /// The lightest above the heaviest; a negative skew.
    pub fn new(lightest: Kilograms, heaviest: Kilograms, skew: Elapsed) -> Result<Self, LimitsError> {
        if lightest > heaviest {
            Err(LimitsError::Empty { lightest, heaviest })
        } else if skew < Elapsed::ZERO {
            Err(LimitsError::NegativeSkew { skew })
        } else {
            Ok(Self { lightest, heaviest, skew })
        }
    }

    /// The lightest weight that is let in.
    pub fn lightest(&self) -> Kilograms {
        self.lightest
    }

    /// The heaviest weight that is let in.
    pub fn heaviest(&self) -> Kilograms {
        self.heaviest
    }

    /// How far after its receipt a fact may be dated.
    pub fn skew(&self) -> Elapsed {
        self.skew
    }
}

/// Why two bounds do not go together. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// No weight would be let in.
    #[error("the lightest weight, {lightest}, is above the heaviest, {heaviest}")]
    Empty {
        /// The lightest.
        lightest: Kilograms,
        /// The heaviest.
        heaviest: Kilograms,
    },
    /// Facts would be refused for having happened before they were told.
    #[error("the skew, {skew}, must not be negative")]
    NegativeSkew {
        /// The skew.
        skew: Elapsed,
    },
}

/// Lets a fact in, or says why not.
///
/// This is the only rule at the edge that knows when a fact was received, so it is applied once, before the fact is
/// kept, and never again: what is kept must not depend on when it came. What is refused is the caller's to report.
///
/// - A weight must lie within the limits, in kilograms, both bounds included. This is about what no scale for people
///   shows; whether a weight fits its user is judged later, and explained.
/// - No fact of any kind may be dated after `received` plus the skew. A clock that is wrong by years would otherwise
///   make every later reading look old.
///
/// ```
/// use reweigh_reading::{Fact, Instant, Limits, Measure, Source, Unit, UserId, admit};
///
/// let received: Instant = "2024-01-31T07:15:00Z".parse()?;
/// let dated = |at: Instant| -> Result<Fact, Box<dyn std::error::Error>> {
///     Ok(Fact::reading(UserId::new("anna")?, at, Source::unknown(), Measure::new(80.5, Unit::Kilogram)?))
/// };
/// assert!(admit(dated("2024-02-01T07:15:00Z".parse()?)?, received, &Limits::default()).is_ok());
/// let reject = admit(dated("2099-01-31T07:15:00Z".parse()?)?, received, &Limits::default()).unwrap_err();
/// assert_eq!(reject.code(), "instant_in_the_future");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Reject::WeightOutOfRange`] and [`Reject::InTheFuture`]. The fact is gone; offer a clone where it is needed.
pub fn admit(fact: Fact, received: Instant, limits: &Limits) -> Result<Fact, Reject> {
    admits(&fact, received, limits).map(|()| fact)
}

/// Says whether a fact would be let in, as [`admit`] does, and leaves it where it is.
///
/// # Errors
///
/// As [`admit`].
pub fn admits(fact: &Fact, received: Instant, limits: &Limits) -> Result<(), Reject> {
    if let Some(measure) = fact.measure() {
        let kilograms = measure.kilograms();
        if kilograms < limits.lightest || kilograms > limits.heaviest {
            let (lightest, heaviest) = (limits.lightest, limits.heaviest);
            return Err(Reject::WeightOutOfRange { kilograms, lightest, heaviest });
        }
    }
    let latest = received.saturating_add(limits.skew);
    if fact.at() > latest {
        return Err(Reject::InTheFuture { at: fact.at(), latest });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
