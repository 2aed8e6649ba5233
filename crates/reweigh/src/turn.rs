//! A user's turn: facts are taken in, and folded if it is time.

use reweigh_buffer::JournalPlace;
use reweigh_reading::{Fact, Instant, OrderKey, ReadingId};
use reweigh_reset::ManualRequest;
use reweigh_state::{Expectations, UserState};
use reweigh_store::{Recorded, Seen, Store, StoreError, corrects};

use crate::base::{self, Base};
use crate::book::Line;
use crate::fold::{Bench, Expected, Fold, event_of};
use crate::prepare::Prepared;
use crate::replay::{Replay, Start, Told, Winners, line_of_fact};
use crate::settings::CheckedSettings;
use crate::story::{Incoming, Story, after, order};

/// What a turn works with.
#[derive(Clone, Copy)]
pub(crate) struct Turn<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) settings: &'a CheckedSettings,
    pub(crate) expectations: Expectations<'a>,
    pub(crate) bench: Bench<'a>,
    pub(crate) now: Instant,
    pub(crate) correlation: u64,
    /// Whether late facts are to wait no longer.
    pub(crate) force: bool,
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TurnEnd {
    /// All is folded.
    Settled,
    /// Late facts wait for more of their kind, no longer than until then.
    Late(Instant),
    /// A replay is under way; the user needs another turn.
    More,
    /// The replay needs what is on its way into the main file: after the commit the user needs another turn.
    AfterCommit,
}

/// What came of a turn beside its end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Facts that were there already.
    pub(crate) duplicates: Vec<JournalPlace>,
    /// Replays that were begun.
    pub(crate) replays: u64,
    /// Facts that were folded in replays.
    pub(crate) replayed: u64,
    /// Facts that were folded in all.
    pub(crate) folded: u64,
    /// The codes of snapshots that were of no use.
    pub(crate) passed_over: Vec<&'static str>,
}

