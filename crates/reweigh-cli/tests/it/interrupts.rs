//! Signals: what was acknowledged is kept, and the next run goes on.

use std::io::Write;
use std::process::Command;

use crate::program::{NOW, Place, sample};

/// Sends a signal to a run that waits for more, and says how it ended.
fn interrupted(place: &Place, signal: &str) -> (Option<i32>, String) {
    let mut child = place.start(&["run", "-", "--batch", "4", "--now", NOW]);
    let rows = std::fs::read(sample()).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&rows).unwrap();
    stdin.flush().unwrap();
    while !place.path("reweigh.redb-journal").exists() {
        std::thread::yield_now();
    }
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    // Standard input stays open: the program may not wait for its end.
    let said = child.wait_with_output().unwrap();
    drop(stdin);
    (said.status.code(), String::from_utf8(said.stderr).unwrap())
}

#[test]
fn a_signal_ends_a_run_in_good_order() {
    let known = Place::with_sample().digest();
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let place = Place::new();
        let (ended, said) = interrupted(&place, signal);
        assert_eq!(ended, Some(code), "{said}");
        assert!(
            said.contains("rows are kept, and the same command goes on where this one stopped"),
            "{said}"
        );
        place.take(&[&sample()]);
        assert_eq!(place.digest(), known, "{signal}");
    }
}
