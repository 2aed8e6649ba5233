//! Every promise of the port, on a disk that works and behind one that fails in every way.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use reweigh_redb::RedbStore;
use reweigh_store::{Bench, Faults, Faulty, Patient, Store};

use crate::bench::{OnDisk, options};

reweigh_store::promises!(OnDisk::new());

/// A store on disk that fails by a seed, another one at each opening, and a caller who knows what to do about it.
struct UnderFaults {
    disk: OnDisk,
    seed: AtomicU64,
}

impl Bench for UnderFaults {
    fn open(&self) -> Box<dyn Store> {
        let faults = Faults { busy: 100, broken: 60, unknown: 250, conflicts: 250, delays: 50 };
        let seed = self.seed.fetch_add(1_000_003, Ordering::Relaxed);
        let store = RedbStore::open(&self.disk.path(), options()).unwrap();
        Box::new(Patient::new(Faulty::new(store, seed, faults)))
    }

    fn open_backup(&self, path: &Path) -> Box<dyn Store> {
        self.disk.open_backup(path)
    }

    fn backup_path(&self) -> PathBuf {
        self.disk.backup_path()
    }
}

mod under_faults {
    use super::*;

    reweigh_store::promises!(UnderFaults { disk: OnDisk::new(), seed: AtomicU64::new(23) });
}
