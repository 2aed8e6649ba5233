//! From a weight to the number and unit that end up in the record, slips included.

use crate::label::Label;
use crate::person::Records;
use reweigh_reading::Unit;

const KG_PER_LB: f64 = 0.453_592_37;
const KG_PER_ST: f64 = 6.350_293_18;

/// What a scale for pounds shows multiples of, in pounds.
const POUNDS_GRID: f64 = 0.2;

/// What a scale can show. Ten times the most of it is still a mass that a record can hold.
const SCALE_KG: (f64, f64) = (1.0, 900.0);

/// What is recorded: a number with at most two decimals, and its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Written {
    pub(crate) value: f64,
    pub(crate) unit: Unit,
}

/// How somebody's weight becomes a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recorder {
    pub(crate) records: Records,
    pub(crate) height_m: f64,
    /// What the scale shows multiples of, in kilograms.
    pub(crate) grid_kg: f64,
}

impl Recorder {
    /// The record of this weight, when this went wrong with it.
    ///
    /// `chance` in 0..1 decides between the ways in which one slip can happen.
    pub(crate) fn write(&self, kg: f64, label: Label, chance: f64) -> Written {
        let kg = kg.clamp(SCALE_KG.0, SCALE_KG.1);
        let in_kg = |value: f64| Written { value: shown(value, self.grid_kg), unit: Unit::Kilogram };
        match label {
            Label::Clean | Label::Clothed | Label::OtherPerson | Label::Carried => self.plain(kg),
            Label::KilogramsAsPounds => self.as_pounds(kg),
            Label::StickyUnit if self.records == Records::Pounds => self.as_pounds(kg),
            Label::PoundsAsKilograms | Label::StickyUnit => in_kg(kg / KG_PER_LB),
            Label::StoneAsKilograms => in_kg(kg / KG_PER_ST),
            Label::Bmi => in_kg(kg / (self.height_m * self.height_m)),
            Label::Typo => self.rounded(mistype(self.number(kg))),
            Label::Decimal if chance < 0.5 => self.rounded(self.number(kg) / 10.0),
            Label::Decimal => self.rounded(self.number(kg) * 10.0),
        }
    }

    /// The record of a weight with which nothing went wrong.
    pub(crate) fn plain(&self, kg: f64) -> Written {
        self.rounded(self.number(kg.clamp(SCALE_KG.0, SCALE_KG.1)))
    }

    /// A number of kilograms taken for one of pounds: by the record's unit, or by a conversion on the way.
    fn as_pounds(&self, kg: f64) -> Written {
        match self.records {
            Records::Pounds => Written { value: shown(kg, self.grid_kg), unit: Unit::Pound },
            Records::Kilograms | Records::Stone => {
                Written { value: shown(kg * KG_PER_LB, self.grid_kg), unit: Unit::Kilogram }
            }
        }
    }

    /// The weight as a number of the unit that is recorded.
    fn number(&self, kg: f64) -> f64 {
        match self.records {
            Records::Kilograms => kg,
            Records::Pounds => kg / KG_PER_LB,
            Records::Stone => kg / KG_PER_ST,
        }
    }

    /// Such a number as it is recorded.
    fn rounded(&self, number: f64) -> Written {
        match self.records {
            Records::Kilograms => Written { value: shown(number, self.grid_kg), unit: Unit::Kilogram },
            Records::Pounds => Written { value: shown(number, POUNDS_GRID), unit: Unit::Pound },
            Records::Stone => Written { value: shown(number, 0.01), unit: Unit::Stone },
        }
    }
}

impl Written {
    /// Its mass.
    pub(crate) fn kilograms(self) -> f64 {
        match self.unit {
            Unit::Kilogram => self.value,
            Unit::Gram => self.value / 1_000.0,
            Unit::Pound => self.value * KG_PER_LB,
            Unit::Stone => self.value * KG_PER_ST,
        }
    }

    /// The same weight in pounds, to a tenth.
    pub(crate) fn in_pounds(self) -> Written {
        Written { value: (self.kilograms() / KG_PER_LB * 10.0).round() / 10.0, unit: Unit::Pound }
    }

    /// The same weight in whole grams.
    pub(crate) fn in_grams(self) -> Written {
        Written { value: (self.kilograms() * 1_000.0).round(), unit: Unit::Gram }
    }
}

