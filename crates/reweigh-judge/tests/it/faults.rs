//! What the programs before this one did wrong with a reading, one test each.

use reweigh_judge::{Deed, Event, effective, fold};
use reweigh_reading::{Fact, Measure, Unit};
use reweigh_state::{Outcome, Policy, Profile, Reason, SlipUnit, SourceProfile, UnitSlip};

use crate::life::{Life, Story, day, reading, scatter};

const POUNDS_AS_KG: UnitSlip = UnitSlip { measured: SlipUnit::Pound, recorded: SlipUnit::Kilogram };

/// Proves W9.
#[test]
fn a_first_reading_that_is_an_outlier_is_taken_back_out_within_three_good_ones() {
    for first in [50.0, 61.0, 104.0, 120.0, 142.9, 176.4] {
        let story = Life::new().kg(0.0, first).daily(1, 39, 80.0).folded();
        assert_eq!(story.outcome_at(0.0), Outcome::Rejected, "first {first}");
        assert_eq!(story.rejected(), 1, "first {first}: good readings were refused");
        let third = story.estimate_at(3.0);
        assert!((third - 80.0).abs() < 1.5, "first {first}: after three good readings {third}");
    }
}

/// Proves W9.
#[test]
fn the_first_reading_after_a_gap_may_be_an_outlier_too() {
    for odd in [55.0, 110.0, 176.4] {
        let story = Life::new().daily(0, 30, 80.0).kg(100.0, odd).daily(101, 39, 80.0).folded();
        assert_eq!(story.outcome_at(100.0), Outcome::Rejected, "{odd}");
        assert_eq!(story.rejected(), 1, "{odd}: good readings were refused");
        let third = story.estimate_at(103.0);
        assert!((third - 80.0).abs() < 1.0, "{odd}: after three good readings {third}");
    }
}

/// Proves W10, H6.
#[test]
fn a_true_step_is_adopted_within_four_readings_and_its_first_readings_are_reinstated() {
    for to in [66.0, 70.0, 73.0, 88.0, 92.0] {
        let story = Life::new().daily(0, 40, 80.0).daily(40, 30, to).folded();
        let fourth = story.estimate_at(43.0);
        assert!((fourth - to).abs() < 1.5, "to {to}: after four readings {fourth}");
        assert_eq!(story.rejected(), 0, "to {to}: readings of the new weight stayed out");
        let smoothed = story.judged_at(40.0).smoothed_kg;
        assert!((smoothed - to).abs() < 1.5, "to {to}: with hindsight {smoothed}");
        assert!(story.judged.iter().any(|judged| judged.verdict.reason == Reason::BeganShift), "to {to}");
    }
}

/// Proves W10, H6.
#[test]
fn one_odd_reading_never_wins_and_two_of_another_person_do_not_either() {
    let one = Life::new().daily(0, 40, 80.0).kg(40.0, 66.0).daily(41, 20, 80.0).folded();
    assert_eq!(one.outcome_at(40.0), Outcome::Rejected);
    assert_eq!(one.rejected(), 1);
    let two = Life::new().daily(0, 40, 80.0).kg(40.0, 66.0).kg(40.01, 66.4).daily(41, 20, 80.0).folded();
    assert_eq!(two.rejected(), 2);
    assert!((two.level() - 80.0).abs() < 0.6);
}

/// Proves W11, H4.
#[test]
fn a_body_mass_index_is_explained_and_never_turned_into_data() {
    let story = Life::new().daily(0, 30, 80.0).kg(30.0, 29.0).daily(31, 10, 80.0).folded();
    assert_eq!(story.outcome_at(30.0), Outcome::Rejected);
    assert_eq!(story.reason_at(30.0), Reason::BodyMassIndex);
    let without = Life::new().daily(0, 30, 80.0).daily(31, 10, 80.0).folded();
    assert!((story.level() - without.level()).abs() < 0.02, "{} against {}", story.level(), without.level());
}

/// Proves W11, H4.
#[test]
fn a_light_new_user_stays_light() {
    let story = Life::new().kg(0.0, 40.0).folded();
    assert!(story.level() < 45.0, "{}", story.level());
    let story = Life::new().daily(0, 5, 40.0).folded();
    assert!((story.level() - 40.0).abs() < 1.0, "{}", story.level());
    assert_eq!(story.rejected(), 0);
}

