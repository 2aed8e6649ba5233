//! The verbs that write about users.

use redb::{Table, WriteTransaction};
use reweigh_reading::{OrderKey, UserId};
use reweigh_state::Expectations;
use reweigh_store::{
    Act, AuditEntry, Checkpoint, Pin, PinCause, Place, RestoreError, StoreError, UserCommit, UserOutcome,
    Version,
};

use super::{RedbStore, counters_of, missing, records};
use crate::fault::Fault;
use crate::head::{head_of, head_row};
use crate::opening::{ROW_COUNTERS, put_meta};
use crate::records::{CountersV1, ToldV1, put_cause};
use crate::row::seal_as;
use crate::tables::{HEADS_KIND, OUTBOX, OUTBOX_KIND};
use crate::view::archived_of;
use crate::work::{Change, Policy, UserTables, Work};

/// Adds what changed to what is counted.
fn count(counters: &mut CountersV1, change: Change) {
    counters.facts = counters.facts.saturating_add_signed(change.facts);
    counters.unsettled = counters.unsettled.saturating_add_signed(change.unsettled);
    counters.pinned = counters.pinned.saturating_add_signed(change.pinned);
}

impl RedbStore {
    pub(super) fn commit_all(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        let end = self.last_number()?;
        self.main.write("a checkpoint", |transaction| {
            let before = counters_of(transaction)?;
            let mut counters = before.clone();
            if let Some(mark) = checkpoint.mark {
                if mark.get() < counters.mark || mark.get() > end {
                    return Err(StoreError::Mark { mark: mark.get(), least: counters.mark, most: end }.into());
                }
                counters.mark = mark.get();
            }
            let outcomes = self.commit_users(transaction, checkpoint, &mut counters)?;
            records::reject(transaction, &checkpoint.rejects, &mut counters)?;
            records::record(transaction, &audit_of(checkpoint, &outcomes), &mut counters)?;
            if counters != before {
                put_meta(transaction, ROW_COUNTERS, &counters)?;
            }
            Ok(outcomes)
        })
    }

