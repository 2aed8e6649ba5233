//! Seeded, labelled lives: what people weighed in truth, and what their scales said.
//!
//! A [`Recipe`] says how people live, weigh themselves and err. A [`Scenario`] is a recipe and a seed, and gives as many
//! lives as are asked for. A [`Life`] knows the person's true weight on each day, and the [`Delivery`] of each
//! fact in the order of arrival, with a [`Label`] that says what its value really is.
//!
//! ```
//! use reweigh_scenario::{Recipe, Scenario};
//!
//! let scenario = Scenario::new(Recipe::bench(), 1)?;
//! let life = scenario.life(7);
//! for delivery in life.deliveries().take(3) {
//!     let measure = delivery.fact.measure().ok_or("a reading")?;
//!     println!("{} {measure}: {}, in truth {:.1} kg", delivery.fact.at(), delivery.label, delivery.true_kg);
//! }
//!
//! // The same again, whatever else is made.
//! let again = scenario.lives(8).last().ok_or("eight lives")?;
//! assert!(again.deliveries().eq(life.deliveries()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Named recipes ([`Recipe::named`]) hold what is hard to judge: steps, weeks in pounds, families on one scale, bad
//! first readings, corrections that overtake their readings. `bench` is the yardstick of accuracy.
//!
//! The numbers are the same on every machine and for ever: the generator of random numbers is part of the crate, and
//! transcendental functions come from `libm`. A digest over every recipe is checked in; a change that moves one bit
//! must say so by changing it.

mod amount;
mod csv;
mod edge;
mod label;
mod life;
mod person;
mod post;
mod random;
mod recipe;
mod scenario;
mod time;
mod track;
mod weighing;
mod written;

pub use amount::Share;
pub use amount::Span;
pub use csv::FilesWritten;
pub use csv::write_files;
pub use label::Label;
pub use label::Role;
pub use life::Delivery;
pub use life::Life;
pub use life::Sample;
pub use recipe::Arrival;
pub use recipe::Clock;
pub use recipe::Corrections;
pub use recipe::Cycle;
pub use recipe::Finding;
pub use recipe::Gaps;
pub use recipe::Habit;
pub use recipe::Household;
pub use recipe::Ids;
pub use recipe::People;
pub use recipe::Pregnancy;
pub use recipe::Recipe;
pub use recipe::RecipeError;
pub use recipe::Rhythm;
pub use recipe::Slips;
pub use recipe::SourceProfile;
pub use recipe::Steps;
pub use recipe::StickyUnits;
pub use recipe::Trend;
pub use recipe::Water;
pub use scenario::Arrivals;
pub use scenario::Scenario;
