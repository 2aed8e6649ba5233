//! Values that keep every rule, and nothing else that a store would take.

use std::ops::Deref;

use crate::fingerprint::Fingerprint;
use crate::policy::CheckedPolicy;
use crate::rules::{self, Finding};
use crate::state::UserState;

/// A value that has been through its rules. There is no other way to get one, and no way to change it.
///
/// ```
/// use reweigh_state::{Checked, Expectations, Fingerprint, Profile, UserState};
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let fingerprint = Fingerprint::of(1, &policy);
/// let state = UserState::unborn(fingerprint);
/// let checked = Checked::state(state, &Expectations { fingerprint, policy: &policy }).unwrap();
/// assert!(checked.key.is_none());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Checked<T>(T);

/// What a state is held against beside the rules themselves.
#[derive(Debug, Clone, Copy)]
pub struct Expectations<'a> {
    /// The fingerprint it must have.
    pub fingerprint: Fingerprint,
    /// The policy whose bounds it must keep.
    pub policy: &'a CheckedPolicy,
}

/// A state that breaks rules: every one of them.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the state breaks {} of its rules: {}", findings.len(), rules::listed(findings))]
pub struct Violations {
    /// Every rule it breaks, with value and bound.
    pub findings: Vec<Finding>,
    /// The state, for whoever wants to look.
    pub state: Box<UserState>,
}

impl Checked<UserState> {
    /// Holds a state against every rule.
    ///
    /// # Errors
    ///
    /// Every rule it breaks, and the state itself.
    pub fn state(state: UserState, expectations: &Expectations<'_>) -> Result<Self, Violations> {
        let findings = rules::check(&state, expectations);
        if findings.is_empty() {
            Ok(Self(state))
        } else {
            Err(Violations { findings, state: Box::new(state) })
        }
    }
}

impl<T> Checked<T> {
    /// Gives the value up; what is done to it then is checked again before it is stored again.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Checked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
