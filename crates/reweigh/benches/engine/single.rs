//! One reading at a time.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use reweigh::Settings;
use reweigh_reading::Fact;

use crate::world::{Folder, fact, quantile, scale, time, user};

fn print(name: &str, mut ours: Vec<Duration>, mut control: Vec<Duration>, wanted: &str) {
    let (half, bare) = (quantile(&mut ours, 500), quantile(&mut control, 500));
    println!(
        "{name}: {:.2} x by median ({half:.1?} against {bare:.1?}; p99 {:.1?} against {:.1?}); wanted {wanted}",
        half.as_secs_f64() / bare.as_secs_f64(),
        quantile(&mut ours, 990),
        quantile(&mut control, 990)
    );
}

/// One reading, acknowledged, against as many bytes appended to a file and synced.
pub(crate) fn one() {
    let (folder, source) = (Folder::new("one"), scale());
    let engine = folder.engine(Settings::default());
    let mut file = OpenOptions::new().create(true).append(true).open(folder.at("bare")).unwrap();
    let (mut ours, mut control) = (Vec::new(), Vec::new());
    for day in 0..2_000 {
        let ada = user(day % 50);
        let fact = fact(&ada, day % 50, &source, day);
        ours.push(time(|| engine.ingest(fact).unwrap()).1);
        control.push(
            time(|| {
                file.write_all(&[1; 64]).unwrap();
                file.sync_data().unwrap();
            })
            .1,
        );
    }
    print("one reading, acknowledged", ours, control, "<= 1.4 x append + fdatasync");
    engine.close().unwrap();
}

/// Sixty-four callers, one reading each, against one caller.
pub(crate) fn callers() {
    let (folder, source) = (Folder::new("callers"), scale());
    let engine = folder.engine(Settings::default());
    let rounds = 1_000;
    let ((), alone) = time(|| {
        for day in 0..rounds {
            engine.ingest(fact(&user(0), 0, &source, day)).unwrap();
        }
    });
    let ((), together) = time(|| {
        std::thread::scope(|scope| {
            for number in 1..=64 {
                let (engine, source) = (&engine, &source);
                scope.spawn(move || {
                    let user = user(number);
                    for day in 0..rounds {
                        engine.ingest(fact(&user, number, source, day)).unwrap();
                    }
                });
            }
        });
    });
    let (alone, together) =
        (rounds as f64 / alone.as_secs_f64(), 64.0 * rounds as f64 / together.as_secs_f64());
    println!(
        "64 callers: {together:.0}/s against {alone:.0}/s of one: {:.1} x; wanted >= 20 x",
        together / alone
    );
    engine.close().unwrap();
}

/// A reading that is thirty days late: restore, replay, settle; against the bare fold of the same readings.
pub(crate) fn late() {
    let (folder, source) = (Folder::new("late"), scale());
    let settings = Settings { settle_after_ms: 0, ..Settings::default() };
    let engine = folder.engine(settings);
    let users: Vec<_> = (0..2_000).map(user).collect();
    for (number, user) in users.iter().enumerate() {
        let facts: Vec<Fact> =
            (0..120).filter(|day| *day != 90).map(|day| fact(user, number, &source, day)).collect();
        engine.ingest(facts).unwrap();
    }
    engine.settle().unwrap();
    engine.checkpoint().unwrap();
    let before = engine.status().unwrap();
    let facts: Vec<Fact> =
        users.iter().enumerate().map(|(number, user)| fact(user, number, &source, 90)).collect();
    let ((), took) = time(|| {
        engine.ingest(facts).unwrap();
        engine.settle().unwrap();
    });
    let after = engine.status().unwrap();
    let each = took / u32::try_from(users.len()).unwrap();
    let readings = after.folded - before.folded;
    println!(
        "late by 30 days: {each:.1?} each on two workers, acknowledgement included ({} replays, {:.0} readings each); wanted < 40 us",
        after.replays - before.replays,
        readings as f64 / users.len() as f64
    );
    engine.close().unwrap();
}

/// What a reading costs as the store grows.
pub(crate) fn flat() {
    let source = scale();
    for users in [100, 1_000, 10_000, 100_000] {
        let folder = Folder::new("flat");
        let engine = folder.engine(Settings::default());
        let all: Vec<_> = (0..users).map(user).collect();
        for (chunk, some) in all.chunks(1_000).enumerate() {
            let facts = some.iter().enumerate().flat_map(|(n, user)| {
                let source = &source;
                (0..100).map(move |day| fact(user, chunk * 1_000 + n, source, day))
            });
            engine.ingest(facts.collect::<Vec<_>>()).unwrap();
        }
        engine.settle().unwrap();
        engine.checkpoint().unwrap();
        // The same number of users get the same number of readings.
        let touched = 100;
        let ((), took) = time(|| {
            for (number, user) in all.iter().enumerate().step_by(users / touched).take(touched) {
                let facts: Vec<Fact> = (100..200).map(|day| fact(user, number, &source, day)).collect();
                engine.ingest(facts).unwrap();
            }
            engine.settle().unwrap();
            engine.checkpoint().unwrap();
        });
        let readings = u32::try_from(touched * 100).unwrap();
        println!("flat: {} readings in the store: {:.2?} per reading", users * 100, took / readings);
        engine.close().unwrap();
    }
}
