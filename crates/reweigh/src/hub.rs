//! What the parts of an engine share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crossbeam_channel::Sender;
use reweigh_buffer::ReplayBuffer;
use reweigh_reading::{Clock, Instant, UserId};
use reweigh_reset::{Breakers, ResetLog};
use reweigh_state::{CheckedPolicy, Expectations, Fingerprint};
use reweigh_store::{Rejected, StoreId};

use crate::count::Counts;
use crate::drive::Drive;
use crate::fold::Bench;
use crate::keeper::Keeper;
use crate::lane::Lane;
use crate::receipts::Receipts;
use crate::rollout::Rollout;
use crate::serve::Held;
use crate::settings::CheckedSettings;
use crate::steward::Order;
use crate::tail::Tail;
use crate::writer::Offer;

/// What the parts of an engine share.
pub(crate) struct Core {
    pub(crate) id: StoreId,
    pub(crate) keeper: Keeper,
    pub(crate) policy: CheckedPolicy,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) settings: CheckedSettings,
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
    pub(crate) buffer: ReplayBuffer,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) offers: Sender<Offer>,
    pub(crate) orders: Sender<Order>,
    pub(crate) tail: Tail,
    pub(crate) breakers: Breakers,
    pub(crate) drive: Drive,
    pub(crate) counts: Counts,
    pub(crate) receipts: Receipts,
    /// Rejected rows that the journal has and the main file has not.
    pub(crate) rejects: Mutex<Vec<Rejected>>,
    /// Who is served something else than the settled state.
    pub(crate) pins: Mutex<HashMap<UserId, Held>>,
    /// Commits of which nobody knows yet whether they were made.
    pub(crate) stuck: Mutex<Vec<ResetLog>>,
    /// Who may be folded, while users are moved to another policy.
    pub(crate) rollout: OnceLock<Rollout>,
    /// Nothing is taken in any more.
    pub(crate) closing: AtomicBool,
    /// The threads end.
    pub(crate) ending: AtomicBool,
    correlations: AtomicU64,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("id", &self.id).field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

/// What a core is made of.
pub(crate) struct Parts {
    pub(crate) id: StoreId,
    pub(crate) keeper: Keeper,
    pub(crate) policy: CheckedPolicy,
    pub(crate) settings: CheckedSettings,
    pub(crate) clock: Arc<dyn Clock + Send + Sync>,
    pub(crate) buffer: ReplayBuffer,
    pub(crate) offers: Sender<Offer>,
    pub(crate) orders: Sender<Order>,
    pub(crate) drive: Drive,
    pub(crate) breakers: Breakers,
}

impl Core {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { id, keeper, policy, settings, clock, buffer, offers, orders, drive, breakers } = parts;
        let fingerprint = reweigh_judge::fingerprint(&policy);
        let lanes = (0..settings.get().workers).map(|_| Lane::new()).collect();
        // Numbers of different runs do not meet: there are fewer than a million replays per microsecond.
        let first = clock.now().unix_micros().unsigned_abs() << 10;
        let tail = Tail::new(settings.get());
        Self {
            id,
            keeper,
            policy,
            fingerprint,
            settings,
            clock,
            buffer,
            lanes,
            offers,
            orders,
            tail,
            breakers,
            drive,
            counts: Counts::default(),
            receipts: Receipts::default(),
            rejects: Mutex::default(),
            pins: Mutex::default(),
            stuck: Mutex::default(),
            rollout: OnceLock::new(),
            closing: AtomicBool::new(false),
            ending: AtomicBool::new(false),
            correlations: AtomicU64::new(first),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What ties one replay, commit or act to its spans and records.
    pub(crate) fn correlation(&self) -> u64 {
        self.correlations.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn expectations(&self) -> Expectations<'_> {
        Expectations { fingerprint: self.fingerprint, policy: &self.policy }
    }

    pub(crate) fn bench<'a>(&'a self, user: &'a UserId) -> Bench<'a> {
        let snapshot_every = self.settings.get().snapshot_every;
        Bench { user, policy: &self.policy, clock: self.clock.as_ref(), snapshot_every }
    }

    /// The number of the lane of a user: the same as long as the engine is open.
    pub(crate) fn lane_of(&self, user: &UserId) -> usize {
        let hash = xxhash_rust::xxh3::xxh3_64(user.as_str().as_bytes());
        usize::try_from(hash % (self.lanes.len().max(1) as u64)).unwrap_or(0)
    }

    /// The lane of a user.
    pub(crate) fn lane(&self, user: &UserId) -> Option<&Lane> {
        self.lanes.get(self.lane_of(user))
    }

    pub(crate) fn pins(&self) -> MutexGuard<'_, HashMap<UserId, Held>> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rejects(&self) -> MutexGuard<'_, Vec<Rejected>> {
        self.rejects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }
}
