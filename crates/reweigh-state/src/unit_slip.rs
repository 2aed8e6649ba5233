//! A value in one unit that was recorded as another.

use std::fmt;

use reweigh_reading::Unit;
use serde::{Deserialize, Serialize};

/// A value that was measured in one unit and recorded as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnitSlip {
    /// The unit of the measurement.
    pub measured: SlipUnit,
    /// The unit it was recorded in.
    pub recorded: SlipUnit,
}

/// A unit that people mix up with another. Grams never are: 80,000 looks like nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SlipUnit {
    /// Kilograms.
    Kilogram,
    /// Pounds.
    Pound,
    /// Stones.
    Stone,
}

impl SlipUnit {
    /// Every unit that is mixed up.
    pub const ALL: [Self; 3] = [Self::Kilogram, Self::Pound, Self::Stone];

    /// The unit of a reading, if it is one that is mixed up.
    #[must_use]
    pub fn of(unit: Unit) -> Option<Self> {
        match unit {
            Unit::Kilogram => Some(Self::Kilogram),
            Unit::Pound => Some(Self::Pound),
            Unit::Stone => Some(Self::Stone),
            Unit::Gram => None,
        }
    }

    /// Kilograms in one of it.
    #[must_use]
    pub fn kilograms(self) -> f64 {
        match self {
            Self::Kilogram => 1.0,
            Self::Pound => 0.453_592_37,
            Self::Stone => 6.350_293_18,
        }
    }

    /// Its symbol.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Kilogram => "kg",
            Self::Pound => "lb",
            Self::Stone => "st",
        }
    }
}

impl UnitSlip {
    /// What the kilograms of the record must be multiplied by to get what was measured.
    #[must_use]
    pub fn factor(self) -> f64 {
        self.measured.kilograms() / self.recorded.kilograms()
    }

    /// The same two units the other way round.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { measured: self.recorded, recorded: self.measured }
    }

    /// A number below 16, for ever the same.
    #[must_use]
    pub fn tag(self) -> u8 {
        let number = |unit: SlipUnit| match unit {
            SlipUnit::Kilogram => 0,
            SlipUnit::Pound => 1,
            SlipUnit::Stone => 2,
        };
        number(self.measured) * 4 + number(self.recorded)
    }

    /// The slip of a number; none for a unit taken for itself.
    #[must_use]
    pub fn from_tag(tag: u8) -> Option<Self> {
        let unit = |number: u8| match number {
            0 => Some(SlipUnit::Kilogram),
            1 => Some(SlipUnit::Pound),
            2 => Some(SlipUnit::Stone),
            _ => None,
        };
        let slip = Self { measured: unit(tag / 4)?, recorded: unit(tag % 4)? };
        (slip.measured != slip.recorded).then_some(slip)
    }
}

impl fmt::Display for UnitSlip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} recorded as {}", self.measured.symbol(), self.recorded.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slip is put right by multiplying with what one of the measured unit has of the recorded.
    ///
    /// Proves H4.
    #[test]
    fn a_factor_puts_a_slip_right() {
        let slip = |measured, recorded| UnitSlip { measured, recorded };
        let near = |slip: UnitSlip, factor: f64| {
            assert!((slip.factor() - factor).abs() < 1e-12, "{slip}: {}", slip.factor());
        };
        // The international pound and the stone of 14 pounds.
        near(slip(SlipUnit::Pound, SlipUnit::Kilogram), 0.453_592_37);
        near(slip(SlipUnit::Kilogram, SlipUnit::Pound), 1.0 / 0.453_592_37);
        near(slip(SlipUnit::Stone, SlipUnit::Kilogram), 14.0 * 0.453_592_37);
        near(slip(SlipUnit::Stone, SlipUnit::Pound), 14.0);
        for measured in SlipUnit::ALL {
            for recorded in SlipUnit::ALL {
                near(slip(measured, recorded), 1.0 / slip(recorded, measured).factor());
            }
        }
    }

    /// Each slip has a number below 16 of its own; a unit taken for itself is no slip.
    #[test]
    fn a_slip_has_a_number() {
        let tags: Vec<u8> = (0..=u8::MAX).filter(|tag| UnitSlip::from_tag(*tag).is_some()).collect();
        assert_eq!(tags, [1, 2, 4, 6, 8, 9]);
        for tag in tags {
            assert_eq!(UnitSlip::from_tag(tag).map(UnitSlip::tag), Some(tag));
        }
    }

    /// Grams are never mixed up with anything, and a slip is said in symbols.
    #[test]
    fn a_slip_is_said_in_symbols() {
        let units = [Unit::Kilogram, Unit::Gram, Unit::Pound, Unit::Stone].map(SlipUnit::of);
        assert_eq!(units, [Some(SlipUnit::Kilogram), None, Some(SlipUnit::Pound), Some(SlipUnit::Stone)]);
        let slip = UnitSlip { measured: SlipUnit::Stone, recorded: SlipUnit::Pound };
        assert_eq!(slip.to_string(), "st recorded as lb");
    }
}
