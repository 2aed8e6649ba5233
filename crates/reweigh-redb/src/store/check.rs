//! The check of everything.

use std::collections::BTreeMap;

use redb::{Database, ReadTransaction, ReadableTable};
use reweigh_reading::UserId;
use reweigh_store::{Damage, Place, Report, StoreError};

use super::{RedbStore, counters_in, line, records, user_of};
use crate::archive::archived;
use crate::fault::Fault;
use crate::head::{HeadV1, head_of};
use crate::opening::{MAIN, TAIL};
use crate::page::{order, story_of};
use crate::records::order_key;
use crate::tables::{
    ARCHIVE, ARCHIVE_KIND, AUDIT, HEADS, HEADS_KIND, JOURNAL, MARKS, MARKS_KIND, OUTBOX, PAGES_KIND, REJECTS,
    STORIES_KIND, user_end, user_prefix,
};
use crate::view::View;

const DOING: &str = "checking";

impl RedbStore {
    /// Both files as the library sees them, then every row as this crate does.
    pub(super) fn check_all(&self) -> Result<Report, StoreError> {
        let mut report = Report::default();
        for (name, file) in [(MAIN, &self.main), (TAIL, &self.journal)] {
            let sound = file.alone(DOING, |database| whole(name, database))?;
            report.damage.extend(sound);
        }
        self.main.read(DOING, |transaction| {
            let mut walk = Walk { report: &mut report, facts: 0, marks: BTreeMap::new() };
            walk.users(transaction)?;
            walk.records(transaction)?;
            walk.counters(transaction)
        })?;
        self.journal.read(DOING, |transaction| {
            let table = transaction.open_table(JOURNAL)?;
            for row in table.iter()? {
                let (number, row) = row?;
                note(&mut report, true, self.journal_row_of(number.value(), row.value()))?;
            }
            Ok(())
        })?;
        Ok(report)
    }
}

/// What the library itself says of a file.
fn whole(name: &'static str, database: &mut Database) -> Result<Option<Damage>, Fault> {
    let damage = |detail: String| Ok(Some(Damage { place: Place::of(name), detail, truth: true }));
    match database.check_integrity() {
        Ok(true) => Ok(None),
        Ok(false) => damage("the library found faults and mended them; rows may be gone".to_owned()),
        Err(redb::DatabaseError::Storage(redb::StorageError::Corrupted(detail))) => damage(detail),
        Err(error) => Err(error.into()),
    }
}

/// Puts a row that is not what was written into the report, and gives what is.
fn note<T>(report: &mut Report, truth: bool, read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Fault::Store(StoreError::Corrupt { place, detail })) => {
            report.damage.push(Damage { place, detail, truth });
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

struct Walk<'a> {
    report: &'a mut Report,
    facts: u64,
    /// Who should be among the marks.
    marks: BTreeMap<UserId, bool>,
}

