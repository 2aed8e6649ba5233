//! `verify`: what is settled, held against what the facts give.

use serde_json::json;

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::output;
use crate::session::{Session, Wanted};
use crate::words::{count, counted};

/// What `verify` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look at so many users only, spread over all
    #[arg(long, value_name = "NUMBER")]
    sample: Option<u64>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let verified = Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        Ok(session.engine.verify(args.sample)?)
    })?;
    let names = |users: &[reweigh_reading::UserId]| users.iter().map(ToString::to_string).collect::<Vec<_>>();
    if context.global.json {
        output::print_json(&json!({
            "users": verified.users,
            "facts": verified.facts,
            "differ": names(&verified.differ),
            "unsettled": names(&verified.unsettled),
            "damaged": verified.damaged.iter().map(|(user, what)| json!({ "user": user.as_str(), "what": what })).collect::<Vec<_>>(),
        }))?;
    } else {
        let mut text = format!(
            "{} with {} folded again: {} differ, {} unsettled, {} damaged\n",
            counted(verified.users, "user", "users"),
            counted(verified.facts, "fact", "facts"),
            count(verified.differ.len() as u64),
            count(verified.unsettled.len() as u64),
            count(verified.damaged.len() as u64),
        );
        let differ = verified.differ.iter().map(|user| format!("differs    {user}\n"));
        let unsettled = verified.unsettled.iter().map(|user| format!("unsettled  {user}\n"));
        let damaged = verified.damaged.iter().map(|(user, what)| format!("damaged    {user}: {what}\n"));
        text.extend(differ.chain(unsettled).chain(damaged));
        output::print(&text)?;
    }
    // Facts that cannot be read weigh more than states that can be folded again.
    if !verified.damaged.is_empty() {
        let many = counted(verified.damaged.len() as u64, "user", "users");
        let message = format!("of {many} something cannot be read; restore a backup, or run the files again");
        return Err(Failure::new(Exit::Store, "store_corrupt", message));
    }
    if verified.differ.is_empty() {
        return Ok(Exit::Done);
    }
    let many = counted(verified.differ.len() as u64, "user is", "users are");
    let message =
        format!("{many} not settled as the facts say; `reweigh recover USER --from facts` folds one again");
    Err(Failure::new(Exit::Differs, "verify_differs", message))
}
