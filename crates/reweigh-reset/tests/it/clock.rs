//! Time that tests move.

use std::cell::Cell;

use reweigh_reading::{Clock, Elapsed, Instant};

/// A clock that goes on by 2 µs whenever it is asked.
#[derive(Debug)]
pub(crate) struct Ticking(Cell<Instant>);

impl Ticking {
    pub(crate) fn new() -> Self {
        Self::at("2026-07-01T12:00:00Z".parse().unwrap())
    }

    pub(crate) fn at(instant: Instant) -> Self {
        Self(Cell::new(instant))
    }

    pub(crate) fn pass(&self, elapsed: Elapsed) {
        self.0.set(self.0.get().saturating_add(elapsed));
    }
}

impl Clock for Ticking {
    fn now(&self) -> Instant {
        let now = self.0.get();
        self.pass(Elapsed::from_micros(2));
        now
    }
}
