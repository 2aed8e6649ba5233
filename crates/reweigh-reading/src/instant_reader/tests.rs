use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::strategies;

fn reader(zone: &str, format: &str) -> InstantReader {
    InstantReader::new(zone.parse().unwrap(), format.parse().unwrap())
}

/// Reads `text` in a zone and format, and compares with UTC as RFC 3339.
fn check(zone: &str, format: &str, text: &str, utc: &str) {
    match reader(zone, format).read(text) {
        Ok(read) => assert_eq!(read.at.to_string(), utc, "{text:?} in {zone}, {format}"),
        Err(error) => panic!("{text:?} in {zone}, {format}: {error}"),
    }
}

fn refused(format: &str, text: &str, code: &str) {
    match reader("Europe/Berlin", format).read(text) {
        Ok(read) => panic!("{text:?} was read as {}", read.at),
        Err(error) => assert_eq!(error.code(), code, "{text:?}: {error}"),
    }
}

/// Proves W17.
#[test]
fn text_with_a_zone_and_text_without_live_in_one_file() {
    let berlin = reader("Europe/Berlin", "standard");
    let noon: Vec<_> = [
        "2024-07-01T12:00:00+02:00",
        "2024-07-01T10:00:00Z",
        "2024-07-01 12:00:00",
        "2024-07-01T12:00",
        "2024-07-01 05:00:00 -0500",
        "2024-07-01 10:00:00 UTC",
        "1719828000",
        "1719828000000",
    ]
    .map(|text| berlin.read(text).unwrap())
    .into();
    assert!(noon.iter().all(|read| read.at == noon[0].at));
    let forms: Vec<_> = noon.iter().map(|read| read.form).collect();
    let (absolute, local) = (InstantForm::Absolute, InstantForm::Local);
    assert_eq!(forms, [absolute, absolute, local, local, absolute, absolute, absolute, absolute]);
}

#[test]
fn forms_of_real_exports_are_understood() {
    for (text, utc) in [
        ("2022-01-19 06:22:42 -0800", "2022-01-19T14:22:42Z"),
        ("2024-01-31T07:15:00.123456+01:00", "2024-01-31T06:15:00.123456Z"),
        ("2024-01-31t07:15:00z", "2024-01-31T07:15:00Z"),
        ("2024-01-31 07:15:00+00", "2024-01-31T07:15:00Z"),
        ("2024-01-31 07:15:00,250", "2024-01-31T07:15:00.250Z"),
        ("2024/01/31 07:15", "2024-01-31T07:15:00Z"),
        ("2024-01-31  7:15:09 PM", "2024-01-31T19:15:09Z"),
        (" 2024-01-31\r\n", "2024-01-31T00:00:00Z"),
        ("1706685300", "2024-01-31T07:15:00Z"),
        ("1706685300.5", "2024-01-31T07:15:00.500Z"),
        ("1706685300123", "2024-01-31T07:15:00.123Z"),
        ("-864000000.25", "1942-08-15T23:59:59.750Z"),
    ] {
        check("UTC", "standard", text, utc);
    }
}

#[test]
fn a_date_alone_is_midnight_in_the_zone_and_says_so() {
    check("Europe/Berlin", "standard", "2024-01-31", "2024-01-30T23:00:00Z");
    check("+05:30", "standard", "2024-01-31", "2024-01-30T18:30:00Z");
    let read = reader("UTC", "standard").read("2024-01-31").unwrap();
    assert_eq!(read.form, InstantForm::DateAlone);
    let read = reader("UTC", "%d/%m/%y").read("31/01/24").unwrap();
    assert_eq!((read.at.to_string().as_str(), read.form), ("2024-01-31T00:00:00Z", InstantForm::DateAlone));
}

#[test]
fn a_local_time_that_is_skipped_moves_forward_by_the_gap() {
    check("Europe/Berlin", "standard", "2024-03-31 01:59:59", "2024-03-31T00:59:59Z");
    check("Europe/Berlin", "standard", "2024-03-31 02:30:00", "2024-03-31T01:30:00Z");
    check("Europe/Berlin", "standard", "2024-03-31 03:00:00", "2024-03-31T01:00:00Z");
    check("Europe/Berlin", "%Y-%m-%d %H:%M", "2024-03-31 02:30", "2024-03-31T01:30:00Z");
    // The day began at one o'clock.
    check("America/Sao_Paulo", "standard", "2018-11-04", "2018-11-04T03:00:00Z");
    // The whole day was left out.
    check("Pacific/Apia", "standard", "2011-12-30", "2011-12-30T10:00:00Z");
    check("Pacific/Apia", "standard", "2011-12-31", "2011-12-30T10:00:00Z");
}

