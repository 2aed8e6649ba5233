//! Reading and changing the file, whatever the change is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Restored;
use super::disk::{Disk, FILE_BYTES_MAX, Found, Purpose, Version};
use super::lock::{Lock, Waiting};
use super::paths::Paths;
use super::publish::{self, Outcome};
use super::retry::Retry;
use crate::error::{ProgressError, Step, fault};
use crate::event::Event;
use crate::owner::Owner;
use crate::progress::{ChangeError, Progress};
use crate::stamp::Stamp;
use crate::time::TimeSource;

/// How often a change is made again because somebody without the lock was faster.
const OVERTAKEN_MAX: usize = 8;

/// Who is told what happens.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&Event) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// One file, the disk it is on, and what is needed from outside.
#[derive(Clone, Debug)]
pub(crate) struct Shared<D> {
    pub(crate) path: PathBuf,
    pub(crate) time: Arc<dyn TimeSource>,
    pub(crate) owner: Owner,
    pub(crate) retry: Retry,
    pub(crate) observer: Observer,
    pub(crate) disk: D,
    memory: Arc<Memory>,
}

/// What is remembered from one change to the next; nothing depends on it but speed and clearing up.
#[derive(Debug, Default)]
struct Memory {
    /// How many locks were taken.
    locks: AtomicU64,
    /// The version that was last written and synced here.
    written: Mutex<Option<Version>>,
}

impl Memory {
    fn written(&self) -> Option<Version> {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, version: Option<Version>) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = version;
    }
}

impl<D: Disk> Shared<D> {
    pub(crate) fn new(path: PathBuf, time: Arc<dyn TimeSource>, disk: D) -> Self {
        Self {
            path,
            time,
            owner: Owner::this_process(),
            retry: Retry::default(),
            observer: Observer(Arc::new(|_| ())),
            disk,
            memory: Arc::default(),
        }
    }

    /// Takes the lock, and clears up if the holder before did not come to its end.
    fn lock(&self, paths: &Paths) -> Result<Lock, ProgressError> {
        let count = self.memory.locks.fetch_add(1, Ordering::Relaxed);
        let now = self.time.now().microseconds().unsigned_abs();
        let waiting = Waiting {
            time: &*self.time,
            owner: &self.owner,
            retry: self.retry,
            seed: now ^ (u64::from(self.owner.pid) << 32) ^ count.rotate_right(16),
            observe: &*self.observer.0,
        };
        let lock = Lock::take(paths, &waiting)?;
        // A power loss may have taken the sign of it, so the first time always looks.
        if lock.was_abandoned || count == 0 {
            let files = self.disk.sweep(paths);
            if files > 0 {
                (self.observer.0)(&Event::Swept { files });
            }
        }
        Ok(lock)
    }

