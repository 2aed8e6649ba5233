//! One user as a read transaction sees them.

use std::collections::HashSet;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use reweigh_reading::{OrderKey, ReadingId, UserId};
use reweigh_state::{Expectations, Mark};
use reweigh_store::{History, Kept, Place, Recorded, RestoreError, Restored, Seen, Version, corrects};

use crate::archive::archived;
use crate::fault::Fault;
use crate::head::{HeadV1, SnapshotV1, head_of, head_row};
use crate::page::{corrections_of, open_page, page_facts, page_may_hold, story_of, zip_verdicts};
use crate::records::order_key;
use crate::row::BadRow;
use crate::tables::{
    CORRECTIONS, HEADS, HEADS_KIND, PAGES, STORIES, STORIES_KIND, correction_key, id_hash, page_key,
    sortable, user_end, user_prefix,
};

type Bytes = &'static [u8];

/// The tables that hold users, open for reading.
pub(crate) struct View {
    pub(crate) heads: ReadOnlyTable<Bytes, Bytes>,
    pub(crate) pages: ReadOnlyTable<Bytes, Bytes>,
    pub(crate) stories: ReadOnlyTable<Bytes, Bytes>,
    pub(crate) corrections: ReadOnlyTable<Bytes, Bytes>,
}

/// What a search for a base may come to, beside a fault.
pub(crate) type Found = Result<Restored, RestoreError>;

impl View {
    pub(crate) fn open(transaction: &ReadTransaction) -> Result<Self, Fault> {
        Ok(Self {
            heads: transaction.open_table(HEADS)?,
            pages: transaction.open_table(PAGES)?,
            stories: transaction.open_table(STORIES)?,
            corrections: transaction.open_table(CORRECTIONS)?,
        })
    }

    /// A user's facts after a key.
    pub(crate) fn history(
        &self,
        user: &UserId,
        after: Option<&OrderKey>,
        most: usize,
    ) -> Result<History, Fault> {
        match head_row(&self.heads, user)? {
            Some(row) => self.history_of(user, &head_of(user, &row)?, after, most),
            None => Ok(History {
                seen: Seen::default(),
                mark: Mark::default(),
                facts: Vec::new(),
                more: false,
                told: Vec::new(),
            }),
        }
    }

    fn history_of(
        &self,
        user: &UserId,
        head: &HeadV1<'_>,
        after: Option<&OrderKey>,
        most: usize,
    ) -> Result<History, Fault> {
        let told = if head.corrections > 0 { self.told(user)? } else { Vec::new() };
        let corrected: HashSet<ReadingId> = told.iter().map(|recorded| recorded.fact.id().clone()).collect();
        let mut facts: Vec<Recorded> = Vec::new();
        let mut more = false;
        self.each_page(user, head, after, &mut |page| {
            for recorded in page {
                let early = after.is_some_and(|after| recorded.fact.key() <= *after);
                if early || corrected.contains(recorded.fact.id()) {
                    continue;
                }
                // Tellings at one key are never parted, or the next call would pass over the others.
                if facts.len() >= most
                    && facts.last().is_some_and(|last| last.fact.key() != recorded.fact.key())
                {
                    more = true;
                    return false;
                }
                facts.push(recorded);
            }
            true
        })?;
        let mark = head.mark().map_err(|bad| self::bad(user, bad))?;
        Ok(History { seen: head.seen(), mark, facts, more, told })
    }

    /// Every telling of every corrected id.
    fn told(&self, user: &UserId) -> Result<Vec<Recorded>, Fault> {
        let (first, end) = (user_prefix(user), user_end(user));
        let mut told = Vec::new();
        for row in self.corrections.range::<&[u8]>(first.as_slice()..end.as_slice())? {
            let (key, row) = row?;
            told.extend(corrections_of(user, key.value(), row.value())?);
        }
        Ok(told)
    }

    /// How many facts are among the corrections and nowhere else; all rows are read.
    pub(crate) fn corrections_of(&self, user: &UserId, head: &HeadV1<'_>) -> Result<u64, Fault> {
        if head.corrections == 0 {
            return Ok(0);
        }
        let own = |recorded: &&Recorded| corrects(&recorded.fact);
        Ok(self.told(user)?.iter().filter(own).count() as u64)
    }

    /// Every telling of one id. Of pages whose filter says that it is not there nothing is unpacked.
    pub(crate) fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, Fault> {
        let Some(row) = head_row(&self.heads, user)? else { return Ok(Vec::new()) };
        let head = head_of(user, &row)?;
        let of_id = |recorded: &Recorded| recorded.fact.id() == id;
        let key = correction_key(user, id);
        if let Some(row) = self.corrections.get(key.as_slice())? {
            let told = corrections_of(user, &key, row.value())?;
            if told.iter().any(of_id) {
                return Ok(told.into_iter().filter(of_id).collect());
            }
        }
        let mut found = Vec::new();
        let (first, end, hash) = (user_prefix(user), user_end(user), id_hash(id));
        for row in self.pages.range::<&[u8]>(first.as_slice()..end.as_slice())? {
            let (key, row) = row?;
            if page_may_hold(user, key.value(), row.value(), hash)? {
                found.extend(self.page(user, key.value(), row.value())?.into_iter().filter(of_id));
            }
        }
        found.extend(open_of(user, &head)?.into_iter().filter(of_id));
        Ok(found)
    }

