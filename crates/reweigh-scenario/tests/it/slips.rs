//! What labels say is so.

use crate::{near, of, scenario};
use reweigh_reading::Unit;
use reweigh_scenario::{Habit, Household, Label, Recipe, Role, Sample, Share, Slips, Span, StickyUnits};

/// All readings of so many lives.
fn samples(recipe: &Recipe, users: u32) -> Vec<Sample> {
    let lives = of(recipe.clone(), 6);
    lives.lives(users).flat_map(|life| life.samples().collect::<Vec<_>>()).collect()
}

/// A recipe where this alone goes wrong, always.
fn only(slips: Slips) -> Recipe {
    Recipe { slips, ..Recipe::plain() }
}

fn check_ratio(slips: Slips, label: Label, ratios: &[f64]) {
    for sample in samples(&only(slips), 10) {
        assert_eq!(sample.label, label);
        let ratio = sample.kilograms / sample.true_kg;
        let fits = ratios.iter().any(|wanted| (ratio / wanted - 1.0).abs() < 0.05);
        assert!(fits, "{label}: {} for {} kg", sample.kilograms, sample.true_kg);
    }
}

#[test]
fn wrong_units_and_points_are_off_by_their_factor() {
    let none = Slips::NONE;
    check_ratio(
        Slips { pounds_as_kilograms: Share::ALWAYS, ..none.clone() },
        Label::PoundsAsKilograms,
        &[2.204_62],
    );
    check_ratio(
        Slips { kilograms_as_pounds: Share::ALWAYS, ..none.clone() },
        Label::KilogramsAsPounds,
        &[0.453_59],
    );
    check_ratio(
        Slips { stone_as_kilograms: Share::ALWAYS, ..none.clone() },
        Label::StoneAsKilograms,
        &[0.157_47],
    );
    check_ratio(Slips { decimal: Share::ALWAYS, ..none }, Label::Decimal, &[0.1, 10.0]);
}

#[test]
fn an_index_is_that_of_the_persons_height() {
    for life in of(only(Slips { bmi: Share::ALWAYS, ..Slips::NONE }), 6).lives(10) {
        let square = life.height().metres() * life.height().metres();
        for sample in life.samples() {
            near("the index", sample.kilograms, sample.true_kg / square, 1.0);
        }
    }
}

#[test]
fn typos_that_do_no_harm_are_clean() {
    let all = samples(&only(Slips { typo: Share::ALWAYS, ..Slips::NONE }), 20);
    let gross = all.iter().filter(|sample| sample.label == Label::Typo).count();
    assert!(gross > all.len() / 2 && gross < all.len(), "{gross} of {}", all.len());
    for sample in all {
        let far = (sample.kilograms - sample.true_kg).abs() >= 6.0;
        assert_eq!(far, sample.label == Label::Typo, "{} for {} kg", sample.kilograms, sample.true_kg);
    }
}

#[test]
fn carried_children_are_the_same_child_and_grow() {
    let sources = Recipe::plain().sources;
    for life in of(Recipe { sources, ..only(Slips { carried: Share::ALWAYS, ..Slips::NONE }) }, 6).lives(20) {
        let loads: Vec<f64> = life.samples().map(|sample| sample.kilograms - sample.true_kg).collect();
        let early: f64 = loads.iter().take(20).sum::<f64>() / 20.0;
        let late: f64 = loads.iter().rev().take(20).sum::<f64>() / 20.0;
        assert!((7.5..=21.0).contains(&early) && (7.5..=21.0).contains(&late), "{early} {late}");
        assert!((1.0..4.0).contains(&(late - early)), "two kilograms a year: {early} to {late}");
    }
}

