use super::*;

/// A part of each sweep; `cargo xtask crash` does all of it.
fn part(scenario: CrashScenario, cuts: u64) {
    let whole = scenario.sweep(u64::MAX).unwrap_or_else(|error| panic!("{error}"));
    // A stride that shares no divisor with the habits of what is swept.
    let stride = (whole.operations / cuts) | 1;
    let sweep = scenario.sweep(stride).unwrap_or_else(|error| panic!("{error}"));
    println!(
        "{}: {} of {} operations, {} reboots",
        scenario.name(),
        sweep.cuts,
        sweep.operations,
        sweep.reboots
    );
    assert!(sweep.cuts >= cuts / 2 && sweep.reboots == sweep.cuts * FATES.len() as u64);
}

/// Proves F5, W7.
#[test]
fn a_cut_while_a_store_is_made() {
    part(CrashScenario::Creation, 5);
}

/// Proves F5, W7.
#[test]
fn a_cut_while_facts_are_appended() {
    part(CrashScenario::Append, 5);
}

/// Proves A5, F1, F5.
#[test]
fn a_cut_while_a_checkpoint_is_committed() {
    part(CrashScenario::Checkpoint, 5);
}

/// Proves F5.
#[test]
fn a_cut_while_the_journal_is_pruned() {
    part(CrashScenario::Prune, 5);
}

/// Proves A5, F5.
#[test]
fn a_cut_while_a_version_is_restored() {
    part(CrashScenario::Restore, 5);
}

/// Proves F5.
#[test]
fn a_cut_while_files_are_compacted() {
    part(CrashScenario::Compaction, 5);
}

/// Proves F5, F9.
#[test]
fn a_cut_while_a_backup_is_made() {
    part(CrashScenario::Backup, 5);
}

/// Proves F5, F9.
#[test]
fn a_cut_while_a_user_is_erased() {
    part(CrashScenario::Erase, 5);
}

/// Proves F4, F5.
#[test]
fn a_cut_while_a_store_is_closed() {
    part(CrashScenario::Close, 5);
}

/// Proves F5, W7.
#[test]
fn a_cut_while_a_store_recovers() {
    part(CrashScenario::Recovery, 5);
}

/// Proves F5, F7.
#[test]
fn a_cut_while_a_store_is_migrated() {
    part(CrashScenario::Migration, 5);
}

/// A sweep that finds nothing proves nothing unless it can.
#[test]
fn a_disk_that_lies_is_found_out() {
    for scenario in [CrashScenario::Append, CrashScenario::Checkpoint, CrashScenario::Creation] {
        let error = scenario.sweep_on(3, true).unwrap_err();
        assert!(error.contains("cut at"), "{error}");
    }
}
