//! Every rule, broken one at a time and all at once.

mod readings;

use std::collections::BTreeSet;

use proptest::prelude::*;
use reweigh_filter::{BodyState, LAGS, STATES, TRIANGLE};
use reweigh_reading::Instant;

use super::{Finding, Rule, VARIANCE_MAX, check};
use crate::checked::{Checked, Expectations};
use crate::fingerprint::{Chain, Fingerprint};
use crate::policy::{CheckedPolicy, Profile};
use crate::state::{LearnedNoise, Scale, UserState, Window};
use crate::strategies::{FULL, Shape, USUAL, balanced, expectations, fingerprint, shape, state};
use crate::verdict::Reason;

/// A state with two stories, an adaptation and everything else that rules look at.
fn sound(policy: &CheckedPolicy) -> UserState {
    state(Shape { scales: 2, stories: 2, ..FULL }, policy)
}

/// One way to break one rule: which, how, and what must be said of value and bound.
struct Break {
    rule: Rule,
    change: fn(&mut UserState),
    value: &'static str,
    bound: &'static str,
}

const BREAKS: &[Break] = &[
    Break {
        rule: Rule::FilterFinite,
        change: |s| set_mean(s, 1, f64::NAN),
        value: "story 1: mean 1 is NaN, and 0 more",
        bound: "finite throughout",
    },
    Break {
        rule: Rule::FilterFinite,
        change: |s| {
            set_covariance(s, 3, 2, f64::INFINITY);
            set_covariance(s, 4, 4, f64::NEG_INFINITY);
        },
        value: "story 1: covariance 8 is inf, and 1 more",
        bound: "finite throughout",
    },
    Break {
        rule: Rule::FilterPositiveDefinite,
        change: |s| {
            let most = (covariance(s, 0, 0) * covariance(s, 1, 1)).sqrt();
            set_covariance(s, 1, 0, 1.01 * most);
        },
        value: "story 1: smallest pivot -",
        bound: "above 0",
    },
    Break {
        // Just not definite: a state that is known without any doubt.
        rule: Rule::FilterPositiveDefinite,
        change: |s| (0..STATES).for_each(|i| set_covariance(s, 0, i, 0.0)),
        value: "story 1: smallest pivot ",
        bound: "above 0",
    },
    Break {
        // A variance of zero with a covariance is no state that is switched off.
        rule: Rule::FilterPositiveDefinite,
        change: |s| {
            (0..STATES).for_each(|i| set_covariance(s, 2, i, 0.0));
            set_covariance(s, 3, 2, 0.01);
        },
        value: "story 1: smallest pivot ",
        bound: "above 0",
    },
    Break {
        rule: Rule::FilterVariance,
        change: |s| set_covariance(s, 1, 1, 1e9),
        value: "story 1: state 1 has variance 1000000000",
        bound: "at most 16",
    },
    Break {
        rule: Rule::FilterLevel,
        change: |s| set_mean(s, 0, 1.4),
        value: "story 1: 1.4 kg",
        bound: "1.5 to 750 kg",
    },
    Break {
        rule: Rule::FilterLevel,
        change: |s| set_mean(s, 0, 750.5),
        value: "story 1: 750.5 kg",
        bound: "1.5 to 750 kg",
    },
    Break {
        rule: Rule::FilterTrend,
        change: |s| set_mean(s, 1, -20.5),
        value: "story 1: -20.5 kg per day",
        bound: "at most 20 either way",
    },
    Break {
        rule: Rule::FilterNoise,
        change: |s| s.hypotheses[1].noise[0] = LearnedNoise { readings: 2.0, squares: -4.0 },
        value: "story 1, scale 0: -2 kg² from 2 readings",
        bound: "1e-12 to 1e6 kg²",
    },
    Break {
        rule: Rule::FilterNoise,
        change: |s| s.hypotheses[1].noise[1] = LearnedNoise { readings: -1.0, squares: -1.0 },
        value: "story 1, scale 1: 1 kg² from -1 readings",
        bound: "1e-12 to 1e6 kg²",
    },
    Break {
        rule: Rule::FilterNoise,
        change: |s| s.hypotheses[1].noise[1].squares = f32::NAN,
        value: "story 1, scale 1: NaN kg² from ",
        bound: "1e-12 to 1e6 kg²",
    },
    Break {
        rule: Rule::FilterNoise,
        change: |s| s.hypotheses[1].noise[1].readings = f32::INFINITY,
        value: "story 1, scale 1: 0 kg² from inf readings",
        bound: "1e-12 to 1e6 kg²",
    },
    Break {
        rule: Rule::FilterLags,
        change: |s| {
            let oldest = s.window.oldest().unwrap();
            let (cross, _, variance) = s.hypotheses[1].lags.place(oldest.place);
            s.hypotheses[1].lags.set_place(oldest.place, cross, f32::NAN, variance);
        },
        value: "story 1, reading 400: NaN kg, variance ",
        bound: "finite",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].accepted = s.readings + 1,
        value: "story 1: 413 readings accepted",
        bound: "at most 412",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].other_person = 413,
        value: "story 1: 413 readings another person's",
        bound: "at most 412",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].refused_in_a_row = 413,
        value: "story 1: 413 readings refused in a row",
        bound: "at most 412",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].strays[2].as_mut().unwrap().kg = f32::INFINITY,
        value: "story 1: refused, inf kg",
        bound: "a weight",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].slip.as_mut().unwrap().recorded_kg = -1.0,
        value: "story 1: other unit, -1 kg",
        bound: "a weight",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].slip.as_mut().unwrap().scale = 2,
        value: "story 1: other unit on scale 2",
        bound: "below 2",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].last_accepted = Some(Instant::MAX),
        value: "story 1: accepted at 2200-01-01T00:00:00Z",
        bound: "not after 2",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].strays[0].as_mut().unwrap().at = Instant::MAX,
        value: "story 1: refused at 2200-01-01T00:00:00Z",
        bound: "not after 2",
    },
    Break {
        rule: Rule::FilterMemory,
        change: |s| s.hypotheses[1].slip.as_mut().unwrap().at = Instant::MAX,
        value: "story 1: other unit at 2200-01-01T00:00:00Z",
        bound: "not after 2",
    },
    Break {
        rule: Rule::AdaptationDecay,
        change: |s| s.adaptation.decay = 0.0,
        value: "0",
        bound: "above 0 and at most 1",
    },
    Break {
        rule: Rule::AdaptationDecay,
        change: |s| s.adaptation.decay = 1.0_f64.next_up(),
        value: "1.0000000000000002",
        bound: "above 0 and at most 1",
    },
    Break {
        rule: Rule::AdaptationDecay,
        change: |s| s.adaptation.decay = f64::NAN,
        value: "NaN",
        bound: "above 0 and at most 1",
    },
    Break {
        rule: Rule::AdaptationFactor,
        change: |s| s.adaptation.factors.level = 0.5,
        value: "level 0.5",
        bound: "1 to 100",
    },
    Break {
        rule: Rule::AdaptationFactor,
        change: |s| s.adaptation.factors.trend = 100.5,
        value: "trend 100.5",
        bound: "1 to 100",
    },
    Break {
        rule: Rule::AdaptationFactor,
        change: |s| s.adaptation.factors.noise = f64::NAN,
        value: "noise NaN",
        bound: "1 to 100",
    },
    Break {
        rule: Rule::AdaptationSince,
        change: |s| {
            s.adaptation.since = Instant::MAX;
            s.adaptation.readings = 1;
            s.resets.last_mut().unwrap().at = Instant::MAX;
        },
        value: "2200-01-01T00:00:00Z",
        bound: "not after 2",
    },
    Break {
        rule: Rule::AdaptationReadings,
        change: |s| s.adaptation.readings = 10,
        value: "10",
        bound: "below 10",
    },
    Break {
        rule: Rule::AdaptationDays,
        change: |s| s.adaptation.days_max = 365.5,
        value: "365.5",
        bound: "0 to 365",
    },
    Break {
        rule: Rule::AdaptationDays,
        change: |s| s.adaptation.days_max = f64::NAN,
        value: "NaN",
        bound: "0 to 365",
    },
    Break {
        rule: Rule::AdaptationThreshold,
        change: |s| s.adaptation.threshold = -0.5,
        value: "-0.5",
        bound: "0 to 1",
    },
    Break {
        rule: Rule::StateFingerprint,
        change: |s| s.fingerprint = Fingerprint::from_number(7),
        value: "00000000000000000000000000000007",
        bound: "",
    },
    Break {
        rule: Rule::StateStories,
        change: |s| s.hypotheses.clear(),
        value: "0 stories after 412 readings",
        bound: "1 to 4 once there is a reading",
    },
    Break {
        rule: Rule::StateStories,
        change: |s| {
            let story = s.hypotheses[1];
            s.hypotheses.extend([story; 3]);
            s.hypotheses.iter_mut().for_each(|story| story.share = 0.2);
        },
        value: "5 stories after 412 readings",
        bound: "1 to 4 once there is a reading",
    },
    Break {
        rule: Rule::StateShares,
        change: |s| s.hypotheses[1].share -= 1e-8,
        value: "sum 0.99999999",
        bound: "positive and one together",
    },
    Break {
        rule: Rule::StateShares,
        change: |s| (s.hypotheses[0].share, s.hypotheses[1].share) = (1.0, 0.0),
        value: "sum 1",
        bound: "positive and one together",
    },
    Break {
        rule: Rule::StateOrder,
        change: |s| s.hypotheses.iter_mut().zip([0.25, 0.75]).for_each(|(story, share)| story.share = share),
        value: "a likelier story behind another",
        bound: "the likeliest first",
    },
    Break {
        rule: Rule::StateWindow,
        change: |s| s.readings += 1,
        value: "up to reading 412",
        bound: "up to reading 413",
    },
    Break {
        rule: Rule::StateKey,
        change: |s| s.key = None,
        value: "no key, last reading at 2",
        bound: "a key",
    },
    Break {
        rule: Rule::StateKey,
        change: |s| {
            // The last fact before the last reading, and before the reset that is not after the last fact.
            let key = s.key.take().unwrap();
            let at = s.adaptation.since;
            s.key = Some(reweigh_reading::OrderKey::new(at, key.source().clone(), key.id().clone()));
        },
        value: "last reading at 2",
        bound: "not after 2",
    },
    Break {
        rule: Rule::StateKey,
        change: |s| {
            let last = s.last_reading.unwrap();
            s.last_reading = last.checked_add(reweigh_reading::Elapsed::from_micros(1));
            s.key = Some(reweigh_reading::OrderKey::new(
                Instant::MAX,
                reweigh_reading::Source::unknown(),
                "a".parse().unwrap(),
            ));
        },
        value: "window ends at 2",
        bound: "at the last reading, 2",
    },
    Break {
        rule: Rule::StateKey,
        change: |s| {
            let mut window = Window::empty_at(s.window.first());
            let mut instants: Vec<Instant> = s.window.iter().map(|pending| pending.at).collect();
            instants[0] = Instant::MAX;
            for at in instants {
                let _ = window.push(at);
            }
            s.window = window;
        },
        value: "instants of the window out of order",
        bound: "in order",
    },
    Break {
        rule: Rule::StateChain,
        change: |s| s.chain = Chain::default(),
        value: "00000000000000000000000000000000",
        bound: "a chain of all readings",
    },
    Break {
        rule: Rule::StateTally,
        change: |s| s.tally.rejected += 1,
        value: "Tally { accepted: ",
        bound: "400 final verdicts",
    },
    Break {
        rule: Rule::StateTally,
        change: |s| s.tally.shifts = s.tally.accepted + 1,
        value: "Tally { accepted: ",
        bound: "400 final verdicts",
    },
    Break {
        rule: Rule::StateTally,
        change: |s| (s.tally.accepted, s.tally.rejected) = (u64::MAX, 401),
        value: "Tally { accepted: 18446744073709551615, rejected: 401",
        bound: "400 final verdicts",
    },
    Break {
        rule: Rule::StateResets,
        change: |s| s.resets_in_all = 3,
        value: "4 of 3 resets",
        bound: "3 of them",
    },
    Break {
        rule: Rule::StateResets,
        change: |s| assert!(s.resets.remove(0).at <= s.adaptation.since),
        value: "3 of 7 resets",
        bound: "4 of them",
    },
    Break {
        rule: Rule::StateResets,
        change: |s| s.resets[0].at = Instant::MAX,
        value: "resets out of order",
        bound: "in order",
    },
    Break {
        rule: Rule::StateResets,
        change: |s| s.adaptation.since = s.adaptation.since.checked_add(micro(-1)).unwrap(),
        value: "adaptation after the ",
        bound: "begun by the last reset",
    },
    Break {
        rule: Rule::StateScales,
        change: |s| s.scales[1].as_mut().unwrap().last = s.readings,
        value: "last reading 412",
        bound: "below 412",
    },
    Break {
        rule: Rule::StateScales,
        change: |s| s.scales[1].as_mut().unwrap().source = s.scales[0].unwrap().source,
        value: "2 scales with a gap or twice the same",
        bound: "different ones without gaps",
    },
    Break {
        rule: Rule::StateScales,
        change: |s| s.scales.swap(1, 3),
        value: "2 scales with a gap or twice the same",
        bound: "different ones without gaps",
    },
    Break {
        rule: Rule::StateHeight,
        change: |s| s.height_m = Some(3.5),
        value: "3.5",
        bound: "0.3 to 3 metres",
    },
    Break {
        rule: Rule::StateHeight,
        change: |s| s.height_m = Some(f64::NAN),
        value: "NaN",
        bound: "0.3 to 3 metres",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| s.adaptation.kind = None,
        value: "numbers of an adaptation that is over",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| s.adaptation.threshold = -0.0,
        value: "a zero with a sign in the adaptation",
        bound: "without signed zeros",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| set_mean(s, 5, 0.1),
        value: "story 1: a bias of no scale",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| set_covariance(s, 6, 6, 0.1),
        value: "story 1: a bias of no scale",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| s.hypotheses[1].noise[2].readings = 2.0,
        value: "story 1: a noise of no scale",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| {
            let pending = s.window.oldest().unwrap();
            let (mut cross, level, variance) = s.hypotheses[1].lags.place(pending.place);
            cross[5] = 0.1;
            s.hypotheses[1].lags.set_place(pending.place, cross, level, variance);
        },
        value: "story 1: a place of no reading",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| s.hypotheses[1].strays[0] = None,
        value: "story 1: a gap between refused values",
        bound: "what stands for none",
    },
    Break {
        rule: Rule::StateCanonical,
        change: |s| set_mean(s, 3, -0.0),
        value: "story 1: a zero with a sign",
        bound: "without signed zeros",
    },
];

