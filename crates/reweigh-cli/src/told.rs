//! Revisions, as people and programs read them: what was said, what is said now, and what changed it.

use reweigh_state::Verdict;
use reweigh_store::Told;
use serde::Serialize;

use crate::row::fine;

/// One thing that is said otherwise now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Change {
    pub(crate) number: u64,
    pub(crate) user_id: String,
    /// When it was committed.
    pub(crate) said: String,
    /// `estimate`, `verdict` or `reset`.
    pub(crate) what: &'static str,
    /// The instant of the reading or reset.
    pub(crate) at: Option<String>,
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) cause: String,
}

/// The columns of a table of changes.
pub(crate) const COLUMNS: [&str; 8] = ["number", "user_id", "said", "what", "at", "old", "new", "cause"];

/// Everything that one revision says.
pub(crate) fn changes(told: &Told) -> Vec<Change> {
    let change = |what, at: Option<String>, old, new| Change {
        number: told.number,
        user_id: told.user.to_string(),
        said: told.at.to_string(),
        what,
        at,
        old,
        new,
        cause: told.cause.clone(),
    };
    let restated = &told.restatement;
    let mut changes = Vec::new();
    for one in &restated.verdicts {
        let said = |verdict: Option<Verdict>| verdict.map(said);
        changes.push(change("verdict", Some(one.at.to_string()), said(one.old), said(one.new)));
    }
    for one in &restated.resets {
        let at = one.new.or(one.old).map(|(_, at)| at.to_string());
        let kind =
            |reset: Option<(reweigh_state::ResetKind, _)>| reset.map(|(kind, _)| kind.as_str().to_owned());
        changes.push(change("reset", at, kind(one.old), kind(one.new)));
    }
    let (old, new) = restated.newest_kg;
    if old != new {
        let kg = |value: Option<f64>| value.map(|value| fine(value).to_string());
        changes.push(change("estimate", None, kg(old), kg(new)));
    }
    changes
}

/// A verdict as one word or two.
fn said(verdict: Verdict) -> String {
    if verdict.reason.rejects() {
        format!("{} {}", verdict.outcome, verdict.reason.code())
    } else {
        verdict.outcome.to_string()
    }
}
