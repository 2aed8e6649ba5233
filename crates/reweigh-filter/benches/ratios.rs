//! Time of one predict and update as a ratio to the same arithmetic in plain numbers.
//!
//! `cargo bench -p reweigh-filter --bench ratios`. Where other work shares the machine, figures that were
//! taken one after the other do not compare. Here the contenders take turns, a thousand steps each, for two
//! thousand rounds, and each round gives one ratio; the median of those is what counts.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use contenders::Reading;

mod contenders;

const STEPS: u32 = 1_000;
const ROUNDS: usize = 2_000;

/// A name and a chain of steps.
type Contender<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// Nanoseconds per step of one chain.
#[expect(clippy::disallowed_methods, reason = "a bench looks at the clock")]
fn time(chain: &dyn Fn()) -> f64 {
    let start = Instant::now();
    chain();
    start.elapsed().as_secs_f64() * 1e9 / f64::from(STEPS)
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The first contender is what the others are measured by.
fn compare(title: &str, contenders: &[Contender<'_>]) {
    let mut times = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((_, chain), times) in contenders.iter().zip(&mut times) {
            times.push(time(chain));
        }
    }
    let control = times.first().cloned().unwrap_or_default();
    println!("{title:<28} {:>10} {:>10} {:>16}", "least ns", "median ns", "ratio to plain");
    for ((name, _), times) in contenders.iter().zip(&mut times) {
        let mut ratios: Vec<f64> = times.iter().zip(&control).map(|(a, b)| a / b).collect();
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        println!("  {name:<26} {least:>10.1} {:>10.1} {:>16.2}", median(times), median(&mut ratios));
    }
}

fn level(readings: &[Reading]) {
    let model = contenders::level_model();
    let start = contenders::ours1_start();
    let adskalman = contenders::Adskalman::new(&model, &start);
    let plain = || {
        let (rate, noise) = black_box((contenders::LEVEL_RATE, contenders::NOISE));
        black_box(contenders::plain1_chain(black_box(readings), rate, noise));
    };
    let ours = || {
        black_box(contenders::ours1_chain(black_box(readings), black_box(&model)));
    };
    let theirs = || {
        black_box(contenders::adskalman1_chain(black_box(readings), black_box(&adskalman)));
    };
    let others = || {
        black_box(contenders::kfilter1_chain(black_box(readings), black_box(&model), &start));
    };
    compare(
        "local level",
        &[
            ("plain f64", Box::new(plain)),
            ("reweigh-filter", Box::new(ours)),
            ("adskalman", Box::new(theirs)),
            ("kfilter", Box::new(others)),
        ],
    );
}

fn trend(readings: &[Reading]) {
    let model = contenders::trend_model();
    let start = contenders::ours2_start();
    let adskalman = contenders::Adskalman::new(&model, &start);
    let plain = || {
        let (level, trend, noise) =
            black_box((contenders::LEVEL_RATE, contenders::TREND_RATE, contenders::NOISE));
        black_box(contenders::plain2_chain(black_box(readings), level, trend, noise));
    };
    let ours = || {
        black_box(contenders::ours2_chain(black_box(readings), black_box(&model)));
    };
    let scored = || {
        black_box(contenders::ours2_scored_chain(black_box(readings), black_box(&model)));
    };
    let theirs = || {
        black_box(contenders::adskalman2_chain(black_box(readings), black_box(&adskalman)));
    };
    let others = || {
        black_box(contenders::kfilter2_chain(black_box(readings), black_box(&model), &start));
    };
    compare(
        "local linear trend",
        &[
            ("plain f64", Box::new(plain)),
            ("reweigh-filter", Box::new(ours)),
            ("reweigh-filter, scored", Box::new(scored)),
            ("adskalman", Box::new(theirs)),
            ("kfilter", Box::new(others)),
        ],
    );
}

fn main() {
    let readings = contenders::readings(STEPS);
    contenders::check_that_all_agree(&readings);
    if !contenders::figures_are_wanted() {
        return;
    }
    println!("{STEPS} steps × {ROUNDS} rounds, taking turns");
    level(&readings);
    trend(&readings);
}
