//! Whole engines, held to what they promise.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod faults;
mod law;
mod threads;
mod world;