#[test]
fn the_other_person_comes_back_with_a_weight_that_moves() {
    let household =
        Household { drift_kg_per_day: Span::just(0.04), run: Span::just(1.0), ..Household::MOVING };
    let slips = Slips { other_person: Share(0.2), ..Slips::NONE };
    for life in of(Recipe { household, slips, ..Recipe::plain() }, 6).lives(20) {
        let others: Vec<Sample> =
            life.samples().filter(|sample| sample.label == Label::OtherPerson).collect();
        let day = |sample: &Sample| (sample.at.since(life.begins())).days();
        let Some(first) = others.first() else { continue };
        let apart = (first.kilograms - 0.04 * day(first) - life.days_kg()[0]).abs();
        assert!((4.0..40.0).contains(&apart), "{apart} kg apart at the start");
        for sample in &others {
            let moved = sample.kilograms - first.kilograms - 0.04 * (day(sample) - day(first));
            assert!(moved.abs() < 6.0, "{moved} kg off its line");
        }
    }
}

#[test]
fn mistaken_people_come_in_runs() {
    let household = Household { run: Span::just(3.0), close: Share::NEVER, ..Household::MOVING };
    let slips = Slips { other_person: Share(0.01), ..Slips::NONE };
    let mut runs = Vec::new();
    for life in of(Recipe { household, slips, ..Recipe::plain() }, 6).lives(20) {
        let mut length = 0;
        for sample in life.samples() {
            if sample.label == Label::OtherPerson {
                length += 1;
            } else if length > 0 {
                runs.push(length);
                length = 0;
            }
        }
    }
    assert!(runs.len() > 40);
    assert!(runs.iter().all(|run| *run >= 3), "{runs:?}");
    assert!(runs.iter().filter(|run| **run == 3).count() * 10 > runs.len() * 8, "{runs:?}");
}

#[test]
fn sticky_units_last_for_days_on_one_source() {
    let habit = Habit { per_day: vec![1.0], single_source: Share::NEVER, ..Habit::usual() };
    let sticky = StickyUnits {
        people: Share::ALWAYS,
        most_episodes: 1,
        from_the_start: Share::NEVER,
        ..StickyUnits::SOME
    };
    let mut lengths = Vec::new();
    for life in of(Recipe { habit, sticky, slips: Slips::NONE, ..Recipe::bench() }, 6).lives(40) {
        let wrong: Vec<Sample> = life.samples().filter(|sample| sample.label == Label::StickyUnit).collect();
        let (Some(first), Some(last)) = (wrong.first(), wrong.last()) else { continue };
        lengths.push(last.at.since(first.at).days());
        for sample in life.samples().filter(|sample| sample.at >= first.at && sample.at <= last.at) {
            assert_eq!(sample.label == Label::StickyUnit, sample.source == 0, "the scale, and it alone");
            if sample.source == 0 {
                assert!((sample.kilograms / sample.true_kg / 2.204_62 - 1.0).abs() < 0.05);
            }
        }
    }
    assert!(lengths.len() > 30);
    assert!(lengths.iter().all(|days| *days <= 36.0), "{lengths:?}");
    assert!(lengths.iter().any(|days| *days > 25.0), "{lengths:?}");
}

#[test]
fn sticky_units_may_begin_with_the_life_and_befall_the_only_source() {
    let habit = Habit { single_source: Share::ALWAYS, ..Habit::usual() };
    let sticky = StickyUnits { people: Share::ALWAYS, from_the_start: Share::ALWAYS, ..StickyUnits::SOME };
    let mut from_the_start = 0;
    for life in of(Recipe { habit, sticky, ..Recipe::bench() }, 6).lives(20) {
        let first: Vec<Sample> = life.samples().take(2).collect();
        from_the_start += usize::from(first.iter().all(|sample| sample.label == Label::StickyUnit));
        assert!(life.samples().all(|sample| sample.source == first[0].source));
    }
    assert!(from_the_start >= 17, "{from_the_start}");
}

