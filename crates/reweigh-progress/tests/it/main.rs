//! The file as its users meet it: from several threads and processes, on a disk that fails, under kill -9.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, also in what its parts share"
)]

mod child;
mod crash;
mod disk;
mod lock;
mod race;
mod verbs;
