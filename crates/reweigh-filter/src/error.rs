//! What can go wrong, said so that the caller can mend it.

use std::error::Error;
use std::fmt;

/// Why one step of a filter was refused.
///
/// Small, and laid out so that its numbers lie where those of a result do: on the way of a filter a
/// state then stays in floating-point registers, which the benches show as a tenth of the time.
///
/// Every function of this crate takes the state by reference and returns a new one, so after any of
/// these errors the state that was passed in is as it was.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FilterError {
    /// A number is infinite or NaN, on the way in or as the result of an overflow.
    NotFinite {
        /// Which number.
        what: Quantity,
        /// What it was.
        value: f64,
    },
    /// A number that must be greater than zero is not.
    NotPositive {
        /// Which number.
        what: Quantity,
        /// What it was.
        value: f64,
    },
    /// A number that must be zero or greater is not.
    Negative {
        /// Which number.
        what: Quantity,
        /// What it was.
        value: f64,
    },
    /// A covariance differs from its transpose. The comparison is exact, as every covariance that
    /// this crate makes is exactly symmetric.
    NotSymmetric {
        /// Row of the entry below the diagonal.
        row: u16,
        /// Column of the entry below the diagonal.
        column: u16,
        /// The entry below the diagonal.
        lower: f64,
        /// Its mirror above the diagonal.
        upper: f64,
    },
    /// A covariance is not positive definite: the pivot of this row in its Cholesky factor is not
    /// greater than zero.
    NotPositiveDefinite {
        /// The row.
        row: u16,
        /// The pivot, which for a positive definite matrix is greater than zero.
        pivot: f64,
    },
    /// A probability is not strictly between zero and one.
    NotAProbability {
        /// What it was.
        value: f64,
    },
    /// The state still has directions that nothing observed has said anything about.
    StillDiffuse {
        /// How many directions.
        rank: u16,
    },
}

/// The number or the matrix that a [`FilterError`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quantity {
    /// The mean of a state.
    Mean,
    /// The covariance of a state.
    Covariance,
    /// The unknown directions of a diffuse state.
    UnknownDirections,
    /// The time that passed.
    ElapsedTime,
    /// The mean of a forecast.
    ForecastMean,
    /// The variance of a forecast.
    ForecastVariance,
    /// The variance of an observation's error.
    NoiseVariance,
    /// The threshold of a bounded update.
    Threshold,
    /// The mean of a past value.
    PastMean,
    /// The variance of a past value.
    PastVariance,
    /// The covariance of a past value with the present state.
    PastCross,
    /// The variance that a level gains per unit of time.
    LevelRate,
    /// The variance that a trend gains per unit of time.
    TrendRate,
    /// The loading of an observation.
    Loading,
    /// The value of an observation.
    ObservedValue,
    /// The matrix of a transition.
    TransitionMatrix,
    /// The noise of a transition.
    ProcessNoise,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "mean",
            Self::Covariance => "covariance",
            Self::UnknownDirections => "unknown directions",
            Self::ElapsedTime => "elapsed time",
            Self::ForecastMean => "forecast mean",
            Self::ForecastVariance => "forecast variance",
            Self::NoiseVariance => "noise variance",
            Self::Threshold => "threshold",
            Self::PastMean => "past mean",
            Self::PastVariance => "past variance",
            Self::PastCross => "covariance with the past",
            Self::LevelRate => "variance rate of the level",
            Self::TrendRate => "variance rate of the trend",
            Self::Loading => "loading",
            Self::ObservedValue => "observed value",
            Self::TransitionMatrix => "transition matrix",
            Self::ProcessNoise => "process noise",
        })
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotFinite { what, value } => write!(f, "{what} is {value}; it must be finite"),
            Self::NotPositive { what, value } => {
                write!(f, "{what} is {value}; it must be greater than zero")
            }
            Self::Negative { what, value } => write!(f, "{what} is {value}; it must not be negative"),
            Self::NotSymmetric { row, column, lower, upper } => write!(
                f,
                "covariance is not symmetric: entry ({row}, {column}) is {lower} but entry ({column}, {row}) \
                 is {upper}; make both the same number"
            ),
            Self::NotPositiveDefinite { row, pivot } => write!(
                f,
                "covariance is not positive definite: pivot {pivot} in row {row}; widen its diagonal or \
                 start again from a wider state"
            ),
            Self::NotAProbability { value } => {
                write!(f, "probability is {value}; it must lie strictly between 0 and 1")
            }
            Self::StillDiffuse { rank } => write!(
                f,
                "{rank} direction(s) of the state are still unknown; give more observations at different times"
            ),
        }
    }
}

