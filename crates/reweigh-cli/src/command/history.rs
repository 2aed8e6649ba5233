//! `history`: what was said of a user before, when, and what changed it.

use std::fmt::Write as _;

use reweigh_reading::UserId;
use reweigh_store::Told;

use crate::command::Context;
use crate::command::show::nobody;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::table::{Align, Table};
use crate::told::{Change, changes};
use crate::words::second;

/// What `history` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose
    #[arg(value_name = "USER")]
    user: UserId,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let told = Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        if session.engine.state(&args.user)?.is_none() {
            return Err(nobody(&args.user));
        }
        Ok(session.engine.history(&args.user)?)
    })?;
    let all: Vec<Change> = told.iter().flat_map(changes).collect();
    if context.global.json {
        output::print_json(&all)?;
    } else {
        output::print(&text(&args.user, &told))?;
    }
    Ok(Exit::Done)
}

fn text(user: &UserId, told: &[Told]) -> String {
    if told.is_empty() {
        return format!("nothing that was said of {user} has changed\n");
    }
    let mut text = String::new();
    for one in told {
        let _ = writeln!(text, "{}  {}", second(one.at), one.cause);
        let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]).indented("  ");
        for change in changes(one) {
            let at = change.at.as_deref().unwrap_or_default().to_owned();
            let old = change.old.as_deref().unwrap_or("nothing");
            let new = change.new.as_deref().unwrap_or("nothing");
            table.row([change.what.to_owned(), at, format!("{old} → {new}")]);
        }
        text.push_str(&table.text());
    }
    text
}
