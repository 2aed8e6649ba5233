//! Which of the states along the way are kept.

use redb::ReadableTable;
use reweigh_reading::OrderKey;
use reweigh_state::{Checked, UserState};

use super::Work;
use crate::blob::Blob;
use crate::fault::Fault;
use crate::head::SnapshotV1;
use crate::page::{StoryV1, story_of, story_row};
use crate::tables::{page_key, sortable};

impl Work<'_, '_> {
    /// Keeps, for each page, the last state before it.
    pub(super) fn place_snapshots(&mut self, offered: &[Checked<UserState>]) -> Result<(), Fault> {
        let key = |state: &Checked<UserState>| state.key.as_ref().map(sortable);
        let mut offered: Vec<(Vec<u8>, &Checked<UserState>)> =
            offered.iter().filter_map(|state| Some((key(state)?, state))).collect();
        offered.sort_by(|(a, _), (b, _)| a.cmp(b));
        let (Some((first, _)), Some(open)) = (offered.first(), self.head.bound.clone()) else {
            return Ok(());
        };
        let mut bounds = self.bounds_from(first)?;
        bounds.push(open.clone());
        let mut from: Option<Vec<u8>> = None;
        for bound in bounds {
            let before = offered.partition_point(|(key, _)| *key < bound);
            let last = before.checked_sub(1).and_then(|last| offered.get(last));
            // One that lies before the page before is that page's own.
            if let Some((key, state)) = last
                && from.as_ref().is_none_or(|from| key >= from)
            {
                self.keep(&bound, bound == open, key, state);
            }
            from = Some(bound);
        }
        Ok(())
    }

    fn keep(&mut self, bound: &[u8], open: bool, key: &[u8], state: &Checked<UserState>) {
        let (made, state) = (self.head.state_number, Blob::owned(state.encode()));
        let snapshot = SnapshotV1 { key: key.to_vec(), made, state };
        if open {
            self.head.opening = Some(snapshot);
        } else {
            self.snapshots.insert(bound.to_vec(), snapshot);
        }
    }

    /// Puts the new snapshots beside their pages. A page that was not needed otherwise is not unpacked for it.
    pub(super) fn write_snapshots(&mut self) -> Result<(), Fault> {
        for (bound, snapshot) in std::mem::take(&mut self.snapshots) {
            if let Some(page) = self.pages.get_mut(&bound) {
                page.snapshot = Some(snapshot);
                page.story_changed = true;
                continue;
            }
            let key = page_key(self.user, &bound);
            let old = self.tables.stories.get(key.as_slice())?.map(|row| row.value().to_vec());
            // A story can be made again: a damaged one is replaced.
            let old = old.as_deref().and_then(|row| story_of(self.user, &key, row).ok()).unwrap_or_default();
            let row = story_row(&key, &StoryV1 { snapshot: Some(snapshot), ..old })?;
            self.tables.stories.insert(key.as_slice(), row.as_slice())?;
        }
        Ok(())
    }

    /// Where a key belongs.
    pub(super) fn is_open(&self, key: &OrderKey) -> bool {
        self.open_from.as_ref().is_none_or(|from| key >= from)
    }
}
