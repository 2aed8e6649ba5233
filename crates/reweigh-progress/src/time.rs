//! Time as an input.

use std::fmt;
use std::time::Duration;

use crate::stamp::Stamp;

/// Where a [`Manager`](crate::Manager) takes the time from, and how it waits.
///
/// Every closure that returns a [`Stamp`] is one, so a program writes
///
/// ```
/// # #![allow(clippy::disallowed_methods)]
/// use reweigh_progress::Manager;
///
/// let manager = Manager::new("STATE.md", || std::time::SystemTime::now().into());
/// ```
///
/// A test implements it, and waits without waiting.
pub trait TimeSource: Send + Sync {
    /// The present instant.
    fn now(&self) -> Stamp;

    /// Waits. By default it puts the thread to sleep.
    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

impl<F: Fn() -> Stamp + Send + Sync> TimeSource for F {
    fn now(&self) -> Stamp {
        self()
    }
}

impl fmt::Debug for dyn TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}