#[test]
fn bad_first_readings_are_gross_errors_of_their_usual_kinds() {
    let recipe = Recipe { slips: Slips { bad_first: Share::ALWAYS, ..Slips::USUAL }, ..Recipe::bench() };
    let mut others = 0;
    for life in of(recipe, 6).lives(200) {
        let first = life.samples().next().unwrap();
        assert!(first.label.is_gross() || first.label == Label::Clean, "{}", first.label);
        // A harmless typo is the only way to be clean.
        assert!(first.label.is_gross() || (first.kilograms - first.true_kg).abs() < 6.5);
        others += usize::from(first.label == Label::OtherPerson);
    }
    assert!((60..110).contains(&others), "{others} of 200, wanted 10 of 24");
}

#[test]
fn people_who_record_pounds_slip_the_other_way() {
    let habit = Habit { pounds_people: Share::ALWAYS, ..Habit::usual() };
    let sticky = StickyUnits { people: Share::ALWAYS, ..StickyUnits::SOME };
    let lives = of(Recipe { habit, sticky, ..Recipe::bench() }, 6);
    let mut wrong = 0;
    for delivery in lives.lives(20).flat_map(|life| life.deliveries().collect::<Vec<_>>()) {
        let measure = delivery.fact.measure().unwrap();
        if !delivery.label.is_gross() {
            assert_eq!(measure.unit(), Unit::Pound);
        } else if delivery.label == Label::StickyUnit {
            wrong += 1;
            assert_eq!(measure.unit(), Unit::Pound);
            let off = measure.value() / delivery.true_kg - 1.0;
            assert!(off.abs() < 0.08, "a number of kilograms: {measure}");
        }
    }
    assert!(wrong > 100);
}

#[test]
fn people_who_record_stone_do_so_rightly() {
    let habit = Habit { stone_people: Share::ALWAYS, ..Habit::usual() };
    for life in of(Recipe { habit, ..Recipe::plain() }, 6).lives(5) {
        for delivery in life.deliveries() {
            let measure = delivery.fact.measure().unwrap();
            assert_eq!(measure.unit(), Unit::Stone);
            near("stone", measure.kilograms().get(), delivery.true_kg, 4.0);
        }
    }
}

#[test]
fn what_is_clean_or_clothed_is_near_the_truth() {
    for recipe in Recipe::all() {
        let harmless = recipe.slips.typo.0 > 0.0;
        for sample in samples(&recipe, 12) {
            let error = sample.kilograms - sample.true_kg;
            // Noise of questionnaires has heavy tails; a harmless typo is up to 6 kg off.
            let within = if harmless { 14.0 } else { 3.5 };
            let clothes = if sample.label == Label::Clothed { 3.0 } else { 0.0 };
            let near = (-within..within + clothes).contains(&error);
            assert!(near || sample.label.is_gross(), "{} {} {error}", recipe.name, sample.label);
        }
    }
}

#[test]
fn gross_errors_are_seldom_near_the_truth() {
    for name in ["bench", "household", "units", "wild"] {
        let lives = scenario(name, 6);
        let gross: Vec<Sample> = lives
            .lives(40)
            .flat_map(|life| life.samples().filter(|sample| sample.label.is_gross()).collect::<Vec<_>>())
            .collect();
        let near = gross.iter().filter(|sample| (sample.kilograms - sample.true_kg).abs() < 5.0).count();
        assert!(near * 10 < gross.len(), "{name}: {near} of {} are nearer than 5 kg", gross.len());
    }
}

#[test]
fn duplicates_have_the_label_of_the_first() {
    for life in scenario("arrivals", 6).lives(20) {
        let all: Vec<_> = life.deliveries().collect();
        for again in all.iter().filter(|delivery| delivery.role == Role::Resent) {
            let first =
                all.iter().find(|delivery| delivery.role == Role::First && delivery.fact == again.fact);
            let first = first.unwrap_or_else(|| panic!("{} was never there", again.fact.id()));
            assert_eq!((first.label, first.true_kg.to_bits()), (again.label, again.true_kg.to_bits()));
            assert!(first.received <= again.received);
        }
    }
}
