//! One user in memory: what was read of the store, what only the journal has, and what was folded of both.

use std::collections::{BTreeSet, HashSet};

use reweigh_buffer::JournalPlace;
use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::{AuditRecord, Checked, Expectations, UserState, Violations};
use reweigh_store::{Recorded, Seen, Settled, UserCommit, corrects};

use crate::fold::{Fold, Part};
use crate::replay::{Replay, Told, Winners};

/// A fact on its way in.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) fact: Fact,
    pub(crate) place: JournalPlace,
}

/// One user in memory. The worker of the user's lane is the only one that changes it.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) user: UserId,
    /// The numbers that the fold stands on.
    pub(crate) seen: Seen,
    /// What was folded; none before the store was read, and after something went wrong.
    pub(crate) fold: Option<Fold>,
    pub(crate) told: Told,
    pub(crate) winners: Winners,
    /// Facts that are not in the main file and are part of the fold, or of the replay under way; in order.
    pub(crate) facts: Vec<Fact>,
    /// The given ids among the facts that are not in the main file.
    given: HashSet<ReadingId>,
    /// Facts that are not in the main file and not folded yet.
    pub(crate) backlog: Vec<Incoming>,
    /// Since when the backlog waits.
    pub(crate) late_since: Option<Instant>,
    pub(crate) replay: Option<Box<Replay>>,
    /// What is served when nothing is in the way: the state as it was last committed.
    pub(crate) said: Option<UserState>,
    /// The lowest key whose part in the story the facts change.
    pub(crate) touches: Option<OrderKey>,
    /// Ids that are told again with the same revision and other content.
    pub(crate) retold: BTreeSet<ReadingId>,
    /// Requests of operators that the audit has not got yet.
    pub(crate) requested: Vec<AuditRecord>,
    /// Whether there is anything to commit.
    pub(crate) dirty: bool,
    /// Whether a part of it is on its way into the main file.
    pub(crate) committing: bool,
    /// Whether the main file got facts that the replay under way has passed: what it comes to is of no use.
    pub(crate) behind: bool,
    /// Why it could not be settled.
    pub(crate) trouble: Option<Trouble>,
}

/// Why a user could not be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The state breaks rules: these.
    Invalid(String),
    /// The fold panicked: a defect of this program, and of this user's story alone.
    Panicked(String),
    /// The breaker of reset commits is open, and there is a new reset.
    HeldBack,
    /// The store failed while the user was read: this.
    Store(String),
}

impl Trouble {
    /// The word that files and scripts use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_state",
            Self::Panicked(_) => "panicked",
            Self::HeldBack => "breaker_open",
            Self::Store(_) => "store_failed",
        }
    }
}

/// What a checkpoint takes of a story.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) commit: UserCommit,
    pub(crate) parts: Vec<Part>,
    pub(crate) requested: Vec<AuditRecord>,
    /// What was served until now, if the new estimate is too far from it to be served by itself.
    pub(crate) served: Option<UserState>,
}

impl Story {
    pub(crate) fn new(user: UserId) -> Self {
        Self {
            user,
            seen: Seen::default(),
            fold: None,
            told: Told::new(),
            winners: Winners::default(),
            facts: Vec::new(),
            given: HashSet::new(),
            backlog: Vec::new(),
            late_since: None,
            replay: None,
            said: None,
            touches: None,
            retold: BTreeSet::new(),
            requested: Vec::new(),
            dirty: false,
            committing: false,
            behind: false,
            trouble: None,
        }
    }

    /// Whether there is nothing in it that the main file does not have.
    pub(crate) fn is_clean(&self) -> bool {
        !self.dirty
            && !self.committing
            && self.backlog.is_empty()
            && self.facts.is_empty()
            && self.replay.is_none()
    }

    /// Whether a fact is the newest of its user and needs nothing but the state: `None` if that has to be asked of
    /// the store.
    pub(crate) fn is_plain(&self, fact: &Fact) -> Option<bool> {
        let Some(fold) = &self.fold else { return Some(false) };
        let newest = fold.state.key.as_ref().is_none_or(|key| after(fact, key));
        if !newest || corrects(fact) || (!self.told.is_empty() && self.told.contains_key(fact.id())) {
            return Some(false);
        }
        match fact.id() {
            // A made id is made of the content, so a fact of that id is this one and not the newest.
            ReadingId::Made(_) => Some(true),
            ReadingId::Given(_) => {
                if self.given.contains(fact.id()) {
                    return Some(false);
                }
                (self.seen == Seen::default()).then_some(true)
            }
        }
    }

    /// Puts facts that are new among those that are not in the main file.
    pub(crate) fn hold(&mut self, facts: impl IntoIterator<Item = Fact>) {
        let mut in_order = true;
        for fact in facts {
            in_order &= self.facts.last().is_none_or(|last| order(last, &fact).is_lt());
            self.note_given(&fact);
            self.facts.push(fact);
        }
        if !in_order {
            self.facts.sort_by(order);
        }
        self.dirty = true;
    }

    /// Puts facts aside that have to wait.
    pub(crate) fn put_aside(&mut self, incoming: Incoming, now: Instant) {
        self.note_given(&incoming.fact);
        self.backlog.push(incoming);
        self.late_since.get_or_insert(now);
    }

    /// A given id may be told again, so those in memory are known by a set.
    pub(crate) fn note_given(&mut self, fact: &Fact) {
        if matches!(fact.id(), ReadingId::Given(_)) {
            self.given.insert(fact.id().clone());
        }
    }

    /// Every telling of an id that only memory has.
    pub(crate) fn tellings_in_memory(&self, id: &ReadingId) -> Vec<Recorded> {
        let own = self.facts.iter().filter(|fact| fact.id() == id);
        own.map(|fact| Recorded { fact: fact.clone(), verdict: None }).collect()
    }

