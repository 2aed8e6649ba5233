//! One user in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reweigh_reading::{Fact, Instant, OrderKey, Payload, ReadingId, Revision};
use reweigh_state::{Mark, Outcome, Reason, Verdict};

use crate::arrivals::{Arrivals, may_commit};
use crate::commit::{Settled, UserCommit, UserOutcome};
use crate::kept::{Kept, Version};
use crate::user::{Judgement, Loaded, Pinned, Recorded, Seen, corrects};

/// How many versions are kept, the settled state included.
const VERSIONS: usize = 10;

/// Every telling in its place.
type Telling = (OrderKey, Revision, Payload);

#[derive(Debug, Clone, Default)]
pub(super) struct MemoryUser {
    facts: BTreeMap<Telling, Recorded>,
    corrected: BTreeSet<ReadingId>,
    pub(super) seen: Seen,
    arrivals: Arrivals,
    pub(super) mark: Mark,
    state: Option<(Kept, Option<OrderKey>)>,
    settled: Option<Instant>,
    snapshots: BTreeMap<OrderKey, Kept>,
    versions: VecDeque<Version>,
    pub(super) pin: Option<Pinned>,
    erased: Option<Instant>,
}

impl MemoryUser {
    /// What is left of an erased user: nothing but numbers that no earlier reader saw.
    pub(super) fn stub(&self, at: Instant) -> Self {
        let seen = Seen { facts: self.seen.facts + 1, state: self.seen.state + 1 };
        Self { seen, erased: Some(at), ..Self::default() }
    }

    pub(super) fn loaded(&self) -> Loaded {
        Loaded {
            seen: self.seen,
            state: self.state.as_ref().map(|(kept, _)| kept.clone()),
            settled: self.settled,
            mark: self.mark.clone(),
            pin: self.pin.clone(),
            facts: self.facts.len() as u64,
            erased: self.erased,
        }
    }

    pub(super) fn versions(&self) -> Vec<Version> {
        self.versions.iter().cloned().collect()
    }

    pub(super) fn telling(&self, id: &ReadingId) -> Vec<Recorded> {
        self.facts.values().filter(|recorded| recorded.fact.id() == id).cloned().collect()
    }

    /// Every telling of every corrected id.
    pub(super) fn told(&self) -> Vec<Recorded> {
        self.facts.values().filter(|recorded| self.corrected.contains(recorded.fact.id())).cloned().collect()
    }

    pub(super) fn after<'a>(&'a self, after: Option<&'a OrderKey>) -> impl Iterator<Item = &'a Recorded> {
        let all = self.facts.iter().filter(move |((key, _, _), _)| after.is_none_or(|after| key > after));
        all.filter(|(_, recorded)| !self.corrected.contains(recorded.fact.id())).map(|(_, recorded)| recorded)
    }

    /// Snapshots before a key, the newest first; the settled state is one as long as it holds all facts up to its key.
    pub(super) fn snapshots(&self, before: &OrderKey) -> Vec<(OrderKey, Kept)> {
        let settled = self.state.as_ref().and_then(|(kept, key)| {
            let key = key.as_ref().filter(|key| *key < before)?;
            let whole = self.mark.key().is_none_or(|mark| mark > key);
            whole.then(|| (key.clone(), kept.clone()))
        });
        let older = self.snapshots.range(..before).rev().map(|(key, kept)| (key.clone(), kept.clone()));
        settled.into_iter().chain(older).collect()
    }

    pub(super) fn commit(&mut self, commit: &UserCommit, at: Instant) -> UserOutcome {
        let found = self.seen;
        let added = self.add(&commit.facts);
        self.corrected.extend(commit.retold.iter().cloned());
        let known = commit.facts.len() - added.len();
        let own = added.iter().map(Fact::key).min();
        let lowest = own.map(|own| commit.touches.iter().fold(own, |low, key| low.min(key.clone())));
        let verdict = commit
            .settled
            .as_ref()
            .map(|settled| may_commit(commit.seen, found, &self.arrivals, settled.state.key.as_ref()));
        if let Some(lowest) = &lowest {
            self.seen.facts += 1;
            self.snapshots.retain(|key, _| key < lowest);
        }
        let refused = match (verdict, &commit.settled) {
            (Some(Ok(mark)), Some(settled)) => {
                self.settle(settled, mark, at);
                None
            }
            (verdict, _) => {
                if let Some(lowest) = lowest {
                    self.mark.lower(&lowest);
                    self.arrivals.note(self.seen.facts, lowest);
                }
                verdict.and_then(Result::err)
            }
        };
        UserOutcome { seen: self.seen, added: added.len(), known, refused }
    }

    /// Puts facts where they belong and gives those that were new.
    fn add(&mut self, facts: &[Fact]) -> Vec<Fact> {
        let mut added = Vec::new();
        for fact in facts {
            let place = (fact.key(), fact.revision(), fact.payload());
            // The key has the id, so two facts in one place are the same.
            if self.facts.contains_key(&place) {
                continue;
            }
            if corrects(fact) {
                self.corrected.insert(fact.id().clone());
            }
            self.facts.insert(place, Recorded { fact: fact.clone(), verdict: None });
            added.push(fact.clone());
        }
        added
    }

    fn settle(&mut self, settled: &Settled, mark: Option<OrderKey>, at: Instant) {
        self.seen.state += 1;
        self.arrivals = Arrivals::default();
        self.mark = mark.map(Mark::at).unwrap_or_default();
        self.state = Some((Kept::new(&settled.state), settled.state.key.clone()));
        self.settled = Some(at);
        for snapshot in &settled.snapshots {
            if let Some(key) = &snapshot.key {
                self.snapshots.insert(key.clone(), Kept::new(snapshot));
            }
        }
        self.versions.push_front(Version::of(self.seen.state, at, &settled.state));
        self.versions.truncate(VERSIONS);
        for judgement in &settled.verdicts {
            self.judge(judgement);
        }
        if let Some(pin) = &settled.pin {
            self.pin = Some(Pinned {
                state: Kept::new(&pin.state),
                version: pin.version,
                cause: pin.cause,
                since: at,
            });
        }
    }

    /// The greatest payload of a revision wins; whatever else stands at its place is superseded.
    fn judge(&mut self, judgement: &Judgement) {
        let tellings = self
            .facts
            .iter_mut()
            .filter(|((key, revision, _), _)| *key == judgement.key && *revision == judgement.revision);
        let mut tellings: Vec<&mut Recorded> = tellings.map(|(_, recorded)| recorded).collect();
        if let Some(winner) = tellings.pop() {
            winner.verdict = Some(judgement.verdict);
        }
        for loser in tellings {
            loser.verdict = Some(Verdict { outcome: Outcome::Superseded, reason: Reason::Fits });
        }
    }
}
