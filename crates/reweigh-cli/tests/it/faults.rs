//! The faults of the program that this one replaces, where a user would meet them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::program::{NOW, Place, adds_up};

const HEADER: &str = "user_id,effectiveDateTime,source_type,weight,unit";

/// A table of readings of one user, a day apart.
fn days(kg: &[f64]) -> String {
    let mut file = format!("{HEADER}\n");
    for (day, kg) in kg.iter().enumerate() {
        writeln!(file, "ada,2024-{:02}-{:02}T07:00:00Z,patient-device,{kg},kg", 1 + day / 28, 1 + day % 28)
            .unwrap();
    }
    file
}

/// Readings around a weight, as a scale shows them.
fn around(kg: f64, days: usize) -> Vec<f64> {
    (0..days).map(|day| kg + [0.1, -0.2, 0.3, 0.0, -0.1][day % 5]).collect()
}

/// Runs a file and gives the summary and the rows of `--output`, by their instants.
fn settled(place: &Place, file: &str, words: &[&str]) -> (Value, Vec<Vec<String>>) {
    place.write("in.csv", file);
    let summary = place.take(&[&["in.csv", "--output", "out.csv"], words].concat());
    adds_up(&summary);
    let rows = place.read("out.csv");
    let rows = rows.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect();
    (summary, rows)
}

const VERDICT: usize = 6;
const REASON: usize = 7;
const ESTIMATE: usize = 9;
const SMOOTHED: usize = 13;

fn number(row: &[String], column: usize) -> f64 {
    row[column].parse().unwrap()
}

/// 29 kg on a person of 80 kg looks like a body mass index, is explained, and never becomes 81 kg; a new user of 40 kg
/// stays one.
///
/// Proves W11, H4.
#[test]
fn a_body_mass_index_is_explained_and_never_turned_into_a_weight() {
    let place = Place::new();
    place.write("heights.csv", "user_id,height,unit\nada,167,cm\n");
    let file = days(&[around(80.0, 20), vec![28.7], around(80.0, 6)].concat());
    let (summary, rows) = settled(&place, &file, &["--heights", "heights.csv"]);
    assert_eq!((&summary["rejected"], &summary["correction"]), (&1.into(), &1.into()));
    assert_eq!((rows[20][VERDICT].as_str(), rows[20][REASON].as_str()), ("rejected", "body_mass_index"));
    assert!(rows.iter().all(|row| (number(row, ESTIMATE) - 80.0).abs() < 1.5));
    let said = place.run(&["explain", "ada", "--at", "2024-01-21T12:00:00Z"]).done();
    assert!(said.contains("it looks like a body mass index recorded as a weight"), "{said}");

    let child = Place::new();
    let (_, rows) = settled(&child, &days(&around(40.0, 10)), &[]);
    assert!(rows.iter().all(|row| row[VERDICT] == "accepted"), "{rows:?}");
    assert!((number(rows.last().unwrap(), ESTIMATE) - 40.0).abs() < 1.0);
}

/// Proves W12, H4.
#[test]
fn units_are_understood_or_refused_with_their_reason() {
    let place = Place::new();
    let units = ["LBS ", "[lb_av]", "pounds.", "kg", "Kilograms", "st", "g"];
    let values = ["176.4", "176.4", "176.4", "80", "80", "12.6", "80000"];
    let mut file = format!("{HEADER}\n");
    for (day, (unit, value)) in units.iter().zip(values).enumerate() {
        writeln!(file, "ada,2024-01-0{}T07:00:00Z,scale,{value},{unit}", day + 1).unwrap();
    }
    file.push_str("ada,2024-01-08T07:00:00Z,scale,80,cubits\nada,2024-01-09T07:00:00Z,scale,2572,[lb_ap]\n");
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!((&summary["accepted"], &summary["refused"]), (&7.into(), &2.into()), "{summary}");
    assert!(rows.iter().all(|row| (number(row, 5) - 80.0).abs() < 0.1), "{rows:?}");
    let rejects = place.read("in.csv.rejects.csv");
    let codes: Vec<&str> = rejects.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(codes, ["unit_unknown", "unit_dangerous"], "{rejects}");
}

/// A manual 120 kg is evidence and not the truth: the true 80 kg that follow are accepted.
///
/// Proves W13.
#[test]
fn a_manual_source_is_evidence() {
    let place = Place::new();
    let mut file = days(&around(80.0, 20));
    file.push_str("ada,2024-01-21T07:00:00Z,care-team-upload,120,kg\n");
    for day in 22..=26 {
        writeln!(file, "ada,2024-01-{day}T07:00:00Z,patient-device,80.1,kg").unwrap();
    }
    let (_, rows) = settled(&place, &file, &[]);
    assert_eq!(rows[20][VERDICT], "rejected");
    assert!(rows[21..].iter().all(|row| row[VERDICT] == "accepted"), "{rows:?}");
    assert!(rows.iter().all(|row| (number(row, ESTIMATE) - 80.0).abs() < 2.0), "{rows:?}");
}

