//! When a user is due. It decides when coalesced readings are replayed, and nothing else.

use reweigh_buffer::{BufferLimits, Due, ReplayBuffer, Upto};
use reweigh_reading::Elapsed;

use crate::stand::{freeze, reading_at, second, user};

const HOUR: i64 = 3_600;

/// Proves B8.
#[test]
fn a_user_is_due_by_count_or_by_window() {
    let buffer = ReplayBuffer::new(&BufferLimits { due_readings: 3, ..BufferLimits::default() }).unwrap();
    let due = |name: &str, hours: i64| {
        let (fact, place) = reading_at(&user(name), 1, second(hours * HOUR));
        buffer.add(fact, place).unwrap().due
    };
    assert_eq!(due("by count", 0), None);
    assert_eq!(due("by count", 1), None);
    assert_eq!(due("by count", 2), Some(Due::Readings));

    // Later or earlier: the window is one of event time.
    assert_eq!(due("later", 0), None);
    assert_eq!(due("later", 72), Some(Due::Window));
    assert_eq!(due("earlier", 72), None);
    assert_eq!(due("earlier", 1), None);
    assert_eq!(due("just earlier", 72), None);
    assert_eq!(due("just earlier", 0), Some(Due::Window));
}

/// Proves B8.
#[test]
fn what_came_meanwhile_may_be_due_at_once() {
    let limits = BufferLimits { due_window: Elapsed::from_hours(1), ..BufferLimits::default() };
    let buffer = ReplayBuffer::new(&limits).unwrap();
    let anna = user("anna");
    let frozen = freeze(&buffer, &anna, second(0)).unwrap();
    for hours in [0, 5] {
        let (fact, place) = reading_at(&anna, 1, second(hours * HOUR));
        let _ = buffer.add(fact, place).unwrap();
    }
    let ended = frozen.complete(second(0));
    assert_eq!((ended.waiting, ended.due), (2, Some(Due::Window)));
}

/// Proves B8.
#[test]
fn what_was_let_go_has_no_say_any_more() {
    let buffer = ReplayBuffer::new(&BufferLimits::default()).unwrap();
    let anna = user("anna");
    let added = [0, 100, 101].map(|hours| {
        let (fact, place) = reading_at(&anna, 1, second(hours * HOUR));
        buffer.add(fact, place).unwrap()
    });
    assert_eq!(added.each_ref().map(|added| added.due), [None, Some(Due::Window), Some(Due::Window)]);
    let freeze =
        |upto| buffer.begin_snapshot(&anna, upto, second(0)).unwrap().snapshot.finalize(second(0)).unwrap();
    let first = Upto::Sequence(added[0].sequence);
    assert_eq!(freeze(first).abort(second(0)).due, Some(Due::Window));
    let ended = freeze(first).complete(second(0));
    assert_eq!((ended.readings, ended.waiting, ended.due), (1, 2, None));
}
