//! The rules of a state as a whole: that its parts agree.

use super::{Findings, Rule};
use crate::checked::Expectations;
use crate::fingerprint::Chain;
use crate::state::{HYPOTHESES, PastReset, RESETS_KEPT, UserState};

/// How far from one the shares may sum.
const SHARE_TOLERANCE: f64 = 1e-9;

pub(super) fn check(state: &UserState, expectations: &Expectations<'_>, findings: &mut Findings) {
    findings.unless(
        state.fingerprint == expectations.fingerprint,
        Rule::StateFingerprint,
        state.fingerprint,
        expectations.fingerprint,
    );
    stories(state, findings);
    window(state, findings);
    resets(state, findings);
    scales(state, findings);
    if let Some(height) = state.height_m {
        findings.unless((0.3..=3.0).contains(&height), Rule::StateHeight, height, "0.3 to 3 metres");
    }
}

fn stories(state: &UserState, findings: &mut Findings) {
    let count = state.hypotheses.len();
    findings.unless(
        count <= HYPOTHESES && (count > 0 || state.readings == 0),
        Rule::StateStories,
        format_args!("{count} stories after {} readings", state.readings),
        format_args!("1 to {HYPOTHESES} once there is a reading"),
    );
    if count == 0 {
        return;
    }
    let mut sum = 0.0;
    let mut positive = true;
    for story in &state.hypotheses {
        positive &= story.share > 0.0;
        sum += story.share;
    }
    findings.unless(
        positive && (sum - 1.0).abs() <= SHARE_TOLERANCE,
        Rule::StateShares,
        format_args!("sum {sum}"),
        "positive and one together",
    );
    let ordered =
        state.hypotheses.iter().zip(state.hypotheses.iter().skip(1)).all(|(a, b)| a.share >= b.share);
    findings.unless(ordered, Rule::StateOrder, "a likelier story behind another", "the likeliest first");
}

fn window(state: &UserState, findings: &mut Findings) {
    let end = state.window.first().saturating_add(state.window.len() as u64);
    findings.unless(
        end == state.readings,
        Rule::StateWindow,
        format_args!("up to reading {end}"),
        format_args!("up to reading {}", state.readings),
    );
    key(state, findings);
    findings.unless(
        state.readings == 0 || state.chain != Chain::default(),
        Rule::StateChain,
        state.chain,
        "a chain of all readings",
    );
    let judged = state.tally.accepted.checked_add(state.tally.rejected);
    findings.unless(
        judged == Some(state.window.first()) && state.tally.shifts <= state.tally.accepted,
        Rule::StateTally,
        format_args!("{:?}", state.tally),
        format_args!("{} final verdicts", state.window.first()),
    );
}

/// The instants: of the window, of the last reading, of the last fact.
fn key(state: &UserState, findings: &mut Findings) {
    let mut ordered = true;
    let mut before = None;
    for pending in state.window.iter() {
        ordered &= before.is_none_or(|before| before <= pending.at);
        before = Some(pending.at);
    }
    findings.unless(ordered, Rule::StateKey, "instants of the window out of order", "in order");
    let last = state.last_reading;
    findings.unless(
        last.is_some() || state.readings == 0,
        Rule::StateKey,
        format_args!("no last reading after {} readings", state.readings),
        "an instant",
    );
    if let (Some(before), Some(last)) = (before, last) {
        findings.unless(
            before == last,
            Rule::StateKey,
            format_args!("window ends at {before}"),
            format_args!("at the last reading, {last}"),
        );
    }
    match (&state.key, last) {
        (Some(key), Some(last)) => findings.unless(
            last <= key.at(),
            Rule::StateKey,
            format_args!("last reading at {last}"),
            format_args!("not after {}", key.at()),
        ),
        (None, Some(last)) => {
            findings.unless(false, Rule::StateKey, format_args!("no key, last reading at {last}"), "a key");
        }
        (_, None) => {}
    }
}

fn resets(state: &UserState, findings: &mut Findings) {
    let kept = state.resets.len();
    let wanted = state.resets_in_all.min(RESETS_KEPT as u64);
    findings.unless(
        kept as u64 == wanted,
        Rule::StateResets,
        format_args!("{kept} of {} resets", state.resets_in_all),
        format_args!("{wanted} of them"),
    );
    let ordered = state.resets.iter().zip(state.resets.iter().skip(1)).all(|(a, b)| a.at <= b.at);
    findings.unless(ordered, Rule::StateResets, "resets out of order", "in order");
    let adaptation = &state.adaptation;
    if let Some(kind) = adaptation.kind {
        let began = PastReset { kind, at: adaptation.since };
        findings.unless(
            state.resets.last() == Some(&began),
            Rule::StateResets,
            format_args!("adaptation after the {} reset at {}", kind.as_str(), adaptation.since),
            "begun by the last reset",
        );
    }
}

fn scales(state: &UserState, findings: &mut Findings) {
    let known = state.scales.iter().flatten();
    let count = known.clone().count();
    let compact = state.scales.iter().take(count).all(Option::is_some);
    let distinct =
        known.clone().enumerate().all(|(n, a)| known.clone().skip(n + 1).all(|b| a.source != b.source));
    findings.unless(
        compact && distinct,
        Rule::StateScales,
        format_args!("{count} scales with a gap or twice the same"),
        "different ones without gaps",
    );
    findings.unless(
        count > 0 || state.readings == 0,
        Rule::StateScales,
        format_args!("no scale after {} readings", state.readings),
        "one at least",
    );
    for scale in known {
        findings.unless(
            scale.last < state.readings,
            Rule::StateScales,
            format_args!("last reading {}", scale.last),
            format_args!("below {}", state.readings),
        );
    }
}
