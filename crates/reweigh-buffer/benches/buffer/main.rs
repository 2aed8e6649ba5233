//! What the buffer costs.
//!
//! `cargo bench -p reweigh-buffer` prints what adding costs against a control that is run in turn with it, what a user
//! costs in memory, and how long adding takes while replays run. Criterion's figures of snapshots follow. Ratios carry
//! over to other machines; times are of one machine and one moment. A part alone is run by its name: `-- adding`,
//! `memory`, `load` or `snapshot`.
#![cfg(not(loom))]
#![expect(clippy::print_stdout, reason = "a bench is there to print")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop at what should not be")]
#![expect(clippy::cast_precision_loss, reason = "figures for people have few digits")]

mod load;
mod plain;

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use load::{PLACE, Spread, facts, median, people, rounds, timed};
use plain::PlainMap;
use reweigh_buffer::{BufferLimits, Frozen, ReplayBuffer, Upto};
use reweigh_reading::{Fact, Instant, UserId};

/// Nothing is evicted here: what is measured is adding.
fn roomy() -> BufferLimits {
    BufferLimits {
        max_buffer_readings: 1_000_000,
        memory_bytes_max: usize::MAX / 2,
        ..BufferLimits::default()
    }
}

fn freeze(buffer: &ReplayBuffer, user: &UserId) -> Frozen {
    let now = Instant::UNIX_EPOCH;
    buffer.begin_snapshot(user, Upto::Latest, now).unwrap().snapshot.finalize(now).unwrap()
}

/// So many users with so many readings each, to which so many are added, so many times in a round.
#[derive(Clone, Copy, Debug)]
struct Scale {
    users: usize,
    /// Just more than half of what their queues have room for. Nobody gets more than the rest, so that no queue grows while
    /// time is taken: that would measure the allocator, and what it was asked for before.
    readings: usize,
    adds: usize,
    turns: usize,
    rounds: usize,
}

/// Adds to the control, to the buffer, and to a buffer whose users all have a snapshot, in short turns, so that what else
/// the machine does falls on all of them. All are made anew for each round, now this and now that one first.
///
/// Proves B10.
fn adding(scale: Scale) {
    let people = people(scale.users);
    let mut spread = Spread::new(scale.users as u64);
    let mut took: [Vec<f64>; 3] = Default::default();
    for round in 0..scale.rounds {
        let (mut control, mut live, mut pending) = (None, None, None);
        for who in in_turn(round) {
            match who {
                0 => control = Some(plain(&people, scale.readings)),
                1 => live = Some(buffer(&people, scale.readings, false)),
                _ => pending = Some(buffer(&people, scale.readings, true)),
            }
        }
        let (control, live, pending) = (control.unwrap(), live.unwrap(), pending.unwrap());
        let adds = rounds(&people, scale.adds * scale.turns, &mut spread);
        for (turn, adds) in adds.chunks(scale.adds).enumerate() {
            for who in in_turn(round * scale.turns + turn) {
                let time = match who {
                    0 => each(adds.to_vec(), |fact| control.add(fact, PLACE)),
                    1 => each(adds.to_vec(), |fact| live.0.add(fact, PLACE)),
                    _ => each(adds.to_vec(), |fact| pending.0.add(fact, PLACE)),
                };
                took[who].push(time.as_nanos() as f64 / adds.len() as f64);
            }
        }
    }
    let ratio = |of: &[f64]| median(of.iter().zip(&took[0]).map(|(of, control)| of / control).collect());
    println!(
        "adding, {} users: control {:.0} ns, live {:.0} ns (ratio {:.3}), pending {:.0} ns (ratio {:.3})",
        scale.users,
        median(took[0].clone()),
        median(took[1].clone()),
        ratio(&took[1]),
        median(took[2].clone()),
        ratio(&took[2]),
    );
}

/// The three of them in each of their orders, so that none has the advantage of what ran before it.
fn in_turn(turn: usize) -> [usize; 3] {
    let first = turn % 3;
    let (second, third) = ((first + 1) % 3, (first + 2) % 3);
    if (turn / 3).is_multiple_of(2) { [first, second, third] } else { [first, third, second] }
}

fn plain(people: &[Fact], readings: usize) -> PlainMap {
    let control = PlainMap::new(&roomy());
    for _ in 0..readings {
        for fact in people {
            control.add(fact.clone(), PLACE).unwrap();
        }
    }
    control
}

fn fill(buffer: &ReplayBuffer, people: &[Fact], readings: usize) {
    for _ in 0..readings {
        for fact in people {
            let _ = buffer.add(fact.clone(), PLACE).unwrap();
        }
    }
}

