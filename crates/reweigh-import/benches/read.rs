//! How fast files become facts.
//!
//!     cargo bench -p reweigh-import --bench read
//!
//! A million readings of 100,000 users in arrival order, from memory, on one thread; rows per second stand beside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::format_push_string,
    reason = "a bench may panic"
)]

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reweigh_import::{Batch, Input, Reader, Settings};

const ROWS: u64 = 1_000_000;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A table as the scenarios have it: `u001-00042,2024-03-01 07:12:33,patient-device,81.25,kg`.
fn table() -> String {
    let mut dice = Dice(1);
    let mut file = String::from("user_id,effectiveDateTime,source_type,weight,unit\n");
    for row in 0..ROWS {
        let (minute, second) = (row / 700, dice.below(60));
        let day = minute / 1_440;
        let (hour, minute) = (minute % 1_440 / 60, minute % 60);
        let source =
            ["patient-device", "patient-upload", "clinic", "app"][usize::try_from(dice.below(4)).unwrap()];
        let weight = 6_000 + dice.below(6_000);
        file += &format!(
            "u001-{:05},2024-03-{:02} {hour:02}:{minute:02}:{second:02},{source},{}.{:02},kg\n",
            dice.below(100_000),
            day % 28 + 1,
            weight / 100,
            weight % 100,
        );
    }
    file
}

fn lines(table: &str) -> String {
    let object = |row: &str| {
        let mut fields = row.split(',');
        let mut next = || fields.next().unwrap_or_default().to_owned();
        format!(
            "{{\"user_id\":\"{}\",\"timestamp\":\"{}\",\"source\":\"{}\",\"weight\":{},\"unit\":\"{}\"}}\n",
            next(),
            next(),
            next(),
            next(),
            next()
        )
    };
    table.lines().skip(1).map(object).collect()
}

fn read(file: &Arc<[u8]>, settings: &Settings) -> u64 {
    let mut reader = Reader::open(Input::stream(Cursor::new(file.clone())), settings).unwrap();
    let mut batch = Batch::default();
    while reader.read_into(&mut batch, 4_096).unwrap() {
        black_box(&batch);
    }
    reader.finish().unwrap().facts
}

fn gzip(file: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(file).unwrap();
    encoder.finish().unwrap()
}

fn readers(c: &mut Criterion) {
    let mut group = c.benchmark_group("read");
    group.sample_size(10).throughput(Throughput::Elements(ROWS));
    let table = table();
    let settings = Settings::new("2025-01-01T00:00:00Z".parse().unwrap());
    let mut berlin = settings.clone();
    berlin.zone = "Europe/Berlin".parse().unwrap();
    let plain: Arc<[u8]> = table.as_bytes().into();
    let quoted: Arc<[u8]> = table
        .replace(",patient", ",\"patient")
        .replace("-device,", "-device\",")
        .replace("-upload,", "-upload\",")
        .into_bytes()
        .into();
    for (name, file, settings) in [
        ("csv", plain.clone(), &settings),
        ("csv in a zone", plain.clone(), &berlin),
        ("csv half quoted", quoted, &settings),
        ("csv in gzip", gzip(&plain).into(), &settings),
        ("csv in zstd", zstd::encode_all(&*plain, 3).unwrap().into(), &settings),
        ("jsonl", lines(&table).into_bytes().into(), &settings),
    ] {
        group.bench_function(name, |b| b.iter(|| assert_eq!(read(&file, settings), ROWS)));
    }
    group.finish();
}

criterion_group!(benches, readers);
criterion_main!(benches);
