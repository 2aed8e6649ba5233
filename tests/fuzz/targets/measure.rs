//! Weights, units and heights in text: no text panics, and what is read is a mass that is shown and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz measure -- -max_total_time=60

#![no_main]

use libfuzzer_sys::fuzz_target;
use reweigh_reading::{DecimalMark, Height, Kilograms, MeasureReader, Unit, UnitAliases};

fuzz_target!(|input: (bool, u8, &str, &str)| {
    let (comma, tag, text, second) = input;
    let decimal = if comma { DecimalMark::Comma } else { DecimalMark::Point };
    let aliases = UnitAliases::none();
    let aliases = aliases.clone().with(second, Unit::Pound).unwrap_or(aliases);
    let reader = MeasureReader::new(decimal, aliases);
    if let Ok(measure) = reader.read(text, Unit::from_tag(tag)) {
        let kilograms = measure.kilograms().get();
        assert!(kilograms.is_finite() && kilograms > 0.0 && measure.kilograms() <= Kilograms::MAX);
        assert_eq!(MeasureReader::default().read(&measure.to_string(), None), Ok(measure));
    }
    let unit = (!second.is_empty()).then_some(second);
    if let Ok(height) = Height::read(text, unit, decimal) {
        assert!((Height::METRES_MIN..=Height::METRES_MAX).contains(&height.metres()));
        assert_eq!(Height::read(&height.to_string(), None, DecimalMark::Point), Ok(height));
    }
});
