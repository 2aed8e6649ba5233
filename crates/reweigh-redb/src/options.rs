//! How a store is opened.

use std::sync::Arc;
use std::time::Duration;

use reweigh_store::StoreId;

use crate::medium::{DiskMedium, Medium};
use crate::owner::Owner;

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who opens it, for others to read.
    pub owner: Owner,
    /// Makes a store of this id if there is none.
    pub create: Option<StoreId>,
    /// Memory for pages of the main file, in bytes: 128 MiB.
    pub cache_bytes: usize,
    /// Memory for pages of the journal, in bytes: 16 MiB.
    pub journal_cache_bytes: usize,
    /// How many versions of each user are kept, the settled state included: 10.
    pub versions: usize,
    /// How many versions of each user that are older than those are kept, compressed, sixteen at a time: none. Between
    /// 0 and 15 more may be there. A user has up to 15 more versions in its own row meanwhile.
    pub older_versions: usize,
    /// How long a writer waits for another: 1 s.
    pub patience: Duration,
    /// Where the files are: on this machine's disk.
    pub medium: Arc<dyn Medium>,
}

impl Options {
    /// The defaults for an owner.
    pub fn new(owner: Owner) -> Self {
        Self {
            owner,
            create: None,
            cache_bytes: 128 << 20,
            journal_cache_bytes: 16 << 20,
            versions: 10,
            older_versions: 0,
            patience: Duration::from_secs(1),
            medium: Arc::new(DiskMedium),
        }
    }
}
