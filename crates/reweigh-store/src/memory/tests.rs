use std::path::{Path, PathBuf};

use super::*;
use crate::conformance::Bench;

struct InMemory(MemoryStore);

impl InMemory {
    fn new() -> Self {
        Self(MemoryStore::new(StoreId::from_number(1)))
    }
}

impl Bench for InMemory {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.0.clone())
    }

    fn open_backup(&self, path: &Path) -> Box<dyn Store> {
        Box::new(self.0.open_backup(path).unwrap())
    }

    fn backup_path(&self) -> PathBuf {
        PathBuf::from("backup")
    }
}

crate::promises!(InMemory::new());
