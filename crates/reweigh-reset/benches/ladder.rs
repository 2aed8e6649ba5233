//! What each rung of the ladder costs for one user: times a million, it is what the rungs add to bringing a large store
//! back. Reading the users from a store is not in it, and is the larger part.
//!
//! `cargo bench -p reweigh-reset --bench ladder`

#![expect(clippy::unwrap_used, reason = "a bench that cannot set itself up stops")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{Elapsed, Fact, Instant, Kilograms, Measure, OrderKey, Source, Unit, UserId};
use reweigh_reset::{
    Evidence, KeptVersion, KnownReading, LadderSettings, Rung, StateVersion, recover, serve,
};
use reweigh_state::{Expectations, Profile};

/// Readings of a page and a bit, and the versions that a store keeps.
const READINGS: i64 = 100;
const VERSIONS: u64 = 10;

fn day(day: i64) -> Instant {
    let start: Instant = "2026-01-01T07:00:00Z".parse().unwrap();
    start.saturating_add(Elapsed::from_days(day))
}

fn rungs(c: &mut Criterion) {
    let policy = Profile::Balanced.policy().check().unwrap();
    let settings = LadderSettings::default().check().unwrap();
    let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
    let user = UserId::new("ada").unwrap();
    let facts: Vec<Fact> = (0..READINGS)
        .map(|n| {
            let measure = Measure::new(if n % 2 == 0 { 80.2 } else { 79.9 }, Unit::Kilogram).unwrap();
            Fact::reading(user.clone(), day(n), Source::new("scale").unwrap(), measure)
        })
        .collect();
    let readings: Vec<KnownReading> = facts
        .iter()
        .map(|fact| KnownReading {
            key: OrderKey::new(fact.at(), fact.source().clone(), fact.id().clone()),
            weight: Kilograms::new(80.0).unwrap(),
            refused: false,
        })
        .collect();
    let state = fold(&effective(facts).events, &policy);
    let good = state.encode();
    let torn = good.get(..good.len() / 2).unwrap();
    // Every version but the oldest is torn: the most that the rung has to read.
    let versions: Vec<KeptVersion<'_>> = (1..=VERSIONS)
        .map(|n| KeptVersion { version: StateVersion::new(n), bytes: if n == 1 { &good } else { torn } })
        .collect();
    let now = Evidence {
        at: day(READINGS),
        prior: Some(&state),
        versions: &versions,
        readings: &readings,
        expectations,
    };
    let between = Evidence { at: day(50).saturating_add(Elapsed::from_hours(5)), ..now };
    let mut group = c.benchmark_group("rung");
    for rung in Rung::ALL {
        let evidence = if rung == Rung::Interpolation { between } else { now };
        group.bench_function(rung.as_str(), |b| b.iter(|| serve(rung, black_box(&evidence), &settings)));
    }
    let nothing = Evidence { prior: None, versions: &[], readings: &[], ..now };
    group.bench_function("all of them, for nothing", |b| b.iter(|| recover(black_box(&nothing), &settings)));
    group.finish();
}

criterion_group!(benches, rungs);
criterion_main!(benches);
