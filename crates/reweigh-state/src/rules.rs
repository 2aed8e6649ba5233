//! The rules a state must keep, each with a name, and each finding with its value and bound.

mod adaptation;
mod canonical;
mod filter;
mod readings;
#[cfg(test)]
mod tests;
mod whole;

use std::fmt;

use crate::checked::Expectations;
use crate::state::UserState;

pub(crate) use filter::VARIANCE_MAX;
pub use readings::check_readings;

/// A named rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// Every number of the filter is finite.
    FilterFinite,
    /// The covariance of the states that are switched on is positive definite.
    FilterPositiveDefinite,
    /// No variance is larger than time and resets can make one.
    FilterVariance,
    /// The level is a weight that a body can have.
    FilterLevel,
    /// The trend is one that a body can have.
    FilterTrend,
    /// Every learned noise is positive and within its bounds.
    FilterNoise,
    /// Every smoothed level is finite.
    FilterLags,
    /// What a story remembers of readings is of readings there were.
    FilterMemory,
    /// Readings are in order.
    BufferOrdered,
    /// No reading is there twice.
    BufferDuplicate,
    /// Every reading is within what is believed of a body.
    BufferBounds,
    /// No more readings than there may be.
    BufferSize,
    /// The decay is above 0 and at most 1.
    AdaptationDecay,
    /// Every factor is 1 to 100.
    AdaptationFactor,
    /// It did not begin after the last fact.
    AdaptationSince,
    /// It has not gone on for all of its readings.
    AdaptationReadings,
    /// Its days are 0 to 365.
    AdaptationDays,
    /// Its quality threshold is 0 to 1.
    AdaptationThreshold,
    /// The state was made by the expected step under the expected policy.
    StateFingerprint,
    /// There are 1 to 4 stories once there is a reading, and none before.
    StateStories,
    /// The shares of the stories are positive and sum to one.
    StateShares,
    /// The likeliest story comes first.
    StateOrder,
    /// The window holds the last readings.
    StateWindow,
    /// The instants of the window are in order, end with the last reading and not after the last fact.
    StateKey,
    /// A state with readings has a chain.
    StateChain,
    /// Final verdicts and the window together are all readings.
    StateTally,
    /// The last resets are kept in order, and an adaptation was begun by the last of them.
    StateResets,
    /// Scales are different ones without gaps, and each one's last reading is one there was.
    StateScales,
    /// The height is one that a person can have.
    StateHeight,
    /// What is not in use has its one value, and no zero has a sign: equal states, equal bytes.
    StateCanonical,
}

impl Rule {
    /// Every rule, in the order of this list.
    pub const ALL: [Self; 30] = [
        Self::FilterFinite,
        Self::FilterPositiveDefinite,
        Self::FilterVariance,
        Self::FilterLevel,
        Self::FilterTrend,
        Self::FilterNoise,
        Self::FilterLags,
        Self::FilterMemory,
        Self::BufferOrdered,
        Self::BufferDuplicate,
        Self::BufferBounds,
        Self::BufferSize,
        Self::AdaptationDecay,
        Self::AdaptationFactor,
        Self::AdaptationSince,
        Self::AdaptationReadings,
        Self::AdaptationDays,
        Self::AdaptationThreshold,
        Self::StateFingerprint,
        Self::StateStories,
        Self::StateShares,
        Self::StateOrder,
        Self::StateWindow,
        Self::StateKey,
        Self::StateChain,
        Self::StateTally,
        Self::StateResets,
        Self::StateScales,
        Self::StateHeight,
        Self::StateCanonical,
    ];

    /// Its name, for logs, JSON and documents; for ever the same.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FilterFinite => "filter.finite",
            Self::FilterPositiveDefinite => "filter.positive_definite",
            Self::FilterVariance => "filter.variance",
            Self::FilterLevel => "filter.level",
            Self::FilterTrend => "filter.trend",
            Self::FilterNoise => "filter.noise",
            Self::FilterLags => "filter.lags",
            Self::FilterMemory => "filter.memory",
            Self::BufferOrdered => "buffer.ordered",
            Self::BufferDuplicate => "buffer.duplicate",
            Self::BufferBounds => "buffer.bounds",
            Self::BufferSize => "buffer.size",
            Self::AdaptationDecay => "adaptation.decay",
            Self::AdaptationFactor => "adaptation.factor",
            Self::AdaptationSince => "adaptation.since",
            Self::AdaptationReadings => "adaptation.readings",
            Self::AdaptationDays => "adaptation.days",
            Self::AdaptationThreshold => "adaptation.threshold",
            Self::StateFingerprint => "state.fingerprint",
            Self::StateStories => "state.stories",
            Self::StateShares => "state.shares",
            Self::StateOrder => "state.order",
            Self::StateWindow => "state.window",
            Self::StateKey => "state.key",
            Self::StateChain => "state.chain",
            Self::StateTally => "state.tally",
            Self::StateResets => "state.resets",
            Self::StateScales => "state.scales",
            Self::StateHeight => "state.height",
            Self::StateCanonical => "state.canonical",
        }
    }
}

/// A rule that is broken: which, by what, and what the bound was.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What broke it: a place and a value.
    pub value: String,
    /// What would have kept it.
    pub bound: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, must be {}", self.rule.name(), self.value, self.bound)
    }
}

/// Findings in one line, for a message.
pub(crate) fn listed(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    fn unless(&mut self, kept: bool, rule: Rule, value: impl fmt::Display, bound: impl fmt::Display) {
        if !kept {
            self.0.push(Finding { rule, value: value.to_string(), bound: bound.to_string() });
        }
    }
}

/// Holds a state against every rule and lists all that are broken.
pub(crate) fn check(state: &UserState, expectations: &Expectations<'_>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    whole::check(state, expectations, &mut findings);
    adaptation::check(state, &mut findings);
    for (n, story) in state.hypotheses.iter().enumerate() {
        filter::check(n, story, state, expectations.policy, &mut findings);
    }
    canonical::check(state, &mut findings);
    findings.0
}
