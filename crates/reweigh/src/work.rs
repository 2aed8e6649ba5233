//! The worker of a lane: one user's turn after the other.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::Sender;
use reweigh_buffer::{BufferError, Frozen, Token, Upto};
use reweigh_reading::{Elapsed, Fact, UserId};
use reweigh_store::{Sequence, Store, StoreError, UserCommit};

use crate::drive::{Drive, Next};
use crate::hub::Core;
use crate::lane::{Cut, Ended, Job, Lane, Place};
use crate::story::{Incoming, Outgoing, Story, Trouble};
use crate::turn::{Report, Turn, TurnEnd};
use crate::unplaced;

/// How many other jobs are done before a replay in the background has a turn.
const BACKGROUND_EVERY: u32 = 32;

/// How long a user waits whose turn failed for the store's sake.
const AFTER_FAILURE: Elapsed = Elapsed::from_seconds(1);

/// The worker of a lane.
#[derive(Debug)]
pub(crate) struct Worker {
    core: Arc<Core>,
    number: usize,
    /// Replays that took longer than their slice.
    background: VecDeque<UserId>,
    /// Users whose replay is not done.
    replaying: BTreeSet<UserId>,
    /// Users whose next turn is queued, or whose readings could not be taken from the buffer.
    postponed: BTreeSet<UserId>,
    /// Who wants to hear when nothing waits.
    settling: Vec<Sender<()>>,
    jobs_since: u32,
}

impl Worker {
    pub(crate) fn new(core: Arc<Core>, number: usize) -> Self {
        Self {
            core,
            number,
            background: VecDeque::new(),
            replaying: BTreeSet::new(),
            postponed: BTreeSet::new(),
            settling: Vec::new(),
            jobs_since: 0,
        }
    }

    /// Works until the engine closes.
    pub(crate) fn run(mut self) {
        let core = Arc::clone(&self.core);
        let Some(lane) = core.lanes.get(self.number) else { return };
        loop {
            if self.take_background(lane.work.is_empty()) {
                continue;
            }
            match Drive::next(&lane.work, None) {
                Next::Work(Job::Close) | Next::Closed => return,
                Next::Work(job) => self.job(lane, job),
                Next::Nothing => {}
            }
        }
    }

    /// One job, if there is any.
    pub(crate) fn step(&mut self) -> bool {
        let core = Arc::clone(&self.core);
        let Some(lane) = core.lanes.get(self.number) else { return false };
        match lane.work.try_recv() {
            Ok(job) => {
                self.job(lane, job);
                true
            }
            Err(_) => self.take_background(true),
        }
    }

    fn take_background(&mut self, idle: bool) -> bool {
        if self.background.is_empty() || !(idle || self.jobs_since >= BACKGROUND_EVERY) {
            return false;
        }
        self.jobs_since = 0;
        let core = Arc::clone(&self.core);
        if let (Some(user), Some(lane)) = (self.background.pop_front(), core.lanes.get(self.number)) {
            self.turn(lane, &user, Vec::new());
        }
        true
    }

    fn job(&mut self, lane: &Lane, job: Job) {
        self.jobs_since += 1;
        match job {
            Job::Turns(users) => users.iter().for_each(|user| self.turn(lane, user, Vec::new())),
            Job::Run(user, facts) => {
                self.turn(lane, &user, facts);
                lane.ended_run(&user);
            }
            Job::Continue(user) => self.turn(lane, &user, Vec::new()),
            Job::Tick => self.tick(lane),
            Job::Settle { done } => {
                self.settling.push(done);
                self.tick(lane);
            }
            Job::Cut { cut } => {
                let outgoing = self.cut(lane);
                // The steward waits for it, unless it gave up the checkpoint.
                let _ = cut.send(outgoing);
            }
            Job::Committed(outcomes) => self.committed(lane, outcomes),
            Job::GivenBack(outgoing) => self.given_back(lane, outgoing),
            Job::Forget { user, done } => {
                self.forget(lane, &user);
                let _ = done.send(());
            }
            Job::Echo(done) => {
                let _ = done.send(());
            }
            Job::Close => {}
        }
        self.answer_settling(lane);
    }

    /// Tells those who wait for quiet, once there is.
    fn answer_settling(&mut self, lane: &Lane) {
        if self.settling.is_empty() || !self.replaying.is_empty() || !self.postponed.is_empty() {
            return;
        }
        let residents = lane.residents();
        let quiet =
            residents.late.is_empty() && residents.after_commit.is_empty() && residents.tokens.is_empty();
        drop(residents);
        if quiet {
            for done in self.settling.drain(..) {
                let _ = done.send(());
            }
        }
    }

