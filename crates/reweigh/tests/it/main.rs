//! Whole engines, held to what they promise.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says so when something is not as it should be"
)]

mod correct;
mod law;
mod ledger;
mod story;
mod world;
