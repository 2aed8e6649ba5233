//! The writer: groups what is offered, makes it durable in one go, answers, and hands it to the lanes.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use reweigh_buffer::{BufferError, JournalPlace, Token};
use reweigh_reading::{Fact, UserId};
use reweigh_store::{JournalRow, Rejected, Sequence, StoreError};

use crate::batch::Receipt;
use crate::deed::Deed;
use crate::drive::{Drive, Next};
use crate::error::EngineError;
use crate::hub::Core;
use crate::lane::Job;
use crate::story::Incoming;

/// How many facts of the tail are read at a time.
const TAIL_PIECE: usize = 65_536;

/// What the writer is asked for.
#[derive(Debug)]
pub(crate) enum Offer {
    /// Make this durable.
    Batch(Offered),
    /// Say so once the tail that the last engine left is handed on.
    CatchUp(Sender<Result<(), EngineError>>),
    /// Something that must not be done while a row is appended or handed on.
    Do(Deed),
    /// End.
    Close,
}

/// A batch that waits to be made durable. It has been through the edge.
#[derive(Debug)]
pub(crate) struct Offered {
    pub(crate) facts: Vec<Fact>,
    pub(crate) rejects: Vec<Rejected>,
    pub(crate) refused: u32,
    pub(crate) answer: Sender<Result<Receipt, EngineError>>,
}

/// The writer of an engine.
#[derive(Debug)]
pub(crate) struct Writer {
    core: Arc<Core>,
    offers: Receiver<Offer>,
    /// The last row of the journal that was handed on.
    last: Sequence,
    /// Whether rows of the journal are still to be read: then what comes is read with them, in order.
    behind: bool,
    /// What could not be grouped.
    next: Option<Offer>,
    /// Who waits until the writer is behind no more.
    catching_up: Vec<Sender<Result<(), EngineError>>>,
}

impl Writer {
    pub(crate) fn new(core: Arc<Core>, offers: Receiver<Offer>, last: Sequence) -> Self {
        core.tail.handed(last);
        Self { core, offers, last, behind: true, next: None, catching_up: Vec::new() }
    }

    /// Works until the engine closes.
    pub(crate) fn run(mut self) {
        loop {
            if self.behind && !self.core.is_ending() {
                self.catch_up();
                self.wait_for_lanes();
                if self.behind && self.next.is_none() && self.offers.is_empty() {
                    continue;
                }
            }
            let next = self.next.take().map_or_else(|| Drive::next(&self.offers, None), Next::Work);
            match next {
                Next::Work(Offer::Close) | Next::Closed => return,
                Next::Work(offer) => self.take(offer),
                Next::Nothing => {}
            }
        }
    }

    /// One group, or a piece of the tail, if there is any.
    pub(crate) fn step(&mut self) -> bool {
        let next = self.next.take().or_else(|| self.offers.try_recv().ok());
        match next {
            Some(offer) => self.take(offer),
            None if self.behind => self.catch_up(),
            None => return false,
        }
        true
    }

    fn take(&mut self, offer: Offer) {
        match offer {
            Offer::Batch(first) => self.group(first),
            Offer::CatchUp(answer) if self.behind => self.catching_up.push(answer),
            Offer::CatchUp(answer) => drop(answer.send(Ok(()))),
            Offer::Do(deed) => deed.run(&self.core),
            Offer::Close => {}
        }
    }

    /// Hands on the next piece of the tail.
    fn catch_up(&mut self) {
        match self.core.keeper.call(|store| store.tail(self.last, TAIL_PIECE)) {
            Ok(rows) => {
                self.behind = !rows.is_empty();
                for row in rows {
                    self.take_up(row);
                }
                if !self.behind {
                    self.core.tail.caught_up();
                    for waiting in self.catching_up.drain(..) {
                        let _ = waiting.send(Ok(()));
                    }
                }
            }
            Err(failure) => {
                tracing::error!(code = failure.last.code(), "the tail could not be read; it is tried again");
                let failure = Arc::new(failure);
                for waiting in self.catching_up.drain(..) {
                    let _ = waiting.send(Err(EngineError::Store(Arc::clone(&failure))));
                }
                self.core.drive.pause(self.core.settings.backoff());
            }
        }
    }

    /// The tail is read no faster than it is folded, so that it takes bounded memory.
    fn wait_for_lanes(&self) {
        let (done, answers) = crossbeam_channel::unbounded();
        for lane in &self.core.lanes {
            let _ = lane.jobs.send(Job::Echo(done.clone()));
        }
        drop(done);
        while self.core.drive.wait(&answers).is_some() {}
    }