/// Proves H4.
#[test]
fn units_taken_for_one_another_are_explained() {
    let odd = |value: f64, unit: Unit| {
        let mut life = Life::new().daily(0, 30, 80.0).daily(31, 5, 80.0);
        life.facts.push(reading(30.0, value, unit, "scale"));
        let story = life.folded();
        assert_eq!(story.outcome_at(30.0), Outcome::Rejected, "{value} {unit:?}");
        story.reason_at(30.0)
    };
    let slip = |measured, recorded| Reason::OtherUnit(UnitSlip { measured, recorded });
    let (kilogram, pound, stone) = (SlipUnit::Kilogram, SlipUnit::Pound, SlipUnit::Stone);
    assert_eq!(odd(176.4, Unit::Kilogram), slip(pound, kilogram));
    assert_eq!(odd(36.3, Unit::Kilogram), slip(kilogram, pound));
    assert_eq!(odd(80.2, Unit::Pound), slip(kilogram, pound));
    assert_eq!(odd(12.6, Unit::Kilogram), slip(stone, kilogram));
    assert_eq!(odd(80.0, Unit::Stone), slip(kilogram, stone));
}

/// Proves H4.
#[test]
fn slips_of_the_hand_are_explained() {
    let odd = |value: f64| {
        Life::new().daily(0, 30, 81.0).kg(30.0, value).daily(31, 5, 81.0).folded().reason_at(30.0)
    };
    assert_eq!(odd(18.1), Reason::SwappedDigits);
    assert_eq!(odd(8.1), Reason::DecimalSlip);
    let heavy = Life::new().daily(0, 30, 62.0).kg(30.0, 620.0).daily(31, 5, 62.0).folded();
    assert_eq!(heavy.outcome_at(30.0), Outcome::Rejected);
    assert_eq!(heavy.reason_at(30.0), Reason::Unsafe);
}

/// Proves H4, H6.
#[test]
fn another_person_on_the_scale_is_recognised_when_they_come_back() {
    let mut life = Life::new().daily(0, 60, 80.0);
    for n in [20.1, 27.1, 33.1, 48.1] {
        life = life.kg(n, 61.0 + scatter(n as u32));
    }
    let story = life.folded();
    assert_eq!(story.rejected(), 4);
    assert_eq!(story.reason_at(48.1), Reason::OtherPerson);
    assert!((story.level() - 80.0).abs() < 0.6);
}

/// Proves H4.
#[test]
fn a_week_in_pounds_is_no_change_of_weight() {
    let mut life = Life::new().daily(0, 30, 80.0).daily(40, 20, 80.0);
    for n in 30..40 {
        life = life.kg(f64::from(n), (80.0 + scatter(n)) * 2.204_62);
    }
    let story = life.folded();
    assert_eq!(story.rejected(), 10);
    assert_eq!(story.reason_at(35.0), Reason::OtherUnit(POUNDS_AS_KG));
    assert!(story.estimates.iter().all(|kg| (kg - 80.0).abs() < 2.0));
}

/// Proves H4.
#[test]
fn a_repair_happens_only_where_the_policy_allows_it_and_says_so() {
    let mut life = Life::new().daily(0, 30, 80.0);
    for n in 30..40 {
        life = life.kg(f64::from(n), (81.2 + scatter(n)) * 2.204_62);
    }
    let mut policy = Policy::default();
    let strict = life.folded_under(&policy.check().unwrap());
    assert_eq!(strict.rejected(), 10);
    policy.source_default = SourceProfile { repair_units: true, ..policy.source_default };
    let repaired = life.folded_under(&policy.check().unwrap());
    assert_eq!(repaired.reason_at(35.0), Reason::Repaired(POUNDS_AS_KG));
    assert_eq!(repaired.outcome_at(35.0), Outcome::Accepted);
    assert!((repaired.level() - 81.0).abs() < 0.5, "{}", repaired.level());
}

/// Proves W12, W25.
#[test]
fn what_cannot_be_understood_never_reaches_the_judge() {
    let aliases = reweigh_reading::UnitAliases::none();
    for understood in ["LBS ", "[lb_av]", "pounds."] {
        assert_eq!(Unit::parse(understood, &aliases), Ok(Unit::Pound), "{understood}");
    }
    assert!(Unit::parse("furlong", &aliases).is_err());
    assert!("soon".parse::<reweigh_reading::Instant>().is_err());
}

