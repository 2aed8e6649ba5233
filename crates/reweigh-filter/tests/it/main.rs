//! What the crate promises, seen from outside: published numbers, closed forms, simulation, exact references.
#![expect(clippy::unwrap_used, reason = "a test may stop")]
#![expect(clippy::indexing_slicing, reason = "a test may stop")]
#![expect(clippy::panic, reason = "a test may stop")]

mod closed_forms;
mod dice;
mod double_double;
mod endurance;
mod fitting;
mod golden;
mod hindsight;
mod kalmankit;
mod kfas;
mod near;
mod nile;
mod oracle;
mod outliers;
mod precision;
mod refusals;
mod simulation;
mod start;
