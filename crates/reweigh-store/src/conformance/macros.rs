//! The macro that makes a test of every promise.

/// Makes a test of every promise of the port, on a fresh bench each.
///
/// The argument is an expression that makes a [`Bench`](crate::Bench).
#[macro_export]
macro_rules! promises {
    ($bench:expr) => {
        /// Proves F5, W7.
        #[test]
        fn an_acknowledged_append_survives() {
            $crate::hold(stringify!(an_acknowledged_append_survives), &$bench);
        }

        #[test]
        fn rows_come_in_order_and_in_portions() {
            $crate::hold(stringify!(rows_come_in_order_and_in_portions), &$bench);
        }

        #[test]
        fn rejected_rows_ride_along() {
            $crate::hold(stringify!(rejected_rows_ride_along), &$bench);
        }

        /// Proves F5.
        #[test]
        fn the_mark_hides_and_pruning_removes() {
            $crate::hold(stringify!(the_mark_hides_and_pruning_removes), &$bench);
        }

        #[test]
        fn the_mark_stays_within_the_journal() {
            $crate::hold(stringify!(the_mark_stays_within_the_journal), &$bench);
        }

        #[test]
        fn numbers_are_never_used_again() {
            $crate::hold(stringify!(numbers_are_never_used_again), &$bench);
        }

        #[test]
        fn a_row_is_read_by_its_number() {
            $crate::hold(stringify!(a_row_is_read_by_its_number), &$bench);
        }

        /// Proves W14.
        #[test]
        fn facts_are_a_set() {
            $crate::hold(stringify!(facts_are_a_set), &$bench);
        }

        #[test]
        fn facts_come_in_their_own_order() {
            $crate::hold(stringify!(facts_come_in_their_own_order), &$bench);
        }

        #[test]
        fn history_in_portions_is_the_whole() {
            $crate::hold(stringify!(history_in_portions_is_the_whole), &$bench);
        }

        /// Proves W15.
        #[test]
        fn late_facts_find_their_place() {
            $crate::hold(stringify!(late_facts_find_their_place), &$bench);
        }

        #[test]
        fn every_kind_of_fact_comes_back() {
            $crate::hold(stringify!(every_kind_of_fact_comes_back), &$bench);
        }

        #[test]
        fn both_sides_of_a_conflict_are_kept() {
            $crate::hold(stringify!(both_sides_of_a_conflict_are_kept), &$bench);
        }

        #[test]
        fn corrected_ids_are_told_whole() {
            $crate::hold(stringify!(corrected_ids_are_told_whole), &$bench);
        }

        #[test]
        fn users_are_apart() {
            $crate::hold(stringify!(users_are_apart), &$bench);
        }

        /// Proves W21.
        #[test]
        fn ids_are_data_and_never_paths() {
            $crate::hold(stringify!(ids_are_data_and_never_paths), &$bench);
        }

        #[test]
        fn nothing_known_is_none() {
            $crate::hold(stringify!(nothing_known_is_none), &$bench);
        }

        /// Proves A2, W8.
        #[test]
        fn a_missing_snapshot_is_a_typed_error() {
            $crate::hold(stringify!(a_missing_snapshot_is_a_typed_error), &$bench);
        }

        /// Proves A1, W6.
        #[test]
        fn a_base_lies_strictly_before() {
            $crate::hold(stringify!(a_base_lies_strictly_before), &$bench);
        }

        /// Proves A1, A6.
        #[test]
        fn a_base_comes_with_every_fact_after_it() {
            $crate::hold(stringify!(a_base_comes_with_every_fact_after_it), &$bench);
        }

        #[test]
        fn a_late_fact_makes_later_snapshots_stale() {
            $crate::hold(stringify!(a_late_fact_makes_later_snapshots_stale), &$bench);
        }

        #[test]
        fn what_is_touched_makes_snapshots_stale() {
            $crate::hold(stringify!(what_is_touched_makes_snapshots_stale), &$bench);
        }

        #[test]
        fn a_replay_is_never_long() {
            $crate::hold(stringify!(a_replay_is_never_long), &$bench);
        }

        /// Proves A1, A6, C7.
        #[test]
        fn a_state_that_moved_refuses() {
            $crate::hold(stringify!(a_state_that_moved_refuses), &$bench);
        }

        /// Proves A6, W4.
        #[test]
        fn a_fact_below_refuses_and_is_kept() {
            $crate::hold(stringify!(a_fact_below_refuses_and_is_kept), &$bench);
        }

        /// Proves A6.
        #[test]
        fn a_fact_after_is_the_mark() {
            $crate::hold(stringify!(a_fact_after_is_the_mark), &$bench);
        }

        #[test]
        fn settling_clears_the_mark() {
            $crate::hold(stringify!(settling_clears_the_mark), &$bench);
        }

        /// Proves F2.
        #[test]
        fn the_last_versions_are_kept() {
            $crate::hold(stringify!(the_last_versions_are_kept), &$bench);
        }

        #[test]
        fn another_fingerprint_is_passed_over() {
            $crate::hold(stringify!(another_fingerprint_is_passed_over), &$bench);
        }

        #[test]
        fn verdicts_come_back() {
            $crate::hold(stringify!(verdicts_come_back), &$bench);
        }

        /// Proves A1, A10.
        #[test]
        fn a_pin_is_served_until_released() {
            $crate::hold(stringify!(a_pin_is_served_until_released), &$bench);
        }

        /// Proves A1, F2.
        #[test]
        fn an_operator_restores_a_version() {
            $crate::hold(stringify!(an_operator_restores_a_version), &$bench);
        }

        /// Proves A10.
        #[test]
        fn a_state_may_come_pinned() {
            $crate::hold(stringify!(a_state_may_come_pinned), &$bench);
        }

        /// Proves F3.
        #[test]
        fn audit_is_found_by_user_time_and_outcome() {
            $crate::hold(stringify!(audit_is_found_by_user_time_and_outcome), &$bench);
        }

        /// Proves F3.
        #[test]
        fn trimming_the_audit_is_audited() {
            $crate::hold(stringify!(trimming_the_audit_is_audited), &$bench);
        }

        #[test]
        fn a_rejected_row_is_kept_once() {
            $crate::hold(stringify!(a_rejected_row_is_kept_once), &$bench);
        }

        #[test]
        fn the_outbox_waits_until_told() {
            $crate::hold(stringify!(the_outbox_waits_until_told), &$bench);
        }

        #[test]
        fn settings_are_kept() {
            $crate::hold(stringify!(settings_are_kept), &$bench);
        }

        /// Proves A5, F1.
        #[test]
        fn a_checkpoint_is_whole_or_not_at_all() {
            $crate::hold(stringify!(a_checkpoint_is_whole_or_not_at_all), &$bench);
        }

        /// Proves F9.
        #[test]
        fn an_erased_user_leaves_a_stub() {
            $crate::hold(stringify!(an_erased_user_leaves_a_stub), &$bench);
        }

        /// Proves F9.
        #[test]
        fn a_backup_is_a_whole_store() {
            $crate::hold(stringify!(a_backup_is_a_whole_store), &$bench);
        }

        #[test]
        fn counts_add_up() {
            $crate::hold(stringify!(counts_add_up), &$bench);
        }

        #[test]
        fn a_sound_store_is_found_sound() {
            $crate::hold(stringify!(a_sound_store_is_found_sound), &$bench);
        }

        /// Proves W5.
        #[test]
        fn threads_lose_nothing() {
            $crate::hold(stringify!(threads_lose_nothing), &$bench);
        }

        #[test]
        fn no_promise_is_left_out() {
            let here = [
                stringify!(an_acknowledged_append_survives),
                stringify!(rows_come_in_order_and_in_portions),
                stringify!(rejected_rows_ride_along),
                stringify!(the_mark_hides_and_pruning_removes),
                stringify!(the_mark_stays_within_the_journal),
                stringify!(numbers_are_never_used_again),
                stringify!(a_row_is_read_by_its_number),
                stringify!(facts_are_a_set),
                stringify!(facts_come_in_their_own_order),
                stringify!(history_in_portions_is_the_whole),
                stringify!(late_facts_find_their_place),
                stringify!(every_kind_of_fact_comes_back),
                stringify!(both_sides_of_a_conflict_are_kept),
                stringify!(corrected_ids_are_told_whole),
                stringify!(users_are_apart),
                stringify!(ids_are_data_and_never_paths),
                stringify!(nothing_known_is_none),
                stringify!(a_missing_snapshot_is_a_typed_error),
                stringify!(a_base_lies_strictly_before),
                stringify!(a_base_comes_with_every_fact_after_it),
                stringify!(a_late_fact_makes_later_snapshots_stale),
                stringify!(what_is_touched_makes_snapshots_stale),
                stringify!(a_replay_is_never_long),
                stringify!(a_state_that_moved_refuses),
                stringify!(a_fact_below_refuses_and_is_kept),
                stringify!(a_fact_after_is_the_mark),
                stringify!(settling_clears_the_mark),
                stringify!(the_last_versions_are_kept),
                stringify!(another_fingerprint_is_passed_over),
                stringify!(verdicts_come_back),
                stringify!(a_pin_is_served_until_released),
                stringify!(an_operator_restores_a_version),
                stringify!(a_state_may_come_pinned),
                stringify!(audit_is_found_by_user_time_and_outcome),
                stringify!(trimming_the_audit_is_audited),
                stringify!(a_rejected_row_is_kept_once),
                stringify!(the_outbox_waits_until_told),
                stringify!(settings_are_kept),
                stringify!(a_checkpoint_is_whole_or_not_at_all),
                stringify!(an_erased_user_leaves_a_stub),
                stringify!(a_backup_is_a_whole_store),
                stringify!(counts_add_up),
                stringify!(a_sound_store_is_found_sound),
                stringify!(threads_lose_nothing),
            ];
            let all: Vec<&str> = $crate::PROMISES.iter().map(|promise| promise.name).collect();
            assert_eq!(all, here);
        }
    };
}
