//! What scenarios promise, seen from outside.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy lets tests do so, and not the functions that tests share"
)]

mod arrivals;
mod bodies;
mod bounds;
mod corrections;
mod files;
mod golden;
mod independence;
mod shares;
mod slips;

use reweigh_scenario::{Recipe, Scenario};

/// A named recipe with a seed.
fn scenario(name: &str, seed: u64) -> Scenario {
    let recipe = Recipe::named(name).unwrap_or_else(|| panic!("no recipe {name}"));
    of(recipe, seed)
}

/// A recipe with a seed.
fn of(recipe: Recipe, seed: u64) -> Scenario {
    Scenario::new(recipe, seed).unwrap_or_else(|error| panic!("{error}"))
}

/// Mean and deviation.
fn moments(numbers: &[f64]) -> (f64, f64) {
    let count = f64::from(u32::try_from(numbers.len()).unwrap());
    let mean = numbers.iter().sum::<f64>() / count;
    let squares: f64 = numbers.iter().map(|number| (number - mean) * (number - mean)).sum();
    (mean, (squares / count).sqrt())
}

/// Fails unless a number is near another one.
fn near(what: &str, got: f64, wanted: f64, within: f64) {
    assert!((got - wanted).abs() <= within, "{what}: {got:.4}, wanted {wanted} within {within}");
}
