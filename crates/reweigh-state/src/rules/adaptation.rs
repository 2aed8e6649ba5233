//! The rules of the adaptation.

use super::{Findings, Rule};
use crate::state::UserState;

/// The most days an adaptation may last: the policy's own bound.
const DAYS_MAX: f64 = 365.0;

pub(super) fn check(state: &UserState, findings: &mut Findings) {
    let adaptation = &state.adaptation;
    findings.unless(
        adaptation.decay > 0.0 && adaptation.decay <= 1.0,
        Rule::AdaptationDecay,
        adaptation.decay,
        "above 0 and at most 1",
    );
    let factors = adaptation.factors;
    for (name, factor) in [("level", factors.level), ("trend", factors.trend), ("noise", factors.noise)] {
        findings.unless(
            (1.0..=100.0).contains(&factor),
            Rule::AdaptationFactor,
            format_args!("{name} {factor}"),
            "1 to 100",
        );
    }
    findings.unless(
        (0.0..=DAYS_MAX).contains(&adaptation.days_max),
        Rule::AdaptationDays,
        adaptation.days_max,
        format_args!("0 to {DAYS_MAX}"),
    );
    findings.unless(
        (0.0..=1.0).contains(&adaptation.threshold),
        Rule::AdaptationThreshold,
        adaptation.threshold,
        "0 to 1",
    );
    if !adaptation.active() {
        return;
    }
    if let (Some(key), true) = (&state.key, state.readings > 0) {
        // The reset of the reading that comes next is applied before that reading is, and nothing is
        // accepted between the two.
        let next = adaptation.readings == 0 && state.resets.last().is_some_and(|r| r.at == adaptation.since);
        findings.unless(
            adaptation.since <= key.at() || next,
            Rule::AdaptationSince,
            adaptation.since,
            format_args!("not after {}", key.at()),
        );
    }
    findings.unless(
        adaptation.readings < adaptation.readings_max,
        Rule::AdaptationReadings,
        adaptation.readings,
        format_args!("below {}", adaptation.readings_max),
    );
}
