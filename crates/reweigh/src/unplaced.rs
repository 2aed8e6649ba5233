//! Facts that go into the main file before anybody found their place in the story.

use std::collections::{BTreeMap, BTreeSet};

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId};
use reweigh_store::{Seen, Store, StoreError, UserCommit, corrects};

use crate::base::before_instant;
use crate::hub::Core;

/// Finds out what the facts of a commit without a state touch: which of their ids were told before, and where. Without
/// that, whoever folds them from the main file would take a second telling for another reading, or begin after the first.
pub(crate) fn place(core: &Core, commit: &mut UserCommit) {
    if commit.settled.is_some() || commit.facts.is_empty() {
        return;
    }
    match core.keeper.call(|store| told_before(store, commit)) {
        Ok(found) => {
            commit.touches = commit.touches.take().into_iter().chain(found.touches).min();
            commit.retold.extend(found.retold);
        }
        Err(failure) => {
            tracing::warn!(code = failure.last.code(), "facts are kept as if each were told before");
            let given = |fact: &&Fact| !corrects(fact) && is_given(fact);
            commit.touches = Some(before_instant(Instant::MIN));
            commit.retold.extend(commit.facts.iter().filter(given).map(|fact| fact.id().clone()));
        }
    }
    commit.retold.sort();
    commit.retold.dedup();
}

struct Found {
    touches: Option<OrderKey>,
    retold: Vec<ReadingId>,
}

fn told_before(store: &dyn Store, commit: &UserCommit) -> Result<Found, StoreError> {
    let mut found = Found { touches: None, retold: Vec::new() };
    let history = store.history(&commit.user, None, 1)?;
    let told: BTreeSet<ReadingId> = history.told.iter().map(|it| it.fact.id().clone()).collect();
    let mut by_id: BTreeMap<&ReadingId, Vec<&Fact>> = BTreeMap::new();
    for fact in &commit.facts {
        // A made id that was never corrected is told once.
        if corrects(fact) || is_given(fact) || told.contains(fact.id()) {
            by_id.entry(fact.id()).or_default().push(fact);
        }
    }
    for (id, facts) in by_id {
        let kept = if history.seen == Seen::default() { Vec::new() } else { store.find(&commit.user, id)? };
        let others = kept.iter().map(|it| &it.fact);
        let touched = others.clone().map(Fact::key).min();
        found.touches = found.touches.take().into_iter().chain(touched).min();
        let mut firsts = others.chain(facts).filter(|fact| !corrects(fact));
        if let Some(first) = firsts.next()
            && firsts.any(|other| other != first)
        {
            found.retold.push(id.clone());
        }
    }
    Ok(found)
}

fn is_given(fact: &Fact) -> bool {
    matches!(fact.id(), ReadingId::Given(_))
}
