//! A store that is open, with an engine on it, for as long as one command takes.

use std::path::PathBuf;

use reweigh::Engine;
use reweigh_judge::fingerprint;
use reweigh_reading::Clock;
use reweigh_redb::RedbStore;
use reweigh_state::CheckedPolicy;
use reweigh_store::{Act, ActKind, AuditEntry, AuditQuery, Store, StoreError};
use serde_json::Value;
use toml::Table;

use crate::clock::ProgramClock;
use crate::command::Context;
use crate::config::{Config, Override, flat};
use crate::failure::{Exit, Failure};
use crate::stores::{Opening, RedbStores};

/// What a command wants of a store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Whether to make one if there is none.
    pub(crate) create: bool,
    /// Another place than `--db`.
    pub(crate) path: Option<PathBuf>,
    /// What options of the command say about the configuration.
    pub(crate) options: Vec<Override>,
    /// Another clock than the machine's.
    pub(crate) clock: ProgramClock,
    /// Whether users that are settled under another policy are folded anew, and the store goes over to this one.
    pub(crate) refold: bool,
}

/// A store that is open, with an engine on it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) config: Config,
    pub(crate) clock: ProgramClock,
    stores: RedbStores,
}

/// Who writes what the program itself writes down.
const BY: &str = "reweigh";
/// How the note of a policy begins.
const POLICY_NOTE: &str = "policy ";

impl Session {
    /// Settles what waits and brings it into the main file, so that what is read there is all there is.
    pub(crate) fn settle(&self) -> Result<(), Failure> {
        self.engine.settle()?;
        Ok(self.engine.checkpoint()?)
    }

    /// Opens the configuration, the store, and the engine on it.
    pub(crate) fn open(context: &Context, wanted: Wanted) -> Result<Self, Failure> {
        let config = Config::load(context.global.config.as_deref(), &wanted.options)?;
        Self::open_with(context, wanted, config)
    }

    /// The same, with a configuration that was read already.
    pub(crate) fn open_with(context: &Context, wanted: Wanted, config: Config) -> Result<Self, Failure> {
        let Wanted { create, path, options: _, clock, refold } = wanted;
        let opening = Opening {
            path: path.unwrap_or_else(|| context.global.db.clone()),
            create,
            wait: context.global.patience(),
            config: config.store.clone(),
            now: clock.now(),
        };
        let name = opening.path.display().to_string();
        let stores = RedbStores::open(opening, |error| {
            context.screen.note(&format!("{error}; waiting up to {} s for that", context.global.wait));
        })?;
        hold_to_policy(&stores, &name, &config.policy, clock, refold)?;
        let engine = Engine::open(stores.clone(), config.policy.clone(), config.settings.clone(), clock)?;
        Ok(Self { engine, config, clock, stores })
    }

    /// Opens, works, and closes, whatever came of the work.
    pub(crate) fn with<T>(
        context: &Context,
        wanted: Wanted,
        work: impl FnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let session = Self::open(context, wanted)?;
        let done = work(&session);
        let closed = session.close();
        let done = done?;
        closed?;
        Ok(done)
    }

    /// Looks into the store beside the engine.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&RedbStore) -> Result<T, StoreError>,
    ) -> Result<T, Failure> {
        let closed = || {
            Failure::new(Exit::Store, "store_poisoned", "the store was closed by an earlier fault; try again")
        };
        self.stores.look(look).ok_or_else(closed)?.map_err(|error| Failure::of_store(&error))
    }

    /// Settles what waits, brings everything into the main file, and closes both.
    pub(crate) fn close(self) -> Result<(), Failure> {
        Ok(self.engine.close()?)
    }
}

/// A store is settled under one policy. A new one takes the one it is given, and writes it down so that a later change
/// can be named key by key.
fn hold_to_policy(
    stores: &RedbStores,
    name: &str,
    policy: &CheckedPolicy,
    clock: ProgramClock,
    refold: bool,
) -> Result<(), Failure> {
    let given = fingerprint(policy);
    let checked = stores.look(|store| -> Result<Option<Failure>, StoreError> {
        let mut settings = store.settings()?;
        match settings.current {
            Some(found) if found == given => Ok(None),
            Some(_) if !refold => {
                let users = store.stats()?.users;
                Ok(Some(other_policy(name, &written_policy(store)?, policy, users)))
            }
            Some(_) | None => {
                settings.current = Some(given);
                let reason = format!("{POLICY_NOTE}{}", Value::Object(keys(policy)));
                let at = clock.now();
                let act = Act { kind: ActKind::Settings, by: BY.to_owned(), reason, at, correlation: 0 };
                store.set(&settings, &act)?;
                Ok(None)
            }
        }
    });
    match checked {
        Some(Ok(Some(failure))) => Err(failure),
        Some(Err(error)) => Err(Failure::of_store(&error)),
        Some(Ok(None)) | None => Ok(()),
    }
}

/// Every key of a policy and its value.
fn keys(policy: &CheckedPolicy) -> serde_json::Map<String, Value> {
    let table = Table::try_from(policy.policy()).unwrap_or_default();
    let json = |value| serde_json::to_value(value).unwrap_or(Value::Null);
    flat(&table).into_iter().map(|(key, value)| (format!("policy.{key}"), json(value))).collect()
}

/// The policy that was written down last, if it still is.
fn written_policy(store: &RedbStore) -> Result<serde_json::Map<String, Value>, StoreError> {
    let mut found = serde_json::Map::new();
    let mut query = AuditQuery::default();
    loop {
        let rows = store.audit(&query, 1_000)?;
        let Some(last) = rows.last() else { return Ok(found) };
        query.after = last.number;
        for row in &rows {
            if let AuditEntry::Act(act) = &row.entry
                && act.kind == ActKind::Settings
                && let Some(note) = act.reason.strip_prefix(POLICY_NOTE)
                && let Ok(Value::Object(policy)) = serde_json::from_str(note)
            {
                found = policy;
            }
        }
    }
}

/// How many keys that differ are named.
const NAMED: usize = 5;

fn other_policy(
    name: &str,
    written: &serde_json::Map<String, Value>,
    policy: &CheckedPolicy,
    users: u64,
) -> Failure {
    let given = keys(policy);
    let mut differ = Vec::new();
    let all: std::collections::BTreeSet<&String> = written.keys().chain(given.keys()).collect();
    for key in all.into_iter().filter(|key| written.get(*key) != given.get(*key)) {
        let said = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        differ.push(format!("{key} is {} there and {} here", said(written.get(key)), said(given.get(key))));
    }
    let what = match (written.is_empty(), differ.as_slice()) {
        (true, _) => "which keys differ is not written down any more".to_owned(),
        (false, []) => "the same keys, by another version of the program".to_owned(),
        (false, named) if named.len() <= NAMED => named.join(", "),
        (false, many) => {
            let first = many.get(..NAMED).unwrap_or_default().join(", ");
            format!("{first}, and {} more", many.len() - NAMED)
        }
    };
    let message = format!(
        "{name} is settled under another policy ({what}) for {users} users; \
         take that policy back, move them with `reweigh backfill`, or fold them all now with `reweigh run --refold`"
    );
    Failure::new(Exit::Usage, "engine_other_policy", message)
}
