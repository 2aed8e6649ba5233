//! What may be in memory, and what becomes of the rest.

use reweigh_buffer::{Begun, BufferError, BufferLimits, ReplayBuffer, Stage, Upto};

use crate::stand::{add, add_all, freeze, held, reading_at, second, token_numbers, user};

fn three_readings() -> ReplayBuffer {
    ReplayBuffer::new(&BufferLimits { max_buffer_readings: 3, ..BufferLimits::default() }).unwrap()
}

/// Proves B6, B12.
#[test]
fn the_oldest_live_reading_leaves_first() {
    let (buffer, anna) = (three_readings(), user("anna"));
    add_all(&buffer, &anna, 1..=3);
    let added = add(&buffer, &anna, 4);
    assert_eq!((added.stage, added.waiting), (Stage::Live, 3));
    assert_eq!(held(&buffer, &anna), [2, 3, 4]);

    let (fact, place) = reading_at(&anna, 1, second(1));
    let [token] = added.evicted.try_into().unwrap();
    assert_eq!((token.user, token.key, token.place), (anna, fact.key(), place));
    assert_eq!(buffer.stats().events.evicted_live, 1);
}

/// Proves B6, B12.
#[test]
fn twice_as_many_may_be_pending() {
    let (buffer, anna) = (three_readings(), user("anna"));
    add_all(&buffer, &anna, 1..=3);
    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    add_all(&buffer, &anna, 4..=9);
    assert_eq!(token_numbers(&add(&buffer, &anna, 10).evicted), [4]);
    assert_eq!(buffer.stats().events.evicted_pending, 1);
    assert_eq!((buffer.stats().frozen, buffer.stats().pending), (3, 6));
    assert_eq!(frozen.complete(second(0)).waiting, 6);

    // Nothing has to leave when a snapshot ends, and each that comes now pushes one out.
    assert_eq!(held(&buffer, &anna), [5, 6, 7, 8, 9, 10]);
    assert_eq!(token_numbers(&add(&buffer, &anna, 11).evicted), [5]);
}

/// Proves B6.
#[test]
fn aborting_again_and_again_stays_bounded() {
    let (buffer, anna) = (three_readings(), user("anna"));
    let mut number = 0;
    let mut evicted = Vec::new();
    for _ in 0..10 {
        let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, second(0)).unwrap();
        assert!(snapshot.len() <= 6);
        for _ in 0..10 {
            number += 1;
            evicted.extend(token_numbers(&add(&buffer, &anna, number).evicted));
        }
        snapshot.abort(second(0)).unwrap();
        assert!(held(&buffer, &anna).len() <= 12);
    }
    let mut all = held(&buffer, &anna);
    all.extend(evicted);
    all.sort_unstable();
    assert_eq!(all, (1..=number).collect::<Vec<_>>());
}

/// The least memory that is taken for one shard.
fn least(max_buffer_readings: usize) -> BufferLimits {
    let limits =
        BufferLimits { max_buffer_readings, shards: 1, memory_bytes_max: 0, ..BufferLimits::default() };
    let Err(BufferError::LimitOutOfBounds { least, .. }) = ReplayBuffer::new(&limits) else {
        panic!("no memory at all is too little");
    };
    BufferLimits { memory_bytes_max: least, ..limits }
}

/// Proves B7, B12.
#[test]
fn idle_users_leave_in_line_and_one_that_was_used_is_passed_over_once() {
    let buffer = ReplayBuffer::new(&least(2)).unwrap();
    let names: Vec<_> = (0..100).map(|number| user(&format!("user {number}"))).collect();
    let mut left = Vec::new();
    let mut held_back = None;
    for (number, name) in (0..).zip(&names) {
        left.extend(token_numbers(&add(&buffer, name, number).evicted));
        if number == 2 {
            held_back = Some(freeze(&buffer, name, second(0)).unwrap());
        }
        if number == 3 {
            add_all(&buffer, &names[0], [1_000]);
        }
    }
    // Who is being replayed stays; who was used again stays longer.
    assert!(left.starts_with(&[1, 3, 4, 5]), "{left:?}");
    let again = left.iter().position(|number| *number == 0).unwrap();
    assert_eq!(left[again + 1], 1_000, "a user leaves with all it has");
    left.drain(again..again + 2);
    assert!(left.is_sorted(), "{left:?}");

    let stats = buffer.stats();
    assert_eq!(left.len() + 2 + stats.live + stats.frozen, 101);
    assert_eq!(stats.events.evicted_idle, left.len() as u64 + 2);
    assert_eq!(stats.events.evicted_users, left.len() as u64 + 1);
    assert!(stats.bytes_most <= least(2).memory_bytes_max);
    assert_eq!(held(&buffer, &names[2]), [2]);
    drop(held_back);
}

/// Proves B7, B12.
#[test]
fn if_nobody_is_idle_the_reading_itself_leaves() {
    let buffer = ReplayBuffer::new(&least(2)).unwrap();
    let mut snapshots = Vec::new();
    let refused = loop {
        let name = user(&format!("user {}", snapshots.len()));
        match buffer.begin_snapshot(&name, Upto::Latest, second(0)) {
            Ok(begun) => snapshots.push(begun.snapshot),
            Err(error) => break error,
        }
    };
    assert_eq!(refused, BufferError::NoRoom { user: user(&format!("user {}", snapshots.len())) });

    let long = user(&"x".repeat(128));
    let added = add(&buffer, &long, 1);
    assert_eq!((added.stage, added.waiting, token_numbers(&added.evicted)), (Stage::Evicted, 0, vec![1]));
    assert_eq!(held(&buffer, &long), []);
    assert_eq!(buffer.stats().events.refused, 1);
    assert!(buffer.stats().bytes_most <= least(2).memory_bytes_max);

    // As soon as one of them ends there is room again.
    snapshots.clear();
    assert_eq!(add(&buffer, &long, 2).stage, Stage::Live);
}

#[test]
fn each_limit_has_bounds_and_says_so() {
    let check = |limits: BufferLimits, says: &str| {
        assert_eq!(ReplayBuffer::new(&limits).unwrap_err().to_string(), says);
    };
    let fine = BufferLimits::default;
    check(BufferLimits { max_buffer_readings: 0, ..fine() }, "max_buffer_readings is 0; give 1 to 1000000");
    check(BufferLimits { shards: 0, ..fine() }, "shards is 0; give 1 to 65536");
    check(BufferLimits { shards: 3, ..fine() }, "shards is 3; give a power of two");
    check(BufferLimits { due_readings: 0, ..fine() }, "due_readings is 0; give 1 to 18446744073709551615");
    let zero = reweigh_reading::Elapsed::ZERO;
    check(BufferLimits { snapshot_timeout: zero, ..fine() }, "snapshot_timeout is 0 s; give more than 0 s");
    check(BufferLimits { due_window: zero, ..fine() }, "due_window is 0 s; give more than 0 s");
}
