//! Erasing a user, so that nothing on its way brings them back.

use std::sync::PoisonError;

use reweigh_reading::{Source, UserId};
use reweigh_store::{Act, ActKind, Erased, StoreError};

use crate::deed::Deed;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::lane::Job;
use crate::story::Trouble;
use crate::writer::Offer;

impl Engine {
    /// Takes away everything about a user: facts, states, versions, verdicts, what waits in memory and in the journal,
    /// what was to be told, and what the audit says. That there was such a user, and who erased them and why, stays.
    ///
    /// What is acknowledged after that is the beginning of a new story. Bytes may stay in free pages of the files until
    /// they are written over, or until [`compact`](Self::compact); rows that were refused at the edge belong to no user
    /// and stay.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::Source;
    ///
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 80.0), doc::reading("bob", 1, 95.3)])?;
    /// engine.erase(&"ada".parse()?, &Source::new("clerk")?, "she asked for it")?;
    ///
    /// assert_eq!(engine.digest()?.users, 1);
    /// assert!(engine.facts(&"ada".parse()?, None, 10)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is known of the user; the store failed, and the user is there, or nobody knows: erase them again.
    pub fn erase(&self, user: &UserId, by: &Source, reason: &str) -> Result<Erased, EngineError> {
        let (theirs, by, reason) = (user.clone(), by.clone(), reason.to_owned());
        let erased = self.apart(move |core| {
            let act = core.act(ActKind::Erase, by.as_str(), &reason);
            // The writer does it: then no row is appended or handed on meanwhile, and none is on its way into the main
            // file, because this is the steward.
            let (answer, answers) = crossbeam_channel::bounded(1);
            let deed = Deed::new(move |core| {
                let _ = answer.send(erase(core, &theirs, &act));
            });
            core.offers.send(Offer::Do(deed)).map_err(|_| EngineError::Closed)?;
            core.drive.wait(&answers).unwrap_or(Err(EngineError::Closed))
        });
        if erased.is_err() && self.core.lane(user).is_some_and(|lane| lane.residents().lost.contains(user)) {
            // Its facts are found in the journal again.
            let _ = self.checkpoint();
            let turn = Job::Turns(vec![user.clone()]);
            let _ = self.core.lane(user).map(|lane| lane.jobs.send(turn));
        }
        erased
    }
}

/// Erases a user while nobody appends and nobody commits.
fn erase(core: &Core, user: &UserId, act: &Act) -> Result<Erased, EngineError> {
    let lane = core.lane(user).ok_or(EngineError::Closed)?;
    let (done, answers) = crossbeam_channel::bounded(1);
    lane.jobs.send(Job::Forget { user: user.clone(), done }).map_err(|_| EngineError::Closed)?;
    core.drive.wait(&answers).ok_or(EngineError::Closed)?;
    match core.keeper.call(|store| store.erase(user, act)) {
        Ok(erased) => {
            core.pins().remove(user);
            let mut stuck = core.stuck.lock().unwrap_or_else(PoisonError::into_inner);
            stuck.retain(|log| log.user() != user);
            Ok(erased)
        }
        Err(failure) if matches!(failure.last, StoreError::Missing { .. }) => {
            Err(EngineError::NoUser(user.clone()))
        }
        Err(failure) => {
            lane.lose(user, Trouble::Store(failure.to_string()));
            Err(failure.into())
        }
    }
}
