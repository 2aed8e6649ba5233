//! What each command says of the sample, as text and as JSON.

use serde_json::Value;

use crate::program::{NOW, Place, fixed, sample};

/// JSON that a person can compare, without what differs from run to run.
fn pretty(mut value: Value) -> String {
    if let Value::Object(keys) = &mut value {
        for key in [
            "seconds",
            "readings_per_second",
            "file_bytes",
            "journal_bytes",
            "replays",
            "revisions",
            "last_commit",
        ] {
            if let Some(number) = keys.get_mut(key) {
                *number = 0.into();
            }
        }
    }
    fixed(&serde_json::to_string_pretty(&value).unwrap())
}

#[test]
fn run_as_json() {
    let place = Place::new();
    insta::assert_snapshot!("run_json", pretty(place.take(&[&sample()])));
}

#[test]
fn a_run_writes_every_reading() {
    let place = Place::new();
    place.take(&[&sample(), "--output", "deep/in/out.csv"]);
    let table = place.read("deep/in/out.csv");
    let begins: Vec<&str> = table.lines().take(12).collect();
    insta::assert_snapshot!("run_output", begins.join("\n"));
    place.take(&[&sample(), "--output", "out.jsonl"]);
    let lines = place.read("out.jsonl");
    insta::assert_snapshot!("run_output_json", lines.lines().take(2).collect::<Vec<_>>().join("\n"));
    assert_eq!(lines.lines().count() + 1, table.lines().count());
}

#[test]
fn show() {
    let place = Place::with_sample();
    let said = place.run(&["show", "u275-00001"]).done();
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    assert!(!said.contains('\u{1b}'), "a pipe has no colour");
    insta::assert_snapshot!("show", said);
    let part =
        place.run(&["show", "u275-00001", "--from", "2024-04-01T00:00:00Z", "--to", "2024-05-01T00:00:00Z"]);
    insta::assert_snapshot!("show_part", part.done());
    let mut json = place.run(&["show", "u275-00001", "--json"]).json();
    json["readings"].as_array_mut().unwrap().truncate(2);
    insta::assert_snapshot!("show_json", pretty(json));
}

#[test]
fn explain() {
    let place = Place::with_sample();
    for (name, user, words) in [
        ("explain_unit", "u275-00001", ["--id", "r46"]),
        ("explain_index", "u275-00001", ["--id", "r7"]),
        ("explain_digits", "u275-00002", ["--id", "r61"]),
        ("explain_accepted", "u275-00001", ["--at", "2024-05-10T12:00:00Z"]),
        ("explain_conflict", "u275-00000", ["--id", "r11"]),
    ] {
        insta::assert_snapshot!(name, place.run(&["explain", user, words[0], words[1]]).done());
    }
    let json = place.run(&["explain", "u275-00001", "--id", "r46", "--json"]).json();
    insta::assert_snapshot!("explain_json", pretty(json));
}

#[test]
fn history_conflicts_waiting() {
    let place = Place::new();
    let rows = std::fs::read_to_string(sample()).unwrap();
    let (header, rows) = rows.split_once('\n').unwrap();
    let half = rows.lines().count() / 2;
    let file = |rows: Vec<&str>| format!("{header}\n{}\n", rows.join("\n"));
    place.write("first.csv", file(rows.lines().take(half).collect()));
    place.write("second.csv", file(rows.lines().skip(half).collect()));
    place.take(&["first.csv"]);
    insta::assert_snapshot!("waiting", place.run(&["waiting"]).done());
    insta::assert_snapshot!("waiting_json", pretty(place.run(&["waiting", "--json"]).json()));
    place.take(&["second.csv"]);
    insta::assert_snapshot!("waiting_none", place.run(&["waiting"]).done());
    insta::assert_snapshot!("history", fixed(&place.run(&["history", "u275-00000"]).done()));
    insta::assert_snapshot!("history_json", pretty(place.run(&["history", "u275-00002", "--json"]).json()));
    insta::assert_snapshot!("conflicts", place.run(&["conflicts"]).done());
    insta::assert_snapshot!(
        "conflicts_json",
        pretty(place.run(&["conflicts", "u275-00000", "--json"]).json())
    );
}

#[test]
fn status_and_digest() {
    let place = Place::with_sample();
    insta::assert_snapshot!("status", fixed(&place.run(&["status"]).done()));
    insta::assert_snapshot!("status_json", pretty(place.run(&["status", "--json"]).json()));
    insta::assert_snapshot!("digest", place.run(&["digest"]).done());
    insta::assert_snapshot!("digest_json", pretty(place.run(&["digest", "--json"]).json()));
}

#[test]
fn verify() {
    let place = Place::with_sample();
    insta::assert_snapshot!("verify", place.run(&["verify"]).done());
    insta::assert_snapshot!("verify_json", pretty(place.run(&["verify", "--json"]).json()));
    assert_eq!(place.run(&["verify", "--sample", "2", "--json"]).json()["users"], 2);
}

#[test]
fn export() {
    let place = Place::with_sample();
    place.write("bad.csv", "user_id,at,weight\nada,yesterday,80\nada,2024-03-01,80\n");
    place.run(&["run", "bad.csv", "--now", NOW]).done();
    for what in ["facts", "states", "readings", "verdicts", "revisions", "rejects"] {
        let table = place.run(&["export", what]).done();
        let json = place.run(&["export", what, "--json"]).done();
        assert!(what == "rejects" || table.lines().count() == json.lines().count() + 1, "{what}");
        let begins = |text: &str| text.lines().take(3).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(
            format!("export_{what}"),
            fixed(&format!("{}\n\n{}", begins(&table), begins(&json)))
        );
        place.run(&["export", what, "--output", "it.csv"]).done();
        assert_eq!(place.read("it.csv"), table);
        place.run(&["export", what, "--output", "it.jsonl"]).done();
        assert_eq!(place.read("it.jsonl"), json);
    }
    let audit = place.run(&["export", "audit"]).done();
    let kinds: Vec<&str> = audit.lines().filter_map(|line| line.split(',').nth(3)).collect();
    assert_eq!(kinds[..3], ["kind", "settings", "reset_new"]);
}

/// What is exported is taken back, and settles to the same bits.
///
/// Proves I1, I2.
#[test]
fn exported_facts_in_an_empty_store_give_the_same_digest() {
    let place = Place::with_sample();
    let digest = place.digest();
    for file in ["facts.csv", "facts.jsonl"] {
        place.run(&["export", "facts", "--output", file]).done();
        let again = Place::new();
        again.write(file, place.read(file));
        again.take(&[file]);
        assert_eq!(again.digest(), digest, "{file}");
    }
}

#[test]
fn completions_and_the_manual() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).done();
        assert!(script.contains("reweigh") && script.contains("explain"), "{shell}");
    }
    let page = place.run(&["man"]).done();
    for word in [".TH reweigh 1", ".SH COMMANDS", ".SS reweigh run", "date\\-format", ".SH EXIT STATUS"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    insta::assert_snapshot!("help", place.run(&["-h"]).done());
    insta::assert_snapshot!("help_run", place.run(&["run", "-h"]).done());
    assert!(place.files().is_empty(), "nothing is made by asking");
}
