//! The models. Each runs two or three threads beside the main one, and keeps the books at the end.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::thread::{self, JoinHandle};
use reweigh_buffer::{BufferError, BufferLimits, JournalPlace, ReplayBuffer, Stage, Upto};
use reweigh_reading::{Fact, UserId};

use crate::books::{
    add, anna, balance, explore, explore_large, freeze, grew, look, numbers, one_shard, reading, second,
};

/// Runs `work` on a clone of the buffer in a thread of its own.
fn spawn<T: 'static>(buffer: &ReplayBuffer, work: impl FnOnce(ReplayBuffer) -> T + 'static) -> JoinHandle<T> {
    let buffer = buffer.clone();
    thread::spawn(move || work(buffer))
}

/// Proves B3, W4, W5.
#[test]
fn two_adders() {
    explore("two adders", 50, one_shard(), |buffer| {
        let one = spawn(&buffer, |buffer| add(&buffer, [1, 2]));
        let other = spawn(&buffer, |buffer| add(&buffer, [3, 4]));
        one.join().unwrap();
        other.join().unwrap();
        balance(&buffer, 4, &[], &[]);
    });
}

/// Proves B2, B3, B9, W4.
#[test]
fn add_beside_begin_and_finalize() {
    explore("add ∥ begin + finalize", 110, one_shard(), |buffer| {
        add(&buffer, [1]);
        let adder = spawn(&buffer, |buffer| add(&buffer, [2, 3]));
        let replay = spawn(&buffer, |buffer| {
            let before = look(&buffer, &anna()).0;
            let frozen = freeze(&buffer).unwrap();
            assert!(before < Some(frozen.version()), "the version must grow");
            let let_go = numbers(&frozen);
            assert!(let_go.contains(&1), "what was added before must be frozen");
            let version = frozen.version();
            assert!(version < frozen.complete(second(2)).version, "the version must grow");
            let_go
        });
        adder.join().unwrap();
        let let_go = replay.join().unwrap();
        balance(&buffer, 3, &let_go, &[]);
    });
}

/// Proves B2, B3, B9, W3.
#[test]
fn add_beside_abort() {
    explore("add ∥ abort ∥ look", 200, one_shard(), |buffer| {
        add(&buffer, [1]);
        let adder = spawn(&buffer, |buffer| add(&buffer, [2]));
        let replay = spawn(&buffer, |buffer| {
            let frozen = freeze(&buffer).unwrap();
            let version = frozen.version();
            assert!(version < frozen.abort(second(2)).version, "the version must grow");
        });
        // Nothing is let go here, so whoever looks sees the first reading, whatever the moment.
        assert_eq!(look(&buffer, &anna()).1.first(), Some(&1), "lost from sight");
        adder.join().unwrap();
        replay.join().unwrap();
        balance(&buffer, 2, &[], &[]);
    });
}

/// Proves B2, B9.
#[test]
fn two_snapshotters() {
    static HOLDERS: AtomicUsize = AtomicUsize::new(0);

    fn replay(buffer: &ReplayBuffer) -> bool {
        match buffer.begin_snapshot(&anna(), Upto::Latest, second(0)) {
            Ok(begun) => {
                assert_eq!(HOLDERS.fetch_add(1, Ordering::Relaxed), 0, "two have the user at once");
                let frozen = begun.snapshot.finalize(second(1)).unwrap();
                assert_eq!(numbers(&frozen), [1], "two have the user, and one has nothing");
                HOLDERS.fetch_sub(1, Ordering::Relaxed);
                frozen.abort(second(2));
                true
            }
            Err(error) => {
                assert!(matches!(error, BufferError::Busy { .. }), "{error}");
                false
            }
        }
    }

    explore("begin ∥ begin", 100, one_shard(), |buffer| {
        HOLDERS.store(0, Ordering::Relaxed);
        add(&buffer, [1]);
        let one = spawn(&buffer, |buffer| replay(&buffer));
        let other = spawn(&buffer, |buffer| replay(&buffer));
        let won = [one.join().unwrap(), other.join().unwrap()];
        assert!(won.contains(&true), "one must win");
        balance(&buffer, 1, &[], &[]);
    });
}

/// Proves B5, B9.
#[test]
fn timeout_beside_finalize() {
    explore("expire ∥ finalize ∥ add", 90, one_shard(), |buffer| {
        add(&buffer, [1]);
        let snapshot = buffer.begin_snapshot(&anna(), Upto::Latest, second(0)).unwrap().snapshot;
        let version = snapshot.version();
        // The two have different opinions of the time, as they may.
        let replay = spawn(&buffer, |_| snapshot.finalize(second(29)));
        let sweeper = spawn(&buffer, |buffer| buffer.expire(second(30)));
        add(&buffer, [2]);
        let timed_out = sweeper.join().unwrap();
        match replay.join().unwrap() {
            Ok(frozen) => {
                assert!(timed_out.is_empty(), "finalized and timed out");
                assert_eq!(numbers(&frozen), [1]);
                let ended = frozen.complete(second(30));
                assert_eq!(ended.waiting, 1);
                balance(&buffer, 2, &[1], &[]);
            }
            Err(error) => {
                assert!(matches!(error, BufferError::TimedOut { .. }), "{error}");
                assert_eq!(timed_out.len(), 1, "neither finalized nor timed out");
                balance(&buffer, 2, &[], &[]);
            }
        }
        grew(&buffer, version);
    });
}

