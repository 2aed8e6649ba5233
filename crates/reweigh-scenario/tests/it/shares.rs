//! What recipes promise of how often and how much.

use crate::{moments, near, of, scenario};
use reweigh_reading::Unit;
use reweigh_scenario::{Label, Recipe, Role, Scenario, Share};
use std::collections::{BTreeMap, BTreeSet};

/// How many deviations of a binomial a share may be off; with fixed seeds this fails once and for all, or never.
const DEVIATIONS: f64 = 4.5;

/// Fails unless so many hits of so many tries are what this probability gives.
fn binomial(what: &str, hits: usize, tries: usize, probability: f64) {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    let wanted = count(tries) * probability;
    let deviation = (wanted * (1.0 - probability)).sqrt();
    let off = (count(hits) - wanted) / deviation.max(1.0);
    assert!(
        off.abs() < DEVIATIONS,
        "{what}: {hits} of {tries}, wanted {wanted:.1} give or take {deviation:.1}"
    );
}

fn labels(scenario: &Scenario, users: u32) -> (BTreeMap<Label, usize>, usize) {
    let mut counts = BTreeMap::new();
    let mut all = 0;
    for sample in scenario.lives(users).flat_map(|life| life.samples().collect::<Vec<_>>()) {
        *counts.entry(sample.label).or_insert(0) += 1;
        all += 1;
    }
    (counts, all)
}

#[test]
fn slips_are_as_frequent_as_the_recipe_says() {
    for name in ["bench", "rhythm", "bodies", "arrivals", "dense"] {
        let scenario = scenario(name, 3);
        let slips = scenario.recipe().slips.clone();
        let (counts, all) = labels(&scenario, 100);
        let check = |label: Label, share: Share| {
            binomial(&format!("{label} of {name}"), counts.get(&label).copied().unwrap_or(0), all, share.0);
        };
        check(Label::OtherPerson, slips.other_person);
        check(Label::PoundsAsKilograms, slips.pounds_as_kilograms);
        check(Label::KilogramsAsPounds, slips.kilograms_as_pounds);
        check(Label::Bmi, slips.bmi);
        check(Label::Clothed, slips.clothed);
        // Some typos are harmless, and then they are clean.
        let typos = counts.get(&Label::Typo).copied().unwrap_or(0);
        assert!(typos < all / 200 && typos > all / 500, "{typos} typos of {all} in {name}");
    }
}

#[test]
fn sources_late_arrivals_and_duplicates_are_as_frequent_as_the_recipe_says() {
    let scenario = scenario("bench", 4);
    let (mut all, mut late, mut resent, mut pounds, mut clean) = (0, 0, 0, 0, 0);
    let mut sources = vec![0; scenario.recipe().sources.len()];
    for life in scenario.lives(100) {
        for delivery in life.deliveries() {
            resent += usize::from(delivery.role == Role::Resent);
            if delivery.role == Role::First {
                all += 1;
                late += usize::from(delivery.received > delivery.fact.at());
                clean += usize::from(delivery.label == Label::Clean);
                pounds += usize::from(delivery.fact.measure().unwrap().unit() == Unit::Pound);
            }
        }
        for sample in life.samples() {
            sources[usize::from(sample.source)] += 1;
        }
    }
    binomial("late", late, all, 0.05);
    binomial("resent", resent, all, 0.01);
    binomial("pounds", pounds, clean, 0.06);
    for (source, count) in scenario.recipe().sources.iter().zip(sources) {
        binomial(&source.name, count, all, source.share.0);
    }
}

#[test]
fn people_are_what_the_recipe_says() {
    let everybody = scenario("everybody", 8);
    let (mut children, mut heavy) = (0, 0);
    for life in everybody.lives(400) {
        let (kg, index) =
            (life.days_kg()[0], life.days_kg()[0] / (life.height().metres() * life.height().metres()));
        if index < 21.0
            && kg < 61.0
            && life.height().metres() < 1.75
            && kg < 20.0 * life.height().metres() * life.height().metres()
        {
            children += 1;
        }
        heavy += usize::from(kg > 149.0);
    }
    assert!((40..110).contains(&children), "{children} children of 400");
    binomial("heavy people", heavy, 400, 0.08);
}

