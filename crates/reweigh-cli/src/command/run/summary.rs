//! What a run came to.

use std::fmt::Write as _;

use reweigh::{Role, Status, StoryLine};
use reweigh_reading::{Instant, UserId};
use serde::Serialize;

use super::offer::Taken;
use crate::clock::Stopwatch;
use crate::failure::{Exit, Failure};
use crate::paint::Paint;
use crate::session::Session;
use crate::table::{Align, Table};
use crate::words::{count, counted};

/// What a run came to, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    read: u64,
    accepted: u64,
    rejected: u64,
    held: u64,
    duplicate: u64,
    superseded: u64,
    retracted: u64,
    correction: u64,
    refused: u64,
    unsettled: u64,
    users: u64,
    resets: u64,
    replays: u64,
    revisions: u64,
    conflicts: u64,
    pinned: u64,
    digest: String,
    now: String,
    seconds: f64,
    readings_per_second: f64,
    /// Rows that are no readings: blank lines, other measurements.
    skipped: u64,
    users_unsettled: u64,
}

impl Summary {
    /// Settles everything, and asks what became of what was taken in.
    pub(super) fn of(
        session: &Session,
        before: &Status,
        taken: &Taken,
        now: Instant,
    ) -> Result<Self, Failure> {
        let engine = &session.engine;
        let watch = Stopwatch::start();
        engine.settle()?;
        engine.checkpoint()?;
        tracing::info!(seconds = watch.seconds(), "settled, and brought into the main file");
        let watch = Stopwatch::start();
        let tally = engine.tally(&taken.ledger)?;
        tracing::info!(seconds = watch.seconds(), "counted what became of the rows");
        let users = taken.ledger.users();
        // A telling that lost counts as superseded, so without those there is nothing to look for.
        let conflicts = if tally.superseded == 0 { 0 } else { conflicts(session, users)? };
        let watch = Stopwatch::start();
        let digest = engine.digest()?;
        tracing::info!(seconds = watch.seconds(), "took the digest");
        let status = engine.status()?;
        Ok(Self {
            read: taken.ledger.read() + taken.refused(),
            accepted: tally.accepted,
            rejected: tally.rejected,
            held: tally.held,
            duplicate: tally.duplicate,
            superseded: tally.superseded,
            retracted: tally.retracted,
            correction: tally.correction,
            refused: tally.refused + taken.refused(),
            unsettled: tally.unsettled,
            users: users.len() as u64,
            resets: status.resets - before.resets,
            replays: status.replays - before.replays,
            revisions: status.restatements - before.restatements,
            conflicts,
            pinned: status.store.pinned,
            digest: digest.to_string(),
            now: now.to_string(),
            seconds: 0.0,
            readings_per_second: 0.0,
            skipped: taken.tally.skipped(),
            users_unsettled: digest.unsettled,
        })
    }

    /// Notes how long it took.
    pub(super) fn took(&mut self, seconds: f64) {
        self.seconds = (seconds * 1e3).round() / 1e3;
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let rate = self.read as f64 / seconds.max(1e-3);
        self.readings_per_second = rate.round();
    }

    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    /// Whether users are left that are not served what their facts give.
    pub(super) fn is_unfinished(&self) -> bool {
        self.users_unsettled > 0 || self.pinned > 0
    }

    pub(super) fn unfinished(&self) -> String {
        let users = |many| counted(many, "user", "users");
        format!(
            "{} unsettled, {} pinned; `reweigh status` says why",
            users(self.users_unsettled),
            users(self.pinned)
        )
    }

    /// What became of each row, in the order of the contract.
    fn parts(&self) -> [(&'static str, u64); 9] {
        [
            ("accepted", self.accepted),
            ("rejected", self.rejected),
            ("held", self.held),
            ("duplicate", self.duplicate),
            ("superseded", self.superseded),
            ("retracted", self.retracted),
            ("correction", self.correction),
            ("refused", self.refused),
            ("unsettled", self.unsettled),
        ]
    }

    /// Holds the counts against each other: nothing may be dropped in silence.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let sum: u64 = self.parts().iter().map(|(_, many)| many).sum();
        if sum == self.read {
            return Ok(());
        }
        let message = format!(
            "{} rows were read and {} are accounted for; this is a fault of the program, and the facts are kept",
            count(self.read),
            count(sum)
        );
        Err(Failure::new(Exit::Unexpected, "counts", message))
    }

    /// What a person wants to know: what became of the rows, and what stands there now.
    pub(super) fn text(&self, taken: &Taken, paint: Paint) -> String {
        let mut text = format!(
            "{} {} of {} in {:.2} s\n",
            paint.bold(count(self.read)),
            if self.read == 1 { "row" } else { "rows" },
            taken.from(),
            self.seconds
        );
        let mut table = Table::new(&[Align::Right, Align::Left, Align::Left]).indented("  ");
        for (name, many) in self.parts() {
            if many > 0 || name == "accepted" {
                table.row([count(many), name.to_owned(), meaning(name, taken)]);
            }
        }
        text.push_str(&table.text());
        let some = |many, one: &str, more: &str| (many > 0).then(|| counted(many, one, more));
        let facts = [
            some(self.users, "user", "users"),
            some(self.resets, "reset", "resets"),
            some(self.replays, "replay", "replays"),
            some(self.revisions, "revision", "revisions"),
            some(self.conflicts, "conflict", "conflicts"),
            some(self.pinned, "user pinned", "users pinned"),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            let _ = writeln!(text, "{}", facts.join(", "));
        }
        let _ = writeln!(text, "digest {}", self.digest);
        text
    }
}

/// What a word of the counts means.
fn meaning(name: &str, taken: &Taken) -> String {
    match name {
        "accepted" => "part of the estimate".to_owned(),
        "rejected" => "kept, and no part of the estimate".to_owned(),
        "held" => "still being weighed; the next readings decide".to_owned(),
        "duplicate" => "there already".to_owned(),
        "superseded" => "another telling stands in its place".to_owned(),
        "retracted" => "taken back".to_owned(),
        "correction" => "no reading: a retraction, reset or height".to_owned(),
        "refused" => match &taken.rejects {
            Some(path) => format!("not taken in; {} says why", path.display()),
            None => "not taken in".to_owned(),
        },
        _ => "of users that are not settled".to_owned(),
    }
}

fn conflicts(session: &Session, users: &[UserId]) -> Result<u64, Failure> {
    let mut found = 0;
    for user in users {
        let lines = session.engine.story(user)?.map(|story| story.lines).unwrap_or_default();
        let lost = |line: &&StoryLine| line.role == Role::Superseded { conflict: true };
        found += lines.iter().filter(lost).count() as u64;
    }
    Ok(found)
}
