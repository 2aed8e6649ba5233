//! The engine as its callers see it: opened, offered facts, asked, closed.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use reweigh_buffer::ReplayBuffer;
use reweigh_judge::fingerprint;
use reweigh_reading::{Clock, Fact, Instant, Reject, UserId, admits};
use reweigh_reset::Breakers;
use reweigh_state::CheckedPolicy;
use reweigh_store::{Act, ActKind, Rejected, Sequence};

use crate::batch::{Batch, Receipt};
use crate::drive::{Bell, Drive, Stepper};
use crate::error::EngineError;
use crate::hub::{Core, Parts};
use crate::keeper::{Keeper, Stores};
use crate::lane::Job;
use crate::ledger::FactName;
use crate::machine::Machine;
use crate::serve;
use crate::settings::{CheckedSettings, WhenFull};
use crate::share::Share;
use crate::steward::{Order, Steward};
use crate::work::Worker;
use crate::writer::{Offer, Offered, Writer};

/// Keeps a durable, explainable estimate of each user. See the [crate's front page](crate).
///
/// It is used from many threads at once through one reference. Dropping it ends its threads without draining: what was
/// acknowledged is in the journal. [`close`](Self::close) drains first.
pub struct Engine {
    pub(crate) core: Arc<Core>,
    stores: Arc<dyn Stores>,
    threads: Mutex<Threads>,
    bell: Option<Arc<Bell>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("core", &self.core).finish_non_exhaustive()
    }
}

/// What an engine is opened with.
pub(crate) struct Opening {
    pub(crate) stores: Arc<dyn Stores>,
    pub(crate) policy: CheckedPolicy,
    /// The share of the users that are moved to the policy, if the store may be under another.
    pub(crate) share: Option<Share>,
    pub(crate) settings: CheckedSettings,
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
}

impl Engine {
    /// Opens a store and goes on where it was left, with threads of its own.
    ///
    /// What the last engine acknowledged and did not settle is settled in the background; reads are served at once.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use reweigh::{Engine, Settings};
    /// use reweigh_reading::{Clock, Instant};
    /// use reweigh_state::Profile;
    /// use reweigh_store::{MemoryStore, Store, StoreId};
    ///
    /// struct Stopped(Instant);
    /// impl Clock for Stopped {
    ///     fn now(&self) -> Instant { self.0 }
    /// }
    ///
    /// let store = MemoryStore::new(StoreId::from_number(1));
    /// let engine = Engine::open(
    ///     move || Ok(Arc::new(store.clone()) as Arc<dyn Store>),
    ///     Profile::Balanced.policy().check().unwrap(),
    ///     Settings::default().check().unwrap(),
    ///     Stopped("2026-01-31T08:00:00Z".parse()?),
    /// )?;
    /// assert_eq!(engine.status()?.users, 0);
    /// engine.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store cannot be opened, or is settled under another policy.
    pub fn open(
        stores: impl Stores + 'static,
        policy: CheckedPolicy,
        settings: CheckedSettings,
        clock: impl Clock + Send + Sync + 'static,
    ) -> Result<Self, EngineError> {
        Self::open_with(Arc::new(stores), policy, None, settings, Arc::new(clock))
    }

    pub(crate) fn open_with(
        stores: Arc<dyn Stores>,
        policy: CheckedPolicy,
        share: Option<Share>,
        settings: CheckedSettings,
        clock: Arc<dyn Clock + Send + Sync>,
    ) -> Result<Self, EngineError> {
        let bell = Arc::new(Bell::default());
        let opening = Opening { stores, policy, share, settings, clock };
        let (mut engine, writer, workers, steward) = Self::build(opening, Drive::Threads(Arc::clone(&bell)))?;
        engine.bell = Some(bell);
        let mut threads = Threads::default();
        let started = (|| {
            for (number, worker) in workers.into_iter().enumerate() {
                threads.workers.push(spawn(format!("reweigh-lane-{number}"), move || worker.run())?);
            }
            threads.masters.push(spawn("reweigh-writer".to_owned(), move || writer.run())?);
            threads.masters.push(spawn("reweigh-steward".to_owned(), move || steward.run())?);
            Ok(())
        })();
        engine.threads = Mutex::new(threads);
        started.map_err(|error: std::io::Error| EngineError::Open(Arc::new(error.into())))?;
        Ok(engine)
    }

