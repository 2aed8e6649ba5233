//! What Reweigh asks of a store, the suite that holds a store to it, and a store in memory.
//!
//! A [`Store`] has two parts. The *journal* is where a fact is durable first: [`append`](Store::append) is the
//! acknowledgement, and never waits for anything but its own medium. The *main file* is everything folded:
//! [`commit`](Store::commit) moves facts there, with states and their stories, and moves the journal's mark in the
//! same transaction. No commit spans both. After a crash the rows beyond the mark are the tail, and the tail and the
//! main file together are every fact that was ever acknowledged.
//!
//! ```
//! use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
//! use reweigh_store::{Checkpoint, MemoryStore, Sequence, Store, StoreId, UserCommit};
//!
//! let store = MemoryStore::new(StoreId::from_number(7));
//! let ada = UserId::new("ada")?;
//! let at: Instant = "2026-01-01T07:00:00Z".parse()?;
//! let fact = Fact::reading(ada.clone(), at, Source::new("scale")?, Measure::new(80.5, Unit::Kilogram)?);
//!
//! // Durable, and acknowledged.
//! let row = store.append(&[fact.clone()], &[])?;
//! assert_eq!(store.tail(Sequence::START, 100)?.len(), 1);
//!
//! // Later a checkpoint moves it to the main file and the mark with it.
//! let users = vec![UserCommit::facts(ada.clone(), vec![fact])];
//! let outcomes = store.commit(&Checkpoint { users, mark: Some(row), ..Checkpoint::at(at) })?;
//! assert_eq!(outcomes[0].added, 1);
//! assert!(store.tail(Sequence::START, 100)?.is_empty());
//! assert_eq!(store.history(&ada, None, 100)?.facts.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is not here: bytes on a disk, redb, threads, a clock. Only [`Checked`](reweigh_state::Checked) states go in;
//! what comes out is [`Kept`], and has to go through the rules again before it is of use. A commit names the numbers
//! its reader [`Seen`], and is refused by one rule, [`may_commit`], the same in every store.
//!
//! [`promises!`] makes a test of every promise of the port; each adapter runs them all on a [`Bench`] of its own.
//! [`Faulty`] wraps a store and fails it by a seed; [`Patient`] is a caller that does what the port says about each error.

mod arrivals;
mod audit;
mod commit;
mod conformance;
mod error;
mod faulty;
mod journal;
mod kept;
mod memory;
mod patient;
mod port;
mod report;
mod user;

pub use arrivals::Arrivals;
pub use arrivals::Refusal;
pub use arrivals::may_commit;
pub use audit::Act;
pub use audit::ActKind;
pub use audit::AuditEntry;
pub use audit::AuditQuery;
pub use audit::AuditRow;
pub use audit::Told;
pub use commit::Checkpoint;
pub use commit::Settled;
pub use commit::UserCommit;
pub use commit::UserOutcome;
pub use conformance::Bench;
pub use conformance::PROMISES;
pub use conformance::Promise;
pub use conformance::hold;
pub use error::Place;
pub use error::Remedy;
pub use error::RestoreError;
pub use error::StoreError;
pub use faulty::Faults;
pub use faulty::Faulty;
pub use journal::JournalRow;
pub use journal::Rejected;
pub use journal::Sequence;
pub use kept::Kept;
pub use kept::Version;
pub use memory::MemoryDisk;
pub use memory::MemoryStore;
pub use patient::Patient;
pub use port::Store;
pub use port::StoreId;
pub use report::Damage;
pub use report::Erased;
pub use report::Report;
pub use report::Settings;
pub use report::Stats;
pub use user::History;
pub use user::Judgement;
pub use user::Loaded;
pub use user::Pin;
pub use user::PinCause;
pub use user::Pinned;
pub use user::Recorded;
pub use user::Restored;
pub use user::Seen;
pub use user::UserLine;
pub use user::corrects;
