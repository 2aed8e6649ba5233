//! What the ladder is given.

use reweigh_reading::{Instant, Kilograms, OrderKey};
use reweigh_state::{Expectations, UserState};

use crate::port::StateVersion;

/// Everything that is known of a user who cannot be settled. Any of it may be missing or broken.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The instant to serve.
    pub at: Instant,
    /// The state before what failed, if it is still in memory.
    pub prior: Option<&'a UserState>,
    /// The versions that the store keeps, in any order.
    pub versions: &'a [KeptVersion<'a>],
    /// The user's effective readings as far as they can be read, in any order.
    pub readings: &'a [KnownReading],
    /// What a state is held against.
    pub expectations: Expectations<'a>,
}

/// A version that a store keeps of a user's settled state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptVersion<'a> {
    /// Which.
    pub version: StateVersion,
    /// Its bytes as they were read. They are checked here.
    pub bytes: &'a [u8],
}

/// A reading as the ladder looks at it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownReading {
    /// Where it stands in the order.
    pub key: OrderKey,
    /// What it shows.
    pub weight: Kilograms,
    /// Whether the last verdict on it kept it out of the estimate.
    pub refused: bool,
}
