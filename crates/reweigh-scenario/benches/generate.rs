//! How fast lives are made: as numbers, as facts by user, as facts in the order of arrival, as files.
//!
//!     cargo bench -p reweigh-scenario --bench generate

#![expect(clippy::expect_used, reason = "a bench must not go on without its scenario")]

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use reweigh_scenario::{Recipe, Scenario, write_files};
use std::hint::black_box;
use std::io;

const USERS: u32 = 40;

fn generate(criterion: &mut Criterion) {
    for name in ["bench", "dense", "corrections", "wild"] {
        let recipe = Recipe::named(name).expect("a named recipe");
        let scenario = Scenario::new(recipe, 1).expect("named recipes are in bounds");
        let mut group = criterion.benchmark_group(name);
        by_user(&mut group, &scenario);
        by_arrival(&mut group, &scenario);
        group.finish();
    }
}

fn by_user(group: &mut BenchmarkGroup<'_, WallTime>, scenario: &Scenario) {
    let samples: usize = scenario.lives(USERS).map(|life| life.samples().len()).sum();
    group.throughput(Throughput::Elements(u64::try_from(samples).unwrap_or(0)));
    group.bench_function("samples", |bencher| {
        bencher.iter(|| {
            let lives = scenario.lives(USERS);
            lives.map(|life| life.samples().map(|sample| sample.kilograms).sum::<f64>()).sum::<f64>()
        });
    });
    let deliveries = scenario.arrivals(USERS).len();
    group.throughput(Throughput::Elements(u64::try_from(deliveries).unwrap_or(0)));
    group.bench_function("facts", |bencher| {
        bencher.iter(|| {
            for life in scenario.lives(USERS) {
                life.deliveries().for_each(|delivery| drop(black_box(delivery)));
            }
        });
    });
}

fn by_arrival(group: &mut BenchmarkGroup<'_, WallTime>, scenario: &Scenario) {
    group.bench_function("arrivals", |bencher| {
        bencher.iter(|| scenario.arrivals(USERS).for_each(|delivery| drop(black_box(delivery))));
    });
    group.bench_function("files", |bencher| {
        let files = || write_files(scenario, USERS, &mut io::sink(), &mut io::sink(), &mut io::sink());
        bencher.iter(|| files().expect("a sink takes everything"));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = generate
}
criterion_main!(benches);
