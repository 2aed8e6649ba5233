//! What the store costs beside the bare library and the bare disk: `cargo bench -p reweigh-redb [-- NAME...]`.
//!
//! Each figure is measured together with its control, turn by turn, so that whatever else the machine does hits both.
//! What counts is the ratio. Nothing here is a gate.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench may panic, reads the clock and is read by people"
)]

mod bulk;
mod corrections;
mod journal;
mod users;
mod world;

use std::time::{Duration, Instant};

type Bench = (&'static str, fn());

const BENCHES: &[Bench] = &[
    ("append_one", journal::append_one),
    ("append_thousand", journal::append_thousand),
    ("append_beside_checkpoint", journal::append_beside_checkpoint),
    ("reopen", journal::reopen),
    ("reopen_large", journal::reopen_large),
    ("size", users::size),
    ("versions", users::versions),
    ("load", users::load),
    ("restore", users::restore),
    ("correct", corrections::correct),
    ("checkpoint", bulk::checkpoint),
    ("bulk", bulk::bulk),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for (name, bench) in BENCHES {
        if words.is_empty() || words.iter().any(|word| word == name) {
            bench();
        }
    }
}

/// How long it takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let said = work();
    (said, start.elapsed())
}

/// How long it keeps this thread's core busy: what others do on the machine is not in it, and waiting for a disk neither.
pub(crate) fn busy<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let clock = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
    };
    let start = clock();
    let said = work();
    (said, clock().saturating_sub(start))
}

/// The value below which so many of a thousand are.
pub(crate) fn quantile(times: &mut [Duration], thousandths: usize) -> Duration {
    times.sort();
    times[(times.len() * thousandths / 1_000).min(times.len() - 1)]
}

/// Ours against a control, turn by turn: the median and the 99th of a hundred.
pub(crate) fn versus(name: &str, mut ours: Vec<Duration>, mut control: Vec<Duration>, wanted: &str) {
    let half = (quantile(&mut ours, 500), quantile(&mut control, 500));
    let most = (quantile(&mut ours, 990), quantile(&mut control, 990));
    let sum = (ours.iter().sum::<Duration>(), control.iter().sum::<Duration>());
    println!(
        "{name}: {:.2} x by median, {:.2} x by sum ({:?} against {:?}; p99 {:?} against {:?}); wanted {wanted}",
        half.0.as_secs_f64() / half.1.as_secs_f64(),
        sum.0.as_secs_f64() / sum.1.as_secs_f64(),
        half.0,
        half.1,
        most.0,
        most.1,
    );
}