/// Proves W13.
#[test]
fn a_manual_source_is_evidence_and_not_truth() {
    let story =
        Life::new().daily(0, 30, 80.0).on(30.0, 120.0, "care-team-upload").daily(31, 10, 80.0).folded();
    assert_eq!(story.outcome_at(30.0), Outcome::Rejected);
    assert_eq!(story.rejected(), 1, "the true readings after it were refused");
    assert!(story.estimate_at(30.0) < 85.0, "{}", story.estimate_at(30.0));
    assert!((story.level() - 80.0).abs() < 0.6);
}

/// Proves W14.
#[test]
fn the_same_reading_two_hundred_times_counts_once() {
    let once = Life::new().daily(0, 10, 80.0).kg(10.0, 80.4);
    let mut often = once.clone();
    for _ in 0..199 {
        often = often.kg(10.0, 80.4);
    }
    assert_eq!(effective(often.facts.clone()).duplicates, 199);
    assert_eq!(often.folded().state.encode(), once.folded().state.encode());
}

/// Proves W15.
#[test]
fn a_year_old_reading_is_folded_in_its_place() {
    let mut life = Life::new().daily(400, 30, 80.0);
    let before = life.folded();
    life = life.kg(30.0, 79.0);
    let after = life.folded();
    assert_eq!(after.readings(), before.readings() + 1);
    assert_eq!(after.estimate_at(30.0).to_bits(), Life::new().kg(30.0, 79.0).folded().level().to_bits());
    assert!((after.level() - before.level()).abs() < 0.2, "{} and {}", after.level(), before.level());
    assert_eq!(after.rejected(), 0);
}

/// Proves W16, W18.
#[test]
fn what_is_not_of_this_time_or_no_number_is_refused_at_the_edge() {
    let limits = reweigh_reading::Limits::default();
    let far = Fact::reading(
        crate::life::user(),
        "2099-01-01T00:00:00Z".parse().unwrap(),
        reweigh_reading::Source::unknown(),
        Measure::new(80.0, Unit::Kilogram).unwrap(),
    );
    assert!(reweigh_reading::admit(far, day(60.0), &limits).is_err());
    assert!(Measure::new(f64::NAN, Unit::Kilogram).is_err());
    let sixty = Life::new().daily(0, 60, 80.0).folded();
    assert!(!sixty.state.adaptation.active(), "after sixty days the user is still new");
}

/// Proves W28.
#[test]
fn uncertainty_grows_with_the_time_that_passed_and_no_limit_cuts_it() {
    let spread = |gap: f64| {
        let story = Life::new().daily(0, 20, 80.0).kg(19.0 + gap, 80.0);
        let mut policy = Policy::default();
        policy.resets.gap_days = 3650.0;
        let checked = policy.check().unwrap();
        let events = effective(story.facts).events;
        let (last, before) = events.split_last().unwrap();
        let state = fold(before, &checked);
        let Deed::Reading(measure) = last.deed else { panic!("a reading") };
        reweigh_judge::explain(&state, &last.key, measure, &checked).unwrap().spread_kg
    };
    let spreads: Vec<f64> = [0.001, 0.5, 5.0, 20.0, 60.0, 400.0].into_iter().map(spread).collect();
    assert!(spreads.windows(2).all(|pair| pair[0] < pair[1]), "{spreads:?}");
}

/// Proves W28.
#[test]
fn the_first_reading_is_applied_once() {
    let policy = Policy::default().check().unwrap();
    let story = Life::new().kg(0.0, 90.0).folded();
    // One scalar update of the population's prior, water and noise beside it.
    let p = policy.policy();
    let level = p.population.sd_kg * p.population.sd_kg;
    let noise = p.noise.sd_kg * p.noise.sd_kg;
    let water = p.body.water_sd * p.body.water_sd;
    // The first reading is weighed as one that may be stray, so it counts a little less.
    let once =
        |noise: f64| p.population.mean_kg + (90.0 - p.population.mean_kg) * level / (level + water + noise);
    let stray = noise + p.noise.stray_sd_kg * p.noise.stray_sd_kg;
    let accepting = story.state.hypotheses.iter().find(|story| story.accepted == 1).unwrap();
    let estimate = accepting.body.level();
    assert!(
        estimate <= once(noise) && estimate >= once(stray),
        "{estimate}: {} to {}",
        once(stray),
        once(noise)
    );
}

