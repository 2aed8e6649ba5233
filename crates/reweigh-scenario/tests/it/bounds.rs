//! Whatever is within the bounds of a recipe can be lived, and what is not is refused.

use crate::of;
use proptest::prelude::*;
use reweigh_scenario::{Recipe, Scenario, Share, Span};

const GREATEST: f64 = 100_000.0;

/// A share at its ends or between them.
fn share() -> impl Strategy<Value = Share> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..1.0].prop_map(Share)
}

/// A span between `least` and the greatest number there is.
fn span(least: f64) -> impl Strategy<Value = Span> {
    let number = || prop_oneof![Just(least), Just(GREATEST), least..GREATEST, 0.0_f64.max(least)..100.0];
    (number(), number()).prop_map(|(a, b)| Span::new(a.min(b), a.max(b)))
}

/// Recipes as strange as the bounds allow.
fn recipe() -> impl Strategy<Value = Recipe> {
    let base = (0..Recipe::names().len(), 1_u32..60, -25_567..83_000_i32);
    let shares = proptest::collection::vec(share(), 16);
    let spans = (span(0.0), span(1.0), span(-GREATEST), span(1.0), span(0.001), span(0.01));
    let numbers = (0.0..GREATEST, 0.001..100.0_f64, 0.0..30.0_f64);
    (base, shares, spans, numbers).prop_map(|((index, days, first_day), shares, spans, numbers)| {
        let mut recipe = Recipe::all().nth(index).unwrap();
        recipe.days = days;
        recipe.first_day = first_day;
        recipe.people.children = shares[0];
        recipe.people.heavy = shares[1];
        recipe.pregnancy.people = shares[2];
        recipe.cycle.people = shares[3];
        recipe.steps.people = shares[4];
        recipe.steps.comes_back = shares[5];
        recipe.sticky.people = shares[6];
        recipe.household.close = shares[7];
        recipe.slips.bad_first = shares[8];
        recipe.slips.other_person = Share(shares[9].0 / 4.0);
        recipe.slips.decimal = Share(shares[10].0 / 4.0);
        recipe.slips.stone_as_kilograms = Share(shares[11].0 / 4.0);
        recipe.arrival.late = shares[12];
        recipe.arrival.batch_people = shares[13];
        recipe.arrival.duplicates = shares[14];
        recipe.habit.pounds_people = Share(shares[15].0 / 2.0);
        recipe.household.difference_kg = spans.0;
        recipe.household.run = spans.1;
        recipe.household.drift_kg_per_day = spans.2;
        recipe.trend.kg_per_day = spans.2;
        recipe.rhythm.evening_kg = spans.2;
        recipe.slips.clothes_kg = spans.2;
        recipe.steps.size_kg = spans.0;
        recipe.steps.settles_days = spans.3;
        recipe.pregnancy.rise_kg = spans.0;
        recipe.people.heavy_kg = Span::new(20.0, GREATEST);
        recipe.sticky.days = spans.3;
        recipe.arrival.late_days = spans.0;
        recipe.arrival.batch_days = spans.5;
        recipe.corrections.moved_days = spans.4;
        recipe.corrections.after_days = spans.4;
        recipe.water.fresh_kg = numbers.0;
        for source in &mut recipe.sources {
            source.noise_kg = numbers.0;
            source.grid_kg = numbers.1;
        }
        recipe.habit.per_day = vec![numbers.2];
        recipe.habit.most_per_day = 24;
        recipe
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_within_bounds_can_be_lived(recipe in recipe(), seed: u64, number: u32) {
        let life = of(recipe, seed).life(number);
        prop_assert!(life.days_kg().iter().all(|kg| (20.0..=350.0).contains(kg)));
        for delivery in life.deliveries() {
            prop_assert!(delivery.received >= delivery.fact.at());
            if let Some(measure) = delivery.fact.measure() {
                prop_assert!(measure.value() > 0.0);
            }
        }
        prop_assert!(life.standing().len() <= life.deliveries().len());
    }
}

/// Fails unless the recipe is refused with all of these.
fn check(change: impl FnOnce(&mut Recipe), findings: &[&str]) {
    let mut recipe = Recipe::bench();
    change(&mut recipe);
    let message = Scenario::new(recipe, 1).unwrap_err().to_string();
    for finding in findings {
        assert!(message.contains(finding), "{finding} is not in: {message}");
    }
}

#[test]
fn a_recipe_out_of_bounds_is_refused_with_all_that_is_wrong() {
    check(
        |recipe| {
            recipe.days = 0;
            recipe.slips.typo = Share(f64::NAN);
            recipe.habit.per_day.clear();
            recipe.sources.clear();
        },
        &["days is 0, must be 1 to", "slips.typo is NaN", "habit.per_day is 0", "sources.share is 0"],
    );
    check(
        |recipe| recipe.trend.wander_kg = f64::INFINITY,
        &["trend.wander_kg is inf, must be at most 100000"],
    );
    check(|recipe| recipe.trend.redraw_days = f64::NAN, &["trend.redraw_days is NaN, must be at least 1"]);
    check(|recipe| recipe.steps.size_kg = Span::new(9.0, 3.0), &["steps.size_kg is 9, must be a span"]);
    check(|recipe| recipe.arrival.late_days = Span::new(0.0, 1e9), &["arrival.late_days is 1000000000"]);
    check(|recipe| recipe.slips.typo = Share(0.99), &["slips, together is 1.0"]);
    check(|recipe| recipe.first_day = 83_641, &["days is 400"]);
    check(|recipe| recipe.sources[0].name = "a,b".to_owned(), &["sources.name is 3, must be visible ASCII"]);
    check(|recipe| recipe.sources[0].grid_kg = 0.0, &["sources.grid_kg is 0, must be 0.001 to 100"]);
    check(|recipe| recipe.gaps.shortest_days = 90, &["gaps.shortest_days is 90"]);
}

#[test]
fn named_recipes_are_in_bounds_and_have_their_names() {
    for name in Recipe::names() {
        let recipe = Recipe::named(name).unwrap();
        assert_eq!(recipe.name, name);
        assert!(Scenario::new(recipe, 0).is_ok());
    }
}
