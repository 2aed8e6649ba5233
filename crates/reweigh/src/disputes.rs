//! Facts that do not go together: conflicts, and corrections whose reading never came.

use std::collections::BTreeSet;

use reweigh_reading::{Fact, ReadingId, UserId};
use reweigh_store::corrects;

use crate::digest::PIECE;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::known;
use crate::lines::{Role, cast};
use crate::story::order;

/// A fact that lost against another telling of the same id and revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The fact that lost. It is kept, and takes no part.
    pub loser: Fact,
    /// The one that won, which is decided by content.
    pub winner: Option<Fact>,
}

impl Engine {
    /// The conflicts of a user, or of all: tellings of one id and revision that say different things.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::{Action, Fact, Measure, Revision, Unit};
    ///
    /// let engine = doc::engine();
    /// let told = |kg| {
    ///     let fact = doc::reading("ada", 1, 80.0);
    ///     let (source, action) = (fact.source().clone(), Action::Add(Measure::new(kg, Unit::Kilogram).unwrap()));
    ///     Fact::new(fact.user().clone(), "msg-1".parse().unwrap(), Revision::FIRST, fact.at(), source, action)
    /// };
    /// engine.ingest(vec![told(80.0), told(80.5)])?;
    /// engine.settle()?;
    ///
    /// let conflicts = engine.conflicts(None)?;
    /// assert_eq!((&conflicts[0].loser, conflicts[0].winner.as_ref()), (&told(80.0), Some(&told(80.5))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn conflicts(&self, user: Option<&UserId>) -> Result<Vec<Conflict>, EngineError> {
        let mut conflicts = Vec::new();
        self.each_disputed(user, |tellings| {
            let lost = Role::Superseded { conflict: true };
            for (loser, _) in tellings.iter().filter(|(_, role)| *role == lost) {
                let of_it = |fact: &Fact| fact.id() == loser.id() && fact.revision() == loser.revision();
                let winner = tellings.iter().find(|(fact, role)| *role != lost && of_it(fact));
                let winner = winner.map(|(fact, _)| fact.clone());
                conflicts.push(Conflict { loser: loser.clone(), winner });
            }
        })?;
        Ok(conflicts)
    }

    /// The corrections and retractions of a user, or of all, whose reading never came.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// use reweigh_reading::{Action, Fact, Revision};
    ///
    /// let engine = doc::engine();
    /// let of = doc::reading("ada", 1, 80.0);
    /// let (id, source) = (of.id().clone(), of.source().clone());
    /// let early = Fact::new(of.user().clone(), id, Revision::new(1), of.at(), source, Action::Retract);
    /// engine.ingest(early.clone())?;
    /// engine.settle()?;
    /// assert_eq!(engine.waiting(Some(of.user()))?, [early]);
    ///
    /// engine.ingest(of)?;
    /// engine.settle()?;
    /// assert!(engine.waiting(None)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn waiting(&self, user: Option<&UserId>) -> Result<Vec<Fact>, EngineError> {
        let mut waiting = Vec::new();
        self.each_disputed(user, |tellings| {
            let theirs = tellings.iter().filter(|(_, role)| *role == Role::Waiting);
            waiting.extend(theirs.map(|(fact, _)| fact.clone()));
        })?;
        Ok(waiting)
    }

    /// Calls something with every telling of the ids that were told more than once, user by user.
    fn each_disputed(
        &self,
        user: Option<&UserId>,
        mut each: impl FnMut(&[(Fact, Role)]),
    ) -> Result<(), EngineError> {
        if let Some(user) = user {
            each(&cast(self.disputed(user)?));
            return Ok(());
        }
        let mut last: Option<UserId> = None;
        loop {
            let users = self.users(last.as_ref(), PIECE)?;
            let Some(newest) = users.last() else { return Ok(()) };
            last = Some(newest.clone());
            for user in &users {
                each(&cast(self.disputed(user)?));
            }
        }
    }

    /// Every telling of the ids of a user that were told more than once, or corrected, in order.
    fn disputed(&self, user: &UserId) -> Result<Vec<Fact>, EngineError> {
        let mut own = known::held(&self.core, user);
        let keeper = &self.core.keeper;
        let told = keeper.call(|store| store.history(user, None, 1))?.told;
        let mut tellings: Vec<Fact> = told.into_iter().map(|recorded| recorded.fact).collect();
        let mut ids: BTreeSet<ReadingId> = tellings.iter().map(|fact| fact.id().clone()).collect();
        let may_be = |fact: &&Fact| corrects(fact) || matches!(fact.id(), ReadingId::Given(_));
        for fact in own.iter().filter(may_be) {
            if ids.insert(fact.id().clone()) {
                let kept = keeper.call(|store| store.find(user, fact.id()))?;
                tellings.extend(kept.into_iter().map(|recorded| recorded.fact));
            }
        }
        own.retain(|fact| ids.contains(fact.id()));
        tellings.extend(own);
        tellings.sort_by(order);
        tellings.dedup_by(|b, a| order(a, b).is_eq());
        Ok(tellings)
    }
}
