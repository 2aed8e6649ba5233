//! One writer at a time, and nobody waits for ever.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Lets one in at a time.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    busy: Mutex<bool>,
    freed: Condvar,
}

/// Held by the one who is in.
#[derive(Debug)]
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    /// Goes in, or gives up after this long.
    pub(crate) fn enter(&self, patience: Duration) -> Option<Pass<'_>> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_timeout_while(busy, patience, |busy| *busy);
        let (mut busy, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *busy {
            return None;
        }
        *busy = true;
        Some(Pass(self))
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves A8.
    #[test]
    fn nobody_waits_for_ever() {
        let gate = Gate::default();
        let pass = gate.enter(Duration::ZERO).unwrap();
        assert!(gate.enter(Duration::from_millis(5)).is_none());
        drop(pass);
        assert!(gate.enter(Duration::ZERO).is_some());
    }
}
