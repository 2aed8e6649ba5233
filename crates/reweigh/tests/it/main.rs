//! Whole engines, held to what they promise.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod backfill;
mod correct;
mod erase;
mod faults;
mod law;
mod ledger;
mod recover;
mod retold;
mod serve;
mod story;
mod threads;
mod upkeep;
mod world;
