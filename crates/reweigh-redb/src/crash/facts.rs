//! What a scenario writes, and what it was told of it.

use std::collections::{BTreeMap, BTreeSet};

use reweigh_reading::{Fact, Instant, Measure, OrderKey, Source, Unit, UserId};
use reweigh_state::{Chain, Checked, CheckedPolicy, Expectations, Fingerprint, Profile, UserState};

/// How many facts an append has: fewer of them are half an append.
pub(super) const EACH: i64 = 3;

pub(super) const USERS: [&str; 3] = ["ada", "bob", "cyd"];

/// A fact by its user and second.
pub(super) type Name = (&'static str, i64);

/// What was offered, what was acknowledged, and what else the scenario was told.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that it was told or not")]
pub(super) struct Log {
    pub(super) offered: BTreeSet<Name>,
    pub(super) acknowledged: BTreeSet<Name>,
    /// What is in each row that was acknowledged.
    pub(super) rows: BTreeMap<u64, Vec<Name>>,
    /// Settled states of each user: acknowledged.
    pub(super) states: u64,
    /// Up to here the journal was acknowledged to be in the main file.
    pub(super) mark: u64,
    /// A checkpoint was offered and not acknowledged.
    pub(super) checkpointing: bool,
    /// The user who was to be erased, and whether that was acknowledged.
    pub(super) erased: Option<(&'static str, bool)>,
    /// A backup was begun, and whether it was acknowledged, and what it must have.
    pub(super) backup: Option<(bool, BTreeSet<Name>)>,
    /// A pin was acknowledged.
    pub(super) pinned: bool,
    /// A clean close was acknowledged.
    pub(super) closed: bool,
    /// Nothing was cut.
    pub(super) done: bool,
}

pub(super) fn words(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

pub(super) fn user(name: &str) -> Result<UserId, String> {
    UserId::new(name).map_err(words)
}

pub(super) fn fact((name, second): Name) -> Result<Fact, String> {
    let at = Instant::from_unix_seconds(second).map_err(words)?;
    let measure = Measure::new(80.5, Unit::Kilogram).map_err(words)?;
    Ok(Fact::reading(user(name)?, at, Source::unknown(), measure))
}

pub(super) fn facts(names: &[Name]) -> Result<Vec<Fact>, String> {
    names.iter().copied().map(fact).collect()
}

/// The fact that this is, if it is one of ours.
pub(super) fn name(fact: &Fact) -> Option<Name> {
    let name = USERS.into_iter().find(|name| *name == fact.user().as_str())?;
    Some((name, fact.at().unix_micros() / 1_000_000))
}

/// What states are made under.
pub(super) struct World {
    pub(super) policy: CheckedPolicy,
    pub(super) fingerprint: Fingerprint,
}

impl World {
    pub(super) fn new() -> Result<Self, String> {
        let policy = Profile::Balanced.policy().check().map_err(|error| format!("{error:?}"))?;
        let fingerprint = Fingerprint::of(1, &policy);
        Ok(Self { policy, fingerprint })
    }

    pub(super) fn expectations(&self) -> Expectations<'_> {
        Expectations { fingerprint: self.fingerprint, policy: &self.policy }
    }

    pub(super) fn state(&self, key: OrderKey, number: u64) -> Result<Checked<UserState>, String> {
        let mut state = UserState::unborn(self.fingerprint);
        state.key = Some(key);
        state.chain = Chain::default().link(&number.to_le_bytes());
        Checked::state(state, &self.expectations()).map_err(words)
    }
}
