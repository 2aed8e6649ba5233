//! The window.

use std::collections::VecDeque;

use proptest::prelude::*;
use reweigh_filter::LAGS;
use reweigh_reading::Instant;

use crate::state::{Pending, Window};

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(seconds).unwrap()
}

/// A full window has no place; the oldest makes room, and its place is taken over.
#[test]
fn a_full_window_has_no_place() {
    let mut window = Window::empty_at(5);
    let places: Vec<usize> = (0..).map_while(|second| window.push(at(second))).collect();
    assert_eq!(places, [5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3, 4]);
    assert_eq!((window.len(), window.first()), (LAGS, 5));
    assert_eq!(window.push(at(99)), None);
    assert_eq!(window.len(), LAGS);
    assert_eq!(window.pop(), Some(Pending { number: 5, at: at(0), place: 5 }));
    assert_eq!((window.push(at(99)), window.first()), (Some(5), 6));
}

/// An empty window has no oldest reading, nothing to take out, and knows the number of the next one.
#[test]
fn an_empty_window_knows_the_next_number() {
    let mut window = Window::empty_at(17);
    assert!(window.is_empty());
    assert_eq!(window.len(), 0);
    assert_eq!((window.first(), window.oldest(), window.pop()), (17, None, None));
    assert_eq!(window, Window::empty_at(17));
    assert_eq!(Window::default(), Window::empty_at(0));
}

/// Equal windows are equal whatever was in them before: what leaves leaves nothing behind.
#[test]
fn what_leaves_leaves_nothing_behind() {
    let mut used = Window::empty_at(0);
    for second in 0..3 {
        let _ = used.push(at(second));
    }
    while used.pop().is_some() {}
    assert_eq!(used, Window::empty_at(3));
}

proptest! {
    /// A window is a queue with consecutive numbers, each at its own place.
    #[test]
    fn a_window_is_a_queue(first in 0..1_000_000_u64, ops in proptest::collection::vec(any::<bool>(), 0..200)) {
        let mut window = Window::empty_at(first);
        let mut queue = VecDeque::new();
        let mut next = first;
        for (second, push) in ops.into_iter().enumerate() {
            let at = at(i64::try_from(second).unwrap());
            if push {
                let place = window.push(at);
                prop_assert_eq!(place.is_some(), queue.len() < LAGS);
                if let Some(place) = place {
                    queue.push_back(Pending { number: next, at, place });
                    next += 1;
                }
            } else {
                prop_assert_eq!(window.pop(), queue.pop_front());
            }
            prop_assert_eq!(window.iter().collect::<Vec<_>>(), queue.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(window.oldest(), queue.front().copied());
            prop_assert_eq!((window.len(), window.is_empty()), (queue.len(), queue.is_empty()));
            prop_assert_eq!(window.first(), next - queue.len() as u64);
            let places: std::collections::BTreeSet<_> = queue.iter().map(|pending| pending.place).collect();
            prop_assert_eq!(places.len(), queue.len());
            prop_assert!(places.iter().all(|place| *place < LAGS));
        }
    }
}