fn micro(micros: i64) -> reweigh_reading::Elapsed {
    reweigh_reading::Elapsed::from_micros(micros)
}

fn covariance(state: &UserState, i: usize, j: usize) -> f64 {
    state.hypotheses[1].body.covariance(i, j)
}

fn set_mean(state: &mut UserState, i: usize, value: f64) {
    let body = &mut state.hypotheses[1].body;
    let mut mean = *body.mean();
    mean[i] = value;
    *body = BodyState::from_parts(mean, *body.triangle());
}

fn set_covariance(state: &mut UserState, i: usize, j: usize, value: f64) {
    let body = &mut state.hypotheses[1].body;
    let mut triangle = *body.triangle();
    let (row, column) = (i.max(j), i.min(j));
    triangle[row * (row + 1) / 2 + column] = value;
    *body = BodyState::from_parts(*body.mean(), triangle);
}

fn rules(findings: &[Finding]) -> Vec<Rule> {
    findings.iter().map(|finding| finding.rule).collect()
}

/// Each rule that is broken alone is found alone, with the value that broke it and the bound.
///
/// Proves D1, D3, D4, D5.
#[test]
fn each_rule_broken_alone_is_the_one_finding() {
    let policy = balanced();
    for (n, way) in BREAKS.iter().enumerate() {
        let mut state = sound(&policy);
        (way.change)(&mut state);
        let findings = check(&state, &expectations(&policy));
        let [found] = findings.as_slice() else { panic!("way {n}, {:?}: {findings:#?}", way.rule) };
        assert_eq!(found.rule, way.rule, "way {n}: {found}");
        assert!(found.value.starts_with(way.value), "way {n}: {found}");
        assert!(found.bound.starts_with(way.bound), "way {n}: {found}");
        let said = format!("{}: {}, must be {}", found.rule.name(), found.value, found.bound);
        assert_eq!(found.to_string(), said);
    }
}

