//! What a manager has to tell while it works.

use std::time::Duration;

use crate::owner::Holder;

/// Something a person may want to read in a log. None of it is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The lock is taken; a retry begins.
    Waiting {
        /// Which one, counted from 1.
        retry: u32,
        /// How long it waits at most.
        wait: Duration,
        /// Who holds the lock, as they say themselves.
        holder: Option<Holder>,
    },
    /// A process was killed while it held the lock, and left temporary files; they are cleared away.
    Swept {
        /// How many.
        files: usize,
    },
    /// Somebody who does not use the lock changed the file in between. The change is made again on theirs.
    Overtaken,
}
