//! The two phases, and every way in which they end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use reweigh_buffer::{Begun, BufferError, BufferLimits, Phase, ReplayBuffer, Stage, Upto};
use reweigh_reading::{Clock, Elapsed, Instant};

use crate::stand::{add, add_all, freeze, held, numbers, second, user};

fn buffer() -> ReplayBuffer {
    ReplayBuffer::new(&BufferLimits::default()).unwrap()
}

/// Proves B1, B2, B3, W4.
#[test]
fn what_comes_while_a_replay_runs_waits_for_the_next() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1, 2]);
    let before = buffer.view(&anna).unwrap().version();

    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    assert!(before < frozen.version());
    assert_eq!(add(&buffer, &anna, 3).stage, Stage::Pending);
    assert_eq!(numbers(&frozen), [1, 2]);
    let stats = buffer.stats();
    assert_eq!((stats.live, stats.pending, stats.frozen, stats.snapshots), (0, 1, 2, 1));

    let ended = frozen.complete(second(4));
    assert_eq!((ended.readings, ended.waiting, ended.duration), (2, 1, Elapsed::from_seconds(4)));
    assert_eq!(held(&buffer, &anna), [3]);
    assert_eq!(numbers(&freeze(&buffer, &anna, second(5)).unwrap()), [3]);
}

/// Proves B2, B4, W3.
#[test]
fn a_replay_that_fails_gives_everything_back_in_order() {
    struct Stopped;
    impl Clock for Stopped {
        fn now(&self) -> Instant {
            second(9)
        }
    }
    let fail = [
        |buffer: &ReplayBuffer| {
            freeze(buffer, &user("anna"), second(0)).unwrap().abort(second(1));
        },
        |buffer: &ReplayBuffer| drop(freeze(buffer, &user("anna"), second(0)).unwrap()),
        |buffer: &ReplayBuffer| {
            let frozen = freeze(buffer, &user("anna"), second(0)).unwrap();
            add_all(buffer, &user("anna"), [3]);
            let published = frozen.complete_with(&Stopped, |_| Err::<(), _>("no space"));
            assert_eq!(published.unwrap_err(), "no space");
        },
        |buffer: &ReplayBuffer| {
            let frozen = freeze(buffer, &user("anna"), second(0)).unwrap();
            add_all(buffer, &user("anna"), [3]);
            let publish =
                AssertUnwindSafe(|| frozen.complete_with(&Stopped, |_| -> Result<(), ()> { panic!("fold") }));
            assert!(catch_unwind(publish).is_err());
        },
        |buffer: &ReplayBuffer| drop(buffer.begin_snapshot(&user("anna"), Upto::Latest, second(0)).unwrap()),
        |buffer: &ReplayBuffer| {
            let Begun { snapshot, .. } =
                buffer.begin_snapshot(&user("anna"), Upto::Latest, second(0)).unwrap();
            assert_eq!(snapshot.abort(second(1)).unwrap().waiting, 2);
        },
    ];
    for (way, fail) in fail.into_iter().enumerate() {
        let (buffer, anna) = (buffer(), user("anna"));
        add_all(&buffer, &anna, [1, 2]);
        fail(&buffer);
        assert!(held(&buffer, &anna).starts_with(&[1, 2]), "way {way}");
        let stats = buffer.stats();
        assert_eq!((stats.frozen, stats.pending, stats.snapshots), (0, 0, 0), "way {way}");
        assert_eq!(stats.events.aborted + stats.events.dropped, 1, "way {way}");
        add_all(&buffer, &anna, [4]);
        assert_eq!(held(&buffer, &anna).last(), Some(&4), "way {way}");
    }
}

/// Proves B4.
#[test]
fn publishing_comes_before_letting_go() {
    struct Stopped;
    impl Clock for Stopped {
        fn now(&self) -> Instant {
            second(9)
        }
    }
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1]);
    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    let publish = |_: &_| {
        // No lock is held: the buffer can be asked, and still has the reading.
        assert_eq!(held(&buffer, &anna), [1]);
        Ok::<_, ()>("in the dirty set")
    };
    let (published, ended) = frozen.complete_with(&Stopped, publish).unwrap();
    assert_eq!((published, ended.duration), ("in the dirty set", Elapsed::from_seconds(9)));
    assert_eq!(held(&buffer, &anna), []);
    assert_eq!(buffer.stats().users, 0);
}

