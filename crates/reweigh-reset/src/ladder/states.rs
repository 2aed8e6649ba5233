//! The rungs that serve a state that was made before.

use reweigh_reading::{Instant, OrderKey};
use reweigh_state::{Checked, UserState};

use super::evidence::{Evidence, KeptVersion};
use super::outcome::{NotServed, Provenance};
use super::{Served, newest_plausible};
use crate::port::StateVersion;

/// The state before what failed.
pub(super) fn rollback(evidence: &Evidence<'_>) -> Result<Served, NotServed> {
    let prior = evidence.prior.ok_or(NotServed::NoPrior)?;
    let checked = Checked::state(prior.clone(), &evidence.expectations)
        .map_err(|violations| NotServed::Invalid(violations.findings))?;
    let last = fit(&checked, evidence)?;
    Ok((checked, Provenance::Rollback { last }))
}

/// The newest version that is good.
pub(super) fn last_good(evidence: &Evidence<'_>) -> Result<Served, NotServed> {
    let mut versions: Vec<&KeptVersion<'_>> = evidence.versions.iter().collect();
    versions.sort_by_key(|kept| std::cmp::Reverse(kept.version));
    let mut passed_over: Vec<(StateVersion, NotServed)> = Vec::new();
    for kept in versions {
        match good(kept, evidence) {
            Ok(served) => return Ok(served),
            Err(why) => passed_over.push((kept.version, why)),
        }
    }
    Err(if passed_over.is_empty() { NotServed::NoVersion } else { NotServed::NoGoodVersion(passed_over) })
}

fn good(kept: &KeptVersion<'_>, evidence: &Evidence<'_>) -> Result<Served, NotServed> {
    let checked = Checked::decode(kept.bytes, &evidence.expectations).map_err(NotServed::Unreadable)?;
    let last = fit(&checked, evidence)?;
    Ok((checked, Provenance::Version { version: kept.version, last }))
}

/// Whether a state says something about the instant that is asked for; gives how far it goes.
fn fit(state: &UserState, evidence: &Evidence<'_>) -> Result<Option<Instant>, NotServed> {
    if state.hypotheses.is_empty() {
        return Err(NotServed::NoEstimate);
    }
    // A height or a reset may be newer than the last reading: the state knows of those too.
    let known = state.key.as_ref().map(OrderKey::at).max(state.last_reading);
    if let Some(last) = known.filter(|last| *last > evidence.at) {
        return Err(NotServed::TooNew { last });
    }
    let Some(last) = state.last_reading else { return Ok(None) };
    if let Some(newest) = newest_plausible(evidence, evidence.at) {
        let days = newest.since(last).days();
        if days >= evidence.expectations.policy.policy().resets.gap_days {
            return Err(NotServed::Overtaken { last, days });
        }
    }
    Ok(Some(last))
}
