//! The rules of the filter: one story's numbers.

use reweigh_filter::{BodyState, STATES, TRIANGLE};
use reweigh_reading::Instant;

use super::{Findings, Rule};
use crate::policy::CheckedPolicy;
use crate::state::{Hypothesis, UserState};

/// The largest variance of the level that a reset leaves, kg²: beyond it nothing is known at all.
pub(crate) const VARIANCE_MAX: f64 = 1e5;
/// The fastest trend, kg per day.
const TREND_MAX: f64 = 20.0;
/// The bounds of a learned noise variance, kg². The policy's bounds allow a first guess of 1e-6 to 4e4;
/// what is learned may leave that either way.
const NOISE_MIN: f64 = 1e-12;
const NOISE_MAX: f64 = 1e6;

pub(super) fn check(
    n: usize,
    story: &Hypothesis,
    state: &UserState,
    policy: &CheckedPolicy,
    findings: &mut Findings,
) {
    if finite(n, &story.body, findings) {
        covariance(n, &story.body, policy, findings);
        mean(n, &story.body, policy, findings);
    }
    for (scale, noise) in story.noise.iter().enumerate() {
        let variance = noise.variance();
        findings.unless(
            noise.readings > 0.0 && (NOISE_MIN..=NOISE_MAX).contains(&variance),
            Rule::FilterNoise,
            format_args!("story {n}, scale {scale}: {variance} kg² from {} readings", noise.readings),
            format_args!("{NOISE_MIN:e} to {NOISE_MAX:e} kg²"),
        );
    }
    for pending in state.window.iter() {
        let (cross, level, variance) = story.lags.place(pending.place);
        let fine = cross.iter().chain([&level, &variance]).all(|x| x.is_finite());
        findings.unless(
            fine,
            Rule::FilterLags,
            format_args!("story {n}, reading {}: {level} kg, variance {variance}, {cross:?}", pending.number),
            "finite",
        );
    }
    memory(n, story, state, findings);
}

/// Says of the first number that is not finite which it is, and how many there are.
fn finite(n: usize, body: &BodyState, findings: &mut Findings) -> bool {
    let means = body.mean().iter().enumerate().map(|(i, x)| ("mean", i, *x));
    let covariances = body.triangle().iter().enumerate().map(|(k, x)| ("covariance", k, *x));
    let mut odd = means.chain(covariances).filter(|(_, _, x)| !x.is_finite());
    let Some((what, place, value)) = odd.next() else { return true };
    let more = odd.count();
    findings.unless(
        false,
        Rule::FilterFinite,
        format_args!("story {n}: {what} {place} is {value}, and {more} more"),
        "finite throughout",
    );
    false
}

fn covariance(n: usize, body: &BodyState, policy: &CheckedPolicy, findings: &mut Findings) {
    let pivot = smallest_pivot(body.triangle());
    findings.unless(
        pivot > 0.0 && body.level_variance() > 0.0,
        Rule::FilterPositiveDefinite,
        format_args!("story {n}: smallest pivot {pivot:e}"),
        "above 0",
    );
    let most = policy.variance_max();
    for i in 0..STATES {
        let variance = body.covariance(i, i);
        findings.unless(
            variance <= most,
            Rule::FilterVariance,
            format_args!("story {n}: state {i} has variance {variance}"),
            format_args!("at most {most}"),
        );
    }
}

fn mean(n: usize, body: &BodyState, policy: &CheckedPolicy, findings: &mut Findings) {
    let (light, heavy) = (policy.policy().safety.lightest_kg, policy.policy().safety.heaviest_kg);
    let level = body.level();
    // The estimate of a light body may swing a little below what is believed of a reading.
    findings.unless(
        level >= 0.5 * light && level <= 1.5 * heavy,
        Rule::FilterLevel,
        format_args!("story {n}: {level} kg"),
        format_args!("{} to {} kg", 0.5 * light, 1.5 * heavy),
    );
    let trend = body.trend();
    findings.unless(
        trend.abs() <= TREND_MAX,
        Rule::FilterTrend,
        format_args!("story {n}: {trend} kg per day"),
        format_args!("at most {TREND_MAX} either way"),
    );
}

/// What a story remembers of single readings.
fn memory(n: usize, story: &Hypothesis, state: &UserState, findings: &mut Findings) {
    let rule = Rule::FilterMemory;
    let counts = [
        ("accepted", story.accepted),
        ("another person's", story.other_person.into()),
        ("refused in a row", story.refused_in_a_row.into()),
    ];
    for (what, count) in counts {
        let value = format_args!("story {n}: {count} readings {what}");
        findings.unless(count <= state.readings, rule, value, format_args!("at most {}", state.readings));
    }
    let strays = story.strays.iter().flatten();
    let recorded = strays.clone().map(|stray| ("refused", f64::from(stray.kg)));
    for (what, kg) in recorded.chain(story.slip.map(|mode| ("other unit", mode.recorded_kg))) {
        let value = format_args!("story {n}: {what}, {kg} kg");
        findings.unless(kg.is_finite() && kg >= 0.0, rule, value, "a weight");
    }
    // Before the first reading there is none to remember.
    let last = state.last_reading.unwrap_or(Instant::MIN);
    let strays = strays.map(|stray| ("refused", stray.at));
    let slip = story.slip.map(|mode| ("other unit", mode.at));
    let accepted = story.last_accepted.map(|at| ("accepted", at));
    for (what, at) in strays.chain(slip).chain(accepted) {
        let value = format_args!("story {n}: {what} at {at}");
        findings.unless(at <= last, rule, value, format_args!("not after {last}"));
    }
    if let Some(mode) = story.slip {
        let scales = state.scales.iter().flatten().count();
        let value = format_args!("story {n}: other unit on scale {}", mode.scale);
        findings.unless(usize::from(mode.scale) < scales, rule, value, format_args!("below {scales}"));
    }
}

/// The smallest pivot of a Cholesky factorisation of the states that are switched on; a state that is
/// off has zeros only. Not above zero, or NaN: not positive definite.
#[expect(clippy::indexing_slicing, reason = "every index is below STATES or TRIANGLE by the loops")]
fn smallest_pivot(triangle: &[f64; TRIANGLE]) -> f64 {
    let at = |i: usize, j: usize| i * (i + 1) / 2 + j;
    let of = |i: usize, j: usize| if i >= j { triangle[at(i, j)] } else { triangle[at(j, i)] };
    let mut factor = [0.0; TRIANGLE];
    let mut smallest = f64::INFINITY;
    for i in 0..STATES {
        if (0..STATES).all(|j| of(i, j) == 0.0) {
            continue;
        }
        for j in 0..=i {
            let mut sum = triangle[at(i, j)];
            for k in 0..j {
                sum -= factor[at(i, k)] * factor[at(j, k)];
            }
            if i == j {
                if sum.is_nan() || sum < smallest {
                    smallest = sum;
                }
                if sum.is_nan() || sum <= 0.0 {
                    return sum;
                }
                factor[at(i, i)] = sum.sqrt();
            } else {
                let pivot = factor[at(j, j)];
                // A state that is off has no pivot, and a covariance of zero with every other.
                factor[at(i, j)] = if pivot > 0.0 { sum / pivot } else { 0.0 };
            }
        }
    }
    smallest
}
