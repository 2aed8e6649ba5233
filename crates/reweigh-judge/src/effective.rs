//! Which facts hold, out of all that were ever said of one user.

use std::collections::BTreeMap;

use reweigh_reading::{Action, Fact, Meeting, ReadingId, Revision};

use crate::event::{Deed, Event};

/// What is left of a user's facts, and what became of the others. Nothing is lost: every fact that was
/// given is counted in exactly one place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effective {
    /// What the fold goes through, in order.
    pub events: Vec<Event>,
    /// Facts that another stands in the place of, by id and revision.
    pub superseded: Vec<Superseded>,
    /// Readings, resets and heights that a retraction took back.
    pub retracted: Vec<Fact>,
    /// Retractions that hold.
    pub retractions: Vec<Fact>,
    /// Corrections and retractions whose reading never came: they wait.
    pub waiting: Vec<Fact>,
    /// Facts that were given more than once, counted once for each time too many.
    pub duplicates: u64,
}

/// A fact that another stands in the place of.
#[derive(Debug, Clone, PartialEq)]
pub struct Superseded {
    /// The fact.
    pub fact: Fact,
    /// Whether it lost against another of its own revision; else a higher revision won.
    pub conflict: bool,
}

/// The facts of one id: one per revision, and how it went with the others.
#[derive(Default)]
struct Tellings {
    by_revision: BTreeMap<Revision, Fact>,
    lost: Vec<Fact>,
    duplicates: u64,
}

/// Finds out which facts hold. The order in which they are given plays no part.
///
/// The highest revision of an id wins; of two contents of one revision the greater wins; a retraction
/// takes its reading away; a correction without a reading waits for it.
pub fn effective(facts: impl IntoIterator<Item = Fact>) -> Effective {
    let mut by_id: BTreeMap<ReadingId, Tellings> = BTreeMap::new();
    for fact in facts {
        by_id.entry(fact.id().clone()).or_default().tell(fact);
    }
    let mut all = Effective::default();
    for tellings in by_id.into_values() {
        tellings.decide(&mut all);
    }
    all.events.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

impl Tellings {
    fn tell(&mut self, fact: Fact) {
        use std::collections::btree_map::Entry;
        match self.by_revision.entry(fact.revision()) {
            Entry::Vacant(place) => {
                place.insert(fact);
            }
            Entry::Occupied(mut place) => match place.get().meet(&fact) {
                Meeting::Duplicate => self.duplicates += 1,
                Meeting::SecondWins => {
                    let loser = place.insert(fact);
                    self.lose(loser);
                }
                Meeting::FirstWins | Meeting::Apart => self.lose(fact),
            },
        }
    }

    /// A loser met again is a duplicate, like any other fact.
    fn lose(&mut self, fact: Fact) {
        if self.lost.iter().any(|known| known.meet(&fact) == Meeting::Duplicate) {
            self.duplicates += 1;
        } else {
            self.lost.push(fact);
        }
    }

    fn decide(mut self, all: &mut Effective) {
        all.duplicates += self.duplicates;
        self.lost.sort_by(|a, b| a.revision().cmp(&b.revision()).then_with(|| a.compare_payload(b)));
        let has_base = self.by_revision.values().chain(&self.lost).any(is_base);
        let Some((_, winner)) = self.by_revision.pop_last() else { return };
        let conflicts = self.lost.into_iter().map(|fact| Superseded { fact, conflict: true });
        if !has_base {
            all.waiting.push(winner);
            all.superseded.extend(conflicts);
            let lower = self.by_revision.into_values();
            all.superseded.extend(lower.map(|fact| Superseded { fact, conflict: false }));
            return;
        }
        all.superseded.extend(conflicts);
        if matches!(winner.action(), Action::Retract) {
            // What is taken back is the highest telling that said something.
            let told =
                self.by_revision.iter().rev().find(|(_, fact)| !matches!(fact.action(), Action::Retract));
            if let Some(revision) = told.map(|(revision, _)| *revision)
                && let Some(fact) = self.by_revision.remove(&revision)
            {
                all.retracted.push(fact);
            }
            all.retractions.push(winner);
        } else if let Some(event) = as_event(&winner) {
            all.events.push(event);
        }
        let lower = self.by_revision.into_values();
        all.superseded.extend(lower.map(|fact| Superseded { fact, conflict: false }));
    }
}

fn is_base(fact: &Fact) -> bool {
    matches!(fact.action(), Action::Add(_) | Action::Reset { .. } | Action::Height(_))
}

fn as_event(fact: &Fact) -> Option<Event> {
    let deed = match fact.action() {
        Action::Add(measure) | Action::Amend(measure) => Deed::Reading(*measure),
        Action::Reset { .. } => Deed::Reset,
        Action::Height(height) => Deed::Height(*height),
        Action::Retract => return None,
    };
    Some(Event { key: fact.key(), deed })
}