    /// A user's turn, with what waits in the buffer and what is handed in.
    fn turn(&mut self, lane: &Lane, user: &UserId, facts: Vec<Incoming>) {
        let now = self.core.now();
        let begun = self.core.buffer.begin_snapshot(user, Upto::Latest, now);
        let frozen = begun.and_then(|begun| {
            if !begun.evicted.is_empty() {
                self.core.evicted(begun.evicted);
            }
            begun.snapshot.finalize(now)
        });
        let frozen = match frozen {
            Ok(frozen) => {
                self.postponed.remove(user);
                Some(frozen)
            }
            Err(error) => {
                if !matches!(error, BufferError::Busy { .. }) {
                    tracing::warn!(code = "buffer", %error, "readings stay in the buffer for another turn");
                }
                self.postponed.insert(user.clone());
                None
            }
        };
        self.turn_with(lane, user, facts, frozen);
    }

    fn turn_with(&mut self, lane: &Lane, user: &UserId, mut facts: Vec<Incoming>, frozen: Option<Frozen>) {
        let taken = lane.take(user);
        let mut story = taken.story.unwrap_or_else(|| Box::new(Story::new(user.clone())));
        if let Some(frozen) = &frozen {
            let readings = frozen.readings();
            facts.extend(readings.map(|it| Incoming { fact: it.fact().clone(), place: it.place() }));
        }
        let mut tokens = taken.tokens;
        let force = !self.settling.is_empty();
        let mut report = Report::default();
        let end = self.take(&mut story, facts, &mut tokens, force, &mut report);
        self.core.count(&report);
        match end {
            Err(trouble @ Trouble::Panicked(_)) => {
                // The facts are in the journal; they reach the main file from there.
                self.core.counts.panics.add(1);
                self.replaying.remove(user);
                lane.lose(user, trouble);
                self.complete(lane, frozen);
                return;
            }
            Ok(end) => {
                if !matches!(story.trouble, Some(Trouble::HeldBack)) && end == TurnEnd::Settled {
                    story.trouble = None;
                }
                self.ended(lane, &mut story, end);
            }
            Err(trouble) => {
                story.trouble = Some(trouble);
                self.replaying.remove(user);
                self.later(lane, user, AFTER_FAILURE);
            }
        }
        if !tokens.is_empty() {
            lane.residents().tokens.entry(user.clone()).or_default().extend(tokens);
        }
        lane.put(story);
        self.complete(lane, frozen);
    }

    /// A user's turn with what was read back for it. What a failing store kept from it waits in the story.
    fn take(
        &self,
        story: &mut Story,
        mut facts: Vec<Incoming>,
        tokens: &mut Vec<Token>,
        force: bool,
        report: &mut Report,
    ) -> Result<TurnEnd, Trouble> {
        let user = story.user.clone();
        let end = self.guarded(&user, force, |turn| {
            let read = read_back(turn.store, tokens, &mut facts)?;
            self.core.counts.read_back.add(read);
            turn.take(story, std::mem::take(&mut facts), report)
        });
        let now = self.core.now();
        for it in facts {
            story.put_aside(it, now);
        }
        end
    }

