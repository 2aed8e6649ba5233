//! A quick hash for tables of users. Nothing depends on it but speed; the order of a table is never used.

use std::hash::{BuildHasher, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Makes hashers for tables of names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameHash;

/// The hash of what was written so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NameHasher(u64);

impl BuildHasher for NameHash {
    type Hasher = NameHasher;

    fn build_hasher(&self) -> NameHasher {
        NameHasher::default()
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u8(&mut self, _: u8) {
        // The end of a text: the texts are told apart by their bytes.
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
