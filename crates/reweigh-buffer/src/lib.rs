//! The two-phase replay buffer: readings on their way into a state, none lost and none seen twice.
//!
//! A reading is durable before it comes here. It waits, one queue per user, until a replay folds it into the user's
//! state. Readings keep coming while a replay runs, so a replay never works on the queue itself. It works on a snapshot
//! of it, in two phases:
//!
//! ```text
//!         add                        add                          add
//!          │                          │                            │
//!          ▼                          ▼                            ▼
//!      ┌────────┐ begin_snapshot ┌──────────────────┐ finalize ┌─────────────────┐
//!      │  live  ├───────────────▶│ frozen │ pending ├─────────▶│ guard │ pending │
//!      └────────┘                └────────┬─────────┘          └─┬─────┬─────────┘
//!       ▲  ▲  ▲   abort, drop, timeout:   │                      │     │
//!       │  │  └───────────────────────────┘                      │     │
//!       │  │       frozen and pending are live, in order         │     │
//!       │  │      abort, drop, panic: the same                   │     │
//!       │  └─────────────────────────────────────────────────────┘     │
//!       │         complete: the guard's readings are let go,           │
//!       └──────────────────────────────────────────────────────────────┘
//!                  pending is live
//! ```
//!
//! # The protocol
//!
//! 1. [`begin_snapshot`](ReplayBuffer::begin_snapshot) sets aside what was added so far and gives the user a new
//!    version. From now on what comes is pending, and nobody else can begin.
//! 2. *Then* the base of the replay is read. In this order, because readings go from here into the state only through a
//!    snapshot, and this user's is ours: what the base holds and what is frozen neither overlap nor leave a gap. A base
//!    that was read first could miss what another replay completed in between.
//! 3. [`finalize`](Snapshot::finalize) hands the frozen readings out as a guard. A snapshot that nobody finalizes ends
//!    by itself; one that was finalized ends with its guard.
//! 4. The replay folds. It has the guard, and no way to the buffer.
//! 5. [`complete`](Frozen::complete) lets the readings go, once the new state is where the next base will be read from.
//!    Whatever happens instead gives them back.
//!
//! Each step is one short lock of one shard. Nothing of the caller's runs and no reading is freed while it is held,
//! and nothing is held between two steps: adding never waits for a replay.
//!
//! ```
//! use reweigh_buffer::{Begun, BufferLimits, JournalPlace, ReplayBuffer, Stage, Upto};
//! use reweigh_reading::{Elapsed, Fact, Instant, Measure, Source, Unit, UserId};
//!
//! let anna = UserId::new("anna")?;
//! let scale = Source::new("scale")?;
//! let day = |n| Instant::UNIX_EPOCH.saturating_add(Elapsed::from_days(n));
//! let reading = |n, kilograms| {
//!     Measure::new(kilograms, Unit::Kilogram).map(|it| Fact::reading(anna.clone(), day(n), scale.clone(), it))
//! };
//! let buffer = ReplayBuffer::new(&BufferLimits::default())?;
//! let now = day(20_000);
//!
//! // Two readings came, late and out of order; the journal has them.
//! let _ = buffer.add(reading(7, 80.4)?, JournalPlace { sequence: 1, offset: 0 })?;
//! let _ = buffer.add(reading(3, 80.9)?, JournalPlace { sequence: 1, offset: 1 })?;
//!
//! // First phase: freeze. Now is the time to read the base.
//! let Begun { snapshot, .. } = buffer.begin_snapshot(&anna, Upto::Latest, now)?;
//! assert!(buffer.begin_snapshot(&anna, Upto::Latest, now).is_err(), "one snapshot per user");
//!
//! // Readings keep coming. They are pending: this replay will not see them.
//! let added = buffer.add(reading(8, 80.1)?, JournalPlace { sequence: 2, offset: 0 })?;
//! assert_eq!(added.stage, Stage::Pending);
//!
//! // Second phase: the guard. The base lies before the reading that comes first in the story.
//! let frozen = snapshot.finalize(now)?;
//! assert_eq!(frozen.len(), 2);
//! assert_eq!(frozen.first_key().map(|key| key.at()), Some(day(3)));
//!
//! // The fold failed: dropping the guard gives everything back, in the order in which it came.
//! let folded: Result<(), &str> = Err("disk full");
//! if folded.is_err() {
//!     drop(frozen);
//! }
//! let order: Vec<_> = buffer.view(&anna).unwrap().readings().map(|it| it.place()).collect();
//! assert!(order.is_sorted());
//! assert_eq!(order.len(), 3);
//!
//! // Another try takes all three, and lets them go once their state is safe.
//! let frozen = buffer.begin_snapshot(&anna, Upto::Latest, now)?.snapshot.finalize(now)?;
//! let ended = frozen.complete(now);
//! assert_eq!((ended.readings, ended.waiting), (3, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Bounds
//!
//! Memory is bounded per user and for all users together, see [`BufferLimits`]. What has to leave is handed out as
//! [`Token`]s: the reading is durable, and the next replay of its user reads it back. Whoever adds must keep them.
//!
//! # What is not here
//!
//! Filters, states, storage, threads and clocks. Time comes in as an argument; it decides when a snapshot is too old,
//! and nothing else. What a reading means, and whether it was met before, is for those who fold.

mod buffer;
mod entry;
mod error;
mod guard;
mod histogram;
mod limits;
mod outcome;
mod planted;
mod queue;
mod shard;
mod slot;
mod stats;
mod sync;
mod table;

pub use buffer::ReplayBuffer;
pub use entry::Buffered;
pub use entry::JournalPlace;
pub use entry::Sequence;
pub use entry::Token;
pub use entry::Version;
pub use error::BufferError;
pub use error::Phase;
pub use guard::Frozen;
pub use guard::Snapshot;
pub use histogram::DurationHistogram;
pub use limits::BufferLimits;
pub use outcome::Added;
pub use outcome::Begun;
pub use outcome::Due;
pub use outcome::Ended;
pub use outcome::Remaining;
pub use outcome::Stage;
pub use outcome::TimedOut;
pub use outcome::Upto;
pub use outcome::View;
pub use stats::BufferStats;
pub use stats::Events;
