//! A person's height.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::number::{self, DecimalMark, NumberError};
use crate::text::Excerpt;

/// A height in metres: finite, from 0.3 to 3.0.
///
/// ```
/// use reweigh_reading::{DecimalMark, Height};
///
/// assert_eq!(Height::new(1.8)?.metres(), 1.8);
/// assert_eq!(Height::read("180 cm", None, DecimalMark::Point)?, Height::new(1.8)?);
/// assert_eq!(Height::read("5'11\"", None, DecimalMark::Point)?.metres(), 1.8034);
/// assert_eq!(Height::read("71", Some("in"), DecimalMark::Point)?.metres(), 1.8034);
/// # Ok::<(), reweigh_reading::HeightError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Height(f64);

#[derive(Clone, Copy, PartialEq)]
enum HeightUnit {
    Metre,
    Centimetre,
    Foot,
    Inch,
}

impl HeightUnit {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('.').trim_end().to_ascii_lowercase();
        match text.as_str() {
            "m" | "metre" | "metres" | "meter" | "meters" => Some(Self::Metre),
            "cm" | "cms" | "centimetre" | "centimetres" | "centimeter" | "centimeters" => {
                Some(Self::Centimetre)
            }
            "ft" | "foot" | "feet" | "'" | "′" | "’" | "[ft_i]" => Some(Self::Foot),
            "in" | "inch" | "inches" | "\"" | "″" | "”" | "''" | "[in_i]" => Some(Self::Inch),
            _ => None,
        }
    }

    /// So many of this unit in metres, with one multiplication or division; an inch is 0.0254 m exactly.
    fn in_metres(self, value: f64) -> f64 {
        match self {
            Self::Metre => value,
            Self::Centimetre => value / 100.0,
            Self::Foot => value * 0.3048,
            Self::Inch => value * 0.0254,
        }
    }
}

impl Height {
    /// The smallest height, in metres.
    pub const METRES_MIN: f64 = 0.3;
    /// The greatest height, in metres.
    pub const METRES_MAX: f64 = 3.0;

    /// Takes a height in metres, or says why it is none.
    ///
    /// # Errors
    ///
    /// NaN, infinite or outside the bounds.
    pub fn new(metres: f64) -> Result<Self, HeightError> {
        if !metres.is_finite() {
            Err(HeightError::NotFinite)
        } else if (Self::METRES_MIN..=Self::METRES_MAX).contains(&metres) {
            Ok(Self(metres))
        } else {
            // Adding zero turns -0.0 into 0.0.
            Err(HeightError::OutOfRange { metres: metres + 0.0 })
        }
    }

    /// The height in metres.
    pub fn metres(self) -> f64 {
        self.0
    }

    /// Reads a height in metres, centimetres, feet and inches, or inches.
    ///
    /// `unit` is what a unit column says. A unit in the text itself must agree with it.
    ///
    /// # Errors
    ///
    /// Every variant of [`HeightError`]. A number without a unit is refused, never guessed at.
    pub fn read(text: &str, unit: Option<&str>, decimal: DecimalMark) -> Result<Self, HeightError> {
        let named = match unit {
            Some(name) => {
                let unit = HeightUnit::parse(name);
                Some(unit.ok_or_else(|| HeightError::UnitUnknown { text: Excerpt::new(name) })?)
            }
            None => None,
        };
        let (value, rest) = number::leading(text, decimal)?;
        let rest = rest.trim();
        if rest.is_empty() {
            return Self::new(named.ok_or(HeightError::UnitMissing)?.in_metres(value));
        }
        let (written, metres) = match HeightUnit::parse(rest) {
            Some(unit) => (unit, unit.in_metres(value)),
            None => (HeightUnit::Foot, HeightUnit::Inch.in_metres(feet_and_inches(value, rest, decimal)?)),
        };
        match named {
            Some(unit) if unit != written => Err(HeightError::UnitClash { text: Excerpt::new(text) }),
            _ => Self::new(metres),
        }
    }
}

/// The inches of `5`, `ft 11in`.
fn feet_and_inches(feet: f64, rest: &str, decimal: DecimalMark) -> Result<f64, HeightError> {
    let unknown = || HeightError::UnitUnknown { text: Excerpt::new(rest) };
    let digit = rest.find(|c: char| c.is_ascii_digit()).ok_or_else(unknown)?;
    let (unit, inches) = rest.split_at_checked(digit).ok_or_else(unknown)?;
    let (inches, inch) = number::leading(inches, decimal)?;
    let inch_is_named = inch.trim().is_empty() || HeightUnit::parse(inch) == Some(HeightUnit::Inch);
    if HeightUnit::parse(unit) != Some(HeightUnit::Foot) || !inch_is_named {
        return Err(unknown());
    }
    if feet.fract() != 0.0 || feet < 0.0 || !(0.0..12.0).contains(&inches) {
        return Err(HeightError::FeetAndInches);
    }
    Ok(feet * 12.0 + inches)
}

impl Eq for Height {}

impl PartialOrd for Height {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Height {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl TryFrom<f64> for Height {
    type Error = HeightError;

