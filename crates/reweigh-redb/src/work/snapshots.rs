//! Which of the states along the way are kept.

use reweigh_reading::OrderKey;
use reweigh_state::{Checked, UserState};

use super::Work;
use crate::blob::Blob;
use crate::fault::Fault;
use crate::head::SnapshotV1;
use crate::tables::sortable;

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
                self.keep(&bound, bound == open, key, state)?;
            }
            from = Some(bound);
        }
        Ok(())
    }

    fn keep(
        &mut self,
        bound: &[u8],
        open: bool,
        key: &[u8],
        state: &Checked<UserState>,
    ) -> Result<(), Fault> {
        let (made, state) = (self.head.state_number, Blob::owned(state.encode()));
        let snapshot = Some(SnapshotV1 { key: key.to_vec(), made, state });
        if open {
            self.head.opening = snapshot;
        } else {
            let page = self.page(bound)?;
            page.snapshot = snapshot;
            page.story_changed = true;
        }
        Ok(())
    }

    /// Where a key belongs.
    pub(super) fn is_open(&self, key: &OrderKey) -> bool {
        self.open_from.as_ref().is_none_or(|from| key >= from)
    }
}
