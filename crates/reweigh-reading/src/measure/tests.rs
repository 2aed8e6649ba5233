use proptest::prelude::*;

use super::*;
use crate::strategies;

fn check(text: &str, unit: Option<Unit>, value: f64, written: Unit) {
    let measure = MeasureReader::default().read(text, unit);
    let measure = measure.unwrap_or_else(|error| panic!("{text:?} {unit:?}: {error}"));
    assert_eq!(measure, Measure::new(value, written).unwrap(), "{text:?} {unit:?}");
}

fn refused(text: &str, unit: Option<Unit>, code: &str) {
    let error = MeasureReader::default().read(text, unit).unwrap_err();
    assert_eq!(error.code(), code, "{text:?} {unit:?}: {error}");
}

#[test]
fn a_number_takes_the_unit_of_its_row() {
    let kg = Some(Unit::Kilogram);
    check("80.5", kg, 80.5, Unit::Kilogram);
    check(" +80.50\t", kg, 80.5, Unit::Kilogram);
    check("80.", kg, 80.0, Unit::Kilogram);
    check(".5", kg, 0.5, Unit::Kilogram);
    check("8.05e+01", kg, 80.5, Unit::Kilogram);
    check("52.5999984741211", kg, 52.599_998_474_121_1, Unit::Kilogram);
    check("176.4", Some(Unit::Pound), 176.4, Unit::Pound);
}

#[test]
fn a_unit_in_the_text_counts_and_must_agree() {
    check("80.5 kg", None, 80.5, Unit::Kilogram);
    check("80.5KG.", Some(Unit::Kilogram), 80.5, Unit::Kilogram);
    check("176.4lbs", None, 176.4, Unit::Pound);
    check("12.5 st", None, 12.5, Unit::Stone);
    check("80500 g", None, 80_500.0, Unit::Gram);
    refused("80.5 kg", Some(Unit::Pound), "unit_clash");
    refused("12 st", Some(Unit::Pound), "unit_clash");
    refused("80.5", None, "unit_missing");
    refused("80.5 oz", None, "unit_unknown");
    refused("80.5 oz", Some(Unit::Kilogram), "unit_unknown");
    refused("80.5 [lb_ap]", None, "unit_dangerous");
}

#[test]
fn stones_and_pounds_are_pounds() {
    for text in ["12st 7lb", "12 st 7 lbs.", "12st7", "12 stone 7 pounds", "12ST 7.0LB"] {
        check(text, None, 175.0, Unit::Pound);
    }
    check("12st 7.5lb", Some(Unit::Stone), 175.5, Unit::Pound);
    check("12st 7lb", Some(Unit::Pound), 175.0, Unit::Pound);
    check("12st 0lb", None, 168.0, Unit::Pound);
    check("0st 7lb", None, 7.0, Unit::Pound);
    refused("12st 7lb", Some(Unit::Kilogram), "unit_clash");
    refused("12st 14lb", None, "weight_stones_and_pounds");
    refused("12.5st 7lb", None, "weight_stones_and_pounds");
    refused("-12st 7lb", None, "weight_stones_and_pounds");
    refused("12st 7kg", None, "unit_unknown");
    refused("12kg 7lb", None, "unit_unknown");
    refused("12st 7lb 3oz", None, "unit_unknown");
    refused("0st 0lb", None, "weight_not_positive");
    refused("12st 7,5lb", None, "weight_not_a_number");
}

/// Proves W18.
#[test]
fn what_is_not_finite_is_refused() {
    for text in ["nan", "NaN", "-NAN", "inf", "+Inf", "-infinity", "1e999"] {
        refused(text, Some(Unit::Kilogram), "weight_not_finite");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for unit in Unit::ALL {
            assert_eq!(Measure::new(value, unit), Err(MeasureError::NotFinite));
        }
    }
}

#[test]
fn what_is_no_weight_has_its_own_reason() {
    let kg = Some(Unit::Kilogram);
    refused("", kg, "weight_missing");
    refused(" \u{a0}", kg, "weight_missing");
    for text in
        ["abc", "kg", "-", ".", "e5", "80..5", "1.2.3", "80,5", "1,234.5", "1_000", "NA", "null", "--5", "٨٠"]
    {
        refused(text, kg, "weight_not_a_number");
    }
    for text in ["0", "-0.0", "-80.5", "1e-999"] {
        refused(text, kg, "weight_not_positive");
    }
    refused("10000.1", kg, "weight_too_heavy");
    refused("1e300", Some(Unit::Stone), "weight_too_heavy");
    refused("5e-324", Some(Unit::Gram), "weight_not_positive");
    refused("1e308", Some(Unit::Stone), "weight_not_finite");
}

