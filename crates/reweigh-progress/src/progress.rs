//! What the file says.

use thiserror::Error;

use crate::block::{Block, Blocks, Entry, Note, Section};
use crate::finding::{Collected, Findings, Rule};
use crate::label::{InvalidLabel, Label};
use crate::parse::parse;
use crate::render::render;
use crate::stamp::Stamp;
use crate::task::{Completion, Files, Status, Task};
use crate::text::Text;
use crate::wave::{InvalidWave, Wave};

/// A workflow's progress: header, tasks by status and wave, notes, metadata, and what people added by hand.
///
/// ```
/// use reweigh_progress::{Label, Progress, Status, Wave};
///
/// let started = "2026-03-01T09:00:00Z".parse()?;
/// let mut progress = Progress::new(Label::new("Backfill")?, Label::new("bf-7")?, Wave::new(1, 2)?, started);
/// progress.add_task(Label::new("shard-0")?, Some(1), "fold users 0..999")?;
/// progress.start_task("shard-0")?;
///
/// let file = progress.render();
/// assert!(file.contains("- [~] **shard-0**: fold users 0..999"));
/// assert_eq!(Progress::parse(&file)?, progress);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub(crate) workflow: Label,
    pub(crate) id: Label,
    pub(crate) wave: Wave,
    pub(crate) started: Stamp,
    pub(crate) updated: Stamp,
    pub(crate) blocks: Blocks,
}

/// Why a change does not apply. The progress is as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// No task has this id.
    #[error("no task has the id `{id}`: `add_task` first, or look at the ids in the file")]
    UnknownTask {
        /// The id as given.
        id: String,
    },
    /// A task has this id already.
    #[error("the id `{id}` is taken by a task that is {}: ids are used once", status.name())]
    DuplicateTask {
        /// The id as given.
        id: Label,
        /// Where the other task stands.
        status: Status,
    },
    /// A task's wave is 0 or beyond the last.
    #[error(
        "task `{id}` would be in wave {wave}, but there are {total}: raise the total with `set_wave` first"
    )]
    NoSuchWave {
        /// The task.
        id: Label,
        /// Its wave.
        wave: u32,
        /// How many waves there are.
        total: u32,
    },
    /// Not a name.
    #[error(transparent)]
    Label(#[from] InvalidLabel),
    /// Not a wave.
    #[error(transparent)]
    Wave(#[from] InvalidWave),
}

/// How many tasks stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Done.
    pub completed: usize,
    /// Under way.
    pub in_progress: usize,
    /// Not begun.
    pub pending: usize,
    /// Given up.
    pub failed: usize,
}

impl Counts {
    /// All of them.
    pub fn total(self) -> usize {
        self.completed + self.in_progress + self.pending + self.failed
    }

    /// Those of one status.
    pub fn of(self, status: Status) -> usize {
        match status {
            Status::Completed => self.completed,
            Status::InProgress => self.in_progress,
            Status::Pending => self.pending,
            Status::Failed => self.failed,
        }
    }
}

/// Where to go on after an interruption.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResumeInfo {
    /// The wave under way.
    pub wave: Wave,
    /// Tasks that were under way when it stopped; nobody can know how far they came.
    pub interrupted: Vec<Label>,
    /// Tasks not begun, the earliest wave first, in the order of the file within it.
    pub next: Vec<Label>,
    /// Tasks that were given up.
    pub failed: Vec<Label>,
    /// How many tasks stand where.
    pub counts: Counts,
}

impl ResumeInfo {
    /// Whether every task is done.
    pub fn is_complete(&self) -> bool {
        self.counts.completed == self.counts.total()
    }
}

impl Progress {
    /// A workflow without tasks.
    pub fn new(workflow: Label, id: Label, wave: Wave, started: Stamp) -> Self {
        Self { workflow, id, wave, started, updated: started, blocks: Blocks::new() }
    }

