//! The verbs that read.

use std::ops::Bound;

use reweigh_reading::{OrderKey, ReadingId, UserId};
use reweigh_state::{Expectations, Mark};

use super::contents::Contents;
use crate::audit::{AuditQuery, AuditRow};
use crate::error::RestoreError;
use crate::journal::{JournalRow, Sequence};
use crate::report::Stats;
use crate::user::{History, Recorded, Restored, Seen, UserLine};

impl Contents {
    pub(super) fn tail(&self, after: Sequence, most: usize) -> Vec<JournalRow> {
        let mut facts = 0;
        let mut rows = Vec::new();
        let after = Bound::Excluded(after.max(self.mark));
        for row in self.journal.range((after, Bound::Unbounded)).map(|(_, row)| row) {
            if facts >= most && !rows.is_empty() {
                break;
            }
            facts += row.facts.len();
            rows.push(row.clone());
        }
        rows
    }

    pub(super) fn journal_row(&self, sequence: Sequence) -> Option<JournalRow> {
        self.journal.get(&sequence).cloned()
    }

    pub(super) fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> History {
        let Some(user) = self.users.get(user) else {
            let (facts, told) = (Vec::new(), Vec::new());
            return History { seen: Seen::default(), mark: Mark::default(), facts, more: false, told };
        };
        let mut facts: Vec<Recorded> = Vec::new();
        let mut more = false;
        for recorded in user.after(after) {
            // Tellings at one key are never parted, or the next call would pass over the others.
            let parted = facts.last().is_some_and(|last| last.fact.key() != recorded.fact.key());
            if facts.len() >= most && parted {
                more = true;
                break;
            }
            facts.push(recorded.clone());
        }
        History { seen: user.seen, mark: user.mark.clone(), facts, more, told: user.told() }
    }

    pub(super) fn restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError> {
        let none = || RestoreError::NoSnapshotBefore { user: user.clone(), before: before.clone() };
        let found = self.users.get(user).ok_or_else(none)?;
        for (key, kept) in found.snapshots(before) {
            if kept.fingerprint().is_ok_and(|fingerprint| fingerprint != expectations.fingerprint) {
                continue;
            }
            let state =
                kept.check(expectations).map_err(|cause| RestoreError::snapshot(user, &key, cause))?;
            return Ok(Restored { state, history: self.history(user, Some(&key), most) });
        }
        Err(none())
    }

    pub(super) fn find(&self, user: &UserId, id: &ReadingId) -> Vec<Recorded> {
        self.users.get(user).map(|user| user.telling(id)).unwrap_or_default()
    }

    pub(super) fn users(&self, after: Option<&UserId>, most: usize) -> Vec<UserId> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.users
            .range::<UserId, _>((after, Bound::Unbounded))
            .take(most)
            .map(|(user, _)| user.clone())
            .collect()
    }

    pub(super) fn marked(&self, after: Option<&UserId>, most: usize) -> Vec<UserLine> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        let lines = self.users.range::<UserId, _>((after, Bound::Unbounded)).filter_map(|(id, user)| {
            let pinned = user.pin.as_ref().map(|pin| pin.cause);
            (!user.mark.is_settled() || pinned.is_some()).then(|| UserLine {
                user: id.clone(),
                mark: user.mark.clone(),
                pinned,
            })
        });
        lines.take(most).collect()
    }

    pub(super) fn audit(&self, query: &AuditQuery, most: usize) -> Vec<AuditRow> {
        self.audit.values().filter(|row| query.wants(row)).take(most).cloned().collect()
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            users: self.users.len() as u64,
            facts: self.users.values().map(|user| user.loaded().facts).sum(),
            unsettled: self.users.values().filter(|user| !user.mark.is_settled()).count() as u64,
            pinned: self.users.values().filter(|user| user.pin.is_some()).count() as u64,
            audit: self.audit.len() as u64,
            rejects: self.rejects.len() as u64,
            outbox: self.outbox.len() as u64,
            journal_rows: self.journal.keys().filter(|sequence| **sequence > self.mark).count() as u64,
            main_bytes: 0,
            journal_bytes: 0,
        }
    }
}
