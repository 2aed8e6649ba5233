//! The file, shared: every change under a lock, whole, backed up and durable.

mod disk;
mod lock;
mod paths;
mod publish;
mod retry;
mod shared;

pub use retry::Retry;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::ProgressError;
use crate::event::Event;
use crate::label::Label;
use crate::owner::Owner;
use crate::plan::Plan;
use crate::progress::{ChangeError, Progress, ResumeInfo};
use crate::task::Completion;
use crate::time::TimeSource;
use disk::SystemDisk;
use shared::Shared;

/// Reads and changes one progress file, together with other threads and processes that do the same.
///
/// A change takes the lock, reads the file and checks it, changes it, checks that the result reads back exactly, keeps
/// the old file as the backup, and puts the new one in its place; when it returns, it is durable. A reader needs no
/// lock and never sees half a file. After an error the file is as it was, unless the error says otherwise.
///
/// Beside `STATE.md` stand `STATE.backup` (the version before the last change), `STATE.md.lock` and `.STATE.md.turn`
/// (empty unless the lock is held; leave them), and after [`restore_backup`](Self::restore_backup) `STATE.replaced`.
/// A link is followed: the file behind it is changed, and these stand beside that file. Mode and owner are kept as far
/// as the user may; access lists and extended attributes are not. A change by another user needs the right to write
/// the file, not only the folder.
///
/// ```
/// use reweigh_progress::{Completion, Label, Manager, Plan};
///
/// let folder = tempfile::tempdir()?;
/// let manager = Manager::new(folder.path().join("STATE.md"), (|| std::time::SystemTime::now().into(), std::thread::park_timeout));
/// let plan = Plan::new(Label::new("Backfill")?, Label::new("bf-7")?, 1).task(1, Label::new("shard-0")?, "fold");
/// manager.initialize(&plan)?;
///
/// manager.start_task("shard-0")?;
/// manager.add_note("nothing odd so far")?;
/// manager.complete_task("shard-0", Completion::new())?;
/// assert!(manager.resume_info()?.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Manager {
    shared: Shared<SystemDisk>,
}

/// What [`Manager::restore_backup`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// What the file says now.
    pub progress: Progress,
    /// Where what stood there before is kept; none if there was no file.
    pub replaced: Option<PathBuf>,
}

impl Manager {
    /// Manages the file at `path`, which need not exist yet. Nothing is read or written.
    pub fn new(path: impl Into<PathBuf>, time: impl TimeSource + 'static) -> Self {
        Self { shared: Shared::new(path.into(), Arc::new(time), SystemDisk) }
    }

    /// Waits for the lock in another way than by [`Retry::default`].
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.shared.retry = retry;
        self
    }

    /// Names another holder of the lock than [`Owner::this_process`].
    #[must_use]
    pub fn with_owner(mut self, owner: Owner) -> Self {
        self.shared.owner = owner;
        self
    }

    /// Tells `observer` what happens, say for a log.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.shared.observer = shared::Observer(Arc::new(observer));
        self
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Writes the file of a workflow that begins now.
    ///
    /// # Errors
    /// When there is such a file already, among others.
    pub fn initialize(&self, plan: &Plan) -> Result<Progress, ProgressError> {
        self.shared.create(|now| plan.begin(now))
    }

    /// Reads the file. Takes no lock and never waits.
    ///
    /// # Errors
    /// When it is missing, can't be read, or breaks a rule.
    pub fn load(&self) -> Result<Progress, ProgressError> {
        self.shared.load()
    }

    /// Checks the file.
    ///
    /// # Errors
    /// As [`Manager::load`]; [`ProgressError::Invalid`] holds all that is wrong, by line.
    pub fn validate(&self) -> Result<(), ProgressError> {
        self.load().map(|_| ())
    }

    /// Says where to go on after an interruption.
    ///
    /// # Errors
    /// As [`Manager::load`].
    pub fn resume_info(&self) -> Result<ResumeInfo, ProgressError> {
        self.load().map(|progress| progress.resume_info())
    }

    /// Makes any change, as one. It is made again on what is there then if somebody without the lock wrote the file
    /// meanwhile, so it may be called several times.
    ///
    /// ```no_run
    /// # let manager = reweigh_progress::Manager::new("STATE.md", (|| std::time::SystemTime::now().into(), std::thread::park_timeout));
    /// use reweigh_progress::{Completion, Wave};
    ///
    /// manager.update(|progress| {
    ///     progress.complete_task("shard-9", Completion::new())?;
    ///     progress.set_wave(Wave::new(2, 3)?)
    /// })?;
    /// # Ok::<(), reweigh_progress::ProgressError>(())
    /// ```
    ///
    /// # Errors
    /// When `change` fails nothing is written. Else when there is no file, it breaks a rule, the lock is taken for too
    /// long, or the file system fails.
    pub fn update<T>(
        &self,
        mut change: impl FnMut(&mut Progress) -> Result<T, ChangeError>,
    ) -> Result<T, ProgressError> {
        self.shared.change(|progress, _| change(progress))
    }

    /// Begins a task, or begins it again.
    ///
    /// # Errors
    /// When no task has this id, and as [`Manager::update`].
    pub fn start_task(&self, id: &str) -> Result<(), ProgressError> {
        self.update(|progress| progress.start_task(id))
    }

    /// Ends a task well.
    ///
    /// # Errors
    /// When no task has this id, and as [`Manager::update`].
    #[expect(clippy::needless_pass_by_value, reason = "a completion is built for this one call")]
    pub fn complete_task(&self, id: &str, done: Completion) -> Result<(), ProgressError> {
        self.update(|progress| progress.complete_task(id, done.clone()))
    }

    /// Gives a task up. Without a text it is failed all the same.
    ///
    /// # Errors
    /// When no task has this id, and as [`Manager::update`].
    pub fn fail_task(&self, id: &str, error: &str) -> Result<(), ProgressError> {
        self.update(|progress| progress.fail_task(id, error))
    }

    /// Adds a note of this instant.
    ///
    /// # Errors
    /// As [`Manager::update`]; without a file nothing is made.
    pub fn add_note(&self, text: &str) -> Result<(), ProgressError> {
        self.shared.change(|progress, now| {
            progress.add_note(now, text);
            Ok(())
        })
    }

    /// Sets one value of the metadata.
    ///
    /// # Errors
    /// When `key` is no [`Label`], and as [`Manager::update`].
    pub fn set_metadata(&self, key: &str, value: &str) -> Result<(), ProgressError> {
        let key = Label::new(key).map_err(ChangeError::from)?;
        self.update(|progress| {
            progress.set_metadata(key.clone(), value);
            Ok(())
        })
    }

    /// Goes back to the version before the last change. The backup stays, and what is replaced is put aside, however
    /// damaged it is.
    ///
    /// # Errors
    /// When there is no backup or it breaks a rule, and as [`Manager::update`].
    pub fn restore_backup(&self) -> Result<Restored, ProgressError> {
        self.shared.restore()
    }

    /// Takes the file away, under the lock. It becomes the backup, so [`Manager::restore_backup`] brings it back; a
    /// damaged one is put aside instead, and the backup stays.
    ///
    /// # Errors
    /// When there is no such file, and as [`Manager::update`].
    pub fn clear(&self) -> Result<(), ProgressError> {
        self.shared.remove()
    }
}
