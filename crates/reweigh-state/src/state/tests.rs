//! The parts of a state.

mod adaptation;
mod estimate;
mod hypothesis;
mod settle;
mod window;
