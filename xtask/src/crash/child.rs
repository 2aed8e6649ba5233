//! The process that is killed: it writes for ever, and says what it was told.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_store::{Checkpoint, Sequence, Store, StoreId, UserCommit};

use crate::task::Outcome;

/// The word that makes a process the child.
pub(super) const WORD: &str = "--child";

/// How many facts an append has.
pub(super) const EACH: u64 = 3;

const USERS: u64 = 7;

fn words(error: impl Error) -> String {
    error.to_string()
}

/// The fact of a number.
pub(super) fn fact(number: u64) -> Result<Fact, String> {
    let user = UserId::new(&format!("user {}", number % USERS)).map_err(words)?;
    let at = i64::try_from(number)
        .map_err(words)
        .and_then(|n| Instant::from_unix_seconds(n * 60).map_err(words))?;
    let measure = Measure::new(80.5, Unit::Kilogram).map_err(words)?;
    Ok(Fact::reading(user, at, Source::unknown(), measure))
}

pub(super) fn open(path: &Path) -> Result<RedbStore, String> {
    let owner = Owner { pid: std::process::id(), host: "here".to_owned(), since: "now".to_owned() };
    let options =
        Options { create: Some(StoreId::from_number(7)), cache_bytes: 8 << 20, ..Options::new(owner) };
    RedbStore::open(path, options).map_err(words)
}

/// Moves all of the tail to the main file.
pub(super) fn checkpoint(store: &RedbStore) -> Result<(), String> {
    let rows = store.tail(Sequence::START, usize::MAX).map_err(words)?;
    let mark = rows.last().map(|row| row.sequence);
    let mut facts: Vec<Fact> = rows.into_iter().flat_map(|row| row.facts).collect();
    facts.sort_by(|a, b| a.user().cmp(b.user()));
    let users = facts.chunk_by(|a, b| a.user() == b.user());
    let users =
        users.filter_map(|facts| Some(UserCommit::facts(facts.first()?.user().clone(), facts.to_vec())));
    let checkpoint = Checkpoint { users: users.collect(), mark, ..Checkpoint::at(Instant::UNIX_EPOCH) };
    store.commit(&checkpoint).map_err(words)?;
    store.prune().map_err(words).map(drop)
}

/// Writes facts from a number on, for ever. Each append that was acknowledged is a line: its first number.
pub(super) fn run(path: &str, first: u64) -> Outcome {
    let store = open(Path::new(path))?;
    let mut out = std::io::stdout().lock();
    for (turn, number) in (first..).step_by(3).enumerate() {
        let facts = (number..number + EACH).map(fact).collect::<Result<Vec<Fact>, String>>()?;
        store.append(&facts, &[]).map_err(words)?;
        writeln!(out, "{number}").and_then(|()| out.flush()).map_err(words)?;
        if turn % 40 == 39 {
            checkpoint(&store)?;
        }
    }
    Ok(String::new())
}