/// No rule is left out above: those of states here, those of readings beside them.
#[test]
fn every_rule_is_broken_by_a_test() {
    let broken: BTreeSet<Rule> = BREAKS.iter().map(|way| way.rule).chain(readings::BROKEN).collect();
    assert_eq!(broken, BTreeSet::from(Rule::ALL));
}

/// A finding names its rule; the names are for ever the same.
#[test]
fn rules_have_names_of_their_own() {
    let names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(
        names,
        [
            "filter.finite",
            "filter.positive_definite",
            "filter.variance",
            "filter.level",
            "filter.trend",
            "filter.noise",
            "filter.lags",
            "filter.memory",
            "buffer.ordered",
            "buffer.duplicate",
            "buffer.bounds",
            "buffer.size",
            "adaptation.decay",
            "adaptation.factor",
            "adaptation.since",
            "adaptation.readings",
            "adaptation.days",
            "adaptation.threshold",
            "state.fingerprint",
            "state.stories",
            "state.shares",
            "state.order",
            "state.window",
            "state.key",
            "state.chain",
            "state.tally",
            "state.resets",
            "state.scales",
            "state.height",
            "state.canonical",
        ]
    );
}

/// Everything that is wrong is found at once: each rule that is broken, and each story that breaks it.
///
/// Proves D5.
#[test]
fn all_that_is_broken_is_found() {
    let policy = balanced();
    let mut state = sound(&policy);
    state.fingerprint = Fingerprint::from_number(7);
    state.hypotheses[0].share = 0.1;
    state.chain = Chain::default();
    state.tally.rejected += 1;
    state.resets_in_all = 3;
    state.scales[1] = Some(Scale { source: 3, last: 999 });
    state.height_m = Some(4.0);
    state.adaptation.decay = 2.0;
    state.adaptation.factors.level = 0.0;
    state.adaptation.factors.noise = 101.0;
    for story in &mut state.hypotheses {
        story.noise[0].squares = -1.0;
        story.accepted = 1000;
        story.noise[3].readings = 3.0;
    }
    set_mean(&mut state, 0, 1000.0);
    set_mean(&mut state, 1, 100.0);
    let expectations = expectations(&policy);
    let findings = check(&state, &expectations);
    let wanted = [
        Rule::StateFingerprint,
        Rule::StateShares,
        Rule::StateOrder,
        Rule::StateChain,
        Rule::StateTally,
        Rule::StateResets,
        Rule::StateScales,
        Rule::StateHeight,
        Rule::AdaptationDecay,
        Rule::AdaptationFactor,
        Rule::AdaptationFactor,
        Rule::FilterNoise,
        Rule::FilterMemory,
        Rule::FilterLevel,
        Rule::FilterTrend,
        Rule::FilterNoise,
        Rule::FilterMemory,
        Rule::StateCanonical,
        Rule::StateCanonical,
    ];
    assert_eq!(rules(&findings), wanted);
    let violations = Checked::state(state.clone(), &expectations).unwrap_err();
    assert_eq!((&violations.findings, &*violations.state), (&findings, &state));
    let said = violations.to_string();
    assert!(said.starts_with("the state breaks 19 of its rules: state.fingerprint: "), "{said}");
    for finding in findings {
        assert!(said.contains(&finding.to_string()), "{finding} in {said}");
    }
}