/// The multiple of the grid next to a number, to hundredths; never nothing, so that each record is a weight.
fn shown(number: f64, grid: f64) -> f64 {
    let on_grid = (number / grid).round() * grid;
    ((on_grid.max(grid) * 100.0).round() / 100.0).max(0.1)
}

/// The first two digits swapped; where they are the same, another second digit.
fn mistype(number: f64) -> f64 {
    let text = format!("{number:.1}");
    let mut digits = text.into_bytes();
    if let [first, second, ..] = digits.as_mut_slice() {
        if first != second && second.is_ascii_digit() {
            std::mem::swap(first, second);
        } else {
            let wrong = if second.is_ascii_digit() { second } else { first };
            *wrong = b'0' + (*wrong - b'0' + 5) % 10;
        }
    }
    std::str::from_utf8(&digits).ok().and_then(|text| text.parse().ok()).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder(records: Records, grid_kg: f64) -> Recorder {
        Recorder { records, height_m: 1.6, grid_kg }
    }

    fn check(recorder: Recorder, kg: f64, label: Label, value: f64, unit: Unit) {
        let got = recorder.write(kg, label, 0.1);
        assert_eq!(got, Written { value, unit }, "{label} of {kg} kg");
    }

    #[test]
    fn whoever_records_kilograms_slips_in_kilograms() {
        let recorder = recorder(Records::Kilograms, 0.1);
        check(recorder, 80.26, Label::Clean, 80.3, Unit::Kilogram);
        check(recorder, 80.0, Label::PoundsAsKilograms, 176.4, Unit::Kilogram);
        check(recorder, 80.0, Label::StickyUnit, 176.4, Unit::Kilogram);
        check(recorder, 80.0, Label::KilogramsAsPounds, 36.3, Unit::Kilogram);
        check(recorder, 80.0, Label::StoneAsKilograms, 12.6, Unit::Kilogram);
        check(recorder, 81.0, Label::Bmi, 31.6, Unit::Kilogram);
        check(recorder, 82.4, Label::Typo, 28.4, Unit::Kilogram);
        check(recorder, 88.4, Label::Typo, 83.4, Unit::Kilogram);
        check(recorder, 101.3, Label::Typo, 11.3, Unit::Kilogram);
        check(recorder, 80.0, Label::Decimal, 8.0, Unit::Kilogram);
        let tenfold = Written { value: 800.0, unit: Unit::Kilogram };
        assert_eq!(recorder.write(80.0, Label::Decimal, 0.9), tenfold);
    }

    #[test]
    fn whoever_records_pounds_slips_in_pounds() {
        let recorder = recorder(Records::Pounds, 0.1);
        check(recorder, 80.0, Label::Clean, 176.4, Unit::Pound);
        check(recorder, 80.0, Label::StickyUnit, 80.0, Unit::Pound);
        check(recorder, 80.0, Label::KilogramsAsPounds, 80.0, Unit::Pound);
        check(recorder, 80.0, Label::PoundsAsKilograms, 176.4, Unit::Kilogram);
        check(recorder, 80.0, Label::Typo, 716.4, Unit::Pound);
    }

    #[test]
    fn a_coarse_grid_rounds_slips_too_and_never_to_nothing() {
        let recorder = recorder(Records::Kilograms, 1.0);
        check(recorder, 80.26, Label::Clean, 80.0, Unit::Kilogram);
        check(recorder, 22.0, Label::Decimal, 2.0, Unit::Kilogram);
        check(recorder, 50.0, Label::Typo, 5.0, Unit::Kilogram);
        check(recorder, -3.0, Label::Clean, 1.0, Unit::Kilogram);
        check(recorder, 0.1, Label::Bmi, 1.0, Unit::Kilogram);
        check(recorder, 5_000.0, Label::Clean, 900.0, Unit::Kilogram);
    }

    #[test]
    fn other_units_are_the_same_weight() {
        let written = Written { value: 80.3, unit: Unit::Kilogram };
        assert_eq!(written.in_pounds(), Written { value: 177.0, unit: Unit::Pound });
        assert_eq!(written.in_grams(), Written { value: 80_300.0, unit: Unit::Gram });
        assert!((recorder(Records::Stone, 0.1).plain(80.0).kilograms() - 80.0).abs() < 0.04);
    }
}