    /// Opens a store with no threads: whoever holds the [`Machine`] says what is done next. Calls that wait ask the
    /// stepper for steps.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_stepped(
        stores: impl Stores + 'static,
        policy: CheckedPolicy,
        settings: CheckedSettings,
        clock: impl Clock + Send + Sync + 'static,
        stepper: Arc<dyn Stepper>,
    ) -> Result<(Self, Machine), EngineError> {
        let (stores, clock) = (Arc::new(stores), Arc::new(clock));
        let opening = Opening { stores, policy, share: None, settings, clock };
        let (engine, writer, workers, steward) = Self::build(opening, Drive::Steps(stepper))?;
        Ok((engine, Machine::new(writer, workers, steward)))
    }

    fn build(opening: Opening, drive: Drive) -> Result<(Self, Writer, Vec<Worker>, Steward), EngineError> {
        let Opening { stores, policy, share, settings, clock } = opening;
        let open_fault = |fault| EngineError::Open(Arc::new(fault));
        let shared = Arc::clone(&stores);
        let seed = clock.now().unix_micros().unsigned_abs();
        let keeper = Keeper::open(shared, &settings, drive.clone(), seed).map_err(open_fault)?;
        let id = keeper.call(|store| Ok(store.id()))?;
        let buffer = ReplayBuffer::new(settings.buffer()).map_err(|error| open_fault(error.into()))?;
        let breakers =
            Breakers::new(*settings.breaker(), |change| tracing::warn!(%change, "a breaker changed"));
        let (offers, offered) = crossbeam_channel::unbounded();
        let (orders, ordered) = crossbeam_channel::unbounded();
        let parts = Parts { id, keeper, policy, settings, clock, buffer, offers, orders, drive, breakers };
        let core = Arc::new(Core::new(parts));
        let mark = core.keeper.call(|store| store.mark())?;
        let writer = Writer::new(Arc::clone(&core), offered, mark);
        let engine = Self { core: Arc::clone(&core), stores, threads: Mutex::default(), bell: None };
        share.map_or_else(|| engine.hold_to_policy(), |share| engine.move_to_policy(share))?;
        engine.go_on()?;
        let workers = (0..core.lanes.len()).map(|number| Worker::new(Arc::clone(&core), number)).collect();
        let steward = Steward::new(core, ordered);
        Ok((engine, writer, workers, steward))
    }

    /// A store is settled under one policy. A new one takes the policy it is given.
    pub(crate) fn hold_to_policy(&self) -> Result<(), EngineError> {
        let core = &self.core;
        let mut settings = core.keeper.call(|store| store.settings())?;
        let given = fingerprint(&core.policy);
        match settings.current {
            Some(found) if found == given && settings.target.is_none() => Ok(()),
            Some(current) if let Some(target) = settings.target => {
                Err(EngineError::Backfilling { current, target })
            }
            Some(found) => {
                let users = core.keeper.call(|store| store.stats())?.users;
                Err(EngineError::OtherPolicy { found, given, users })
            }
            None => {
                settings.current = Some(given);
                let act = core.act(ActKind::Settings, "engine", "the policy a new store is settled under");
                core.keeper.call(|store| store.set(&settings, &act))?;
                Ok(())
            }
        }
    }

    /// Takes up users that the last engine left unsettled, and pins. The writer reads the tail.
    fn go_on(&self) -> Result<(), EngineError> {
        let core = &self.core;
        let mut after: Option<UserId> = None;
        loop {
            let lines = core.keeper.call(|store| store.marked(after.as_ref(), 1_000))?;
            let Some(last) = lines.last() else { return Ok(()) };
            after = Some(last.user.clone());
            for line in lines {
                if line.pinned.is_some() {
                    serve::look_again(core, &line.user);
                }
                let held = core.rollout.get().is_some_and(|rollout| rollout.holds(core, &line.user));
                if !held
                    && !line.mark.is_settled()
                    && let Some(lane) = core.lane(&line.user)
                {
                    let _ = lane.jobs.send(Job::Turns(vec![line.user]));
                }
            }
        }
    }

    /// Makes facts durable, and says where. When it returns they survive any crash; they are settled soon after.
    ///
    /// Each fact goes through the edge rule first, once and for all: what is refused is remembered among the
    /// rejected rows with its reason, and counted in the receipt. Offering a fact again is harmless.
    ///
    /// # Errors
    ///
    /// The store failed, and nothing of the batch was kept; or nobody knows, and offering it again is harmless; or the
    /// tail is at its bound and the settings say not to wait.
    pub fn ingest(&self, batch: impl Into<Batch>) -> Result<Receipt, EngineError> {
        let Batch { facts, mut rejects, received } = batch.into();
        let received = received.unwrap_or_else(|| self.core.now());
        let limits = self.core.settings.limits();
        let mut taken = facts;
        let mut refused = 0;
        taken.retain(|fact| match admits(fact, received, limits) {
            Ok(()) => true,
            Err(reject) => {
                refused += 1;
                rejects.push(rejected(fact, &reject, received));
                false
            }
        });
        self.core.counts.refused.add(u64::from(refused));
        if taken.is_empty() && rejects.is_empty() {
            return Ok(Receipt { row: Sequence::START, offset: 0, accepted: 0, refused, facts: Vec::new() });
        }
        self.wait_for_room()?;
        let (answer, answers) = crossbeam_channel::bounded(1);
        let names = FactName::of_all(&taken);
        let offer = Offer::Batch(Offered { facts: taken, rejects, refused, answer });
        if self.core.is_closing() || self.core.offers.send(offer).is_err() {
            return Err(EngineError::Closed);
        }
        let receipt = self.core.drive.wait(&answers).unwrap_or(Err(EngineError::Closed))?;
        Ok(Receipt { facts: names, ..receipt })
    }

    fn wait_for_room(&self) -> Result<(), EngineError> {
        loop {
            let Err(room) = self.core.tail.room() else { return Ok(()) };
            let _ = self.core.orders.send(Order::Checkpoint(None));
            if self.core.settings.get().when_full == WhenFull::Refuse {
                return Err(EngineError::Backpressure { facts: self.core.tail.size().facts });
            }
            if self.core.is_closing() || self.core.drive.wait(&room).is_none() {
                return Err(EngineError::Closed);
            }
        }
    }

    /// Waits until everything that was acknowledged before is settled, as far as it can be.
    ///
    /// # Errors
    ///
    /// The engine is closed.
    pub fn settle(&self) -> Result<(), EngineError> {
        self.catch_up()?;
        let (done, answers) = crossbeam_channel::unbounded();
        let mut expected = 0;
        for lane in &self.core.lanes {
            expected += usize::from(lane.jobs.send(Job::Settle { done: done.clone() }).is_ok());
        }
        drop(done);
        for _ in 0..expected {
            self.core.drive.wait(&answers).ok_or(EngineError::Closed)?;
        }
        Ok(())
    }

    /// Waits until the tail that the last engine left is in memory.
    pub(crate) fn catch_up(&self) -> Result<(), EngineError> {
        let (answer, answers) = crossbeam_channel::bounded(1);
        self.core.offers.send(Offer::CatchUp(answer)).map_err(|_| EngineError::Closed)?;
        self.core.drive.wait(&answers).unwrap_or(Err(EngineError::Closed))
    }

    /// Brings everything that was acknowledged before into the main file.
    ///
    /// # Errors
    ///
    /// The store failed. The facts are in the journal, and the next checkpoint tries again.
    pub fn checkpoint(&self) -> Result<(), EngineError> {
        let (answer, answers) = crossbeam_channel::bounded(1);
        self.core.orders.send(Order::Checkpoint(Some(answer))).map_err(|_| EngineError::Closed)?;
        self.core.drive.wait(&answers).unwrap_or(Err(EngineError::Closed))
    }

    /// Takes nothing in any more, settles what was acknowledged, brings it into the main file and ends.
    ///
    /// # Errors
    ///
    /// The store failed. What was acknowledged is in the journal, and the next engine goes on with it.
    pub fn close(self) -> Result<(), EngineError> {
        self.core.closing.store(true, Ordering::Release);
        self.core.tail.wake();
        let drained = self.settle().and_then(|()| self.checkpoint()).and_then(|()| {
            // What waited for the first commit is brought in by the second.
            if self.core.tail.size().facts > 0 || self.is_dirty() {
                self.settle().and_then(|()| self.checkpoint())
            } else {
                Ok(())
            }
        });
        self.end();
        let closed = self.core.keeper.close(self.stores.as_ref());
        drained?;
        closed.map_err(|fault| EngineError::Open(Arc::new(fault)))
    }

    pub(crate) fn stores(&self) -> &Arc<dyn Stores> {
        &self.stores
    }

    fn is_dirty(&self) -> bool {
        self.core.lanes.iter().any(|lane| !lane.residents().stories.is_empty())
    }

    /// Ends the threads: first those that ask the lanes, then the lanes.
    fn end(&self) {
        self.core.closing.store(true, Ordering::Release);
        self.core.ending.store(true, Ordering::Release);
        self.core.tail.wake();
        let _ = self.core.orders.send(Order::Close);
        let _ = self.core.offers.send(Offer::Close);
        if let Some(bell) = &self.bell {
            bell.ring();
        }
        let Threads { masters, workers } =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        join(masters);
        for lane in &self.core.lanes {
            let _ = lane.jobs.send(Job::Close);
        }
        join(workers);
    }
}

/// The threads of an engine.
#[derive(Debug, Default)]
struct Threads {
    masters: Vec<JoinHandle<()>>,
    workers: Vec<JoinHandle<()>>,
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name).spawn(work)
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the engine panicked; what was acknowledged is in the journal");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.end();
    }
}

impl Core {
    /// An act of the engine or of somebody through it.
    pub(crate) fn act(&self, kind: ActKind, by: &str, reason: &str) -> Act {
        let (by, reason) = (by.to_owned(), reason.to_owned());
        Act { kind, by, reason, at: self.now(), correlation: self.correlation() }
    }
}

/// What is remembered of a fact that the edge refused.
fn rejected(fact: &Fact, reject: &Reject, received: Instant) -> Rejected {
    let value = fact.measure().map_or_else(String::new, |it| format!(",{},{:?}", it.value(), it.unit()));
    Rejected {
        row: format!("{},{},{},{}{value}", fact.user(), fact.at(), fact.source(), fact.id()).into_bytes(),
        code: reject.code().to_owned(),
        reason: reject.to_string(),
        origin: "ingest".to_owned(),
        received,
    }
}
