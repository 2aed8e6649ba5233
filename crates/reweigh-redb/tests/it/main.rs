//! The store on disk, held to the port's promises and to its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic, and its helpers too")]

mod bench;
mod conformance;
mod fixtures;
mod opening;
mod rot;
mod versions;
