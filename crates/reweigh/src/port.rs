//! The store as resets see it.

use reweigh_reading::UserId;
use reweigh_reset::{Commit, CommitFault, CommitPort, Sought, StateVersion, Trace};
use reweigh_state::AuditRecord;
use reweigh_store::{AuditEntry, AuditQuery, Checkpoint, Seen, Settled, Store, StoreError, UserCommit};

use crate::digest::PIECE;
use crate::hub::Core;
use crate::keeper::StoreFailure;

/// The store as resets see it.
pub(crate) struct ResetPort<'a>(pub(crate) &'a Core);

impl CommitPort for ResetPort<'_> {
    fn look(&mut self, sought: &Sought<'_>) -> Result<Trace, CommitFault> {
        let traced = self.0.keeper.call(|store| trace(store, sought));
        traced.map_err(|failure| fault_of(&failure, "look what became of a commit"))
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault> {
        let Commit { user, base, state, records, correlation: _ } = *commit;
        let fault = |failure: StoreFailure| fault_of(&failure, "commit a state");
        let history = self.0.keeper.call(|store| store.history(user, None, 1)).map_err(fault)?;
        let seen = Seen { facts: history.seen.facts, state: base.get() };
        let audit = records.iter().cloned().map(AuditEntry::Reset).collect();
        let settled = Some(Settled { audit, ..Settled::new(state.clone(), None) });
        let users = vec![UserCommit { seen, settled, ..UserCommit::facts(user.clone(), Vec::new()) }];
        let checkpoint = Checkpoint { users, ..Checkpoint::at(self.0.now()) };
        let outcomes = self.0.keeper.call(|store| store.commit(&checkpoint)).map_err(fault)?;
        let Some(outcome) = outcomes.first() else { return Err(CommitFault::Cancelled) };
        let found = StateVersion::new(outcome.seen.state);
        if outcome.refused.is_some() { Err(CommitFault::Conflict { base, found }) } else { Ok(found) }
    }

    fn record(&mut self, user: &UserId, records: &[AuditRecord]) -> Result<(), CommitFault> {
        let entries = records.iter().cloned().map(|record| (Some(user.clone()), AuditEntry::Reset(record)));
        let checkpoint = Checkpoint { audit: entries.collect(), ..Checkpoint::at(self.0.now()) };
        let kept = self.0.keeper.call(|store| store.commit(&checkpoint));
        kept.map(drop).map_err(|failure| fault_of(&failure, "write to the audit log"))
    }
}

/// What the store knows of a commit.
fn trace(store: &dyn Store, sought: &Sought<'_>) -> Result<Trace, StoreError> {
    let state = store.load(sought.user)?.map_or(0, |loaded| loaded.seen.state);
    let (found, made) = (StateVersion::new(state), sought.base.get() + 1);
    if found == sought.base {
        return Ok(Trace::NotMade { found });
    }
    let from = sought.records.first().map(|record| record.recorded);
    let mut query = AuditQuery { user: Some(sought.user.clone()), from, ..AuditQuery::default() };
    while from.is_some() {
        let rows = store.audit(&query, PIECE)?;
        let Some(last) = rows.last() else { break };
        query.after = last.number;
        let told =
            |entry: &AuditEntry| matches!(entry, AuditEntry::Reset(record) if sought.is_told_by(record));
        if rows.iter().any(|row| told(&row.entry)) {
            return Ok(Trace::Made { version: StateVersion::new(made) });
        }
    }
    let versions = store.versions(sought.user)?;
    let same =
        versions.iter().find(|version| version.number == made).map(|version| version.chain == sought.chain);
    Ok(if same == Some(false) { Trace::NotMade { found } } else { Trace::Lost { found } })
}

/// What resets are told of a store that failed.
pub(crate) fn fault_of(failure: &StoreFailure, action: &'static str) -> CommitFault {
    let source = failure.last.to_string().into();
    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else it is, nothing was done")]
    match &failure.last {
        StoreError::Unknown { .. } => CommitFault::Unknown { action, source },
        StoreError::Busy { waited, .. } => {
            CommitFault::Timeout { waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX) }
        }
        _ => CommitFault::Storage { action, source },
    }
}