impl Turn<'_> {
    /// Takes facts in and folds what is due.
    ///
    /// # Errors
    ///
    /// The store failed. The facts are in the story, and another turn goes on.
    pub(crate) fn take(
        &self,
        story: &mut Story,
        incoming: Vec<Incoming>,
        report: &mut Report,
    ) -> Result<TurnEnd, StoreError> {
        let result = self.take_in(story, incoming, report);
        result.and_then(|()| self.go_on(story, report))
    }

    fn take_in(
        &self,
        story: &mut Story,
        mut incoming: Vec<Incoming>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        if story.fold.is_none() && story.replay.is_none() {
            // What is on its way into the main file is not read before it is there.
            let loaded = if story.committing { Ok(()) } else { self.load(story, report) };
            if loaded.is_err() || story.committing {
                for it in incoming {
                    story.put_aside(it, self.now);
                }
                return loaded;
            }
        }
        incoming.sort_by(|a, b| order(&a.fact, &b.fact));
        let (mut lines, mut requests, mut held) = (Vec::new(), Vec::new(), Vec::new());
        let mut newest: Option<OrderKey> = None;
        let mut rest = incoming.into_iter();
        let mut failed = None;
        for it in rest.by_ref() {
            if story.replay.is_some() {
                self.meanwhile(story, it);
                continue;
            }
            let plain = match self.plain(story, &it.fact, newest.as_ref()) {
                Ok(plain) => plain,
                Err(error) => {
                    story.put_aside(it, self.now);
                    failed = Some(error);
                    break;
                }
            };
            match plain {
                Plain::Again => report.duplicates.push(it.place),
                Plain::No => story.put_aside(it, self.now),
                Plain::Yes => {
                    story.note_given(&it.fact);
                    newest = Some(it.fact.key());
                    requests.extend(ManualRequest::of(&it.fact));
                    let (event, revision) = (event_of(&it.fact), it.fact.revision());
                    lines.extend(event.map(|event| Line { event, revision, said: None }));
                    held.push(it.fact);
                }
            }
        }
        rest.for_each(|it| story.put_aside(it, self.now));
        if !lines.is_empty() {
            self.note_requests(story, &requests);
            report.folded += lines.len() as u64;
            story.hold(held);
            let expected = Expected { known: Vec::new(), requests, correlation: self.correlation };
            if let Some(fold) = &mut story.fold {
                fold.take(&lines, expected, self.bench);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// A fact that comes while the user is replayed: part of the replay if that has not passed its place.
    fn meanwhile(&self, story: &mut Story, it: Incoming) {
        let once = !corrects(&it.fact)
            && matches!(it.fact.id(), ReadingId::Made(_))
            && !story.told.contains_key(it.fact.id());
        let taken = once && story.replay.as_mut().is_some_and(|replay| replay.take_in(&it.fact));
        if taken {
            self.note_requests(story, ManualRequest::of(&it.fact).as_slice());
            story.hold([it.fact]);
        } else {
            story.put_aside(it, self.now);
        }
    }

    /// Whether a fact can be folded onto what is there.
    fn plain(&self, story: &Story, fact: &Fact, newest: Option<&OrderKey>) -> Result<Plain, StoreError> {
        if let Some(newest) = newest {
            let same =
                newest.at() == fact.at() && newest.source() == fact.source() && newest.id() == fact.id();
            if same && !corrects(fact) {
                // Equal keys and a made id are equal content; of a given id the contents are compared.
                let again = matches!(fact.id(), ReadingId::Made(_));
                return Ok(if again { Plain::Again } else { Plain::No });
            }
        }
        Ok(match story.is_plain(fact) {
            Some(true) => Plain::Yes,
            None if self.store.find(&story.user, fact.id())?.is_empty() => Plain::Yes,
            Some(false) | None => Plain::No,
        })
    }

    /// Reads what the store has of a user.
    fn load(&self, story: &mut Story, report: &mut Report) -> Result<(), StoreError> {
        let most = self.settings.get().turn_facts;
        let base = base::find(self.store, &story.user, &base::end_of_time(), most, &self.expectations)?;
        let Base { state, history, passed_over } = base;
        report.passed_over.extend(passed_over);
        story.seen = history.seen;
        story.told = by_id(history.told);
        story.winners = Winners::of(&story.told);
        let whole = history.mark.is_settled()
            && history.facts.is_empty()
            && (state.is_some() || story.told.is_empty());
        if whole {
            let base = state.unwrap_or_else(|| UserState::unborn(self.expectations.fingerprint));
            story.said = Some(base.clone());
            story.fold = Some(Fold::on(base));
            return Ok(());
        }
        // Facts that no state holds: they are folded before anything else is.
        story.said = self.committed(story)?;
        let first = history.mark.key().cloned();
        let first = first.or_else(|| history.facts.first().map(|it| it.fact.key()));
        let from = first.unwrap_or_else(|| base::before_instant(Instant::MIN));
        self.replay_from(story, &from, report)
    }

    /// Goes on with what is to be folded, as long as it is this user's turn.
    fn go_on(&self, story: &mut Story, report: &mut Report) -> Result<TurnEnd, StoreError> {
        let mut budget = self.settings.get().turn_facts;
        loop {
            if story.replay.is_some() {
                if budget == 0 {
                    return Ok(TurnEnd::More);
                }
                let folded = self.step(story, report)?;
                budget = budget.saturating_sub(folded.max(1));
                continue;
            }
            if story.fold.is_none() {
                if story.committing {
                    return Ok(TurnEnd::AfterCommit);
                }
                self.load(story, report)?;
                continue;
            }
            if story.backlog.is_empty() {
                story.late_since = None;
                return Ok(TurnEnd::Settled);
            }
            if let Some(until) = self.may_wait(story) {
                return Ok(TurnEnd::Late(until));
            }
            if !self.fold_backlog(story, report)? {
                return Ok(TurnEnd::AfterCommit);
            }
        }
    }

    /// Until when the late facts of a user may wait for more.
    fn may_wait(&self, story: &Story) -> Option<Instant> {
        let settings = self.settings;
        if self.force || story.backlog.len() >= settings.get().settle_readings {
            return None;
        }
        let keys = story.backlog.iter().map(|it| it.fact.at());
        let (first, last) = (keys.clone().min()?, keys.max()?);
        let until = story.late_since.unwrap_or(self.now).saturating_add(settings.settle_after());
        (last.since(first) < settings.settle_window() && self.now < until).then_some(until)
    }

    /// One piece of the replay under way. Says how much was folded.
    fn step(&self, story: &mut Story, report: &mut Report) -> Result<usize, StoreError> {
        let Some(replay) = &mut story.replay else { return Ok(0) };
        let before = replay.folded;
        let most = self.settings.get().turn_facts;
        let done = replay.step(self.store, &story.told, most, &story.user, self.bench)?;
        let folded = replay.folded - before;
        report.folded += folded;
        report.replayed += folded;
        if done && story.behind {
            // The next thing is to read it again.
            story.unfold();
        } else if done && let Some(replay) = story.replay.take() {
            let mut fold = replay.fold;
            fold.advance();
            story.fold = Some(fold);
            story.dirty = true;
        }
        Ok(usize::try_from(folded).unwrap_or(usize::MAX))
    }

    /// Folds the facts that waited, by going back to where they belong. False if that has to wait for a commit.
    fn fold_backlog(&self, story: &mut Story, report: &mut Report) -> Result<bool, StoreError> {
        self.drop_known(story, report)?;
        if story.backlog.is_empty() {
            return Ok(true);
        }
        let Some(from) = self.place(story)? else { return Ok(true) };
        let facts: Vec<Fact> = story.backlog.iter().map(|it| it.fact.clone()).collect();
        let in_memory = story.fold.as_mut().is_some_and(|fold| fold.back_to(&from));
        if !in_memory && story.committing {
            return Ok(false);
        }
        if !in_memory {
            // Nothing of the story changes before the base is there: a store that fails leaves it as it was.
            let lowest = story
                .facts
                .iter()
                .map(Fact::key)
                .min()
                .map_or_else(|| from.clone(), |own| own.min(from.clone()));
            let lowest = story.touches.as_ref().map_or(lowest.clone(), |key| lowest.min(key.clone()));
            let prepared = self.prepare(story, &lowest)?;
            self.accept(story, facts, &from);
            self.start(story, prepared, report);
            return Ok(true);
        }
        self.accept(story, facts, &from);
        report.replays += 1;
        self.refold(story, report);
        Ok(true)
    }

    /// The backlog becomes part of what is folded.
    fn accept(&self, story: &mut Story, facts: Vec<Fact>, from: &OrderKey) {
        story.backlog.clear();
        story.late_since = None;
        story.touch(from);
        let requests: Vec<ManualRequest> = facts.iter().filter_map(ManualRequest::of).collect();
        self.note_requests(story, &requests);
        story.hold(facts);
        Self::weave(story);
    }

    /// Folds again from where the fold went back to; everything after it is in memory.
    fn refold(&self, story: &mut Story, report: &mut Report) {
        let Some(fold) = &mut story.fold else { return };
        let base = fold.state.key.clone();
        let later = |key: &OrderKey| base.as_ref().is_none_or(|base| key > base);
        let mut lines: Vec<Line> = Vec::new();
        let mut requests = Vec::new();
        let first = base.as_ref().map_or(0, |base| story.facts.partition_point(|fact| !after(fact, base)));
        for fact in story.facts.get(first..).unwrap_or_default() {
            if story.told.is_empty() || !story.told.contains_key(fact.id()) {
                requests.extend(ManualRequest::of(fact));
                lines.extend(line_of_fact(fact));
            }
        }
        lines.extend(story.winners.lines.iter().filter(|line| later(&line.event.key)).cloned());
        lines.sort_by(|a, b| a.event.key.cmp(&b.event.key));
        lines.dedup_by(|b, a| a.event.key == b.event.key);
        let folded = lines.len() as u64;
        let expected = Expected { known: Vec::new(), requests, correlation: self.correlation };
        fold.take(&lines, expected, self.bench);
        report.folded += folded;
        report.replayed += folded;
    }

    /// Takes facts out of the backlog that are there already.
    fn drop_known(&self, story: &mut Story, report: &mut Report) -> Result<(), StoreError> {
        let mut waiting = std::mem::take(&mut story.backlog);
        waiting.sort_by(|a, b| order(&a.fact, &b.fact));
        let mut kept: Vec<Incoming> = Vec::with_capacity(waiting.len());
        let mut known = Known::new(waiting.first().map(|first| first.fact.at()));
        let mut rest = waiting.into_iter();
        for it in rest.by_ref() {
            let again = kept.last().is_some_and(|last| order(&last.fact, &it.fact).is_eq())
                || story.facts.binary_search_by(|fact| order(fact, &it.fact)).is_ok();
            let stored = if again { Ok(true) } else { known.has(self.store, story, &it.fact) };
            match stored {
                Ok(true) => report.duplicates.push(it.place),
                Ok(false) => kept.push(it),
                Err(error) => {
                    kept.push(it);
                    kept.extend(rest);
                    story.backlog = kept;
                    return Err(error);
                }
            }
        }
        story.backlog = kept;
        Ok(())
    }

    /// The lowest key whose part in the story the backlog changes. Ids that it tells again are noted.
    fn place(&self, story: &mut Story) -> Result<Option<OrderKey>, StoreError> {
        let mut lowest: Option<OrderKey> = None;
        let mut lower = |key: OrderKey| {
            if lowest.as_ref().is_none_or(|lowest| key < *lowest) {
                lowest = Some(key);
            }
        };
        let facts: Vec<Fact> = story.backlog.iter().map(|it| it.fact.clone()).collect();
        for fact in &facts {
            lower(fact.key());
            let id = fact.id();
            let first_told = !corrects(fact);
            if first_told && matches!(id, ReadingId::Made(_)) && !story.told.contains_key(id) {
                let corrected = facts.iter().any(|other| other.id() == id && corrects(other));
                if !corrected {
                    continue;
                }
            }
            if !story.told.contains_key(id) {
                let mut others = self.store.find(&story.user, id)?;
                others.extend(story.tellings_in_memory(id));
                let in_backlog = facts.iter().filter(|other| other.id() == id).count();
                if first_told && others.is_empty() && in_backlog == 1 {
                    continue;
                }
                story.told.insert(id.clone(), others);
            }
            if first_told {
                story.retold.insert(id.clone());
            }
            for telling in story.told.get(id).into_iter().flatten() {
                lower(telling.fact.key());
            }
        }
        Ok(lowest)
    }

    /// Puts the facts of memory among the tellings of ids that were told more than once.
    fn weave(story: &mut Story) {
        for fact in &story.facts {
            if let Some(tellings) = story.told.get_mut(fact.id())
                && !tellings.iter().any(|known| known.fact == *fact)
            {
                tellings.push(Recorded { fact: fact.clone(), verdict: None });
            }
        }
        story.winners = Winners::of(&story.told);
    }

    fn note_requests(&self, story: &mut Story, requests: &[ManualRequest]) {
        story.requested.extend(requests.iter().map(|it| it.record(self.now, self.correlation)));
    }

    /// Begins a replay from before a key: what is in the store and what is in memory, folded together.
    fn replay_from(&self, story: &mut Story, from: &OrderKey, report: &mut Report) -> Result<(), StoreError> {
        let prepared = self.prepare(story, from)?;
        self.start(story, prepared, report);
        Ok(())
    }

    /// Begins further back, if the verdict of a reading changed that lies before what was folded.
    ///
    /// # Errors
    ///
    /// The store failed; the story is as it was.
    pub(crate) fn widen(&self, story: &mut Story, report: &mut Report) -> Result<bool, StoreError> {
        let Some(fold) = &mut story.fold else { return Ok(false) };
        fold.say_pending();
        let Some(at) = fold.book.unplaced() else { return Ok(false) };
        let from = base::before_instant(at);
        let prepared = self.prepare(story, &from)?;
        self.start(story, prepared, report);
        while story.replay.is_some() {
            self.step(story, report)?;
        }
        if let Some(fold) = &mut story.fold {
            fold.say_pending();
        }
        Ok(true)
    }

    fn start(&self, story: &mut Story, prepared: Prepared, report: &mut Report) {
        let Prepared { base, window, known } = prepared;
        let Base { state, history, passed_over } = base;
        report.passed_over.extend(passed_over);
        report.replays += 1;
        // What the store says of ids that were told more than once, and what memory adds.
        let mut told = by_id(history.told.iter().cloned());
        for (id, tellings) in std::mem::take(&mut story.told) {
            let known = told.entry(id).or_default();
            for telling in tellings {
                if !known.iter().any(|it| it.fact == telling.fact) {
                    known.push(telling);
                }
            }
        }
        story.told = told;
        Self::weave(story);
        story.seen = history.seen;
        let base = state.unwrap_or_else(|| UserState::unborn(self.expectations.fingerprint));
        let start = Start {
            base,
            window,
            first: history,
            own: &story.facts,
            told: &story.told,
            winners: &story.winners,
            known,
            correlation: self.correlation,
            began: self.now,
        };
        story.replay = Some(Box::new(Replay::new(start)));
    }
}

/// Whether a fact can be folded onto the newest state.
enum Plain {
    Yes,
    No,
    Again,
}

/// What the store has from an instant on, read as it is asked for.
struct Known {
    from: Option<Instant>,
    read: Vec<Recorded>,
    after: Option<OrderKey>,
    more: bool,
}

impl Known {
    /// The most facts that are read at a time.
    const PIECE: usize = 1_024;

    fn new(from: Option<Instant>) -> Self {
        Self { from, read: Vec::new(), after: from.map(base::before_instant), more: true }
    }

    /// Whether the store has a fact. They are asked for in order.
    fn has(&mut self, store: &dyn Store, known_of: &Story, fact: &Fact) -> Result<bool, StoreError> {
        if known_of.seen == Seen::default() || self.from.is_none() {
            return Ok(false);
        }
        if known_of.told.get(fact.id()).is_some_and(|told| told.iter().any(|known| known.fact == *fact)) {
            return Ok(true);
        }
        if corrects(fact) {
            let tellings = store.find(&known_of.user, fact.id())?;
            return Ok(tellings.iter().any(|known| known.fact == *fact));
        }
        loop {
            let place = self.read.binary_search_by(|known| order(&known.fact, fact));
            if place.is_ok() {
                return Ok(true);
            }
            let beyond = self.read.last().is_some_and(|last| order(&last.fact, fact).is_gt());
            if beyond || !self.more {
                return Ok(false);
            }
            let piece = store.history(&known_of.user, self.after.as_ref(), Self::PIECE)?;
            self.more = piece.more;
            self.after = piece.facts.last().map(|last| last.fact.key());
            self.read = piece.facts;
            self.read.sort_by(|a, b| order(&a.fact, &b.fact));
        }
    }
}

pub(crate) fn by_id(told: impl IntoIterator<Item = Recorded>) -> Told {
    let mut by_id = Told::new();
    for recorded in told {
        by_id.entry(recorded.fact.id().clone()).or_default().push(recorded);
    }
    by_id
}
