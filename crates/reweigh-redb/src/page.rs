//! Pages of facts, the stories beside them, and the tellings of corrected ids.

use std::cmp::Ordering;

use reweigh_reading::{Fact, UserId};
use reweigh_state::Verdict;
use reweigh_store::{Place, Recorded};
use serde::{Deserialize, Serialize};

use crate::blob::Blob;
use crate::bytes::{Reader, put_varint};
use crate::fault::Fault;
use crate::filter::{self, Filter};
use crate::head::SnapshotV1;
use crate::pack::{pack_one, unpack_one};
use crate::row::{BadRow, Kind, begin, begin_version, open_as, open_up_to, seal, seal_as};
use crate::tables::{CORRECTIONS_KIND, PAGES_KIND, STORIES_KIND};

/// How many facts a full page holds when it is closed.
pub(crate) const PAGE_FACTS: usize = 64;
/// With more than this it is split.
pub(crate) const PAGE_FACTS_MOST: usize = 128;

/// Stands for a fact without a verdict.
const NO_VERDICT: [u8; 2] = [0xff; 2];

/// What stands beside a page: it can be made again from the facts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct StoryV1<'a> {
    /// Two bytes per fact of the page, in its order.
    #[serde(borrow)]
    pub(crate) verdicts: Blob<'a>,
    /// The state before the page.
    pub(crate) snapshot: Option<SnapshotV1<'a>>,
}

/// Every telling of a corrected id, and what is said of it.
#[derive(Debug, Serialize, Deserialize)]
struct CorrectionsV1<'a> {
    #[serde(borrow)]
    facts: Blob<'a>,
    verdicts: Blob<'a>,
}

/// The order within a page: by key, then by payload. All are of the first revision.
pub(crate) fn order(a: &Fact, b: &Fact) -> Ordering {
    // The instant decides almost always, and the rest of the key would have to be put together.
    let key = a.at().cmp(&b.at()).then_with(|| a.source().cmp(b.source())).then_with(|| a.id().cmp(b.id()));
    key.then_with(|| a.revision().cmp(&b.revision())).then_with(|| a.compare_payload(b))
}

fn corrupt(kind: Kind, user: &UserId, bad: BadRow) -> Fault {
    Fault::Store(bad.at(Place::of_user(kind.name, user)))
}

pub(crate) fn put_verdicts<'a>(recorded: impl Iterator<Item = &'a Recorded>) -> Vec<u8> {
    recorded.flat_map(|recorded| recorded.verdict.map_or(NO_VERDICT, Verdict::to_bytes)).collect()
}

/// Facts and their verdicts together. There are none for facts that came after the last verdict.
pub(crate) fn zip_verdicts(facts: Vec<Fact>, verdicts: &[u8]) -> Result<Vec<Recorded>, BadRow> {
    let (verdicts, _) = verdicts.as_chunks::<2>();
    let mut verdicts = verdicts.iter();
    let recorded = facts.into_iter().map(|fact| {
        let verdict = match verdicts.next() {
            None | Some(&NO_VERDICT) => None,
            Some(&bytes) => Some(
                Verdict::from_bytes(bytes).ok_or_else(|| BadRow("a verdict cannot be read".to_owned()))?,
            ),
        };
        Ok(Recorded { fact, verdict })
    });
    recorded.collect()
}

/// The layout of pages with a filter of ids before the facts. Pages of the first have none, and stay as they are
/// until they change.
const PAGE_VERSION: u8 = 2;

pub(crate) fn page_row<'a>(key: &[u8], facts: impl Iterator<Item = &'a Fact> + Clone) -> Vec<u8> {
    let filter = Filter::of(facts.clone().map(Fact::id));
    let mut row = begin_version(PAGE_VERSION, 128 + 16 * filter.bytes().len());
    put_varint(&mut row, filter.bytes().len() as u64);
    row.extend_from_slice(filter.bytes());
    pack_one(facts, &mut row);
    seal(PAGES_KIND, key, row)
}

