//! Rows of what is remembered and told, as serde writes them.

use reweigh_reading::{Instant, OrderKey, Source, UserId};
use reweigh_state::{
    AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditStep, AuditedReset, Fingerprint, ResetChange,
    ResetKind, Restatement, Verdict, VerdictChange,
};
use reweigh_store::{Act, ActKind, AuditEntry, PinCause, Rejected, Settings, Told};
use serde::{Deserialize, Serialize};

use crate::row::BadRow;

fn bad(what: &str) -> BadRow {
    BadRow(format!("{what} cannot be read"))
}

pub(crate) fn instant(micros: i64) -> Result<Instant, BadRow> {
    Instant::from_unix_micros(micros).map_err(|_| bad("an instant"))
}

pub(crate) fn order_key(bytes: &[u8]) -> Result<OrderKey, BadRow> {
    OrderKey::from_sortable(bytes).ok_or_else(|| bad("a key"))
}

pub(crate) fn user(text: &str) -> Result<UserId, BadRow> {
    UserId::new(text).map_err(|_| bad("a user"))
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RejectV1 {
    row: Vec<u8>,
    code: String,
    reason: String,
    origin: String,
    received: i64,
}

impl From<&Rejected> for RejectV1 {
    fn from(row: &Rejected) -> Self {
        Self {
            row: row.row.clone(),
            code: row.code.clone(),
            reason: row.reason.clone(),
            origin: row.origin.clone(),
            received: row.received.unix_micros(),
        }
    }
}

impl TryFrom<RejectV1> for Rejected {
    type Error = BadRow;

    fn try_from(row: RejectV1) -> Result<Self, BadRow> {
        let received = instant(row.received)?;
        Ok(Self { row: row.row, code: row.code, reason: row.reason, origin: row.origin, received })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AuditV1 {
    pub(crate) user: Option<String>,
    pub(crate) entry: EntryV1,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum EntryV1 {
    Reset(ResetV1),
    Act(ActV1),
    Erased { recorded: i64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResetV1 {
    kind: String,
    reset: Option<String>,
    /// Who decided: a word, and the source an operator came through.
    who: (String, Option<String>),
    effective: i64,
    recorded: i64,
    reason: String,
    outcome: String,
    steps: Vec<(String, String, String, u64)>,
    micros: u64,
    correlation: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ActV1 {
    kind: String,
    by: String,
    reason: String,
    at: i64,
    correlation: u64,
}

impl TryFrom<&AuditEntry> for EntryV1 {
    type Error = BadRow;

    fn try_from(entry: &AuditEntry) -> Result<Self, BadRow> {
        Ok(match entry {
            AuditEntry::Reset(record) => Self::Reset(ResetV1::try_from(record)?),
            AuditEntry::Act(act) => Self::Act(ActV1::from(act)),
            AuditEntry::Erased { recorded } => Self::Erased { recorded: recorded.unix_micros() },
            _ => return Err(bad("a kind of audit entry that this adapter does not know")),
        })
    }
}

impl TryFrom<&AuditRecord> for ResetV1 {
    type Error = BadRow;

    fn try_from(record: &AuditRecord) -> Result<Self, BadRow> {
        let step =
            |step: &AuditStep| (step.operation.clone(), step.made.clone(), step.verdict.clone(), step.micros);
        let through = match &record.who {
            AuditActor::Step | AuditActor::Ladder => None,
            AuditActor::Operator(source) => Some(source.as_str().to_owned()),
            _ => return Err(bad("somebody who decides that this adapter does not know")),
        };
        Ok(Self {
            kind: record.kind.as_str().to_owned(),
            reset: record.reset.map(|reset| reset.as_str().to_owned()),
            who: (record.who.as_str().to_owned(), through),
            effective: record.effective.unix_micros(),
            recorded: record.recorded.unix_micros(),
            reason: record.reason.clone(),
            outcome: record.outcome.as_str().to_owned(),
            steps: record.steps.iter().map(step).collect(),
            micros: record.micros,
            correlation: record.correlation,
        })
    }
}

/// Who decided, of a word and the source an operator came through.
fn actor((word, through): (String, Option<String>)) -> Result<AuditActor, BadRow> {
    match (word.as_str(), through) {
        ("step", None) => Ok(AuditActor::Step),
        ("ladder", None) => Ok(AuditActor::Ladder),
        ("operator", Some(source)) => {
            Source::new(&source).map(AuditActor::Operator).map_err(|_| bad("an operator's source"))
        }
        _ => Err(bad("who decided")),
    }
}

impl From<&Act> for ActV1 {
    fn from(act: &Act) -> Self {
        Self {
            kind: act.kind.as_str().to_owned(),
            by: act.by.clone(),
            reason: act.reason.clone(),
            at: act.at.unix_micros(),
            correlation: act.correlation,
        }
    }
}

impl TryFrom<EntryV1> for AuditEntry {
    type Error = BadRow;

    fn try_from(entry: EntryV1) -> Result<Self, BadRow> {
        Ok(match entry {
            EntryV1::Reset(row) => {
                let step =
                    |(operation, made, verdict, micros)| AuditStep { operation, made, verdict, micros };
                let reset =
                    |word: String| AuditedReset::from_word(&word).ok_or_else(|| bad("a reset's kind"));
                Self::Reset(AuditRecord {
                    kind: AuditKind::from_word(&row.kind).ok_or_else(|| bad("an audit kind"))?,
                    reset: row.reset.map(reset).transpose()?,
                    who: actor(row.who)?,
                    effective: instant(row.effective)?,
                    recorded: instant(row.recorded)?,
                    reason: row.reason,
                    outcome: AuditOutcome::from_word(&row.outcome).ok_or_else(|| bad("an audit outcome"))?,
                    steps: row.steps.into_iter().map(step).collect(),
                    micros: row.micros,
                    correlation: row.correlation,
                })
            }
            EntryV1::Act(row) => Self::Act(Act {
                kind: ActKind::from_word(&row.kind).ok_or_else(|| bad("an act's kind"))?,
                by: row.by,
                reason: row.reason,
                at: instant(row.at)?,
                correlation: row.correlation,
            }),
            EntryV1::Erased { recorded } => Self::Erased { recorded: instant(recorded)? },
        })
    }
}

type ResetAt = Option<(u8, i64)>;
/// A reading's number and instant, the old verdict and the new one.
type VerdictAt = (u64, i64, Option<[u8; 2]>, Option<[u8; 2]>);

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ToldV1 {
    pub(crate) user: String,
    at: i64,
    verdicts: Vec<VerdictAt>,
    resets: Vec<(ResetAt, ResetAt)>,
    newest_kg: (Option<f64>, Option<f64>),
    cause: String,
}

impl ToldV1 {
    pub(crate) fn new(user: &UserId, at: Instant, said: &Restatement, cause: &str) -> Self {
        let verdict = |change: &VerdictChange| {
            let (old, new) = (change.old.map(Verdict::to_bytes), change.new.map(Verdict::to_bytes));
            (change.number, change.at.unix_micros(), old, new)
        };
        let reset =
            |reset: Option<(ResetKind, Instant)>| reset.map(|(kind, at)| (kind.tag(), at.unix_micros()));
        Self {
            user: user.as_str().to_owned(),
            at: at.unix_micros(),
            verdicts: said.verdicts.iter().map(verdict).collect(),
            resets: said.resets.iter().map(|change| (reset(change.old), reset(change.new))).collect(),
            newest_kg: said.newest_kg,
            cause: cause.to_owned(),
        }
    }

    pub(crate) fn told(self, number: u64) -> Result<Told, BadRow> {
        let verdict = |bytes: Option<[u8; 2]>| match bytes {
            None => Ok(None),
            Some(bytes) => Verdict::from_bytes(bytes).map(Some).ok_or_else(|| bad("a verdict")),
        };
        let reset = |reset: ResetAt| match reset {
            None => Ok(None),
            Some((tag, at)) => {
                let kind = ResetKind::from_tag(tag).ok_or_else(|| bad("a reset's kind"))?;
                Ok::<_, BadRow>(Some((kind, instant(at)?)))
            }
        };
        let mut restatement = Restatement { newest_kg: self.newest_kg, ..Restatement::default() };
        for (number, at, old, new) in self.verdicts {
            let (old, new) = (verdict(old)?, verdict(new)?);
            restatement.verdicts.push(VerdictChange { number, at: instant(at)?, old, new });
        }
        for (old, new) in self.resets {
            restatement.resets.push(ResetChange { old: reset(old)?, new: reset(new)? });
        }
        Ok(Told { number, user: user(&self.user)?, at: instant(self.at)?, restatement, cause: self.cause })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettingsV1 {
    current: Option<u128>,
    target: Option<u128>,
    audit_days: Option<u32>,
}

impl From<&Settings> for SettingsV1 {
    fn from(settings: &Settings) -> Self {
        Self {
            current: settings.current.map(Fingerprint::number),
            target: settings.target.map(Fingerprint::number),
            audit_days: settings.audit_days,
        }
    }
}

impl From<SettingsV1> for Settings {
    fn from(row: SettingsV1) -> Self {
        Self {
            current: row.current.map(Fingerprint::from_number),
            target: row.target.map(Fingerprint::from_number),
            audit_days: row.audit_days,
        }
    }
}

/// A pin's cause as two bytes.
pub(crate) fn put_cause(cause: PinCause) -> Result<(u8, u8), BadRow> {
    Ok(match cause {
        PinCause::Operator => (0, 0),
        PinCause::Jump => (1, 0),
        PinCause::Recovered(rung) => (2, rung),
        PinCause::Rollout => (3, 0),
        _ => return Err(bad("a cause of a pin that this adapter does not know")),
    })
}

pub(crate) fn take_cause(bytes: (u8, u8)) -> Result<PinCause, BadRow> {
    Ok(match bytes {
        (0, 0) => PinCause::Operator,
        (1, 0) => PinCause::Jump,
        (2, rung) => PinCause::Recovered(rung),
        (3, 0) => PinCause::Rollout,
        _ => return Err(bad("a pin's cause")),
    })
}

/// A user who is marked or pinned.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub(crate) struct MarkV1 {
    pub(crate) mark: Option<Vec<u8>>,
    pub(crate) pinned: Option<(u8, u8)>,
}

/// A user who was erased while facts of theirs were in the journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ErasedV1 {
    /// The last row that may hold some.
    pub(crate) upto: u64,
}

/// What the main file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MetaV1 {
    pub(crate) schema: u32,
    pub(crate) store: u128,
    /// The journal beside the file, by its number; none after a clean close.
    pub(crate) journal: Option<u64>,
    /// The last number a journal had.
    pub(crate) journals: u64,
}

/// What the journal's file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalMetaV1 {
    pub(crate) schema: u32,
    pub(crate) store: u128,
    pub(crate) number: u64,
}

/// What changes with every commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CountersV1 {
    /// The journal's mark.
    pub(crate) mark: u64,
    pub(crate) facts: u64,
    pub(crate) unsettled: u64,
    pub(crate) pinned: u64,
    pub(crate) audit: u64,
    pub(crate) rejects: u64,
    pub(crate) outbox: u64,
}
