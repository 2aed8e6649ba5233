//! What can go wrong with the file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::finding::Findings;
use crate::owner::Holder;
use crate::progress::ChangeError;

/// Why a [`Manager`](crate::Manager) could not do it.
///
/// Unless a variant says otherwise, the file and its backup are as they were.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProgressError {
    /// There is no such file.
    #[error("there is no progress file {}: initialize one, or restore its backup", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// There is such a file already.
    #[error("the progress file {} exists: go on with it, or clear it first", path.display())]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// The folder for it is missing.
    #[error("there is no folder {}: make it first", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// It is a folder, a pipe or a device.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// What it is called.
        path: PathBuf,
    },
    /// It is larger than any progress file.
    #[error("{} has {bytes} bytes, and a progress file has at most {bytes_max}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many it has, or would have.
        bytes: u64,
        /// How many it may have.
        bytes_max: u64,
    },
    /// It can't be read as a progress file.
    #[error("{} is damaged: {}; mend it, or restore the backup", path.display(), first_few(findings))]
    Invalid {
        /// The file, or its backup.
        path: PathBuf,
        /// All that is wrong, by line.
        findings: Findings,
    },
    /// What was to be written would not read back. Nothing was written.
    #[error("the change would damage {}: {}", path.display(), first_few(findings))]
    Refused {
        /// The file.
        path: PathBuf,
        /// All that would be wrong, by line.
        findings: Findings,
    },
    /// The change does not apply to what the file says.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Somebody else holds the lock.
    #[error(
        "{} is in use by {}{}; try again when they are done \
         (the lock ends with its holder by itself: nothing has to be deleted)",
        path.display(),
        holder_text(holder.as_ref()),
        waited_text(*retries, *waited)
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// Who holds it, as they say themselves.
        holder: Option<Holder>,
        /// How often it was tried again.
        retries: u32,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Somebody who does not use the lock wrote the file again and again while the change was made.
    #[error("{} is being changed by a program that does not use its lock: try again", path.display())]
    Contested {
        /// The file.
        path: PathBuf,
    },
    /// The lock's name is taken by a file that is not a lock.
    #[error("{} is not the lock it should be: move that file away", path.display())]
    NotALock {
        /// The lock.
        path: PathBuf,
    },
    /// There is no backup to restore.
    #[error("there is no backup {}", path.display())]
    NoBackup {
        /// The backup.
        path: PathBuf,
    },
    /// The folder or the whole file system is read-only.
    #[error("could not {step} {}: the file system is read-only", path.display())]
    ReadOnly {
        /// What was under way.
        step: Step,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// This user may not.
    #[error("could not {step} {}: permission denied; ask its owner, or run as them", path.display())]
    Denied {
        /// What was under way.
        step: Step,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No room, or over the quota.
    #[error("could not {step} {}: the disk is full; make room and try again", path.display())]
    Full {
        /// What was under way.
        step: Step,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other fault of the file system.
    #[error("could not {step} {}", path.display())]
    Io {
        /// What was under way.
        step: Step,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The change is in the file, but the system could not say that it would survive a power loss.
    #[error("{} is written, but may not survive a power loss: check the disk, then load it again", path.display())]
    Unsynced {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}

fn waited_text(retries: u32, waited: Duration) -> String {
    if retries == 0 { String::new() } else { format!(" (waited {:.1} s for it)", waited.as_secs_f64()) }
}

/// The first findings, and how many more there are: an error is one line.
fn first_few(findings: &Findings) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<_> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
    match findings.total().saturating_sub(SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more", shown.join("; ")),
    }
}

/// What was under way when the file system failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Finding the file behind its name.
    Resolve,
    /// Taking the lock.
    Lock,
    /// Reading the file.
    Read,
    /// Writing the new file beside the old one.
    Write,
    /// Making the new file durable.
    Sync,
    /// Making the old file the backup.
    Backup,
    /// Putting the new file in the place of the old one.
    Replace,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "find",
            Self::Lock => "lock",
            Self::Read => "read",
            Self::Write => "write beside",
            Self::Sync => "sync the new",
            Self::Backup => "back up to",
            Self::Replace => "replace",
        })
    }
}

/// Names a fault by what the caller can do about it.
pub(crate) fn fault(step: Step, path: &Path, source: io::Error) -> ProgressError {
    let path = path.to_path_buf();
    let kind = source.kind();
    if kind == io::ErrorKind::ReadOnlyFilesystem {
        ProgressError::ReadOnly { step, path, source }
    } else if kind == io::ErrorKind::PermissionDenied {
        ProgressError::Denied { step, path, source }
    } else if matches!(
        kind,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    ) {
        ProgressError::Full { step, path, source }
    } else {
        ProgressError::Io { step, path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owner::Owner;

    /// Proves S2, G2.
    #[test]
    fn a_blocked_caller_is_told_who_and_never_to_delete() {
        let owner = Owner { pid: 4711, host: "north".to_owned() };
        let since = "2026-03-01T10:00:00Z".parse().unwrap();
        let busy = |holder| ProgressError::Busy {
            path: "STATE.md".into(),
            holder,
            retries: 3,
            waited: Duration::from_millis(3_500),
        };
        assert_eq!(
            busy(Some(Holder { owner, since })).to_string(),
            "STATE.md is in use by pid 4711 on north since 2026-03-01T10:00:00Z (waited 3.5 s for it); try again \
             when they are done (the lock ends with its holder by itself: nothing has to be deleted)"
        );
        assert!(busy(None).to_string().contains("in use by another process"));
    }
}
