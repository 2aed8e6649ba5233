use reweigh_reading::{Fact, Measure, Unit, UserId};
use reweigh_state::{Policy, ResetKind};

use super::*;
use crate::effective::effective;
use crate::fold::{fingerprint, fold};
use crate::step::observe;

fn policy() -> CheckedPolicy {
    Policy::default().check().unwrap()
}

fn at(day: i64) -> Instant {
    Instant::from_unix_seconds(1_767_250_800 + day * 86_400).unwrap()
}

fn fact(day: i64, kg: f64) -> Fact {
    let measure = Measure::new(kg, Unit::Kilogram).unwrap();
    Fact::reading(UserId::new("ada").unwrap(), at(day), Source::unknown(), measure)
}

fn folded(values: &[(i64, f64)]) -> UserState {
    fold(&effective(values.iter().map(|&(day, kg)| fact(day, kg))).events, &policy())
}

/// Two stories: after a month at 80 kg the last reading is 8 kg off.
fn torn() -> UserState {
    let mut values: Vec<(i64, f64)> = (0..30).map(|day| (day, 80.0)).collect();
    values.push((30, 72.0));
    let state = folded(&values);
    assert!(state.hypotheses.len() > 1);
    state
}

fn next(state: &UserState, day: i64) -> Prediction {
    predict(state, at(day), &Source::unknown(), &policy())
}

/// Sums of density, density times value, and density times square over a fine grid.
fn moments(prediction: &Prediction) -> (f64, f64, f64) {
    let step = 0.005;
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for n in 0..80_000 {
        let kg = -100.0 + f64::from(n) * step;
        let share = libm::exp(prediction.log_density(kg)) * step;
        mass += share;
        first += share * kg;
        second += share * kg * kg;
    }
    (mass, first, second)
}

#[test]
fn it_is_a_density_with_the_moments_it_says() {
    let unborn = UserState::unborn(fingerprint(&policy()));
    for prediction in
        [next(&torn(), 31), next(&torn(), 33), next(&unborn, 0), next(&folded(&[(0, 95.0)]), 400)]
    {
        let (mass, first, second) = moments(&prediction);
        assert!((mass - 1.0).abs() < 1e-4, "{mass}");
        assert!((first - prediction.mean_kg()).abs() < 1e-2, "{first}");
        let variance = second - first * first;
        assert!((variance / prediction.variance() - 1.0).abs() < 1e-2, "{variance}");
    }
}

#[test]
fn chances_are_sums_of_densities() {
    let prediction = next(&torn(), 31);
    let step = 0.005;
    let mut below = 0.0;
    for n in 0..40_000 {
        let kg = f64::from(n) * step;
        if n % 1000 == 0 {
            assert!((prediction.chance_below(kg) - below).abs() < 1e-2, "{kg}: {below}");
        }
        below += libm::exp(prediction.log_density(kg)) * step;
    }
    assert!(prediction.chance_below(40.0) < 1e-9);
    assert!(prediction.chance_below(120.0) > 1.0 - 1e-9);
}

/// The density is the one by which the judge weighs a good reading: nothing is modelled twice.
#[test]
fn it_is_what_a_good_reading_is_weighed_by() {
    let policy = policy();
    let unborn = UserState::unborn(fingerprint(&policy));
    for (state, day, wrong) in
        [(torn(), 31, policy.policy().errors.share), (unborn, 0, policy.policy().errors.first_share)]
    {
        let prediction = next(&state, day);
        for kg in [79.0, 80.0, 80.5, 82.0] {
            let fact = fact(day, kg);
            let seen = observe(&fact.key(), fact.measure().unwrap(), &policy);
            let mut state = passed(&state, at(day), &policy);
            let scene = step::arrive(&mut state, at(day), source_hash(fact.source()), seen, &policy);
            let story = &state.hypotheses[0];
            let weighed = scene.weigh(story, &scene.face(story)).fits / (1.0 - wrong);
            let of_the_first: f64 = prediction
                .parts
                .iter()
                .filter(|part| part.kg == scene.face(story).expected.value)
                .map(|part| part.share * libm::exp(log_normal(kg - part.kg, part.variance)))
                .sum();
            let ratio = of_the_first / (story.share * weighed);
            assert!((ratio - 1.0).abs() < 1e-9, "{kg} kg: {ratio}");
        }
    }
}

#[test]
fn before_the_first_reading_it_is_what_is_believed_of_anybody() {
    let prediction = next(&UserState::unborn(fingerprint(&policy())), 0);
    let population = policy().policy().population.clone();
    assert!((prediction.mean_kg() - population.mean_kg).abs() < 0.5);
    assert!(prediction.variance() > population.sd_kg * population.sd_kg);
}

#[test]
fn a_gap_is_taken_into_account_as_the_reset_it_will_be() {
    let state = folded(&[(0, 80.0), (1, 80.4), (2, 79.8), (3, 80.1)]);
    let plan = due::by_time(&state, at(60), &policy()).unwrap();
    assert_eq!(plan.kind, ResetKind::Hard);
    let reset = PlainResetter.reset(&state, &plan, &policy()).unwrap().state;
    assert_eq!(next(&state, 60), next(&reset, 60));
    assert_ne!(next(&state, 32), next(&reset, 32));
}

#[test]
fn the_log_of_the_density_is_finite_however_far() {
    let prediction = next(&folded(&[(0, 80.0), (1, 80.4)]), 2);
    assert!(prediction.log_density(10_000.0).is_finite());
    assert!(prediction.log_density(10_000.0) < -1e5);
}

#[test]
fn another_scale_is_less_certain() {
    let state = folded(&[(0, 80.0), (1, 80.4), (2, 79.8), (3, 80.1)]);
    let known = next(&state, 4);
    let other = predict(&state, at(4), &Source::new("gym").unwrap(), &policy());
    assert!(other.variance() > known.variance());
}