/// Proves B2.
#[test]
fn one_snapshot_or_guard_per_user() {
    let (buffer, anna) = (buffer(), user("anna"));
    let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, second(5)).unwrap();
    let busy = |phase| BufferError::Busy {
        user: user("anna"),
        version: snapshot.version(),
        since: second(5),
        phase,
    };
    let (begun, finalized) = (busy(Phase::Begun), busy(Phase::Finalized));
    let again = || buffer.begin_snapshot(&anna, Upto::Latest, second(6)).unwrap_err();

    assert_eq!(again(), begun);
    let frozen = snapshot.finalize(second(6)).unwrap();
    assert_eq!(again(), finalized);
    assert!(again().to_string().starts_with("anna has a snapshot since 1970-01-01T00:00:05Z (finalized)"));
    // Others are not concerned.
    assert!(freeze(&buffer, &user("berta"), second(6)).is_ok());
    frozen.complete(second(7));
    assert!(freeze(&buffer, &anna, second(8)).is_ok());
}

/// Proves B5.
#[test]
fn a_snapshot_that_is_not_finalized_ends_by_itself() {
    let (buffer, anna, berta) = (buffer(), user("anna"), user("berta"));
    add_all(&buffer, &anna, [1]);
    add_all(&buffer, &berta, [2]);
    let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, second(0)).unwrap();
    let guard = freeze(&buffer, &berta, second(0)).unwrap();
    add_all(&buffer, &anna, [3]);

    assert_eq!(buffer.expire(second(29)), []);
    let timed_out = buffer.expire(second(30));
    assert_eq!(timed_out.len(), 1, "a guard does not time out");
    let timed_out = &timed_out[0];
    assert_eq!((&timed_out.user, timed_out.readings, timed_out.age), (&anna, 1, Elapsed::from_seconds(30)));
    assert_eq!((timed_out.version, timed_out.began), (snapshot.version(), second(0)));
    assert_eq!(held(&buffer, &anna), [1, 3]);
    assert_eq!(buffer.expire(second(99)), []);

    // Whoever had it learns of it, and cannot disturb the one who came next.
    let next = freeze(&buffer, &anna, second(31)).unwrap();
    let error = snapshot.finalize(second(31)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the snapshot of anna was not finalized within 30 s (it is 31 s old); begin another"
    );
    assert_eq!(numbers(&next), [1, 3]);
    next.complete(second(32));
    guard.complete(second(32));
    assert_eq!(buffer.stats().events.timed_out, 1);
    assert_eq!(buffer.stats().users, 0);
}

/// Proves B5.
#[test]
fn finalizing_too_late_is_a_timeout_too() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1]);
    let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, second(0)).unwrap();
    assert!(matches!(snapshot.finalize(second(30)), Err(BufferError::TimedOut { .. })));
    assert_eq!(held(&buffer, &anna), [1]);
    assert_eq!((buffer.stats().events.timed_out, buffer.stats().snapshots), (1, 0));

    // A clock that goes back makes nothing late.
    let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, second(100)).unwrap();
    assert_eq!(buffer.expire(second(0)), []);
    assert!(snapshot.finalize(second(0)).is_ok());
}

/// Proves B2.
#[test]
fn a_snapshot_takes_what_was_added_up_to_a_point() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1]);
    let upto = Upto::Sequence(add(&buffer, &anna, 2).sequence);
    add_all(&buffer, &anna, [3, 4]);

    for abort in [true, false] {
        let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, upto, second(0)).unwrap();
        assert_eq!(snapshot.len(), 2);
        let frozen = snapshot.finalize(second(0)).unwrap();
        assert_eq!(numbers(&frozen), [1, 2]);
        assert_eq!(buffer.stats().pending, 2);
        if abort {
            frozen.abort(second(0));
            assert_eq!(held(&buffer, &anna), [1, 2, 3, 4]);
        } else {
            frozen.complete(second(0));
            assert_eq!(held(&buffer, &anna), [3, 4]);
        }
    }
    // A point that has passed leaves nothing to freeze.
    let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, upto, second(0)).unwrap();
    assert!(snapshot.is_empty());
}

/// Proves B2.
#[test]
fn an_empty_snapshot_keeps_others_away() {
    let (buffer, anna) = (buffer(), user("anna"));
    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    assert!(frozen.is_empty() && frozen.first_key().is_none());
    assert!(freeze(&buffer, &anna, second(0)).is_err());
    assert_eq!(add(&buffer, &anna, 1).stage, Stage::Pending);
    frozen.complete(second(0));
    assert_eq!(held(&buffer, &anna), [1]);
}

/// Proves B1.
#[test]
fn a_version_grows_even_if_its_user_leaves_memory() {
    let (buffer, anna) = (buffer(), user("anna"));
    let mut last = None;
    for number in 1..=5 {
        add_all(&buffer, &anna, [number]);
        let frozen = freeze(&buffer, &anna, second(0)).unwrap();
        assert!(last < Some(frozen.version()));
        let ended = frozen.complete(second(0));
        assert_eq!(buffer.stats().users, 0);
        last = Some(ended.version);
    }
}

