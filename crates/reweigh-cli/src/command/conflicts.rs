//! `conflicts`: facts of one id and revision that say different things.

use reweigh::Conflict;
use reweigh_reading::{Fact, UserId};
use serde::Serialize;

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::table::{Align, Table};
use crate::words::measure;

/// What `conflicts` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only those of one user
    #[arg(value_name = "USER")]
    user: Option<UserId>,
}

#[derive(Serialize)]
struct Row {
    user_id: String,
    id: String,
    revision: u32,
    lost: String,
    lost_at: String,
    won: Option<String>,
    won_at: Option<String>,
}

impl Row {
    fn of(conflict: &Conflict) -> Self {
        let Conflict { loser, winner } = conflict;
        Self {
            user_id: loser.user().to_string(),
            id: loser.id().to_string(),
            revision: loser.revision().get(),
            lost: content(loser),
            lost_at: loser.at().to_string(),
            won: winner.as_ref().map(content),
            won_at: winner.as_ref().map(|fact| fact.at().to_string()),
        }
    }
}

/// What a fact says, shortly.
pub(crate) fn content(fact: &Fact) -> String {
    let action = fact.action().kind().name();
    fact.measure().map_or_else(|| action.to_owned(), |it| format!("{action} {}", measure(it)))
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let conflicts = Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        Ok(session.engine.conflicts(args.user.as_ref())?)
    })?;
    let rows: Vec<Row> = conflicts.iter().map(Row::of).collect();
    if context.global.json {
        output::print_json(&rows)?;
    } else if rows.is_empty() {
        output::print("no conflicts\n")?;
    } else {
        let mut table = Table::new(&[Align::Left; 5]);
        table.row(["user", "id", "revision", "lost", "won"]);
        for row in rows {
            let won = match (row.won, row.won_at) {
                (Some(won), Some(at)) => format!("{won} of {at}"),
                _ => String::new(),
            };
            let lost = format!("{} of {}", row.lost, row.lost_at);
            table.row([row.user_id, row.id, row.revision.to_string(), lost, won]);
        }
        output::print(&table.text())?;
    }
    Ok(Exit::Done)
}
