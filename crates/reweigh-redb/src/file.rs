//! One redb file, its transactions, and what becomes of its panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};
use reweigh_store::{Place, StoreError};

use crate::fault::{Fault, words};
use crate::gate::Gate;

/// Why a handle is of no more use. Both files of a store share one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Poison(Arc<Mutex<Option<String>>>);

impl Poison {
    fn check(&self) -> Result<(), StoreError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(because) => Err(StoreError::Poisoned { because: because.clone() }),
        }
    }

    /// The first reason stays.
    pub(crate) fn set(&self, because: &StoreError) {
        let mut poison = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if poison.is_none() {
            *poison = Some(because.to_string());
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// A database whose end may fail: closing it writes, and a damaged file can make the library give up on that.
#[derive(Debug)]
struct Held(Option<Database>);

impl Held {
    fn get(&self) -> Result<&Database, Fault> {
        self.0.as_ref().ok_or_else(|| redb::Error::DatabaseClosed.into())
    }

    fn get_mut(&mut self) -> Result<&mut Database, Fault> {
        self.0.as_mut().ok_or_else(|| redb::Error::DatabaseClosed.into())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What was acknowledged is durable; the rest of closing only makes the next opening faster.
        let database = self.0.take();
        let _ = catch_unwind(AssertUnwindSafe(|| drop(database)));
    }
}

/// One open redb file.
#[derive(Debug)]
pub(crate) struct File {
    name: &'static str,
    /// Locked for writing only while the whole file is checked or compacted.
    database: RwLock<Held>,
    gate: Gate,
    patience: Duration,
    poison: Poison,
    /// Whether every commit makes reopening instant, at the price of a second sync.
    quick: bool,
}

impl File {
    pub(crate) fn new(
        name: &'static str,
        database: Database,
        patience: Duration,
        poison: Poison,
        quick: bool,
    ) -> Self {
        Self {
            name,
            database: RwLock::new(Held(Some(database))),
            gate: Gate::default(),
            patience,
            poison,
            quick,
        }
    }

    /// Reads at one moment.
    pub(crate) fn read<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.guard(doing, || {
            let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
            work(&database.get()?.begin_read()?)
        })
    }

    /// Writes all that the work does, or nothing of it.
    pub(crate) fn write<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.poison.check()?;
        let pass = self.gate.enter(self.patience);
        let _pass = pass.ok_or(StoreError::Busy { doing, waited: self.patience })?;
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let (said, transaction) = self.guard(doing, || {
            let mut transaction = database.get()?.begin_write()?;
            transaction.set_quick_repair(self.quick);
            let said = work(&transaction)?;
            Ok((said, transaction))
        })?;
        let cause = match catch_unwind(AssertUnwindSafe(|| transaction.commit())) {
            Ok(Ok(())) => return Ok(said),
            Ok(Err(error)) => Fault::from(error).said(self.name, doing),
            Err(panic) => self.panicked(&*panic),
        };
        let unknown = StoreError::Unknown { doing, cause: Box::new(cause) };
        self.poison.set(&unknown);
        Err(unknown)
    }

    /// Works on the database alone: nobody reads or writes meanwhile.
    pub(crate) fn alone<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&mut Database) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.poison.check()?;
        let pass = self.gate.enter(self.patience);
        let _pass = pass.ok_or(StoreError::Busy { doing, waited: self.patience })?;
        self.guard(doing, || work(self.database.write().unwrap_or_else(PoisonError::into_inner).get_mut()?))
    }

    fn guard<T>(
        &self,
        doing: &'static str,
        work: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.poison.check()?;
        let fault = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(said)) => return Ok(said),
            Ok(Err(fault)) => fault,
            Err(panic) => {
                let error = self.panicked(&*panic);
                self.poison.set(&error);
                return Err(error);
            }
        };
        let breaks = fault.breaks();
        let error = fault.said(self.name, doing);
        if breaks {
            self.poison.set(&error);
        }
        Err(error)
    }

    fn panicked(&self, panic: &(dyn std::any::Any + Send)) -> StoreError {
        let detail = format!("the database library gave up on it: {}", words(panic));
        StoreError::Corrupt { place: Place::of(self.name), detail }
    }
}
