//! Resets, breaker and ladder against real folds and a store that fails on demand.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "helpers of tests stop at what they did not expect, and count in small numbers"
)]

mod breaker_model;
mod breaker_stress;
mod clock;
mod double;
mod engine;
mod equal_bits;
mod faults;
mod kill;
mod ladder_total;
mod life;
mod matrix;
mod rebuild;
mod settling;
