//! What redb says, as what the port says.

use std::any::Any;
use std::io;

use reweigh_store::{Place, StoreError};

use crate::row::BadRow;

/// What can stop work inside a transaction.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The library or the medium.
    Redb(redb::Error),
    /// Something that leaves the transaction and the handle as they are: a row, or what was handed in.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<redb::Error> for Fault {
    fn from(error: redb::Error) -> Self {
        Self::Redb(error)
    }
}

macro_rules! from_redb {
    ($($error:ty),+) => {
        $(impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Redb(error.into())
            }
        })+
    };
}

from_redb!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::CompactionError,
    redb::DatabaseError,
    redb::SetDurabilityError
);

impl Fault {
    /// A row that cannot be written: a fault of this crate, not of the file.
    pub(crate) fn unwritten(bad: BadRow) -> Self {
        Self::Store(StoreError::Corrupt { place: Place::of("a row to be written"), detail: bad.0 })
    }

    /// Whether the library will refuse the handle from now on, or should not be trusted with it.
    pub(crate) fn breaks(&self) -> bool {
        matches!(self, Self::Redb(error) if !matches!(error, redb::Error::Corrupted(_)))
    }

    /// As the port says it.
    pub(crate) fn said(self, file: &'static str, doing: &'static str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Redb(error) => from_error(error, file, doing),
        }
    }
}

fn from_error(error: redb::Error, file: &'static str, doing: &'static str) -> StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "whatever else the library says of its file, it is corrupt"
    )]
    match error {
        redb::Error::Io(cause) => from_io(cause, doing),
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => {
            StoreError::Poisoned { because: format!("an earlier fault of {file}") }
        }
        redb::Error::ValueTooLarge(bytes) => StoreError::TooLarge { what: "a row", bytes, most: 3 << 30 },
        error => StoreError::Corrupt { place: Place::of(file), detail: error.to_string() },
    }
}

/// What a medium says.
pub(crate) fn from_io(cause: io::Error, doing: &'static str) -> StoreError {
    use io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no error of their own")]
    match cause.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => StoreError::Full { doing },
        ReadOnlyFilesystem | PermissionDenied => StoreError::ReadOnly { doing },
        _ => StoreError::Io { doing, cause },
    }
}

/// What a panic said.
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}
