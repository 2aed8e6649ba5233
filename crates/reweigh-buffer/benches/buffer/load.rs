//! Readings to add, the time it takes, and the load of several threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use reweigh_buffer::{BufferLimits, JournalPlace, ReplayBuffer, Upto};
use reweigh_reading::{Elapsed, Fact, Instant, Measure, Source, Unit, UserId};

pub(crate) const PLACE: JournalPlace = JournalPlace { sequence: 1, offset: 0 };

/// Numbers that are spread evenly and the same every time.
#[derive(Debug)]
pub(crate) struct Spread(u64);

impl Spread {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The first reading of each of so many users. They share their source, as the rows of a file do.
pub(crate) fn people(users: usize) -> Vec<Fact> {
    let source = Source::new("scale").unwrap();
    let measure = Measure::new(80.0, Unit::Kilogram).unwrap();
    (0..users)
        .map(|user| {
            let hours = i64::try_from(user % 1_000).unwrap();
            let at = Instant::UNIX_EPOCH.saturating_add(Elapsed::from_hours(hours));
            Fact::reading(UserId::new(&format!("user-{user:08}")).unwrap(), at, source.clone(), measure)
        })
        .collect()
}

/// Readings of people drawn at random.
pub(crate) fn facts(people: &[Fact], count: usize, spread: &mut Spread) -> Vec<Fact> {
    (0..count).map(|_| people[spread.below(people.len())].clone()).collect()
}

/// A reading of each of so many people, no two of the same while there are others; all of them in turn, drawn at random.
pub(crate) fn rounds(people: &[Fact], count: usize, spread: &mut Spread) -> Vec<Fact> {
    let mut order: Vec<&Fact> = people.iter().collect();
    for last in (1..order.len()).rev() {
        order.swap(last, spread.below(last + 1));
    }
    order.into_iter().cycle().take(count).cloned().collect()
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn start() -> Stopwatch {
    Stopwatch::now()
}

pub(crate) fn timed(work: impl FnOnce()) -> Duration {
    let start = start();
    work();
    start.elapsed()
}

pub(crate) fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Four threads add to 1,000 users at a pace, while two threads take snapshots and are slow about it.
///
/// Proves B11.
pub(crate) fn adding_while_replays_run(per_second: usize, readings: usize) {
    const ADDERS: usize = 4;
    let people = people(1_000);
    let limits = BufferLimits {
        max_buffer_readings: 10_000,
        memory_bytes_max: usize::MAX / 2,
        ..BufferLimits::default()
    };
    let buffer = ReplayBuffer::new(&limits).unwrap();
    let (adding, snapshots) = (AtomicBool::new(true), AtomicUsize::new(0));

    let mut took: Vec<Duration> = thread::scope(|scope| {
        let (people, buffer, adding, snapshots) = (&people, &buffer, &adding, &snapshots);
        for replay in 0..2 {
            scope.spawn(move || {
                let mut spread = Spread::new(100 + replay);
                while adding.load(Ordering::Relaxed) {
                    let user = people[spread.below(people.len())].user();
                    let Ok(begun) = buffer.begin_snapshot(user, Upto::Latest, Instant::UNIX_EPOCH) else {
                        continue;
                    };
                    let frozen = begun.snapshot.finalize(Instant::UNIX_EPOCH).unwrap();
                    // A slow replay: most of the time it waits, as one that reads from a store does.
                    thread::park_timeout(Duration::from_millis(1));
                    frozen.complete(Instant::UNIX_EPOCH);
                    snapshots.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let adders: Vec<_> = (0..ADDERS)
            .map(|adder| {
                scope.spawn(move || {
                    paced(buffer, people, adder as u64, per_second / ADDERS, readings / ADDERS)
                })
            })
            .collect();
        let took = adders.into_iter().flat_map(|adder| adder.join().unwrap()).collect();
        adding.store(false, Ordering::Relaxed);
        took
    });

    let stats = buffer.stats();
    let accounted = stats.live as u64 + stats.events.completed_readings;
    assert_eq!(accounted, (readings / ADDERS * ADDERS) as u64, "every reading is accounted for");
    assert_eq!(stats.pending + stats.frozen, 0);
    took.sort();
    let share = |per_mille: usize| took[(took.len() - 1) * per_mille / 1_000];
    println!(
        "adding at {per_second} readings/s while {} snapshots were taken: p50 {:?}, p99 {:?}, p99.9 {:?}, most {:?}; none of {accounted} lost",
        snapshots.load(Ordering::Relaxed),
        share(500),
        share(990),
        share(999),
        share(1_000),
    );
}

/// Adds at a pace, and says how long each took.
fn paced(
    buffer: &ReplayBuffer,
    people: &[Fact],
    seed: u64,
    per_second: usize,
    readings: usize,
) -> Vec<Duration> {
    let facts = facts(people, readings, &mut Spread::new(seed));
    let mut took = Vec::with_capacity(readings);
    let begin = start();
    for (number, fact) in facts.into_iter().enumerate() {
        let due = Duration::from_nanos((number as u64) * 1_000_000_000 / per_second as u64);
        let early = due.saturating_sub(begin.elapsed());
        if early > Duration::from_micros(200) {
            thread::park_timeout(early);
        }
        took.push(timed(|| drop(buffer.add(fact, PLACE).unwrap())));
    }
    took
}