/// The same reading 200 times counts once.
///
/// Proves W14.
#[test]
fn a_reading_told_200_times_counts_once() {
    let place = Place::new();
    let mut file = days(&around(80.0, 5));
    for _ in 0..199 {
        file.push_str("ada,2024-01-05T07:00:00Z,patient-device,79.9,kg\n");
    }
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!((&summary["accepted"], &summary["duplicate"]), (&5.into(), &199.into()));
    assert_eq!(rows.len(), 5);
}

/// A year-old reading takes its place in the past, and nothing is wiped.
///
/// Proves W15.
#[test]
fn a_year_old_reading_is_replayed_in_its_place() {
    let place = Place::new();
    place.write("now.csv", days(&around(80.0, 40)));
    place.take(&["now.csv"]);
    let old = format!("{HEADER}\nada,2023-01-05T07:00:00Z,patient-device,83,kg\n");
    let (_, rows) = settled(&place, &old, &[]);
    assert_eq!(rows.len(), 41);
    assert_eq!((rows[0][1].as_str(), rows[0][VERDICT].as_str()), ("2023-01-05T07:00:00Z", "accepted"));
    assert!(
        rows[3..].iter().all(|row| row[VERDICT] == "accepted" && (number(row, ESTIMATE) - 80.0).abs() < 1.0)
    );
}

/// The year 2099 goes to the rejects, and the days after it are settled as if it had never come.
///
/// Proves W16.
#[test]
fn the_future_is_refused_with_its_reason() {
    let place = Place::new();
    let normal = days(&around(80.0, 30));
    let file = normal.replacen('\n', "\nada,2099-01-01T07:00:00Z,patient-device,81,kg\n", 1);
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!((&summary["accepted"], &summary["refused"]), (&30.into(), &1.into()));
    assert!(place.read("in.csv.rejects.csv").contains("in.csv,2,instant_in_the_future,"));
    let plain = Place::new();
    assert_eq!(settled(&plain, &normal, &[]).1, rows);
}

/// Times with and without a zone live side by side; the one that is assumed is said once.
///
/// Proves W17.
#[test]
fn zones_are_understood_and_the_assumed_one_is_said_once() {
    let place = Place::new();
    place.write(
        "in.csv",
        format!(
            "{HEADER}\nada,2024-01-01T08:00:00+01:00,s,80,kg\nada,2024-01-02 08:00:00,s,80,kg\n\
             ada,2024-01-03T07:00:00Z,s,80,kg\nada,2024-01-04,s,80,kg\nbob,2024-01-01T07:00:00Z,s,90,kg\n"
        ),
    );
    let said = place.run(&["run", "in.csv", "--zone", "Europe/Berlin", "--now", NOW]);
    assert_eq!(said.code, 0);
    assert_eq!(said.err.matches("without a zone, taken in Europe/Berlin").count(), 1, "{}", said.err);
    assert!(said.err.contains("1 date without a time, taken as midnight in Europe/Berlin"), "{}", said.err);
    let facts = place.run(&["export", "facts"]).done();
    for at in ["01T07:00:00Z", "02T07:00:00Z", "03T07:00:00Z", "03T23:00:00Z"] {
        assert!(facts.contains(&format!("ada,2024-01-{at},s,")), "{at}: {facts}");
    }
}

/// Proves W18.
#[test]
fn no_number_is_refused_at_the_edge() {
    let place = Place::new();
    let mut file = format!("{HEADER}\n");
    for (day, value) in ["NaN", "inf", "-80", "0", "", "eighty", "1e400"].iter().enumerate() {
        writeln!(file, "ada,2024-01-0{}T07:00:00Z,s,{value},kg", day + 1).unwrap();
    }
    file.push_str("ada,2024-01-08T07:00:00Z,s,80,kg\n");
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!((&summary["accepted"], &summary["refused"]), (&1.into(), &7.into()));
    assert_eq!(rows.len(), 1);
    assert!(number(&rows[0], ESTIMATE).is_finite() && number(&rows[0], SMOOTHED).is_finite());
}

