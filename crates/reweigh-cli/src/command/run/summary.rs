//! What a run came to.

use reweigh::Status;
use reweigh_reading::Instant;
use serde::Serialize;

use super::Args;
use super::offer::Taken;
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
    pub(super) fn of(session: &Session, before: &Status, taken: &Taken, now: Instant) -> Result<Self, Failure> {
        let engine = &session.engine;
        engine.settle()?;
        engine.checkpoint()?;
        let digest = engine.digest()?;
        let status = engine.status()?;
        let duplicate = status.duplicates;
        Ok(Self {
            read: taken.kept(),
            accepted: taken.facts() - duplicate,
            rejected: 0,
            held: 0,
            duplicate,
            superseded: 0,
            retracted: 0,
            correction: 0,
            refused: taken.refused,
            unsettled: 0,
            users: status.users,
            resets: 0,
            replays: status.replays - before.replays,
            revisions: status.store.outbox.saturating_sub(before.store.outbox),
            conflicts: 0,
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

    /// What a person wants to know.
    pub(super) fn text(&self, _args: &Args, taken: &Taken, _paint: Paint) -> String {
        let mut table = Table::new(&[Align::Left, Align::Right, Align::Left]);
        table.row(["read", &count(self.read), &format!("rows of {}", taken.from())]);
        for (name, many) in self.parts() {
            if many > 0 {
                table.row([format!("  {name}"), count(many)]);
            }
        }
        format!("{}digest {}\n", table.text(), self.digest)
    }
}
