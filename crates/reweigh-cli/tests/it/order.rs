//! The promise: whatever the order, the parts, the threads and the crashes, one digest.

use std::fs;
use std::process::Stdio;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::program::{NOW, Place, adds_up, sample};

fn rows() -> (String, Vec<String>) {
    let text = fs::read_to_string(sample()).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    (lines.next().unwrap(), lines.collect())
}

fn file(header: &str, rows: &[String]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

fn known_digest() -> String {
    Place::with_sample().digest()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20) })]

    /// Shuffled, cut into files and runs, with some rows twice, on 1 to 4 threads, in batches of any size.
    ///
    /// Proves I1, W1, W2, W15.
    #[test]
    fn any_order_and_any_parts_give_one_digest(
        order in Just(rows().1).prop_shuffle(),
        again in prop::collection::vec(any::<Index>(), 0..20),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
        threads in 1..=4_u8,
        batch in 1..400_u16,
        at_once in any::<bool>(),
    ) {
        let (header, _) = rows();
        let mut order = order;
        for index in again {
            let row = order[index.index(order.len())].clone();
            order.push(row);
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(order.len())).collect();
        cuts.extend([0, order.len()]);
        cuts.sort_unstable();
        let place = Place::new();
        let mut names = Vec::new();
        for (number, cut) in cuts.windows(2).enumerate() {
            let part = &order[cut[0]..cut[1]];
            if !part.is_empty() {
                names.push(format!("{number}.csv"));
                place.write(&names[names.len() - 1], file(&header, part));
            }
        }
        let (threads, batch) = (threads.to_string(), batch.to_string());
        let options = ["--threads", &threads, "--batch", &batch];
        if at_once {
            let words: Vec<&str> = names.iter().map(String::as_str).chain(options).collect();
            let summary = place.take(&words);
            adds_up(&summary);
            // What became of each fact is known, whatever came first; the rest was told before.
            for (part, many) in
                [("accepted", 246), ("rejected", 3), ("superseded", 5), ("retracted", 2), ("correction", 3)]
            {
                prop_assert_eq!(summary[part].as_u64().unwrap(), many, "{}", part);
            }
        } else {
            for name in &names {
                adds_up(&place.take(&[&[name.as_str()], &options[..]].concat()));
            }
        }
        prop_assert_eq!(place.digest(), known_digest());
    }
}

/// Killed at any moment and run again.
///
/// Proves I1, W7.
#[test]
fn killed_and_run_again_gives_one_digest() {
    let known = known_digest();
    let mut killed = 0;
    for patience in [0_u32, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] {
        let place = Place::new();
        let words = ["run", &sample(), "--batch", "4", "--now", NOW];
        let mut child = place.command(&words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // How far it comes is up to the machine: any moment must do.
        while !place.path("reweigh.redb-journal").exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        for _ in 0..patience * 50 {
            std::thread::yield_now();
        }
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        if place.path("reweigh.redb").exists() {
            place.run(&["status"]).done();
        }
        adds_up(&place.take(&[&sample()]));
        assert_eq!(place.digest(), known, "killed after {patience}");
        assert_eq!(place.files(), ["reweigh.redb"]);
    }
    assert!(killed > 0, "every run was over before it could be killed");
}

/// A dry run says what would come, and keeps nothing.
#[test]
fn a_dry_run_keeps_nothing() {
    let place = Place::new();
    let would = place.take(&[&sample(), "--dry-run"]);
    assert!(place.files().is_empty(), "{:?}", place.files());
    let (header, rows) = rows();
    place.write("some.csv", file(&header, &rows[..100]));
    let first = place.take(&["some.csv"]);
    let before = place.digest();
    let rest = place.take(&[&sample(), "--dry-run"]);
    let new = |summary: &Value| summary["read"].as_u64().unwrap() - summary["duplicate"].as_u64().unwrap();
    assert_eq!(new(&first) + new(&rest), new(&would));
    assert_eq!(place.digest(), before);
    let does = place.take(&[&sample()]);
    assert_eq!((&would["digest"], &rest["digest"]), (&does["digest"], &does["digest"]));
}