    /// Work on one user's story: nothing that goes wrong in it reaches another's.
    fn guarded<T>(
        &self,
        user: &UserId,
        force: bool,
        mut work: impl FnMut(&Turn<'_>) -> Result<T, StoreError>,
    ) -> Result<T, Trouble> {
        let core = &self.core;
        let correlation = core.correlation();
        let work = AssertUnwindSafe(|| {
            core.keeper.call(|store| {
                work(&Turn {
                    store,
                    settings: &core.settings,
                    expectations: core.expectations(),
                    bench: core.bench(user),
                    now: core.now(),
                    correlation,
                    force,
                })
            })
        });
        match catch_unwind(work) {
            Ok(done) => done.map_err(|failure| Trouble::Store(failure.to_string())),
            Err(panic) => Err(Trouble::Panicked(said(panic.as_ref()))),
        }
    }

    fn ended(&mut self, lane: &Lane, story: &mut Story, end: TurnEnd) {
        let user = &story.user;
        if end == TurnEnd::More {
            self.replaying.insert(user.clone());
            let began = story.replay.as_ref().map(|replay| replay.began);
            let slice = self.core.settings.replay_slice();
            if began.is_some_and(|began| self.core.now().since(began) > slice) {
                self.background.push_back(user.clone());
            } else {
                let _ = lane.jobs.send(Job::Continue(user.clone()));
            }
            return;
        }
        self.replaying.remove(user);
        match end {
            TurnEnd::Late(until) => lane.residents().late.entry(until).or_default().push(user.clone()),
            TurnEnd::AfterCommit => lane.residents().after_commit.push(user.clone()),
            TurnEnd::Settled | TurnEnd::More => {}
        }
    }

    fn later(&self, lane: &Lane, user: &UserId, wait: Elapsed) {
        let until = self.core.now().saturating_add(wait);
        lane.residents().late.entry(until).or_default().push(user.clone());
    }

    /// Lets go of readings that are in a story now.
    fn complete(&mut self, lane: &Lane, frozen: Option<Frozen>) {
        let Some(frozen) = frozen else { return };
        let user = frozen.user().clone();
        let ended = frozen.complete(self.core.now());
        if ended.waiting > 0 {
            self.again(lane, user);
        }
    }

    /// A user has another turn, after those who wait already.
    fn again(&mut self, lane: &Lane, user: UserId) {
        self.postponed.insert(user.clone());
        let _ = lane.jobs.send(Job::Continue(user));
    }

    /// Users that waited long enough have a turn; all of them, if somebody waits for quiet.
    fn tick(&mut self, lane: &Lane) {
        let now = self.core.now();
        let mut users: Vec<UserId> = std::mem::take(&mut self.postponed).into_iter().collect();
        let mut residents = lane.residents();
        let waiting = if self.settling.is_empty() {
            let later = residents.late.split_off(&now.saturating_add(Elapsed::from_micros(1)));
            std::mem::replace(&mut residents.late, later)
        } else {
            std::mem::take(&mut residents.late)
        };
        users.extend(waiting.into_values().flatten());
        users.extend(residents.tokens.keys().cloned());
        drop(residents);
        users.sort();
        users.dedup();
        for user in &users {
            self.turn(lane, user, Vec::new());
        }
    }

    /// Gives out everything that the main file does not have.
    fn cut(&mut self, lane: &Lane) -> Cut {
        let postponed = std::mem::take(&mut self.postponed);
        for user in &postponed {
            self.turn(lane, user, Vec::new());
        }
        let mut outgoing = Vec::new();
        for user in lane.users() {
            let taken = lane.take(&user);
            let Some(mut story) = taken.story else { continue };
            let mut tokens = taken.tokens;
            let mut report = Report::default();
            self.finish(&mut story, &mut tokens, &mut report);
            self.core.count(&report);
            if !tokens.is_empty() {
                lane.residents().tokens.entry(user.clone()).or_default().extend(tokens);
            }
            let jump_kg = self.core.settings.get().publish_jump_kg;
            if let Some(mut taken) = story.take_out(&self.core.expectations(), jump_kg) {
                unplaced::place(&self.core, &mut taken.commit);
                outgoing.push(taken);
            }
            lane.put(story);
        }
        let lost = std::mem::take(&mut lane.residents().lost);
        let whole = self.find_lost(&lost, &mut outgoing)
            && self.postponed.is_empty()
            && lane.residents().tokens.is_empty();
        if !whole {
            lane.residents().lost.extend(lost);
        }
        Cut { outgoing, whole }
    }

    /// Folds what still waits in a story before it is committed.
    fn finish(&mut self, story: &mut Story, tokens: &mut Vec<Token>, report: &mut Report) {
        if story.replay.is_some() && self.replaying.contains(&story.user) {
            return;
        }
        let widened = match self.take(story, Vec::new(), tokens, true, report) {
            Ok(TurnEnd::More) => {
                self.replaying.insert(story.user.clone());
                if let Some(lane) = self.core.lanes.get(self.number) {
                    let _ = lane.jobs.send(Job::Continue(story.user.clone()));
                }
                return;
            }
            Ok(_) => {
                let user = story.user.clone();
                self.guarded(&user, true, |turn| turn.widen(story, report).map(drop))
            }
            Err(trouble) => Err(trouble),
        };
        if let Err(trouble) = widened {
            // Its facts reach the main file; it is settled from there.
            story.trouble = Some(trouble);
            story.unfold();
        }
    }

    /// Finds the facts of users that a panic lost: the journal has them.
    fn find_lost(&self, lost: &[UserId], outgoing: &mut Vec<Outgoing>) -> bool {
        if lost.is_empty() {
            return true;
        }
        let mut found: BTreeMap<UserId, Vec<Fact>> = BTreeMap::new();
        let mut after = Sequence::START;
        loop {
            let Ok(rows) = self.core.keeper.call(|store| store.tail(after, 10_000)) else { return false };
            let Some(newest) = rows.last() else { break };
            after = newest.sequence;
            for fact in rows.into_iter().flat_map(|row| row.facts) {
                if lost.contains(fact.user()) {
                    found.entry(fact.user().clone()).or_default().push(fact);
                }
            }
        }
        outgoing.extend(found.into_iter().map(|(user, facts)| {
            let mut commit = UserCommit::facts(user, facts);
            unplaced::place(&self.core, &mut commit);
            Outgoing { commit, parts: Vec::new(), requested: Vec::new(), served: None }
        }));
        true
    }

    /// The main file has what was given out.
    fn committed(&mut self, lane: &Lane, ended: Vec<Ended>) {
        let mut again = Vec::new();
        for Ended { user, outcome, held_back } in ended {
            let Some(mut story) = lane.take_story(&user) else {
                lane.drop_place(&user);
                continue;
            };
            story.committing = false;
            if let Some(outcome) = outcome {
                story.seen = outcome.seen;
                if let Some(refusal) = &outcome.refused {
                    tracing::info!(code = refusal.code(), "somebody else moved the user; folded again");
                    self.core.counts.conflicts.add(1);
                    story.unfold();
                    story.dirty = false;
                    again.push(user.clone());
                }
            }
            if held_back {
                story.unfold();
                story.dirty = false;
                story.trouble = Some(Trouble::HeldBack);
            }
            let unsettled = story.fold.is_none() && story.replay.is_none();
            if unsettled && matches!(story.trouble, Some(Trouble::Store(_))) {
                again.push(user.clone());
            }
            if !story.told.is_empty() && !story.is_clean() && story.replay.is_none() {
                story.unfold();
                again.push(user.clone());
            }
            lane.put(story);
        }
        let waiting = std::mem::take(&mut lane.residents().after_commit);
        again.into_iter().chain(waiting).for_each(|user| self.again(lane, user));
    }

    fn given_back(&mut self, lane: &Lane, outgoing: Vec<(Outgoing, Option<Trouble>)>) {
        for (outgoing, trouble) in outgoing {
            let user = outgoing.commit.user.clone();
            let taken = lane.take_story(&user);
            let mut story = taken.unwrap_or_else(|| Box::new(Story::new(user.clone())));
            story.give_back(outgoing);
            story.trouble = trouble;
            lane.put(story);
            self.replaying.remove(&user);
            self.later(lane, &user, AFTER_FAILURE);
        }
        let waiting = std::mem::take(&mut lane.residents().after_commit);
        for user in waiting {
            self.again(lane, user);
        }
    }

    /// Forgets everything of a user that is in memory.
    fn forget(&mut self, lane: &Lane, user: &UserId) {
        let now = self.core.now();
        if let Ok(begun) = self.core.buffer.begin_snapshot(user, Upto::Latest, now)
            && let Ok(frozen) = begun.snapshot.finalize(now)
        {
            frozen.complete(now);
        }
        self.replaying.remove(user);
        self.postponed.remove(user);
        self.background.retain(|other| other != user);
        lane.forget(user);
    }
}

impl Lane {
    /// Nobody is at a place that was taken.
    fn drop_place(&self, user: &UserId) {
        let mut residents = self.residents();
        if matches!(residents.stories.get(user), Some(Place::Out)) {
            residents.stories.remove(user);
        }
    }
}

impl Core {
    fn count(&self, report: &Report) {
        let counts = &self.counts;
        counts.folded.add(report.folded);
        counts.replays.add(report.replays);
        counts.replayed.add(report.replayed);
        counts.duplicates.add(report.duplicates.len() as u64);
        counts.passed_over.add(report.passed_over.len() as u64);
        self.receipts.note_duplicates(&report.duplicates);
    }
}

/// Reads back what left the buffer. What the journal has no more is in the main file already.
fn read_back(
    store: &dyn Store,
    tokens: &mut Vec<Token>,
    facts: &mut Vec<Incoming>,
) -> Result<u64, StoreError> {
    tokens.sort_by_key(|token| token.place);
    let mut read = 0;
    let mut row = None;
    while let Some(token) = tokens.last() {
        let sequence = token.place.sequence;
        if row.as_ref().is_none_or(|(number, _)| *number != sequence) {
            row = Some((sequence, store.journal_row(Sequence::new(sequence))?));
        }
        let kept = row.as_ref().and_then(|(_, row)| row.as_ref()).map_or(&[][..], |row| row.facts.as_slice());
        for fact in meant(kept, token) {
            facts.push(Incoming { fact: fact.clone(), place: token.place });
            read += 1;
        }
        tokens.pop();
    }
    Ok(read)
}

/// The fact that a token is of. A row that was written anew without an erased user has it in another place: then every
/// fact of its key is meant, and what is there twice counts once.
fn meant<'a>(row: &'a [Fact], token: &Token) -> Vec<&'a Fact> {
    let is = |fact: &&Fact| *fact.user() == token.user && fact.key() == token.key;
    let place = usize::try_from(token.place.offset).ok();
    match place.and_then(|place| row.get(place)).filter(is) {
        Some(fact) => vec![fact],
        None => row.iter().filter(is).collect(),
    }
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it said nothing".to_owned())
}
