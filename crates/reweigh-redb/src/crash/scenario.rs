//! What is done in each scenario.

use std::collections::BTreeSet;

use reweigh_reading::Instant;
use reweigh_store::{
    Act, ActKind, Checkpoint, RestoreError, Sequence, Settled, Store, StoreError, UserCommit,
};

use super::facts::{EACH, Log, Name, USERS, World, facts, user, words};
use super::{BACKUP, CrashScenario, FATES, PATH, old, options, path, reboot};
use crate::medium::PowerMedium;
use crate::store::RedbStore;

/// Where the next fact of every user begins.
fn next(log: &Log) -> i64 {
    log.offered.iter().map(|(_, second)| second + 1).max().unwrap_or_default()
}

/// Appends three facts of each user in one row.
fn append(store: &RedbStore, log: &mut Log) -> Result<Sequence, String> {
    let first = next(log);
    let names: Vec<Name> =
        USERS.into_iter().flat_map(|user| (first..first + EACH).map(move |second| (user, second))).collect();
    log.offered.extend(&names);
    let sequence = store.append(&facts(&names)?, &[]).map_err(words)?;
    log.acknowledged.extend(&names);
    log.rows.insert(sequence.get(), names);
    Ok(sequence)
}

/// Commits all of the tail, with a state and snapshots for each user, and moves the mark.
fn checkpoint(store: &RedbStore, log: &mut Log) -> Result<(), String> {
    let world = World::new()?;
    let rows = store.tail(Sequence::START, usize::MAX).map_err(words)?;
    let Some(last) = rows.last().map(|row| row.sequence) else { return Ok(()) };
    let mut users = Vec::new();
    for name in USERS {
        let user = user(name)?;
        let tail = rows.iter().flat_map(|row| &row.facts).filter(|fact| *fact.user() == user);
        let facts: Vec<_> = tail.cloned().collect();
        let Some(key) = facts.iter().map(reweigh_reading::Fact::key).max() else { continue };
        let seen = store.load(&user).map_err(words)?.map(|loaded| loaded.seen).unwrap_or_default();
        let snapshots =
            facts.iter().map(|fact| world.state(fact.key(), seen.state + 1)).collect::<Result<_, _>>()?;
        let settled = Settled { snapshots, ..Settled::new(world.state(key, seen.state + 1)?, None) };
        users.push(UserCommit { seen, settled: Some(settled), ..UserCommit::facts(user, facts) });
    }
    log.checkpointing = true;
    let outcomes = store
        .commit(&Checkpoint { users, mark: Some(last), ..Checkpoint::at(Instant::UNIX_EPOCH) })
        .map_err(words)?;
    if let Some(refused) = outcomes.into_iter().find_map(|outcome| outcome.refused) {
        return Err(words(refused));
    }
    log.checkpointing = false;
    log.states += 1;
    log.mark = last.get();
    Ok(())
}

fn act(kind: ActKind) -> Act {
    let (by, reason) = ("nobody".to_owned(), "a sweep".to_owned());
    Act { kind, by, reason, at: Instant::UNIX_EPOCH, correlation: 0 }
}

fn open(medium: &PowerMedium) -> Result<RedbStore, String> {
    RedbStore::open(&path(PATH), options(medium)).map_err(words)
}

impl CrashScenario {
    /// The medium before the scenario, and what its store was told so far.
    pub(super) fn prepare(self) -> Result<(PowerMedium, Log), String> {
        let medium = PowerMedium::new();
        let mut log = Log::default();
        if self == Self::Creation {
            return Ok((medium, log));
        }
        let store = open(&medium)?;
        for _ in 0..30 {
            append(&store, &mut log)?;
        }
        checkpoint(&store, &mut log)?;
        for _ in 0..4 {
            append(&store, &mut log)?;
        }
        if self == Self::Migration {
            drop(store);
            old::make_old(&medium)?;
        } else if self == Self::Recovery {
            // In the midst of the writes of the checkpoint, and what was written is torn.
            medium.cut_at(Some(12));
            let _ = checkpoint(&store, &mut log);
            drop(store);
            reboot(&medium, FATES.get(4).unwrap_or(&FATES[0]));
        } else {
            drop(store);
        }
        Ok((medium, log))
    }

    /// Does it, up to the first error.
    pub(super) fn act(self, medium: &PowerMedium, log: &mut Log) -> Result<(), String> {
        let store = open(medium)?;
        match self {
            Self::Creation | Self::Append | Self::Recovery => {
                append(&store, log)?;
                append(&store, log)?;
            }
            Self::Migration => {
                append(&store, log)?;
                checkpoint(&store, log)?;
            }
            Self::Checkpoint => {
                checkpoint(&store, log)?;
                append(&store, log)?;
                checkpoint(&store, log)?;
            }
            Self::Prune => {
                checkpoint(&store, log)?;
                store.prune().map_err(words)?;
                append(&store, log)?;
            }
            Self::Restore => restore(&store, log)?,
            Self::Compaction => {
                checkpoint(&store, log)?;
                store.prune().map_err(words)?;
                store.compact().map_err(words)?;
                append(&store, log)?;
            }
            Self::Backup => {
                log.backup = Some((false, log.acknowledged.clone()));
                store.backup(&path(BACKUP)).map_err(words)?;
                log.backup = Some((true, log.acknowledged.clone()));
                append(&store, log)?;
            }
            Self::Erase => {
                log.erased = Some(("bob", false));
                store.erase(&user("bob")?, &act(ActKind::Erase)).map_err(words)?;
                log.erased = Some(("bob", true));
            }
            Self::Close => {
                checkpoint(&store, log)?;
                log.closed = store.close().map_err(words)?;
                log.closed = false;
                let store = open(medium)?;
                append(&store, log)?;
                checkpoint(&store, log)?;
                log.closed = store.close().map_err(words)?;
            }
        }
        Ok(())
    }
}

fn restore(store: &RedbStore, log: &mut Log) -> Result<(), String> {
    let (world, ada) = (World::new()?, user("ada")?);
    let history = store.history(&ada, None, usize::MAX).map_err(words)?;
    let seconds: BTreeSet<_> = history.facts.iter().map(|recorded| recorded.fact.key()).collect();
    let last = seconds.last().ok_or("ada has no facts")?;
    store.check_and_restore(&ada, last, 10, &world.expectations()).map_err(words)?;
    checkpoint(store, log)?;
    let history = store.history(&ada, None, usize::MAX).map_err(words)?;
    let last = history.facts.last().map(|recorded| recorded.fact.key()).ok_or("ada has no facts")?;
    let pinned = store.check_and_pin(&ada, &last, &act(ActKind::Pin), &world.expectations());
    match pinned {
        Ok(_) => log.pinned = true,
        Err(RestoreError::Storage { cause: cause @ StoreError::Unknown { .. }, .. }) => {
            return Err(words(cause));
        }
        Err(error) => return Err(words(error)),
    }
    Ok(())
}
