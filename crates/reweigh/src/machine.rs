//! An engine without threads: every part of it takes a step when it is told to.

use std::sync::{Mutex, TryLockError};

use crate::steward::Steward;
use crate::work::Worker;
use crate::writer::Writer;

/// A part of an engine that can take a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// What makes batches durable.
    Writer,
    /// What settles the users of one lane.
    Worker(usize),
    /// What brings checkpoints into the main file.
    Steward,
}

/// The parts of an engine that has no threads.
#[derive(Debug)]
pub struct Machine {
    writer: Mutex<Writer>,
    workers: Vec<Mutex<Worker>>,
    steward: Mutex<Steward>,
}

impl Machine {
    pub(crate) fn new(writer: Writer, workers: Vec<Worker>, steward: Steward) -> Self {
        let workers = workers.into_iter().map(Mutex::new).collect();
        Self { writer: Mutex::new(writer), workers, steward: Mutex::new(steward) }
    }

    /// The parts there are.
    pub fn parts(&self) -> Vec<Part> {
        let workers = (0..self.workers.len()).map(Part::Worker);
        [Part::Writer, Part::Steward].into_iter().chain(workers).collect()
    }

    /// Lets a part take a step. False if it has nothing to do, or is in the middle of one.
    pub fn step(&self, part: Part) -> bool {
        match part {
            Part::Writer => with(&self.writer, Writer::step),
            Part::Worker(number) => self.workers.get(number).is_some_and(|worker| with(worker, Worker::step)),
            Part::Steward => with(&self.steward, Steward::step),
        }
    }
}

fn with<T>(part: &Mutex<T>, step: impl FnOnce(&mut T) -> bool) -> bool {
    match part.try_lock() {
        Ok(mut part) => step(&mut part),
        Err(TryLockError::Poisoned(poisoned)) => step(&mut poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => false,
    }
}
