//! One shard as a state machine: what each call does to it while its lock is held.
//!
//! Nothing here takes a lock, calls out or frees a reading. What leaves is handed up and dropped outside of the lock.
//! Where one call is several steps, all of them happen under one lock.

use reweigh_reading::{Elapsed, Fact, Instant, UserId};

use crate::entry::{Buffered, JournalPlace, Sequence, Version, charge};
use crate::error::{BufferError, Phase};
use crate::histogram::DurationHistogram;
use crate::limits::Rules;
use crate::outcome::{Due, Ended, Stage, TimedOut};
use crate::queue::Queue;
use crate::slot::{Measure, OPEN_BYTES, Open, Slot, Who};
use crate::stats::Events;
use crate::sync::Arc;
use crate::table::{At, Table};

/// One shard: its users, its counters, and what happened in it. What adding needs comes first, so that it is side by side
/// in memory.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Shard {
    pub(crate) closed: bool,
    last_sequence: u64,
    pub(crate) table: Table,
    pub(crate) total: Measure,
    pub(crate) bytes_most: usize,
    events: Events,
    last_version: u64,
    pub(crate) durations: DurationHistogram,
}

/// What `add` did, with what must be dropped or handed on outside of the lock.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) stage: Stage,
    pub(crate) waiting: usize,
    pub(crate) due: Option<Due>,
    /// Nearly always nothing, and then it costs nothing.
    pub(crate) evicted: Option<Box<Evicted>>,
}

/// What leaves memory.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    /// Of the user that something was added to: its oldest, or the one that found no room.
    pub(crate) own: Vec<Buffered>,
    /// Idle users with all they had.
    pub(crate) idle: Vec<Slot>,
}

/// Where a reading goes, what its texts cost, and how much memory it takes in all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    at: At,
    text_bytes: usize,
    grown: usize,
}

impl Evicted {
    fn is_nothing(&self) -> bool {
        self.own.is_empty() && self.idle.is_empty()
    }
}

impl Shard {
    pub(crate) fn new() -> Self {
        Self {
            closed: false,
            last_sequence: 0,
            table: Table::new(),
            total: Measure::default(),
            bytes_most: 0,
            events: Events::default(),
            last_version: 0,
            durations: DurationHistogram::new(),
        }
    }

