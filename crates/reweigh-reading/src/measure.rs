//! A weight as it was written: a value and a unit.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kilograms::Kilograms;
use crate::number::{self, DecimalMark, NumberError};
use crate::text::Excerpt;
use crate::unit::{Unit, UnitAliases, UnitError};

/// A weight as it was written, value and unit, that is a mass in [`Kilograms`].
///
/// The value is kept as given and converted when asked, so `176.4 lb` stays `176.4 lb` in every output and rounding
/// never adds up. Two measures are the same only when value and unit are: `1 st` is not `14 lb`.
///
/// ```
/// use reweigh_reading::{Measure, Unit};
///
/// let measure = Measure::new(176.4, Unit::Pound)?;
/// assert_eq!(measure.kilograms().get(), 80.013694068);
/// assert_eq!(measure.to_string(), "176.4 lb");
/// # Ok::<(), reweigh_reading::MeasureError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(f64, Unit)", into = "(f64, Unit)")]
pub struct Measure {
    value: f64,
    unit: Unit,
}

impl Measure {
    /// Takes a value and its unit, or says why they are no mass.
    ///
    /// # Errors
    ///
    /// What [`Kilograms::new`] refuses, of the value or of the mass it stands for.
    pub fn new(value: f64, unit: Unit) -> Result<Self, MeasureError> {
        match Kilograms::new(unit.in_kilograms(value)) {
            Ok(_) => Ok(Self { value, unit }),
            Err(MeasureError::NotPositive { .. }) => Err(MeasureError::NotPositive { value: value + 0.0 }),
            Err(error) => Err(error),
        }
    }

    /// The value as written.
    pub fn value(self) -> f64 {
        self.value
    }

    /// The unit it was written in.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// Its mass: the value times the factor of its unit, within one and a half units of the last place.
    pub fn kilograms(self) -> Kilograms {
        // `new` has made sure of it; the bound is never used.
        Kilograms::new(self.unit.in_kilograms(self.value)).unwrap_or(Kilograms::MAX)
    }
}

impl Eq for Measure {}

impl TryFrom<(f64, Unit)> for Measure {
    type Error = MeasureError;

    fn try_from((value, unit): (f64, Unit)) -> Result<Self, Self::Error> {
        Self::new(value, unit)
    }
}

impl From<Measure> for (f64, Unit) {
    fn from(measure: Measure) -> Self {
        (measure.value, measure.unit)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.unit)
    }
}

/// How weights are read from text: the decimal mark and what unusual units mean.
///
/// A text is a number, alone or with its unit (`80.5`, `80.5 kg`, `176.4lb`), or stones and pounds
/// (`12st 7lb`, `12 st 7.5`). Stones and pounds become pounds, 14 to the stone, which is exact where a
/// fraction of a stone is not; they agree with a row that says stone or pound.
///
/// ```
/// use reweigh_reading::{Measure, MeasureReader, Unit};
///
/// let reader = MeasureReader::default();
/// assert_eq!(reader.read("80.5", Some(Unit::Kilogram))?, Measure::new(80.5, Unit::Kilogram)?);
/// assert_eq!(reader.read("12st 7lb", None)?, Measure::new(175.0, Unit::Pound)?);
/// assert_eq!(reader.read("80.5", None).unwrap_err().code(), "unit_missing");
/// assert_eq!(reader.read("80.5 lb", Some(Unit::Kilogram)).unwrap_err().code(), "unit_clash");
/// # Ok::<(), reweigh_reading::MeasureError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureReader {
    decimal: DecimalMark,
    aliases: UnitAliases,
}

impl Default for MeasureReader {
    /// A decimal point and no aliases.
    fn default() -> Self {
        Self::new(DecimalMark::Point, UnitAliases::none())
    }
}

impl MeasureReader {
    /// A reader for one decimal mark and these aliases.
    pub const fn new(decimal: DecimalMark, aliases: UnitAliases) -> Self {
        Self { decimal, aliases }
    }

    /// Reads a unit on its own, as a unit column holds it.
    ///
    /// # Errors
    ///
    /// As [`Unit::parse`].
    pub fn unit(&self, text: &str) -> Result<Unit, UnitError> {
        Unit::parse(text, &self.aliases)
    }

