//! Where time comes from.

use crate::instant::Instant;

/// Where time comes from: the only way in which *now* enters the program.
///
/// Libraries take one where they need it; the program has an adapter that asks the machine, tests and the simulator
/// have one that they move by hand.
///
/// ```
/// use reweigh_reading::{Clock, Instant};
///
/// struct Stopped(Instant);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Instant {
///         self.0
///     }
/// }
///
/// assert_eq!(Stopped(Instant::UNIX_EPOCH).now(), Instant::UNIX_EPOCH);
/// ```
pub trait Clock {
    /// The instant it is. It may go back, as machines' clocks do; nothing that is kept may depend on it.
    fn now(&self) -> Instant;
}
