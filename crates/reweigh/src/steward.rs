//! The steward: decides when a checkpoint is due, and brings it into the main file.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use reweigh_buffer::TimedOut;
use reweigh_reading::{Elapsed, Instant};
use reweigh_reset::{BreakerState, OperationKind};
use reweigh_store::Sequence;

use crate::checkpoint::{self, Brought};
use crate::deed::Deed;
use crate::drive::{Drive, Next};
use crate::error::EngineError;
use crate::hub::Core;
use crate::lane::{Cut, Job};
use crate::story::{Outgoing, Trouble};

/// How often the steward looks around.
const TICK: Duration = Duration::from_millis(25);

/// What the steward is asked for.
#[derive(Debug)]
pub(crate) enum Order {
    /// A checkpoint now.
    Checkpoint(Option<Sender<Result<(), EngineError>>>),
    /// Something that must not be done beside a checkpoint.
    Do(Deed),
    /// End.
    Close,
}

/// The steward of an engine.
#[derive(Debug)]
pub(crate) struct Steward {
    core: Arc<Core>,
    orders: Receiver<Order>,
    last_tick: Option<Instant>,
}

impl Steward {
    pub(crate) fn new(core: Arc<Core>, orders: Receiver<Order>) -> Self {
        Self { core, orders, last_tick: None }
    }

    /// Works until the engine closes.
    pub(crate) fn run(mut self) {
        loop {
            match Drive::next(&self.orders, Some(TICK)) {
                Next::Work(Order::Close) | Next::Closed => return,
                Next::Work(order) => self.order(order),
                Next::Nothing => self.tick(),
            }
        }
    }

    /// One order, or a look around if time went by since the last.
    pub(crate) fn step(&mut self) -> bool {
        if let Ok(order) = self.orders.try_recv() {
            self.order(order);
            return true;
        }
        let now = self.core.now();
        if self.last_tick == Some(now) {
            return false;
        }
        self.tick();
        true
    }

    fn order(&mut self, order: Order) {
        let answer = match order {
            Order::Checkpoint(answer) => answer,
            Order::Do(deed) => return deed.run(&self.core),
            Order::Close => return,
        };
        let done = self.checkpoint();
        if let Some(answer) = answer {
            // Whoever asked may have gone.
            let _ = answer.send(done);
        }
        if self.is_due(self.core.now()).is_none() {
            return;
        }
        self.tick();
    }

    fn tick(&mut self) {
        let core = &self.core;
        let now = core.now();
        self.last_tick = Some(now);
        for TimedOut { version, age, readings, .. } in core.buffer.expire(now) {
            tracing::warn!(
                version = version.get(),
                age_us = age.micros(),
                readings,
                "a snapshot of the buffer timed out"
            );
        }
        core.breakers.poll(now);
        for lane in &core.lanes {
            let residents = lane.residents();
            let waits = residents.late.keys().next().is_some_and(|until| *until <= now);
            drop(residents);
            if waits {
                let _ = lane.jobs.send(Job::Tick);
            }
        }
        self.let_go_of_held_back();
        checkpoint::look_after(core);
        if let Some(why) = self.is_due(now) {
            tracing::debug!(why, "a checkpoint is due");
            if let Err(error) = self.checkpoint() {
                tracing::error!(code = error.code(), %error, "a checkpoint failed; the facts stay in the journal");
            }
        }
    }

