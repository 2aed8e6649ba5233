//! The one handle on the store: opened, tried again, and opened anew when it is of no more use.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use reweigh_store::{Remedy, Store, StoreError};

use crate::drive::Drive;
use crate::settings::CheckedSettings;

/// Why a store could not be opened.
pub type OpenFault = Box<dyn Error + Send + Sync>;

/// Opens the store, the first time and whenever a fault made the handle useless.
///
/// Any function that gives a store is one.
pub trait Stores: Send + Sync {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// Why not. The engine tries again later, as its settings say.
    fn open(&self) -> Result<Arc<dyn Store>, OpenFault>;

    /// Closes the store; the handle is the last one the engine has.
    ///
    /// # Errors
    ///
    /// Why not. What was acknowledged is there when it is opened again.
    fn close(&self, store: Arc<dyn Store>) -> Result<(), OpenFault> {
        drop(store);
        Ok(())
    }

    /// Gives back the room that was freed in the store's files. Nobody else uses the handle meanwhile.
    ///
    /// # Errors
    ///
    /// Why not; unless it says otherwise, that this store cannot.
    fn compact(&self, store: &Arc<dyn Store>) -> Result<(), OpenFault> {
        Err(format!("the store {} cannot be compacted; copy it by a backup instead", store.id()).into())
    }
}

impl<F> Stores for F
where
    F: Fn() -> Result<Arc<dyn Store>, OpenFault> + Send + Sync,
{
    fn open(&self) -> Result<Arc<dyn Store>, OpenFault> {
        self()
    }
}

/// One try that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it failed with: the stable code.
    pub code: &'static str,
    /// The same in words.
    pub error: String,
    /// How long was waited after it.
    pub waited: Duration,
}

/// The store failed, and trying again did not help.
#[derive(Debug, thiserror::Error)]
#[error("the store failed {} times in a row: {last}", attempts.len())]
pub struct StoreFailure {
    /// Every try, in order.
    pub attempts: Vec<Attempt>,
    /// What the last one failed with.
    #[source]
    pub last: StoreError,
}

/// The handle on the store.
pub(crate) struct Keeper {
    stores: Arc<dyn Stores>,
    slot: RwLock<Slot>,
    drive: Drive,
    attempts: usize,
    backoff: Duration,
    seed: AtomicU64,
    retries: AtomicU64,
    reopened: AtomicU64,
}

struct Slot {
    store: Option<Arc<dyn Store>>,
    generation: u64,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("reopened", &self.reopened).finish_non_exhaustive()
    }
}

impl Keeper {
    /// Opens the store.
    pub(crate) fn open(
        stores: Arc<dyn Stores>,
        settings: &CheckedSettings,
        drive: Drive,
        seed: u64,
    ) -> Result<Self, OpenFault> {
        let store = stores.open()?;
        Ok(Self {
            stores,
            slot: RwLock::new(Slot { store: Some(store), generation: 0 }),
            drive,
            attempts: settings.get().attempts,
            backoff: settings.backoff(),
            seed: AtomicU64::new(seed),
            retries: AtomicU64::new(0),
            reopened: AtomicU64::new(0),
        })
    }

    /// How often a call was tried again, and the store opened anew.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.retries.load(Ordering::Relaxed), self.reopened.load(Ordering::Relaxed))
    }

    /// Asks the store something, as often as the settings allow.
    ///
    /// # Errors
    ///
    /// Every try, and what the last one failed with. After an unknown outcome the store was opened anew and the call
    /// was not tried again: whoever called looks what became of it.
    pub(crate) fn call<T>(
        &self,
        mut ask: impl FnMut(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreFailure> {
        let mut attempts = Vec::new();
        let mut waits = None;
        loop {
            let (error, generation) = match self.once(&mut ask) {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let remedy = error.remedy();
            if remedy == Remedy::Reopen {
                self.reopen(generation);
            }
            let again = matches!(remedy, Remedy::Retry | Remedy::Reopen)
                && !matches!(error, StoreError::Unknown { .. })
                && attempts.len() + 1 < self.attempts;
            let wait = if again {
                let next = self.seed.fetch_add(1, Ordering::Relaxed);
                let backoff =
                    || ExponentialBuilder::new().with_min_delay(self.backoff).with_max_times(self.attempts);
                waits.get_or_insert_with(|| backoff().with_jitter().with_jitter_seed(next).build()).next()
            } else {
                None
            };
            let waited = wait.unwrap_or_default();
            attempts.push(Attempt { code: error.code(), error: error.to_string(), waited });
            if wait.is_none() {
                return Err(StoreFailure { attempts, last: error });
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(code = error.code(), ?waited, "the store failed, and is asked again");
            self.drive.pause(waited);
        }
    }

    /// Asks the store something once: what fails is for the caller to look at.
    ///
    /// # Errors
    ///
    /// What it failed with.
    pub(crate) fn call_once<T>(
        &self,
        mut ask: impl FnMut(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreFailure> {
        self.once(&mut ask).map_err(|(error, generation)| {
            if matches!(error, StoreError::Unknown { .. } | StoreError::Poisoned { .. }) {
                self.reopen(generation);
            }
            let waited = Duration::ZERO;
            let attempts = vec![Attempt { code: error.code(), error: error.to_string(), waited }];
            StoreFailure { attempts, last: error }
        })
    }

    /// Gives back the room that was freed, while nobody else asks.
    pub(crate) fn compact(&self, stores: &dyn Stores) -> Result<(), OpenFault> {
        let slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        slot.store
            .as_ref()
            .map_or_else(|| Err("it could not be opened".into()), |store| stores.compact(store))
    }

    fn once<T>(
        &self,
        ask: &mut impl FnMut(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, (StoreError, u64)> {
        let slot = self.slot.read().unwrap_or_else(PoisonError::into_inner);
        let generation = slot.generation;
        match &slot.store {
            Some(store) => ask(store.as_ref()).map_err(|error| (error, generation)),
            None => Err((StoreError::Poisoned { because: "it could not be opened".to_owned() }, generation)),
        }
    }

    /// Lets the handle go and takes a new one, unless somebody else did so meanwhile.
    fn reopen(&self, generation: u64) {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        if slot.generation != generation {
            return;
        }
        slot.generation += 1;
        slot.store = None;
        self.reopened.fetch_add(1, Ordering::Relaxed);
        match self.stores.open() {
            Ok(store) => slot.store = Some(store),
            Err(error) => tracing::error!(%error, "the store could not be opened again"),
        }
    }

    /// Lets the handle go for good.
    pub(crate) fn close(&self, stores: &dyn Stores) -> Result<(), OpenFault> {
        let mut slot = self.slot.write().unwrap_or_else(PoisonError::into_inner);
        slot.store.take().map_or(Ok(()), |store| stores.close(store))
    }
}
