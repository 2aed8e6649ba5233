//! Real threads, many readings, and every way to end a snapshot.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

use reweigh_buffer::{BufferLimits, Buffered, ReplayBuffer, Upto, Version};
use reweigh_reading::{Fact, Measure, Source, Unit, UserId};

use crate::stand::{numbers, second, user};

const ADDERS: u64 = 4;
const READINGS: u64 = 100_000;
const SNAPSHOTS: u64 = 1_000;

/// Numbers that are spread evenly and the same every time.
struct Spread(u64);

impl Spread {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What a thread knows to have left memory: the numbers of readings that were let go, and of those evicted.
#[derive(Default)]
struct Left {
    let_go: Vec<u64>,
    evicted: Vec<u64>,
}

fn run(limits: &BufferLimits, users: usize) {
    let buffer = ReplayBuffer::new(limits).unwrap();
    let names: Vec<_> = (0..users).map(|number| user(&format!("user {number}"))).collect();
    let (adding, time, snapshots) = (AtomicU64::new(ADDERS), AtomicI64::new(0), AtomicU64::new(0));

    let left: Vec<Left> = thread::scope(|scope| {
        let (buffer, names, adding, time, snapshots) = (&buffer, &names, &adding, &time, &snapshots);
        let adders = (0..ADDERS).map(|adder| {
            scope.spawn(move || {
                let mut left = Left::default();
                let mut spread = Spread(adder);
                for number in (adder..READINGS).step_by(usize::try_from(ADDERS).unwrap()) {
                    let measure = Measure::new(80.0, Unit::Kilogram).unwrap();
                    let at = second(i64::try_from(number).unwrap());
                    let name = names[spread.below(names.len())].clone();
                    let fact = Fact::reading(name, at, Source::unknown(), measure);
                    let place = reweigh_buffer::JournalPlace { sequence: number, offset: 0 };
                    left.evicted.extend(
                        buffer.add(fact, place).unwrap().evicted.iter().map(|gone| gone.place.sequence),
                    );
                }
                adding.fetch_sub(1, Ordering::SeqCst);
                left
            })
        });
        let replays = (0..2).map(|replay| {
            scope.spawn(move || {
                let mut left = Left::default();
                let mut spread = Spread(100 + replay);
                let mut versions = BTreeMap::new();
                while adding.load(Ordering::SeqCst) > 0 || snapshots.load(Ordering::SeqCst) < SNAPSHOTS {
                    let name = &names[spread.below(names.len())];
                    let way = spread.below(6);
                    if replay_once(buffer, name, way, time, &mut versions, &mut left) {
                        snapshots.fetch_add(1, Ordering::SeqCst);
                    }
                }
                left
            })
        });
        let threads: Vec<_> = adders.chain(replays).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    let mut all: Vec<u64> = names
        .iter()
        .filter_map(|name| buffer.view(name))
        .flat_map(|view| {
            assert!(!view.is_snapshot_open());
            assert!(view.readings().map(Buffered::sequence).is_sorted_by(|a, b| a < b), "out of order");
            view.readings().map(|reading| reading.place().sequence).collect::<Vec<_>>()
        })
        .collect();
    let held = all.len();
    for Left { let_go, evicted } in &left {
        all.extend(let_go);
        all.extend(evicted);
    }
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..READINGS), "every reading is in exactly one place");

    let stats = buffer.stats();
    let events = stats.events;
    println!("{held} held, {events:?}");
    assert_eq!((stats.live, stats.pending, stats.frozen, stats.snapshots), (held, 0, 0, 0));
    assert!(stats.bytes_most <= limits.memory_bytes_max);
    assert_eq!(events.begun, events.completed + events.aborted + events.dropped + events.timed_out);
    assert!(events.begun >= SNAPSHOTS);
    assert!(
        [events.completed, events.aborted, events.dropped, events.timed_out].iter().all(|ways| *ways > 50)
    );
}

/// Takes one snapshot and ends it in one of six ways. Says whether there was one to take.
fn replay_once<'a>(
    buffer: &ReplayBuffer,
    name: &'a UserId,
    way: usize,
    time: &AtomicI64,
    versions: &mut BTreeMap<&'a UserId, Version>,
    left: &mut Left,
) -> bool {
    let now = second(time.fetch_add(1, Ordering::SeqCst));
    let Ok(begun) = buffer.begin_snapshot(name, Upto::Latest, now) else { return false };
    left.evicted.extend(begun.evicted.iter().map(|token| token.place.sequence));
    let snapshot = begun.snapshot;
    let version = snapshot.version();
    assert!(versions.insert(name, version) < Some(version), "a version must grow");
    if way == 0 {
        // Late: both this thread's and the other's may go, whoever sweeps.
        let late = second(time.fetch_add(30, Ordering::SeqCst) + 30);
        let _ = buffer.expire(late);
        return true;
    }
    let Ok(frozen) = snapshot.finalize(now) else { return true };
    match way {
        1 => drop(frozen.abort(now)),
        2 => drop(frozen),
        3 => {
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _guard = frozen;
                resume_unwind(Box::new("the fold failed"));
            }));
            assert!(panicked.is_err());
        }
        _ => {
            left.let_go.extend(numbers(&frozen));
            frozen.complete(now);
        }
    }
    true
}

/// Proves B3, B4, B5, B11, W3, W4, W5.
#[test]
fn every_reading_is_accounted_for() {
    run(&BufferLimits { shards: 4, max_buffer_readings: 1_000, ..BufferLimits::default() }, 1_000);
}

/// Proves B6, B7, W4.
#[test]
fn also_when_memory_is_short() {
    run(
        &BufferLimits {
            shards: 2,
            max_buffer_readings: 20,
            memory_bytes_max: 200_000,
            ..BufferLimits::default()
        },
        300,
    );
}
