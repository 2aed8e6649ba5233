//! What one reading costs in a fold: on the scenarios, while one story lives, and by length of history.
#![expect(clippy::expect_used, reason = "a bench that cannot be set up says so and stops")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reweigh_judge::{Event, effective, fold};
use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_scenario::{Recipe, Scenario};
use reweigh_state::{CheckedPolicy, Policy};

fn policy() -> CheckedPolicy {
    Policy::default().check().expect("the default policy keeps its bounds")
}

fn lives(recipe: &str, users: u32) -> Vec<Vec<Event>> {
    let recipe = Recipe::named(recipe).expect("a recipe of that name");
    let scenario = Scenario::new(recipe, 1).expect("a recipe within bounds");
    scenario
        .lives(users)
        .map(|life| effective(life.deliveries().map(|delivery| delivery.fact)).events)
        .collect()
}

/// One story throughout: one reading a day with the scatter of a scale and nothing odd.
fn calm(count: u32) -> Vec<Event> {
    let user = UserId::new("calm").expect("a user id");
    let source = Source::new("patient-device").expect("a source");
    let start: Instant = "1901-01-01T07:00:00Z".parse().expect("an instant");
    let facts = (0..count).map(|n| {
        // A million days are more than the calendar holds: an eighth of a day apart.
        let at = Instant::from_unix_micros(start.unix_micros() + i64::from(n) * 9_000_000_000)
            .expect("an instant");
        let scatter = f64::from((n.wrapping_mul(2_654_435_761) >> 16) % 100) / 100.0 - 0.5;
        let measure = Measure::new(80.0 + scatter, Unit::Kilogram).expect("a measure");
        Fact::reading(user.clone(), at, source.clone(), measure)
    });
    effective(facts).events
}

fn scenarios(c: &mut Criterion) {
    let policy = policy();
    let mut group = c.benchmark_group("fold");
    for recipe in ["bench", "wild"] {
        let lives = lives(recipe, 20);
        group.throughput(Throughput::Elements(lives.iter().map(|life| life.len() as u64).sum()));
        group.bench_function(recipe, |b| {
            b.iter(|| {
                for life in &lives {
                    black_box(fold(life, &policy));
                }
            });
        });
    }
    group.finish();
}

fn lengths(c: &mut Criterion) {
    let policy = policy();
    let mut group = c.benchmark_group("one story, by length");
    group.sample_size(10);
    for length in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let life = calm(length);
        group.throughput(Throughput::Elements(u64::from(length)));
        group.bench_with_input(BenchmarkId::from_parameter(length), &life, |b, life| {
            b.iter(|| black_box(fold(life, &policy)));
        });
    }
    group.finish();
}

criterion_group!(benches, scenarios, lengths);
criterion_main!(benches);
