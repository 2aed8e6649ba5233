//! Users that are settled under another policy, folded anew under this one.

use reweigh_judge::fingerprint;
use reweigh_reading::{Source, UserId};
use reweigh_store::{Kept, Store};

use crate::command::Context;
use crate::command::export::each_user;
use crate::failure::Failure;
use crate::session::Session;
use crate::words::counted;

/// Folds every user whose state is of another policy. When it is interrupted, the same command goes on with the rest.
pub(super) fn run(session: &Session, context: &Context) -> Result<(), Failure> {
    let under = fingerprint(&session.config.policy);
    let by = Source::new("reweigh").map_err(|error| Failure::usage(error.to_string()))?;
    let mut left: Vec<UserId> = Vec::new();
    each_user(session, |user| {
        let loaded = session.look(|store| store.load(user))?;
        let found = loaded.and_then(|loaded| loaded.state.as_ref().map(Kept::fingerprint));
        if found.is_some_and(|found| found.ok() != Some(under)) {
            left.push(user.clone());
        }
        Ok(())
    })?;
    for user in &left {
        session.engine.rebuild(user, false, &by, "folded anew under another policy")?;
    }
    if !left.is_empty() {
        let many = counted(left.len() as u64, "user", "users");
        context.screen.note(&format!("{many} folded anew under the policy of this run"));
    }
    Ok(())
}
