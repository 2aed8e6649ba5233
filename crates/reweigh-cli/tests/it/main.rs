//! The real binary on real files: what scripts and people depend on.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says so when something is not as it should be"
)]

mod commands;
mod config;
mod exits;
mod faults;
mod interrupts;
mod order;
mod program;
mod sample;
