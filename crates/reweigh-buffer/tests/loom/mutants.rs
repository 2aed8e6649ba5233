//! Nine mistakes that somebody could make, each of which the models must notice for the right reason.

use std::process::Command;

/// The mistake, the model that must fail on it, and what the failure must say.
const MUTANTS: [(&str, &str, &str); 9] = [
    ("LostUpdate", "two_adders", "lost"),
    ("EarlySequence", "two_adders", "out of order"),
    ("DeafShutdown", "shutdown_beside_add", "taken in after the count"),
    ("StaleVictim", "eviction_beside_snapshot", "lost"),
    ("VersionFirst", "a_version_stands_for_one_set", "one version stands for two sets"),
    ("TwoWinners", "two_snapshotters", "two have the user"),
    ("LateSwap", "add_beside_abort", "lost from sight"),
    ("BlindTimeout", "timeout_beside_finalize", "finalized and timed out"),
    ("ForgetfulGuard", "guard_dropped_by_panic_beside_add", "lost"),
];

/// Runs a model on a buffer with this mistake in it. A process of its own: a model that fails leaves threads behind in
/// the middle of things.
fn run(model: &str, mutant: &str) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("models::{model}"), "--nocapture"])
        .env("REWEIGH_MUTANT", mutant)
        .output()
        .unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.contains("running 1 test"), "no model {model}: {said}");
    (output.status.success(), said)
}

/// Proves B9.
#[test]
fn every_mutant_is_caught() {
    let mut missed = Vec::new();
    for (mutant, model, reason) in MUTANTS {
        let (passes_without, said) = run(model, "");
        assert!(passes_without, "{model} fails without a mutant: {said}");
        let (passes, said) = run(model, mutant);
        let caught = !passes && said.contains(reason);
        println!("loom mutant {mutant}: {} by {model}", if caught { "caught" } else { "MISSED" });
        if !caught {
            println!("{said}");
            missed.push(mutant);
        }
    }
    assert!(missed.is_empty(), "missed: {missed:?}");
}
