//! How much a durable update costs over the bare act, and what reading and writing the text costs.
//!
//! `cargo bench -p reweigh-progress`. The folder is on the disk of the system's temporary files, or on that of
//! `TMPDIR`. The bare act and the update take turns, because a disk that others use as well changes by the minute.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use reweigh_progress::{Completion, Label, Manager, Plan, Progress, Stamp};

#[expect(clippy::disallowed_methods, reason = "the clock adapter of this bench")]
fn now() -> Stamp {
    SystemTime::now().into()
}

#[expect(clippy::disallowed_methods, reason = "what a bench is for")]
fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

#[expect(clippy::unwrap_used, reason = "a bench that can't begin has nothing to measure")]
fn label(text: impl Into<String>) -> Label {
    Label::new(text).unwrap()
}

/// A workflow of so many tasks in ten waves.
fn plan(tasks: u32) -> Plan {
    let empty = Plan::new(label("Backfill"), label("bf-7"), 10);
    (0..tasks).fold(empty, |plan, task| {
        plan.task(task % 10 + 1, label(format!("shard-{task}")), format!("fold users {task}000..{task}999"))
    })
}

/// The least that makes a new content durable in the place of an old one.
fn bare(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let (temp, path) = (folder.join("bare.tmp"), folder.join("bare.md"));
    let mut file = File::create(&temp)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temp, &path)?;
    File::open(folder)?.sync_all()
}

/// One update of the file, the same bytes the bare way, by turns.
fn compare(tasks: u32, rounds: usize) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("STATE.md");
    let manager = Manager::new(&path, (now, std::thread::park_timeout));
    manager.initialize(&plan(tasks))?;
    let count = usize::try_from(tasks)?;
    let (mut updates, mut bares) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let id = format!("shard-{}", round % count);
        let (time, done) = timed(|| {
            if round / count % 2 == 0 {
                manager.start_task(&id)
            } else {
                manager.complete_task(&id, Completion::new())
            }
        });
        done?;
        updates.push(time);
        let bytes = fs::read(&path)?;
        let (time, done) = timed(|| bare(folder.path(), &bytes));
        done?;
        bares.push(time);
    }
    let bytes = fs::metadata(&path)?.len();
    let (update, bare) = (middle(&mut updates), middle(&mut bares));
    eprintln!(
        "{tasks} tasks, {bytes} bytes: update {update:.2?} ({:.0}/s), bare {bare:.2?} ({:.0}/s), ratio {:.2} \
         (medians of {rounds})",
        1.0 / update.as_secs_f64(),
        1.0 / bare.as_secs_f64(),
        update.as_secs_f64() / bare.as_secs_f64(),
    );
    Ok(())
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn durable_updates(_: &mut Criterion) {
    for tasks in [10, 100, 1_000] {
        if let Err(fault) = compare(tasks, 400) {
            eprintln!("{tasks} tasks: {fault}");
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a bench that can't begin has nothing to measure")]
fn text(c: &mut Criterion) {
    let mut group = c.benchmark_group("text");
    for tasks in [100, 1_000] {
        let progress = plan(tasks).begin(now()).unwrap();
        let file = progress.render();
        group.throughput(criterion::Throughput::Bytes(file.len() as u64));
        group
            .bench_function(format!("parse/{tasks} tasks"), |b| b.iter(|| Progress::parse(black_box(&file))));
        group.bench_function(format!("render/{tasks} tasks"), |b| b.iter(|| black_box(&progress).render()));
        group.bench_function(format!("start a task/{tasks} tasks"), |b| {
            b.iter_batched(
                || progress.clone(),
                |mut changed| changed.start_task("shard-7"),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, durable_updates, text);
criterion_main!(benches);
