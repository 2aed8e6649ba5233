//! The buffer as its callers see it: locks around the shards.

use std::fmt;

use reweigh_reading::{Fact, Instant, UserId};

use crate::entry::{JournalPlace, Token};
use crate::error::BufferError;
use crate::guard::{Claim, Snapshot};
use crate::limits::{BufferLimits, Rules};
use crate::outcome::{Added, Begun, Remaining, TimedOut, Upto, View};
use crate::planted::{Mutant, Planted};
use crate::shard::{Evicted, Shard};
use crate::slot::{Open, Who};
use crate::stats::BufferStats;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Readings of many users on their way into their states. See the [crate's page](crate) for the protocol.
///
/// It is a handle: a clone is the same buffer. Every call takes one lock, briefly, or one after the other; none is held
/// while anything of the caller's runs, and none is held between two calls, so no call ever waits for a replay.
#[derive(Clone)]
pub struct ReplayBuffer {
    inner: Arc<Inner>,
}

/// A shard behind its lock, aligned so that two share no cache line.
#[repr(align(128))]
struct Lane(Mutex<Shard>);

pub(crate) struct Inner {
    lanes: Box<[Lane]>,
    pub(crate) rules: Rules,
    hash_seed: u64,
    pub(crate) planted: Planted,
}

/// Takes a lock. A panic while it was held would be a defect of this crate; the readings are worth more than the news
/// of it, so a poisoned lock is taken like any other.
pub(crate) fn hold(lock: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    #[inline]
    fn hash(&self, user: &UserId) -> u64 {
        xxhash_rust::xxh3::xxh3_64_with_seed(user.as_str().as_bytes(), self.hash_seed)
    }

    /// The lock that guards the users with this hash.
    #[expect(clippy::indexing_slicing, reason = "there are as many shards as the mask, plus one")]
    pub(crate) fn shard(&self, hash: u64) -> &Mutex<Shard> {
        // The table of a shard uses the lowest bits and the highest seven.
        &self.lanes[(hash >> 32) as usize & (self.lanes.len() - 1)].0
    }
}

impl ReplayBuffer {
    /// Makes an empty buffer.
    ///
    /// # Errors
    ///
    /// The first limit that is out of its bounds.
    pub fn new(limits: &BufferLimits) -> Result<Self, BufferError> {
        Self::with(limits, Planted::NONE)
    }

    /// Makes a buffer with the mistake of this name in it, for the tests that show that it is found.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    #[cfg(planted)]
    pub fn planted(limits: &BufferLimits, mutant: &str) -> Result<Self, BufferError> {
        Self::with(limits, Planted::named(mutant))
    }

    fn with(limits: &BufferLimits, planted: Planted) -> Result<Self, BufferError> {
        let rules = limits.check()?;
        let lanes = (0..limits.shards).map(|_| Lane(Mutex::new(Shard::new()))).collect();
        Ok(Self { inner: Arc::new(Inner { lanes, rules, hash_seed: limits.hash_seed, planted }) })
    }

    /// Adds a reading that is durable at `place`. It never waits for a replay.
    ///
    /// The reading is live, or pending while its user has a snapshot. To make room, older readings of the user or idle
    /// users may leave memory; their tokens are in the answer. If all memory is taken by users with snapshots, the
    /// reading itself leaves at once.
    ///
    /// ```
    /// use reweigh_buffer::{BufferLimits, JournalPlace, ReplayBuffer, Stage};
    /// use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
    ///
    /// let buffer = ReplayBuffer::new(&BufferLimits::default())?;
    /// let measure = Measure::new(80.5, Unit::Kilogram)?;
    /// let fact = Fact::reading(UserId::new("anna")?, Instant::UNIX_EPOCH, Source::unknown(), measure);
    ///
    /// let added = buffer.add(fact, JournalPlace { sequence: 1, offset: 0 })?;
    /// assert_eq!((added.stage, added.waiting), (Stage::Live, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BufferError::Closed`] after [`shutdown`](Self::shutdown). The reading is not in the buffer.
    pub fn add(&self, fact: Fact, place: JournalPlace) -> Result<Added, BufferError> {
        let Inner { rules, planted, .. } = &*self.inner;
        let hash = self.inner.hash(fact.user());
        let lock = self.inner.shard(hash);

        let mut shard = hold(lock);
        if shard.closed {
            drop(shard);
            return Err(BufferError::Closed { user: fact.user().clone() });
        }
        shard = planted.seam(Mutant::DeafShutdown, lock, shard);
        let sequence = shard.next_sequence();
        shard = planted.seam(Mutant::EarlySequence, lock, shard);
        #[cfg(planted)]
        let (mut shard, victim) = planted.before_add(rules, hash, &fact, lock, shard);
        let taken = match shard.room(rules, hash, &fact) {
            Some(room) => shard.push(rules, room, fact, place, sequence, None),
            None => shard.add_and_evict(rules, hash, fact, place, sequence),
        };
        drop(shard);

        let evicted = taken.evicted.map_or(Vec::new(), |evicted| tokens(&evicted));
        #[cfg(planted)]
        let evicted = evicted.into_iter().chain(tokens(&Evicted { own: Vec::new(), idle: victim })).collect();
        Ok(Added { sequence, stage: taken.stage, waiting: taken.waiting, due: taken.due, evicted })
    }

    /// Sets aside what was added for `user` up to a point, and gives the user a new version.
    ///
    /// What comes afterwards is pending. Read the base of the replay only now: until this snapshot ends nobody else can
    /// move the user's readings, so that what the base has and what is frozen can neither overlap nor leave a gap.
    ///
    /// A set may be empty; it keeps others away all the same. It holds no more than twice
    /// [`max_buffer_readings`](BufferLimits::max_buffer_readings): what is beyond stays pending, and
    /// [`Ended::waiting`](crate::Ended::waiting) says so at the end.
    ///
    /// # Errors
    ///
    /// [`BufferError::Busy`] if the user has a snapshot or a guard; it goes on undisturbed. [`BufferError::NoRoom`] if
    /// there is no memory even for the snapshot's own record. Nothing has changed in either case.
    pub fn begin_snapshot(&self, user: &UserId, upto: Upto, now: Instant) -> Result<Begun, BufferError> {
        let Inner { rules, planted, .. } = &*self.inner;
        let hash = self.inner.hash(user);
        let lock = self.inner.shard(hash);
        let who = Who { user, hash };
        let upto = match upto {
            Upto::Latest => None,
            Upto::Sequence(sequence) => Some(sequence),
        };

        let mut shard = hold(lock);
        shard.check_idle(who)?;
        shard = planted.seam(Mutant::TwoWinners, lock, shard);
        let idle = shard.room_for_snapshot(rules, who, upto)?;
        let ticket = shard.raise_version(who);
        shard = planted.seam(Mutant::VersionFirst, lock, shard);
        let frozen = shard.freeze(rules, who, upto, ticket, now);
        drop(shard);

        let frozen = frozen.ok_or_else(|| BufferError::NoRoom { user: user.clone() })?;
        let claim = Claim::new(Arc::clone(&self.inner), user.clone(), hash, ticket, now);
        let evicted = tokens(&Evicted { own: Vec::new(), idle });
        Ok(Begun { snapshot: Snapshot::new(claim, frozen), evicted })
    }

    /// Ends the snapshots that were not finalized in time, and says which. Their readings are live again, in order.
    ///
    /// Call it now and then; what it returns deserves a warning each. A snapshot that is finalized too late ends in the
    /// same way without it.
    #[must_use = "each snapshot that timed out deserves a warning"]
    pub fn expire(&self, now: Instant) -> Vec<TimedOut> {
        let Inner { rules, planted, lanes, .. } = &*self.inner;
        let mut timed_out = Vec::new();
        let mut leaving = Vec::new();
        for Lane(lock) in lanes {
            let mut shard = hold(lock);
            let overdue = shard.overdue(rules, now);
            shard = planted.seam(Mutant::BlindTimeout, lock, shard);
            for (user, hash, ticket) in &overdue {
                let who = Who { user, hash: *hash };
                let Some((late, ours)) = shard.time_out(who, *ticket, now) else { continue };
                timed_out.push(late);
                leaving.push((ours, shard.forget_if_empty(rules, who)));
            }
            drop(shard);
            leaving.clear();
        }
        timed_out
    }

    /// All readings of a user at this moment, to look at, or `None` if there are none and no snapshot either.
    pub fn view(&self, user: &UserId) -> Option<View> {
        let hash = self.inner.hash(user);
        let shard = hold(self.inner.shard(hash));
        let slot = shard.table.slot(shard.find(Who { user, hash })?);
        Some(View {
            version: slot.version,
            frozen: slot.open.as_ref().map(|open| Arc::clone(&open.frozen)),
            waiting: slot.queue.iter().cloned().collect(),
        })
    }

    /// Up to `most` users that have live readings and no snapshot, for those who settle everything.
    ///
    /// Within each shard those come first that would be evicted first. A user leaves the list when its readings are let go,
    /// and goes to the end of its shard's line when they are given back. Where some users may fail again and again, ask
    /// for all: as many of them as `most` in one shard would hide those of the next.
    pub fn idle_users(&self, most: usize) -> Vec<UserId> {
        let mut users = Vec::new();
        for Lane(lock) in &self.inner.lanes {
            let shard = hold(lock);
            users.extend(shard.table.idle().take(most - users.len()).map(|(_, slot)| slot.user.clone()));
            drop(shard);
            if users.len() == most {
                break;
            }
        }
        users
    }

    /// What the buffer holds, and what has happened in it.
    pub fn stats(&self) -> BufferStats {
        let mut stats = BufferStats::default();
        for Lane(lock) in &self.inner.lanes {
            let shard = hold(lock);
            stats.users += shard.table.len();
            let mut pending = 0;
            stats.frozen += shard.total.frozen;
            stats.bytes += shard.bytes();
            stats.bytes_most += shard.bytes_most;
            for (_, slot) in shard.table.busy() {
                pending += slot.queue.len();
                let Some(Open { began, .. }) = slot.open.as_deref() else { continue };
                stats.snapshots += 1;
                stats.oldest_snapshot =
                    Some(stats.oldest_snapshot.map_or(*began, |oldest| oldest.min(*began)));
            }
            stats.pending += pending;
            stats.live += shard.waiting() - pending;
            stats.events.merge(&shard.events());
            stats.durations.merge(&shard.durations);
        }
        stats
    }

    /// Takes no more readings, and says what is left.
    ///
    /// Snapshots go on and may still begin, so that what is left can be settled. A reading whose `add` came back without
    /// an error is counted here or has been let go; one that came too late is in its caller's hands.
    pub fn shutdown(&self) -> Remaining {
        let mut remaining = Remaining { users: 0, readings: 0, snapshots: 0 };
        for Lane(lock) in &self.inner.lanes {
            let mut shard = hold(lock);
            shard.closed = true;
            remaining.users += shard.table.len();
            remaining.readings += shard.waiting() + shard.total.frozen;
            remaining.snapshots += shard.table.busy().count();
        }
        remaining
    }
}

impl fmt::Debug for ReplayBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The readings are many and behind locks.
        f.debug_struct("ReplayBuffer").field("rules", &self.inner.rules).finish_non_exhaustive()
    }
}

/// The tokens of what left memory. Called outside of the lock, because it drops the readings.
#[cold]
fn tokens(evicted: &Evicted) -> Vec<Token> {
    let idle = evicted.idle.iter().flat_map(|slot| slot.queue.iter());
    evicted.own.iter().chain(idle).map(Token::of).collect()
}
