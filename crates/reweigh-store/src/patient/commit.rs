//! A checkpoint, until it is known what came of it.

use reweigh_reading::UserId;

use super::{ALL, Patient};
use crate::arrivals::Refusal;
use crate::commit::{Checkpoint, UserCommit, UserOutcome};
use crate::error::StoreError;
use crate::journal::Sequence;
use crate::port::Store;
use crate::user::Seen;

/// What shows whether a checkpoint was kept: each of these moves with what is new in it, and no other writer is there.
#[derive(Debug, PartialEq, Eq)]
struct Glance {
    users: Vec<(Seen, u64)>,
    mark: Sequence,
    last_entry: u64,
    rejects: usize,
}

impl<S: Store> Patient<S> {
    pub(super) fn commit_surely(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError> {
        let before = self.glance(checkpoint)?;
        let mut outcomes = self.offer(checkpoint, &before)?;
        for ((commit, outcome), (seen, _)) in checkpoint.users.iter().zip(&mut outcomes).zip(&before.users) {
            if matches!(outcome.refused, Some(Refusal::StateMoved { .. })) {
                self.offer_state(checkpoint, commit, *seen, outcome)?;
            }
        }
        Ok(outcomes)
    }

    fn glance(&self, checkpoint: &Checkpoint) -> Result<Glance, StoreError> {
        let users = checkpoint.users.iter().map(|commit| self.seen(&commit.user));
        Ok(Glance {
            users: users.collect::<Result<_, _>>()?,
            mark: self.mark()?,
            last_entry: self.last_entry()?,
            rejects: self.rejects(0, ALL)?.len(),
        })
    }

    fn seen(&self, user: &UserId) -> Result<(Seen, u64), StoreError> {
        Ok(self.load(user)?.map(|loaded| (loaded.seen, loaded.facts)).unwrap_or_default())
    }

    fn offer(&self, checkpoint: &Checkpoint, before: &Glance) -> Result<Vec<UserOutcome>, StoreError> {
        let look = || {
            let now = self.glance(checkpoint)?;
            // If nothing moved, offering it again does no harm, whether it was kept or not.
            Ok((now != *before).then(|| told(checkpoint, before, &now)))
        };
        self.surely(|| self.store.commit(checkpoint), look)
    }

    /// A state was refused: read again. If nobody moved it, what was folded is still what would be folded.
    fn offer_state(
        &self,
        checkpoint: &Checkpoint,
        commit: &UserCommit,
        before: Seen,
        outcome: &mut UserOutcome,
    ) -> Result<(), StoreError> {
        // Others' facts are told apart by the numbers that were read first: the store says whether they matter.
        let others = before.facts != commit.seen.facts;
        for _ in 1..super::TRIES {
            let (found, _) = self.seen(&commit.user)?;
            if found.state != commit.seen.state {
                return Ok(());
            }
            let seen = if others { commit.seen } else { found };
            let state = UserCommit { facts: Vec::new(), touches: None, seen, ..commit.clone() };
            let alone = Checkpoint { users: vec![state], ..Checkpoint::at(checkpoint.at) };
            let said = self.offer(&alone, &self.glance(&alone)?)?;
            if let Some(said) = said.into_iter().next() {
                (outcome.seen, outcome.refused) = (said.seen, said.refused);
            }
            if !matches!(outcome.refused, Some(Refusal::StateMoved { .. })) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// What came of a checkpoint that was kept, by what it moved.
fn told(checkpoint: &Checkpoint, before: &Glance, now: &Glance) -> Vec<UserOutcome> {
    let users = checkpoint.users.iter().zip(before.users.iter().zip(&now.users));
    let outcomes = users.map(|(commit, ((was, facts_before), (seen, facts)))| {
        let added = usize::try_from(facts - facts_before).unwrap_or(usize::MAX);
        let known = commit.facts.len().saturating_sub(added);
        let moved = Refusal::StateMoved { seen: commit.seen.state, found: seen.state };
        let refused = (commit.settled.is_some() && seen.state == was.state).then_some(moved);
        UserOutcome { seen: *seen, added, known, refused }
    });
    outcomes.collect()
}
