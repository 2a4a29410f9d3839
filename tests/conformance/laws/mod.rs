//! The laws, in groups. A law takes a fixture and panics where it does not hold.
//!
//! [`every_law`] lists them: a law that is not listed is dead code, and the compiler says so.

pub mod data;
pub mod expiry;
pub mod lock;
pub mod open;
pub mod references;
pub mod release;

/// Calls a macro with its argument and the list of all laws.
macro_rules! every_law {
    ($callback:ident, $argument:ty) => {
        $callback! {
            $argument;
            data {
                absent_is_not_an_error_and_leaves_the_buffer_empty
                bytes_come_back_as_they_were
                a_megabyte_comes_back
                sixty_four_megabytes_come_back
                a_shorter_value_replaces_a_longer_one_and_back
                read_appends_nothing_of_an_earlier_read
                destroy_can_be_repeated
                ids_that_begin_alike_or_differ_in_case_do_not_mix
                the_shortest_and_the_longest_ids_work
                another_handle_sees_what_was_written
                a_thousand_sessions_keep_their_data_apart
                a_reader_never_sees_half_a_write
            }
            expiry {
                an_expired_record_is_absent_to_everyone
                a_record_lives_to_its_end
                touch_extends_and_reports
                write_replaces_the_lifetime_too
                an_expired_record_can_be_written_again
                gc_removes_only_what_expired_and_counts
                gc_removes_many
                gc_leaves_locks_alone
            }
            lock {
                a_held_lock_excludes_at_once
                one_waiter_too_many_is_refused_at_once
                locks_of_different_sessions_are_apart
                unlock_frees
                a_release_wakes_the_waiter
                the_wait_limit_is_kept
                order_of_arrival_is_kept
                a_newcomer_does_not_overtake_the_queue
                a_waiter_that_gave_up_is_not_in_the_way
                a_lease_of_somebody_else_unlocks_nothing
                unlocking_twice_does_no_harm
                a_lock_that_ran_out_goes_to_the_next
                a_lock_that_ran_out_goes_on_down_the_queue
                locks_that_die_with_their_holder_do_not_run_out
                destroying_a_record_leaves_its_lock
                a_renewed_lock_outlives_its_first_lease
                a_lost_lock_is_not_renewed
                no_increment_is_lost
            }
            open {
                a_stranger_s_id_leaves_no_lock_and_no_record
                an_unknown_id_is_locked_when_asked_for
                opening_returns_the_data_and_the_lock
                opening_without_a_lock_takes_none
                opening_waits_for_the_lock_and_then_reads
                a_busy_session_is_not_read
                opening_extends_the_lifetime
                opening_with_a_lock_extends_the_lifetime
                an_expired_record_is_not_found
            }
            references {
                a_session_is_found_under_its_reference
                a_listing_says_when_a_session_ends
                a_reference_is_any_bytes
                a_session_moves_with_its_reference
                a_touch_after_an_early_extension_moves_it_too
                a_session_that_lost_its_reference_is_not_listed
                terms_count_for_one_write
                a_write_that_says_nothing_keeps_the_reference
                an_ended_session_leaves_the_listing
                an_expired_session_is_not_listed
                a_session_that_is_kept_alive_stays_listed
                a_refused_write_changes_no_reference
                an_ended_session_is_not_written_again
                an_existing_session_is_written
                a_session_that_vanished_comes_back_with_its_reference
                listings_come_in_pages
                many_workers_leave_index_and_sessions_in_agreement
            }
            release {
                write_unlock_stores_and_frees
                write_unlock_of_a_lost_lease_keeps_the_newer_data
                write_unlock_of_a_lost_lease_leaves_the_new_holder_alone
                write_unlock_of_an_unlocked_lease_is_refused
                touch_unlock_extends_and_frees
                touch_unlock_restores_what_vanished_under_a_lease
                touch_unlock_restores_what_vanished_after_an_early_extension
                touch_unlock_restores_without_a_lease
                touch_unlock_without_a_lease_extends
                touch_unlock_after_an_early_extension_keeps_and_frees
                touch_unlock_of_a_lost_lease_does_not_bring_back_what_was_destroyed
                touch_unlock_of_a_lost_lease_keeps_the_newer_data
                destroy_unlock_removes_and_frees
                destroy_unlock_of_what_is_not_there_frees
            }
        }
    };
}
pub(crate) use every_law;
