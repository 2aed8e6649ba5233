//! What a workflow begins with.

use crate::label::Label;
use crate::progress::{ChangeError, Progress};
use crate::stamp::Stamp;
use crate::wave::Wave;

/// A workflow before it begins: its name, its waves and their tasks, its metadata.
///
/// ```
/// use reweigh_progress::{Label, Plan};
///
/// let plan = Plan::new(Label::new("Backfill")?, Label::new("bf-7")?, 2)
///     .task(1, Label::new("shard-0")?, "fold users 0..999")
///     .task(2, Label::new("report")?, "write the report")
///     .metadata(Label::new("policy")?, "balanced");
/// let progress = plan.begin("2026-03-01T09:00:00Z".parse()?)?;
/// assert_eq!(progress.counts().pending, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Plan {
    workflow: Label,
    id: Label,
    waves: u32,
    tasks: Vec<(u32, Label, String)>,
    metadata: Vec<(Label, String)>,
}

impl Plan {
    /// A workflow of `waves` waves, without tasks.
    pub fn new(workflow: Label, id: Label, waves: u32) -> Self {
        Self { workflow, id, waves, tasks: Vec::new(), metadata: Vec::new() }
    }

    /// A task, as the last of its wave. Waves are counted from 1.
    pub fn task(mut self, wave: u32, id: Label, description: impl Into<String>) -> Self {
        self.tasks.push((wave, id, description.into()));
        self
    }

    /// A value of the metadata.
    pub fn metadata(mut self, key: Label, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// The progress of the workflow when it begins: in its first wave, all tasks pending.
    ///
    /// # Errors
    /// When an id is used twice, or a wave is none.
    pub fn begin(&self, started: Stamp) -> Result<Progress, ChangeError> {
        let wave = Wave::new(self.waves.min(1), self.waves)?;
        let mut progress = Progress::new(self.workflow.clone(), self.id.clone(), wave, started);
        for (wave, id, description) in &self.tasks {
            progress.add_task(id.clone(), Some(*wave), description.as_str())?;
        }
        for (key, value) in &self.metadata {
            progress.set_metadata(key.clone(), value.as_str());
        }
        Ok(progress)
    }
}