    fn try_from(metres: f64) -> Result<Self, Self::Error> {
        Self::new(metres)
    }
}

impl From<Height> for f64 {
    fn from(height: Height) -> Self {
        height.0
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} m", self.0)
    }
}

/// Why something is not a height. Nothing was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HeightError {
    /// Nothing is left after trimming.
    #[error("the height is missing")]
    Missing,
    /// No number, or a number with something behind it.
    #[error("height {text} is not a number with {mark} as its decimal mark")]
    NotANumber {
        /// How it was written.
        text: Excerpt,
        /// The mark that was expected.
        mark: DecimalMark,
    },
    /// NaN or infinite.
    #[error("the height is not a finite number")]
    NotFinite,
    /// Below 0.3 m or above 3 m.
    #[error("height {metres} m is not within 0.3 m to 3 m; check its unit")]
    OutOfRange {
        /// The height.
        metres: f64,
    },
    /// A bare number and no unit beside it.
    #[error("the height has no unit; known are m, cm, ft, in")]
    UnitMissing,
    /// A unit that is none of lengths of people.
    #[error("height unit {text} is unknown; known are m, cm, ft, in")]
    UnitUnknown {
        /// How it was written.
        text: Excerpt,
    },
    /// The text names one unit and its row another.
    #[error("height {text} names another unit than its row")]
    UnitClash {
        /// How the height was written.
        text: Excerpt,
    },
    /// A fraction of a foot with inches behind it, or 12 inches and more.
    #[error("feet and inches need a whole number of feet and less than 12 inches")]
    FeetAndInches,
}

impl HeightError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "height_missing",
            Self::NotANumber { .. } => "height_not_a_number",
            Self::NotFinite => "height_not_finite",
            Self::OutOfRange { .. } => "height_out_of_range",
            Self::UnitMissing => "height_unit_missing",
            Self::UnitUnknown { .. } => "height_unit_unknown",
            Self::UnitClash { .. } => "height_unit_clash",
            Self::FeetAndInches => "height_feet_and_inches",
        }
    }
}

impl From<NumberError> for HeightError {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::Missing => Self::Missing,
            NumberError::NotANumber { text, mark } => Self::NotANumber { text, mark },
            NumberError::NotFinite => Self::NotFinite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unit: Option<&str>, metres: f64) {
        let height = Height::read(text, unit, DecimalMark::Point).unwrap();
        assert_eq!(height.metres().to_bits(), metres.to_bits(), "{text:?} {unit:?} is {height}");
    }

    fn refused(text: &str, unit: Option<&str>, code: &str) {
        let error = Height::read(text, unit, DecimalMark::Point).unwrap_err();
        assert_eq!(error.code(), code, "{text:?} {unit:?}: {error}");
    }

    #[test]
    fn usual_spellings_are_understood() {
        check("1.8", Some("m"), 1.8);
        check("180", Some("CM"), 1.8);
        check("180cm", None, 1.8);
        check("1.80 m", Some("m"), 1.8);
        check("71", Some("in"), 71.0 * 0.0254);
        for text in ["5'11\"", "5′11″", "5 ft 11 in", "5ft11", "5' 11", "5’11”", "5 feet 11 inches", "5'11''"]
        {
            check(text, None, 71.0 * 0.0254);
        }
        check("6 ft", None, 6.0 * 0.3048);
        check("5'10.5\"", Some("ft"), 70.5 * 0.0254);
        assert_eq!(Height::read("1,80 m", None, DecimalMark::Comma), Height::new(1.8));
    }

    #[test]
    fn what_is_no_height_has_its_own_reason() {
        refused("", Some("m"), "height_missing");
        refused("tall", Some("m"), "height_not_a_number");
        refused("1,80", Some("m"), "height_not_a_number");
        refused("nan", Some("m"), "height_not_finite");
        refused("1.8", None, "height_unit_missing");
        refused("1.8 ell", None, "height_unit_unknown");
        refused("1.8", Some("ell"), "height_unit_unknown");
        refused("180 cm", Some("m"), "height_unit_clash");
        refused("180", Some("m"), "height_out_of_range");
        refused("-0.0", Some("m"), "height_out_of_range");
        refused("5.5'3\"", None, "height_feet_and_inches");
        refused("5'12\"", None, "height_feet_and_inches");
        refused("5 ft 11 cm", None, "height_unit_unknown");
    }

    #[test]
    fn bounds_are_inclusive() {
        check("0.3 m", None, 0.3);
        check("3 m", None, 3.0);
        refused("0.2999 m", None, "height_out_of_range");
        refused("3.0001 m", None, "height_out_of_range");
    }

    /// Proves W18.
    #[test]
    fn what_is_not_finite_is_refused() {
        for metres in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Height::new(metres), Err(HeightError::NotFinite));
        }
    }

    #[test]
    fn decoding_goes_through_the_constructor() {
        assert!(serde_json::from_str::<Height>("18").is_err());
        assert_eq!(serde_json::from_str::<Height>("1.8").unwrap(), Height::new(1.8).unwrap());
    }
}
