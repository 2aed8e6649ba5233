//! `digest`: one line for everything that is settled.

use serde_json::json;

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};

/// What `digest` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args, context: &Context) -> Result<Exit, Failure> {
    let digest = Session::with(context, Wanted::default(), |session| Ok(session.engine.digest()?))?;
    if context.global.json {
        let value = json!({
            "digest": digest.to_string(), "users": digest.users, "unsettled": digest.unsettled,
        });
        output::print_json(&value)?;
    } else {
        output::print(&format!("{digest}\n"))?;
    }
    if digest.unsettled > 0 {
        context
            .screen
            .note(&format!("{} users are not settled; `reweigh status` says why", digest.unsettled));
    }
    Ok(Exit::Done)
}