/// What is not finite does not hide what else is wrong with a story.
///
/// Proves D5.
#[test]
fn numbers_that_are_not_finite_hide_nothing_else() {
    let policy = balanced();
    let mut state = sound(&policy);
    set_mean(&mut state, 0, f64::NAN);
    state.hypotheses[1].noise[0].squares = 0.0;
    state.hypotheses[1].accepted = 1000;
    let findings = check(&state, &expectations(&policy));
    assert_eq!(rules(&findings), [Rule::FilterFinite, Rule::FilterNoise, Rule::FilterMemory]);
}

/// The fingerprint is that of the step and the policy that are expected, and of no other.
///
/// Proves D4, I4.
#[test]
fn a_state_of_another_step_or_policy_is_refused() {
    let policy = balanced();
    let state = sound(&policy);
    let other = Profile::Clinical.policy().check().unwrap();
    for fingerprint in [Fingerprint::of(2, &policy), Fingerprint::of(1, &other)] {
        let findings = check(&state, &Expectations { fingerprint, policy: &policy });
        let [found] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!(found.rule, Rule::StateFingerprint);
        assert_eq!((&found.value, &found.bound), (&state.fingerprint.to_string(), &fingerprint.to_string()));
    }
}

/// An adaptation may begin with the reset of the reading that comes next, as long as nothing was accepted.
///
/// Proves D3.
#[test]
fn the_reset_of_the_next_reading_may_be_after_the_last() {
    let policy = balanced();
    let mut state = sound(&policy);
    state.adaptation.since = Instant::MAX;
    state.resets.last_mut().unwrap().at = Instant::MAX;
    state.adaptation.readings = 0;
    assert_eq!(check(&state, &expectations(&policy)), []);
    state.adaptation.readings = 1;
    assert_eq!(rules(&check(&state, &expectations(&policy))), [Rule::AdaptationSince]);
}

