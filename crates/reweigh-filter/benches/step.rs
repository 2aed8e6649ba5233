//! Time of one predict and update, for both models, beside the same by other hands.
//!
//! `cargo bench -p reweigh-filter --bench step`. The figure that matters is the ratio within one run.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

mod contenders;

const STEPS: u32 = 1_000;

fn level(c: &mut Criterion) {
    let readings = contenders::readings(STEPS);
    let model = contenders::level_model();
    let start = contenders::ours1_start();
    let adskalman = contenders::Adskalman::new(&model, &start);
    let mut group = c.benchmark_group("local level");
    group.throughput(Throughput::Elements(u64::from(STEPS)));
    group.bench_function(BenchmarkId::from_parameter("plain f64"), |b| {
        b.iter(|| {
            let (rate, noise) = black_box((contenders::LEVEL_RATE, contenders::NOISE));
            contenders::plain1_chain(black_box(&readings), rate, noise)
        });
    });
    group.bench_function(BenchmarkId::from_parameter("reweigh-filter"), |b| {
        b.iter(|| contenders::ours1_chain(black_box(&readings), black_box(&model)));
    });
    group.bench_function(BenchmarkId::from_parameter("adskalman"), |b| {
        b.iter(|| contenders::adskalman1_chain(black_box(&readings), black_box(&adskalman)));
    });
    group.bench_function(BenchmarkId::from_parameter("kfilter"), |b| {
        b.iter(|| contenders::kfilter1_chain(black_box(&readings), black_box(&model), &start));
    });
    group.finish();
}

fn trend(c: &mut Criterion) {
    let readings = contenders::readings(STEPS);
    let model = contenders::trend_model();
    let start = contenders::ours2_start();
    let adskalman = contenders::Adskalman::new(&model, &start);
    let mut group = c.benchmark_group("local linear trend");
    group.throughput(Throughput::Elements(u64::from(STEPS)));
    group.bench_function(BenchmarkId::from_parameter("plain f64"), |b| {
        b.iter(|| {
            let (level_rate, trend_rate, noise) =
                black_box((contenders::LEVEL_RATE, contenders::TREND_RATE, contenders::NOISE));
            contenders::plain2_chain(black_box(&readings), level_rate, trend_rate, noise)
        });
    });
    group.bench_function(BenchmarkId::from_parameter("reweigh-filter"), |b| {
        b.iter(|| contenders::ours2_chain(black_box(&readings), black_box(&model)));
    });
    group.bench_function(BenchmarkId::from_parameter("reweigh-filter, scored"), |b| {
        b.iter(|| contenders::ours2_scored_chain(black_box(&readings), black_box(&model)));
    });
    group.bench_function(BenchmarkId::from_parameter("adskalman"), |b| {
        b.iter(|| contenders::adskalman2_chain(black_box(&readings), black_box(&adskalman)));
    });
    group.bench_function(BenchmarkId::from_parameter("kfilter"), |b| {
        b.iter(|| contenders::kfilter2_chain(black_box(&readings), black_box(&model), &start));
    });
    group.finish();
}

/// Criterion knows by itself whether figures are wanted; this makes it say so as the other benches do.
fn check(_: &mut Criterion) {
    let readings = contenders::readings(STEPS);
    contenders::check_that_all_agree(&readings);
    if !contenders::figures_are_wanted() {
        eprintln!("each bench runs once, without figures: this is no `cargo bench`");
    }
}

criterion_group!(benches, check, level, trend);
criterion_main!(benches);
