//! `status`: how the store is doing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reweigh::Status;
use serde_json::{Value, json};

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::words::{bytes, count, second};

/// What `status` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, context: &Context) -> Result<Exit, Failure> {
    let status = Session::with(context, Wanted::default(), |session| {
        // What the last engine left is settled first, or it would show as if it stayed so.
        session.settle()?;
        Ok(session.engine.status()?)
    })?;
    if context.global.json {
        output::print_json(&to_json(&status))?;
    } else {
        output::print(&text(&status))?;
    }
    Ok(Exit::Done)
}

/// How many users there are of each cause.
fn by_cause<'a>(causes: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    for cause in causes {
        *counts.entry(cause).or_default() += 1;
    }
    counts
}

fn to_json(status: &Status) -> Value {
    let store = &status.store;
    let breakers: BTreeMap<&str, &str> =
        status.breakers.iter().map(|(kind, breaker)| (kind.as_str(), breaker.state.as_str())).collect();
    json!({
        "users": status.users,
        "facts": store.facts,
        "unsettled": store.unsettled,
        "unsettled_by_cause": by_cause(status.troubles.values().map(reweigh::Trouble::code)),
        "pinned": store.pinned,
        "pinned_by_cause": by_cause(status.pinned.values().map(|cause| cause.as_str())),
        "provisional_by_cause": status.provisional,
        "breakers": breakers,
        "tail_facts": status.tail.facts,
        "tail_bytes": status.tail.bytes,
        "rejects": store.rejects,
        "audit": store.audit,
        "revisions": store.outbox,
        "file_bytes": store.main_bytes,
        "journal_bytes": store.journal_bytes,
        "last_commit": status.last_commit.map(|at| at.to_string()),
        "fingerprint": status.settings.current.map(|it| it.to_string()),
        "target": status.settings.target.map(|it| it.to_string()),
    })
}

/// How many names are listed.
const NAMED: usize = 10;

fn text(status: &Status) -> String {
    let store = &status.store;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("users", count(status.users));
    line("facts", count(store.facts));
    line("unsettled", count(store.unsettled));
    for (user, trouble) in status.troubles.iter().take(NAMED) {
        line("", format!("{user}: {}", trouble.code()));
    }
    line("pinned", count(store.pinned));
    for (user, cause) in status.pinned.iter().take(NAMED) {
        line("", format!("{user}: {}", cause.as_str()));
    }
    for (kind, breaker) in &status.breakers {
        if breaker.state.as_str() != "closed" {
            line("breaker", format!("{} is {}", kind.as_str(), breaker.state.as_str()));
        }
    }
    line("rejects", count(store.rejects));
    line("revisions", count(store.outbox));
    line("audit", count(store.audit));
    line("tail", count(status.tail.facts));
    line("file", bytes(store.main_bytes));
    if let Some(at) = status.last_commit {
        line("last commit", second(at));
    }
    if let Some(target) = status.settings.target {
        line("moving to", target.to_string());
    }
    text
}
