//! What a state was made under, and the chain of everything that went into it.

use std::fmt;

use xxhash_rust::xxh3::xxh3_128;

use crate::policy::CheckedPolicy;

/// The version of the step and the canonical policy, as one number. States of different fingerprints
/// are never compared or mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of a step version and a policy.
    ///
    /// ```
    /// use reweigh_state::{Fingerprint, Profile};
    ///
    /// let balanced = Profile::Balanced.policy().check().unwrap();
    /// let clinical = Profile::Clinical.policy().check().unwrap();
    /// assert_eq!(Fingerprint::of(1, &balanced), Fingerprint::of(1, &balanced));
    /// assert_ne!(Fingerprint::of(1, &balanced), Fingerprint::of(1, &clinical));
    /// assert_ne!(Fingerprint::of(1, &balanced), Fingerprint::of(2, &balanced));
    /// ```
    #[must_use]
    pub fn of(step_version: u32, policy: &CheckedPolicy) -> Self {
        let mut bytes = Vec::with_capacity(32 + policy.canonical().len());
        bytes.extend_from_slice(b"reweigh fingerprint 1\0");
        bytes.extend_from_slice(&step_version.to_le_bytes());
        bytes.extend_from_slice(policy.canonical());
        Self(xxh3_128(&bytes))
    }

    /// The number, for a decoder.
    #[must_use]
    pub fn from_number(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A hash that every reading, verdict and estimate of a user has gone through, in order.
///
/// Equal chains mean an equal story. It is no proof against somebody who means harm: the hash is fast,
/// not cryptographic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Chain(u128);

impl Chain {
    /// Adds one link.
    #[must_use]
    pub fn link(self, bytes: &[u8]) -> Self {
        const LARGEST: usize = 384;
        let mut buffer = [0u8; 16 + LARGEST];
        let own = self.0.to_le_bytes();
        match buffer.get_mut(..16 + bytes.len()) {
            Some(room) => {
                let (head, tail) = room.split_at_mut(16);
                head.copy_from_slice(&own);
                tail.copy_from_slice(bytes);
                Self(xxh3_128(room))
            }
            None => Self(xxh3_128(&[&own, bytes].concat())),
        }
    }

    /// The number, for a decoder.
    #[must_use]
    pub fn from_number(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}
