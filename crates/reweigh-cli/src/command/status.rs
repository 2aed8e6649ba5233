//! `status`: how the store is doing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reweigh::Status;
use reweigh_store::Store;
use serde_json::{Value, json};

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::words::{bytes, count};

/// What `status` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, context: &Context) -> Result<Exit, Failure> {
    let status = Session::with(context, Wanted::default(), |session| {
        // What the last engine left is settled first, or it would show as if it stayed so.
        session.engine.settle()?;
        session.engine.checkpoint()?;
        let status = session.engine.status()?;
        let pinned = session.look(pins)?;
        Ok((status, pinned))
    });
    let (status, pinned) = status?;
    if context.global.json {
        output::print_json(&to_json(&status, &pinned))?;
    } else {
        output::print(&text(&status, &pinned))?;
    }
    Ok(Exit::Done)
}

/// Who is served something else than the settled state, by cause.
fn pins(store: &reweigh_redb::RedbStore) -> Result<BTreeMap<&'static str, u64>, reweigh_store::StoreError> {
    let mut causes = BTreeMap::new();
    let mut after = None;
    loop {
        let lines = store.marked(after.as_ref(), 1_000)?;
        let Some(last) = lines.last() else { return Ok(causes) };
        after = Some(last.user.clone());
        for cause in lines.iter().filter_map(|line| line.pinned) {
            *causes.entry(cause.as_str()).or_default() += 1;
        }
    }
}

fn to_json(status: &Status, pinned: &BTreeMap<&'static str, u64>) -> Value {
    let store = &status.store;
    let mut unsettled: BTreeMap<&str, u64> = BTreeMap::new();
    for trouble in status.troubles.values() {
        *unsettled.entry(trouble.code()).or_default() += 1;
    }
    json!({
        "users": status.users,
        "facts": store.facts,
        "unsettled": store.unsettled,
        "unsettled_by_cause": unsettled,
        "pinned": store.pinned,
        "pinned_by_cause": pinned,
        "tail_facts": status.tail.facts,
        "tail_bytes": status.tail.bytes,
        "rejects": store.rejects,
        "audit": store.audit,
        "revisions": store.outbox,
        "file_bytes": store.main_bytes,
        "journal_bytes": store.journal_bytes,
    })
}

fn text(status: &Status, pinned: &BTreeMap<&'static str, u64>) -> String {
    let store = &status.store;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<12} {value}");
    };
    line("users", count(status.users));
    line("facts", count(store.facts));
    line("unsettled", count(store.unsettled));
    for (user, trouble) in &status.troubles {
        line("", format!("{user}: {}", trouble.code()));
    }
    line("pinned", count(store.pinned));
    for (cause, many) in pinned {
        line("", format!("{} by {cause}", count(*many)));
    }
    line("rejects", count(store.rejects));
    line("revisions", count(store.outbox));
    line("audit", count(store.audit));
    line("tail", count(status.tail.facts));
    line("file", bytes(store.main_bytes));
    text
}
