//! One user inside a write transaction: read once, changed in memory, written once.

mod pages;
mod snapshots;
mod verdicts;
mod versions;

use std::collections::BTreeMap;

use redb::{Table, WriteTransaction};
use reweigh_reading::{Fact, Instant, OrderKey, UserId};
use reweigh_store::{Kept, Pin, Place, Recorded, Settled, UserCommit, UserOutcome, corrects, may_commit};

use crate::blob::Blob;
use crate::fault::Fault;
use crate::head::{HeadV1, PinV1, SettledV1, SnapshotV1};
use crate::pack::pack_one;
use crate::page::{StoryV1, corrections_row, open_page, page_row, put_verdicts, story_row};
use crate::records::{MarkV1, order_key, put_cause};
use crate::row::{begin_with, seal_as, seal_into};
use crate::tables::{
    ARCHIVE, CORRECTIONS, HEADS, HEADS_KIND, MARKS, MARKS_KIND, PAGES, STORIES, page_key, sortable,
};

pub(crate) use versions::Policy;

type Bytes = &'static [u8];

/// The tables that hold users, open for writing.
pub(crate) struct UserTables<'t> {
    pub(crate) heads: Table<'t, Bytes, Bytes>,
    pub(crate) pages: Table<'t, Bytes, Bytes>,
    pub(crate) stories: Table<'t, Bytes, Bytes>,
    pub(crate) corrections: Table<'t, Bytes, Bytes>,
    pub(crate) marks: Table<'t, Bytes, Bytes>,
    pub(crate) archive: Table<'t, Bytes, Bytes>,
}

impl<'t> UserTables<'t> {
    pub(crate) fn open(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            heads: transaction.open_table(HEADS)?,
            pages: transaction.open_table(PAGES)?,
            stories: transaction.open_table(STORIES)?,
            corrections: transaction.open_table(CORRECTIONS)?,
            marks: transaction.open_table(MARKS)?,
            archive: transaction.open_table(ARCHIVE)?,
        })
    }
}

/// A full page that was read or made.
#[derive(Debug, Default)]
struct PageWork {
    facts: Vec<Recorded>,
    snapshot: Option<SnapshotV1<'static>>,
    facts_changed: bool,
    story_changed: bool,
}

/// By how much a commit changed what is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) facts: i64,
    pub(crate) unsettled: i64,
    pub(crate) pinned: i64,
}

/// One user in a write transaction.
pub(crate) struct Work<'a, 't> {
    tables: &'a mut UserTables<'t>,
    user: &'a UserId,
    pub(crate) head: HeadV1<'a>,
    /// What of it is in the table of marks.
    before: (Option<Vec<u8>>, Option<(u8, u8)>),
    facts_before: u64,
    open: Vec<Recorded>,
    open_from: Option<OrderKey>,
    open_changed: bool,
    pages: BTreeMap<Vec<u8>, PageWork>,
    /// New snapshots, by the bounds of the full pages after them.
    snapshots: BTreeMap<Vec<u8>, SnapshotV1<'static>>,
    corrections: BTreeMap<Vec<u8>, Vec<Recorded>>,
}

impl<'a, 't> Work<'a, 't> {
    /// Takes a user up.
    pub(crate) fn new(
        tables: &'a mut UserTables<'t>,
        user: &'a UserId,
        head: HeadV1<'a>,
    ) -> Result<Self, Fault> {
        let bad = |bad: crate::row::BadRow| Fault::Store(bad.at(Place::of_user(HEADS_KIND.name, user)));
        let open = open_page(user, &head.open.0, &head.verdicts.0).map_err(bad)?;
        let open_from = head.bound.as_deref().map(order_key).transpose().map_err(bad)?;
        Ok(Self {
            tables,
            user,
            before: (head.mark.clone(), head.pin.as_ref().map(|pin| pin.cause)),
            facts_before: head.facts,
            head,
            open,
            open_from,
            open_changed: false,
            pages: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            corrections: BTreeMap::new(),
        })
    }

    /// Does what is committed for the user and says what came of it.
    pub(crate) fn commit(
        &mut self,
        commit: &UserCommit,
        at: Instant,
        versions: Policy,
    ) -> Result<UserOutcome, Fault> {
        let found = self.head.seen();
        let mut arrivals = self.head.arrivals().map_err(|bad| self.bad(bad))?;
        let verdict = commit
            .settled
            .as_ref()
            .map(|settled| may_commit(commit.seen, found, &arrivals, settled.state.key.as_ref()));
        let (added, lowest) = self.add(&commit.facts)?;
        commit.retold.iter().try_for_each(|id| self.add_retold(id))?;
        let lowest = lowest.map(|own| match &commit.touches {
            Some(touched) if *touched < own => touched.clone(),
            _ => own,
        });
        if let Some(lowest) = &lowest {
            self.head.facts_number += 1;
            self.head.make_stale(&sortable(lowest));
        }
        self.close_pages();
        let refused = match (verdict, &commit.settled) {
            (Some(Ok(mark)), Some(settled)) => {
                self.settle(settled, mark.as_ref(), at, versions)?;
                None
            }
            (verdict, _) => {
                if let Some(lowest) = lowest {
                    self.lower_mark(&sortable(&lowest));
                    arrivals.note(self.head.facts_number, lowest);
                    self.head.set_arrivals(&arrivals);
                }
                verdict.and_then(Result::err)
            }
        };
        let known = commit.facts.len() - added;
        Ok(UserOutcome { seen: self.head.seen(), added, known, refused })
    }

