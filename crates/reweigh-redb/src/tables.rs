//! The tables of both files, and how their keys are made.

use redb::TableDefinition;
use reweigh_reading::{OrderKey, ReadingId, UserId};
use xxhash_rust::xxh3::xxh3_64;

use crate::row::Kind;

pub(crate) type Table = TableDefinition<'static, &'static [u8], &'static [u8]>;
pub(crate) type Numbered = TableDefinition<'static, u64, &'static [u8]>;

/// What the file is, its counters and settings: a few rows with names.
pub(crate) const META: Table = Table::new("reweigh");
pub(crate) const META_KIND: Kind = Kind { name: "meta", number: 1 };
/// One row per user.
pub(crate) const HEADS: Table = Table::new("heads");
pub(crate) const HEADS_KIND: Kind = Kind { name: "head", number: 2 };
/// Full pages of facts.
pub(crate) const PAGES: Table = Table::new("pages");
pub(crate) const PAGES_KIND: Kind = Kind { name: "page", number: 3 };
/// Verdicts and the snapshot beside each full page.
pub(crate) const STORIES: Table = Table::new("stories");
pub(crate) const STORIES_KIND: Kind = Kind { name: "story", number: 4 };
/// Every telling of every corrected id.
pub(crate) const CORRECTIONS: Table = Table::new("corrections");
pub(crate) const CORRECTIONS_KIND: Kind = Kind { name: "corrections", number: 5 };
/// The users who are marked or pinned.
pub(crate) const MARKS: Table = Table::new("marks");
pub(crate) const MARKS_KIND: Kind = Kind { name: "mark", number: 6 };
/// Audit entries.
pub(crate) const AUDIT: Numbered = Numbered::new("audit");
pub(crate) const AUDIT_KIND: Kind = Kind { name: "audit entry", number: 7 };
/// The numbers of each user's audit entries. No value.
pub(crate) const AUDIT_USERS: Table = Table::new("audit_users");
/// Rejected rows.
pub(crate) const REJECTS: Numbered = Numbered::new("rejects");
pub(crate) const REJECTS_KIND: Kind = Kind { name: "rejected row", number: 8 };
/// The hashes of rejected rows. No value.
pub(crate) const REJECTS_SEEN: Table = Table::new("rejects_seen");
/// What the outside world is to be told.
pub(crate) const OUTBOX: Numbered = Numbered::new("outbox");
pub(crate) const OUTBOX_KIND: Kind = Kind { name: "outbox entry", number: 9 };
/// Users who were erased while facts of theirs were in the journal, and up to which row.
pub(crate) const ERASED: Table = Table::new("erased");
pub(crate) const ERASED_KIND: Kind = Kind { name: "erasure", number: 10 };
/// The rows of the journal's file.
pub(crate) const JOURNAL: Numbered = Numbered::new("journal");
pub(crate) const JOURNAL_KIND: Kind = Kind { name: "journal row", number: 11 };

/// Versions that are older than those in the heads, compressed. Since schema 2.
pub(crate) const ARCHIVE: Table = Table::new("archive");
pub(crate) const ARCHIVE_KIND: Kind = Kind { name: "archived versions", number: 12 };

/// All tables of the main file with bytes for keys.
pub(crate) const MAIN_TABLES: [Table; 10] =
    [META, HEADS, PAGES, STORIES, CORRECTIONS, MARKS, AUDIT_USERS, REJECTS_SEEN, ERASED, ARCHIVE];
/// All tables of the main file with numbers for keys.
pub(crate) const MAIN_NUMBERED: [Numbered; 3] = [AUDIT, REJECTS, OUTBOX];

/// The key that all rows of a user begin with. A user id holds no zero byte, so no user's rows are among another's.
pub(crate) fn user_prefix(user: &UserId) -> Vec<u8> {
    let mut key = Vec::with_capacity(user.as_str().len() + 48);
    key.extend_from_slice(user.as_str().as_bytes());
    key.push(0);
    key
}

/// Beyond all rows of a user.
pub(crate) fn user_end(user: &UserId) -> Vec<u8> {
    let mut key = user.as_str().as_bytes().to_vec();
    key.push(1);
    key
}

/// The key of a user's page that begins at a bound.
pub(crate) fn page_key(user: &UserId, bound: &[u8]) -> Vec<u8> {
    let mut key = user_prefix(user);
    key.extend_from_slice(bound);
    key
}

/// The hash that ids are looked for by.
pub(crate) fn id_hash(id: &ReadingId) -> u64 {
    match id {
        ReadingId::Made(made) => xxh3_64(&made.bytes()),
        ReadingId::Given(given) => xxh3_64(given.as_str().as_bytes()),
    }
}

/// The key of all tellings of an id.
pub(crate) fn correction_key(user: &UserId, id: &ReadingId) -> Vec<u8> {
    page_key(user, &id_hash(id).to_be_bytes())
}

/// The bytes of a key, which sort as keys do.
pub(crate) fn sortable(key: &OrderKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(48);
    key.write_sortable(&mut bytes);
    bytes
}
