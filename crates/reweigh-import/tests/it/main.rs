//! What comes out of files.

mod columns;
mod faults;
mod round_trip;
mod show;
