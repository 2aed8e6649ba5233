//! A thousand broken files: no panic, counts that add up, and every row that nobody touched is in.

use std::collections::BTreeSet;

use reweigh_import::Settings;
use reweigh_reading::Fact;

use crate::show::{settings, whole};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % bound
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

const ROWS: usize = 40;

/// A good file: what stands before the rows, the lines of each row, what stands behind them.
struct Good {
    before: String,
    rows: Vec<String>,
    behind: String,
}

impl Good {
    /// What each row becomes when it is alone.
    fn alone(&self, settings: &Settings) -> Vec<String> {
        let alone = |row: &String| {
            let (batch, _) = whole([&*self.before, row, &self.behind].concat(), settings).unwrap();
            shown(&batch.facts[0])
        };
        self.rows.iter().map(alone).collect()
    }
}

fn day(row: usize) -> String {
    format!("2024-{:02}-{:02}", row / 28 + 1, row % 28 + 1)
}

fn table() -> Good {
    let row = |row| {
        let note = if row % 5 == 0 { "\"a, \"\"b\"\"\"" } else { "plain" };
        format!("u{},{} 07:15:00,80.{row},kg,id-{row},{note}\n", row % 3, day(row))
    };
    let before = "user_id,date,weight,unit,id,note\n".to_owned();
    Good { before, rows: (0..ROWS).map(row).collect(), behind: String::new() }
}

fn lines() -> Good {
    let row = |row| {
        format!(
            "{{\"user_id\":\"u\",\"date\":\"{}\",\"weight\":80.{row},\"id\":\"id-{row}\",\"x\":{{\"y\":[1]}}}}\n",
            day(row)
        )
    };
    Good { before: String::new(), rows: (0..ROWS).map(row).collect(), behind: String::new() }
}

fn observation(row: usize) -> String {
    format!(
        "{{\"resourceType\":\"Observation\",\"id\":\"id-{row}\",\"status\":\"final\",\n   \
         \"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\"code\":\"29463-7\"}}]}},\n   \
         \"subject\":{{\"reference\":\"Patient/p\"}},\"effectiveDateTime\":\"{}T07:15:00Z\",\n   \
         \"valueQuantity\":{{\"value\":80.{row},\"code\":\"kg\"}}}}",
        day(row)
    )
}

fn bundle() -> Good {
    let row = |row| format!("  {{\"fullUrl\":\"urn:{row}\",\n   \"resource\":{}}},\n", observation(row));
    Good {
        before: "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"self\"}],\n \"entry\":[\n".to_owned(),
        rows: (0..ROWS).map(row).collect(),
        behind: format!("  {{\"resource\":{}}}],\n \"total\":{}\n}}\n", observation(98), ROWS + 1),
    }
}

fn resources() -> Good {
    let row = |row| observation(row).replace("\n   ", "") + "\n";
    Good { before: String::new(), rows: (0..ROWS).map(row).collect(), behind: String::new() }
}

fn apple() -> Good {
    let row = |row| {
        format!(
            " <Record type=\"HKQuantityTypeIdentifierBodyMass\" sourceName=\"S &amp; C\" unit=\"kg\" startDate=\"{} 07:15:00 +0100\" value=\"80.{row}\"/>\n",
            day(row)
        )
    };
    Good {
        before: "<?xml version=\"1.0\"?>\n<HealthData locale=\"en\">\n <ExportDate value=\"2024-03-01\"/>\n"
            .to_owned(),
        rows: (0..ROWS).map(row).collect(),
        behind: "</HealthData>\n".to_owned(),
    }
}

/// Breaks a row in one way. Says whether it was a quote: two of them could make a good field of all between them.
fn mangle(row: &mut Vec<u8>, dice: &mut Dice, quotes: bool) -> bool {
    let at = dice.below(row.len());
    match dice.below(if quotes { 12 } else { 10 }) {
        0 => {
            let byte = u8::try_from(dice.below(256)).unwrap();
            row[at] = if matches!(byte, b'"' | b'\n') { b'?' } else { byte };
        }
        1 => row.truncate(at),
        2 => row.insert(at, 0xfc),
        3 => row.insert(at, 0),
        4 => {
            let piece =
                dice.one_of(&["{", "}", "[", "]", ",", ":", "<", ">", ";", "\\", "&", "\r", "\t", "=", "/"]);
            row.splice(at..at, piece.bytes());
        }
        5 => drop(row.splice(at..at, "x".repeat(130 * 1024).into_bytes())),
        6 => {
            let structural: Vec<usize> =
                (0..row.len()).filter(|at| b"{}[],:<>/\"=".contains(&row[*at])).collect();
            if !structural.is_empty() {
                row.remove(structural[dice.below(structural.len())]);
                return true;
            }
        }
        7 => row.retain(|byte| *byte != b'\n'),
        8 => row.insert(at, b'\n'),
        9 => {
            let again = row.clone();
            row.splice(at..at, again);
            return true;
        }
        _ => {
            row.insert(at, b'"');
            return true;
        }
    }
    false
}

fn shown(fact: &Fact) -> String {
    format!("{} {} {:?}", fact.id(), fact.at(), fact.action())
}

/// Breaks a file in one to three places and reads it.
fn check(good: &Good, alone: &[String], seed: u64, settings: &Settings) {
    let mut dice = Dice::of(seed);
    let mut rows: Vec<Vec<u8>> = good.rows.iter().map(|row| row.clone().into_bytes()).collect();
    let mut touched = BTreeSet::new();
    let mut quotes = true;
    for _ in 0..=dice.below(3) {
        let row = dice.below(ROWS);
        if touched.contains(&row) {
            continue;
        }
        quotes &= !mangle(&mut rows[row], &mut dice, quotes);
        // What does not end with its line runs into the next row.
        let next = if rows[row].ends_with(b"\n") { row } else { row + 1 };
        touched.extend(row..=next);
    }
    let file = [good.before.as_bytes(), &rows.concat(), good.behind.as_bytes()].concat();
    let (batch, _) = whole(&file, settings).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let found: BTreeSet<String> = batch.facts.iter().map(shown).collect();
    for (row, expected) in alone.iter().enumerate().filter(|(row, _)| !touched.contains(row)) {
        assert!(
            found.contains(expected),
            "seed {seed}: row {row} is lost; touched {touched:?}\n{}",
            String::from_utf8_lossy(&file).replace(&"x".repeat(130 * 1024), "x…")
        );
    }
}

fn check_all(good: &Good) {
    let mut settings = settings();
    settings.user = Some("anna".parse().unwrap());
    let alone = good.alone(&settings);
    for seed in 0..200 {
        check(good, &alone, seed, &settings);
    }
}

/// Proves W23, I3.
#[test]
fn broken_tables() {
    check_all(&table());
}

/// Proves W23, I3.
#[test]
fn broken_lines_of_json() {
    check_all(&lines());
}

/// Proves W23, I3.
#[test]
fn broken_bundles() {
    check_all(&bundle());
}

/// Proves W23, I3.
#[test]
fn broken_resources_in_lines() {
    check_all(&resources());
}

/// Proves W23, I3.
#[test]
fn broken_exports_of_apple() {
    check_all(&apple());
}
