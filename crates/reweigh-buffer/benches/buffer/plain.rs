//! The control: the same sharded map of queues, without snapshots.
//!
//! It finds, bounds, counts, charges and evicts as the buffer does, and answers the same. It has no versions, no turns, no
//! open snapshots and nothing pending. It is written out here rather than built from the buffer's own parts, so that it
//! cannot change with them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use reweigh_buffer::{BufferLimits, Due, JournalPlace};
use reweigh_reading::{Action, Elapsed, Fact, Instant, ReadingId, Source, UserId};

/// What became of a reading, as the buffer would say it.
#[derive(Debug)]
#[expect(dead_code, reason = "it is made as the buffer makes its own, and nobody reads it")]
pub(crate) struct Added {
    pub(crate) waiting: usize,
    pub(crate) due: Option<Due>,
    pub(crate) evicted: Vec<(UserId, JournalPlace)>,
}

#[derive(Debug)]
pub(crate) struct PlainMap {
    lanes: Box<[Lane]>,
    rules: Rules,
}

#[derive(Debug)]
struct Rules {
    live_max: usize,
    bytes_max: usize,
    due_readings: usize,
    due_window: Elapsed,
    hash_seed: u64,
}

#[derive(Debug)]
#[repr(align(128))]
struct Lane(Mutex<Shard>);

#[derive(Debug, Default)]
#[repr(C)]
struct Shard {
    closed: bool,
    /// How many were added; less those that were evicted it says how many there are.
    added: u64,
    slots: Vec<Slot>,
    index: HashTable<u32>,
    /// Who is next to be evicted.
    hand: usize,
    bytes: usize,
    bytes_most: usize,
    evicted: u64,
}

#[derive(Debug)]
struct Slot {
    user: UserId,
    source: Source,
    hash: u64,
    queue: VecDeque<Entry>,
    text_bytes: usize,
    earliest: Instant,
    latest: Instant,
    used: bool,
}

#[derive(Debug)]
struct Entry {
    fact: Fact,
    place: JournalPlace,
    text_bytes: u32,
}

impl PlainMap {
    pub(crate) fn new(limits: &BufferLimits) -> Self {
        let rules = Rules {
            live_max: limits.max_buffer_readings,
            bytes_max: limits.memory_bytes_max / limits.shards,
            due_readings: limits.due_readings,
            due_window: limits.due_window,
            hash_seed: limits.hash_seed,
        };
        Self { lanes: (0..limits.shards).map(|_| Lane(Mutex::default())).collect(), rules }
    }

    /// Not inlined, as a call into another crate is not.
    #[inline(never)]
    pub(crate) fn add(&self, fact: Fact, place: JournalPlace) -> Result<Added, Fact> {
        let hash =
            xxhash_rust::xxh3::xxh3_64_with_seed(fact.user().as_str().as_bytes(), self.rules.hash_seed);
        let Lane(lock) = &self.lanes[usize::try_from(hash >> 32).unwrap_or(0) & (self.lanes.len() - 1)];
        let mut shard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.closed {
            return Err(fact);
        }
        let (waiting, due, evicted) = shard.add(&self.rules, hash, fact, place);
        drop(shard);
        Ok(Added { waiting, due, evicted: evicted.map_or(Vec::new(), |evicted| tokens(&evicted)) })
    }
}

/// What was evicted.
#[derive(Debug, Default)]
struct Leaving {
    entries: Vec<Entry>,
}

/// Nearly always nothing.
type Evicted = Option<Box<Leaving>>;

#[cold]
fn tokens(evicted: &Leaving) -> Vec<(UserId, JournalPlace)> {
    evicted.entries.iter().map(|entry| (entry.fact.user().clone(), entry.place)).collect()
}

impl Shard {
    fn add(
        &mut self,
        rules: &Rules,
        hash: u64,
        fact: Fact,
        place: JournalPlace,
    ) -> (usize, Option<Due>, Evicted) {
        let mut evicted = None;
        let found = self.find(hash, fact.user());
        let (mut at, text_bytes, growth) = match found {
            Some(at) => {
                self.make_place(rules, at, &mut evicted);
                let slot = &self.slots[at];
                let text_bytes = slot.charge(&fact);
                (at, text_bytes, slot.growth(rules.live_max) + text_bytes)
            }
            None => self.insert(rules, hash, &fact),
        };
        if growth > 0 && self.bytes + growth > rules.bytes_max {
            self.evict(rules, growth, fact.user(), &mut evicted);
            at = self.find(hash, fact.user()).unwrap_or(at);
        }
        let slot = &mut self.slots[at];
        if slot.queue.len() == slot.queue.capacity() {
            slot.queue.reserve_exact(slot.next_capacity(rules.live_max) - slot.queue.len());
        }
        slot.text_bytes += text_bytes;
        slot.earliest = slot.earliest.min(fact.at());
        slot.latest = slot.latest.max(fact.at());
        slot.queue.push_back(Entry {
            fact,
            place,
            text_bytes: u32::try_from(text_bytes).unwrap_or(u32::MAX),
        });
        slot.used = found.is_some();
        self.added += 1;
        if growth > 0 {
            self.bytes += growth;
            self.bytes_most = self.bytes_most.max(self.bytes);
        }
        (slot.queue.len(), slot.due(rules), evicted)
    }

