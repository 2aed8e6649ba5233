//! What the buffer costs.

fn main() {}
