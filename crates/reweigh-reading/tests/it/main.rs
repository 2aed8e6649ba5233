//! Readings of real exports, if `REWEIGH_DATA` says where they are.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::path::PathBuf;

use reweigh_reading::{
    Fact, Instant, InstantFormat, InstantReader, Limits, MeasureReader, Source, Unit, UserId, admit,
};

/// The rows of a data set, without its header; nothing, said aloud, where the data is not at hand.
fn rows(set: &str) -> Option<Vec<Vec<String>>> {
    let Some(folder) = std::env::var_os("REWEIGH_DATA") else {
        eprintln!("skipped: {set}, because REWEIGH_DATA is not set");
        return None;
    };
    let text = fs::read_to_string(PathBuf::from(folder).join(set)).unwrap();
    Some(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

/// Reads one row as a file's reader would, up to the edge.
fn fact(format: &str, user: &str, at: &str, weight: &str, unit: &str) -> Fact {
    let format: InstantFormat = format.parse().unwrap();
    let instants = InstantReader::new("Europe/Berlin".parse().unwrap(), format);
    let measures = MeasureReader::default();
    let at = instants.read(at).unwrap().at;
    let measure = measures.read(weight, Some(measures.unit(unit).unwrap())).unwrap();
    let fact = Fact::reading(UserId::new(user).unwrap(), at, Source::unknown(), measure);
    admit(fact, "2026-01-01T00:00:00Z".parse().unwrap(), &Limits::default()).unwrap()
}

#[test]
fn every_row_of_a_phones_export_is_read() {
    let Some(rows) = rows("healthkit_7_years/weight.csv") else { return };
    let facts: Vec<_> = rows.iter().map(|row| fact("standard", "u", &row[0], &row[1], &row[2])).collect();
    assert_eq!(facts.len(), 413);
    assert!(facts.iter().all(|fact| fact.measure().unwrap().unit() == Unit::Pound));
    assert!(facts.windows(2).all(|pair| pair[0].at() >= pair[1].at()), "the file runs backwards in time");
}

#[test]
fn every_row_of_a_household_is_read() {
    let Some(rows) = rows("household_stream_injected_errors/stream.csv") else { return };
    for row in &rows {
        let fact = fact("standard", &row[4], &row[2], &row[5], &row[6]);
        assert!(fact.at() <= row[3].parse::<Instant>().unwrap());
    }
    assert_eq!(rows.len(), 372);
}

#[test]
fn every_row_with_the_month_first_is_read_and_agrees_with_its_log_id() {
    let Some(rows) = rows("fitbit_weightlog/weightLogInfo_merged.csv") else { return };
    for row in &rows {
        let kilograms = fact("month-first", &row[0], &row[1], &row[2], "kg");
        let pounds = fact("month-first", &row[0], &row[1], &row[3], "LBS ");
        let difference =
            kilograms.measure().unwrap().kilograms().get() - pounds.measure().unwrap().kilograms().get();
        assert!(difference.abs() < 1e-3, "{row:?}");
        // The last column is the same moment as Unix milliseconds of UTC.
        let utc: InstantFormat = "month-first".parse().unwrap();
        let at = InstantReader::new("UTC".parse().unwrap(), utc).read(&row[1]).unwrap().at;
        let logged = InstantReader::without_zone().read(&row[7]).unwrap().at;
        assert_eq!(at, logged, "{row:?}");
    }
    assert_eq!(rows.len(), 67);
}

#[test]
fn every_row_with_a_short_year_is_read_by_a_pattern() {
    let Some(rows) = rows("zawodny_weightloss_lb/Weightloss.csv") else { return };
    let facts: Vec<_> = rows.iter().map(|row| fact("%d/%m/%y", "u", &row[0], &row[1], "pounds.")).collect();
    assert!(facts.windows(2).all(|pair| pair[0].at() < pair[1].at()));
    assert_eq!(facts.len(), 67);
    let without = InstantReader::without_zone();
    assert!(rows.iter().all(|row| without.read(&row[0]).unwrap_err().code() == "instant_ambiguous"));
}
