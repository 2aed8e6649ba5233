//! The store on disk: two redb files with one name.
//!
//! `X.redb` is everything folded, `X.redb-journal` is the tail of what was acknowledged and is not folded yet. An
//! append waits for one sync of the journal and for nothing else; a checkpoint is one transaction of the main file, and
//! the journal's mark is part of it. A clean [`close`](RedbStore::close) leaves one file.
//!
//! ```
//! use reweigh_redb::{Options, Owner, RedbStore};
//! use reweigh_store::{Sequence, Store, StoreId};
//! # use reweigh_reading::{Fact, Measure, Source, Unit, UserId};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("weights.redb");
//! # let ada = UserId::new("ada")?;
//! # let fact = Fact::reading(ada, "2026-01-01T07:00:00Z".parse()?, Source::unknown(), Measure::new(80.5, Unit::Kilogram)?);
//!
//! let owner = Owner { pid: 4711, host: "scales".to_owned(), since: "2026-01-01T07:00:00Z".to_owned() };
//! let options = Options { create: Some(StoreId::from_number(1)), ..Options::new(owner) };
//! let store = RedbStore::open(&path, options.clone())?;
//! store.append(&[fact], &[])?;
//!
//! // Somebody else is told who has it.
//! let error = RedbStore::open(&path, options.clone()).unwrap_err();
//! assert!(error.to_string().contains("is in use by pid 4711 on scales since 2026-01-01T07:00:00Z"));
//!
//! // However the program ends, what was acknowledged is there.
//! drop(store);
//! let store = RedbStore::open(&path, options)?;
//! assert_eq!(store.tail(Sequence::START, 100)?.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! After a fault of the medium, a commit of unknown outcome or a panic inside the library the handle is of no more use:
//! every verb says [`Poisoned`](reweigh_store::StoreError::Poisoned) until the store is opened again, which settles
//! what was kept.
//!
//! What is not here: the engine, threads, a clock, randomness. `docs/formats.md` has every byte.

mod archive;
mod blob;
mod bytes;
mod crash;
mod fault;
mod file;
mod filter;
mod gate;
mod head;
mod medium;
mod migration;
mod open_error;
mod opening;
mod options;
mod owner;
mod pack;
mod page;
mod records;
mod row;
mod store;
mod tables;
mod view;
mod work;

pub use crash::CrashScenario;
pub use crash::CrashSweep;
pub use medium::Backend;
pub use medium::DiskMedium;
pub use medium::Fate;
pub use medium::Medium;
pub use medium::PowerMedium;
pub use open_error::OpenError;
pub use options::Options;
pub use owner::Owner;
pub use store::RedbStore;
