//! Snapshots: there and back, broken in every way, and pinned.

mod broken;
mod pinned;
mod round_trip;
mod size;
