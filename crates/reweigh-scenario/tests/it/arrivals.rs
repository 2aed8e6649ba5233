//! In which order deliveries arrive.

use crate::{of, scenario};
use reweigh_reading::{Instant, Limits, admit};
use reweigh_scenario::{Arrival, Delivery, Label, Recipe, Role, Share, Span};
use std::collections::BTreeMap;

fn deliveries(recipe: Recipe, users: u32) -> Vec<Delivery> {
    of(recipe, 7).lives(users).flat_map(|life| life.deliveries().collect::<Vec<_>>()).collect()
}

#[test]
fn nothing_arrives_before_it_happens() {
    for recipe in Recipe::all() {
        let name = recipe.name.clone();
        for delivery in deliveries(recipe, 10) {
            assert!(delivery.received >= delivery.fact.at(), "{name}");
        }
    }
}

/// Only what no scale for people shows is refused at the edge, and a generator of refusals would test nothing behind it.
#[test]
fn the_edge_lets_in_all_that_is_not_off_by_a_factor() {
    let limits = Limits::default();
    for recipe in Recipe::all() {
        for delivery in deliveries(recipe, 10) {
            let refused = admit(delivery.fact.clone(), delivery.received, &limits).is_err();
            assert!(!refused || matches!(delivery.label, Label::Decimal | Label::Typo), "{delivery:?}");
        }
    }
}

#[test]
fn prompt_deliveries_arrive_as_they_happen() {
    for life in scenario("plain", 7).lives(5) {
        let all: Vec<Delivery> = life.deliveries().collect();
        assert!(all.iter().all(|delivery| delivery.received == delivery.fact.at()));
        let samples = life.samples().map(|sample| (sample.at, sample.label));
        assert!(samples.eq(all.iter().map(|delivery| (delivery.fact.at(), delivery.label))));
        let measured =
            all.iter().map(|delivery| delivery.fact.measure().unwrap().kilograms().get().to_bits());
        assert!(measured.eq(life.samples().map(|sample| sample.kilograms.to_bits())));
    }
}

#[test]
fn late_readings_are_late_by_what_the_recipe_says() {
    let arrival = Arrival { late: Share(0.5), late_days: Span::new(3.0, 30.0), ..Arrival::PROMPT };
    let (mut shortest, mut longest) = (f64::MAX, 0.0_f64);
    for delivery in deliveries(Recipe { arrival, ..Recipe::plain() }, 5) {
        let days = delivery.received.since(delivery.fact.at()).days();
        if days > 0.0 {
            shortest = shortest.min(days);
            longest = longest.max(days);
        }
    }
    assert!((2.99..3.3).contains(&shortest) && (29.7..=30.0).contains(&longest), "{shortest} {longest}");
}

#[test]
fn batches_arrive_together_and_shuffled() {
    let arrival = Arrival { batch_people: Share::ALWAYS, batch_days: Span::just(7.0), ..Arrival::PROMPT };
    for life in of(Recipe { arrival, ..Recipe::plain() }, 7).lives(10) {
        let mut batches: BTreeMap<Instant, Vec<Instant>> = BTreeMap::new();
        for delivery in life.deliveries() {
            batches.entry(delivery.received).or_default().push(delivery.fact.at());
        }
        assert!(batches.len() <= 59, "{} batches in 400 days", batches.len());
        let received: Vec<Instant> = batches.keys().copied().collect();
        for pair in received.windows(2) {
            let weeks = pair[1].since(pair[0]).days() / 7.0;
            assert!((weeks - weeks.round()).abs() < 1e-3, "a whole number of weeks: {weeks}");
        }
        assert!(batches.values().any(|batch| !batch.is_sorted()), "nothing is out of order");
        assert!(
            batches.iter().all(|(received, batch)| batch.iter().all(|at| received.since(*at).days() < 7.01))
        );
    }
}

#[test]
fn a_resync_sends_everything_again_at_one_instant() {
    let arrival = Arrival { resync_people: Share::ALWAYS, ..Arrival::PROMPT };
    for life in of(Recipe { arrival, ..Recipe::plain() }, 7).lives(10) {
        let again: Vec<Delivery> =
            life.deliveries().filter(|delivery| delivery.role == Role::Resent).collect();
        let received = again[0].received;
        assert!(again.iter().all(|delivery| delivery.received == received));
        let before =
            life.deliveries().filter(|delivery| delivery.role == Role::First && delivery.received < received);
        assert_eq!(again.len(), before.count());
        assert!(!again.is_sorted_by_key(|delivery| delivery.fact.at()), "shuffled");
    }
}
