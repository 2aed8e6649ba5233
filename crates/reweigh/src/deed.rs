//! What is not done beside a checkpoint: the acts of operators that write.

use std::fmt;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::steward::Order;

/// Something to be done by whoever has the core to itself.
pub(crate) struct Deed(Box<dyn FnOnce(&Core) + Send>);

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deed")
    }
}

impl Deed {
    pub(crate) fn new(work: impl FnOnce(&Core) + Send + 'static) -> Self {
        Self(Box::new(work))
    }

    pub(crate) fn run(self, core: &Core) {
        (self.0)(core);
    }
}

impl Engine {
    /// Does something while no checkpoint is under way: the steward does it.
    pub(crate) fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Core) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let (answer, answers) = crossbeam_channel::bounded(1);
        let deed = Deed::new(move |core| {
            // Whoever asked may have gone.
            let _ = answer.send(work(core));
        });
        self.core.orders.send(Order::Do(deed)).map_err(|_| EngineError::Closed)?;
        self.core.drive.wait(&answers).unwrap_or(Err(EngineError::Closed))
    }
}
