//! What was ever said of whom.

use std::collections::BTreeSet;

use reweigh_reading::{Fact, OrderKey, ReadingId, UserId};

use crate::digest::PIECE;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::known;

impl Engine {
    /// The next users after one, in the order of their ids, at most `most`. Those who were erased are among them.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 1, 80.1), doc::reading("bob", 1, 95.3)])?;
    /// engine.settle()?;
    ///
    /// let users = engine.users(None, 1)?;
    /// assert_eq!(users[0].as_str(), "ada");
    /// assert_eq!(engine.users(users.last(), 10)?[0].as_str(), "bob");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, EngineError> {
        let mut users: BTreeSet<UserId> = BTreeSet::new();
        for lane in &self.core.lanes {
            let residents = lane.residents();
            users
                .extend(residents.stories.keys().filter(|it| after.is_none_or(|after| *it > after)).cloned());
        }
        users.extend(self.core.keeper.call(|store| store.users(after, most))?);
        Ok(users.into_iter().take(most).collect())
    }

    /// The next facts of a user after a key, every telling, in order: `most` of them or a few more, since tellings of one
    /// key come together. The end is reached when there are none.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("ada", 2, 80.3), doc::reading("ada", 1, 80.1)])?;
    /// engine.settle()?;
    ///
    /// let ada = "ada".parse()?;
    /// let first = engine.facts(&ada, None, 1)?;
    /// assert_eq!(first, [doc::reading("ada", 1, 80.1)]);
    /// assert_eq!(engine.facts(&ada, Some(&first[0].key()), 1)?, [doc::reading("ada", 2, 80.3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn facts(
        &self,
        user: &UserId,
        after: Option<&OrderKey>,
        most: usize,
    ) -> Result<Vec<Fact>, EngineError> {
        let own = known::held(&self.core, user);
        let (mut facts, mut after) = (Vec::new(), after.cloned());
        while facts.len() < most {
            let piece = known::piece(&self.core, user, &own, after.as_ref(), most)?;
            facts.extend(piece.facts.into_iter().map(|recorded| recorded.fact));
            after = piece.next;
            if after.is_none() {
                break;
            }
        }
        // What memory adds may make a piece longer; a key is never cut in two.
        if let Some(last) = most.checked_sub(1).and_then(|last| facts.get(last)).map(Fact::key) {
            let same = facts.iter().skip(most).take_while(|fact| fact.key() == last).count();
            facts.truncate(most + same);
        }
        Ok(facts)
    }

    /// Calls something for every fact that was acknowledged before, user by user, each user's in order. It brings what
    /// waits into the main file first.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(vec![doc::reading("bob", 1, 95.3), doc::reading("ada", 1, 80.1)])?;
    ///
    /// let mut all = Vec::new();
    /// engine.each_fact(|fact| all.push(fact.clone()))?;
    /// assert_eq!(all, [doc::reading("ada", 1, 80.1), doc::reading("bob", 1, 95.3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed. Some facts may have been given out.
    pub fn each_fact(&self, mut each: impl FnMut(&Fact)) -> Result<(), EngineError> {
        self.catch_up()?;
        self.checkpoint()?;
        let mut last: Option<UserId> = None;
        loop {
            let users = self.users(last.as_ref(), PIECE)?;
            let Some(newest) = users.last() else { return Ok(()) };
            last = Some(newest.clone());
            for user in &users {
                let own = known::held(&self.core, user);
                let mut after = None;
                loop {
                    let piece = known::piece(&self.core, user, &own, after.as_ref(), 8 * PIECE)?;
                    piece.facts.iter().for_each(|recorded| each(&recorded.fact));
                    after = piece.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
        }
    }

    /// The ids of a user that begin with a text, in order. If the text is an id itself, that one alone.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// let fact = doc::reading("ada", 1, 80.1);
    /// engine.ingest(fact.clone())?;
    /// engine.settle()?;
    ///
    /// let begins = &fact.id().to_string()[..9];
    /// assert_eq!(engine.find(fact.user(), begins)?, [fact.id().clone()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn find(&self, user: &UserId, begins: &str) -> Result<Vec<ReadingId>, EngineError> {
        let mut found: BTreeSet<ReadingId> = BTreeSet::new();
        for recorded in known::all(&self.core, user)? {
            let text = recorded.fact.id().to_string();
            if text == begins {
                return Ok(vec![recorded.fact.id().clone()]);
            }
            if text.starts_with(begins) {
                found.insert(recorded.fact.id().clone());
            }
        }
        Ok(found.into_iter().collect())
    }
}
