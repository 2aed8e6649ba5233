//! What comes out of files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod columns;
mod faults;
mod formats;
mod mangled;
mod round_trip;
mod show;