    /// Reads a weight. `unit` is what the row or the header says; a unit in the text itself must agree with it.
    ///
    /// # Errors
    ///
    /// Every variant of [`MeasureError`]. Nothing is guessed: no unit at all is an error, and so are thousands
    /// separators and the other decimal mark.
    pub fn read(&self, text: &str, unit: Option<Unit>) -> Result<Measure, MeasureError> {
        let (value, rest) = number::leading(text, self.decimal)?;
        let rest = rest.trim();
        if rest.is_empty() {
            let unit = unit.ok_or(UnitError::Missing)?;
            return Measure::new(value, unit);
        }
        let (measure, agrees) = match self.unit(rest) {
            Ok(written) => (Measure::new(value, written), unit.is_none_or(|unit| unit == written)),
            Err(unknown) => {
                let measure = self.stones_and_pounds(value, rest).unwrap_or(Err(unknown.into()));
                (measure, unit.is_none_or(|unit| matches!(unit, Unit::Stone | Unit::Pound)))
            }
        };
        match unit {
            Some(unit) if !agrees && measure.is_ok() => {
                Err(MeasureError::UnitClash { text: Excerpt::new(text), unit })
            }
            _ => measure,
        }
    }

    /// The `st 7lb` behind `12`; nothing if the rest has another form.
    fn stones_and_pounds(&self, stones: f64, rest: &str) -> Option<Result<Measure, MeasureError>> {
        let digit = rest.find(|c: char| c.is_ascii_digit())?;
        let (unit, pounds) = rest.split_at_checked(digit)?;
        if self.unit(unit) != Ok(Unit::Stone) {
            return None;
        }
        let (pounds, unit) = match number::leading(pounds, self.decimal) {
            Ok(parts) => parts,
            Err(error) => return Some(Err(error.into())),
        };
        if !unit.trim().is_empty() && self.unit(unit) != Ok(Unit::Pound) {
            return None;
        }
        if stones.fract() != 0.0 || stones < 0.0 || !(0.0..14.0).contains(&pounds) {
            return Some(Err(MeasureError::StonesAndPounds));
        }
        Some(Measure::new(stones * 14.0 + pounds, Unit::Pound))
    }
}

/// Why something is not a weight. Nothing was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// Nothing is left after trimming.
    #[error("the weight is missing")]
    Missing,
    /// No number, or a number with something behind it.
    #[error("weight {text} is not a number with {mark} as its decimal mark and no thousands separators")]
    NotANumber {
        /// How it was written.
        text: Excerpt,
        /// The mark that was expected.
        mark: DecimalMark,
    },
    /// NaN or infinite.
    #[error("the weight is not a finite number")]
    NotFinite,
    /// Zero or below.
    #[error("weight {value} is not above zero")]
    NotPositive {
        /// The value.
        value: f64,
    },
    /// More than [`Kilograms::MAX`].
    #[error("{kilograms} kg is more than 10000 kg")]
    TooHeavy {
        /// The mass.
        kilograms: f64,
    },
    /// The unit is missing, unknown or dangerous.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// The text names one unit and its row another.
    #[error("weight {text} names another unit than its row, which says {unit}")]
    UnitClash {
        /// How the weight was written.
        text: Excerpt,
        /// The unit of the row.
        unit: Unit,
    },
    /// A fraction of a stone with pounds behind it, or 14 pounds and more.
    #[error("stones and pounds need a whole number of stones and less than 14 pounds")]
    StonesAndPounds,
}

impl MeasureError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "weight_missing",
            Self::NotANumber { .. } => "weight_not_a_number",
            Self::NotFinite => "weight_not_finite",
            Self::NotPositive { .. } => "weight_not_positive",
            Self::TooHeavy { .. } => "weight_too_heavy",
            Self::Unit(error) => error.code(),
            Self::UnitClash { .. } => "unit_clash",
            Self::StonesAndPounds => "weight_stones_and_pounds",
        }
    }
}

impl From<NumberError> for MeasureError {
    fn from(error: NumberError) -> Self {
        match error {
            NumberError::Missing => Self::Missing,
            NumberError::NotANumber { text, mark } => Self::NotANumber { text, mark },
            NumberError::NotFinite => Self::NotFinite,
        }
    }
}

#[cfg(test)]
mod tests;
