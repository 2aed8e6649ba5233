//! Time as an input.

use std::fmt;
use std::time::Duration;

use crate::stamp::Stamp;

/// Where a [`Manager`](crate::Manager) takes the time from, and how it waits.
///
/// A pair of closures is one, so a program writes
///
/// ```
/// use reweigh_progress::Manager;
///
/// let manager = Manager::new("STATE.md", (|| std::time::SystemTime::now().into(), std::thread::park_timeout));
/// ```
///
/// and a test waits without waiting.
pub trait TimeSource: Send + Sync {
    /// The present instant.
    fn now(&self) -> Stamp;

    /// Lets about so much time pass. To come back early does no harm: the lock is looked at sooner.
    fn wait(&self, duration: Duration);
}

impl<N, W> TimeSource for (N, W)
where
    N: Fn() -> Stamp + Send + Sync,
    W: Fn(Duration) + Send + Sync,
{
    fn now(&self) -> Stamp {
        self.0()
    }

    fn wait(&self, duration: Duration) {
        self.1(duration);
    }
}

impl fmt::Debug for dyn TimeSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TimeSource")
    }
}
