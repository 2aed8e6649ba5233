//! What it costs to make a fact, step by step: every reading of a file goes this way once.
//!
//! `cargo bench -p reweigh-reading --bench facts`

#![expect(clippy::unwrap_used, reason = "a bench that cannot set itself up stops")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use reweigh_reading::{
    Fact, Instant, InstantFormat, InstantReader, Limits, MadeId, Measure, MeasureReader, Source, Unit,
    UserId, Zone, admit,
};

fn instants(c: &mut Criterion) {
    let mut group = c.benchmark_group("instant");
    let utc = InstantReader::new(Zone::utc(), InstantFormat::Standard);
    let berlin = InstantReader::new("Europe/Berlin".parse().unwrap(), InstantFormat::Standard);
    for (name, reader, text) in [
        ("zoned", &utc, "2024-01-31T07:15:00Z"),
        ("zoned with decimals", &utc, "2024-01-31T07:15:00.123456+01:00"),
        ("local in UTC", &utc, "2024-01-31 07:15:00"),
        ("local in Berlin", &berlin, "2024-01-31 07:15:00"),
        ("date alone in Berlin", &berlin, "2024-01-31"),
        ("Unix seconds", &utc, "1706685300"),
    ] {
        group.bench_function(name, |b| b.iter(|| reader.read(black_box(text)).unwrap()));
    }
    let text = "2024-01-31T07:15:00Z";
    group.bench_function("zoned, by jiff alone", |b| {
        b.iter(|| black_box(text).parse::<jiff::Timestamp>().unwrap());
    });
    let text = "2024-01-31 07:15:00";
    group.bench_function("local, by jiff alone", |b| {
        b.iter(|| black_box(text).parse::<jiff::civil::DateTime>().unwrap());
    });
    let at = Instant::UNIX_EPOCH;
    group.bench_function("display", |b| b.iter(|| black_box(at).to_string()));
    group.finish();
}

fn measures(c: &mut Criterion) {
    let mut group = c.benchmark_group("measure");
    let reader = MeasureReader::default();
    for (name, text, unit) in [
        ("number", "80.5", Some(Unit::Kilogram)),
        ("long number", "52.5999984741211", Some(Unit::Kilogram)),
        ("number and unit", "176.4 lb", None),
        ("stones and pounds", "12st 7lb", None),
    ] {
        group.bench_function(name, |b| b.iter(|| reader.read(black_box(text), unit).unwrap()));
    }
    for text in ["kg", "LBS ", "[lb_av]"] {
        group.bench_function(format!("unit {text}"), |b| b.iter(|| reader.unit(black_box(text)).unwrap()));
    }
    group.finish();
}

fn facts(c: &mut Criterion) {
    let mut group = c.benchmark_group("fact");
    let user = UserId::new("patient-000123").unwrap();
    let source = Source::new("patient-device").unwrap();
    let at = Instant::from_unix_seconds(1_706_685_300).unwrap();
    let measure = Measure::new(80.5, Unit::Kilogram).unwrap();
    group.bench_function("user id", |b| b.iter(|| UserId::new(black_box("patient-000123")).unwrap()));
    group
        .bench_function("made id", |b| b.iter(|| MadeId::of_reading(&user, &source, black_box(at), measure)));
    let fact = Fact::reading(user.clone(), at, source.clone(), measure);
    group.bench_function("reading", |b| {
        b.iter(|| Fact::reading(user.clone(), black_box(at), source.clone(), measure));
    });
    let limits = Limits::default();
    group.bench_function("admit", |b| b.iter(|| admit(black_box(fact.clone()), at, &limits)));
    let mut bytes = Vec::new();
    group.bench_function("payload into a buffer", |b| {
        b.iter(|| {
            bytes.clear();
            black_box(&fact).write_payload(&mut bytes);
            bytes.len()
        });
    });
    let other = fact.clone();
    group.bench_function("meet", |b| b.iter(|| black_box(&fact).meet(black_box(&other))));
    let reader = InstantReader::new("Europe/Berlin".parse().unwrap(), InstantFormat::Standard);
    let measures = MeasureReader::default();
    group.bench_function("row to admitted fact", |b| {
        b.iter(|| {
            let user = UserId::new(black_box("patient-000123")).unwrap();
            let read = reader.read(black_box("2024-01-31 07:15:00")).unwrap();
            let unit = measures.unit(black_box("kg")).unwrap();
            let measure = measures.read(black_box("80.5"), Some(unit)).unwrap();
            admit(Fact::reading(user, read.at, source.clone(), measure), at, &limits)
        });
    });
    group.finish();
}

criterion_group!(benches, instants, measures, facts);
criterion_main!(benches);
