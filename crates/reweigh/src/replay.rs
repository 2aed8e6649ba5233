//! A fold over what the store has and what only memory has, a piece at a time.

use std::collections::BTreeMap;

use reweigh_judge::effective;
use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, Revision};
use reweigh_reset::{ManualRequest, ResetDecision};
use reweigh_state::{Outcome, UserState, VerdictChange};
use reweigh_store::{History, Judgement, Recorded, Store, StoreError, corrects};

use crate::book::Line;
use crate::fold::{Bench, Expected, Fold, event_of};
use crate::story;

/// Every telling of each id that was told more than once.
pub(crate) type Told = BTreeMap<ReadingId, Vec<Recorded>>;

/// What holds of the ids that were told more than once, in order, and what does not hold any more.
#[derive(Debug, Default)]
pub(crate) struct Winners {
    pub(crate) lines: Vec<Line>,
    requests: Vec<ManualRequest>,
    /// Tellings that were part of the story and are not now.
    pub(crate) gone: Vec<Judgement>,
    /// The same, to be told.
    pub(crate) gone_told: Vec<VerdictChange>,
}

impl Winners {
    /// Finds out what holds.
    pub(crate) fn of(told: &Told) -> Self {
        let mut winners = Self::default();
        for tellings in told.values() {
            winners.decide(tellings);
        }
        winners.lines.sort_by(|a, b| a.event.key.cmp(&b.event.key));
        winners.requests.sort_by_key(|request| request.at);
        winners
    }

    /// What held when the tellings were last spoken of.
    pub(crate) fn as_said(told: &Told) -> Self {
        let mut winners = Self::default();
        for tellings in told.values() {
            let said = tellings.iter().find(|it| it.verdict.is_some_and(|verdict| is_told(verdict.outcome)));
            match said {
                Some(recorded) => winners.lines.extend(event_of(&recorded.fact).map(|event| Line {
                    event,
                    revision: recorded.fact.revision(),
                    said: recorded.verdict,
                })),
                None => winners.decide(tellings),
            }
        }
        winners.lines.sort_by(|a, b| a.event.key.cmp(&b.event.key));
        winners
    }

    fn decide(&mut self, tellings: &[Recorded]) {
        let settled = effective(tellings.iter().map(|recorded| recorded.fact.clone()));
        let revision = tellings.iter().map(|it| it.fact.revision()).max().unwrap_or(Revision::FIRST);
        let holds = settled.events.into_iter().next();
        let wins = |fact: &Fact| {
            holds
                .as_ref()
                .is_some_and(|event| fact.revision() == revision && event_of(fact).as_ref() == Some(event))
        };
        let places = tellings.iter().enumerate().filter(|(_, it)| wins(&it.fact));
        let winner = places.max_by(|(_, a), (_, b)| a.fact.compare_payload(&b.fact)).map(|(place, _)| place);
        for (place, recorded) in tellings.iter().enumerate() {
            let fact = &recorded.fact;
            let Some(old) = recorded.verdict.filter(|old| winner != Some(place) && is_told(old.outcome))
            else {
                continue;
            };
            self.gone_told.push(VerdictChange { number: 0, at: fact.at(), old: Some(old), new: None });
            let in_its_place = holds.as_ref().is_some_and(|event| event.key == fact.key());
            if in_its_place && fact.revision() == revision {
                // What is said of the winner is said of this place, and whatever else stands there is superseded by it.
                continue;
            }
            let taken_back = settled.retracted.iter().any(|retracted| retracted == fact);
            let outcome = if taken_back { Outcome::Retracted } else { Outcome::Superseded };
            let verdict = reweigh_state::Verdict { outcome, reason: old.reason };
            self.gone.push(Judgement { key: fact.key(), revision: fact.revision(), verdict });
        }
        if let (Some(event), Some(recorded)) = (holds, winner.and_then(|place| tellings.get(place))) {
            self.requests.extend(ManualRequest::of(&recorded.fact));
            self.lines.push(Line { event, revision, said: recorded.verdict });
        }
    }
}

fn is_told(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Accepted | Outcome::Rejected | Outcome::Held)
}

/// The line of a fact that only memory has, and whose id was told once.
pub(crate) fn line_of_fact(fact: &Fact) -> Option<Line> {
    let event = event_of(fact).filter(|_| !corrects(fact))?;
    Some(Line { event, revision: fact.revision(), said: None })
}

/// The line of a fact whose id was told once.
pub(crate) fn line_of(recorded: &Recorded) -> Option<Line> {
    line_of_fact(&recorded.fact).map(|line| Line { said: recorded.verdict, ..line })
}

/// A replay under way. It can be put aside after any piece and taken up again: nobody else has a part in it.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) fold: Fold,
    /// Facts that may not be in the store yet and whose ids were told once, in order.
    own: Vec<Fact>,
    own_next: usize,
    winners: Vec<Line>,
    winners_next: usize,
    requests: Vec<ManualRequest>,
    known: Vec<ResetDecision>,
    /// The piece that was read and is not folded yet, and how far the store was read.
    piece: Option<History>,
    after: Option<OrderKey>,
    /// Where it ends, if not with the last fact.
    stop: Option<OrderKey>,
    /// What ties it to spans and audit.
    pub(crate) correlation: u64,
    /// When it began.
    pub(crate) began: Instant,
    /// How many facts it has folded.
    pub(crate) folded: u64,
}