    /// Why a checkpoint is due, if it is.
    fn is_due(&self, now: Instant) -> Option<&'static str> {
        let (settings, size) = (self.core.settings.get(), self.core.tail.size());
        let (mut facts, mut bytes) = (0, 0);
        for lane in &self.core.lanes {
            let residents = lane.residents();
            facts += residents.facts;
            bytes += residents.bytes;
        }
        if facts >= settings.checkpoint_facts {
            return Some("facts");
        }
        if bytes >= settings.checkpoint_bytes {
            return Some("bytes");
        }
        if size.facts >= settings.tail_facts_max / 2 || size.bytes >= settings.tail_bytes_max / 2 {
            return Some("tail");
        }
        let idle = self
            .core
            .tail
            .last_came()
            .is_some_and(|came| now.since(came) >= self.core.settings.checkpoint_idle());
        (idle && (size.facts > 0 || facts > 0)).then_some("idle")
    }

    /// Users that wait for the breaker have a turn once it lets commits through.
    fn let_go_of_held_back(&self) {
        let breaker = self.core.breakers.of(OperationKind::ResetCommit);
        if matches!(breaker.status().state, BreakerState::Open | BreakerState::ForcedOpen) {
            return;
        }
        for lane in &self.core.lanes {
            let residents = lane.residents();
            if residents.troubles.is_empty() {
                continue;
            }
            let held = residents.troubles.iter().filter(|(_, trouble)| **trouble == Trouble::HeldBack);
            let users: Vec<_> = held.map(|(user, _)| user.clone()).collect();
            drop(residents);
            if !users.is_empty() {
                let _ = lane.jobs.send(Job::Turns(users));
            }
        }
    }

    /// Brings everything that was handed to the lanes into the main file.
    ///
    /// # Errors
    ///
    /// The store failed. What it did not take is where it was: in the journal, and in memory.
    pub(crate) fn checkpoint(&mut self) -> Result<(), EngineError> {
        let core = Arc::clone(&self.core);
        let mark = core.tail.last_handed();
        let rejects = std::mem::take(&mut *core.rejects());
        let (mut outgoing, whole) = self.cut()?;
        outgoing.extend(core.rollout.get().into_iter().flat_map(|rollout| rollout.take(&core)));
        outgoing.sort_by(|a, b| a.commit.user.cmp(&b.commit.user));
        core.counts.checkpoints.add(1);
        let mut pieces =
            pieces(outgoing, core.settings.get().transaction_facts, core.settings.get().transaction_users);
        let mut failed: Option<EngineError> = None;
        let mut left = Some(rejects);
        while let Some(users) = pieces.pop_front() {
            let last = pieces.is_empty();
            let moves = last && whole && failed.is_none();
            let rejects = if last { left.take().unwrap_or_default() } else { Vec::new() };
            let piece = checkpoint::Piece { users, rejects, mark: moves.then_some(mark) };
            let Brought { rejects, result } = checkpoint::bring(&core, piece);
            if let Err(error) = result {
                core.rejects().extend(rejects);
                failed = Some(error);
            } else if moves {
                self.moved(mark);
            }
        }
        core.tail.wake();
        failed.map_or(Ok(()), Err)
    }

    /// The mark moved: the journal lets go, and whoever waits for room looks again.
    fn moved(&self, mark: Sequence) {
        self.core.tail.marked(mark);
        if let Err(failure) = self.core.keeper.call(|store| store.prune()) {
            tracing::warn!(code = failure.last.code(), "rows of the journal below the mark stay for now");
        }
    }

    /// What the lanes give out, and whether it is everything.
    fn cut(&self) -> Result<(Vec<Outgoing>, bool), EngineError> {
        let (cut, answers) = crossbeam_channel::unbounded();
        let mut expected = 0;
        for lane in &self.core.lanes {
            expected += usize::from(lane.jobs.send(Job::Cut { cut: cut.clone() }).is_ok());
        }
        drop(cut);
        let (mut outgoing, mut whole) = (Vec::new(), expected == self.core.lanes.len());
        for _ in 0..expected {
            let Some(Cut { outgoing: more, whole: all }) = self.core.drive.wait(&answers) else {
                return Err(EngineError::Closed);
            };
            outgoing.extend(more);
            whole &= all;
        }
        Ok((outgoing, whole))
    }
}

/// Cuts a checkpoint into transactions; there is always one, which may be empty.
fn pieces(outgoing: Vec<Outgoing>, facts_most: usize, users_most: usize) -> VecDeque<Vec<Outgoing>> {
    let mut pieces = VecDeque::from([Vec::new()]);
    let mut facts = 0;
    for one in outgoing {
        let more = one.commit.facts.len();
        let full = pieces.back().is_some_and(|piece: &Vec<Outgoing>| {
            piece.len() >= users_most || (!piece.is_empty() && facts + more > facts_most)
        });
        if full {
            pieces.push_back(Vec::new());
            facts = 0;
        }
        facts += more;
        if let Some(piece) = pieces.back_mut() {
            piece.push(one);
        }
    }
    pieces
}

/// So long a checkpoint may take before it is worth a word.
pub(crate) const LONG: Elapsed = Elapsed::from_seconds(1);
