//! What the promises are tried on: facts and states that are easy to tell apart.

use reweigh_reading::{Action, Fact, Instant, Measure, OrderKey, ReadingId, Revision, Source, Unit, UserId};
use reweigh_state::{
    Chain, Checked, CheckedPolicy, Expectations, Fingerprint, Outcome, Profile, Reason, UserState, Verdict,
};

use crate::audit::{Act, ActKind};
use crate::commit::{Checkpoint, Settled, UserCommit, UserOutcome};
use crate::port::Store;
use crate::user::Seen;

pub(super) const MANY: usize = 1_000_000;

pub(super) const ACCEPTED: Verdict = Verdict { outcome: Outcome::Accepted, reason: Reason::Fits };

pub(super) struct World {
    pub(super) policy: CheckedPolicy,
    pub(super) fingerprint: Fingerprint,
}

impl World {
    pub(super) fn new() -> Self {
        let policy = Profile::Balanced.policy().check().unwrap();
        let fingerprint = Fingerprint::of(1, &policy);
        Self { policy, fingerprint }
    }

    pub(super) fn expectations(&self) -> Expectations<'_> {
        Expectations { fingerprint: self.fingerprint, policy: &self.policy }
    }

    /// A valid state after a key, told from others by a number. A store never looks what is in it.
    pub(super) fn state(&self, key: &OrderKey, number: u64) -> Checked<UserState> {
        let mut state = UserState::unborn(self.fingerprint);
        state.key = Some(key.clone());
        state.height_m = Some(1.8);
        state.chain = chain(number);
        Checked::state(state, &self.expectations()).unwrap()
    }

    /// What is committed when a user is settled after a fact.
    pub(super) fn settled(&self, after: &Fact, number: u64) -> Settled {
        Settled::new(self.state(&after.key(), number), None)
    }

    /// Commits one user with a state and gives what came of it.
    pub(super) fn settle(
        &self,
        store: &dyn Store,
        seen: Seen,
        facts: &[Fact],
        after: &Fact,
        number: u64,
    ) -> UserOutcome {
        let settled = Some(self.settled(after, number));
        let user = after.user().clone();
        commit_one(store, UserCommit { seen, settled, ..UserCommit::facts(user, facts.to_vec()) })
    }
}

pub(super) fn chain(number: u64) -> Chain {
    Chain::default().link(&number.to_le_bytes())
}

pub(super) fn commit_one(store: &dyn Store, user: UserCommit) -> UserOutcome {
    let checkpoint = Checkpoint { users: vec![user], ..Checkpoint::at(at(1_000_000)) };
    store.commit(&checkpoint).unwrap().remove(0)
}

pub(super) fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

pub(super) fn at(second: i64) -> Instant {
    Instant::from_unix_seconds(second).unwrap()
}

/// A reading of a user at a second, weighing as much as the second says.
pub(super) fn reading(of: &str, second: i64) -> Fact {
    let grams = i32::try_from(second % 50_000).unwrap();
    let measure = Measure::new(f64::from(50_000 + grams), Unit::Gram).unwrap();
    Fact::reading(user(of), at(second), Source::new("scale").unwrap(), measure)
}

pub(super) fn readings(of: &str, seconds: impl IntoIterator<Item = i64>) -> Vec<Fact> {
    seconds.into_iter().map(|second| reading(of, second)).collect()
}

/// Another telling of a fact.
pub(super) fn telling(of: &Fact, revision: u32, action: Action) -> Fact {
    let (user, id, source) = (of.user().clone(), of.id().clone(), of.source().clone());
    Fact::new(user, id, Revision::new(revision), of.at(), source, action)
}

pub(super) fn given(text: &str) -> ReadingId {
    text.parse().unwrap()
}

pub(super) fn act(kind: ActKind, second: i64) -> Act {
    Act { kind, by: "operator".to_owned(), reason: "a test".to_owned(), at: at(second), correlation: 7 }
}

/// The facts of a user after a key, in the order the store gives them, those of corrected ids last.
pub(super) fn facts_of(store: &dyn Store, of: &str) -> Vec<Fact> {
    let history = store.history(&user(of), None, MANY).unwrap();
    assert!(!history.more);
    history.facts.into_iter().chain(history.told).map(|recorded| recorded.fact).collect()
}

pub(super) fn sorted(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_by(|a, b| {
        a.key().cmp(&b.key()).then(a.revision().cmp(&b.revision())).then(a.compare_payload(b))
    });
    facts
}

/// Numbers in an order that is far from theirs, the same in every run.
pub(super) fn scattered(count: u64) -> Vec<i64> {
    let mut seconds: Vec<i64> = (1..=i64::try_from(count).unwrap()).collect();
    seconds.sort_by_key(|second| second.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15));
    seconds
}
