//! The store on disk, as the engine asks for it: opened, opened anew after a fault, closed to one file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reweigh::{OpenFault, Stores};
use reweigh_reading::Instant;
use reweigh_redb::{OpenError, Options, Owner, RedbStore};
use reweigh_store::{Store, StoreId};

use crate::clock::Stopwatch;
use crate::config::StoreConfig;
use crate::failure::{Exit, Failure};

/// How long to wait between two looks at a store that is in use.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How a store is to be opened.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) path: PathBuf,
    /// Whether to make one if there is none.
    pub(crate) create: bool,
    /// How long to wait for somebody else to close it.
    pub(crate) wait: Duration,
    pub(crate) config: StoreConfig,
    pub(crate) now: Instant,
}

/// The one handle on the store, shared with the engine.
#[derive(Debug, Clone)]
pub(crate) struct RedbStores(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    options: Options,
    /// The handle that the engine has too. It is the last one when the engine lets go of its own.
    held: Mutex<Option<Arc<RedbStore>>>,
    /// Whether the handle has not been asked for yet.
    fresh: AtomicBool,
}

impl RedbStores {
    /// Opens the store for the first time. `waiting` is told once, if somebody else has it.
    pub(crate) fn open(opening: Opening, waiting: impl FnOnce(&OpenError)) -> Result<Self, Failure> {
        let Opening { path, create, wait, config, now } = opening;
        let mut options = Options::new(owner(now));
        options.cache_bytes = config.cache_bytes;
        options.journal_cache_bytes = config.journal_cache_bytes;
        options.versions = config.versions;
        options.patience = config.patience;
        options.create = if create { Some(fresh_id()?) } else { None };
        let store = open_or_wait(&path, &options, wait, waiting).map_err(|error| Failure::of_open(&error))?;
        // What was opened once is there; if it is not there any more, a new one would hide that.
        options.create = None;
        let held = Mutex::new(Some(Arc::new(store)));
        Ok(Self(Arc::new(Shared { path, options, held, fresh: AtomicBool::new(true) })))
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<RedbStore>>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the store, if the engine never had it.
    pub(crate) fn end(&self) -> Result<(), Failure> {
        match self.held().take().and_then(Arc::into_inner) {
            Some(store) => store.close().map(|_| ()).map_err(|error| Failure::of_store(&error)),
            None => Ok(()),
        }
    }

    /// Looks into the store before the engine has it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&RedbStore) -> T) -> Option<T> {
        self.held().as_deref().map(look)
    }
}

impl Stores for RedbStores {
    fn open(&self) -> Result<Arc<dyn Store>, OpenFault> {
        let mut held = self.held();
        if self.0.fresh.swap(false, Ordering::Relaxed)
            && let Some(store) = &*held
        {
            return Ok(Arc::clone(store) as Arc<dyn Store>);
        }
        // The old handle holds the lock of the file.
        *held = None;
        let store = Arc::new(RedbStore::open(&self.0.path, self.0.options.clone())?);
        *held = Some(Arc::clone(&store));
        Ok(store)
    }

    fn close(&self, store: Arc<dyn Store>) -> Result<(), OpenFault> {
        drop(store);
        // Another handle would mean that something still reads; then the files stay as they are, which loses nothing.
        if let Some(store) = self.held().take().and_then(Arc::into_inner) {
            store.close()?;
        }
        Ok(())
    }
}

fn open_or_wait(
    path: &Path,
    options: &Options,
    wait: Duration,
    waiting: impl FnOnce(&OpenError),
) -> Result<RedbStore, OpenError> {
    let watch = Stopwatch::start();
    let mut waiting = Some(waiting);
    loop {
        match RedbStore::open(path, options.clone()) {
            Err(error @ OpenError::InUse { .. }) if watch.elapsed() < wait => {
                if let Some(waiting) = waiting.take() {
                    waiting(&error);
                }
                let left = wait.saturating_sub(watch.elapsed());
                std::thread::park_timeout(LOOK_AGAIN.min(left));
            }
            other => return other,
        }
    }
}

/// Who we are, for others who want the store.
fn owner(now: Instant) -> Owner {
    let this = reweigh_progress::Owner::this_process();
    Owner { pid: this.pid, host: this.host, since: now.to_string() }
}

/// An id that no other store has.
fn fresh_id() -> Result<StoreId, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        let what = format!("the system gives no random numbers for the id of a new store: {error}");
        Failure::new(Exit::Unexpected, "randomness", what)
    })?;
    Ok(StoreId::from_number(u128::from_le_bytes(bytes)))
}