impl Error for FilterError {}

/// A [`FilterError`] and the place in the series where it came up.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SeriesError {
    /// Index of the sample or step, counted from zero.
    pub index: usize,
    /// What was wrong with it.
    pub source: FilterError,
}

impl fmt::Display for SeriesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the series fails at index {}", self.index)
    }
}

impl Error for SeriesError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Why a fit gave no model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FitError {
    /// A sample cannot be filtered at all.
    Series(SeriesError),
    /// There are fewer values than it takes to start the model and fit its variances.
    TooFewValues {
        /// Values that are not missing.
        have: u32,
        /// Values needed.
        need: u32,
    },
    /// All values were seen at the same time, so nothing can be said of change.
    NoTimePasses,
    /// The model predicts every value exactly; no variance greater than zero suits such a series.
    NoVariation,
    /// The search has no room: its bounds must be positive and finite, and the smaller one smaller.
    EmptySearch {
        /// The smallest ratio.
        min: f64,
        /// The largest ratio.
        max: f64,
    },
    /// The search did not converge: it ran out of evaluations before it came to a top.
    OutOfEvaluations {
        /// How often the series was filtered.
        evaluations: u32,
    },
    /// The search did not converge: it stopped where the likelihood still rises.
    NotAtTop {
        /// By how much one more step of Newton's method would raise the log-likelihood.
        rise: f64,
    },
    /// The search did not converge: where it stopped the likelihood has no top but a ridge or a plain, so the
    /// series does not tell the parameters apart.
    Flat,
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Series(_) => write!(f, "the series cannot be filtered"),
            Self::TooFewValues { have, need } => {
                write!(f, "the series has {have} value(s); a fit of this model needs at least {need}")
            }
            Self::NoTimePasses => {
                write!(f, "all values were seen at the same time; give values at different times")
            }
            Self::NoVariation => {
                write!(f, "the model predicts every value exactly; there is no noise to fit")
            }
            Self::EmptySearch { min, max } => write!(
                f,
                "the search runs from ratio {min} to {max}; both must be positive and finite and the first smaller"
            ),
            Self::OutOfEvaluations { evaluations } => write!(
                f,
                "did not converge: no top after {evaluations} evaluations; allow more or give a longer series"
            ),
            Self::NotAtTop { rise } => write!(
                f,
                "did not converge: stopped where the log-likelihood still rises by {rise}; give a longer series"
            ),
            Self::Flat => write!(
                f,
                "did not converge: the likelihood is flat, so the parameters cannot be told apart; give a \
                 longer series or a simpler model"
            ),
        }
    }
}

impl Error for FitError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Series(error) => Some(error),
            Self::TooFewValues { .. }
            | Self::NoTimePasses
            | Self::NoVariation
            | Self::EmptySearch { .. }
            | Self::OutOfEvaluations { .. }
            | Self::NotAtTop { .. }
            | Self::Flat => None,
        }
    }
}

impl From<SeriesError> for FitError {
    fn from(error: SeriesError) -> Self {
        Self::Series(error)
    }
}

/// A row, a column or a rank. No state has so many components that this would not fit.
pub(crate) fn ordinal(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// Checks of single numbers, used by every constructor.
pub(crate) mod require {
    use super::{FilterError, Quantity};

    #[inline]
    pub(crate) fn finite(what: Quantity, value: f64) -> Result<f64, FilterError> {
        // Adding zero turns -0.0 into 0.0 and changes nothing else.
        if value.is_finite() { Ok(value + 0.0) } else { Err(FilterError::NotFinite { what, value }) }
    }

    #[inline]
    pub(crate) fn positive(what: Quantity, value: f64) -> Result<f64, FilterError> {
        let value = finite(what, value)?;
        if value > 0.0 { Ok(value) } else { Err(FilterError::NotPositive { what, value }) }
    }

    #[inline]
    pub(crate) fn not_negative(what: Quantity, value: f64) -> Result<f64, FilterError> {
        let value = finite(what, value)?;
        if value >= 0.0 { Ok(value) } else { Err(FilterError::Negative { what, value }) }
    }
}
