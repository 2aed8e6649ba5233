//! What was written down: revisions, the audit, rejected rows.

use reweigh_state::AuditRecord;
use reweigh_store::{AuditEntry, AuditQuery, AuditRow, Store};
use serde::Serialize;

use super::Target;
use crate::failure::Failure;
use crate::session::Session;
use crate::sheet::Sheet;
use crate::told::{self, changes};

/// How many records are read at a time.
const PIECE: usize = 1_000;

/// What was said before and is not any more.
pub(super) fn revisions(session: &Session, to: &Target) -> Result<(), Failure> {
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &told::COLUMNS)?;
    let mut after = 0;
    loop {
        let piece = session.look(|store| store.outbox(after, PIECE))?;
        let Some(last) = piece.last() else { return sheet.finish() };
        after = last.number;
        for change in piece.iter().flat_map(changes) {
            sheet.row(&change)?;
        }
    }
}

/// An entry of the audit as a row.
#[derive(Debug, Serialize)]
pub(crate) struct Audited {
    number: u64,
    user_id: Option<String>,
    recorded: String,
    kind: &'static str,
    reset: Option<&'static str>,
    effective: Option<String>,
    who: String,
    reason: String,
    outcome: Option<&'static str>,
    steps: String,
    micros: Option<u64>,
    correlation: Option<u64>,
}

const AUDITED: [&str; 12] = [
    "number",
    "user_id",
    "recorded",
    "kind",
    "reset",
    "effective",
    "who",
    "reason",
    "outcome",
    "steps",
    "micros",
    "correlation",
];

impl Audited {
    pub(crate) fn of(row: &AuditRow) -> Self {
        let plain = Self {
            number: row.number,
            user_id: row.user.as_ref().map(ToString::to_string),
            recorded: row.entry.recorded().to_string(),
            kind: "erased",
            reset: None,
            effective: None,
            who: String::new(),
            reason: String::new(),
            outcome: row.entry.outcome().map(reweigh_state::AuditOutcome::as_str),
            steps: String::new(),
            micros: None,
            correlation: None,
        };
        match &row.entry {
            AuditEntry::Reset(record) => Self {
                kind: record.kind.as_str(),
                reset: record.reset.map(reweigh_state::AuditedReset::as_str),
                effective: Some(record.effective.to_string()),
                who: record.who.as_str().to_owned(),
                reason: record.reason.clone(),
                steps: steps(record),
                micros: Some(record.micros),
                correlation: Some(record.correlation),
                ..plain
            },
            AuditEntry::Act(act) => Self {
                kind: act.kind.as_str(),
                who: act.by.clone(),
                reason: act.reason.clone(),
                correlation: Some(act.correlation),
                ..plain
            },
            AuditEntry::Erased { .. } | _ => plain,
        }
    }
}

fn steps(record: &AuditRecord) -> String {
    let steps: Vec<String> =
        record.steps.iter().map(|it| format!("{}: {}", it.operation, it.verdict)).collect();
    steps.join("; ")
}

/// What was decided and done.
pub(super) fn audit(session: &Session, to: &Target) -> Result<(), Failure> {
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &AUDITED)?;
    let mut query = AuditQuery::default();
    loop {
        let piece = session.look(|store| store.audit(&query, PIECE))?;
        let Some(last) = piece.last() else { return sheet.finish() };
        query.after = last.number;
        for row in &piece {
            sheet.row(&Audited::of(row))?;
        }
    }
}

#[derive(Serialize)]
struct Refused<'a> {
    number: u64,
    origin: &'a str,
    reason_code: &'a str,
    reason: &'a str,
    row: &'a str,
    received: String,
}

/// Rows that were refused.
pub(super) fn rejects(session: &Session, to: &Target) -> Result<(), Failure> {
    let columns = ["number", "origin", "reason_code", "reason", "row", "received"];
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &columns)?;
    let mut after = 0;
    loop {
        let piece = session.look(|store| store.rejects(after, PIECE))?;
        let Some((last, _)) = piece.last() else { return sheet.finish() };
        after = *last;
        for (number, rejected) in &piece {
            sheet.row(&Refused {
                number: *number,
                origin: &rejected.origin,
                reason_code: &rejected.code,
                reason: &rejected.reason,
                row: &String::from_utf8_lossy(&rejected.row),
                received: rejected.received.to_string(),
            })?;
        }
    }
}
