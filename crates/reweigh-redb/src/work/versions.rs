//! Where earlier versions go: into the head, into the archive, away.

use redb::{ReadableTable, ReadableTableMetadata};

use super::Work;
use crate::archive::{BLOCK, archive_key, archive_row};
use crate::blob::Blob;
use crate::bytes::Reader;
use crate::fault::Fault;
use crate::head::take_version;
use crate::tables::{user_end, user_prefix};

/// How many versions of a user are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// As they are, the settled state included.
    pub(crate) plain: usize,
    /// Older ones, compressed.
    pub(crate) older: usize,
}

impl Work<'_, '_> {
    /// Makes the settled state an earlier version, and moves or prunes those that are too many for the head.
    pub(super) fn push_version(&mut self, policy: Policy) -> Result<(), Fault> {
        self.head.push_version();
        let plain = policy.plain.saturating_sub(1);
        let earlier = self.head.earlier();
        if policy.older == 0 {
            let kept = earlier.get(..plain).map(<[_]>::concat);
            self.keep_earlier(kept);
            return self.prune_archive(0);
        }
        let Some(block) = earlier.get(plain..).filter(|rest| rest.len() >= BLOCK) else { return Ok(()) };
        // Almost always one: there are more after a setting was changed.
        let rows: Vec<(Vec<u8>, Vec<u8>)> = block
            .chunks(BLOCK)
            .filter_map(|block| {
                let newest = take_version(&mut Reader::new(block.first()?)).ok()?;
                let key = archive_key(self.user, newest.number);
                let row = archive_row(&key, block);
                Some((key, row))
            })
            .collect();
        let kept = earlier.get(..plain).map(<[_]>::concat);
        self.keep_earlier(kept);
        for (key, row) in rows {
            self.tables.archive.insert(key.as_slice(), row.as_slice())?;
        }
        self.prune_archive(policy.older.div_ceil(BLOCK))
    }

    fn keep_earlier(&mut self, kept: Option<Vec<u8>>) {
        if let Some(kept) = kept {
            self.head.versions = Blob::owned(kept);
        }
    }

    /// Lets go of all rows of the archive but the newest.
    fn prune_archive(&mut self, kept: usize) -> Result<(), Fault> {
        if self.tables.archive.is_empty()? {
            return Ok(());
        }
        let (first, end) = (user_prefix(self.user), user_end(self.user));
        let mut old = Vec::new();
        for row in self.tables.archive.range::<&[u8]>(first.as_slice()..end.as_slice())?.rev().skip(kept) {
            old.push(row?.0.value().to_vec());
        }
        for key in old {
            self.tables.archive.remove(key.as_slice())?;
        }
        Ok(())
    }
}
