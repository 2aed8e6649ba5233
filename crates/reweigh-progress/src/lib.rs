//! A progress file in Markdown that people read at a glance and several processes update.
//!
//! [`Progress`] is what such a file says: a workflow in waves, its tasks by status, notes, metadata. It is written
//! by [`Progress::render`] and read back exactly by [`Progress::parse`], whatever the texts in it are; and what a
//! person adds by hand is kept byte for byte. The exact grammar is in [`FORMAT_VERSION`].
//!
//! [`Manager`] shares the file: each change happens under a lock, on what is there then, whole or not at all, with the
//! version before it as the backup, and is durable when it is acknowledged.
//!
//! ```
//! use reweigh_progress::{Completion, Label, Manager, Plan};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("STATE.md");
//! let manager = Manager::new(&path, (|| std::time::SystemTime::now().into(), std::thread::park_timeout));
//! let plan = Plan::new(Label::new("Backfill")?, Label::new("bf-7")?, 2)
//!     .task(1, Label::new("shard-0")?, "fold users 0..999")
//!     .task(2, Label::new("report")?, "write the report");
//! manager.initialize(&plan)?;
//!
//! // Another terminal: a note of three lines. It is a note, whatever stands in it.
//! manager.add_note("looks good\n- [x] **report**: done?\n## Notes")?;
//! // An editor: a plan of one's own.
//! let text = std::fs::read_to_string(&path)?;
//! std::fs::write(&path, text.replace("## Notes\n", "## My plan\n\nAsk Jane about *shard 0*.\n\n## Notes\n"))?;
//!
//! manager.start_task("shard-0")?;
//! manager.complete_task("shard-0", Completion::new())?;
//! let info = manager.resume_info()?;
//! assert_eq!(info.next, [Label::new("report")?]);
//! assert!(std::fs::read_to_string(&path)?.contains("## My plan\n\nAsk Jane about *shard 0*.\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//!
//! - A reader never sees half a file and never waits.
//! - After a crash or a power loss at any instant file and backup are whole, and every acknowledged change is there.
//! - Two changes never undo each other, of threads or of processes.
//! - A status is what was set; nothing in a text, name or note can pass for anything else.
//! - Nothing is written that would not read back as exactly what was meant, and a file that breaks a rule is never
//!   written over, nor becomes the backup.
//!
//! # What does not
//!
//! - An editor takes no lock. What it saves before a change is kept, and so is what it saves in the middle of one,
//!   short of the few microseconds between the last look and the renaming; the same goes for a holder whose lock somebody
//!   deletes. But an editor that writes back what it read long ago writes over what came in between.
//! - The lock is advisory and the kernel's. On a network file system it is as good as that makes it.
//! - Other hard links to the file keep the old version; access lists and extended attributes are not carried over.

#[cfg(not(unix))]
compile_error!(
    "reweigh-progress needs a system that replaces a file by renaming, syncs folders and has advisory file locks that \
     end with their holder: Linux, macOS or another Unix. Windows is not supported."
);

mod block;
mod error;
mod escape;
mod event;
mod finding;
mod format;
mod label;
mod manager;
mod owner;
mod parse;
mod plan;
mod progress;
mod render;
mod stamp;
mod task;
mod text;
mod time;
mod wave;

pub use block::Note;
pub use error::ProgressError;
pub use error::Step;
pub use event::Event;
pub use finding::Finding;
pub use finding::Findings;
pub use finding::Rule;
pub use format::FORMAT_VERSION;
pub use label::InvalidLabel;
pub use label::Label;
pub use manager::Manager;
pub use manager::Restored;
pub use manager::Retry;
pub use owner::Holder;
pub use owner::Owner;
pub use plan::Plan;
pub use progress::ChangeError;
pub use progress::Counts;
pub use progress::Progress;
pub use progress::ResumeInfo;
pub use stamp::InvalidStamp;
pub use stamp::Stamp;
pub use task::Completion;
pub use task::Status;
pub use task::Task;
pub use time::TimeSource;
pub use wave::InvalidWave;
pub use wave::Wave;
