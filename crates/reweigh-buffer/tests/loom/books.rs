//! What the models stand on: readings that can be told apart, the count of schedules, and the books.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use loom::model::Builder;
use reweigh_buffer::{
    BufferError, BufferLimits, Buffered, Frozen, JournalPlace, ReplayBuffer, Upto, Version,
};
use reweigh_reading::{Elapsed, Fact, Instant, Measure, Source, Unit, UserId};

/// Explores every schedule of `model`, says how many there were, and insists on the floor.
///
/// `LOOM_MAX_PREEMPTIONS` bounds how often a schedule may take a thread off in the middle of its way; without it there is
/// no bound.
pub(crate) fn explore(name: &str, floor: usize, limits: BufferLimits, model: fn(ReplayBuffer)) {
    explore_within(bound(), name, floor, limits, model);
}

/// The same for a model that is too large to go without a bound; there it has a greater one. Each further pre-emption makes
/// it two to three times as large: 828,332 schedules with six of them, 5,819,086 with eight.
pub(crate) fn explore_large(name: &str, floor: usize, limits: BufferLimits, model: fn(ReplayBuffer)) {
    explore_within(Some(bound().unwrap_or(6)), name, floor, limits, model);
}

fn bound() -> Option<usize> {
    Builder::new().preemption_bound
}

fn explore_within(
    bound: Option<usize>,
    name: &str,
    floor: usize,
    limits: BufferLimits,
    model: fn(ReplayBuffer),
) {
    let watchdog = Watchdog::start(Duration::from_secs(if bound.is_some() { 600 } else { 1_800 }));
    // A std atomic on purpose: loom does not see it, so counting adds no schedule.
    let schedules = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&schedules);
    let mut builder = Builder::new();
    builder.preemption_bound = bound;
    builder.check(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        model(make(&limits));
    });
    drop(watchdog);
    let schedules = schedules.load(Ordering::Relaxed);
    let bound = bound.map_or("no bound".to_owned(), |bound| format!("{bound} preemptions"));
    println!("loom {name}: {schedules} schedules, {bound} (floor {floor})");
    assert!(schedules >= floor, "explored {schedules} schedules, fewer than {floor}");
}

/// Ends the process if it is not dropped in time. A lock of std's that is held over a step of loom's waits for ever, and
/// nothing in loom notices.
struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    fn start(limit: Duration) -> Self {
        let (alive, gone) = mpsc::channel();
        thread::spawn(move || {
            if gone.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                eprintln!("a model did not end within {limit:?}");
                std::process::abort();
            }
        });
        // Hanging up tells the other thread.
        Self { _alive: alive }
    }
}

#[cfg(not(planted))]
fn make(limits: &BufferLimits) -> ReplayBuffer {
    ReplayBuffer::new(limits).unwrap()
}

#[cfg(planted)]
fn make(limits: &BufferLimits) -> ReplayBuffer {
    let mutant = std::env::var("REWEIGH_MUTANT").unwrap_or_default();
    ReplayBuffer::planted(limits, &mutant).unwrap()
}

/// One lock, so that all threads meet at it.
pub(crate) fn one_shard() -> BufferLimits {
    BufferLimits { shards: 1, ..BufferLimits::default() }
}

pub(crate) fn anna() -> UserId {
    UserId::new("anna").unwrap()
}

/// The instant so many seconds after the beginning.
pub(crate) fn second(seconds: i64) -> Instant {
    Instant::UNIX_EPOCH.saturating_add(Elapsed::from_seconds(seconds))
}

/// A reading known by its number, which is also its place in the journal.
pub(crate) fn reading(user: UserId, number: u64) -> (Fact, JournalPlace) {
    let at = second(i64::try_from(number).unwrap());
    let fact = Fact::reading(user, at, Source::unknown(), Measure::new(80.0, Unit::Kilogram).unwrap());
    (fact, JournalPlace { sequence: number, offset: 0 })
}

/// Adds readings of one user one after the other, and checks that their turns grow.
pub(crate) fn add(buffer: &ReplayBuffer, numbers: impl IntoIterator<Item = u64>) {
    let mut last = None;
    for number in numbers {
        let (fact, place) = reading(anna(), number);
        let added = buffer.add(fact, place).unwrap();
        assert!(added.evicted.is_empty(), "nothing has to leave");
        assert!(last < Some(added.sequence), "turns of one thread must grow");
        last = Some(added.sequence);
    }
}

/// Begins and finalizes, or says who has the user.
pub(crate) fn freeze(buffer: &ReplayBuffer) -> Result<Frozen, BufferError> {
    buffer.begin_snapshot(&anna(), Upto::Latest, second(0))?.snapshot.finalize(second(1))
}

/// What a guard has. It checks that the order is kept.
pub(crate) fn numbers(frozen: &Frozen) -> Vec<u64> {
    let turns: Vec<_> = frozen.readings().map(Buffered::sequence).collect();
    assert!(turns.is_sorted_by(|a, b| a < b), "out of order: {turns:?}");
    frozen.readings().map(|reading| reading.place().sequence).collect()
}

/// What one look at a user shows. It checks that the order is kept.
pub(crate) fn look(buffer: &ReplayBuffer, user: &UserId) -> (Option<Version>, Vec<u64>) {
    let Some(view) = buffer.view(user) else { return (None, Vec::new()) };
    let turns: Vec<_> = view.readings().map(Buffered::sequence).collect();
    assert!(turns.is_sorted_by(|a, b| a < b), "out of order: {turns:?}");
    (Some(view.version()), view.readings().map(|reading| reading.place().sequence).collect())
}

/// Checks that anna's version grew, however her snapshots ended and whether or not she is still in memory.
pub(crate) fn grew(buffer: &ReplayBuffer, since: Version) {
    let now = look(buffer, &anna()).0;
    assert!(now.is_none_or(|now| since < now), "the version must grow");
    let next = buffer.begin_snapshot(&anna(), Upto::Latest, second(60)).unwrap().snapshot;
    assert!(now.unwrap_or(since) < next.version(), "the version must grow");
}

/// Checks that each of the readings 1 to `added` is in exactly one place: in memory, let go, or evicted.
pub(crate) fn balance(buffer: &ReplayBuffer, added: u64, let_go: &[u64], evicted: &[u64]) {
    let mut places = look(buffer, &anna()).1;
    places.extend(let_go);
    places.extend(evicted);
    let distinct: BTreeSet<u64> = places.iter().copied().collect();
    assert_eq!(distinct.len(), places.len(), "seen twice: {places:?}");
    assert_eq!(distinct, (1..=added).collect(), "lost");

    let stats = buffer.stats();
    assert_eq!(stats.snapshots, 0, "somebody still has the user");
    assert_eq!(stats.pending + stats.frozen, 0, "nothing stays behind in a phase that is over");
}
