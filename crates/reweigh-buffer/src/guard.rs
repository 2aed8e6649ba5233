//! The two phases of a snapshot as values: whoever holds one has the user, and dropping it gives everything back.

use std::fmt;

use reweigh_reading::{Clock, Elapsed, Instant, OrderKey, ReadingId, Source, UserId};

use crate::buffer::{Inner, hold};
use crate::entry::{Buffered, Version};
use crate::error::BufferError;
use crate::outcome::Ended;
use crate::planted::Mutant;
use crate::queue::Queue;
use crate::slot::Who;
use crate::sync::Arc;

/// The right to a user's open snapshot. If it goes while the snapshot is open, the snapshot ends and everything is put
/// back.
pub(crate) struct Claim {
    inner: Arc<Inner>,
    user: UserId,
    hash: u64,
    ticket: Version,
    began: Instant,
    /// Whether the snapshot is still ours to end.
    open: bool,
}

impl Claim {
    pub(crate) fn new(inner: Arc<Inner>, user: UserId, hash: u64, ticket: Version, began: Instant) -> Self {
        Self { inner, user, hash, ticket, began, open: true }
    }

    /// Ends the snapshot and puts everything back. `None` if it had ended already, by timing out.
    fn give_back(&mut self, now: Option<Instant>) -> Option<Ended> {
        let Self { inner, user, hash, ticket, began, open } = self;
        *open = false;
        let who = Who { user, hash: *hash };
        let lock = inner.shard(*hash);

        let mut shard = hold(lock);
        let closed = shard.close(who, *ticket)?;
        let readings = closed.frozen.len();
        shard = inner.planted.seam(Mutant::LateSwap, lock, shard);
        let ours = shard.put_back(who, inner.planted.kept(closed));
        let duration = now.map(|now| now.since(*began));
        shard.count_given_back(duration);
        let ended = shard.ended(&inner.rules, who, readings, duration.unwrap_or(Elapsed::ZERO));
        let empty = shard.forget_if_empty(&inner.rules, who);
        drop(shard);

        drop((ours, empty));
        Some(ended)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.open {
            self.give_back(None);
        }
    }
}

/// The first phase: a snapshot that has begun. Its readings are set aside, and nobody has them yet.
///
/// Read the base of the replay, then [`finalize`](Self::finalize). If that does not happen in time the snapshot ends by
/// itself; if this is dropped it ends at once. Either way the readings are live again, in order.
#[must_use = "dropping a snapshot aborts it"]
pub struct Snapshot {
    claim: Claim,
    readings: usize,
}

impl Snapshot {
    pub(crate) fn new(claim: Claim, readings: usize) -> Self {
        Self { claim, readings }
    }

    /// Whose it is.
    pub fn user(&self) -> &UserId {
        &self.claim.user
    }

    /// The version that it made.
    pub fn version(&self) -> Version {
        self.claim.ticket
    }

    /// When it began.
    pub fn began(&self) -> Instant {
        self.claim.began
    }

    /// How many readings are set aside.
    pub fn len(&self) -> usize {
        self.readings
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.readings == 0
    }

    /// Hands out the readings that were set aside. From now on the snapshot does not time out.
    ///
    /// # Errors
    ///
    /// [`BufferError::TimedOut`] if it is too late. The readings are live again.
    pub fn finalize(self, now: Instant) -> Result<Frozen, BufferError> {
        let Self { mut claim, .. } = self;
        let who = Who { user: &claim.user, hash: claim.hash };
        let rules = &claim.inner.rules;

        let mut shard = hold(claim.inner.shard(claim.hash));
        let (set, late) = match shard.is_late(rules, who, claim.ticket, now) {
            Some(false) => (shard.finalize(who, claim.ticket), None),
            Some(true) => (None, shard.time_out(who, claim.ticket, now)),
            None => (None, None),
        };
        let empty = if set.is_none() { shard.forget_if_empty(rules, who) } else { None };
        drop(shard);

        drop((late, empty));
        let Some(set) = set else {
            claim.open = false;
            let (age, limit) = (now.since(claim.began), rules.snapshot_timeout);
            return Err(BufferError::TimedOut { user: claim.user.clone(), age, limit });
        };
        Ok(Frozen { set, claim })
    }

