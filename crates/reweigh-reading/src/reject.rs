//! Why something is not let in.

use crate::action::ActionError;
use crate::height::HeightError;
use crate::instant::Instant;
use crate::instant_reader::InstantError;
use crate::kilograms::Kilograms;
use crate::measure::MeasureError;
use crate::revision::RevisionError;
use crate::text::TextError;
use crate::unit::UnitError;

/// Why something is not let in: every reason there is before a fact is kept.
///
/// [`code`](Self::code) names the reason for ever; the text is for people and may change.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Reject {
    /// The user, source, id or reason is no such text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The date cannot be told.
    #[error(transparent)]
    Instant(#[from] InstantError),
    /// The weight or its unit cannot be told.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// The height cannot be told.
    #[error(transparent)]
    Height(#[from] HeightError),
    /// The revision cannot be told.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The action cannot be told.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// The weight is outside the limits.
    #[error("weight {kilograms} is not within {lightest} to {heaviest}")]
    WeightOutOfRange {
        /// The weight.
        kilograms: Kilograms,
        /// The lightest that is let in.
        lightest: Kilograms,
        /// The heaviest that is let in.
        heaviest: Kilograms,
    },
    /// The fact is dated later than when it was received, by more than the skew.
    #[error("date {at} is in the future; the latest that is taken is {latest}")]
    InTheFuture {
        /// The date.
        at: Instant,
        /// The latest that is let in.
        latest: Instant,
    },
}

impl Reject {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Text(error) => error.code(),
            Self::Instant(error) => error.code(),
            Self::Measure(error) => error.code(),
            Self::Height(error) => error.code(),
            Self::Revision(error) => error.code(),
            Self::Action(error) => error.code(),
            Self::WeightOutOfRange { .. } => "weight_out_of_range",
            Self::InTheFuture { .. } => "instant_in_the_future",
        }
    }
}

impl From<UnitError> for Reject {
    fn from(error: UnitError) -> Self {
        Self::Measure(error.into())
    }
}

#[cfg(test)]
mod tests;