impl Walk<'_> {
    fn wrong(&mut self, place: Place, detail: impl Into<String>, truth: bool) {
        self.report.damage.push(Damage { place, detail: detail.into(), truth });
    }

    fn users(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        let view = View::open(transaction)?;
        let heads = transaction.open_table(HEADS)?;
        for row in heads.iter()? {
            let (key, row) = row?;
            let Some(user) = note(self.report, true, user_of(key.value(), HEADS_KIND.name))? else {
                continue;
            };
            self.report.users += 1;
            let Some(head) = note(self.report, true, head_of(&user, row.value()))? else { continue };
            self.user(&view, &user, &head)?;
        }
        self.strays(&view)?;
        self.archive(transaction, &view)?;
        self.marks(transaction)
    }

    /// Old versions can be lost without harm to any fact.
    fn archive(&mut self, transaction: &ReadTransaction, view: &View) -> Result<(), Fault> {
        for row in transaction.open_table(ARCHIVE)?.iter()? {
            let (key, row) = row?;
            let owner = key.value().split(|byte| *byte == 0).next().unwrap_or_default();
            let Some(user) = note(self.report, false, user_of(owner, ARCHIVE_KIND.name))? else { continue };
            let place = Place::of_user(ARCHIVE_KIND.name, &user);
            if view.heads.get(owner)?.is_none() {
                self.wrong(place.clone(), "its user is not there", false);
            }
            let versions = note(self.report, false, archived(&user, key.value(), row.value()))?;
            for version in versions.unwrap_or_default() {
                if let Err(error) = version.state.look() {
                    self.wrong(place.clone(), format!("version {}: {error}", version.number), false);
                }
            }
        }
        Ok(())
    }

    fn user(&mut self, view: &View, user: &UserId, head: &HeadV1<'_>) -> Result<(), Fault> {
        let place = || Place::of_user(HEADS_KIND.name, user);
        if head.mark.is_some() || head.pin.is_some() {
            self.marks.insert(user.clone(), false);
        }
        self.states(user, head);
        let mut count = 0_u64;
        let mut ordered = true;
        let mut last = None;
        let pages = view.each_page(user, head, None, &mut |page| {
            count += page.len() as u64;
            for recorded in page {
                ordered &= last.as_ref().is_none_or(|last| order(last, &recorded.fact).is_lt());
                last = Some(recorded.fact);
            }
            true
        });
        let read = note(self.report, true, pages)?.is_some();
        if !ordered {
            self.wrong(place(), "facts are out of order", true);
        }
        let tellings = note(self.report, true, view.corrections_of(user, head))?;
        if let (true, Some(tellings)) = (read, tellings) {
            let count = count + tellings;
            self.report.facts += count;
            self.facts += count;
            if count != head.facts {
                self.wrong(place(), format!("{count} facts are there, {} were written", head.facts), true);
            }
        }
        self.stories(view, user)
    }

    /// The states of a head can be made again from the facts.
    fn states(&mut self, user: &UserId, head: &HeadV1<'_>) {
        let place = || Place::of_user(HEADS_KIND.name, user);
        if let Err(bad) = head.loaded().and_then(|loaded| head.versions().map(|_| loaded)) {
            self.wrong(place(), bad.0, false);
        }
        if let Some(settled) = &head.settled {
            self.state(&place(), "the settled state", settled.key.as_deref(), &settled.state.0);
        }
        if let Some(opening) = &head.opening {
            self.state(&place(), "the snapshot", Some(&opening.key), &opening.state.0);
        }
    }

    fn state(&mut self, place: &Place, what: &str, key: Option<&[u8]>, bytes: &[u8]) {
        match reweigh_store::Kept::from_bytes(bytes.to_vec()).look() {
            Err(error) => self.wrong(place.clone(), format!("{what}: {error}"), false),
            Ok(state) => {
                let key = key.map(order_key).transpose();
                if key.map_or(true, |key| key != state.key) {
                    self.wrong(place.clone(), format!("{what} is of another key"), false);
                }
            }
        }
    }

    fn stories(&mut self, view: &View, user: &UserId) -> Result<(), Fault> {
        let (first, end) = (user_prefix(user), user_end(user));
        for row in view.stories.range::<&[u8]>(first.as_slice()..end.as_slice())? {
            let (key, row) = row?;
            let story = story_of(user, key.value(), row.value());
            let Some(story) = note(self.report, false, story)? else { continue };
            let place = Place::of_user(STORIES_KIND.name, user);
            if let Some(snapshot) = &story.snapshot {
                self.state(&place, "the snapshot", Some(&snapshot.key), &snapshot.state.0);
            }
            if view.pages.get(key.value())?.is_none() {
                self.wrong(place, "there is no page beside it", false);
            }
        }
        Ok(())
    }

    /// Pages of users who have no head would never be read.
    fn strays(&mut self, view: &View) -> Result<(), Fault> {
        let mut last: Option<(Vec<u8>, bool)> = None;
        for row in view.pages.iter()? {
            let (key, _) = row?;
            let owner = key.value().split(|byte| *byte == 0).next().unwrap_or_default();
            if last.as_ref().is_none_or(|(last, _)| last != owner) {
                last = Some((owner.to_vec(), view.heads.get(owner)?.is_some()));
            }
            if matches!(last, Some((_, false))) {
                let place = Place::of(PAGES_KIND.name).at(String::from_utf8_lossy(owner));
                self.wrong(place, "its user is not there", true);
                last = Some((owner.to_vec(), true));
            }
        }
        Ok(())
    }

    fn marks(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        let table = transaction.open_table(MARKS)?;
        for row in table.iter()? {
            let (key, row) = row?;
            let read =
                user_of(key.value(), MARKS_KIND.name).and_then(|user| line(&user, key.value(), row.value()));
            let Some(line) = note(self.report, false, read)? else { continue };
            let place = Place::of_user(MARKS_KIND.name, &line.user);
            match self.marks.get_mut(&line.user) {
                Some(there) => *there = true,
                None => self.wrong(place, "its user is neither marked nor pinned", false),
            }
        }
        let lost: Vec<UserId> =
            self.marks.iter().filter(|(_, there)| !**there).map(|(user, _)| user.clone()).collect();
        for user in lost {
            self.wrong(Place::of_user(MARKS_KIND.name, &user), "the user is marked and not listed", false);
        }
        Ok(())
    }

    fn records(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        for row in transaction.open_table(AUDIT)?.iter()? {
            let (number, row) = row?;
            note(self.report, true, records::audit_row(number.value(), row.value()))?;
        }
        for row in transaction.open_table(REJECTS)?.iter()? {
            let (number, row) = row?;
            note(self.report, true, records::reject_row(number.value(), row.value()))?;
        }
        for row in transaction.open_table(OUTBOX)?.iter()? {
            let (number, row) = row?;
            note(self.report, false, records::told_row(number.value(), row.value()))?;
        }
        Ok(())
    }

    fn counters(&mut self, transaction: &ReadTransaction) -> Result<(), Fault> {
        let Some(counters) = note(self.report, true, counters_in(transaction))? else { return Ok(()) };
        if self.report.damage.is_empty() && counters.facts != self.facts {
            let detail = format!("{} facts were counted, {} are there", counters.facts, self.facts);
            self.wrong(Place::of("meta").at("counters"), detail, true);
        }
        Ok(())
    }
}
