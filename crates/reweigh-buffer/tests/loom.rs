//! What loom checks: every order in which a few threads may run, for the protocol and for nine ways to get it wrong.
//!
//! Run it with `cargo xtask loom`. Each model says the least number of schedules that it must explore, because a model
//! that explores one schedule proves nothing; it prints how many it did explore.
#![cfg(loom)]

#[cfg(test)]
#[path = "loom/books.rs"]
mod books;
#[cfg(test)]
#[path = "loom/models.rs"]
mod models;
#[cfg(planted)]
#[cfg(test)]
#[path = "loom/mutants.rs"]
mod mutants;
