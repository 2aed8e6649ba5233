//! A store in a folder of its own.

use std::path::{Path, PathBuf};

use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_store::{Bench, Store, StoreId};

pub(crate) struct OnDisk {
    folder: tempfile::TempDir,
}

pub(crate) fn owner() -> Owner {
    Owner { pid: std::process::id(), host: "here".to_owned(), since: "now".to_owned() }
}

pub(crate) fn options() -> Options {
    Options { create: Some(StoreId::from_number(7)), cache_bytes: 4 << 20, ..Options::new(owner()) }
}

impl OnDisk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("x.redb")
    }
}

impl Bench for OnDisk {
    fn open(&self) -> Box<dyn Store> {
        Box::new(RedbStore::open(&self.path(), options()).unwrap())
    }

    fn open_backup(&self, path: &Path) -> Box<dyn Store> {
        Box::new(RedbStore::open(path, Options { create: None, ..options() }).unwrap())
    }

    fn backup_path(&self) -> PathBuf {
        self.folder.path().join("backup.redb")
    }
}