/// What the recipe `bench` copies, measured over the 1.5 million readings of 4,000 people of the original.
#[test]
fn bench_is_the_yardstick() {
    let scenario = scenario("bench", 77);
    let mut counts = Vec::new();
    let mut errors: BTreeMap<u16, Vec<f64>> = BTreeMap::new();
    let (mut steps, mut starts, mut drifts, mut others, mut clothes) =
        (vec![], vec![], vec![], vec![], vec![]);
    for life in scenario.lives(300) {
        let samples: Vec<_> = life.samples().collect();
        counts.push(f64::from(u32::try_from(samples.len()).unwrap()));
        starts.push(life.days_kg()[0]);
        drifts.push(life.days_kg()[399] - life.days_kg()[0]);
        steps.extend(life.days_kg().windows(2).map(|pair| pair[1] - pair[0]).filter(|step| step.abs() < 3.0));
        for sample in samples {
            let error = sample.kilograms - sample.true_kg;
            if sample.label == Label::Clean && error.abs() < 4.5 {
                errors.entry(sample.source).or_default().push(error);
            } else if sample.label == Label::OtherPerson {
                others.push(error.abs());
            } else if sample.label == Label::Clothed {
                clothes.push(error);
            }
        }
    }
    near("readings of a person", moments(&counts).0, 376.0, 30.0);
    near("their deviation", moments(&counts).1, 161.0, 20.0);
    near("noise of the scale", moments(&errors[&0]).1, 0.606, 0.006);
    near("noise of uploads", moments(&errors[&1]).1, 0.739, 0.015);
    near("noise of the questionnaire", moments(&errors[&2]).1, 1.340, 0.04);
    near("noise of the care team", moments(&errors[&3]).1, 0.564, 0.03);
    near("bias of the scale", moments(&errors[&0]).0, 0.0, 0.01);
    near("change from day to day", moments(&steps).0, -0.018, 0.004);
    near("its deviation", moments(&steps).1, 0.0735, 0.002);
    near("weight at the start", moments(&starts).0, 86.9, 3.0);
    near("its deviation", moments(&starts).1, 16.2, 2.0);
    near("change over the life", moments(&drifts).0, -8.0, 2.0);
    near("its deviation", moments(&drifts).1, 11.4, 1.5);
    near("distance of the other person", moments(&others).0, 24.9, 1.5);
    near("clothes", moments(&clothes).0, 2.25, 0.1);
}

#[test]
fn every_label_and_no_other_is_reached() {
    for recipe in Recipe::all() {
        let wanted: BTreeSet<Label> = recipe.labels().into_iter().collect();
        let name = recipe.name.clone();
        let scenario = of(recipe, 2);
        let mut seen = BTreeSet::new();
        for life in scenario.lives(400) {
            seen.extend(life.deliveries().map(|delivery| delivery.label));
            if seen == wanted {
                break;
            }
        }
        assert_eq!(seen, wanted, "{name}");
    }
}

#[test]
fn every_role_is_reached() {
    for (name, wanted) in [("plain", 1), ("bench", 2), ("arrivals", 2), ("corrections", 7), ("wild", 7)] {
        let lives = scenario(name, 2);
        let roles: BTreeSet<Role> = lives
            .lives(60)
            .flat_map(|life| life.deliveries().map(|delivery| delivery.role).collect::<Vec<_>>())
            .collect();
        assert_eq!(roles, Role::ALL.into_iter().take(wanted).collect(), "{name}");
    }
}

#[test]
fn names_of_labels_are_read_back() {
    for label in Label::ALL {
        assert_eq!(Label::named(label.name()), Some(label));
    }
    assert_eq!(Label::named("duplicate"), None);
}