/// What a replay begins with.
pub(crate) struct Start<'a> {
    pub(crate) base: UserState,
    /// The readings in the base's window, if they are known.
    pub(crate) window: Vec<Line>,
    pub(crate) first: History,
    pub(crate) own: &'a [Fact],
    pub(crate) told: &'a Told,
    pub(crate) winners: &'a Winners,
    pub(crate) known: Vec<ResetDecision>,
    pub(crate) correlation: u64,
    pub(crate) began: Instant,
}

impl Replay {
    pub(crate) fn new(start: Start<'_>) -> Self {
        let Start { base, window, first, own, told, winners, known, correlation, began } = start;
        let after = base.key.clone();
        let later = |key: &OrderKey| after.as_ref().is_none_or(|after| key > after);
        let own: Vec<Fact> =
            own.iter().filter(|fact| !told.contains_key(fact.id()) && later(&fact.key())).cloned().collect();
        let lines = winners.lines.iter().filter(|line| later(&line.event.key)).cloned().collect();
        let mut requests: Vec<ManualRequest> = own.iter().filter_map(ManualRequest::of).collect();
        requests.extend(winners.requests.iter().cloned());
        let oldest = base.window.first();
        let mut fold = Fold::on(base);
        fold.book.name_window(oldest, &window);
        Self {
            fold,
            own,
            own_next: 0,
            winners: lines,
            winners_next: 0,
            requests,
            known,
            piece: Some(first),
            after,
            stop: None,
            correlation,
            began,
            folded: 0,
        }
    }

    /// Takes a fact in that came meanwhile, if the replay has not passed its place. Its id was told once.
    pub(crate) fn take_in(&mut self, fact: &Fact) -> bool {
        if self.after.as_ref().is_some_and(|after| !story::after(fact, after)) {
            return false;
        }
        let left = self.own.get(self.own_next..).unwrap_or_default();
        let place = self.own_next + left.partition_point(|known| story::order(known, fact).is_lt());
        self.requests.extend(ManualRequest::of(fact));
        self.own.insert(place, fact.clone());
        true
    }

    /// Ends with the fact of a key.
    pub(crate) fn only_to(&mut self, key: Option<OrderKey>) {
        self.stop = key;
    }

    /// Folds the next piece. Says whether it was the last.
    ///
    /// # Errors
    ///
    /// The store failed. What was folded stays, and the next call goes on.
    pub(crate) fn step(
        &mut self,
        store: &dyn Store,
        told: &Told,
        most: usize,
        user: &reweigh_reading::UserId,
        bench: Bench<'_>,
    ) -> Result<bool, StoreError> {
        let piece = match self.piece.take() {
            Some(piece) => piece,
            None => store.history(user, self.after.as_ref(), most)?,
        };
        let upto = if piece.more { piece.facts.last().map(|last| last.fact.key()) } else { None };
        let mut lines: Vec<Line> = Vec::with_capacity(piece.facts.len());
        for recorded in &piece.facts {
            if !told.contains_key(recorded.fact.id()) {
                self.requests.extend(ManualRequest::of(&recorded.fact));
                lines.extend(line_of(recorded));
            }
        }
        let within = |key: &OrderKey| upto.as_ref().is_none_or(|upto| key <= upto);
        while let Some(fact) = self.own.get(self.own_next).filter(|fact| within(&fact.key())) {
            lines.extend(line_of_fact(fact));
            self.own_next += 1;
        }
        while let Some(line) = self.winners.get(self.winners_next).filter(|line| within(&line.event.key)) {
            lines.push(line.clone());
            self.winners_next += 1;
        }
        // Stable: of a fact that is in both, the store's comes first and has what was said.
        lines.sort_by(|a, b| a.event.key.cmp(&b.event.key));
        lines.dedup_by(|b, a| a.event.key == b.event.key);
        let mut done = !piece.more;
        if let Some(stop) = &self.stop {
            let most = lines.partition_point(|line| line.event.key <= *stop);
            done |= most < lines.len();
            lines.truncate(most);
        }
        let expected = self.expected(upto.as_ref());
        self.fold.take(&lines, expected, bench);
        self.folded += lines.len() as u64;
        self.fold.book.thin(self.fold.state.window.first());
        self.after = upto;
        Ok(done)
    }

    /// What is known of the resets of the next piece.
    fn expected(&mut self, upto: Option<&OrderKey>) -> Expected {
        let in_piece = |at: Instant| upto.is_none_or(|upto| at <= upto.at());
        let (known, later) = self.known.drain(..).partition(|decision| in_piece(decision.at()));
        self.known = later;
        let (mut requests, later): (Vec<ManualRequest>, Vec<ManualRequest>) =
            self.requests.drain(..).partition(|request| in_piece(request.at));
        self.requests = later;
        requests.sort_by_key(|request| request.at);
        Expected { known, requests, correlation: self.correlation }
    }
}
