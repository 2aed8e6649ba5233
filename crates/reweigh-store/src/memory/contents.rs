//! All of a store in memory.

use std::collections::BTreeMap;

use reweigh_reading::UserId;

use super::user::MemoryUser;
use crate::audit::{AuditEntry, AuditRow, Told};
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::port::StoreId;
use crate::report::Settings;

#[derive(Debug, Clone)]
pub(super) struct Contents {
    pub(super) id: StoreId,
    pub(super) journal: BTreeMap<Sequence, JournalRow>,
    pub(super) last: Sequence,
    pub(super) mark: Sequence,
    pub(super) users: BTreeMap<UserId, MemoryUser>,
    pub(super) audit: BTreeMap<u64, AuditRow>,
    pub(super) audit_last: u64,
    pub(super) rejects: BTreeMap<u64, Rejected>,
    pub(super) rejects_last: u64,
    pub(super) outbox: BTreeMap<u64, Told>,
    pub(super) outbox_last: u64,
    pub(super) settings: Settings,
}

impl Contents {
    pub(super) fn new(id: StoreId) -> Self {
        Self {
            id,
            journal: BTreeMap::new(),
            last: Sequence::START,
            mark: Sequence::START,
            users: BTreeMap::new(),
            audit: BTreeMap::new(),
            audit_last: 0,
            rejects: BTreeMap::new(),
            rejects_last: 0,
            outbox: BTreeMap::new(),
            outbox_last: 0,
            settings: Settings::default(),
        }
    }

    pub(super) fn record(&mut self, user: Option<UserId>, entry: AuditEntry) {
        self.audit_last += 1;
        self.audit.insert(self.audit_last, AuditRow { number: self.audit_last, user, entry });
    }

    pub(super) fn reject(&mut self, row: &Rejected) {
        let known = self.rejects.values().any(|known| known.row == row.row && known.code == row.code);
        if !known {
            self.rejects_last += 1;
            self.rejects.insert(self.rejects_last, row.clone());
        }
    }
}