#[test]
fn minus_zero_is_refused_in_the_words_of_zero() {
    assert_eq!(Measure::new(-0.0, Unit::Pound).unwrap_err().to_string(), "weight 0 is not above zero");
}

#[test]
fn a_decimal_comma_is_read_where_it_is_set() {
    let reader = MeasureReader::new(DecimalMark::Comma, UnitAliases::none());
    assert_eq!(reader.read("80,5 kg", None), Measure::new(80.5, Unit::Kilogram));
    assert_eq!(reader.read("80", Some(Unit::Kilogram)), Measure::new(80.0, Unit::Kilogram));
    for text in ["80.5", "1.234,5"] {
        let error = reader.read(text, Some(Unit::Kilogram)).unwrap_err();
        assert_eq!(error.code(), "weight_not_a_number");
        assert!(error.to_string().contains("`,`"), "{error}");
    }
}

#[test]
fn an_alias_counts_in_every_place() {
    let aliases = UnitAliases::none().with("lb2", Unit::Pound).unwrap().with("[lb_ap]", Unit::Pound).unwrap();
    let reader = MeasureReader::new(DecimalMark::Point, aliases);
    assert_eq!(reader.unit("LB2"), Ok(Unit::Pound));
    assert_eq!(reader.read("176.4 lb2", None), Measure::new(176.4, Unit::Pound));
    assert_eq!(reader.read("176.4 [lb_ap]", None), Measure::new(176.4, Unit::Pound));
}

/// The factors in kilograms are golden: they are part of what every file means.
#[test]
fn kilograms_are_rounded_once() {
    for (value, unit, kilograms) in [
        (80.5, Unit::Kilogram, 80.5),
        (80_500.0, Unit::Gram, 80.5),
        (176.4, Unit::Pound, 80.013_694_068),
        (12.5, Unit::Stone, 79.378_664_75),
        (175.0, Unit::Pound, 79.378_664_75),
    ] {
        let measure = Measure::new(value, unit).unwrap();
        assert_eq!(measure.kilograms(), Kilograms::new(kilograms).unwrap(), "{measure}");
    }
}

#[test]
fn decoding_goes_through_the_constructor() {
    let measure = Measure::new(80.5, Unit::Pound).unwrap();
    let bytes = postcard::to_allocvec(&measure).unwrap();
    assert_eq!(bytes, [0, 0, 0, 0, 0, 0x20, 0x54, 0x40, 3]);
    assert_eq!(postcard::from_bytes::<Measure>(&bytes).unwrap(), measure);
    let zero = postcard::to_allocvec(&(0.0, Unit::Pound)).unwrap();
    assert!(postcard::from_bytes::<Measure>(&zero).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_shown_is_read_back(measure in strategies::measure()) {
        let shown = measure.to_string();
        prop_assert_eq!(MeasureReader::default().read(&shown, None), Ok(measure), "{}", shown);
        let with_comma = MeasureReader::new(DecimalMark::Comma, UnitAliases::none());
        prop_assert_eq!(with_comma.read(&shown.replace('.', ","), Some(measure.unit())), Ok(measure));
        let kilograms = measure.kilograms();
        let read = MeasureReader::default().read(&kilograms.to_string(), None).unwrap();
        prop_assert_eq!(read.kilograms(), kilograms);
    }

    #[test]
    fn no_text_panics_and_every_error_has_a_code(text in strategies::text(), unit in proptest::option::of(strategies::unit())) {
        for decimal in [DecimalMark::Point, DecimalMark::Comma] {
            if let Err(error) = MeasureReader::new(decimal, UnitAliases::none()).read(&text, unit) {
                prop_assert!(!error.code().is_empty() && error.to_string().chars().count() < 300);
            }
            let _ = crate::Height::read(&text, None, decimal);
            let _ = crate::Height::read("1.8", Some(&text), decimal);
        }
        let _ = Unit::parse(&text, &UnitAliases::none());
    }

    /// Whatever is read is what the standard library reads of the same digits.
    #[test]
    fn a_plain_number_is_rounded_correctly(text in "[0-9]{1,4}(\\.[0-9]{1,20})?(e-?[0-9])?") {
        let expected = Measure::new(text.parse().unwrap(), Unit::Kilogram);
        prop_assert_eq!(MeasureReader::default().read(&text, Some(Unit::Kilogram)), expected);
    }

    #[test]
    fn a_height_that_is_shown_is_read_back(height in strategies::height()) {
        prop_assert_eq!(crate::Height::read(&height.to_string(), None, DecimalMark::Point), Ok(height));
    }
}