    fn read(&self, path: &Path, purpose: Purpose) -> Result<Option<Found>, ProgressError> {
        match self.disk.read(path, purpose) {
            Ok(found) if found.bytes.len() as u64 > FILE_BYTES_MAX => {
                Err(too_large(path, found.version.bytes))
            }
            Ok(found) => Ok(Some(found)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(fault(Step::Read, path, source)),
        }
    }

    /// Finds the file. Where there is none, not even a lock is left behind.
    fn existing(&self) -> Result<Paths, ProgressError> {
        let paths = Paths::resolve(&self.path)?;
        match self.disk.version(&paths.state) {
            Ok(_) => Ok(paths),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Err(not_found(&paths)),
            Err(source) => Err(fault(Step::Read, &paths.state, source)),
        }
    }

    pub(crate) fn load(&self) -> Result<Progress, ProgressError> {
        let paths = Paths::resolve(&self.path)?;
        let found = self.read(&paths.state, Purpose::Look)?.ok_or_else(|| not_found(&paths))?;
        parse(&paths.state, &found)
    }

    pub(crate) fn create(
        &self,
        begin: impl Fn(Stamp) -> Result<Progress, ChangeError>,
    ) -> Result<Progress, ProgressError> {
        let paths = Paths::resolve(&self.path)?;
        let _lock = self.lock(&paths)?;
        if self.read(&paths.state, Purpose::Look)?.is_some() {
            return Err(ProgressError::AlreadyExists { path: paths.state });
        }
        let progress = begin(self.time.now())?;
        let file = checked_file(&paths, &progress)?;
        let version = publish::create(&self.disk, &paths, file.as_bytes())?;
        self.memory.remember(Some(version));
        Ok(progress)
    }

    pub(crate) fn change<T>(
        &self,
        mut change: impl FnMut(&mut Progress, Stamp) -> Result<T, ChangeError>,
    ) -> Result<T, ProgressError> {
        for _ in 0..OVERTAKEN_MAX {
            let paths = self.existing()?;
            let lock = self.lock(&paths)?;
            let found = self.read(&paths.state, Purpose::Replace)?.ok_or_else(|| not_found(&paths))?;
            let mut progress = parse(&paths.state, &found)?;
            let now = self.time.now();
            let result = change(&mut progress, now)?;
            progress.touch(now);
            let file = checked_file(&paths, &progress)?;
            let known = self.memory.written();
            let outcome =
                publish::replace(&self.disk, &paths, &found, known, file.as_bytes(), || lock.is_ours())?;
            if let Outcome::Done(version) = outcome {
                self.memory.remember(Some(version));
                return Ok(result);
            }
            (self.observer.0)(&Event::Overtaken);
        }
        Err(ProgressError::Contested { path: self.path.clone() })
    }

    pub(crate) fn restore(&self) -> Result<Restored, ProgressError> {
        for _ in 0..OVERTAKEN_MAX {
            let paths = Paths::resolve(&self.path)?;
            let lock = self.lock(&paths)?;
            let backup = self.read(&paths.backup, Purpose::Look)?;
            let backup = backup.ok_or_else(|| ProgressError::NoBackup { path: paths.backup.clone() })?;
            let progress = parse(&paths.backup, &backup)?;
            // However damaged it is, it is kept; one too large to read is moved by hand.
            let present = self.read(&paths.state, Purpose::Replace)?;
            let outcome = publish::restore(&self.disk, &paths, &backup, present.as_ref(), || lock.is_ours())?;
            if let Outcome::Done(version) = outcome {
                self.memory.remember(Some(version));
                return Ok(Restored { progress, replaced: present.map(|_| paths.replaced) });
            }
            (self.observer.0)(&Event::Overtaken);
        }
        Err(ProgressError::Contested { path: self.path.clone() })
    }

    pub(crate) fn remove(&self) -> Result<(), ProgressError> {
        for _ in 0..OVERTAKEN_MAX {
            let paths = self.existing()?;
            let lock = self.lock(&paths)?;
            let found = self.read(&paths.state, Purpose::Replace)?.ok_or_else(|| not_found(&paths))?;
            let is_valid = parse(&paths.state, &found).is_ok();
            let outcome = publish::remove(&self.disk, &paths, &found, is_valid, || lock.is_ours())?;
            if let Outcome::Done(_) = outcome {
                self.memory.remember(None);
                return Ok(());
            }
            (self.observer.0)(&Event::Overtaken);
        }
        Err(ProgressError::Contested { path: self.path.clone() })
    }
}

fn parse(path: &Path, found: &Found) -> Result<Progress, ProgressError> {
    Progress::parse(&found.bytes)
        .map_err(|findings| ProgressError::Invalid { path: path.to_path_buf(), findings })
}

fn checked_file(paths: &Paths, progress: &Progress) -> Result<String, ProgressError> {
    let refused = |findings| ProgressError::Refused { path: paths.state.clone(), findings };
    let file = progress.checked_file().map_err(refused)?;
    if file.len() as u64 > FILE_BYTES_MAX {
        Err(too_large(&paths.state, file.len() as u64))
    } else {
        Ok(file)
    }
}

fn not_found(paths: &Paths) -> ProgressError {
    ProgressError::NotFound { path: paths.state.clone() }
}

fn too_large(path: &Path, bytes: u64) -> ProgressError {
    ProgressError::TooLarge { path: path.to_path_buf(), bytes, bytes_max: FILE_BYTES_MAX }
}

#[cfg(test)]
mod tests;