    fn commit_users(
        &self,
        transaction: &WriteTransaction,
        checkpoint: &Checkpoint,
        counters: &mut CountersV1,
    ) -> Result<Vec<UserOutcome>, Fault> {
        let policy = Policy { plain: self.options.versions, older: self.options.older_versions };
        let mut tables = UserTables::open(transaction)?;
        let mut outbox = transaction.open_table(OUTBOX)?;
        let mut outcomes = Vec::with_capacity(checkpoint.users.len());
        for commit in &checkpoint.users {
            let row = head_row(&tables.heads, &commit.user)?;
            let head = row.as_deref().map(|row| head_of(&commit.user, row)).transpose()?.unwrap_or_default();
            let mut work = Work::new(&mut tables, &commit.user, head)?;
            let outcome = work.commit(commit, checkpoint.at, policy)?;
            let settled = commit.settled.is_some() && outcome.refused.is_none();
            if settled || outcome.added > 0 {
                count(counters, work.write()?);
            }
            if settled {
                tell(&mut outbox, commit, checkpoint, counters)?;
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    pub(super) fn pin_user(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError> {
        self.main
            .write("pinning", |transaction| on_user(transaction, user, act, |work| work.pin(pin, act.at)))
    }

    pub(super) fn release_user(&self, user: &UserId, act: &Act) -> Result<(), StoreError> {
        self.main.write("releasing", |transaction| {
            on_user(transaction, user, act, |work| match work.head.pin.take() {
                Some(_) => Ok(()),
                None => Err(missing("pin", user)),
            })
        })
    }

    pub(super) fn pin_version(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError> {
        // What the search says is no fault of the store, but it must undo the transaction like one.
        let mut said = None;
        let pinned = self.main.write("restoring a user", |transaction| {
            on_user(transaction, user, act, |work| {
                let versions = work.head.versions();
                let versions =
                    versions.map_err(|bad| Fault::Store(bad.at(Place::of_user(HEADS_KIND.name, user))))?;
                // The archive is read only for what is not in the head: damage there must not keep newer ones back.
                let found = match choose(user, versions, before, expectations) {
                    Err(RestoreError::NoSnapshotBefore { .. }) => {
                        choose(user, archived_of(work.archive(), user)?, before, expectations)
                    }
                    found => found,
                };
                let version = match found {
                    Ok(version) => version,
                    Err(error) => {
                        said = Some(error);
                        return Err(missing("version", user));
                    }
                };
                let cause = put_cause(PinCause::Operator).map_err(Fault::unwritten)?;
                work.pin_kept(&version.state, Some(version.number), cause, act.at);
                Ok(version)
            })
        });
        match (pinned, said) {
            (Ok(version), _) => Ok(version),
            (Err(_), Some(error)) => Err(error),
            (Err(StoreError::Missing { .. }), None) => {
                Err(RestoreError::NoSnapshotBefore { user: user.clone(), before: before.clone() })
            }
            (Err(cause), None) => Err(RestoreError::storage(user, cause)),
        }
    }
}

/// Takes a known user up, works on them, writes them and records the act.
fn on_user<T>(
    transaction: &WriteTransaction,
    user: &UserId,
    act: &Act,
    work: impl FnOnce(&mut Work<'_, '_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut counters = counters_of(transaction)?;
    let said = {
        let mut tables = UserTables::open(transaction)?;
        let row = head_row(&tables.heads, user)?.ok_or_else(|| missing("record", user))?;
        let mut user = Work::new(&mut tables, user, head_of(user, &row)?)?;
        let said = work(&mut user)?;
        count(&mut counters, user.write()?);
        said
    };
    records::record(transaction, &[(Some(user), &AuditEntry::Act(act.clone()))], &mut counters)?;
    put_meta(transaction, ROW_COUNTERS, &counters)?;
    Ok(said)
}

/// The newest version strictly before a key, if it is of use.
fn choose(
    user: &UserId,
    versions: Vec<Version>,
    before: &OrderKey,
    expectations: &Expectations<'_>,
) -> Result<Version, RestoreError> {
    for version in versions {
        match version.key() {
            Ok(Some(key)) if key < *before => {
                let checked = version.state.check(expectations);
                return checked.map(|_| version).map_err(|cause| RestoreError::snapshot(user, &key, cause));
            }
            Ok(_) => {}
            Err(cause) => return Err(RestoreError::snapshot(user, before, cause)),
        }
    }
    Err(RestoreError::NoSnapshotBefore { user: user.clone(), before: before.clone() })
}

/// The entries of a checkpoint: those of settled users first, in their order.
fn audit_of<'a>(
    checkpoint: &'a Checkpoint,
    outcomes: &[UserOutcome],
) -> Vec<(Option<&'a UserId>, &'a AuditEntry)> {
    let taken = checkpoint.users.iter().zip(outcomes).filter(|(_, outcome)| outcome.refused.is_none());
    let settled = taken.filter_map(|(commit, _)| Some((&commit.user, commit.settled.as_ref()?)));
    let of_users =
        settled.flat_map(|(user, settled)| settled.audit.iter().map(move |entry| (Some(user), entry)));
    of_users.chain(checkpoint.audit.iter().map(|(user, entry)| (user.as_ref(), entry))).collect()
}

/// Puts what changed into the outbox.
fn tell(
    outbox: &mut Table<'_, u64, &'static [u8]>,
    commit: &UserCommit,
    checkpoint: &Checkpoint,
    counters: &mut CountersV1,
) -> Result<(), Fault> {
    let Some((restatement, cause)) = commit.settled.as_ref().and_then(|settled| settled.restatement.as_ref())
    else {
        return Ok(());
    };
    counters.outbox += 1;
    let row = ToldV1::new(&commit.user, checkpoint.at, restatement, cause);
    let row = seal_as(OUTBOX_KIND, &counters.outbox.to_be_bytes(), &row).map_err(Fault::unwritten)?;
    outbox.insert(counters.outbox, row.as_slice())?;
    Ok(())
}