    /// A full page and what is said of it.
    fn page(&self, user: &UserId, key: &[u8], row: &[u8]) -> Result<Vec<Recorded>, Fault> {
        let facts = page_facts(user, key, row)?;
        let story = self.stories.get(key)?;
        let verdicts = match &story {
            // A story can be made again: a damaged one must not keep facts out.
            Some(row) => story_of(user, key, row.value()).unwrap_or_default().verdicts,
            None => crate::blob::Blob::default(),
        };
        zip_verdicts(facts, &verdicts.0)
            .map_err(|bad| Fault::Store(bad.at(Place::of_user(STORIES_KIND.name, user))))
    }

    /// The pages that can hold facts after a key, the open one last, until the visitor has enough.
    pub(crate) fn each_page(
        &self,
        user: &UserId,
        head: &HeadV1<'_>,
        after: Option<&OrderKey>,
        visit: &mut dyn FnMut(Vec<Recorded>) -> bool,
    ) -> Result<(), Fault> {
        let (prefix, end) = (user_prefix(user), user_end(user));
        let first = match after {
            Some(after) => {
                let key = page_key(user, &sortable(after));
                let before = self.pages.range::<&[u8]>(prefix.as_slice()..=key.as_slice())?.next_back();
                before.transpose()?.map_or(prefix, |(key, _)| key.value().to_vec())
            }
            None => prefix,
        };
        if head.bound.is_some() {
            for row in self.pages.range::<&[u8]>(first.as_slice()..end.as_slice())? {
                let (key, row) = row?;
                if !visit(self.page(user, key.value(), row.value())?) {
                    return Ok(());
                }
            }
        }
        visit(open_of(user, head)?);
        Ok(())
    }

    /// The newest snapshot strictly before a key that still holds, and what comes after it.
    pub(crate) fn restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Found, Fault> {
        let none = || RestoreError::NoSnapshotBefore { user: user.clone(), before: before.clone() };
        let Some(row) = head_row(&self.heads, user)? else { return Ok(Err(none())) };
        let head = head_of(user, &row)?;
        let limit = sortable(before);
        let candidate = |key: &[u8], state: &[u8]| -> Result<Option<Found>, Fault> {
            let kept = Kept::from_bytes(state.to_vec());
            if kept.fingerprint().is_ok_and(|fingerprint| fingerprint != expectations.fingerprint) {
                return Ok(None);
            }
            let key = order_key(key).map_err(|bad| self::bad(user, bad))?;
            match kept.check(expectations) {
                Ok(state) => {
                    let history = self.history_of(user, &head, Some(&key), most)?;
                    Ok(Some(Ok(Restored { state, history })))
                }
                Err(cause) => Ok(Some(Err(RestoreError::snapshot(user, &key, cause)))),
            }
        };
        if let Some(settled) = &head.settled
            && let Some(key) = settled.key.as_deref()
            && key < limit.as_slice()
            && head.mark.as_deref().is_none_or(|mark| mark > key)
            && let Some(found) = candidate(key, &settled.state.0)?
        {
            return Ok(found);
        }
        let usable =
            |snapshot: &SnapshotV1<'_>| snapshot.key < limit && head.holds(&snapshot.key, snapshot.made);
        if let Some(snapshot) = head.opening.as_ref().filter(|snapshot| usable(snapshot))
            && let Some(found) = candidate(&snapshot.key, &snapshot.state.0)?
        {
            return Ok(found);
        }
        // The story after the key may hold a state from before it.
        let (prefix, key, end) = (user_prefix(user), page_key(user, &limit), user_end(user));
        let next = self.stories.range::<&[u8]>(key.as_slice()..end.as_slice())?.take(1);
        let down = self.stories.range::<&[u8]>(prefix.as_slice()..key.as_slice())?.rev();
        for row in next.chain(down) {
            let (key, row) = row?;
            let story = story_of(user, key.value(), row.value())?;
            if let Some(snapshot) = story.snapshot.as_ref().filter(|snapshot| usable(snapshot))
                && let Some(found) = candidate(&snapshot.key, &snapshot.state.0)?
            {
                return Ok(found);
            }
        }
        Ok(Err(none()))
    }
}

fn open_of(user: &UserId, head: &HeadV1<'_>) -> Result<Vec<Recorded>, Fault> {
    open_page(user, &head.open.0, &head.verdicts.0).map_err(|bad| self::bad(user, bad))
}

/// The versions of a user that are in the archive, the newest first.
pub(crate) fn archived_of(
    archive: &impl ReadableTable<Bytes, Bytes>,
    user: &UserId,
) -> Result<Vec<Version>, Fault> {
    let (first, end) = (user_prefix(user), user_end(user));
    let mut versions = Vec::new();
    for row in archive.range::<&[u8]>(first.as_slice()..end.as_slice())?.rev() {
        let (key, row) = row?;
        versions.extend(archived(user, key.value(), row.value())?);
    }
    Ok(versions)
}

fn bad(user: &UserId, bad: BadRow) -> Fault {
    Fault::Store(bad.at(Place::of_user(HEADS_KIND.name, user)))
}