    fn find(&self, hash: u64, user: &UserId) -> Option<usize> {
        let same = |at: &u32| {
            let slot = &self.slots[*at as usize];
            slot.hash == hash && slot.user == *user
        };
        self.index.find(hash, same).map(|at| *at as usize)
    }

    fn make_place(&mut self, rules: &Rules, at: usize, evicted: &mut Evicted) {
        let slot = &mut self.slots[at];
        if slot.queue.len() < rules.live_max {
            return;
        }
        let Some(oldest) = slot.queue.pop_front() else { return };
        slot.text_bytes -= oldest.text_bytes as usize;
        self.bytes -= oldest.text_bytes as usize;
        self.evicted += 1;
        evicted.get_or_insert_default().entries.push(oldest);
    }

    #[inline(never)]
    fn insert(&mut self, rules: &Rules, hash: u64, fact: &Fact) -> (usize, usize, usize) {
        let at = self.slots.len();
        let slot = Slot {
            user: fact.user().clone(),
            source: fact.source().clone(),
            hash,
            queue: VecDeque::new(),
            text_bytes: 0,
            earliest: Instant::MAX,
            latest: Instant::MIN,
            used: false,
        };
        let text_bytes = slot.charge(fact);
        let growth = slot.growth(rules.live_max) + text_bytes;
        self.bytes += text_bytes_of(slot.user.as_str()) + text_bytes_of(slot.source.as_str());
        self.slots.push(slot);
        let slots = &self.slots;
        self.index.insert_unique(hash, u32::try_from(at).unwrap_or(u32::MAX), |at| slots[*at as usize].hash);
        (at, text_bytes, growth)
    }

    /// Takes out users, but not `keep`, until there is room.
    #[cold]
    fn evict(&mut self, rules: &Rules, need: usize, keep: &UserId, evicted: &mut Evicted) {
        while self.bytes + need > rules.bytes_max && self.slots.len() > 1 {
            self.hand = (self.hand + 1) % self.slots.len();
            let slot = &mut self.slots[self.hand];
            if slot.used || slot.user == *keep {
                slot.used = false;
                continue;
            }
            let (gone, hand) =
                (self.slots.swap_remove(self.hand), u32::try_from(self.hand).unwrap_or(u32::MAX));
            if let Ok(entry) = self.index.find_entry(gone.hash, |at| *at == hand) {
                entry.remove();
            }
            let last = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
            if let Some(moved) = self.slots.get(self.hand)
                && let Some(at) = self.index.find_mut(moved.hash, |at| *at == last)
            {
                *at = hand;
            }
            self.bytes -= gone.text_bytes + gone.queue.capacity() * size_of::<Entry>();
            self.evicted += gone.queue.len() as u64;
            evicted.get_or_insert_default().entries.extend(gone.queue);
        }
    }
}

impl Slot {
    fn charge(&self, fact: &Fact) -> usize {
        let mut bytes = 0;
        if !std::ptr::eq(fact.user().as_str(), self.user.as_str()) {
            bytes += text_bytes_of(fact.user().as_str());
        }
        if !std::ptr::eq(fact.source().as_str(), self.source.as_str()) {
            bytes += text_bytes_of(fact.source().as_str());
        }
        if let ReadingId::Given(id) = fact.id() {
            bytes += text_bytes_of(id.as_str());
        }
        if let Action::Reset { reason } = fact.action() {
            bytes += text_bytes_of(reason.as_str());
        }
        bytes
    }

    fn growth(&self, most: usize) -> usize {
        let capacity = self.queue.capacity();
        if self.queue.len() == capacity {
            (self.next_capacity(most) - capacity) * size_of::<Entry>()
        } else {
            0
        }
    }

    fn next_capacity(&self, most: usize) -> usize {
        let capacity = self.queue.capacity();
        (2 * capacity).min(most).max(capacity + 1)
    }

    fn due(&self, rules: &Rules) -> Option<Due> {
        if self.queue.len() >= rules.due_readings {
            Some(Due::Readings)
        } else if self.latest.since(self.earliest) >= rules.due_window {
            Some(Due::Window)
        } else {
            None
        }
    }
}

fn text_bytes_of(text: &str) -> usize {
    16 + text.len().next_multiple_of(8)
}
