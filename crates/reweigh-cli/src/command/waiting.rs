//! `waiting`: corrections whose reading never came.

use reweigh_reading::{Fact, UserId};
use serde::Serialize;

use crate::command::Context;
use crate::command::conflicts::content;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::table::{Align, Table};

/// What `waiting` takes.
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
    at: String,
    source: String,
    content: String,
}

impl Row {
    fn of(fact: &Fact) -> Self {
        Self {
            user_id: fact.user().to_string(),
            id: fact.id().to_string(),
            revision: fact.revision().get(),
            at: fact.at().to_string(),
            source: fact.source().to_string(),
            content: content(fact),
        }
    }
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let waiting = Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        Ok(session.engine.waiting(args.user.as_ref())?)
    })?;
    let rows: Vec<Row> = waiting.iter().map(Row::of).collect();
    if context.global.json {
        output::print_json(&rows)?;
    } else if rows.is_empty() {
        output::print("nothing waits\n")?;
    } else {
        let mut table = Table::new(&[Align::Left; 5]);
        table.row(["user", "id", "revision", "at", "says"]);
        for row in rows {
            table.row([row.user_id, row.id, row.revision.to_string(), row.at, row.content]);
        }
        output::print(&table.text())?;
    }
    Ok(Exit::Done)
}
