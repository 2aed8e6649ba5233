//! A copy of the store, on which a dry run may do what it likes.

use std::path::PathBuf;

use reweigh_reading::Clock;
use reweigh_store::Store;
use tempfile::TempDir;

use crate::clock::ProgramClock;
use crate::command::Context;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::stores::{Opening, RedbStores};

/// A copy of the store in a folder that goes away with this value.
#[derive(Debug)]
pub(super) struct Copied(TempDir);

impl Copied {
    /// Copies the store of the command line, if there is one. Nothing of it is changed.
    pub(super) fn of(context: &Context, config: &Config, clock: ProgramClock) -> Result<Self, Failure> {
        let folder = tempfile::tempdir().map_err(|error| {
            let what =
                format!("there is no room for the copy of a dry run: {}", crate::failure::plain(&error));
            Failure::new(Exit::Unexpected, "dry_run", what)
        })?;
        let copied = Self(folder);
        if context.global.db.exists() {
            let opening = Opening {
                path: context.global.db.clone(),
                create: false,
                wait: context.global.patience(),
                config: config.store.clone(),
                now: clock.now(),
            };
            let stores = RedbStores::open(opening, |error| context.screen.note(&error.to_string()))?;
            let backed = stores.look(|store| store.backup(&copied.path()));
            let closed = stores.end();
            backed.unwrap_or(Ok(())).map_err(|error| Failure::of_store(&error))?;
            closed?;
        }
        Ok(copied)
    }

    /// Where the copy is.
    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("copy.redb")
    }
}
