//! The process that kills, and knows what was acknowledged.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use reweigh_redb::RedbStore;
use reweigh_store::{Sequence, Store};

use super::child::{self, EACH};
use crate::task::Outcome;

pub(super) fn run(rounds: u64, seed: u64) -> Outcome {
    let folder = std::env::temp_dir().join(format!("reweigh-kill-{}", std::process::id()));
    std::fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let said = on(&folder.join("x.redb"), rounds, seed);
    if said.is_ok() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    said.map_err(|error| format!("{error}; the store is left in {}", folder.display()))
}

fn on(path: &Path, rounds: u64, seed: u64) -> Outcome {
    let mut dice = seed;
    let mut acknowledged: BTreeSet<u64> = BTreeSet::new();
    let mut next = 0;
    let mut most = 0;
    for round in 0..rounds {
        let told = one(path, next, &mut dice)?;
        most = most.max(told.len());
        for first in &told {
            acknowledged.extend(*first..first + EACH);
        }
        let store = child::open(path)?;
        let there = all(&store)?;
        if let Some(lost) = acknowledged.difference(&there).next() {
            return Err(format!("round {round}, seed {seed}: fact {lost} was acknowledged and is lost"));
        }
        // What was under way when it was killed may be there, whole or not at all.
        if there.len() % usize::try_from(EACH).unwrap_or(1) != 0 {
            return Err(format!("round {round}, seed {seed}: half an append is there"));
        }
        if round % 10 == 0 && !store.check().map_err(|error| error.to_string())?.is_sound() {
            return Err(format!("round {round}, seed {seed}: the check finds damage"));
        }
        next = there.last().map_or(0, |last| last + 1);
        if roll(&mut dice).is_multiple_of(3) {
            child::checkpoint(&store)?;
            store.close().map_err(|error| error.to_string())?;
        }
    }
    Ok(format!(
        "{rounds} kills, {} facts acknowledged, none lost; at most {most} appends in a round",
        acknowledged.len()
    ))
}

/// Lets a child write until it is killed, and gives what it said was acknowledged.
fn one(path: &Path, next: u64, dice: &mut u64) -> Result<Vec<u64>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .args(["crash", child::WORD, &path.to_string_lossy(), &next.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the child could not be started: {error}"))?;
    let out = child.stdout.take().ok_or("the child has no output")?;
    let (sender, lines) = channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    // Some rounds end while the store is being opened, some after many checkpoints.
    let appends = roll(dice) % 200;
    let moment = Duration::from_micros(roll(dice) % 3_000);
    let mut said = Vec::new();
    while (said.len() as u64) < appends {
        match lines.recv() {
            Ok(line) => said.push(line),
            Err(_) => break,
        }
    }
    match lines.recv_timeout(moment) {
        Ok(line) => said.push(line),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
    }
    child.kill().map_err(|error| error.to_string())?;
    child.wait().map_err(|error| error.to_string())?;
    reader.join().map_err(|_| "the reader gave up".to_owned())?;
    // What it wrote before it was killed is in the pipe.
    said.extend(lines.try_iter());
    said.iter().map(|line| line.parse().map_err(|_| format!("the child said `{line}`"))).collect()
}

fn all(store: &RedbStore) -> Result<BTreeSet<u64>, String> {
    let words = |error: reweigh_store::StoreError| error.to_string();
    let mut facts = Vec::new();
    for row in store.tail(Sequence::START, usize::MAX).map_err(words)? {
        facts.extend(row.facts);
    }
    for user in store.users(None, usize::MAX).map_err(words)? {
        let history = store.history(&user, None, usize::MAX).map_err(words)?;
        facts.extend(history.facts.into_iter().map(|recorded| recorded.fact));
    }
    let number = |fact: &reweigh_reading::Fact| {
        u64::try_from(fact.at().unix_micros() / 60_000_000).unwrap_or(u64::MAX)
    };
    Ok(facts.iter().map(number).collect())
}

/// The next number of Steele, Lea and Flood's `SplitMix64`.
fn roll(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
