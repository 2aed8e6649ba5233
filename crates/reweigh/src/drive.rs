//! What moves an engine: threads of its own, or somebody who takes one step after the other.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

/// Takes one step of an engine that has no threads. The simulator chooses which.
pub trait Stepper: Send + Sync {
    /// Takes a step; false if there is nothing to do.
    fn step(&self) -> bool;

    /// Lets time pass between two tries.
    fn pause(&self, time: Duration);
}

/// What moves an engine.
#[derive(Clone)]
pub(crate) enum Drive {
    Threads(Arc<Bell>),
    Steps(Arc<dyn Stepper>),
}

impl fmt::Debug for Drive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threads(_) => "Threads",
            Self::Steps(_) => "Steps",
        })
    }
}

/// Ends all pauses when the engine closes.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn pause(&self, time: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(rung, time, |rung| !*rung));
    }
}

impl Drive {
    /// Waits for an answer. None if nobody is left to give it.
    pub(crate) fn wait<T>(&self, answer: &Receiver<T>) -> Option<T> {
        match self {
            Self::Threads(_) => answer.recv().ok(),
            Self::Steps(stepper) => loop {
                match answer.try_recv() {
                    Ok(answer) => return Some(answer),
                    Err(TryRecvError::Disconnected) => return None,
                    Err(TryRecvError::Empty) if stepper.step() => {}
                    Err(TryRecvError::Empty) => return answer.try_recv().ok(),
                }
            },
        }
    }

    /// The next piece of work, waiting so long for it.
    pub(crate) fn next<T>(work: &Receiver<T>, patience: Option<Duration>) -> Next<T> {
        match patience {
            None => work.recv().map_or(Next::Closed, Next::Work),
            Some(patience) => match work.recv_timeout(patience) {
                Ok(work) => Next::Work(work),
                Err(RecvTimeoutError::Timeout) => Next::Nothing,
                Err(RecvTimeoutError::Disconnected) => Next::Closed,
            },
        }
    }

    /// Lets time pass between two tries.
    pub(crate) fn pause(&self, time: Duration) {
        match self {
            Self::Threads(bell) => bell.pause(time),
            Self::Steps(stepper) => stepper.pause(time),
        }
    }
}

/// What a queue has.
pub(crate) enum Next<T> {
    Work(T),
    Nothing,
    Closed,
}
