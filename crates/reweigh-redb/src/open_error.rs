//! Why a store cannot be opened.

use std::io;
use std::path::PathBuf;

use reweigh_store::{Remedy, StoreError};

use crate::owner::Owner;

/// Why a store cannot be opened. Nothing was changed, unless the text says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another handle of this one, has it open.
    #[error("{} is in use{}; close it there first", path.display(), by(owner.as_ref()))]
    InUse {
        /// The store.
        path: PathBuf,
        /// Who has it, as far as they said so.
        owner: Option<Owner>,
    },
    /// There is no such file, and none was to be made.
    #[error("there is no store at {}; make one, or name another path", path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// There is no folder to make it in.
    #[error("the folder of {} does not exist; make it first", path.display())]
    MissingFolder {
        /// Where.
        path: PathBuf,
    },
    /// The file or its folder may not be read.
    #[error("{} may not be opened; see its owner and mode, and those of its folder", path.display())]
    Permission {
        /// What.
        path: PathBuf,
        /// What the medium said.
        #[source]
        cause: io::Error,
    },
    /// The file or its folder may only be read.
    #[error("{} can only be read; a store is always opened for writing, so copy it or change its mode", path.display())]
    ReadOnly {
        /// What.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full; make room and open {} again", path.display())]
    Full {
        /// The store.
        path: PathBuf,
    },
    /// The file is not a redb database.
    #[error("{} is no database; name the store's own file", path.display())]
    NotADatabase {
        /// What.
        path: PathBuf,
    },
    /// The file is a redb database of another program.
    #[error("{} is a database of another program; name the store's own file", path.display())]
    AnotherProgram {
        /// What.
        path: PathBuf,
    },
    /// The store is of a later program.
    #[error("{} has schema {found}, this program knows up to {known}; use a later program", path.display())]
    Newer {
        /// What.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The latest this program knows.
        known: u32,
    },
    /// The store is of an earlier program, and there is no way from there.
    #[error("{} has schema {found}, which this program cannot bring to {known}; export it with its own program", path.display())]
    Older {
        /// What.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The one it would have to have.
        known: u32,
    },
    /// The store was not closed, and its journal is not beside it: facts that were acknowledged may be in there.
    #[error("{} is missing; put it back beside the store, or restore a backup", path.display())]
    JournalMissing {
        /// The journal.
        path: PathBuf,
    },
    /// There is a journal and no store: facts that were acknowledged may be in there.
    #[error("{} is a journal without its store; put the store back, or move the journal away", path.display())]
    JournalAlone {
        /// The journal.
        path: PathBuf,
    },
    /// The journal is an older or newer one of the same store.
    #[error("{} is not the journal that the store was last open with: {detail}; put that one back, or restore a backup",
        path.display())]
    JournalStale {
        /// The journal.
        path: PathBuf,
        /// What shows it.
        detail: String,
    },
    /// The journal is of another store.
    #[error("{} is the journal of another store; move it away and put this store's own back", path.display())]
    JournalOfAnother {
        /// The journal.
        path: PathBuf,
    },
    /// What is there is damaged, or the medium failed.
    #[error("{} cannot be opened", path.display())]
    Store {
        /// What.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: StoreError,
    },
}

fn by(owner: Option<&Owner>) -> String {
    owner.map(|owner| format!(" by {owner}")).unwrap_or_default()
}

impl OpenError {
    /// A word for logs and JSON, for ever the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "open_in_use",
            Self::Missing { .. } => "open_missing",
            Self::MissingFolder { .. } => "open_missing_folder",
            Self::Permission { .. } => "open_permission",
            Self::ReadOnly { .. } => "open_read_only",
            Self::Full { .. } => "open_full",
            Self::NotADatabase { .. } => "open_not_a_database",
            Self::AnotherProgram { .. } => "open_another_program",
            Self::Newer { .. } => "open_newer",
            Self::Older { .. } => "open_older",
            Self::JournalMissing { .. } => "open_journal_missing",
            Self::JournalAlone { .. } => "open_journal_alone",
            Self::JournalStale { .. } => "open_journal_stale",
            Self::JournalOfAnother { .. } => "open_journal_of_another",
            Self::Store { cause, .. } => cause.code(),
        }
    }

    /// What the caller can do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::InUse { .. } => Remedy::Retry,
            Self::Missing { .. }
            | Self::MissingFolder { .. }
            | Self::NotADatabase { .. }
            | Self::AnotherProgram { .. } => Remedy::FixInput,
            Self::JournalMissing { .. } | Self::JournalStale { .. } => Remedy::Restore,
            Self::Permission { .. }
            | Self::ReadOnly { .. }
            | Self::Full { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::JournalAlone { .. }
            | Self::JournalOfAnother { .. } => Remedy::Stop,
            Self::Store { cause, .. } => cause.remedy(),
        }
    }
}
