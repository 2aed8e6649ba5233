//! What the fold goes through, one at a time, in order.

use reweigh_reading::{Height, Measure, OrderKey};
use reweigh_state::SlipUnit;

/// One effective fact of one user.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Where it stands in the order.
    pub key: OrderKey,
    /// What it does.
    pub deed: Deed,
}

/// What an effective fact does.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Deed {
    /// A reading.
    Reading(Measure),
    /// An operator's reset.
    Reset,
    /// A height that holds from here on.
    Height(Height),
}

/// A reading as the judge looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    /// The kilograms it says.
    pub(crate) kg: f64,
    /// The number as it was recorded.
    pub(crate) number: f64,
    /// The unit it was recorded in, if that is one that people mix up.
    pub(crate) unit: Option<SlipUnit>,
    /// How much of an evening it was.
    pub(crate) evening: f64,
}
