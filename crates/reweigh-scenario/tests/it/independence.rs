//! A life depends on its recipe, its seed and its number, and on nothing else; traits don't disturb each other.

use crate::of;
use proptest::prelude::*;
use reweigh_scenario::{
    Arrival, Cycle, Delivery, Gaps, Label, Life, Pregnancy, Recipe, Rhythm, Scenario, Share, Slips, Steps,
    StickyUnits,
};

fn deliveries(life: &Life) -> Vec<Delivery> {
    life.deliveries().collect()
}

/// A recipe, shortened so that many of its lives are quick.
fn short(index: usize) -> Recipe {
    let mut recipe = Recipe::all().nth(index % Recipe::names().len()).unwrap();
    recipe.days = 90;
    recipe
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_life_does_not_depend_on_the_others(index in 0_usize..14, seed: u64, number in 0_u32..12, more in 1_u32..5) {
        let scenario = of(short(index), seed);
        let alone = scenario.life(number);
        let among = scenario.lives(number + more).nth(number as usize).unwrap();
        prop_assert_eq!(deliveries(&alone), deliveries(&among));
        prop_assert_eq!(alone.days_kg(), among.days_kg());
        let again = scenario.clone().life(number);
        prop_assert_eq!(deliveries(&alone), deliveries(&again));
    }

    #[test]
    fn other_seeds_and_numbers_are_other_lives(index in 0_usize..14, seed: u64, number in 0_u32..1_000) {
        let scenario = of(short(index), seed);
        let life = scenario.life(number);
        prop_assert_ne!(life.days_kg(), scenario.life(number + 1).days_kg().to_vec());
        prop_assert_ne!(life.days_kg(), of(short(index), seed.wrapping_add(1)).life(number).days_kg().to_vec());
    }

    #[test]
    fn arrivals_hold_each_life_in_its_own_order(index in 0_usize..14, seed: u64, users in 1_u32..6) {
        let scenario = of(short(index), seed);
        let all: Vec<Delivery> = scenario.arrivals(users).collect();
        prop_assert!(all.is_sorted_by_key(|delivery| delivery.received));
        prop_assert_eq!(all.len(), scenario.arrivals(users).len());
        let mut seen = 0;
        for life in scenario.lives(users) {
            let own: Vec<Delivery> = all.iter().filter(|delivery| delivery.fact.user() == life.user()).cloned().collect();
            prop_assert_eq!(&own, &deliveries(&life));
            seen += own.len();
        }
        prop_assert_eq!(seen, all.len());
    }
}

/// Times, sources and noise of the readings.
fn scales(life: &Life) -> Vec<(i64, u16)> {
    life.samples().map(|sample| (sample.at.unix_micros(), sample.source)).collect()
}

fn pair(recipe: Recipe, number: u32) -> (Life, Life) {
    (Scenario::new(Recipe::bench(), 5).unwrap().life(number), of(recipe, 5).life(number))
}

#[test]
fn slips_and_arrivals_leave_the_body_and_the_times_alone() {
    let slips = Recipe { slips: Slips::ALL, sticky: StickyUnits::MANY, ..Recipe::bench() };
    let arrival = Recipe { arrival: Arrival::DISORDERLY, ..Recipe::bench() };
    for recipe in [slips, arrival] {
        for number in 0..10 {
            let (before, after) = pair(recipe.clone(), number);
            assert_eq!(before.days_kg(), after.days_kg());
            assert_eq!(scales(&before), scales(&after));
        }
    }
}

#[test]
fn bodies_leave_the_times_and_the_labels_alone() {
    let recipe = Recipe {
        pregnancy: Pregnancy { people: Share::ALWAYS, ..Pregnancy::SOME },
        cycle: Cycle { people: Share::ALWAYS, ..Cycle::MONTHLY },
        rhythm: Rhythm::DAILY,
        steps: Steps { people: Share::ALWAYS, ..Steps::OF_ALL_KINDS },
        ..Recipe::bench()
    };
    let slipped = |life: &Life| -> Vec<bool> {
        // Whether a typo is harmless depends on the digits, and so on the weight.
        life.samples().map(|sample| !matches!(sample.label, Label::Clean | Label::Typo)).collect()
    };
    for number in 0..10 {
        let (before, after) = pair(recipe.clone(), number);
        assert_ne!(before.days_kg(), after.days_kg());
        assert_eq!(scales(&before), scales(&after));
        assert_eq!(slipped(&before), slipped(&after));
    }
}

#[test]
fn gaps_take_readings_away_and_change_none() {
    let recipe = |gaps| Recipe { gaps, ..Recipe::plain() };
    for number in 0..10 {
        let whole: Vec<_> = of(recipe(Gaps::none()), 5).life(number).samples().collect();
        let holed: Vec<_> =
            of(recipe(Gaps { counts: vec![2], ..Gaps::usual() }), 5).life(number).samples().collect();
        assert!(holed.len() < whole.len());
        assert!(holed.iter().all(|sample| whole.contains(sample)));
    }
}
