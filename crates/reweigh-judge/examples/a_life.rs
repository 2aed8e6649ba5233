//! A made-up life of readings, judged: what was refused and why, and how near the estimate came.
//!
//! Run it with `cargo run -p reweigh-judge --example a_life`; a number after `--` picks another life.
#![expect(clippy::print_stdout, reason = "the example is read on a terminal")]

use std::collections::HashMap;
use std::error::Error;

use reweigh_judge::{Deed, Event, Sink, Taken, effective, explain, fingerprint, take_in};
use reweigh_reading::OrderKey;
use reweigh_scenario::{Recipe, Scenario};
use reweigh_state::{Judged, Outcome, PlainResetter, Policy, ResetPlan, ResetRefused, UserState};

/// What a fold says, kept.
#[derive(Default)]
struct Told {
    estimates: Vec<f64>,
    judged: Vec<Judged>,
    resets: Vec<String>,
}

impl Sink for Told {
    fn taken(&mut self, _: &Event, taken: &Taken) {
        if let (Some(_), Some(estimate)) = (taken.number, taken.estimate) {
            self.estimates.push(estimate.level_kg);
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.judged.push(*judged);
    }

    fn reset(&mut self, plan: &ResetPlan, _: Result<(), &ResetRefused>) {
        self.resets.push(format!("{} {} reset: {}", plan.at, plan.kind.as_str(), plan.reason()));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let number = std::env::args().nth(1).map_or(Ok(4), |word| word.parse())?;
    let recipe = Recipe::named("wild").ok_or("no recipe of that name")?;
    let life = Scenario::new(recipe, 1)?.life(number);
    let deliveries: Vec<_> = life.deliveries().collect();
    let truths: HashMap<OrderKey, f64> =
        deliveries.iter().map(|delivery| (delivery.fact.key(), delivery.true_kg)).collect();
    let all = effective(deliveries.into_iter().map(|delivery| delivery.fact));
    println!(
        "{} facts hold, {} superseded, {} retracted, {} told more than once\n",
        all.events.len(),
        all.superseded.len(),
        all.retracted.len(),
        all.duplicates
    );

    let policy = Policy::default().check().map_err(|errors| format!("{errors:?}"))?;
    let mut state = UserState::unborn(fingerprint(&policy));
    let (mut told, mut sentences, mut keys) = (Told::default(), Vec::new(), Vec::new());
    for event in &all.events {
        if let Deed::Reading(measure) = event.deed {
            let why = explain(&state, &event.key, measure, &policy);
            sentences.push(why.map_or_else(|| "the first reading.".to_owned(), |why| why.sentence()));
            keys.push(event.key.clone());
        }
        take_in(&mut state, event, &policy, &mut PlainResetter, &mut told);
    }
    told.judged.extend(state.pending());

    for reset in &told.resets {
        println!("{reset}");
    }
    println!();
    let refused =
        told.judged.iter().zip(&sentences).filter(|(judged, _)| judged.verdict.outcome == Outcome::Rejected);
    for (judged, sentence) in refused {
        println!("{} {:<15} {sentence}", judged.at, judged.verdict.reason.code());
    }
    println!("\nevery twentieth reading  true kg  then  with hindsight");
    for ((key, then), judged) in keys.iter().zip(&told.estimates).zip(&told.judged).step_by(20) {
        let truth = truths.get(key).copied().unwrap_or(f64::NAN);
        println!("{}     {truth:7.1} {then:5.1} {:15.1}", key.at(), judged.smoothed_kg);
    }
    if let Some(estimate) = state.estimate() {
        let (low, high) = estimate.interval_kg();
        println!(
            "\nnow {:.1} kg, between {low:.1} and {high:.1}, {:+.2} kg a week; chain {}",
            estimate.level_kg,
            estimate.trend_kg_per_week(),
            state.chain
        );
    }
    Ok(())
}