/// Before the first reading: no story, or the one that the first reset made.
#[test]
fn a_state_without_readings_is_valid() {
    let policy = balanced();
    let mut state = UserState::unborn(fingerprint(&policy));
    assert_eq!(check(&state, &expectations(&policy)), []);
    state.hypotheses.push(crate::Hypothesis::first(policy.prior()));
    assert_eq!(check(&state, &expectations(&policy)), []);
    state.readings = 1;
    state.window = Window::empty_at(1);
    let findings = rules(&check(&state, &expectations(&policy)));
    let wanted = [Rule::StateKey, Rule::StateChain, Rule::StateTally, Rule::StateScales];
    assert_eq!(findings, wanted);
}

/// A state that is off in its prior, water say, is no loss of definiteness.
///
/// Proves D1.
#[test]
fn what_is_switched_off_is_sound() {
    let mut policy = Profile::Balanced.policy();
    (policy.body.water, policy.body.daily_rhythm, policy.body.scale_bias) = (false, false, false);
    let policy = policy.check().unwrap();
    let mut state = UserState::unborn(fingerprint(&policy));
    state.hypotheses.push(crate::Hypothesis::first(policy.prior()));
    assert_eq!(check(&state, &expectations(&policy)), []);
    state.hypotheses[0].body = BodyState::from_parts(*state.hypotheses[0].body.mean(), [0.0; TRIANGLE]);
    let findings = check(&state, &expectations(&policy));
    assert_eq!(rules(&findings), [Rule::FilterPositiveDefinite], "the level is never off");
}

