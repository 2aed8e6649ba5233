//! What each kind of reset does.

use reweigh_filter::{LAGS, Lags, STATES};
use reweigh_reading::Instant;

use super::{by_hand, distinct, plan};
use crate::fingerprint::Chain;
use crate::policy::Policy;
use crate::reset::{
    PlainResetter, ResetKind, ResetPlan, Resetter, create_adaptation, cut_buffer, filter_reset,
};
use crate::rules::VARIANCE_MAX;
use crate::state::{Fading, Hypothesis, Judged, PastReset, UserState, Window};
use crate::strategies::{FULL, Shape, USUAL, fingerprint, state};
use crate::verdict::Reason;

/// A plan has the profile of its kind, and says why in words.
///
/// Proves C4.
#[test]
fn a_plan_has_the_profile_of_its_kind() {
    let policy = distinct();
    let resets = &policy.policy().resets;
    let cases = [
        (ResetKind::Initial, resets.initial, 0.0, "the first reading"),
        (ResetKind::Hard, resets.hard, 41.4, "41 days without an accepted reading"),
        (ResetKind::Soft, resets.soft, 7.25, "a manual source departs by 7.2 kg"),
        (ResetKind::Manual, resets.manual, 0.0, "an operator asked for it"),
    ];
    let at = Instant::UNIX_EPOCH;
    for (kind, profile, cause, reason) in cases {
        let plan = ResetPlan::new(kind, at, cause, &policy);
        assert_eq!(plan, ResetPlan { kind, at, cause, profile });
        assert_eq!(plan.reason(), reason);
    }
}

/// Each kind begins the adaptation of its own profile.
///
/// Proves C4, C5.
#[test]
fn each_kind_begins_its_own_adaptation() {
    let policy = distinct();
    let state = state(USUAL, &policy);
    for kind in ResetKind::ALL {
        let plan = plan(kind, &state, &policy);
        let (begun, profile) = (create_adaptation(&plan), plan.profile);
        assert_eq!((begun.kind, begun.since), (Some(kind), plan.at));
        let factors = Fading { level: profile.level, trend: profile.trend, noise: profile.noise };
        assert_eq!((begun.factors, begun.decay), (factors, profile.decay));
        assert_eq!((begun.readings, begun.readings_max), (0, profile.readings));
        assert_eq!((begun.days_max, begun.threshold), (profile.days, profile.threshold));
    }
}

/// The first reset makes one story of the prior, with its level's variance multiplied.
///
/// Proves C4.
#[test]
fn an_initial_reset_begins_with_the_prior() {
    let policy = distinct();
    let unborn = UserState::unborn(fingerprint(&policy));
    let stories = filter_reset(&unborn, &plan(ResetKind::Initial, &unborn, &policy), &policy);
    let mut wanted = Hypothesis::first(policy.prior());
    wanted.body.widen_level(wanted.body.level_variance());
    assert_eq!(policy.policy().resets.initial.variance.to_bits(), 2.0_f64.to_bits());
    assert_eq!(stories, [wanted]);
}

/// A hard or manual reset goes on with the likeliest story alone: the level's mean is kept and its variance
/// multiplied, trend and water are forgotten, and so is what the window was about; evenings, scales, their
/// noise and what was refused are kept.
///
/// Proves C4.
#[test]
fn a_hard_or_manual_reset_keeps_what_is_known_of_scales() {
    let policy = distinct();
    let prior = policy.prior();
    let state = state(FULL, &policy);
    let before = state.hypotheses[0];
    for (kind, factor) in [(ResetKind::Hard, 3.0), (ResetKind::Manual, 5.0)] {
        let stories = filter_reset(&state, &plan(kind, &state, &policy), &policy);
        let [story] = stories.as_slice() else { panic!("{stories:?}") };
        let mut body = before.body;
        body.begin_anew(before.body.level_variance() * factor, prior);
        assert_eq!(story.body, body);
        assert!(story.body.level().to_bits() == before.body.level().to_bits());
        assert!(story.body.mean()[3..] == before.body.mean()[3..]);
        for i in 3..STATES {
            let kept = |j| story.body.covariance(i, j).to_bits() == before.body.covariance(i, j).to_bits();
            assert!((3..=i).all(kept));
        }
        let wanted = Hypothesis {
            share: 1.0,
            body: story.body,
            lags: Lags::default(),
            reasons: [Reason::Fits; LAGS],
            slip: before.slip.filter(|_| kind == ResetKind::Hard),
            refused_in_a_row: story.refused_in_a_row,
            ..before
        };
        assert_eq!(*story, wanted);
    }
}

