//! The users of one shard: found by hash, and in line for eviction.

use std::mem::size_of;

use hashbrown::HashTable;
use reweigh_reading::UserId;

use crate::slot::Slot;

const NONE: u32 = u32::MAX;

/// Below so many users a table is not worth shrinking.
const SHRINK_ABOVE: usize = 64;

/// The users of one shard, side by side in one block of memory, each in one of two lists: idle ones, next to be
/// evicted first, and those with an open snapshot, first begun first.
#[derive(Debug)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    index: HashTable<u32>,
    idle: List,
    busy: List,
    /// The memory of the two above.
    bytes: usize,
}

#[derive(Debug)]
struct List {
    first: u32,
    last: u32,
}

impl List {
    const EMPTY: Self = Self { first: NONE, last: NONE };
}

/// Where a slot is, until the next slot is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(u32);

impl Table {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), index: HashTable::new(), idle: List::EMPTY, busy: List::EMPTY, bytes: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The memory of the table, what the slots hold on to apart.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What one more slot may take while the table moves to a greater block, the old one still there.
    pub(crate) fn growth(&self) -> usize {
        let full = self.slots.len() == self.slots.capacity();
        let slots = if full { self.next_capacity() * size_of::<Slot>() } else { 0 };
        slots + self.index_growth()
    }

    /// The same for the index alone, which may stay as full as it is when slots are taken out.
    pub(crate) fn index_growth(&self) -> usize {
        if self.index.len() < self.index.capacity() { 0 } else { (2 * self.index.allocation_size()).max(64) }
    }

    fn next_capacity(&self) -> usize {
        (2 * self.slots.capacity()).max(4)
    }

    #[inline]
    pub(crate) fn find(&self, hash: u64, user: &UserId) -> Option<At> {
        let same = |at: &u32| {
            self.slots.get(*at as usize).is_some_and(|slot| slot.hash == hash && slot.user == *user)
        };
        self.index.find(hash, same).copied().map(At)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an `At` comes from this table and is used before a slot moves"
    )]
    pub(crate) fn slot(&self, at: At) -> &Slot {
        &self.slots[at.0 as usize]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an `At` comes from this table and is used before a slot moves"
    )]
    pub(crate) fn slot_mut(&mut self, at: At) -> &mut Slot {
        &mut self.slots[at.0 as usize]
    }

    /// Adds a user that is not there yet, at the end of its list, or `None` if there is no number left for it.
    pub(crate) fn insert(&mut self, slot: Slot) -> Option<At> {
        let at = u32::try_from(self.slots.len()).ok().filter(|at| *at != NONE)?;
        if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(self.next_capacity() - self.slots.len());
        }
        let (hash, busy) = (slot.hash, slot.open.is_some());
        self.slots.push(slot);
        let slots = &self.slots;
        self.index.insert_unique(hash, at, |at| hash_of(slots, *at));
        self.link_last(at, busy);
        self.measure();
        Some(At(at))
    }

    /// Takes a user out. The last slot moves into its place, and the table shrinks if it is mostly empty and `room`
    /// takes the smaller one beside it.
    pub(crate) fn remove(&mut self, at: At, room: usize) -> Slot {
        self.unlink(at.0);
        let hash = self.slot(at).hash;
        if let Ok(entry) = self.index.find_entry(hash, |found| *found == at.0) {
            entry.remove();
        }
        let slot = self.slots.swap_remove(at.0 as usize);
        // The length fitted into 32 bits when the slot was added.
        #[expect(clippy::cast_possible_truncation, reason = "insert keeps the length below u32::MAX")]
        let moved = self.slots.len() as u32;
        if moved != at.0 {
            self.renumber(moved, at.0);
        }
        self.shrink(room);
        slot
    }

    /// Says in the index and in its list that the slot that was `old` is now `new`.
    fn renumber(&mut self, old: u32, new: u32) {
        let hash = hash_of(&self.slots, new);
        if let Some(number) = self.index.find_mut(hash, |found| *found == old) {
            *number = new;
        }
        let (before, after, busy) = self.links(new);
        match before {
            NONE => self.list_mut(busy).first = new,
            before => self.slot_mut(At(before)).after = new,
        }
        match after {
            NONE => self.list_mut(busy).last = new,
            after => self.slot_mut(At(after)).before = new,
        }
    }

    fn shrink(&mut self, room: usize) {
        let (len, capacity) = (self.slots.len(), self.slots.capacity());
        if capacity > SHRINK_ABOVE && len < capacity / 4 && self.bytes / 2 <= room {
            self.slots.shrink_to(2 * len);
            let slots = &self.slots;
            self.index.shrink_to(2 * len, |at| hash_of(slots, *at));
            self.measure();
        }
    }

    fn measure(&mut self) {
        self.bytes = self.slots.capacity() * size_of::<Slot>() + self.index.allocation_size();
    }

    /// Sends an idle user to the end of the line, no longer marked as used.
    pub(crate) fn pass_over(&mut self, at: At) {
        self.relist(at, |slot| slot.used = false);
    }

    /// Changes a slot in a way that may open or close its snapshot, and moves it to the end of the list it then
    /// belongs to.
    pub(crate) fn relist<T>(&mut self, at: At, change: impl FnOnce(&mut Slot) -> T) -> T {
        self.unlink(at.0);
        let changed = change(self.slot_mut(at));
        self.link_last(at.0, self.slot(at).open.is_some());
        changed
    }

    /// Idle users, in the order in which they would be evicted were none of them used.
    pub(crate) fn idle(&self) -> impl Iterator<Item = (At, &Slot)> {
        self.walk(self.idle.first)
    }

    /// Users with an open snapshot, first begun first.
    pub(crate) fn busy(&self) -> impl Iterator<Item = (At, &Slot)> {
        self.walk(self.busy.first)
    }

    fn walk(&self, first: u32) -> impl Iterator<Item = (At, &Slot)> {
        let mut next = first;
        std::iter::from_fn(move || {
            let slot = self.slots.get(next as usize)?;
            Some((At(std::mem::replace(&mut next, slot.after)), slot))
        })
    }

    fn links(&self, at: u32) -> (u32, u32, bool) {
        let slot = self.slot(At(at));
        (slot.before, slot.after, slot.open.is_some())
    }

    fn list_mut(&mut self, busy: bool) -> &mut List {
        if busy { &mut self.busy } else { &mut self.idle }
    }

    fn unlink(&mut self, at: u32) {
        let (before, after, busy) = self.links(at);
        match before {
            NONE => self.list_mut(busy).first = after,
            before => self.slot_mut(At(before)).after = after,
        }
        match after {
            NONE => self.list_mut(busy).last = before,
            after => self.slot_mut(At(after)).before = before,
        }
    }

    fn link_last(&mut self, at: u32, busy: bool) {
        let last = std::mem::replace(&mut self.list_mut(busy).last, at);
        match last {
            NONE => self.list_mut(busy).first = at,
            last => self.slot_mut(At(last)).after = at,
        }
        let slot = self.slot_mut(At(at));
        (slot.before, slot.after) = (last, NONE);
    }
}

fn hash_of(slots: &[Slot], at: u32) -> u64 {
    slots.get(at as usize).map_or(0, |slot| slot.hash)
}

#[cfg(test)]
mod tests;
