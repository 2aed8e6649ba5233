//! Where the files are: a disk, or something that stands for one.

mod disk;
mod power;

use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::Path;

use redb::{BackendError, StorageBackend};

pub use disk::DiskMedium;
pub use power::Fate;
pub use power::PowerMedium;

/// Where files are kept.
///
/// What is written to an open file is there after a power cut once it was synced. What is done to names (placing,
/// removing) is there after a power cut once their folder was synced, and is done in order.
pub trait Medium: fmt::Debug + Send + Sync {
    /// Opens a file for reading and writing; none if there is no such file.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn open(&self, path: &Path) -> io::Result<Option<Backend>>;

    /// How many bytes a file has; none if there is no such file. It is not opened.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn size(&self, path: &Path) -> io::Result<Option<u64>>;

    /// Makes a new, empty file and opens it. A file of this name that was there is gone.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn create(&self, path: &Path) -> io::Result<Backend>;

    /// Gives a file its final name, at once, if there is no file of that name.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::AlreadyExists`], and what the medium says.
    fn place(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Takes a file away. That there is none is no error.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes what was done to the names beside this one durable.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn sync_names(&self, path: &Path) -> io::Result<()>;

    /// The text of a small file; none if there is no such file.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn read_note(&self, path: &Path) -> io::Result<Option<String>>;

    /// Writes a small file that nothing depends on.
    ///
    /// # Errors
    ///
    /// What the medium says.
    fn write_note(&self, path: &Path, text: &str) -> io::Result<()>;
}

/// An open file of a medium, as redb takes it.
#[derive(Debug)]
pub struct Backend(Box<dyn StorageBackend>);

impl Backend {
    /// Wraps a backend.
    pub fn new(backend: impl StorageBackend) -> Self {
        Self(Box::new(backend))
    }
}

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.query_lock_range(start, end)
    }
}