/// A buffer, perhaps with a snapshot of each user.
fn buffer(people: &[Fact], readings: usize, open: bool) -> (ReplayBuffer, Vec<Frozen>) {
    let buffer = ReplayBuffer::new(&roomy()).unwrap();
    let guards = people.iter().filter(|_| open).map(|fact| freeze(&buffer, fact.user())).collect();
    fill(&buffer, people, readings);
    (buffer, guards)
}

/// What a user costs.
fn bytes_per_user(users: usize) {
    let people = people(users);
    for readings in [1, 10] {
        let buffer = ReplayBuffer::new(&roomy()).unwrap();
        let empty = buffer.stats().bytes;
        fill(&buffer, &people, readings);
        let bytes = (buffer.stats().bytes - empty) / users;
        println!("memory, {users} users of {readings} readings: {bytes} B per user");
    }
}

fn each<T>(facts: Vec<Fact>, mut add: impl FnMut(Fact) -> T) -> Duration {
    timed(|| {
        for fact in facts {
            black_box(add(fact));
        }
    })
}

/// Takes and ends snapshots of so many readings.
fn snapshots(criterion: &mut Criterion) {
    for readings in [100, 10_000] {
        let mut group = criterion.benchmark_group(format!("snapshot of {readings}"));
        let buffer = ReplayBuffer::new(&roomy()).unwrap();
        let people = people(1);
        let user = people[0].user().clone();
        let fill = || {
            for fact in facts(&people, readings - buffer.stats().live, &mut Spread::new(1)) {
                let _ = buffer.add(fact, PLACE).unwrap();
            }
        };
        let pending = || {
            let frozen = freeze(&buffer, &user);
            for fact in facts(&people, 10, &mut Spread::new(1)) {
                let _ = buffer.add(fact, PLACE).unwrap();
            }
            frozen
        };
        fill();
        group.bench_function("begin + finalize + abort", |bench| {
            bench.iter(|| freeze(&buffer, &user).abort(Instant::UNIX_EPOCH));
        });
        group.bench_function("complete, frees the readings", |bench| {
            let frozen = || {
                fill();
                freeze(&buffer, &user)
            };
            bench.iter_batched(
                frozen,
                |frozen| frozen.complete(Instant::UNIX_EPOCH),
                BatchSize::PerIteration,
            );
        });
        group.bench_function("abort with 10 pending", |bench| {
            let frozen = || {
                freeze(&buffer, &user).complete(Instant::UNIX_EPOCH);
                fill();
                pending()
            };
            bench.iter_batched(frozen, |frozen| frozen.abort(Instant::UNIX_EPOCH), BatchSize::PerIteration);
        });
        group.finish();
    }
}

/// Runs this program again in a way that keeps freed memory: faulting it in anew for each round would cost more than what
/// is measured. True if that was done.
fn kept_memory() -> bool {
    const KEEP: [(&str, &str); 2] = [("MALLOC_TRIM_THRESHOLD_", "100000000000"), ("MALLOC_MMAP_MAX_", "0")];
    if KEEP.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return false;
    }
    let again =
        Command::new(std::env::current_exe().unwrap()).args(std::env::args_os().skip(1)).envs(KEEP).status();
    assert!(again.unwrap().success());
    true
}

fn main() {
    // Without this word it is run as a test, to see that it runs at all.
    let figures = std::env::args().any(|word| word == "--bench");
    if figures {
        if kept_memory() {
            return;
        }
        let parts = ["adding", "memory", "load", "snapshot"];
        let named = |part: &str| std::env::args().any(|word| word == part);
        let wanted = |part: &str| named(part) || !parts.iter().copied().any(named);
        if wanted("adding") {
            adding(Scale { users: 1, readings: 2_049, adds: 200, turns: 10, rounds: 200 });
            adding(Scale { users: 10_000, readings: 5, adds: 10_000, turns: 3, rounds: 150 });
            adding(Scale { users: 1_000_000, readings: 3, adds: 20_000, turns: 50, rounds: 3 });
        }
        if wanted("memory") {
            for users in [1, 10_000, 1_000_000] {
                bytes_per_user(users);
            }
        }
        if wanted("load") {
            for (per_second, readings) in [(1_000, 3_000), (100_000, 200_000)] {
                load::adding_while_replays_run(per_second, readings);
            }
        }
        if !wanted("snapshot") {
            return;
        }
    }
    let mut criterion = Criterion::default().sample_size(20).configure_from_args();
    snapshots(&mut criterion);
    criterion.final_summary();
}
