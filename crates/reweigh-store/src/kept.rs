//! States as a store gives them out: bytes that are of use only once they have been through the rules.

use reweigh_reading::{Instant, OrderKey};
use reweigh_state::{Chain, Checked, Expectations, Fingerprint, SnapshotError, UserState, Window};

/// A state as it was kept. [`check`](Self::check) is the way to use it; [`look`](Self::look) is for tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept(Vec<u8>);

impl Kept {
    /// Keeps a state.
    pub fn new(state: &Checked<UserState>) -> Self {
        Self(state.encode())
    }

    /// Bytes that a store kept. They may be anything: `check` will say.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The state, held against every rule.
    ///
    /// # Errors
    ///
    /// Why it is none, or no valid one.
    pub fn check(&self, expectations: &Expectations<'_>) -> Result<Checked<UserState>, SnapshotError> {
        Checked::decode(&self.0, expectations)
    }

    /// The state, whatever rules it breaks.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn look(&self) -> Result<UserState, SnapshotError> {
        UserState::decode_unchecked(&self.0)
    }

    /// What it was made under.
    ///
    /// # Errors
    ///
    /// Why it is no state.
    pub fn fingerprint(&self) -> Result<Fingerprint, SnapshotError> {
        self.look().map(|state| state.fingerprint)
    }
}

/// A settled state of the past. It can be served and cannot be folded on: it has no window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The user's number of states when it was made: 1 for the first.
    pub number: u64,
    /// When it was committed.
    pub made: Instant,
    /// The chain of the state as it was settled.
    pub chain: Chain,
    /// The state without its window.
    pub state: Kept,
}

impl Version {
    /// The version of a settled state.
    pub fn of(number: u64, made: Instant, state: &UserState) -> Self {
        Self { number, made, chain: state.chain, state: Kept(without_window(state).encode()) }
    }

    /// The key of the last fact in it.
    ///
    /// # Errors
    ///
    /// Why it is no state.
    pub fn key(&self) -> Result<Option<OrderKey>, SnapshotError> {
        self.state.look().map(|state| state.key)
    }
}

/// The state as it would be if nothing could change its window's verdicts any more: same estimate, fewer bytes.
fn without_window(state: &UserState) -> UserState {
    let mut state = state.clone();
    while state.settle_oldest().is_some() {}
    state.window = Window::empty_at(state.readings);
    state
}
