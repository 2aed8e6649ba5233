//! The verbs that write.

use reweigh_reading::{Fact, Instant, OrderKey, UserId};
use reweigh_state::Expectations;

use super::contents::Contents;
use super::user::MemoryUser;
use crate::audit::{Act, AuditEntry, Told};
use crate::commit::{Checkpoint, UserOutcome};
use crate::error::{RestoreError, StoreError};
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::kept::{Kept, Version};
use crate::report::Erased;
use crate::user::{Pin, PinCause, Pinned};

impl Contents {
    pub(super) fn append(&mut self, facts: &[Fact], rejects: &[Rejected]) -> Sequence {
        self.last = Sequence::new(self.last.get() + 1);
        let row = JournalRow { sequence: self.last, facts: facts.to_vec(), rejects: rejects.to_vec() };
        self.journal.insert(self.last, row);
        self.last
    }

    pub(super) fn prune(&mut self) -> u64 {
        let before = self.journal.len();
        self.journal.retain(|sequence, _| *sequence > self.mark);
        (before - self.journal.len()) as u64
    }

    pub(super) fn commit(&mut self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        if let Some(mark) = checkpoint.mark {
            if mark < self.mark || mark > self.last {
                let (least, most) = (self.mark.get(), self.last.get());
                return Err(StoreError::Mark { mark: mark.get(), least, most });
            }
            self.mark = mark;
        }
        let mut outcomes = Vec::with_capacity(checkpoint.users.len());
        for commit in &checkpoint.users {
            let user = self.users.entry(commit.user.clone()).or_default();
            let outcome = user.commit(commit, checkpoint.at);
            if let (Some(settled), None) = (&commit.settled, &outcome.refused) {
                for entry in &settled.audit {
                    self.record(Some(commit.user.clone()), entry.clone());
                }
                if let Some((restatement, cause)) = &settled.restatement {
                    self.tell(&commit.user, checkpoint.at, restatement, cause);
                }
            }
            outcomes.push(outcome);
        }
        for row in &checkpoint.rejects {
            self.reject(row);
        }
        for (user, entry) in &checkpoint.audit {
            self.record(user.clone(), entry.clone());
        }
        Ok(outcomes)
    }

    fn tell(&mut self, user: &UserId, at: Instant, restatement: &reweigh_state::Restatement, cause: &str) {
        self.outbox_last += 1;
        let number = self.outbox_last;
        let (user, restatement, cause) = (user.clone(), restatement.clone(), cause.to_owned());
        self.outbox.insert(number, Told { number, user, at, restatement, cause });
    }

    fn user(&mut self, user: &UserId) -> Result<&mut MemoryUser, StoreError> {
        let missing = || StoreError::Missing { what: "record", user: user.clone() };
        self.users.get_mut(user).ok_or_else(missing)
    }

    pub(super) fn pin(&mut self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        let (state, version) = (Kept::new(&pin.state), pin.version);
        self.user(user)?.pin = Some(Pinned { state, version, cause: pin.cause, since: act.at });
        self.record(Some(user.clone()), AuditEntry::Act(act.clone()));
        Ok(())
    }

    pub(super) fn release(&mut self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        if self.user(user)?.pin.take().is_none() {
            return Err(StoreError::Missing { what: "pin", user: user.clone() });
        }
        self.record(Some(user.clone()), AuditEntry::Act(act.clone()));
        Ok(())
    }

    pub(super) fn check_and_pin(
        &mut self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        let none = || RestoreError::NoSnapshotBefore { user: user.clone(), before: before.clone() };
        let found = self.users.get_mut(user).ok_or_else(none)?;
        let corrupt = |cause| RestoreError::snapshot(user, before, cause);
        let mut chosen = None;
        for version in found.versions() {
            if version.key().map_err(corrupt)?.is_some_and(|key| key < *before) {
                version.state.check(expectations).map_err(corrupt)?;
                chosen = Some(version);
                break;
            }
        }
        let version = chosen.ok_or_else(none)?;
        found.pin = Some(Pinned {
            state: version.state.clone(),
            version: Some(version.number),
            cause: PinCause::Operator,
            since: act.at,
        });
        self.record(Some(user.clone()), AuditEntry::Act(act.clone()));
        Ok(version)
    }

    pub(super) fn erase(&mut self, user: &UserId, act: &Act) -> Result<Erased, StoreError> {
        let in_tail = self.journal.values().any(|row| row.facts.iter().any(|fact| fact.user() == user));
        if in_tail {
            self.users.entry(user.clone()).or_default();
        }
        let found = self.user(user)?;
        let facts = found.loaded().facts;
        *found = found.stub(act.at);
        self.outbox.retain(|_, told| told.user != *user);
        for row in self.journal.values_mut() {
            row.facts.retain(|fact| fact.user() != user);
        }
        let mut audit = 0;
        for row in self.audit.values_mut().filter(|row| row.user.as_ref() == Some(user)) {
            row.entry = AuditEntry::Erased { recorded: row.entry.recorded() };
            audit += 1;
        }
        self.record(Some(user.clone()), AuditEntry::Act(act.clone()));
        Ok(Erased { facts, audit })
    }

    pub(super) fn trim_audit(&mut self, before: Instant, act: &Act) -> u64 {
        let old = self.audit.len();
        self.audit.retain(|_, row| row.entry.recorded() >= before);
        let gone = old - self.audit.len();
        self.record(None, AuditEntry::Act(act.clone()));
        gone as u64
    }
}