/// What is refused month after month adds up; a scale that stays in another unit, or an operator's word, ends it.
#[test]
fn only_silence_keeps_the_count_of_slips() {
    let policy = distinct();
    let mut state = state(FULL, &policy);
    let refused = |state: &UserState, kind, at| {
        let plan = ResetPlan { cause: 30.0, ..ResetPlan::new(kind, at, 0.0, &policy) };
        filter_reset(state, &plan, &policy)[0].refused_in_a_row
    };
    let last = state.last_reading.unwrap();
    let month = Instant::from_unix_micros(last.unix_micros() + 31 * 86_400_000_000).unwrap();
    let before = state.hypotheses[0].refused_in_a_row;
    assert!(before > 0 && state.hypotheses[0].slip.is_some());
    assert_eq!(refused(&state, ResetKind::Hard, month), before);
    assert_eq!(refused(&state, ResetKind::Hard, last), 0);
    assert_eq!(refused(&state, ResetKind::Manual, month), 0);
    state.hypotheses[0].slip = None;
    assert_eq!(refused(&state, ResetKind::Hard, last), before);
}

/// Nothing is ever less certain than before anything was known.
#[test]
fn a_hard_reset_is_no_less_certain_than_the_prior() {
    let policy = distinct();
    let mut state = state(USUAL, &policy);
    let most = policy.prior().level_sd * policy.prior().level_sd;
    state.hypotheses[0].body.widen_level(0.9 * most);
    let stories = filter_reset(&state, &plan(ResetKind::Hard, &state, &policy), &policy);
    assert!(stories[0].body.level_variance().to_bits() == most.to_bits(), "{stories:?}");
}

/// A soft reset only widens the level, in every story.
///
/// Proves C4.
#[test]
fn a_soft_reset_only_widens_the_level() {
    let policy = distinct();
    let state = state(FULL, &policy);
    let stories = filter_reset(&state, &plan(ResetKind::Soft, &state, &policy), &policy);
    assert_eq!(stories.len(), state.hypotheses.len());
    for (story, before) in stories.iter().zip(&state.hypotheses) {
        let variance = before.body.level_variance();
        assert!((story.body.level_variance() - 4.0 * variance).abs() < 1e-12 * variance);
        let mut body = before.body;
        body.widen_level(variance * 3.0);
        assert_eq!(*story, Hypothesis { body, ..*before });
    }
}

/// Soft resets one after the other widen no further than to where nothing is known.
#[test]
fn soft_resets_widen_only_so_far() {
    let policy = distinct();
    let mut state = state(USUAL, &policy);
    for _ in 0..50 {
        state = by_hand(&state, &plan(ResetKind::Soft, &state, &policy), &policy).state;
    }
    let variance = state.hypotheses[0].body.level_variance();
    assert!((variance - VARIANCE_MAX).abs() < 1e-6, "{variance}");
    state.hypotheses[0].body.widen_level(VARIANCE_MAX);
    let wide = state.hypotheses[0].body;
    let stories = filter_reset(&state, &plan(ResetKind::Soft, &state, &policy), &policy);
    assert_eq!(stories[0].body, wide, "what is wider already is not narrowed");
}

/// A soft reset keeps the window; every other makes all of it final, oldest first, and leaves it empty.
///
/// Proves C4.
#[test]
fn only_a_soft_reset_keeps_the_window() {
    let policy = distinct();
    let state = state(FULL, &policy);
    for kind in ResetKind::ALL {
        let cut = cut_buffer(&state, &plan(kind, &state, &policy));
        assert_eq!(kind.cuts(), kind != ResetKind::Soft);
        if !kind.cuts() {
            assert_eq!((cut.state, cut.settled), (state.clone(), vec![]));
            continue;
        }
        let mut wanted = state.clone();
        let settled: Vec<Judged> = std::iter::from_fn(|| wanted.settle_oldest()).collect();
        assert_eq!(settled.len(), LAGS);
        assert_eq!(cut.settled, settled);
        assert_eq!(cut.state.window, Window::empty_at(state.readings));
        assert_eq!(cut.state.tally.accepted + cut.state.tally.rejected, state.readings);
        assert_eq!(cut.state, wanted);
    }
}