/// Proves W20.
#[test]
fn a_history_of_many_resets_costs_no_memory() {
    let mut life = Life::new();
    for n in 0..1_000 {
        life = life.kg(40.0 * f64::from(n), 80.0 + scatter(n));
    }
    let mut policy = Policy::default();
    policy.hindsight.readings = 12;
    let early: Vec<Event> = effective(life.facts[..20].to_vec()).events;
    let late: Vec<Event> = effective(life.facts.clone()).events;
    let policy = policy.check().unwrap();
    let (few, many) = (fold(&early, &policy), fold(&late, &policy));
    assert_eq!(many.resets_in_all, 1_000);
    assert!(
        many.encode().len() <= few.encode().len() + 16,
        "{} and {}",
        few.encode().len(),
        many.encode().len()
    );
}

/// Readings from a day on until the estimate is within 5 kg of a weight and stays there; a run of good ones.
fn readings_until_believed(story: &Story, from: f64, kg: f64) -> usize {
    let after = story.events.iter().zip(&story.estimates).filter(|(event, _)| event.key.at() >= day(from));
    let off: Vec<bool> = after.map(|(_, estimate)| (estimate - kg).abs() > 5.0).collect();
    off.iter().rposition(|off| *off).map_or(0, |last| last + 1)
}

/// A careful policy may wait longer, but nobody is refused for ever.
///
/// Proves W9, W10.
#[test]
fn no_profile_refuses_a_run_of_readings_that_agree_for_ever() {
    for profile in Profile::ALL {
        let policy = profile.policy().check().unwrap();
        let step = Life::new().daily(0, 60, 62.3).daily(60, 60, 92.3).folded_under(&policy);
        let waited = readings_until_believed(&step, 60.0, 92.3);
        assert!(waited <= 20, "{profile:?}: a step was refused for {waited} readings");
        let late = Life::new().kg(0.0, 29.0).daily(41, 60, 101.6).folded_under(&policy);
        let waited = readings_until_believed(&late, 41.0, 101.6);
        assert!(waited <= 20, "{profile:?}: a bad first reading blocked {waited}");
    }
}

/// A gap before each reading must not wipe out that all of them were refused.
///
/// Proves W9.
#[test]
fn a_monthly_life_that_began_in_another_unit_is_found() {
    let months = (1..40).map(|n| (f64::from(n) * 31.0, 62.3 + scatter(n)));
    let life = months.fold(Life::new().kg(0.0, 137.46), |life, (at, kg)| life.kg(at, kg));
    let waited = readings_until_believed(&life.folded(), 31.0, 62.3);
    assert!(waited <= 6, "{waited} readings were refused");
}

/// Days in pounds at the beginning are outlived by what comes after them.
///
/// Proves W9, W11.
#[test]
fn a_life_that_began_with_days_in_pounds_is_found() {
    let mut life = Life::new();
    for n in 0..10 {
        life = life.kg(f64::from(n), 2.204_62 * (52.1 + scatter(n)));
    }
    let waited = readings_until_believed(&life.daily(10, 110, 52.1).folded(), 10.0, 52.1);
    assert!(waited <= 60, "{waited} readings were refused");
}

/// What no body weighs is not taken in, wherever the quality threshold stands.
///
/// Proves W11, H5.
#[test]
fn what_no_body_weighs_is_refused_under_a_threshold_of_nothing() {
    let mut policy = Policy::default();
    policy.quality.threshold = 0.0;
    policy.resets.initial.threshold = 0.0;
    policy.safety.heaviest_kg = 200.0;
    let life = Life::new().daily(0, 30, 199.0).kg(30.0, 200.2);
    let story = life.folded_under(&policy.check().unwrap());
    assert_eq!((story.outcome_at(30.0), story.reason_at(30.0)), (Outcome::Rejected, Reason::Unsafe));
}

/// Nothing is as far off as what cannot be; the reason says so.
///
/// Proves H5.
#[test]
fn what_is_far_beyond_any_body_is_called_unsafe() {
    for kg in [0.01, 700.0, 2000.0, 9999.0] {
        let story = Life::new().daily(0, 30, 80.0).kg(30.0, kg).folded();
        assert_eq!(story.reason_at(30.0), Reason::Unsafe, "{kg}");
    }
}