    /// Lowers the key from which on the story changes.
    pub(crate) fn touch(&mut self, key: &OrderKey) {
        if self.touches.as_ref().is_none_or(|known| key < known) {
            self.touches = Some(key.clone());
        }
    }

    /// Gives up what was folded. The facts stay, and are folded again from what the store has.
    pub(crate) fn unfold(&mut self) {
        self.fold = None;
        self.replay = None;
        self.behind = false;
        self.told.clear();
        self.winners = Winners::default();
        let nowhere = JournalPlace { sequence: 0, offset: 0 };
        self.backlog.extend(self.facts.drain(..).map(|fact| Incoming { fact, place: nowhere }));
        self.dirty = true;
    }

    /// What a checkpoint has to take: facts in every case, the state if the user is settled.
    pub(crate) fn take_out(&mut self, expectations: &Expectations<'_>, jump_kg: f64) -> Option<Outgoing> {
        if !self.dirty && self.backlog.is_empty() {
            return None;
        }
        let settled = self.settled(expectations);
        let mut facts = std::mem::take(&mut self.facts);
        if !self.backlog.is_empty() {
            self.behind |= self.replay.is_some();
            facts.extend(self.backlog.drain(..).map(|it| it.fact));
            self.late_since = None;
        }
        let level = |state: &UserState| state.estimate().map(|it| it.level_kg);
        let old = self.said.as_ref().and_then(level);
        let new = settled.as_ref().and_then(|it| level(&it.state));
        let jumps = matches!((old, new), (Some(old), Some(new)) if (new - old).abs() > jump_kg);
        let served = if jumps { self.said.clone() } else { None };
        let mut parts = Vec::new();
        if let (Some(settled), Some(fold)) = (&settled, &mut self.fold) {
            parts = std::mem::take(&mut fold.parts);
            fold.committed();
            self.winners.gone.clear();
            self.winners.gone_told.clear();
            self.said = Some(UserState::clone(&settled.state));
            self.dirty = false;
        } else {
            // The facts are all the main file gets; they are folded from there.
            self.dirty = self.replay.is_some();
            self.fold = None;
        }
        self.committing = true;
        let commit = UserCommit {
            user: self.user.clone(),
            seen: self.seen,
            facts,
            touches: self.touches.take(),
            retold: std::mem::take(&mut self.retold).into_iter().collect(),
            settled,
        };
        Some(Outgoing { commit, parts, requested: std::mem::take(&mut self.requested), served })
    }

    /// The state as it is to be committed, if the user is settled and the state keeps the rules.
    fn settled(&mut self, expectations: &Expectations<'_>) -> Option<Settled> {
        if self.replay.is_some() || !self.backlog.is_empty() {
            return None;
        }
        let fold = self.fold.as_ref()?;
        let state = match Checked::state(fold.state.clone(), expectations) {
            Ok(state) => state,
            Err(violations) => {
                self.trouble = Some(Trouble::Invalid(listed(&violations)));
                return None;
            }
        };
        let snapshots =
            fold.snapshots().filter_map(|bytes| Checked::decode(bytes, expectations).ok()).collect();
        let (mut verdicts, mut told) = fold.book.changes();
        verdicts.extend(self.winners.gone.iter().cloned());
        told.extend(self.winners.gone_told.iter().cloned());
        let level = |state: &UserState| state.estimate().map(|it| it.level_kg);
        let restatement = reweigh_state::Restatement {
            verdicts: told,
            resets: fold.parts.iter().flat_map(|part| part.changes.iter().cloned()).collect(),
            newest_kg: (self.said.as_ref().and_then(level), level(&state)),
        };
        let cause = if self.said.is_some() && self.touches.is_some() {
            "late or corrected facts"
        } else {
            "new facts"
        };
        let restatement = (!restatement.is_empty()).then(|| (restatement, cause.to_owned()));
        self.trouble = None;
        Some(Settled {
            base: fold.base.clone(),
            snapshots,
            verdicts,
            restatement,
            ..Settled::new(state, None)
        })
    }

    /// Takes back what a checkpoint could not bring into the main file.
    pub(crate) fn give_back(&mut self, outgoing: Outgoing) {
        let Outgoing { commit, requested, .. } = outgoing;
        self.facts.extend(commit.facts);
        if let Some(key) = &commit.touches {
            self.touch(key);
        }
        self.retold.extend(commit.retold);
        // They are asked for again when their facts are folded again.
        drop(requested);
        self.requested.clear();
        self.unfold();
        self.committing = false;
    }

    /// The bytes it takes, roughly.
    pub(crate) fn bytes(&self) -> u64 {
        let facts = (self.facts.len() + self.backlog.len()) * 160;
        (512 + facts + self.fold.as_ref().map_or(0, Fold::bytes)) as u64
    }
}

/// Whether a fact comes after a key, without making its own.
pub(crate) fn after(fact: &Fact, key: &OrderKey) -> bool {
    (fact.at(), fact.source(), fact.id()) > (key.at(), key.source(), key.id())
}

/// The order in which a user's facts are kept: by key, then revision, then content.
pub(crate) fn order(a: &Fact, b: &Fact) -> std::cmp::Ordering {
    let place = |fact: &Fact| (fact.at(), fact.revision());
    a.at()
        .cmp(&b.at())
        .then_with(|| a.source().cmp(b.source()))
        .then_with(|| a.id().cmp(b.id()))
        .then_with(|| place(a).cmp(&place(b)))
        .then_with(|| a.compare_payload(b))
}

fn listed(violations: &Violations) -> String {
    let names: Vec<&str> = violations.findings.iter().map(|finding| finding.rule.name()).collect();
    names.join(", ")
}
