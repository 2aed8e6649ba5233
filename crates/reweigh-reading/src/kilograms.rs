//! Body mass in kilograms.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::measure::MeasureError;

/// A mass in kilograms: finite, above 0, at most 10,000.
///
/// The bound only keeps nonsense out of the arithmetic; what is plausible for a person is decided by
/// [`admit`](crate::admit) and after it. Zero is no mass, so there is no `-0.0` either.
///
/// ```
/// use reweigh_reading::Kilograms;
///
/// assert_eq!(Kilograms::new(80.5)?.get(), 80.5);
/// assert_eq!(Kilograms::new(f64::NAN).unwrap_err().code(), "weight_not_finite");
/// assert_eq!(Kilograms::new(-0.0).unwrap_err().code(), "weight_not_positive");
/// # Ok::<(), reweigh_reading::MeasureError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Kilograms(f64);

impl Kilograms {
    /// The greatest mass that can be held.
    pub const MAX: Self = Self(10_000.0);

    /// Takes a mass, or says why it is none.
    ///
    /// # Errors
    ///
    /// NaN or infinite, zero or below, above [`MAX`](Self::MAX).
    pub fn new(kilograms: f64) -> Result<Self, MeasureError> {
        if !kilograms.is_finite() {
            Err(MeasureError::NotFinite)
        } else if kilograms <= 0.0 {
            // Adding zero turns -0.0 into 0.0: both are refused in the same words.
            Err(MeasureError::NotPositive { value: kilograms + 0.0 })
        } else if kilograms > Self::MAX.0 {
            Err(MeasureError::TooHeavy { kilograms })
        } else {
            Ok(Self(kilograms))
        }
    }

    /// The number of kilograms.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Kilograms {}

impl PartialOrd for Kilograms {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Kilograms {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl TryFrom<f64> for Kilograms {
    type Error = MeasureError;

    fn try_from(kilograms: f64) -> Result<Self, Self::Error> {
        Self::new(kilograms)
    }
}

impl From<Kilograms> for f64 {
    fn from(kilograms: Kilograms) -> Self {
        kilograms.0
    }
}

impl fmt::Display for Kilograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} kg", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(value: f64, code: &str) {
        assert_eq!(Kilograms::new(value).unwrap_err().code(), code, "{value}");
    }

    /// Proves W18.
    #[test]
    fn what_is_not_finite_is_refused() {
        for value in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            refused(value, "weight_not_finite");
        }
    }

    #[test]
    fn bounds_are_inclusive_above_and_exclusive_at_zero() {
        refused(0.0, "weight_not_positive");
        refused(-80.0, "weight_not_positive");
        assert_eq!(Kilograms::new(-0.0), Kilograms::new(0.0));
        assert!(Kilograms::new(f64::from_bits(1)).is_ok());
        assert!(Kilograms::new(10_000.0).is_ok());
        refused(10_000.0_f64.next_up(), "weight_too_heavy");
    }

    #[test]
    fn decoding_goes_through_the_constructor() {
        assert!(serde_json::from_str::<Kilograms>("0").is_err());
        let nan = postcard::to_allocvec(&f64::NAN).unwrap();
        assert!(postcard::from_bytes::<Kilograms>(&nan).is_err());
        assert_eq!(serde_json::from_str::<Kilograms>("80.5").unwrap(), Kilograms::new(80.5).unwrap());
    }
}
