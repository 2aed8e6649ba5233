//! Real threads: producers, checkpoints, readers and late data at once.
#![expect(
    clippy::disallowed_methods,
    reason = "how long an acknowledgement takes is printed, and decides nothing"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Stopwatch};

use reweigh::Settings;
use reweigh_reading::{
    Action, Fact, Instant, Measure, OrderKey, ResetReason, Revision, Source, Unit, UserId,
};

use crate::world::{Hand, by_definition, on_disk, open_on, policy, tell_apart};

/// How many readings each producer sends; `REWEIGH_THREADS_READINGS=250000` is the whole of it, in release.
fn each() -> usize {
    std::env::var("REWEIGH_THREADS_READINGS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000)
}

fn at(minute: usize) -> Instant {
    Instant::from_unix_seconds(1_600_000_000 + 60 * i64::try_from(minute).unwrap()).unwrap()
}

/// What a producer sends, in the order in which it does: one in ten comes much later than it was taken.
fn produced(producer: usize, users: usize, count: usize) -> Vec<Fact> {
    let (scale, mut late, mut facts) = (Source::new("scale").unwrap(), Vec::new(), Vec::new());
    for number in 0..count {
        let user = UserId::new(&format!("user-{:04}", (number * 4 + producer) % users)).unwrap();
        let minute = (number * 4 / users) * 1_440 + producer * 7;
        let tenths = u32::try_from(800 + (number * 13) % 17).unwrap();
        let measure = Measure::new(f64::from(tenths) / 10.0, Unit::Kilogram).unwrap();
        let fact = Fact::reading(user, at(minute), scale.clone(), measure);
        let pile = if number % 10 == 9 { &mut late } else { &mut facts };
        pile.push(fact);
        if late.len() > 200 {
            facts.append(&mut late);
        }
    }
    facts.append(&mut late);
    facts
}

/// Minutes between two readings of a long life: a million of them are under eight years.
const EVERY: usize = 4;

fn reset(user: usize, minute: usize) -> Fact {
    let reason = ResetReason::new("asked").unwrap();
    let (user, source) = (UserId::new(&format!("user-{user:04}")).unwrap(), Source::new("operator").unwrap());
    let id = format!("reset-{minute}").parse().unwrap();
    Fact::new(user, id, Revision::FIRST, at(minute), source, Action::Reset { reason })
}

/// Proves A8, B11, I1, I3, W4, W5.
///
/// Four producers, operators who reset, checkpoints and readers, all at once and on disk: nothing is lost, and every user is
/// settled at what the definition says.
#[test]
fn producers_replays_and_checkpoints_at_once_lose_nothing() {
    let count = each();
    let users = (count / 250).clamp(20, 1_000);
    let clock = Hand::fast(1_000);
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { checkpoint_facts: 2_000, settle_after_ms: 5, ..Settings::default() };
    let engine = open_on(on_disk(folder.path()), settings, &clock);
    let done = AtomicBool::new(false);
    let resets: Vec<Fact> = (0..20).map(|number| reset(number % users, 3_000 + 1_440 * number)).collect();
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let producers: Vec<_> = (0..4)
            .map(|producer| {
                let engine = &engine;
                scope.spawn(move || {
                    let facts = produced(producer, users, count);
                    let one = |some: &[Fact]| {
                        let start = Stopwatch::now();
                        assert_eq!(engine.ingest(some.to_vec()).unwrap().accepted as usize, some.len());
                        start.elapsed()
                    };
                    facts.chunks(97).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                engine.checkpoint().unwrap();
                drop(engine.state(&UserId::new("user-0007").unwrap()).unwrap());
            }
        });
        for reset in &resets {
            engine.ingest(reset.clone()).unwrap();
        }
        let waits = producers.into_iter().flat_map(|producer| producer.join().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        waits
    });
    let facts: Vec<Fact> =
        (0..4).flat_map(|producer| produced(producer, users, count)).chain(resets).collect();
    let digest = engine.digest().unwrap();
    tell_apart(&engine, &facts);
    assert_eq!(digest, by_definition(&facts, &policy()));
    waits.sort();
    let status = engine.status().unwrap();
    println!(
        "{} readings, {} replays: ingest of 97 p50 {:?}, p99 {:?}",
        4 * count,
        status.replays,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100]
    );
    engine.close().unwrap();
}

/// Proves A8, A11.
///
/// A replay of one user's whole life goes on in turns while the same user sends more, and ends; others are settled meanwhile.
#[test]
fn a_long_replay_ends_and_holds_nobody_up() {
    let life = each();
    let clock = Hand::new();
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { turn_facts: 256, workers: 1, settle_after_ms: 0, ..Settings::default() };
    let engine = open_on(on_disk(folder.path()), settings, &clock);
    let scale = Source::new("scale").unwrap();
    let long = UserId::new("long").unwrap();
    let reading = |user: &UserId, minute: usize| {
        let tenths = u32::try_from(800 + (minute / 1_440 * 13) % 17).unwrap();
        let measure = Measure::new(f64::from(tenths) / 10.0, Unit::Kilogram).unwrap();
        Fact::reading(user.clone(), at(minute), scale.clone(), measure)
    };
    let mut facts: Vec<Fact> = (1..life).map(|number| reading(&long, EVERY * number)).collect();
    engine.ingest(facts.clone()).unwrap();
    engine.settle().unwrap();
    engine.checkpoint().unwrap();
    // The first reading of all comes last.
    let first = reading(&long, 0);
    engine.ingest(first.clone()).unwrap();
    facts.push(first);
    for number in 0..50 {
        let more = reading(&long, EVERY * (life + number));
        engine.ingest(more.clone()).unwrap();
        facts.push(more);
        let other = UserId::new(&format!("other-{number}")).unwrap();
        let one = reading(&other, 0);
        engine.ingest(one.clone()).unwrap();
        facts.push(one);
    }
    engine.settle().unwrap();
    tell_apart(&engine, &facts);
    assert!(engine.status().unwrap().replays >= 1);
    let long = engine.state(&long).unwrap().unwrap();
    let newest: Option<OrderKey> =
        facts.iter().filter(|fact| fact.user().as_str() == "long").map(Fact::key).max();
    assert_eq!(long.settled.unwrap().key, newest);
    engine.close().unwrap();
}