    /// Makes what waits durable together.
    fn group(&mut self, first: Offered) {
        let most = self.core.settings.get().group_facts_max;
        let mut facts = first.facts;
        let mut rejects = first.rejects;
        let mut answers = vec![(first.answer, 0, facts.len(), first.refused)];
        while facts.len() < most {
            let next = match self.offers.try_recv() {
                Ok(Offer::Batch(next)) => next,
                Ok(other) => {
                    self.next = Some(other);
                    break;
                }
                Err(_) => break,
            };
            answers.push((next.answer, facts.len(), next.facts.len(), next.refused));
            facts.extend(next.facts);
            rejects.extend(next.rejects);
        }
        let appended = self.core.keeper.call(|store| store.append(&facts, &rejects));
        let row = match appended {
            Ok(row) => row,
            Err(failure) => {
                let unknown = matches!(failure.last, StoreError::Unknown { .. });
                let failure = Arc::new(failure);
                for (answer, ..) in answers {
                    let error = if unknown {
                        EngineError::Unknown(Arc::clone(&failure))
                    } else {
                        EngineError::Store(Arc::clone(&failure))
                    };
                    // Nobody waits for the answer any more: fine.
                    let _ = answer.send(Err(error));
                }
                // What turns out to be in the journal all the same is handed on like anything else.
                self.behind |= unknown;
                return;
            }
        };
        self.core.receipts.appended(row);
        self.core.counts.groups.add(1);
        self.core.counts.acknowledged.add(facts.len() as u64);
        // Before the answer: whoever has it finds the facts on their way.
        if !self.behind {
            self.take_up(JournalRow { sequence: row, facts, rejects });
        }
        for (answer, offset, accepted, refused) in answers {
            let (offset, accepted) = (narrow(offset), narrow(accepted));
            let _ = answer.send(Ok(Receipt { row, offset, accepted, refused, facts: Vec::new() }));
        }
    }

    /// Takes up a row that is durable.
    fn take_up(&mut self, row: JournalRow) {
        let JournalRow { sequence, facts, rejects } = row;
        let bytes = facts.iter().map(bytes_of).sum();
        self.core.tail.came(sequence, facts.len() as u64, bytes, self.core.now());
        self.hand_on(sequence, facts, rejects);
    }

    /// Hands what is durable to the lanes of its users.
    fn hand_on(&mut self, row: Sequence, facts: Vec<Fact>, rejects: Vec<Rejected>) {
        if !rejects.is_empty() {
            self.core.rejects().extend(rejects);
        }
        let lanes = self.core.lanes.len();
        let mut turns: Vec<Vec<UserId>> = vec![Vec::new(); lanes];
        let mut run: Vec<Incoming> = Vec::new();
        let most = self.core.settings.get().max_buffer_readings / 2;
        for (offset, fact) in facts.into_iter().enumerate() {
            let place = JournalPlace { sequence: row.get(), offset: narrow(offset) };
            if run.first().is_some_and(|first| first.fact.user() != fact.user()) {
                self.pass(&mut run, most, &mut turns);
            }
            run.push(Incoming { fact, place });
        }
        self.pass(&mut run, most, &mut turns);
        for (lane, users) in self.core.lanes.iter().zip(turns) {
            if !users.is_empty() {
                // The lane is there as long as the writer is.
                let _ = lane.jobs.send(Job::Turns(users));
            }
        }
        self.last = self.last.max(row);
        self.core.tail.handed(row);
    }

    /// Passes on the facts of one user that came one after the other: a few go into the buffer, many go to the worker
    /// as they are.
    fn pass(&self, run: &mut Vec<Incoming>, most: usize, turns: &mut [Vec<UserId>]) {
        let Some(first) = run.first() else { return };
        let user = first.fact.user().clone();
        if let Some(rollout) = self.core.rollout.get().filter(|rollout| rollout.holds(&self.core, &user)) {
            rollout.put_aside(&user, run.drain(..));
            return;
        }
        let number = self.core.lane_of(&user);
        let Some(lane) = self.core.lanes.get(number) else { return };
        if run.len() > most {
            lane.began_run(&user);
            let _ = lane.jobs.send(Job::Run(user, std::mem::take(run)));
            return;
        }
        for Incoming { fact, place } in run.drain(..) {
            match self.core.buffer.add(fact, place) {
                Ok(added) => {
                    if added.waiting == 1
                        && added.stage == reweigh_buffer::Stage::Live
                        && let Some(users) = turns.get_mut(number)
                    {
                        users.push(user.clone());
                    }
                    if !added.evicted.is_empty() {
                        self.core.evicted(added.evicted);
                    }
                }
                // It is durable, and whoever opens the store next reads it from the journal.
                Err(BufferError::Closed { .. }) => {}
                Err(error) => tracing::error!(%error, "a reading is not in the buffer; it is in the journal"),
            }
        }
    }
}

impl Core {
    /// Readings left the buffer: their users have a turn, and read them back.
    pub(crate) fn evicted(&self, tokens: Vec<Token>) {
        for token in tokens {
            let user = token.user.clone();
            let Some(lane) = self.lane(&user) else { continue };
            lane.residents().tokens.entry(user.clone()).or_default().push(token);
            let _ = lane.jobs.send(Job::Turns(vec![user]));
        }
    }
}

/// What a fact takes in memory, roughly.
fn bytes_of(fact: &Fact) -> u64 {
    (96 + fact.source().as_str().len() + fact.user().as_str().len()) as u64
}

/// A row has fewer facts than 2^32: the largest group is bounded.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