    pub(crate) fn archive(&self) -> &Table<'t, Bytes, Bytes> {
        &self.tables.archive
    }

    fn bad(&self, bad: crate::row::BadRow) -> Fault {
        Fault::Store(bad.at(Place::of_user(HEADS_KIND.name, self.user)))
    }

    /// Puts facts where they belong; gives how many were new, and the lowest key of those.
    fn add(&mut self, facts: &[Fact]) -> Result<(usize, Option<OrderKey>), Fault> {
        let mut added = 0;
        let mut lowest: Option<&Fact> = None;
        for fact in facts {
            let new = if corrects(fact) { self.add_correction(fact)? } else { self.add_first(fact)? };
            if new {
                added += 1;
                if lowest.is_none_or(|lowest| crate::page::order(fact, lowest).is_lt()) {
                    lowest = Some(fact);
                }
            }
        }
        self.head.facts += added as u64;
        Ok((added, lowest.map(Fact::key)))
    }

    fn lower_mark(&mut self, key: &[u8]) {
        if self.head.mark.as_deref().is_none_or(|mark| key < mark) {
            self.head.mark = Some(key.to_vec());
        }
    }

    fn settle(
        &mut self,
        settled: &Settled,
        mark: Option<&OrderKey>,
        at: Instant,
        versions: Policy,
    ) -> Result<(), Fault> {
        self.push_version(versions)?;
        self.head.state_number += 1;
        self.head.arrivals = Vec::new();
        self.head.mark = mark.map(sortable);
        self.head.settled = Some(SettledV1 {
            key: settled.state.key.as_ref().map(sortable),
            at: at.unix_micros(),
            state: Blob::owned(settled.state.encode()),
        });
        self.place_snapshots(&settled.snapshots)?;
        for judgement in &settled.verdicts {
            self.judge(judgement)?;
        }
        if let Some(pin) = &settled.pin {
            self.pin(pin, at)?;
        }
        Ok(())
    }

    /// Serves something else from here on.
    pub(crate) fn pin(&mut self, pin: &Pin, at: Instant) -> Result<(), Fault> {
        let cause = put_cause(pin.cause).map_err(Fault::unwritten)?;
        self.pin_kept(&Kept::new(&pin.state), pin.version, cause, at);
        Ok(())
    }

    /// Serves what was kept from here on.
    pub(crate) fn pin_kept(&mut self, state: &Kept, version: Option<u64>, cause: (u8, u8), at: Instant) {
        let state = Blob::owned(state.as_bytes().to_vec());
        self.head.pin = Some(PinV1 { state, version, cause, since: at.unix_micros() });
    }

    /// Writes whatever changed and says what is counted otherwise now.
    pub(crate) fn write(mut self) -> Result<Change, Fault> {
        if self.open_changed {
            let mut facts = Vec::new();
            pack_one(self.open.iter().map(|recorded| &recorded.fact), &mut facts);
            self.head.open = Blob::owned(facts);
            self.head.verdicts = Blob::owned(put_verdicts(self.open.iter()));
        }
        self.write_snapshots()?;
        for (bound, page) in &self.pages {
            let key = page_key(self.user, bound);
            if page.facts_changed {
                let row = page_row(&key, page.facts.iter().map(|recorded| &recorded.fact));
                self.tables.pages.insert(key.as_slice(), row.as_slice())?;
            }
            if page.facts_changed || page.story_changed {
                let verdicts = Blob::owned(put_verdicts(page.facts.iter()));
                let row = story_row(&key, &StoryV1 { verdicts, snapshot: page.snapshot.clone() })?;
                self.tables.stories.insert(key.as_slice(), row.as_slice())?;
            }
        }
        for (key, tellings) in &self.corrections {
            let row = corrections_row(key, tellings)?;
            self.tables.corrections.insert(key.as_slice(), row.as_slice())?;
        }
        let key = self.user.as_str().as_bytes();
        let row = seal_into(HEADS_KIND, key, &self.head, begin_with(self.head.bytes()))
            .map_err(Fault::unwritten)?;
        self.tables.heads.insert(key, row.as_slice())?;
        self.write_mark()
    }

    fn write_mark(&mut self) -> Result<Change, Fault> {
        let key = self.user.as_str().as_bytes();
        let now = (self.head.mark.clone(), self.head.pin.as_ref().map(|pin| pin.cause));
        if now != self.before {
            if now == (None, None) {
                self.tables.marks.remove(key)?;
            } else {
                let row = MarkV1 { mark: now.0.clone(), pinned: now.1 };
                let row = seal_as(MARKS_KIND, key, &row).map_err(Fault::unwritten)?;
                self.tables.marks.insert(key, row.as_slice())?;
            }
        }
        let more = |now: bool, before: bool| i64::from(now) - i64::from(before);
        Ok(Change {
            facts: self.head.facts.wrapping_sub(self.facts_before).cast_signed(),
            unsettled: more(now.0.is_some(), self.before.0.is_some()),
            pinned: more(now.1.is_some(), self.before.1.is_some()),
        })
    }
}
