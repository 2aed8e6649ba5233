//! Where facts go.

use std::cmp::Ordering;
use std::ops::Bound;

use redb::ReadableTable;
use reweigh_reading::{Fact, OrderKey, ReadingId};
use reweigh_store::Recorded;

use super::{PageWork, Work};
use crate::blob::Blob;
use crate::fault::Fault;
use crate::head::SnapshotV1;
use crate::page::{
    PAGE_FACTS, PAGE_FACTS_MOST, corrections_of, order, page_facts, page_may_hold, story_of, zip_verdicts,
};
use crate::row::BadRow;
use crate::tables::{STORIES_KIND, correction_key, id_hash, page_key, sortable, user_end, user_prefix};

/// How a fact stands to a key.
pub(super) fn against(fact: &Fact, key: &OrderKey) -> Ordering {
    let at = fact.at().cmp(&key.at());
    at.then_with(|| fact.source().cmp(key.source())).then_with(|| fact.id().cmp(key.id()))
}

/// Puts a fact in its place, if it is not there.
fn insert(facts: &mut Vec<Recorded>, fact: &Fact) -> bool {
    let place = match facts.last() {
        Some(last) if order(&last.fact, fact).is_lt() => Err(facts.len()),
        _ => facts.binary_search_by(|known| order(&known.fact, fact)),
    };
    let Err(place) = place else { return false };
    facts.insert(place, Recorded { fact: fact.clone(), verdict: None });
    true
}

impl Work<'_, '_> {
    /// Adds a fact of the first revision; says whether it is new.
    pub(super) fn add_first(&mut self, fact: &Fact) -> Result<bool, Fault> {
        let new = if self.open_from.as_ref().is_none_or(|from| against(fact, from).is_ge()) {
            let new = insert(&mut self.open, fact);
            self.open_changed |= new;
            new
        } else {
            let bound = self.bound_of(&fact.key())?;
            let page = self.page(&bound)?;
            let new = insert(&mut page.facts, fact);
            page.facts_changed |= new;
            new
        };
        if new && self.head.corrections > 0 {
            let key = correction_key(self.user, fact.id());
            let tellings = self.tellings(&key)?;
            if tellings.is_some_and(|known| known.iter().any(|known| known.fact.id() == fact.id())) {
                insert(self.corrections.entry(key).or_default(), fact);
            }
        }
        Ok(new)
    }

    /// Adds a correction or retraction; says whether it is new. The first one of an id brings the other tellings.
    pub(super) fn add_correction(&mut self, fact: &Fact) -> Result<bool, Fault> {
        let key = correction_key(self.user, fact.id());
        let known = self.tellings(&key)?;
        let first = known.is_none();
        if known.is_none_or(|known| known.iter().all(|known| known.fact.id() != fact.id())) {
            let others = self.firsts_of(fact.id())?;
            self.corrections.entry(key.clone()).or_default().extend(others);
        }
        let tellings = self.corrections.entry(key).or_default();
        tellings.sort_by(|a, b| order(&a.fact, &b.fact));
        let new = insert(tellings, fact);
        self.head.corrections += u64::from(first);
        Ok(new)
    }

    /// Brings the tellings of an id together that was told twice and never corrected.
    pub(super) fn add_retold(&mut self, id: &ReadingId) -> Result<(), Fault> {
        let key = correction_key(self.user, id);
        let known = self.tellings(&key)?;
        let first = known.is_none();
        if known.is_some_and(|known| known.iter().any(|known| known.fact.id() == id)) {
            return Ok(());
        }
        let others = self.firsts_of(id)?;
        let tellings = self.corrections.entry(key).or_default();
        tellings.extend(others);
        tellings.sort_by(|a, b| order(&a.fact, &b.fact));
        self.head.corrections += u64::from(first);
        Ok(())
    }

    /// The tellings at a key of the corrections, read if they were not.
    fn tellings(&mut self, key: &[u8]) -> Result<Option<&mut Vec<Recorded>>, Fault> {
        if !self.corrections.contains_key(key) {
            let row = self.tables.corrections.get(key)?.map(|row| row.value().to_vec());
            let Some(row) = row else { return Ok(None) };
            let tellings = corrections_of(self.user, key, &row)?;
            self.corrections.insert(key.to_vec(), tellings);
        }
        Ok(self.corrections.get_mut(key))
    }

    /// The tellings of an id as they are among the corrections, if it was ever corrected.
    pub(super) fn told_of(&mut self, id: &ReadingId) -> Result<Option<&mut Vec<Recorded>>, Fault> {
        if self.head.corrections == 0 {
            return Ok(None);
        }
        let key = correction_key(self.user, id);
        self.tellings(&key)
    }

    /// Every fact of the first revision of an id, wherever it lies. Of pages whose filter says that it is not there
    /// nothing is unpacked.
    fn firsts_of(&self, id: &ReadingId) -> Result<Vec<Recorded>, Fault> {
        let hash = id_hash(id);
        let (prefix, end) = (user_prefix(self.user), user_end(self.user));
        let mut bounds = Vec::new();
        for row in self.tables.pages.range::<&[u8]>(prefix.as_slice()..end.as_slice())? {
            let (key, row) = row?;
            if page_may_hold(self.user, key.value(), row.value(), hash)? {
                bounds.extend(key.value().get(prefix.len()..).map(<[u8]>::to_vec));
            }
        }
        bounds.retain(|bound| !self.pages.contains_key(bound));
        let mut found = Vec::new();
        let of_id = |facts: Vec<Recorded>| {
            facts.into_iter().filter(|known| known.fact.id() == id).collect::<Vec<_>>()
        };
        for bound in bounds {
            found.extend(of_id(self.read_page(&bound)?.facts));
        }
        let near = self.pages.values().flat_map(|page| &page.facts).chain(&self.open);
        found.extend(near.filter(|known| known.fact.id() == id).cloned());
        Ok(found)
    }