    /// All the memory that the shard takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.table.bytes() + self.total.bytes
    }

    /// What has happened. Each reading that was not refused was added; counting them again would cost every one of them.
    pub(crate) fn events(&self) -> Events {
        Events { added: self.last_sequence - self.events.refused, ..self.events }
    }

    /// How many readings are in memory and not frozen: those that came, without those that left. So adding need not count.
    pub(crate) fn waiting(&self) -> usize {
        let Events { evicted_live, evicted_pending, evicted_idle, completed_readings, .. } = self.events;
        let left = evicted_live + evicted_pending + evicted_idle + completed_readings;
        usize::try_from(self.events().added - left).unwrap_or(usize::MAX) - self.total.frozen
    }

    fn note_bytes(&mut self) {
        self.bytes_most = self.bytes_most.max(self.bytes());
    }

    #[inline]
    pub(crate) fn find(&self, who: Who<'_>) -> Option<At> {
        self.table.find(who.hash, who.user)
    }

    pub(crate) fn next_sequence(&mut self) -> Sequence {
        self.last_sequence += 1;
        Sequence(self.last_sequence)
    }

    fn next_version(&mut self) -> Version {
        self.last_version += 1;
        Version(self.last_version)
    }

    /// The way that nearly every reading goes: its user is here and had readings before, and nothing has to leave for it.
    #[inline]
    pub(crate) fn room(&self, rules: &Rules, hash: u64, fact: &Fact) -> Option<Room> {
        let at = self.find(Who { user: fact.user(), hash })?;
        let slot = self.table.slot(at);
        slot.source.as_ref()?;
        let bound = slot.bound(rules);
        let text_bytes = charge(fact, slot);
        let grown = slot.queue.growth(bound) + text_bytes;
        let fits = slot.queue.len() < bound && (grown == 0 || self.fits(rules, grown));
        fits.then_some(Room { at, text_bytes, grown })
    }

    /// The way of the others: takes a reading in after what has to leave for it has left, or says why it left memory at
    /// once.
    #[inline(never)]
    pub(crate) fn add_and_evict(
        &mut self,
        rules: &Rules,
        hash: u64,
        fact: Fact,
        place: JournalPlace,
        sequence: Sequence,
    ) -> Taken {
        let mut evicted = Evicted::default();
        let found = self.find(Who { user: fact.user(), hash });
        if let Some(at) = found {
            evicted.own.extend(self.make_place(rules, at));
        }
        let room = match found {
            Some(at) => self.room_in_slot(rules, at, &fact, &mut evicted.idle),
            None => self.room_for_newcomer(rules, hash, &fact, &mut evicted.idle),
        };
        let Some(room) = room else {
            self.events.refused += 1;
            evicted.idle.extend(self.forget_if_empty(rules, Who { user: fact.user(), hash }));
            evicted.own.push(Buffered::new(fact, place, sequence, 0));
            return Taken { stage: Stage::Evicted, waiting: 0, due: None, evicted: Some(Box::new(evicted)) };
        };
        let evicted = if evicted.is_nothing() { None } else { Some(Box::new(evicted)) };
        self.push(rules, room, fact, place, sequence, evicted)
    }

    /// Puts a reading where there is room for it.
    #[inline]
    pub(crate) fn push(
        &mut self,
        rules: &Rules,
        room: Room,
        fact: Fact,
        place: JournalPlace,
        sequence: Sequence,
        evicted: Option<Box<Evicted>>,
    ) -> Taken {
        let Room { at, text_bytes, grown } = room;
        let slot = self.table.slot_mut(at);
        slot.used = !slot.queue.is_empty();
        slot.queue.expect(slot.bound(rules), fact.at(), text_bytes);
        slot.queue.put(Buffered::new(fact, place, sequence, text_bytes));
        let (waiting, due) = (slot.queue.len(), due(rules, &slot.queue));
        let stage = if slot.open.is_some() { Stage::Pending } else { Stage::Live };
        if grown > 0 {
            self.total.bytes += grown;
            self.total.idle_bytes += if stage == Stage::Live { grown } else { 0 };
            self.note_bytes();
        }
        Taken { stage, waiting, due, evicted }
    }

    /// Evicts the user's oldest reading if its queue is at its bound.
    fn make_place(&mut self, rules: &Rules, at: At) -> Option<Buffered> {
        let slot = self.table.slot_mut(at);
        if slot.queue.len() < slot.bound(rules) {
            return None;
        }
        let oldest = slot.queue.pop_oldest()?;
        self.total.bytes -= oldest.text_bytes();
        if slot.open.is_some() {
            self.events.evicted_pending += 1;
        } else {
            self.total.idle_bytes -= oldest.text_bytes();
            self.events.evicted_live += 1;
        }
        Some(oldest)
    }

    /// Makes room for one more reading of a user that is here.
    fn room_in_slot(&mut self, rules: &Rules, at: At, fact: &Fact, idle: &mut Vec<Slot>) -> Option<Room> {
        let at = self.make_room(rules, at, fact, idle)?;
        let kept = self.table.slot_mut(at).keep_source(fact);
        self.total.bytes += kept;
        let slot = self.table.slot(at);
        self.total.idle_bytes += if slot.open.is_some() { 0 } else { kept };
        let text_bytes = charge(fact, slot);
        Some(Room { at, text_bytes, grown: slot.queue.growth(slot.bound(rules)) + text_bytes })
    }

    /// Takes out idle users until the reading fits. The user's place may be another afterwards.
    fn make_room(&mut self, rules: &Rules, at: At, fact: &Fact, idle: &mut Vec<Slot>) -> Option<At> {
        let slot = self.table.slot(at);
        // As long as the slot has no source, the reading is charged for it.
        let need = slot.queue.growth(slot.bound(rules)) + charge(fact, slot);
        if self.fits(rules, need) {
            return Some(at);
        }
        let who = Who { user: fact.user(), hash: slot.hash };
        *idle = self.evict_idle(rules, need, who)?;
        self.find(who)
    }

    /// Makes a slot for a user that is not here, and room for its first reading.
    fn room_for_newcomer(
        &mut self,
        rules: &Rules,
        hash: u64,
        fact: &Fact,
        idle: &mut Vec<Slot>,
    ) -> Option<Room> {
        let slot = Slot::of(fact, hash, self.version());
        let text_bytes = charge(fact, &slot);
        let grown = slot.queue.growth(rules.live_max) + text_bytes;
        let need = slot.measure().bytes + grown;
        if !self.fits(rules, need + self.table.growth()) {
            *idle = self.evict_idle(rules, need, Who { user: fact.user(), hash })?;
        }
        self.insert(slot).map(|at| Room { at, text_bytes, grown })
    }

    pub(crate) fn fits(&self, rules: &Rules, need: usize) -> bool {
        self.bytes() + need <= rules.bytes_max
    }

    fn version(&self) -> Version {
        Version(self.last_version)
    }

    fn insert(&mut self, slot: Slot) -> Option<At> {
        let measure = slot.measure();
        let at = self.table.insert(slot)?;
        self.total.replace(Measure::default(), measure);
        Some(at)
    }

    /// Takes out idle users until there is room for `need`; or none at all, if there never would be. At least one goes,
    /// so that its place in the table is free. The user `keep` stays.
    ///
    /// The one that has been in line longest goes first, but one that was used since is passed over once and goes to the
    /// end of the line. So nearly the least recently used go first, and `add` need not touch the line.
    #[cold]
    fn evict_idle(&mut self, rules: &Rules, need: usize, keep: Who<'_>) -> Option<Vec<Slot>> {
        let found = self.find(keep);
        let need = need + if found.is_some() { 0 } else { self.table.index_growth() };
        let wanted = (self.bytes() + need).saturating_sub(rules.bytes_max).max(1);
        let kept = found.map_or(0, |at| self.table.slot(at).measure().idle_bytes);
        if self.total.idle_bytes - kept < wanted {
            return None;
        }
        let (mut gone, mut freed) = (Vec::new(), 0);
        // Nobody is passed over twice, so twice round the line is enough.
        for _ in 0..2 * self.table.len() {
            let Some((at, slot)) = self.table.idle().next().filter(|_| freed < wanted) else { break };
            if slot.used || slot.user == *keep.user {
                self.table.pass_over(at);
                continue;
            }
            let slot = self.remove(rules, at);
            freed += slot.measure().bytes;
            self.events.evicted_users += 1;
            self.events.evicted_idle += slot.queue.len() as u64;
            gone.push(slot);
        }
        Some(gone)
    }

    pub(crate) fn remove(&mut self, rules: &Rules, at: At) -> Slot {
        let room = rules.bytes_max.saturating_sub(self.bytes());
        let slot = self.table.remove(at, room);
        self.total.replace(slot.measure(), Measure::default());
        slot
    }

    /// Changes a slot, and keeps the counts and the lists right.
    pub(crate) fn change<T>(&mut self, at: At, change: impl FnOnce(&mut Slot) -> T) -> T {
        let before = self.table.slot(at).measure();
        let changed = self.table.relist(at, change);
        self.total.replace(before, self.table.slot(at).measure());
        self.note_bytes();
        changed
    }

    /// Says whether a snapshot of the user may begin.
    pub(crate) fn check_idle(&self, who: Who<'_>) -> Result<(), BufferError> {
        let Some(open) = self.find(who).and_then(|at| self.table.slot(at).open.as_ref()) else {
            return Ok(());
        };
        let phase = if open.finalized { Phase::Finalized } else { Phase::Begun };
        Err(BufferError::Busy { user: who.user.clone(), version: open.ticket, since: open.began, phase })
    }

    /// Makes room for a snapshot. Returns the idle users that had to leave for it.
    pub(crate) fn room_for_snapshot(
        &mut self,
        rules: &Rules,
        who: Who<'_>,
        upto: Option<Sequence>,
    ) -> Result<Vec<Slot>, BufferError> {
        let found = self.find(who);
        let (need, growth) = match found {
            Some(at) => (self.table.slot(at).queue.split_bytes(upto, rules.frozen_max), 0),
            None => (Slot::new(who, Version(0)).measure().bytes, self.table.growth()),
        };
        if self.fits(rules, OPEN_BYTES + need + growth) {
            return Ok(Vec::new());
        }
        let evicted = self.evict_idle(rules, OPEN_BYTES + need, who);
        evicted.ok_or_else(|| BufferError::NoRoom { user: who.user.clone() })
    }

    /// Gives the user a new version.
    pub(crate) fn raise_version(&mut self, who: Who<'_>) -> Version {
        let version = self.next_version();
        if let Some(at) = self.find(who) {
            self.table.slot_mut(at).version = version;
        }
        version
    }

    /// Sets the oldest readings of the user aside, as the set that `ticket` stands for, and says how many they are.
    pub(crate) fn freeze(
        &mut self,
        rules: &Rules,
        who: Who<'_>,
        upto: Option<Sequence>,
        ticket: Version,
        now: Instant,
    ) -> Option<usize> {
        let at = match self.find(who) {
            Some(at) => at,
            None => self.insert(Slot::new(who, ticket))?,
        };
        self.events.begun += 1;
        Some(self.change(at, |slot| {
            let count = slot.queue.count_upto(upto, rules.frozen_max);
            let frozen = Arc::new(slot.queue.take_oldest(count));
            slot.open = Some(Box::new(Open { ticket, began: now, finalized: false, frozen }));
            count
        }))
    }

    fn open_mut(&mut self, who: Who<'_>, ticket: Version) -> Option<&mut Open> {
        let at = self.find(who)?;
        self.table.slot_mut(at).open.as_deref_mut().filter(|open| open.ticket == ticket)
    }

    /// Says whether this snapshot is still open, and if so, whether it is too old to be finalized.
    pub(crate) fn is_late(
        &mut self,
        rules: &Rules,
        who: Who<'_>,
        ticket: Version,
        now: Instant,
    ) -> Option<bool> {
        self.open_mut(who, ticket).map(|open| now.since(open.began) >= rules.snapshot_timeout)
    }

    /// Hands the frozen set out.
    pub(crate) fn finalize(&mut self, who: Who<'_>, ticket: Version) -> Option<Arc<Queue>> {
        let open = self.open_mut(who, ticket)?;
        open.finalized = true;
        let frozen = Arc::clone(&open.frozen);
        self.events.finalized += 1;
        Some(frozen)
    }

    /// The snapshots that were not finalized in time.
    pub(crate) fn overdue(&self, rules: &Rules, now: Instant) -> Vec<(UserId, u64, Version)> {
        let late = |open: &Open| !open.finalized && now.since(open.began) >= rules.snapshot_timeout;
        self.table
            .busy()
            .filter_map(|(_, slot)| {
                let open = slot.open.as_ref().filter(|open| late(open))?;
                Some((slot.user.clone(), slot.hash, open.ticket))
            })
            .collect()
    }

    /// Ends a snapshot for being late. Its readings are live again. What [`put_back`](Self::put_back) returns comes second.
    pub(crate) fn time_out(
        &mut self,
        who: Who<'_>,
        ticket: Version,
        now: Instant,
    ) -> Option<(TimedOut, Option<Arc<Queue>>)> {
        let open = self.close(who, ticket)?;
        let (began, readings) = (open.began, open.frozen.len());
        let age = now.since(began);
        let shared = self.put_back(who, open);
        self.events.timed_out += 1;
        self.durations.record(age);
        Some((TimedOut { user: who.user.clone(), version: ticket, began, age, readings }, shared))
    }

    /// Ends a snapshot: what was pending is live. The frozen set is the caller's, to let go or to put back.
    pub(crate) fn close(&mut self, who: Who<'_>, ticket: Version) -> Option<Open> {
        self.open_mut(who, ticket)?;
        let at = self.find(who)?;
        let version = self.next_version();
        self.change(at, |slot| {
            slot.version = version;
            slot.open.take().map(|open| *open)
        })
    }

    /// Puts a frozen set back in front of what came after it. Someone who looks at the set this very moment still shares
    /// it, and they keep it; what is returned then is our share, to be dropped outside of the lock.
    pub(crate) fn put_back(&mut self, who: Who<'_>, open: Open) -> Option<Arc<Queue>> {
        let at = self.find(who)?;
        let (frozen, shared) = match Arc::try_unwrap(open.frozen) {
            Ok(frozen) => (frozen, None),
            Err(shared) => (Queue::clone(&shared), Some(shared)),
        };
        self.change(at, |slot| slot.queue.put_in_front(frozen));
        shared
    }

    /// Takes the user's slot out if nothing is in it.
    pub(crate) fn forget_if_empty(&mut self, rules: &Rules, who: Who<'_>) -> Option<Slot> {
        let at = self.find(who)?;
        let slot = self.table.slot(at);
        (slot.queue.is_empty() && slot.open.is_none()).then(|| self.remove(rules, at))
    }

    pub(crate) fn count_completed(&mut self, readings: usize, duration: Elapsed) {
        self.events.completed += 1;
        self.events.completed_readings += readings as u64;
        self.durations.record(duration);
    }

    /// Counts an abort, or a drop, which brings no time along.
    pub(crate) fn count_given_back(&mut self, duration: Option<Elapsed>) {
        if let Some(duration) = duration {
            self.events.aborted += 1;
            self.durations.record(duration);
        } else {
            self.events.dropped += 1;
        }
    }

    /// What a snapshot that has just ended leaves behind.
    pub(crate) fn ended(&self, rules: &Rules, who: Who<'_>, readings: usize, duration: Elapsed) -> Ended {
        let (version, waiting, due) = self.find(who).map_or((self.version(), 0, None), |at| {
            let slot = self.table.slot(at);
            (slot.version, slot.queue.len(), due(rules, &slot.queue))
        });
        Ended { version, readings, duration, waiting, due }
    }
}

fn due(rules: &Rules, queue: &Queue) -> Option<Due> {
    if queue.len() >= rules.due_readings {
        Some(Due::Readings)
    } else if queue.span() >= rules.due_window {
        Some(Due::Window)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