/// Proves B3, B9, W4.
#[test]
fn add_beside_complete_with_pending() {
    explore("add ∥ complete with pending ∥ look", 250, one_shard(), |buffer| {
        add(&buffer, [1]);
        let frozen = freeze(&buffer).unwrap();
        let version = frozen.version();
        add(&buffer, [2]);
        let adder = spawn(&buffer, |buffer| add(&buffer, [3, 4]));
        let replay = spawn(&buffer, |_| frozen.complete(second(2)));
        assert!(look(&buffer, &anna()).1.contains(&2), "lost from sight");
        adder.join().unwrap();
        assert!(replay.join().unwrap().waiting >= 1);
        assert_eq!(look(&buffer, &anna()).1, [2, 3, 4], "pending is live, in order");
        balance(&buffer, 4, &[1], &[]);
        grew(&buffer, version);
    });
}

/// Proves B3, B9, W4.
#[test]
fn complete_beside_add_and_the_next_snapshot() {
    explore("complete + begin ∥ add", 140, one_shard(), |buffer| {
        add(&buffer, [1]);
        let frozen = freeze(&buffer).unwrap();
        let adder = spawn(&buffer, |buffer| add(&buffer, [2, 3]));
        let replay = spawn(&buffer, |buffer| {
            let mut let_go = numbers(&frozen);
            let version = frozen.version();
            let ended = frozen.complete(second(2));
            assert!(version < ended.version, "the version must grow");
            // The user may have left memory in between; its version goes on all the same.
            let next = freeze(&buffer).unwrap();
            assert!(ended.version < next.version(), "the version must grow");
            let_go.extend(numbers(&next));
            next.complete(second(3));
            let_go
        });
        adder.join().unwrap();
        let let_go = replay.join().unwrap();
        balance(&buffer, 3, &let_go, &[]);
    });
}

/// Proves B2, B9.
#[test]
fn a_version_stands_for_one_set() {
    explore("begin + abort ∥ look twice", 150, one_shard(), |buffer| {
        add(&buffer, [1]);
        let replay = spawn(&buffer, |buffer| {
            freeze(&buffer).unwrap().abort(second(2));
        });
        let looker = spawn(&buffer, |buffer| {
            let [one, other] = [(); 2].map(|()| {
                let view = buffer.view(&anna()).unwrap();
                let frozen = view.frozen().map(|reading| reading.place().sequence).collect::<Vec<_>>();
                (view.version(), view.is_snapshot_open(), frozen)
            });
            assert!(one.0 <= other.0, "a version went back");
            if one.0 == other.0 {
                assert_eq!(one, other, "one version stands for two sets");
            }
        });
        looker.join().unwrap();
        replay.join().unwrap();
        balance(&buffer, 1, &[], &[]);
    });
}

/// A reading of a user of its own, with a long name.
fn stranger(number: u64) -> (Fact, JournalPlace) {
    reading(UserId::new(&format!("{number:0>128}")).unwrap(), number)
}

/// Adds a stranger, and says who had to leave for it.
fn crowd_in(buffer: &ReplayBuffer, (fact, place): (Fact, JournalPlace)) -> Vec<u64> {
    let added = buffer.add(fact, place).unwrap();
    assert_ne!(added.stage, Stage::Evicted, "somebody else is idle");
    added.evicted.iter().map(|token| token.place.sequence).collect()
}

/// Fills so little memory that the next stranger evicts somebody, and makes sure that it would be anna.
fn crowd(buffer: &ReplayBuffer) {
    let (mut strangers, mut gone) = (Vec::new(), Vec::new());
    while gone.is_empty() {
        let (fact, place) = stranger(100 + strangers.len() as u64);
        strangers.push((fact.clone(), place));
        gone.extend(crowd_in(buffer, (fact, place)));
    }
    gone.extend(crowd_in(buffer, reading(anna(), 1)));
    strangers.retain(|(_, place)| !gone.contains(&place.sequence));
    for (fact, place) in strangers {
        // One reading in, one out: no more memory than before, and used more recently than anna.
        assert_eq!(crowd_in(buffer, (fact, place)), [place.sequence]);
    }
}