    /// Where the full page begins that a key belongs to.
    pub(super) fn bound_of(&self, key: &OrderKey) -> Result<Vec<u8>, Fault> {
        let key = sortable(key);
        let prefix = user_prefix(self.user);
        let full = page_key(self.user, &key);
        let mut before = self.tables.pages.range::<&[u8]>(prefix.as_slice()..=full.as_slice())?;
        let kept = match before.next_back() {
            Some(row) => row?.0.value().get(prefix.len()..).map(<[u8]>::to_vec),
            None => None,
        };
        let made =
            self.pages.range::<[u8], _>((Bound::Unbounded, Bound::Included(key.as_slice()))).next_back();
        // The first page begins before everything.
        Ok(kept.max(made.map(|(bound, _)| bound.clone())).unwrap_or_default())
    }

    /// Where the full pages begin, from a bound on, in order.
    pub(super) fn bounds_from(&self, from: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        let prefix = user_prefix(self.user);
        let (first, end) = (page_key(self.user, from), user_end(self.user));
        let mut bounds = Vec::new();
        for row in self.tables.pages.range::<&[u8]>(first.as_slice()..end.as_slice())? {
            bounds.extend(row?.0.value().get(prefix.len()..).map(<[u8]>::to_vec));
        }
        let made = self.pages.range::<[u8], _>((Bound::Included(from), Bound::Unbounded));
        bounds.extend(made.map(|(bound, _)| bound.clone()));
        bounds.sort();
        bounds.dedup();
        Ok(bounds)
    }

    /// A full page, read if it was not.
    pub(super) fn page(&mut self, bound: &[u8]) -> Result<&mut PageWork, Fault> {
        if !self.pages.contains_key(bound) {
            let page = self.read_page(bound)?;
            self.pages.insert(bound.to_vec(), page);
        }
        Ok(self.pages.entry(bound.to_vec()).or_default())
    }

    fn read_page(&self, bound: &[u8]) -> Result<PageWork, Fault> {
        let key = page_key(self.user, bound);
        let Some(row) = self.tables.pages.get(key.as_slice())? else { return Ok(PageWork::default()) };
        let facts = page_facts(self.user, &key, row.value())?;
        let story = self.tables.stories.get(key.as_slice())?.map(|row| row.value().to_vec());
        // A story can be made again: a damaged one must not keep facts out.
        let story = story.as_deref().and_then(|row| story_of(self.user, &key, row).ok()).unwrap_or_default();
        let bad =
            |bad: BadRow| Fault::Store(bad.at(reweigh_store::Place::of_user(STORIES_KIND.name, self.user)));
        let facts = zip_verdicts(facts, &story.verdicts.0).map_err(bad)?;
        let snapshot = story.snapshot.map(owned);
        Ok(PageWork { facts, snapshot, facts_changed: false, story_changed: false })
    }

    /// Closes the open page as often as it is full, and splits full pages that grew too large.
    pub(super) fn close_pages(&mut self) {
        while let Some(cut) = cut(&self.open, PAGE_FACTS, PAGE_FACTS + 1) {
            let rest = self.open.split_off(cut);
            let facts = std::mem::replace(&mut self.open, rest);
            let snapshot = self.head.opening.take().map(owned);
            let bound = self.head.bound.take().unwrap_or_default();
            let page = PageWork { facts, snapshot, facts_changed: true, story_changed: true };
            self.pages.insert(bound, page);
            self.open_from = self.open.first().map(|first| first.fact.key());
            self.head.bound = self.open_from.as_ref().map(sortable);
            self.open_changed = true;
        }
        let large = |page: &PageWork| page.facts_changed && page.facts.len() > PAGE_FACTS_MOST;
        let bounds: Vec<Vec<u8>> =
            self.pages.iter().filter(|(_, page)| large(page)).map(|(bound, _)| bound.clone()).collect();
        for bound in bounds {
            self.split(&bound);
        }
    }

    fn split(&mut self, bound: &[u8]) {
        let Some(mut page) = self.pages.remove(bound) else { return };
        let parts = page.facts.len().div_ceil(PAGE_FACTS);
        let each = page.facts.len().div_ceil(parts);
        let mut bound = bound.to_vec();
        while let Some(cut) = cut(&page.facts, each, each + 1) {
            let rest = page.facts.split_off(cut);
            let next = rest.first().map(|first| sortable(&first.fact.key())).unwrap_or_default();
            let facts = std::mem::replace(&mut page.facts, rest);
            let snapshot = page.snapshot.take();
            let part = PageWork { facts, snapshot, facts_changed: true, story_changed: true };
            self.pages.insert(std::mem::replace(&mut bound, next), part);
        }
        self.pages.insert(bound, page);
    }
}

/// Where to cut facts that are at least so many, so that no two at one key are parted; not at their end.
fn cut(facts: &[Recorded], at: usize, least: usize) -> Option<usize> {
    if facts.len() < least {
        return None;
    }
    let parted = |pair: &[Recorded]| match pair {
        [a, b] => against(&a.fact, &b.fact.key()).is_ne(),
        _ => false,
    };
    let after = facts.get(at.checked_sub(1)?..)?;
    after.windows(2).position(parted).map(|place| at + place)
}

pub(super) fn owned(snapshot: SnapshotV1<'_>) -> SnapshotV1<'static> {
    let SnapshotV1 { key, made, state } = snapshot;
    SnapshotV1 { key, made, state: Blob::owned(state.0.into_owned()) }
}