#[test]
fn the_first_key_is_first_in_the_story_and_not_in_arrival() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [5, 3, 4]);
    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    assert_eq!(numbers(&frozen), [5, 3, 4]);
    assert_eq!(frozen.first_key().unwrap().at(), second(3));
}

/// Proves B12.
#[test]
fn stats_tell_what_happened() {
    let (buffer, anna) = (buffer(), user("anna"));
    for (number, millis) in [(1, 3), (2, 50)] {
        add_all(&buffer, &anna, [number]);
        let now = second(i64::try_from(number).unwrap());
        let frozen = freeze(&buffer, &anna, now).unwrap();
        assert_eq!(buffer.stats().oldest_snapshot, Some(now));
        frozen.complete(now.saturating_add(Elapsed::from_millis(millis)));
    }
    let stats = buffer.stats();
    assert_eq!(stats.oldest_snapshot, None);
    let events = stats.events;
    assert_eq!((events.added, events.begun, events.finalized), (2, 2, 2));
    assert_eq!((events.completed, events.completed_readings), (2, 2));
    assert_eq!((stats.durations.count(), stats.durations.max()), (2, Elapsed::from_millis(50)));
}

/// Proves B12.
#[test]
fn each_way_to_end_is_counted_for_itself() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1]);
    let begin = || buffer.begin_snapshot(&anna, Upto::Latest, second(0)).unwrap().snapshot;
    let ways: [&dyn Fn(); 6] = [
        &|| assert!(begin().abort(second(1)).is_some()),
        &|| assert_eq!(begin().finalize(second(0)).unwrap().abort(second(2)).readings, 1),
        &|| drop(begin()),
        &|| drop(begin().finalize(second(0))),
        &|| assert!(begin().finalize(second(40)).is_err()),
        &|| {
            let late = begin();
            assert_eq!(buffer.expire(second(50)).len(), 1);
            assert_eq!(late.abort(second(60)), None);
        },
    ];
    // Aborted, dropped, timed out, and the durations: a drop brings no time along, and what is over is not counted again.
    let counts = [(1, 0, 0, 1), (2, 0, 0, 2), (2, 1, 0, 2), (2, 2, 0, 2), (2, 2, 1, 3), (2, 2, 2, 4)];
    for (way, counts) in ways.into_iter().zip(counts) {
        way();
        let stats = buffer.stats();
        let events = stats.events;
        assert_eq!((events.aborted, events.dropped, events.timed_out, stats.durations.count()), counts);
        assert_eq!((stats.live, stats.pending, stats.frozen, stats.snapshots), (1, 0, 0, 0));
    }
    assert_eq!(buffer.stats().durations.max(), Elapsed::from_seconds(50));
    assert_eq!((buffer.stats().events.begun, buffer.stats().events.finalized), (6, 2));
}

/// A view shares the frozen set. Giving it back copies what is shared, and the view keeps what it saw.
///
/// Proves B2.
#[test]
fn a_view_outlives_the_snapshot_that_it_saw() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1, 2]);
    for late in [false, true] {
        let begun = buffer.begin_snapshot(&anna, Upto::Latest, second(0)).unwrap();
        let view = buffer.view(&anna).unwrap();
        if late {
            assert_eq!(buffer.expire(second(30)).len(), 1);
        } else {
            begun.snapshot.abort(second(1)).unwrap();
        }
        assert_eq!(held(&buffer, &anna), [1, 2]);
        assert_eq!(view.frozen().count(), 2);
    }
}

/// The engine hands snapshots from one thread to another.
#[test]
fn all_of_it_can_be_sent() {
    fn sent<T: Send + Sync + 'static>() {}
    sent::<ReplayBuffer>();
    sent::<reweigh_buffer::Snapshot>();
    sent::<reweigh_buffer::Frozen>();
    sent::<reweigh_buffer::View>();
}

#[test]
fn after_shutdown_nothing_comes_in_and_the_rest_can_be_settled() {
    let (buffer, anna) = (buffer(), user("anna"));
    add_all(&buffer, &anna, [1, 2]);
    let open = freeze(&buffer, &user("berta"), second(0)).unwrap();
    let remaining = buffer.shutdown();
    assert_eq!((remaining.users, remaining.readings, remaining.snapshots), (2, 2, 1));

    let (fact, place) = crate::stand::reading_at(&anna, 3, second(3));
    assert_eq!(buffer.add(fact, place).unwrap_err(), BufferError::Closed { user: anna.clone() });
    open.complete(second(1));
    while let Some(user) = buffer.idle_users(1).pop() {
        freeze(&buffer, &user, second(1)).unwrap().complete(second(1));
    }
    assert_eq!(buffer.shutdown().users, 0);
    assert_eq!(buffer.stats().events.completed_readings, 2);
}
