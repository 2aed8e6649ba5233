//! What a whole engine does in a second: `cargo bench -p reweigh [-- NAME...]`.
//!
//! Each figure is printed with its control, measured in the same run. `REWEIGH_BENCH_READINGS` says how many readings the
//! large ones take, 2,000,000 if it is not set. Nothing here is a gate.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench may panic, reads the clock and is read by people"
)]

mod bulk;
mod single;
mod world;

type Bench = (&'static str, fn());

const BENCHES: &[Bench] = &[
    ("scaling", bulk::scaling),
    ("bulk", bulk::by_user),
    ("arrival", bulk::by_arrival),
    ("live", bulk::live),
    ("one", single::one),
    ("callers", single::callers),
    ("late", single::late),
    ("reopen", bulk::reopen),
    ("flat", single::flat),
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    for (name, bench) in BENCHES {
        if words.is_empty() || words.iter().any(|word| word == name) {
            bench();
        }
    }
}
