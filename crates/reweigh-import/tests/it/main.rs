//! What comes out of files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod columns;
mod faults;
mod round_trip;
mod show;
