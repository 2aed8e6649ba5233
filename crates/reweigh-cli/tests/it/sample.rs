//! The sample that is shipped, and the first thing that anybody sees.

use std::fs;

use reweigh_scenario::{Recipe, Scenario, write_files};

use crate::program::{NOW, Place, adds_up, fixed, sample};

/// The sample is what the command beside it makes.
#[test]
fn the_sample_is_what_its_command_makes() {
    let readme = fs::read_to_string(sample().replace("readings.csv", "README.md")).unwrap();
    assert!(
        readme.contains("cargo xtask scenario --recipe corrections --seed 275 --users 3 --days 150 FOLDER")
    );
    let scenario = Scenario::new(Recipe { days: 150, ..Recipe::corrections() }, 275).unwrap();
    let mut readings = Vec::new();
    write_files(&scenario, 3, &mut readings, &mut Vec::new(), &mut Vec::new()).unwrap();
    assert!(fs::read(sample()).unwrap() == readings, "run the command in sample/README.md");
}

/// It holds what the guide tells about: late rows, duplicates, corrections, a gap, a lasting change, odd values.
#[test]
fn the_sample_holds_something_of_everything() {
    let place = Place::new();
    let summary = place.take(&[&sample(), "--output", "out.csv"]);
    adds_up(&summary);
    for part in ["rejected", "duplicate", "superseded", "retracted", "correction", "conflicts", "replays"] {
        assert!(summary[part].as_u64().unwrap() > 0, "{part}: {summary}");
    }
    let out = place.read("out.csv");
    for word in [",hard,", ",level_shift,", ",body_mass_index,", ",other_unit,", ",retracted,"] {
        assert!(out.contains(word), "{word}");
    }
}

/// The first command of the readme.
#[test]
fn the_first_run_says_what_came_of_it_and_what_to_type_next() {
    let place = Place::new();
    let said = place.run(&["run", &sample(), "--now", NOW]);
    assert_eq!(said.err, "272 times without a zone, taken in UTC; --zone names another\n");
    insta::assert_snapshot!("run", fixed(&said.done()));
    assert_eq!(place.files(), ["reweigh.redb"], "one file is left");
}

/// Running it again changes nothing.
///
/// Proves W14, I3.
#[test]
fn the_same_file_again_is_all_duplicates() {
    let place = Place::with_sample();
    let before = place.digest();
    let again = place.take(&[&sample()]);
    adds_up(&again);
    assert_eq!(again["duplicate"], again["read"]);
    assert_eq!(again["digest"].as_str(), Some(before.as_str()));
    assert_eq!(place.digest(), before);
}
