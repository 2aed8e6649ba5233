use proptest::prelude::*;

use super::*;
use crate::strategies;

fn at(text: &str) -> Instant {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn bounds_are_inclusive() {
    assert_eq!(Instant::MIN, at("1900-01-01T00:00:00Z"));
    assert_eq!(Instant::MAX, at("2200-01-01T00:00:00Z"));
    for micros in [Instant::MIN.unix_micros() - 1, Instant::MAX.unix_micros() + 1, i64::MIN, i64::MAX] {
        assert_eq!(Instant::from_unix_micros(micros), Err(InstantError::OutOfRange));
    }
    assert_eq!(Instant::from_unix_seconds(i64::MAX), Err(InstantError::OutOfRange));
    assert_eq!(Instant::from_unix_millis(i64::MIN), Err(InstantError::OutOfRange));
    assert_eq!(Instant::from_unix_millis(1_706_685_300_000), Ok(at("2024-01-31T07:15:00Z")));
}

#[test]
fn decimals_are_shown_in_threes() {
    for text in [
        "2024-01-31T07:15:00Z",
        "2024-01-31T07:15:00.100Z",
        "2024-01-31T07:15:00.123Z",
        "2024-01-31T07:15:00.123400Z",
        "1969-12-31T23:59:59.999999Z",
        "1900-01-01T00:00:00.000001Z",
    ] {
        assert_eq!(at(text).to_string(), text);
    }
}

#[test]
fn text_without_an_offset_is_refused() {
    for text in ["2024-01-31T07:15:00", "2024-01-31 07:15", "2024-01-31"] {
        assert_eq!(text.parse::<Instant>().unwrap_err().code(), "instant_zone_missing", "{text}");
    }
}

#[test]
fn arithmetic_stays_within_the_bounds() {
    let day = Elapsed::from_days(1);
    assert_eq!(at("2024-02-28T12:00:00Z").checked_add(day), Some(at("2024-02-29T12:00:00Z")));
    assert_eq!(at("2024-02-29T12:00:00Z").since(at("2024-02-28T12:00:00Z")), day);
    // 300 years with 73 leap days; 1900 and 2100 have none.
    let all = (300 * 365 + 73) * 86_400_000_000;
    assert_eq!(Instant::MAX.since(Instant::MIN).micros(), all);
    assert_eq!(Instant::MIN.since(Instant::MAX).micros(), -all);
    assert_eq!(Instant::MAX.checked_add(Elapsed::from_micros(1)), None);
    assert_eq!(Instant::MAX.saturating_add(Elapsed::from_micros(i64::MAX)), Instant::MAX);
    assert_eq!(Instant::MIN.saturating_add(Elapsed::from_micros(i64::MIN)), Instant::MIN);
}

#[test]
fn elapsed_time_counts_in_days_and_shows_seconds() {
    assert_eq!(Elapsed::from_days(1), Elapsed::from_hours(24));
    assert_eq!(Elapsed::from_seconds(86_400).days().to_bits(), 1.0_f64.to_bits());
    assert_eq!(Elapsed::from_hours(-36).days().to_bits(), (-1.5_f64).to_bits());
    for (elapsed, shown) in [
        (Elapsed::ZERO, "0 s"),
        (Elapsed::from_hours(24), "86400 s"),
        (Elapsed::from_millis(-1_500), "-1.500 s"),
        (Elapsed::from_micros(1), "0.000001 s"),
        (Elapsed::from_micros(i64::MIN), "-9223372036854.775808 s"),
    ] {
        assert_eq!(elapsed.to_string(), shown);
    }
}

#[test]
fn decoding_goes_through_the_constructor() {
    let beyond = postcard::to_allocvec(&(Instant::MAX.unix_micros() + 1)).unwrap();
    assert!(postcard::from_bytes::<Instant>(&beyond).is_err());
    assert_eq!(Instant::from_sortable_bytes([0; 8]), None);
    assert_eq!(Instant::from_sortable_bytes([0xff; 8]), None);
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(at in strategies::instant()) {
        prop_assert_eq!(at.to_string().parse(), Ok(at));
        prop_assert_eq!(postcard::from_bytes(&postcard::to_allocvec(&at).unwrap()), Ok(at));
        prop_assert_eq!(Instant::from_sortable_bytes(at.sortable_bytes()), Some(at));
    }

    #[test]
    fn bytes_sort_as_the_instants_do(a in strategies::instant(), b in strategies::instant()) {
        prop_assert_eq!(a.sortable_bytes().cmp(&b.sortable_bytes()), a.cmp(&b));
        prop_assert_eq!(b.checked_add(a.since(b)), Some(a));
    }
}
