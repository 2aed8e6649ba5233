//! The rule that a state has one form: then equal states are equal bytes, and a snapshot is the state.

use reweigh_filter::{LAGS, STATES};

use super::{Findings, Rule};
use crate::state::{Adaptation, Hypothesis, LearnedNoise, UserState};
use crate::verdict::Reason;

pub(super) fn check(state: &UserState, findings: &mut Findings) {
    let adaptation = &state.adaptation;
    findings.unless(
        adaptation.active() || *adaptation == Adaptation::none(),
        Rule::StateCanonical,
        "numbers of an adaptation that is over",
        "what stands for none",
    );
    let signed = [adaptation.days_max, adaptation.threshold].into_iter().any(signed_zero);
    findings.unless(
        !signed,
        Rule::StateCanonical,
        "a zero with a sign in the adaptation",
        "without signed zeros",
    );
    let scales = state.scales.iter().flatten().count();
    for (n, story) in state.hypotheses.iter().enumerate() {
        for (what, kept) in parts(story, state, scales) {
            findings.unless(
                kept,
                Rule::StateCanonical,
                format_args!("story {n}: {what}"),
                "what stands for none",
            );
        }
        findings.unless(
            !signed_zeros(story),
            Rule::StateCanonical,
            format_args!("story {n}: a zero with a sign"),
            "without signed zeros",
        );
    }
}

/// The parts of a story that may not be in use, and whether they are as they should be then.
fn parts(story: &Hypothesis, state: &UserState, scales: usize) -> [(&'static str, bool); 4] {
    let states = crate::state::states_in_use(scales);
    let body = &story.body;
    let states_off = (states..STATES).all(|i| {
        let covariances = (0..STATES).all(|j| body.covariance(i, j) == 0.0);
        covariances && body.mean().get(i).is_none_or(|mean| *mean == 0.0)
    });
    let noise_unused = story.noise.iter().skip(scales).all(|noise| *noise == LearnedNoise::UNUSED);
    let mut used = [false; LAGS];
    for pending in state.window.iter() {
        if let Some(slot) = used.get_mut(pending.place) {
            *slot = true;
        }
    }
    let mut places_empty = true;
    for (place, (used, reason)) in used.iter().zip(&story.reasons).enumerate() {
        let (cross, level, variance) = story.lags.place(place);
        let beyond = if *used { states } else { 0 };
        places_empty &= cross.iter().skip(beyond).all(|x| *x == 0.0);
        places_empty &= *used || (level == 0.0 && variance == 0.0 && *reason == Reason::Fits);
    }
    let compact = story.strays.iter().skip_while(|stray| stray.is_some()).all(Option::is_none);
    [
        ("a bias of no scale", states_off),
        ("a noise of no scale", noise_unused),
        ("a place of no reading", places_empty),
        ("a gap between refused values", compact),
    ]
}

fn signed_zeros(story: &Hypothesis) -> bool {
    let signed = |x: &f32| signed_zero(f64::from(*x));
    let places = (0..LAGS).any(|place| {
        let (cross, level, variance) = story.lags.place(place);
        cross.iter().chain([&level, &variance]).any(signed)
    });
    let strays = story.strays.iter().flatten().any(|stray| signed(&stray.kg));
    let noise = story.noise.iter().any(|noise| signed(&noise.readings) || signed(&noise.squares));
    let body = story.body.mean().iter().chain(story.body.triangle()).copied().any(signed_zero);
    places || strays || noise || body
}

fn signed_zero(x: f64) -> bool {
    x.to_bits() == (-0.0_f64).to_bits()
}