    /// Reads a file.
    ///
    /// The format is described in [`FORMAT_VERSION`](crate::FORMAT_VERSION). The file that it replaces is read too, and written
    /// in the present format from then on.
    ///
    /// # Errors
    /// All that is wrong, by line.
    pub fn parse(file: impl AsRef<[u8]>) -> Result<Self, Findings> {
        parse(file.as_ref())
    }

    /// Writes the file. [`Progress::parse`] gives `self` back, bit for bit.
    pub fn render(&self) -> String {
        render(self)
    }

    /// Checks that what would be written reads back as exactly this.
    ///
    /// # Errors
    /// All that is wrong, by line of the rendered file.
    pub fn validate(&self) -> Result<(), Findings> {
        self.checked_file().map(|_| ())
    }

    /// The file, after checking that it reads back as exactly this.
    pub(crate) fn checked_file(&self) -> Result<String, Findings> {
        let file = self.render();
        if parse(file.as_bytes())? == *self {
            return Ok(file);
        }
        let message = "the file would not read back as what was to be written";
        Err(Collected::default().into_findings_or(1, Rule::RoundTrip, message))
    }

    /// The workflow's name.
    pub fn workflow(&self) -> &Label {
        &self.workflow
    }

    /// The workflow's id.
    pub fn id(&self) -> &Label {
        &self.id
    }

    /// The wave under way, and how many there are.
    pub fn wave(&self) -> Wave {
        self.wave
    }

    /// When the workflow began.
    pub fn started(&self) -> Stamp {
        self.started
    }

    /// When the file was last written.
    pub fn updated(&self) -> Stamp {
        self.updated
    }

    /// All tasks, in the order of the file.
    pub fn tasks(&self) -> impl DoubleEndedIterator<Item = &Task> {
        self.blocks.tasks()
    }

    /// The tasks of one status, in the order of the file.
    pub fn tasks_in(&self, status: Status) -> impl DoubleEndedIterator<Item = &Task> {
        self.tasks().filter(move |task| task.status() == status)
    }