/// The filter of a page's ids, if it has one, and its facts, still packed.
fn page_parts<'a>(key: &[u8], row: &'a [u8]) -> Result<(Option<&'a [u8]>, Reader<'a>), BadRow> {
    let (version, row) = open_up_to(PAGE_VERSION, PAGES_KIND, key, row)?;
    let mut reader = Reader::new(row);
    if version < PAGE_VERSION {
        return Ok((None, reader));
    }
    let count = reader.count("a filter")?;
    let filter = reader.take(count, "a filter")?;
    Ok((Some(filter), reader))
}

pub(crate) fn page_facts(user: &UserId, key: &[u8], row: &[u8]) -> Result<Vec<Fact>, Fault> {
    let read = || -> Result<Vec<Fact>, BadRow> {
        let (_, mut reader) = page_parts(key, row)?;
        let facts = unpack_one(&mut reader, user)?;
        reader.end("the page")?;
        Ok(facts)
    };
    read().map_err(|bad| corrupt(PAGES_KIND, user, bad))
}

/// Whether a page may hold a fact of an id. The row is checked; its facts are not unpacked.
pub(crate) fn page_may_hold(user: &UserId, key: &[u8], row: &[u8], hash: u64) -> Result<bool, Fault> {
    let (filter, _) = page_parts(key, row).map_err(|bad| corrupt(PAGES_KIND, user, bad))?;
    Ok(filter.is_none_or(|filter| filter::may_hold(filter, hash)))
}

/// A row of the first layout, for a store as an earlier program left it.
pub(crate) fn page_row_v1<'a>(key: &[u8], facts: impl Iterator<Item = &'a Fact> + Clone) -> Vec<u8> {
    let mut row = begin();
    pack_one(facts, &mut row);
    seal(PAGES_KIND, key, row)
}

pub(crate) fn story_row(key: &[u8], story: &StoryV1<'_>) -> Result<Vec<u8>, Fault> {
    seal_as(STORIES_KIND, key, story).map_err(Fault::unwritten)
}

pub(crate) fn story_of<'a>(user: &UserId, key: &[u8], row: &'a [u8]) -> Result<StoryV1<'a>, Fault> {
    open_as(STORIES_KIND, key, row).map_err(|bad| corrupt(STORIES_KIND, user, bad))
}

pub(crate) fn corrections_row(key: &[u8], tellings: &[Recorded]) -> Result<Vec<u8>, Fault> {
    let mut facts = Vec::new();
    pack_one(tellings.iter().map(|recorded| &recorded.fact), &mut facts);
    let verdicts = put_verdicts(tellings.iter());
    let row = CorrectionsV1 { facts: Blob::owned(facts), verdicts: Blob::owned(verdicts) };
    seal_as(CORRECTIONS_KIND, key, &row).map_err(Fault::unwritten)
}

pub(crate) fn corrections_of(user: &UserId, key: &[u8], row: &[u8]) -> Result<Vec<Recorded>, Fault> {
    let read = || -> Result<Vec<Recorded>, BadRow> {
        let row: CorrectionsV1<'_> = open_as(CORRECTIONS_KIND, key, row)?;
        let mut reader = Reader::new(&row.facts.0);
        let facts = unpack_one(&mut reader, user)?;
        reader.end("the row")?;
        zip_verdicts(facts, &row.verdicts.0)
    };
    read().map_err(|bad| corrupt(CORRECTIONS_KIND, user, bad))
}

/// The facts of the open page and what is said of them.
pub(crate) fn open_page(user: &UserId, facts: &[u8], verdicts: &[u8]) -> Result<Vec<Recorded>, BadRow> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    let mut reader = Reader::new(facts);
    let facts = unpack_one(&mut reader, user)?;
    reader.end("the open page")?;
    zip_verdicts(facts, verdicts)
}
