//! The only place that asks the machine what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reweigh_reading::{Clock, Instant};

/// The clock of the program: the machine's, or one that `--now` has stopped.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ProgramClock {
    stopped: Option<Instant>,
}

impl ProgramClock {
    /// A clock that always says this.
    pub(crate) fn stopped(at: Instant) -> Self {
        Self { stopped: Some(at) }
    }
}

impl Clock for ProgramClock {
    fn now(&self) -> Instant {
        self.stopped.unwrap_or_else(machine)
    }
}

/// What the machine's clock says, within the bounds of instants.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock adapter: the one place that asks the machine"
)]
fn machine() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Instant::from_unix_micros(micros).unwrap_or(Instant::MAX)
}

/// How long something took: for people, never for the engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock adapter: the one place that asks the machine"
    )]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(crate) fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}
