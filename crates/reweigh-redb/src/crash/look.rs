//! What must be there after the power is back.

use std::collections::BTreeSet;

use reweigh_store::{Checkpoint, Sequence, Store, UserCommit};

use super::facts::{Log, Name, USERS, World, fact, facts, name, user, words};
use super::{BACKUP, PATH, options, path};
use crate::medium::{Medium, PowerMedium};
use crate::options::Options;
use crate::store::RedbStore;

/// Opens what is left, looks at all of it, and goes on with it.
pub(super) fn over(medium: &PowerMedium, log: &Log) -> Result<(), String> {
    if log.closed {
        let there = |name: &str| medium.size(&path(name)).map_err(words).map(|size| size.is_some());
        if there("x.redb-journal")? && log.done {
            return Err("the journal is there after a clean close".to_owned());
        }
    }
    let store = RedbStore::open(&path(PATH), options(medium)).map_err(words)?;
    let report = store.check().map_err(words)?;
    if let Some(damage) = report.damage.first() {
        return Err(format!("{}: {}", damage.place, damage.detail));
    }
    rows(&store, log)?;
    states(&store, log)?;
    let there = all(&store)?;
    compare(&there, log)?;
    backup(medium, log)?;
    go_on(store, medium, there)
}

/// Every fact, wherever it is.
fn all(store: &RedbStore) -> Result<BTreeSet<Name>, String> {
    let mut there = BTreeSet::new();
    for row in store.tail(Sequence::START, usize::MAX).map_err(words)? {
        for fact in &row.facts {
            there.insert(name(fact).ok_or("a fact that nobody offered")?);
        }
    }
    for user_name in USERS {
        let history = store.history(&user(user_name)?, None, usize::MAX).map_err(words)?;
        for recorded in &history.facts {
            there.insert(name(&recorded.fact).ok_or("a fact that nobody offered")?);
        }
    }
    Ok(there)
}

fn compare(there: &BTreeSet<Name>, log: &Log) -> Result<(), String> {
    let kept = |name: &&Name| log.erased.is_none_or(|(erased, _)| name.0 != erased);
    let lost: Vec<_> = log.acknowledged.difference(there).filter(kept).collect();
    if !lost.is_empty() {
        return Err(format!("acknowledged and lost: {lost:?}"));
    }
    if let Some(made_up) = there.difference(&log.offered).next() {
        return Err(format!("there and never offered: {made_up:?}"));
    }
    if let Some((erased, done)) = log.erased {
        let count = there.iter().filter(|(user, _)| *user == erased).count();
        let before = log.acknowledged.iter().filter(|(user, _)| *user == erased).count();
        if count != 0 && (done || count != before) {
            return Err(format!("{count} facts of the erased user are there, {before} were"));
        }
    }
    Ok(())
}

/// Rows are whole, and those that were acknowledged are what they were.
fn rows(store: &RedbStore, log: &Log) -> Result<(), String> {
    let erased = log.erased.map(|(erased, _)| erased);
    for row in store.tail(Sequence::START, usize::MAX).map_err(words)? {
        let of_others = row.facts.iter().filter(|fact| Some(fact.user().as_str()) != erased);
        let got: Vec<Name> = of_others.filter_map(name).collect();
        let Some(told) = log.rows.get(&row.sequence.get()) else {
            let whole = 3 * USERS.iter().filter(|name| Some(**name) != erased).count();
            if got.len() != whole {
                return Err(format!("row {} has {} facts", row.sequence, got.len()));
            }
            continue;
        };
        let told: Vec<Name> = told.iter().copied().filter(|(name, _)| Some(*name) != erased).collect();
        if got != told {
            return Err(format!("row {} is not what was acknowledged", row.sequence));
        }
    }
    Ok(())
}

/// A checkpoint is there for all users, with the mark, or for none.
fn states(store: &RedbStore, log: &Log) -> Result<(), String> {
    let world = World::new()?;
    let mut numbers = BTreeSet::new();
    for user_name in USERS {
        if log.erased.is_some_and(|(erased, _)| erased == user_name) {
            continue;
        }
        let loaded = store.load(&user(user_name)?).map_err(words)?;
        let number = loaded.as_ref().map_or(0, |loaded| loaded.seen.state);
        numbers.insert(number);
        let Some(loaded) = loaded else { continue };
        if let Some(state) = &loaded.state {
            state.check(&world.expectations()).map_err(words)?;
        }
        if user_name == "ada" && log.pinned && loaded.pin.is_none() {
            return Err("a pin was acknowledged and is lost".to_owned());
        }
    }
    let most = log.states + u64::from(log.checkpointing);
    let fits = numbers.iter().all(|number| (log.states..=most).contains(number));
    if numbers.len() > 1 || !fits {
        return Err(format!("users have states {numbers:?}, {} were acknowledged", log.states));
    }
    let moved = numbers.first().is_some_and(|number| *number > log.states);
    let mark = store.mark().map_err(words)?.get();
    if moved && mark <= log.mark || !moved && mark != log.mark {
        return Err(format!("the mark is {mark} beside states {numbers:?}; {} was acknowledged", log.mark));
    }
    Ok(())
}

fn backup(medium: &PowerMedium, log: &Log) -> Result<(), String> {
    let Some((done, expected)) = &log.backup else { return Ok(()) };
    let there = medium.size(&path(BACKUP)).map_err(words)?.is_some();
    if !there {
        return if *done { Err("a backup was acknowledged and is not there".to_owned()) } else { Ok(()) };
    }
    let options = Options { create: None, ..options(medium) };
    let store =
        RedbStore::open(&path(BACKUP), options).map_err(|error| format!("the backup: {}", words(error)))?;
    let report = store.check().map_err(words)?;
    if all(&store)? != *expected || !report.is_sound() {
        return Err("the backup is not the store".to_owned());
    }
    Ok(())
}

/// The store can be used, and what it is told now stays as well.
fn go_on(store: RedbStore, medium: &PowerMedium, mut there: BTreeSet<Name>) -> Result<(), String> {
    let new: Name = ("cyd", 1_000_000);
    let row = store.append(&facts(&[new])?, &[]).map_err(words)?;
    there.insert(new);
    let mut users = Vec::new();
    let tail = store.tail(Sequence::START, usize::MAX).map_err(words)?;
    for user_name in USERS {
        let of_user = tail.iter().flat_map(|row| &row.facts).filter(|fact| fact.user().as_str() == user_name);
        users.push(UserCommit::facts(user(user_name)?, of_user.cloned().collect()));
    }
    let at = fact(new)?.at();
    store.commit(&Checkpoint { users, mark: Some(row), ..Checkpoint::at(at) }).map_err(words)?;
    store.prune().map_err(words)?;
    if !store.close().map_err(words)? {
        return Err("a store whose tail is empty does not close to one file".to_owned());
    }
    let store = RedbStore::open(&path(PATH), options(medium)).map_err(words)?;
    if all(&store)? == there { Ok(()) } else { Err("what came after is not there".to_owned()) }
}
