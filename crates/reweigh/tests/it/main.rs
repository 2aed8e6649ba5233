//! Whole engines, held to what they promise.

mod law;
mod world;