/// Any number of noise that the policy's bounds allow as a first guess is within the rule's.
///
/// Proves D1.
#[test]
fn the_policy_allows_no_noise_that_the_rule_refuses() {
    let policy = balanced();
    // The least and the largest of `noise.sd_kg` and of a source's factor.
    for sd in [0.02 * 0.05, 10.0 * 20.0_f32] {
        let mut state = sound(&policy);
        state.hypotheses[0].noise[0] = LearnedNoise { readings: 3.0, squares: 3.0 * sd * sd };
        assert_eq!(check(&state, &expectations(&policy)), [], "{sd} kg");
    }
}

/// The bound of a variance follows the policy: what is never reached under one may be reached under another.
#[test]
fn the_bound_of_a_variance_follows_the_policy() {
    let usual = balanced().variance_max();
    assert!(usual > VARIANCE_MAX && usual < 2.0 * VARIANCE_MAX, "{usual}");
    let mut policy = Profile::Balanced.policy();
    policy.body.trend_sd = 2.0;
    policy.body.trend_days = 1000.0;
    policy.resets.manual.trend = 100.0;
    assert!(policy.check().unwrap().variance_max() > 1e9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A valid state has no findings, whatever is in it.
    ///
    /// Proves D1, D3, D4.
    #[test]
    fn a_valid_state_has_no_findings(shape in shape()) {
        let policy = balanced();
        let state = state(shape, &policy);
        prop_assert_eq!(check(&state, &expectations(&policy)), []);
        let checked = Checked::state(state.clone(), &expectations(&policy)).unwrap();
        prop_assert_eq!(checked.into_inner(), state);
    }

    /// One place of the window that is not in use must be empty, wherever it is.
    #[test]
    fn a_place_that_is_not_in_use_is_empty(shape in shape(), place in 0..LAGS, what in 0..3) {
        let policy = balanced();
        let mut state = state(shape, &policy);
        prop_assume!(state.window.iter().all(|pending| pending.place != place));
        let story = &mut state.hypotheses[0];
        match what {
            0 => story.reasons[place] = Reason::Unsafe,
            1 => story.lags.set_place(place, [0.0; STATES], 80.0, 0.0),
            _ => story.lags.set_place(place, [0.1; STATES], 0.0, 0.0),
        }
        prop_assert_eq!(rules(&check(&state, &expectations(&policy))), [Rule::StateCanonical]);
    }
}

/// The usual state stays usual: what other tests build on is valid.
#[test]
fn the_usual_state_is_valid() {
    let policy = balanced();
    assert_eq!(check(&state(USUAL, &policy), &expectations(&policy)), []);
}
