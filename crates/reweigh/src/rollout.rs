//! While users are moved from one policy to another: who may be folded, and what waits of the others.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use reweigh_buffer::JournalPlace;
use reweigh_reading::{Fact, UserId};
use reweigh_store::{Loaded, UserCommit};

use crate::hub::Core;
use crate::name_hash::NameHash;
use crate::share::Share;
use crate::story::{Incoming, Outgoing};
use crate::unplaced;

/// Users that are not moved yet take facts and are not folded: they are under their old policy.
#[derive(Debug)]
pub(crate) struct Rollout {
    share: Share,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Whether a user that was looked at is held.
    known: HashMap<UserId, bool, NameHash>,
    /// Facts of users that are held; the main file takes them as they are.
    aside: BTreeMap<UserId, Vec<Incoming>>,
}

impl Rollout {
    pub(crate) fn new(share: Share) -> Self {
        Self { share, inner: Mutex::default() }
    }

    pub(crate) fn share(&self) -> Share {
        self.share
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a user is not to be folded: it has a state under another policy, and is not in the share. Who has none yet
    /// begins under this one.
    pub(crate) fn holds(&self, core: &Core, user: &UserId) -> bool {
        if self.share.has(user) {
            return false;
        }
        if let Some(known) = self.inner().known.get(user) {
            return *known;
        }
        // Who cannot be looked at is not folded for now.
        let Ok(loaded) = core.keeper.call(|store| store.load(user)) else { return true };
        let held = loaded.is_some_and(|loaded| is_under_another(core, &loaded));
        self.inner().known.insert(user.clone(), held);
        held
    }

    /// Puts facts aside for the main file to take as they are.
    pub(crate) fn put_aside(&self, user: &UserId, facts: impl IntoIterator<Item = Incoming>) {
        self.inner().aside.entry(user.clone()).or_default().extend(facts);
    }

    /// The same for facts that the main file did not take.
    pub(crate) fn give_back(&self, user: &UserId, facts: Vec<Fact>) {
        let nowhere = JournalPlace { sequence: 0, offset: 0 };
        self.put_aside(user, facts.into_iter().map(|fact| Incoming { fact, place: nowhere }));
    }

    /// What a checkpoint takes.
    pub(crate) fn take(&self, core: &Core) -> Vec<Outgoing> {
        let aside = std::mem::take(&mut self.inner().aside);
        let outgoing = |(user, facts): (UserId, Vec<Incoming>)| {
            let facts = facts.into_iter().map(|it| it.fact).collect();
            let mut commit = UserCommit::facts(user, facts);
            unplaced::place(core, &mut commit);
            Outgoing { commit, parts: Vec::new(), requested: Vec::new(), served: None }
        };
        aside.into_iter().map(outgoing).collect()
    }

    /// A user was moved: from here on it is folded like any. Gives the facts that waited.
    pub(crate) fn moved(&self, user: &UserId) -> Vec<Incoming> {
        let mut inner = self.inner();
        inner.known.insert(user.clone(), false);
        inner.aside.remove(user).unwrap_or_default()
    }

    /// A user was erased.
    pub(crate) fn forget(&self, user: &UserId) {
        let mut inner = self.inner();
        inner.known.remove(user);
        inner.aside.remove(user);
    }
}

/// Whether a user's settled state is of another policy or step than this engine's.
pub(crate) fn is_under_another(core: &Core, loaded: &Loaded) -> bool {
    let state = loaded.state.as_ref().map(reweigh_store::Kept::fingerprint);
    state.is_some_and(|fingerprint| fingerprint.ok() != Some(core.fingerprint))
}
