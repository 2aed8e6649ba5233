//! Every promise of the port as a function, and a macro that makes a test of each.
//!
//! A promise is told by a panic, as in any test: that is why this module may panic, and no other.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken promise is told by a panic, in the test that the macro makes of it"
)]

mod facts;
mod journal;
mod macros;
mod records;
mod states;
mod whole;
mod world;

use std::path::{Path, PathBuf};

use crate::port::Store;

/// Where a store is put to the test: one store, empty at first, and a place for its backups.
pub trait Bench {
    /// Opens the store of this bench; the first call makes it. Earlier handles were dropped, without ceremony.
    fn open(&self) -> Box<dyn Store>;

    /// Opens a backup that was made at this path.
    fn open_backup(&self, path: &Path) -> Box<dyn Store>;

    /// A path for a backup, with nothing there.
    fn backup_path(&self) -> PathBuf;
}

/// A promise of the port.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// Its name, which is the name of its test.
    pub name: &'static str,
    /// Panics if it is broken.
    pub holds: fn(&dyn Bench),
}

/// Holds the store of a bench to the promise of this name.
///
/// # Panics
///
/// If the promise is broken, or there is none of this name.
pub fn hold(name: &str, bench: &dyn Bench) {
    let promise = PROMISES.iter().find(|promise| promise.name == name);
    let Some(promise) = promise else { panic!("no promise `{name}`") };
    (promise.holds)(bench);
}

macro_rules! promises {
    ($($module:ident: $($name:ident),+;)+) => {
        /// Every promise of the port.
        pub const PROMISES: &[Promise] =
            &[$($(Promise { name: stringify!($name), holds: $module::$name }),+),+];
    };
}

promises! {
    journal: an_acknowledged_append_survives, rows_come_in_order_and_in_portions, rejected_rows_ride_along,
        the_mark_hides_and_pruning_removes, the_mark_stays_within_the_journal, numbers_are_never_used_again,
        a_row_is_read_by_its_number;
    facts: facts_are_a_set, facts_come_in_their_own_order, history_in_portions_is_the_whole,
        late_facts_find_their_place, every_kind_of_fact_comes_back, both_sides_of_a_conflict_are_kept,
        corrected_ids_are_told_whole, users_are_apart, ids_are_data_and_never_paths;
    states: nothing_known_is_none, a_missing_snapshot_is_a_typed_error, a_base_lies_strictly_before,
        a_base_comes_with_every_fact_after_it, a_late_fact_makes_later_snapshots_stale,
        what_is_touched_makes_snapshots_stale, a_replay_is_never_long, a_state_that_moved_refuses,
        a_fact_below_refuses_and_is_kept, a_fact_after_is_the_mark, settling_clears_the_mark,
        the_last_versions_are_kept, another_fingerprint_is_passed_over, verdicts_come_back,
        a_pin_is_served_until_released, an_operator_restores_a_version, a_state_may_come_pinned;
    records: audit_is_found_by_user_time_and_outcome, trimming_the_audit_is_audited,
        a_rejected_row_is_kept_once, the_outbox_waits_until_told, settings_are_kept;
    whole: a_checkpoint_is_whole_or_not_at_all, an_erased_user_leaves_a_stub, a_backup_is_a_whole_store,
        counts_add_up, a_sound_store_is_found_sound, threads_lose_nothing;
}