    /// Gives the readings up; they are live again. `None` if the snapshot had timed out and they were so already.
    pub fn abort(self, now: Instant) -> Option<Ended> {
        let Self { mut claim, .. } = self;
        claim.give_back(Some(now))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("user", &self.claim.user)
            .field("version", &self.claim.ticket)
            .field("began", &self.claim.began)
            .field("readings", &self.readings)
            .finish()
    }
}

/// The second phase: a guard that owns the frozen readings of one user.
///
/// A replay takes this and nothing else of the buffer. Once the folded state is in the shard's dirty set, and thereby
/// the readings are in it and in the durable journal, [`complete`](Self::complete) lets them go. Everything else puts
/// them back in front of what came meanwhile: [`abort`](Self::abort), a `?`, a panic.
#[must_use = "dropping a guard gives its readings back"]
pub struct Frozen {
    // Dropped before the claim: whoever puts the readings back then finds them unshared, and moves them.
    set: Arc<Queue>,
    claim: Claim,
}

impl Frozen {
    /// Whose readings they are.
    pub fn user(&self) -> &UserId {
        &self.claim.user
    }

    /// The version that the snapshot made.
    pub fn version(&self) -> Version {
        self.claim.ticket
    }

    /// When the snapshot began.
    pub fn began(&self) -> Instant {
        self.claim.began
    }

    /// The readings in the order in which they were added.
    pub fn readings(&self) -> impl ExactSizeIterator<Item = &Buffered> + DoubleEndedIterator + Clone {
        self.set.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether there is none. The guard keeps others away all the same.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// The key that comes first in the user's story: the base of the replay lies before it.
    pub fn first_key(&self) -> Option<OrderKey> {
        fn place(reading: &Buffered) -> (Instant, &Source, &ReadingId) {
            let fact = reading.fact();
            (fact.at(), fact.source(), fact.id())
        }
        self.set.iter().min_by(|a, b| place(a).cmp(&place(b))).map(|first| first.fact().key())
    }

    /// Lets the readings go. What was pending is live from this moment on.
    pub fn complete(self, now: Instant) -> Ended {
        let Self { set, mut claim } = self;
        claim.open = false;
        let who = Who { user: &claim.user, hash: claim.hash };
        let rules = &claim.inner.rules;
        let duration = now.since(claim.began);

        let mut shard = hold(claim.inner.shard(claim.hash));
        let closed = shard.close(who, claim.ticket);
        shard.count_completed(set.len(), duration);
        let ended = shard.ended(rules, who, set.len(), duration);
        let empty = shard.forget_if_empty(rules, who);
        drop(shard);

        // The readings and the slot are freed here, outside of the lock.
        drop((closed, set, empty));
        ended
    }

    /// Publishes what was made of the readings, then lets them go; if publishing fails or panics they are put back.
    ///
    /// `publish` puts the folded state into the dirty set. No lock of the buffer is held while it runs.
    ///
    /// # Errors
    ///
    /// What `publish` failed with. The snapshot is aborted.
    pub fn complete_with<T, E>(
        self,
        clock: &impl Clock,
        publish: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<(T, Ended), E> {
        match publish(&self) {
            Ok(published) => Ok((published, self.complete(clock.now()))),
            Err(error) => {
                self.abort(clock.now());
                Err(error)
            }
        }
    }

    /// Gives the readings back: they are live again, in front of what came meanwhile.
    pub fn abort(self, now: Instant) -> Ended {
        let Self { set, mut claim } = self;
        let readings = set.len();
        drop(set);
        let duration = now.since(claim.began);
        // Nobody else ends a finalized snapshot, so this is always here to be given back.
        claim.give_back(Some(now)).unwrap_or(Ended {
            version: claim.ticket,
            readings,
            duration,
            waiting: 0,
            due: None,
        })
    }
}

impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frozen")
            .field("user", &self.claim.user)
            .field("version", &self.claim.ticket)
            .field("began", &self.claim.began)
            .field("readings", &self.set.len())
            .finish()
    }
}
