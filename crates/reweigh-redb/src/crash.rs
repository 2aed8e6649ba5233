//! Power cuts at every operation of everything a store does.
//!
//! A scenario is done once for each operation of it, and the power goes out at that one. Then the store is opened on
//! what is left, for every fate that unsynced writes of the two files can have, and looked at.

mod facts;
mod look;
mod old;
mod scenario;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reweigh_store::StoreId;

use crate::medium::{Fate, PowerMedium};
use crate::options::Options;
use crate::owner::Owner;

/// Something a store does, to be cut off at every operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashScenario {
    /// A store is made.
    Creation,
    /// Facts are appended.
    Append,
    /// Facts, states and the mark are committed.
    Checkpoint,
    /// The journal is pruned.
    Prune,
    /// A base is restored and an operator restores a version.
    Restore,
    /// Both files are compacted.
    Compaction,
    /// A backup is made.
    Backup,
    /// A user is erased.
    Erase,
    /// The store is closed, and opened again.
    Close,
    /// The store recovers from a power cut in the midst of a checkpoint.
    Recovery,
    /// A store of the schema before is opened.
    Migration,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CrashSweep {
    /// Operations of the scenario that change something.
    pub operations: u64,
    /// How many of them the power went out at.
    pub cuts: u64,
    /// How many times the store was opened and looked at afterwards.
    pub reboots: u64,
}

const PATH: &str = "x.redb";
const BACKUP: &str = "backup.redb";

/// What becomes of unsynced writes: of the main file, of the journal, of names.
const FATES: [[Fate; 3]; 6] = [
    [Fate::Lost, Fate::Lost, Fate::Lost],
    [Fate::Kept, Fate::Kept, Fate::Kept],
    [Fate::Kept, Fate::Lost, Fate::Kept],
    [Fate::Lost, Fate::Kept, Fate::Kept],
    [Fate::Torn(0x9e37_79b9), Fate::Torn(0x7f4a_7c15), Fate::Torn(0xbf58_476d)],
    [Fate::Torn(0x94d0_49bb), Fate::Torn(0x1331_11eb), Fate::Lost],
];

fn options(medium: &PowerMedium) -> Options {
    let owner = Owner { pid: 1, host: "nowhere".to_owned(), since: "never".to_owned() };
    let (create, medium) = (Some(StoreId::from_number(7)), Arc::new(medium.clone()));
    Options { create, medium, cache_bytes: 1 << 20, journal_cache_bytes: 1 << 20, ..Options::new(owner) }
}

impl CrashScenario {
    /// Every scenario.
    pub const ALL: [Self; 11] = [
        Self::Creation,
        Self::Append,
        Self::Checkpoint,
        Self::Prune,
        Self::Restore,
        Self::Compaction,
        Self::Backup,
        Self::Erase,
        Self::Close,
        Self::Recovery,
        Self::Migration,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Append => "append",
            Self::Checkpoint => "checkpoint",
            Self::Prune => "prune",
            Self::Restore => "restore",
            Self::Compaction => "compaction",
            Self::Backup => "backup",
            Self::Erase => "erase",
            Self::Close => "close",
            Self::Recovery => "recovery",
            Self::Migration => "migration",
        }
    }

    /// Cuts the power at every operation, or at every so many of them, and looks at what is left.
    ///
    /// # Errors
    ///
    /// What was lost, half there or broken, and after which cut.
    pub fn sweep(self, stride: u64) -> Result<CrashSweep, String> {
        self.sweep_on(stride, false)
    }

    /// On a disk that keeps its word, or on one that does not.
    fn sweep_on(self, stride: u64, lying: bool) -> Result<CrashSweep, String> {
        let at = |what: &str, error: String| format!("{}: {what}: {error}", self.name());
        let (ready, known) = self.prepare().map_err(|error| at("before any cut", error))?;
        ready.set_lying(lying);
        let whole = ready.copy();
        whole.cut_at(None);
        let mut log = known.clone();
        self.act(&whole, &mut log).map_err(|error| at("without a cut", error))?;
        let operations = whole.operations();
        log.done = true;
        look::over(&whole, &log).map_err(|error| at("without a cut", error))?;
        let mut sweep = CrashSweep { operations, ..CrashSweep::default() };
        for cut in (0..operations).step_by(usize::try_from(stride.max(1)).unwrap_or(usize::MAX)) {
            let medium = ready.copy();
            let mut log = known.clone();
            medium.cut_at(Some(cut));
            // It fails, of course; what it was told before is in the log.
            let _ = self.act(&medium, &mut log);
            sweep.cuts += 1;
            for (number, fates) in FATES.iter().enumerate() {
                let left = medium.copy();
                reboot(&left, fates);
                look::over(&left, &log)
                    .map_err(|error| at(&format!("cut at {cut} of {operations}, fate {number}"), error))?;
                sweep.reboots += 1;
            }
        }
        Ok(sweep)
    }
}

fn reboot(medium: &PowerMedium, [main, journal, names]: &[Fate; 3]) {
    medium.reboot(&mut |path: &Path| match path.to_string_lossy() {
        path if path == "." => *names,
        path if path.contains("-journal") => *journal,
        _ => *main,
    });
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
