//! A progress file in Markdown that people read at a glance and several processes update.
//!
//! [`Progress`] is what such a file says: a workflow in waves, its tasks by status, notes, metadata. It is written
//! by [`Progress::render`] and read back exactly by [`Progress::parse`], whatever the texts in it are; and what a
//! person adds by hand is kept byte for byte.
//!
//! ```
//! use reweigh_progress::{Label, Progress, Wave};
//!
//! let started = "2026-03-01T09:00:00Z".parse()?;
//! let mut progress = Progress::new(Label::new("Backfill")?, Label::new("bf-7")?, Wave::new(1, 2)?, started);
//! progress.add_task(Label::new("shard-0")?, Some(1), "fold users 0..999")?;
//! progress.add_note(started, "a note of\n- [x] **several** lines");
//!
//! let file = progress.render().replace("## Notes\n", "## Notes\n\nAsk Jane about shard-0.\n");
//! let mut read = Progress::parse(file)?;
//! assert_eq!(read.notes().next().map(|note| note.text()), Some("a note of\n- [x] **several** lines"));
//! read.start_task("shard-0")?;
//! assert!(read.render().contains("Ask Jane about shard-0."));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The exact grammar is in [`format`](mod@format).

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
pub mod format;
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