    /// The task with this id.
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks().find(|task| task.id().as_str() == id)
    }

    /// How many tasks stand where.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for task in self.tasks() {
            match task.status() {
                Status::Completed => counts.completed += 1,
                Status::InProgress => counts.in_progress += 1,
                Status::Pending => counts.pending += 1,
                Status::Failed => counts.failed += 1,
            }
        }
        counts
    }

    /// The share of tasks that are done, rounded down; 0 without tasks.
    pub fn percent(&self) -> usize {
        let counts = self.counts();
        (counts.completed * 100).checked_div(counts.total()).unwrap_or(0)
    }

    /// All notes, in the order of the file.
    pub fn notes(&self) -> impl DoubleEndedIterator<Item = &Note> {
        self.blocks.0.iter().filter_map(|block| if let Block::Note(note) = block { Some(note) } else { None })
    }

    /// The metadata, in the order of the file.
    pub fn metadata(&self) -> impl DoubleEndedIterator<Item = (&Label, &str)> {
        self.entries().map(|entry| (&entry.key, entry.value.as_str()))
    }

    /// One value of the metadata.
    pub fn metadata_value(&self, key: &str) -> Option<&str> {
        self.entries().find(|entry| entry.key.as_str() == key).map(|entry| entry.value.as_str())
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.blocks.0.iter().filter_map(Block::as_entry)
    }

    /// What people added by hand, in the order of the file, line for line.
    pub fn added_by_hand(&self) -> impl Iterator<Item = &str> {
        self.blocks.added()
    }

    /// Where to go on after an interruption.
    pub fn resume_info(&self) -> ResumeInfo {
        let ids = |status| self.tasks_in(status).map(|task| task.id().clone()).collect();
        let mut next: Vec<_> = self.tasks_in(Status::Pending).collect();
        next.sort_by_key(|task| task.wave().unwrap_or(0));
        ResumeInfo {
            wave: self.wave,
            interrupted: ids(Status::InProgress),
            next: next.into_iter().map(|task| task.id().clone()).collect(),
            failed: ids(Status::Failed),
            counts: self.counts(),
        }
    }

    /// Moves on to another wave, or changes how many there are.
    ///
    /// # Errors
    /// When a task is in a wave beyond the new last one.
    pub fn set_wave(&mut self, wave: Wave) -> Result<(), ChangeError> {
        let beyond = |task: &&Task| task.wave().is_some_and(|own| own > wave.total());
        if let Some(task) = self.tasks().find(beyond) {
            return Err(no_such_wave(task.id(), task.wave(), wave.total()));
        }
        self.wave = wave;
        Ok(())
    }

    /// Adds a pending task, as the last of its wave.
    ///
    /// # Errors
    /// When the id is taken, or there is no such wave.
    pub fn add_task(
        &mut self,
        id: Label,
        wave: Option<u32>,
        description: impl Into<String>,
    ) -> Result<(), ChangeError> {
        if let Some(task) = self.task(id.as_str()) {
            return Err(ChangeError::DuplicateTask { id, status: task.status() });
        }
        if wave.is_some_and(|wave| wave == 0 || wave > self.wave.total()) {
            return Err(no_such_wave(&id, wave, self.wave.total()));
        }
        self.blocks.insert_task(Task::new(id, wave, Text::from_plain(description)));
        Ok(())
    }

    /// Begins a task, or begins it again. What it says of an earlier failure stays until it is completed or fails
    /// again.
    ///
    /// # Errors
    /// When no task has this id.
    pub fn start_task(&mut self, id: &str) -> Result<(), ChangeError> {
        self.move_task(id, Status::InProgress, |_| ())
    }

    /// Ends a task well. Its error goes; the commit and files are those of `done`.
    ///
    /// # Errors
    /// When no task has this id.
    pub fn complete_task(&mut self, id: &str, done: Completion) -> Result<(), ChangeError> {
        self.move_task(id, Status::Completed, |task| {
            task.set_commit(done.commit);
            task.set_files(Files { names: done.files, unnamed: 0 });
            task.set_error(None);
        })
    }

    /// Gives a task up. Without a text it is failed all the same.
    ///
    /// # Errors
    /// When no task has this id.
    pub fn fail_task(&mut self, id: &str, error: &str) -> Result<(), ChangeError> {
        self.move_task(id, Status::Failed, |task| {
            task.set_error(if error.is_empty() { None } else { Some(Text::from_plain(error)) });
        })
    }

    /// Changes a task and lists it where its status says; it keeps its place if it is there already.
    fn move_task(
        &mut self,
        id: &str,
        status: Status,
        change: impl FnOnce(&mut Task),
    ) -> Result<(), ChangeError> {
        let task = self.blocks.task_mut(id).ok_or_else(|| ChangeError::UnknownTask { id: id.to_owned() })?;
        change(task);
        if task.status != status
            && let Some(mut task) = self.blocks.take_task(id)
        {
            task.status = status;
            self.blocks.insert_task(task);
        }
        Ok(())
    }

    /// Adds a note below the others.
    pub fn add_note(&mut self, at: Stamp, text: impl Into<String>) {
        let text = Text::from_plain(text);
        self.blocks.append(Section::Notes, Block::Note(Note { at, text }));
    }

    /// Sets one value of the metadata; a new key comes last.
    pub fn set_metadata(&mut self, key: Label, value: impl Into<String>) {
        let value = Text::from_plain(value);
        match self.blocks.0.iter_mut().filter_map(Block::as_entry_mut).find(|entry| entry.key == key) {
            Some(entry) => entry.value = value,
            None => self.blocks.append(Section::Metadata, Block::Entry(Entry { key, value })),
        }
    }

    /// Notes that the file is written at `now`. Neither a clock that was set back nor one that runs behind moves
    /// it before what the file says already.
    pub fn touch(&mut self, now: Stamp) {
        self.updated = self.updated.max(now);
    }
}

fn no_such_wave(id: &Label, wave: Option<u32>, total: u32) -> ChangeError {
    ChangeError::NoSuchWave { id: id.clone(), wave: wave.unwrap_or_default(), total }
}

#[cfg(test)]
pub(crate) mod tests;