#[test]
fn a_local_time_that_comes_twice_is_the_first() {
    check("Europe/Berlin", "standard", "2024-10-27 02:30:00", "2024-10-27T00:30:00Z");
    check("Europe/Berlin", "standard", "2024-10-27 02:30:00+01:00", "2024-10-27T01:30:00Z");
    check("Europe/Berlin", "standard", "2024-10-27 03:00:00", "2024-10-27T02:00:00Z");
    check("Europe/Berlin", "%Y-%m-%d %H:%M", "2024-10-27 02:30", "2024-10-27T00:30:00Z");
}

#[test]
fn second_60_is_second_59() {
    check("UTC", "standard", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
    check("UTC", "standard", "2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.500Z");
    check("UTC", "standard", "2017-01-01T05:29:60+05:30", "2016-12-31T23:59:59Z");
    check("Asia/Kolkata", "standard", "2017-01-01 05:29:60", "2016-12-31T23:59:59Z");
    check("UTC", "%Y-%m-%d %H:%M:%S", "2016-12-31 23:59:60", "2016-12-31T23:59:59Z");
    refused("standard", "2016-12-31T23:59:61Z", "instant_no_such_date");
}

#[test]
fn an_offset_needs_no_colon() {
    for offset in ["+01:00", "+0100", "+01", " +0100", " +01:00"] {
        check("UTC", "standard", &format!("2024-01-31T07:15:00{offset}"), "2024-01-31T06:15:00Z");
    }
    for offset in ["-00:00", "+0000", "z", " UTC", " gmt"] {
        check("Europe/Berlin", "standard", &format!("2024-01-31T07:15:00{offset}"), "2024-01-31T07:15:00Z");
    }
    check("UTC", "standard", "2024-01-31T00:00:00+23:59", "2024-01-30T00:01:00Z");
    for offset in
        ["+1", "+1:00", "+24:00", "+01:60", "+01:00:00", "01:00", "+-100", " CET", "[Europe/Berlin]"]
    {
        refused("standard", &format!("2024-01-31T07:15:00{offset}"), "instant_unreadable");
    }
}

#[test]
fn precision_is_kept_and_never_rounded_up() {
    let read = |text| reader("UTC", "standard").read(text).unwrap().at;
    assert_eq!(read("2024-01-31T07:15:00Z"), read("2024-01-31T07:15:00.000Z"));
    assert_eq!(read("1706685300"), read("1706685300000"));
    assert_ne!(read("2024-01-31T07:15:00Z"), read("2024-01-31T07:15:00.001Z"));
    check("UTC", "standard", "2024-12-31T23:59:59.999999999Z", "2024-12-31T23:59:59.999999Z");
    check("UTC", "standard", "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z");
    check("UTC", "%Y-%m-%d %H:%M:%S%.f", "1969-12-31 23:59:59.999999999", "1969-12-31T23:59:59.999999Z");
    refused("standard", "2024-01-31T07:15:00.Z", "instant_unreadable");
    refused("standard", "2024-01-31T07:15:00.1234567890Z", "instant_unreadable");
}

/// Proves W25.
#[test]
fn a_bad_date_is_refused_and_never_now() {
    for text in
        ["today", "now", "n/a", "null", "31 Jan 2024", "2024-1-31", "2024-01", "2024-01-31T", "07:15", "-"]
    {
        refused("standard", text, "instant_unreadable");
    }
    for text in
        ["2024-01-31T07", "2024-01-31T07:15:0", "2024-01-31 07:15:00 Z Z", "2024-01-31x", "２０２４-01-31"]
    {
        refused("standard", text, "instant_unreadable");
    }
    for text in ["", " \t\r\n"] {
        refused("standard", text, "instant_missing");
    }
    for text in [
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-01-00",
        "2024-01-31T24:00:00Z",
        "2024-01-31T07:60:00Z",
        "2024-01-31 13:00 PM",
        "2024-01-31 00:30 AM",
    ] {
        refused("standard", text, "instant_no_such_date");
    }
}

#[test]
fn out_of_range_has_its_own_reason() {
    for text in
        ["1899-12-31T23:59:59Z", "2200-01-01T00:00:00.000001Z", "0000-01-01", "9999-12-31", "9999999999"]
    {
        refused("standard", text, "instant_out_of_range");
    }
    // Midnight in Berlin was still the year before in UTC.
    refused("standard", "1900-01-01", "instant_out_of_range");
    refused("unix-seconds", "99999999999999999999999", "instant_out_of_range");
    refused("unix-millis", "9223372036854775807", "instant_out_of_range");
}

#[test]
fn a_date_with_its_year_last_needs_a_format() {
    for text in ["03/04/2024", "13/04/2024", "3.4.2024", "03-04-2024 07:15", "03/04/24"] {
        refused("standard", text, "instant_ambiguous");
    }
    for text in ["03/04/2024", "3/4/2024", "03.04.2024", "3-4-2024"] {
        check("UTC", "day-first", text, "2024-04-03T00:00:00Z");
        check("UTC", "month-first", text, "2024-03-04T00:00:00Z");
    }
    check("UTC", "month-first", "5/2/2016 11:59:59 PM", "2016-05-02T23:59:59Z");
    check("UTC", "month-first", "5/2/2016 12:00:00 AM", "2016-05-02T00:00:00Z");
    check("UTC", "month-first", "5/2/2016 12:00pm", "2016-05-02T12:00:00Z");
    check("UTC", "day-first", "31.01.2024 07:15:00+01:00", "2024-01-31T06:15:00Z");
    check("UTC", "day-first", "2024-01-31", "2024-01-31T00:00:00Z");
    refused("month-first", "31/01/2024", "instant_no_such_date");
    refused("day-first", "03/04/24", "instant_two_digit_year");
    refused("day-first", "03/04.2024", "instant_unreadable");
}

#[test]
fn a_number_is_unix_time_only_by_its_digits() {
    for text in ["20240131", "2024", "45322", "45322.5", "17066853000", "1706685300000000", "0"] {
        refused("standard", text, "instant_unix_digits");
    }
    check("UTC", "unix-seconds", "0", "1970-01-01T00:00:00Z");
    check("UTC", "unix-seconds", "-1.5", "1969-12-31T23:59:58.500Z");
    check("UTC", "unix-millis", "86400000", "1970-01-02T00:00:00Z");
    check("UTC", "unix-millis", "1706685300123.9", "2024-01-31T07:15:00.123900Z");
    for text in ["2024-01-31", "1e9", "", "-", "+5", "5.", "0x10"] {
        assert!(reader("UTC", "unix-seconds").read(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_pattern_reads_what_it_describes_and_nothing_else() {
    check("UTC", "%d/%m/%y", "10/02/05", "2005-02-10T00:00:00Z");
    check("Europe/Berlin", "%d.%m.%Y %H:%M", "31.01.2024 07:15", "2024-01-31T06:15:00Z");
    check("Europe/Berlin", "%d.%m.%Y %H:%M %z", "31.01.2024 07:15 +0000", "2024-01-31T07:15:00Z");
    check("UTC", "%Y-%m-%d %H:%M %Q", "2024-07-01 07:15 Europe/Berlin", "2024-07-01T05:15:00Z");
    check("UTC", "%b %d, %Y %I:%M %p", "Jan 31, 2024 07:15 PM", "2024-01-31T19:15:00Z");
    check("UTC", "%s", "1706685300", "2024-01-31T07:15:00Z");
    refused("%d/%m/%y", "2024-01-31", "instant_unreadable");
    refused("%d/%m/%y", "31/02/24", "instant_no_such_date");
    refused("%Y-%m-%d", "1850-01-01", "instant_out_of_range");
}

#[test]
fn a_pattern_that_cannot_tell_a_day_is_refused() {
    for pattern in ["", "%H:%M", "%d/%m", "%Y-%m", "%", "%!", "yyyy-mm-dd", "dmy", "%Y-%d-%d"] {
        assert!(pattern.parse::<InstantFormat>().is_err(), "{pattern:?}");
    }
    for format in ["standard", "day-first", "month-first", "unix-seconds", "unix-millis", "%d/%m/%y", "%F %T"]
    {
        assert_eq!(format.parse::<InstantFormat>().unwrap().to_string(), format);
    }
}

/// `07:15` of a twelve-hour clock is two times of a day.
#[test]
fn a_pattern_that_leaves_the_half_of_the_day_open_is_refused() {
    for pattern in ["%Y-%m-%d %I:%M", "%Y-%m-%d %l:%M", "%d/%m/%Y %I"] {
        assert!(pattern.parse::<InstantFormat>().is_err(), "{pattern:?}");
    }
    for pattern in ["%Y-%m-%d %I:%M %p", "%Y-%m-%d %H", "%s", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %Q"] {
        assert!(pattern.parse::<InstantFormat>().is_ok(), "{pattern:?}");
    }
}

/// A zone beside a date says nothing of the time of day.
#[test]
fn a_date_alone_with_its_own_zone_is_a_date_alone() {
    for (pattern, text) in [("%Y-%m-%d %Q", "2024-01-31 Europe/Berlin"), ("%Y-%m-%d %z", "2024-01-31 +0100")]
    {
        let read = reader("UTC", pattern).read(text).unwrap();
        assert_eq!(
            (read.at.to_string().as_str(), read.form),
            ("2024-01-30T23:00:00Z", InstantForm::DateAlone)
        );
    }
}

/// `Etc/Unknown` is the name for a zone that nobody knows; it is not UTC.
#[test]
fn an_unknown_zone_in_a_text_is_refused() {
    refused("%Y-%m-%d %H:%M %Q", "2024-01-31 07:15 Etc/Unknown", "instant_unreadable");
}

/// Text in the forms that are understood, right and slightly wrong.
fn nearly_a_date() -> impl Strategy<Value = String> {
    let date = "(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]";
    let time = "[T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\\.[0-9]{1,9})?)?";
    (date, time, "(Z|[+-]([01][0-9]|2[0-3]):[0-6][0-9])?")
        .prop_map(|(date, time, offset)| date + &time + &offset)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_panics_and_every_error_has_a_code(text in strategies::text(), near in nearly_a_date()) {
        let formats = ["standard", "day-first", "month-first", "unix-seconds", "unix-millis", "%d/%m/%y %H:%M"];
        for format in formats {
            for text in [&text, &near] {
                if let Err(error) = reader("Europe/Berlin", format).read(text) {
                    prop_assert!(!error.code().is_empty() && error.to_string().chars().count() < 300);
                }
            }
        }
        let _ = text.parse::<InstantFormat>();
        let _ = text.parse::<Zone>();
    }

    /// jiff's own parser of text with an offset is the oracle.
    #[test]
    fn text_with_an_offset_means_what_jiff_says(text in nearly_a_date()) {
        if let Ok(read) = InstantReader::without_zone().read(&text) {
            let oracle: jiff::Timestamp = text.parse().unwrap();
            let micros = oracle.as_nanosecond().div_euclid(1_000);
            prop_assert_eq!(i128::from(read.at.unix_micros()), micros, "{}", text);
        } else if let Ok(oracle) = text.parse::<jiff::Timestamp>() {
            let bounds = Instant::MIN.unix_micros()..=Instant::MAX.unix_micros();
            prop_assert!(!bounds.contains(&oracle.as_microsecond()), "{}", text);
        }
    }

    /// jiff's own parser of civil time, and its rule for gaps and folds, is the oracle.
    #[test]
    fn local_text_means_what_jiff_says(
        text in nearly_a_date(),
        zone in select(vec!["Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
    ) {
        let Ok(civil) = text.parse::<DateTime>() else { return Ok(()) };
        let tz = zone::database().get(zone).unwrap();
        let read = reader(zone, "standard").read(&text);
        match (civil.to_zoned(tz).map(|zoned| zoned.timestamp()), read) {
            (Ok(oracle), Ok(read)) if read.form == InstantForm::Local => {
                let micros = oracle.as_nanosecond().div_euclid(1_000);
                prop_assert_eq!(i128::from(read.at.unix_micros()), micros, "{}", text);
            }
            (_, Ok(read)) => prop_assert_eq!(read.form, InstantForm::Absolute),
            (_, Err(error)) => prop_assert_eq!(error, InstantError::OutOfRange, "{}", text),
        }
    }

    /// Around every change of a clock, what is read and shown again in the zone is never earlier than what was
    /// written, and equal to it unless it was skipped.
    #[test]
    fn reading_never_goes_back_in_local_time(
        at in strategies::instant(),
        zone in select(vec!["Europe/Berlin", "America/New_York", "Pacific/Apia", "Africa/Casablanca"]),
    ) {
        let tz = zone::database().get(zone).unwrap();
        let around = jiff::Timestamp::from_microsecond(at.unix_micros()).unwrap();
        let Some(change) = tz.following(around).next() else { return Ok(()) };
        for seconds in [-7_200, -3_600, -1, 0, 1, 3_599, 3_600] {
            let moment = change.timestamp().as_second() + seconds;
            let civil = TimeZone::UTC.to_datetime(jiff::Timestamp::from_second(moment + 3_600).unwrap());
            let Ok(read) = reader(zone, "standard").read(&civil.to_string()) else { continue };
            let shown = tz.to_datetime(jiff::Timestamp::from_microsecond(read.at.unix_micros()).unwrap());
            prop_assert!(shown >= civil, "{} became {} in {}", civil, shown, zone);
            prop_assert!(shown == civil || tz.to_ambiguous_timestamp(civil).is_ambiguous());
        }
    }

    #[test]
    fn a_pattern_agrees_with_the_standard_forms(at in strategies::instant()) {
        let (seconds, micros) = (at.unix_micros().div_euclid(1_000_000), at.unix_micros().rem_euclid(1_000_000));
        let shown = at.to_string();
        let text = format!("{}.{micros:06}", shown.get(..19).unwrap());
        let by_pattern = reader("UTC", "%Y-%m-%dT%H:%M:%S%.f").read(&text).unwrap();
        prop_assert_eq!(by_pattern, reader("UTC", "standard").read(&text).unwrap());
        prop_assert_eq!(by_pattern.at, at);
        if micros == 0 {
            prop_assert_eq!(reader("UTC", "unix-seconds").read(&seconds.to_string()).unwrap().at, at);
        }
    }
}
