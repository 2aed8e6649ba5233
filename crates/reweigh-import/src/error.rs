//! Why a whole file cannot be read.

use std::io;

use reweigh_reading::{Excerpt, UnitError};

use crate::column::Key;
use crate::settings::Format;

/// Why a file, not a row of it, cannot be read.
///
/// What was given out before stays good: facts of earlier batches are facts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Two columns fit one key.
    #[error("columns {first} and {second} both fit {key}; say which with --map {key}=COLUMN")]
    TwoColumns {
        /// The key.
        key: Key,
        /// The one column.
        first: Excerpt,
        /// The other.
        second: Excerpt,
    },
    /// No column fits a key that is needed.
    #[error("no column fits {key} in the first line {first_line}; name it with --map {key}=COLUMN")]
    NoColumn {
        /// The key.
        key: Key,
        /// How the file begins.
        first_line: Excerpt,
    },
    /// The caller named a column that is not there.
    #[error("there is no column {column} for {key}; --map needs a name from the first line")]
    NoSuchColumn {
        /// The key.
        key: Key,
        /// The column.
        column: Excerpt,
    },
    /// A header names a unit that must not be passed over.
    #[error("column {column} has a unit that cannot be taken as it is")]
    HeaderUnit {
        /// The column.
        column: Excerpt,
        /// Why not.
        source: UnitError,
    },
    /// The file does not say whose readings it holds.
    #[error("the file does not say whose readings it holds; name the user with --user NAME")]
    NeedsUser,
    /// There is nothing in it, or nothing but a header.
    #[error("the file has no rows")]
    Empty,
    /// It has rows, and none of them could be taken.
    #[error("nothing in it is usable: {rejected} rows refused, {skipped} skipped{}", first_reason(first.as_deref()))]
    NothingUsable {
        /// How many rows were refused.
        rejected: u64,
        /// How many rows were passed over because they say nothing about weights.
        skipped: u64,
        /// Why the first of them was refused.
        first: Option<Box<str>>,
    },
    /// It is of no known format.
    #[error("the content is of no known format; give the right file, or its format with --format")]
    UnknownFormat,
    /// It is not of the format that was asked for.
    #[error("the content is not of format {format}; leave --format away to let the content tell")]
    NotThisFormat {
        /// The format that was asked for.
        format: Format,
    },
    /// It is text of 16 or 32 bits per character.
    #[error("the file is UTF-16 or UTF-32; save it as UTF-8")]
    WideText,
    /// It is an archive, and it comes from where one cannot go back.
    #[error("a zip archive cannot be read from a stream; give the file, or unpack it first")]
    ArchiveInStream,
    /// It is an archive without anything that is read.
    #[error(
        "the zip archive holds no export of Apple Health, Withings or Fitbit and no single table; unpack it first"
    )]
    ArchiveWithout,
    /// It is a damaged archive, or one of a kind that is not read.
    #[error("the zip archive cannot be read: {what}; get a new copy of it, or unpack it first")]
    Archive {
        /// What is wrong.
        what: String,
    },
    /// Reading failed, or what was read does not decompress.
    #[error("reading failed; what came before is kept: get a whole copy and run it again")]
    Read {
        /// Why.
        #[source]
        source: io::Error,
    },
}

fn first_reason(first: Option<&str>) -> String {
    first.map(|first| format!("; the first because {first}")).unwrap_or_default()
}

/// What an [`ImportError`] asks of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImportErrorKind {
    /// To say something about the file, or to say it otherwise.
    Usage,
    /// To give another file: this one has nothing that can be used.
    Unusable,
    /// To look after the medium or get a whole copy.
    Medium,
}

impl ImportError {
    /// What it asks of the caller.
    pub fn kind(&self) -> ImportErrorKind {
        match self {
            Self::TwoColumns { .. }
            | Self::NoSuchColumn { .. }
            | Self::HeaderUnit { .. }
            | Self::NeedsUser
            | Self::NotThisFormat { .. }
            | Self::ArchiveInStream => ImportErrorKind::Usage,
            Self::NoColumn { .. }
            | Self::Empty
            | Self::NothingUsable { .. }
            | Self::UnknownFormat
            | Self::WideText
            | Self::ArchiveWithout => ImportErrorKind::Unusable,
            Self::Archive { .. } | Self::Read { .. } => ImportErrorKind::Medium,
        }
    }

    /// A name for the reason that never changes, for JSON and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TwoColumns { .. } => "file_two_columns",
            Self::NoColumn { .. } => "file_no_column",
            Self::NoSuchColumn { .. } => "file_no_such_column",
            Self::HeaderUnit { .. } => "file_header_unit",
            Self::NeedsUser => "file_needs_user",
            Self::Empty => "file_empty",
            Self::NothingUsable { .. } => "file_nothing_usable",
            Self::UnknownFormat => "file_unknown_format",
            Self::NotThisFormat { .. } => "file_not_this_format",
            Self::WideText => "file_wide_text",
            Self::ArchiveInStream => "file_archive_in_stream",
            Self::ArchiveWithout => "file_archive_without",
            Self::Archive { .. } => "file_archive",
            Self::Read { .. } => "file_read",
        }
    }
}

impl From<io::Error> for ImportError {
    fn from(source: io::Error) -> Self {
        Self::Read { source }
    }
}
