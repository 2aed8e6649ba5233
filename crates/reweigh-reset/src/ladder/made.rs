//! A state made of a level and how uncertain it is.

use reweigh_reading::{Instant, OrderKey};
use reweigh_state::{
    Adaptation, Chain, Checked, Expectations, Fading, Hypothesis, LearnedNoise, PastReset, ResetKind, Scale,
    UserState, Window, source_hash,
};

use super::outcome::{NotServed, Rung};
use super::settings::RungNumbers;

/// What a rung found out.
pub(super) struct Found<'a> {
    pub(super) rung: Rung,
    /// The instant the level and its variance hold for.
    pub(super) at: Instant,
    pub(super) level_kg: f64,
    pub(super) variance: f64,
    /// The newest reading it is made of.
    pub(super) newest: &'a OrderKey,
    pub(super) readings: u32,
}

/// The state that says so, if it keeps every rule.
///
/// Everything that is not found out is what the policy says before the first reading. The state has taken in the
/// readings it is made of, all of them for good, and its only source is that of the newest. Its chain names the rung,
/// so that no fold of facts can give the same state. It goes up to the newest reading while its variance is that of
/// the instant that was asked for: whoever goes on from it counts the time between twice, and errs on the safe side.
pub(super) fn state(
    found: &Found<'_>,
    numbers: &RungNumbers,
    expectations: &Expectations<'_>,
) -> Result<Checked<UserState>, NotServed> {
    let policy = expectations.policy;
    let (at, source) = (found.newest.at(), source_hash(found.newest.source()));
    let mut prior = *policy.prior();
    prior.level = found.level_kg;
    let mut story = Hypothesis::first(&prior);
    story.body.widen_level(found.variance - story.body.level_variance());
    (story.accepted, story.first_accepted, story.last_accepted) = (found.readings.into(), Some(at), Some(at));
    let sd = policy.policy().noise.sd_kg * policy.source(source).noise;
    let [noise, ..] = &mut story.noise;
    *noise = first_noise(policy.policy().noise.prior_readings, sd * sd);

    let mut state = UserState::unborn(expectations.fingerprint);
    state.chain = chain(found);
    state.key = Some(found.newest.clone());
    state.last_reading = Some(at);
    state.readings = found.readings.into();
    state.tally.accepted = state.readings;
    state.window = Window::empty_at(state.readings);
    let [frame, ..] = &mut state.scales;
    *frame = Some(Scale { source, last: state.readings.saturating_sub(1) });
    state.adaptation = adaptation(at, sd * sd, numbers, expectations);
    state.resets.push(PastReset { kind: ResetKind::Hard, at });
    state.resets_in_all = 1;
    state.hypotheses.push(story);
    Checked::state(state, expectations).map_err(|violations| NotServed::Invalid(violations.findings))
}

/// Whoever goes on from here adapts as after a gap, with the factors of the rung.
///
/// A state has no noise variances of its own to begin with: the process noise of the level and the noise of
/// readings are the policy's times these factors.
fn adaptation(
    since: Instant,
    usual: f64,
    numbers: &RungNumbers,
    expectations: &Expectations<'_>,
) -> Adaptation {
    let hard = expectations.policy.policy().resets.hard;
    if hard.readings == 0 || hard.days <= 0.0 {
        return Adaptation::none();
    }
    let noise = (numbers.noise / usual).clamp(1.0, 100.0);
    Adaptation {
        kind: Some(ResetKind::Hard),
        since,
        factors: Fading { level: numbers.factor, trend: hard.trend, noise },
        decay: hard.decay,
        readings: 0,
        readings_max: hard.readings,
        days_max: hard.days,
        threshold: hard.threshold,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "noise is a guess, and kept in single precision")]
fn first_noise(readings: f64, variance: f64) -> LearnedNoise {
    LearnedNoise { readings: readings as f32, squares: (readings * variance) as f32 }
}

fn chain(found: &Found<'_>) -> Chain {
    let mut link = Vec::with_capacity(64);
    link.extend_from_slice(b"L");
    link.extend_from_slice(found.rung.as_str().as_bytes());
    link.extend_from_slice(&found.at.unix_micros().to_le_bytes());
    for number in [found.level_kg, found.variance] {
        link.extend_from_slice(&number.to_bits().to_le_bytes());
    }
    Chain::default().link(&link)
}
