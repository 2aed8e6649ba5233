//! The two kinds of number a recipe is made of: how often, and how much.

use crate::random::Random;

/// How often something happens: a probability from 0 (never) to 1 (always).
///
/// A recipe whose share lies outside 0..=1 is refused by [`Scenario::new`](crate::Scenario::new).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl Share {
    /// Never.
    pub const NEVER: Share = Share(0.0);
    /// Always.
    pub const ALWAYS: Share = Share(1.0);

    /// Decides one case. It always costs one draw, so that what comes after does not depend on the share.
    pub(crate) fn hits(self, random: &mut Random) -> bool {
        random.chance(self.0)
    }

    /// Whether it can happen at all.
    pub(crate) fn possible(self) -> bool {
        self.0 > 0.0
    }
}

/// How much: a number drawn uniformly between two ends.
///
/// A recipe whose span has its ends the wrong way round, or not finite, is refused by
/// [`Scenario::new`](crate::Scenario::new).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

impl Span {
    /// Between these two, both the lowest and the highest value included.
    pub const fn new(low: f64, high: f64) -> Span {
        Span { low, high }
    }

    /// Always this one value.
    pub const fn just(value: f64) -> Span {
        Span { low: value, high: value }
    }

    pub(crate) fn draw(self, random: &mut Random) -> f64 {
        random.between(self.low, self.high)
    }
}
