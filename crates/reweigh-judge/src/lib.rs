//! The step: what each reading of a person is worth, decided purely from that person's readings.
//!
//! [`effective`] finds out which facts hold, whatever the order they were told in. [`fold`] takes them
//! in, one after the other, and gives the settled state. [`explain`] says why a reading was believed or
//! not. Everything here is a function: no clock, no randomness, no thread, no storage, and nothing that
//! is learned from one person is used for another. Equal facts and an equal policy give equal bits, on
//! every machine.
//!
//! ```
//! use reweigh_judge::{effective, fold};
//! use reweigh_reading::{Fact, Measure, Source, Unit, UserId};
//! use reweigh_state::{Outcome, Profile};
//!
//! let policy = Profile::Balanced.policy().check().unwrap();
//! let fact = |day: u32, kg: f64| {
//!     let at = format!("2026-01-{day:02}T07:00:00Z").parse().unwrap();
//!     let measure = Measure::new(kg, Unit::Kilogram).unwrap();
//!     Fact::reading(UserId::new("ada").unwrap(), at, Source::new("scale").unwrap(), measure)
//! };
//!
//! // Ten days about 80 kg, and one value that is pounds recorded as kilograms.
//! let mut facts: Vec<Fact> = (1..=10).map(|day| fact(day, 80.0 + 0.1 * f64::from(day % 3))).collect();
//! facts.push(fact(11, 176.4));
//! let state = fold(&effective(facts).events, &policy);
//!
//! let estimate = state.estimate().unwrap();
//! assert!((estimate.level_kg - 80.0).abs() < 0.5);
//! let odd = state.pending().last().unwrap();
//! assert_eq!(odd.verdict.outcome, Outcome::Rejected);
//! assert_eq!(odd.verdict.reason.code(), "other_unit");
//! ```
//!
//! # How a reading is judged
//!
//! A few stories live side by side ([`Hypothesis`](reweigh_state::Hypothesis)): each says which of the late
//! readings to believe, and holds a Kalman estimate of what follows if it is true. A reading splits each
//! story by what it may be: this person's weight, the beginning of a lasting change, a value in another
//! unit, somebody or something else, or a sign that the story had the unit wrong all along. The
//! likeliest few go on, those that agree become one, and the estimate is their mean. Nearly always one
//! story is alive and the step costs as much as a filter.
//!
//! A verdict is final when a reading is twelve readings deep (`hindsight.readings`); until then what
//! comes after can turn it round. Reason, scores and numbers of any verdict can be told again from the
//! snapshot before it.
//!
//! # Bits
//!
//! Floating-point operations are written out and in fixed order; `exp` and its like come from `libm`, pinned, without
//! platform code; no fused operations. A change that moves a bit raises [`STEP_VERSION`], and a test with
//! known chains says when that is.

mod alternatives;
mod branch;
mod chances;
mod density;
mod digits;
mod due;
mod effective;
mod event;
mod explain;
mod fold;
mod predict;
mod rhythm;
mod scene;
mod step;
mod weigh;

pub use effective::Effective;
pub use effective::Superseded;
pub use effective::effective;
pub use event::Deed;
pub use event::Event;
pub use explain::Explanation;
pub use explain::Possibility;
pub use explain::explain;
pub use fold::Sink;
pub use fold::fingerprint;
pub use fold::fold;
pub use fold::fold_on;
pub use fold::take_in;
pub use predict::Prediction;
pub use predict::predict;
pub use step::Resets;
pub use step::STEP_VERSION;
pub use step::Step;
pub use step::Taken;
pub use step::step;