/// Proves B7, B9.
#[test]
fn eviction_beside_snapshot() {
    let tight = BufferLimits { max_buffer_readings: 1, memory_bytes_max: 6_000, ..one_shard() };
    explore("eviction ∥ begin + abort", 60, tight, |buffer| {
        crowd(&buffer);
        assert_eq!(look(&buffer, &anna()).1, [1]);
        let another = spawn(&buffer, |buffer| crowd_in(&buffer, stranger(200)));
        let replay = spawn(&buffer, |buffer| {
            let frozen = freeze(&buffer).unwrap();
            let seen = numbers(&frozen);
            let version = frozen.version();
            frozen.abort(second(2));
            (seen, version)
        });
        let mut evicted = another.join().unwrap();
        let (seen, version) = replay.join().unwrap();
        evicted.retain(|number| *number == 1);
        if seen.is_empty() {
            assert_eq!(evicted, [1], "neither frozen nor evicted before");
        }
        balance(&buffer, 1, &[], &evicted);
        grew(&buffer, version);
    });
}

/// Proves B4, B9, W3.
#[test]
fn guard_dropped_by_panic_beside_add() {
    explore("panic ∥ add", 90, one_shard(), |buffer| {
        add(&buffer, [1]);
        let before = look(&buffer, &anna()).0.unwrap();
        let adder = spawn(&buffer, |buffer| add(&buffer, [2, 3]));
        let replay = spawn(&buffer, |buffer| {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let frozen = freeze(&buffer).unwrap();
                assert!(!frozen.is_empty());
                resume_unwind(Box::new("the fold failed"));
            }));
            assert!(panicked.is_err());
        });
        adder.join().unwrap();
        replay.join().unwrap();
        balance(&buffer, 3, &[], &[]);
        assert_eq!(look(&buffer, &anna()).1.first(), Some(&1));
        grew(&buffer, before);
    });
}

/// Proves B9.
#[test]
fn shutdown_beside_add() {
    explore("shutdown ∥ add ∥ add", 150, BufferLimits { shards: 2, ..one_shard() }, |buffer| {
        let adders = [[1, 2], [3, 4]].map(|mine| {
            spawn(&buffer, move |buffer| {
                let taken = mine.into_iter().filter(|number| {
                    let (fact, place) = reading(UserId::new(&number.to_string()).unwrap(), *number);
                    match buffer.add(fact, place) {
                        Ok(_) => true,
                        Err(BufferError::Closed { .. }) => false,
                        Err(error) => panic!("{error}"),
                    }
                });
                taken.count()
            })
        });
        let remaining = buffer.shutdown();
        let taken: usize = adders.into_iter().map(|adder| adder.join().unwrap()).sum();
        assert_eq!(remaining.readings, taken, "taken in after the count");
        assert_eq!(buffer.stats().live, taken);
    });
}

/// Each call of the protocol at once, small enough to go without a bound.
///
/// Proves B2, B3, B4, B5, B9, W4.
#[test]
fn each_call_at_once() {
    explore("add ∥ begin + finalize + complete ∥ expire", 150, one_shard(), |buffer| {
        add(&buffer, [1]);
        let before = look(&buffer, &anna()).0.unwrap();
        let adder = spawn(&buffer, |buffer| add(&buffer, [2]));
        let replay = spawn(&buffer, |buffer| match freeze(&buffer) {
            Ok(frozen) => {
                let let_go = numbers(&frozen);
                frozen.complete(second(2));
                let_go
            }
            Err(error) => {
                assert!(matches!(error, BufferError::TimedOut { .. }), "{error}");
                Vec::new()
            }
        });
        let timed_out = buffer.expire(second(30));
        adder.join().unwrap();
        let let_go = replay.join().unwrap();
        assert_eq!(let_go.is_empty(), !timed_out.is_empty(), "exactly one of them happens");
        balance(&buffer, 2, &let_go, &[]);
        grew(&buffer, before);
    });
}

/// Proves B2, B3, B4, B5, B9, W4.
#[test]
fn all_at_once() {
    explore_large("add ∥ failing replay ∥ ending replay ∥ expire", 6_000, one_shard(), |buffer| {
        add(&buffer, [1]);
        let adder = spawn(&buffer, |buffer| add(&buffer, [2]));
        let failing = spawn(&buffer, |buffer| drop(freeze(&buffer)));
        let ending = spawn(&buffer, |buffer| match freeze(&buffer) {
            Ok(frozen) => {
                let let_go = numbers(&frozen);
                assert!(let_go.contains(&1), "what was added before must be frozen");
                frozen.complete(second(2));
                let_go
            }
            Err(BufferError::Busy { .. } | BufferError::TimedOut { .. }) => Vec::new(),
            Err(error) => panic!("{error}"),
        });
        let timed_out = buffer.expire(second(30));
        adder.join().unwrap();
        failing.join().unwrap();
        let let_go = ending.join().unwrap();
        balance(&buffer, 2, &let_go, &[]);
        let events = buffer.stats().events;
        assert_eq!(events.timed_out, timed_out.len() as u64);
        assert_eq!(events.begun, events.completed + events.dropped + events.timed_out, "each ends once");
    });
}