/// What broke the old program costs its own row and nothing else; a folder that is missing is made.
///
/// Proves W23, I3.
#[test]
fn broken_rows_are_refused_and_the_rest_goes_on() {
    let place = Place::new();
    let mut file = format!("{HEADER}\n").into_bytes();
    let good = |day: u32| format!("ada,2024-01-{day:02}T07:00:00Z,s,80,kg\n").into_bytes();
    file.extend(good(1));
    file.extend(b"ada,2024-01-02T07:00:00Z,s\n");
    file.extend(b"ada,\"2024-01-03T07:00:00Z,s,80,kg\n");
    file.extend(good(4));
    file.extend(b"ada,2024-01-05T07:00:00Z,s,80,kg,extra\n");
    file.extend(b"ad\xe4,2024-01-06T07:00:00Z,s,80,kg\n");
    file.extend([b"ada,2024-01-07T07:00:00Z,".as_slice(), &vec![b'x'; 128 << 10], b",80,kg\n"].concat());
    file.extend(b"ada,2024-01-08 07:00:00,s,80,kg\n");
    file.extend(good(9));
    place.write("in.csv", &file);
    let summary =
        place.take(&["in.csv", "--output", "nested/out/put.csv", "--rejects", "nested/refused.csv"]);
    adds_up(&summary);
    assert_eq!((&summary["accepted"], &summary["refused"]), (&5.into(), &4.into()), "{summary}");
    let rejects = place.read("nested/refused.csv");
    let found: Vec<(&str, &str)> = rejects
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',').skip(1);
            (fields.next().unwrap(), fields.next().unwrap())
        })
        .collect();
    let expected = [("3", "row_short"), ("4", "row_quote_open"), ("6", "row_long"), ("8", "row_too_large")];
    assert_eq!(found, expected, "{rejects}");
    assert!(place.read("nested/out/put.csv").contains("\nad\u{e4},2024-01-06T07:00:00Z,"));
}

/// Nothing taken in is never success: a byte order mark is no obstacle, a file without a header is named as one.
///
/// Proves W24.
#[test]
fn nothing_taken_in_is_never_success() {
    let place = Place::new();
    let (summary, _) = settled(&place, &format!("\u{feff}{}", days(&[80.0, 80.1])), &[]);
    assert_eq!(summary["accepted"], 2, "a byte order mark is no obstacle");
    place.write("headless.csv", "ada,2024-01-01T07:00:00Z,s,80,kg\nada,2024-01-02T07:00:00Z,s,80,kg\n");
    let line = place.run(&["run", "headless.csv"]).error(4);
    assert!(line.contains("no column fits") && line.contains("--map"), "{line}");
    place.write("filtered.csv", format!("{HEADER}\nada,,s,80,kg\nada,2024-01-02T07:00:00Z,s,,kg\n"));
    let line = place.run(&["run", "filtered.csv"]).error(4);
    assert!(line.contains("2 rows refused"), "{line}");
}

/// Proves W25.
#[test]
fn a_bad_date_is_never_now() {
    let place = Place::new();
    let file = format!(
        "{HEADER}\nada,not a date,s,80,kg\nada,2024-13-45,s,80,kg\nada,03/04/2024,s,80,kg\nada,2024-01-01,s,80,kg\n"
    );
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!((&summary["accepted"], &summary["refused"]), (&1.into(), &3.into()));
    assert_eq!(rows[0][1], "2024-01-01T00:00:00Z");
    let rejects = place.read("in.csv.rejects.csv");
    assert!(rejects.contains("in.csv,4,instant_ambiguous,"), "{rejects}");
    let again = Place::new();
    again.write("in.csv", "user_id,at,weight\nada,03/04/2024,80\n");
    again.take(&["in.csv", "--date-format", "day-first"]);
    assert!(again.run(&["export", "facts"]).done().contains("2024-04-03T00:00:00Z"));
}

/// No source is dropped, whatever it is called: every row is counted in one place.
///
/// Proves W26, I3.
#[test]
fn rows_of_every_source_are_counted() {
    let place = Place::new();
    let mut file = format!("{HEADER}\n");
    let sources = ["patient-device", "https://connectivity.example", "", "\u{1f4f1} app", "UNKNOWN", "a b c"];
    for (day, source) in sources.iter().enumerate() {
        writeln!(file, "ada,2024-01-0{}T07:00:00Z,{source},80,kg", day + 1).unwrap();
    }
    writeln!(file, "ada,2024-01-09T07:00:00Z,{},80,kg", "s".repeat(65)).unwrap();
    let (summary, rows) = settled(&place, &file, &[]);
    assert_eq!(
        (&summary["read"], &summary["accepted"], &summary["refused"]),
        (&7.into(), &6.into(), &1.into())
    );
    let named: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(
        named,
        ["patient-device", "https://connectivity.example", "unknown", "\u{1f4f1} app", "UNKNOWN", "a b c"]
    );
}

/// An id is data and never a path.
///
/// Proves W21.
#[test]
fn a_user_is_never_a_path() {
    let place = Place::new();
    place.write("in.csv", "user_id,at,weight\n../../escaped,2024-01-01,80\n/etc/passwd,2024-01-01,81\n");
    place.take(&["in.csv"]);
    let shown = place.run(&["show", "../../escaped"]).done();
    assert!(shown.starts_with("../../escaped  79.9 kg"), "{shown}");
    assert_eq!(place.files(), ["in.csv", "reweigh.redb"]);
}

/// The result does not depend on the process: the same bits from ten of them.
///
/// Proves W1.
#[test]
fn every_process_gives_the_same_bits() {
    let file = days(&[around(80.0, 30), vec![176.4, 29.0], around(73.0, 30)].concat());
    let digests: Vec<String> = (0..10)
        .map(|_| {
            let place = Place::new();
            place.write("in.csv", &file);
            place.take(&["in.csv"])["digest"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
}