/// The last operation puts the parts in, remembers the reset and links it; all else is left alone.
#[test]
fn persisting_remembers_the_reset() {
    let policy = distinct();
    let state = state(Shape { resets: 2, adapting: false, ..FULL }, &policy);
    for kind in ResetKind::ALL {
        let plan = plan(kind, &state, &policy);
        let cut = cut_buffer(&state, &plan);
        let after = by_hand(&state, &plan, &policy).state;
        let mut wanted = cut.state.clone();
        wanted.hypotheses = filter_reset(&state, &plan, &policy);
        wanted.adaptation = create_adaptation(&plan);
        wanted.resets.push(PastReset { kind, at: plan.at });
        wanted.resets_in_all = 3;
        wanted.chain = after.chain;
        assert_eq!(after, wanted);
        assert_ne!(after.chain, cut.state.chain);
    }
}

/// The chain tells resets apart by kind and instant.
#[test]
fn the_chain_tells_resets_apart() {
    let policy = distinct();
    let state = state(Shape { window: 0, ..USUAL }, &policy);
    let mut chains: Vec<Chain> = Vec::new();
    for kind in ResetKind::ALL {
        for micros in 0..2 {
            let plan = plan(kind, &state, &policy);
            let at = plan.at.checked_add(reweigh_reading::Elapsed::from_micros(micros)).unwrap();
            chains.push(by_hand(&state, &ResetPlan { at, ..plan }, &policy).state.chain);
        }
    }
    chains.push(state.chain);
    chains.sort_by_key(|chain| chain.number());
    chains.dedup();
    assert_eq!(chains.len(), 9);
}

/// Whatever a policy within its bounds asks for, the first reset can be applied: a policy that leaves a user
/// without a story for ever is not within them.
///
/// Proves H8.
#[test]
fn every_policy_can_begin() {
    let extremes: &[fn(&mut Policy)] = &[
        |_| {},
        |p| p.resets.initial.variance = 1e4,
        |p| (p.population.sd_kg, p.resets.initial.variance) = (100.0, 1e4),
        |p| p.population.sd_kg = 1.0,
        |p| p.population.mean_kg = 20.0,
        |p| p.population.mean_kg = 200.0,
        |p| (p.population.mean_kg, p.safety.heaviest_kg) = (50.0, 50.0),
        |p| (p.population.mean_kg, p.safety.lightest_kg) = (200.0, 200.0),
        |p| (p.body.water, p.body.daily_rhythm, p.body.scale_bias) = (false, false, false),
        |p| (p.body.trend_sd, p.body.water_sd, p.body.evening_sd) = (2.0, 5.0, 3.0),
        |p| (p.body.trend_sd, p.body.water_sd, p.body.evening_sd) = (1e-4, 1e-3, 1e-3),
        |p| {
            let reset = &mut p.resets.initial;
            (reset.level, reset.trend, reset.noise) = (100.0, 100.0, 100.0);
            (reset.readings, reset.days, reset.decay, reset.threshold) = (1000, 365.0, 1.0, 1.0);
        },
        |p| (p.resets.initial.readings, p.resets.initial.days) = (0, 0.0),
    ];
    for (n, extreme) in extremes.iter().enumerate() {
        let mut policy = Policy::default();
        extreme(&mut policy);
        let policy = policy.check().unwrap();
        let unborn = UserState::unborn(fingerprint(&policy));
        let applied = PlainResetter.reset(&unborn, &plan(ResetKind::Initial, &unborn, &policy), &policy);
        assert!(applied.is_ok(), "{n}: {}", applied.unwrap_err());
    }
}

/// Kinds have words and bytes, for ever the same.
#[test]
fn kinds_have_words_and_bytes() {
    let said: Vec<_> = ResetKind::ALL.iter().map(|kind| (kind.as_str(), kind.tag())).collect();
    assert_eq!(said, [("initial", 0), ("hard", 1), ("soft", 2), ("manual", 3)]);
    for tag in 0..=u8::MAX {
        assert_eq!(ResetKind::from_tag(tag).map(ResetKind::tag), (tag < 4).then_some(tag));
    }
}
