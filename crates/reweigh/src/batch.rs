//! What is offered to an engine, and what one gets for it.

use reweigh_reading::{Fact, Instant};
use reweigh_store::{Rejected, Sequence};

use crate::ledger::FactName;

/// Facts and rejected rows that are offered together and become durable together.
///
/// ```
/// use reweigh::Batch;
/// use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
///
/// let measure = Measure::new(80.5, Unit::Kilogram)?;
/// let fact = Fact::reading(UserId::new("ada")?, Instant::UNIX_EPOCH, Source::unknown(), measure);
/// let batch: Batch = vec![fact].into();
/// assert_eq!(batch.facts.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// The facts.
    pub facts: Vec<Fact>,
    /// Rows that were no facts, to be remembered.
    pub rejects: Vec<Rejected>,
    /// When they were received; now, if it is not known.
    pub received: Option<Instant>,
}

impl From<Vec<Fact>> for Batch {
    fn from(facts: Vec<Fact>) -> Self {
        Self { facts, ..Self::default() }
    }
}

impl From<Fact> for Batch {
    fn from(fact: Fact) -> Self {
        vec![fact].into()
    }
}

/// The acknowledgement of a batch: it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The row of the journal it is in.
    pub row: Sequence,
    /// The place of its first fact in that row.
    pub offset: u32,
    /// How many facts were taken.
    pub accepted: u32,
    /// How many facts were refused at the edge. They are among the rejects. Rows that came as [rejects](Batch::rejects)
    /// are not counted here: whoever handed them in knows.
    pub refused: u32,
    /// The facts that were taken, in the order they were handed in: [what became of
    /// them](crate::Engine::outcome) can be asked.
    pub facts: Vec<FactName>,
}
