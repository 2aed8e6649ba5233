//! Resets as transactions, a circuit breaker over their commits, and a recovery ladder.
//!
//! A fold of a user's facts decides now and then that the filter starts over. What a reset does are four pure
//! operations of `reweigh-state`; this crate makes sure that all of them happen or none, that the audit knows, that a
//! sick store is left in peace, and that there is something to serve while a user cannot be settled. It never decides
//! anything that is settled.
//!
//! ```
//! use reweigh_judge::{effective, fingerprint, fold_on};
//! use reweigh_reading::{Clock, Fact, Instant, Measure, Source, Unit, UserId};
//! use reweigh_reset::{
//!     BreakerSettings, Breakers, Commit, CommitFault, CommitPort, ResetLog, Sought, StateVersion, Target, Trace,
//!     TransactionResetter, Unfenced,
//! };
//! use reweigh_state::{AuditRecord, Checked, Expectations, Profile, UserState};
//!
//! /// A store of one user.
//! #[derive(Default)]
//! struct Store { made_by: Vec<u64>, state: Vec<u8>, audit: Vec<AuditRecord> }
//!
//! impl Store {
//!     fn version(&self) -> StateVersion { StateVersion::new(self.made_by.len() as u64) }
//! }
//!
//! impl CommitPort for Store {
//!     fn look(&mut self, sought: &Sought<'_>) -> Result<Trace, CommitFault> {
//!         // Which commit made the version after the base?
//!         Ok(match self.made_by.get(sought.base.get() as usize) {
//!             Some(by) if *by == sought.correlation => {
//!                 Trace::Made { version: StateVersion::new(sought.base.get() + 1) }
//!             }
//!             _ => Trace::NotMade { found: self.version() },
//!         })
//!     }
//!
//!     fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault> {
//!         let (base, found) = (commit.base, self.version());
//!         if base != found {
//!             return Err(CommitFault::Conflict { base, found });
//!         }
//!         self.made_by.push(commit.correlation);
//!         self.state = commit.state.encode();
//!         self.audit.extend_from_slice(commit.records);
//!         Ok(self.version())
//!     }
//!
//!     fn record(&mut self, _: &UserId, records: &[AuditRecord]) -> Result<(), CommitFault> {
//!         self.audit.extend_from_slice(records);
//!         Ok(())
//!     }
//! }
//!
//! struct Stopped(Instant);
//! impl Clock for Stopped {
//!     fn now(&self) -> Instant { self.0 }
//! }
//!
//! let policy = Profile::Balanced.policy().check().unwrap();
//! let ada = UserId::new("ada")?;
//! let reading = |day: &str, kg| {
//!     let at = format!("{day}T07:00:00Z").parse().unwrap();
//!     Fact::reading(ada.clone(), at, Source::unknown(), Measure::new(kg, Unit::Kilogram).unwrap())
//! };
//! // Two resets: the first reading, and the one after seven weeks without any.
//! let facts = [reading("2026-01-01", 80.4), reading("2026-01-02", 80.1), reading("2026-02-20", 78.9)];
//!
//! let clock = Stopped("2026-02-20T07:00:05Z".parse()?);
//! let (mut log, mut fence) = (ResetLog::new(ada.clone()), Unfenced);
//! let mut resetter = TransactionResetter::new(&mut log, &clock, &mut fence, 1);
//! let mut state = UserState::unborn(fingerprint(&policy));
//! fold_on(&mut state, &effective(facts).events, &policy, &mut resetter, &mut ());
//! let staged = resetter.finish();
//!
//! let breakers = Breakers::new(BreakerSettings::default().check().unwrap(), |change| eprintln!("{change}"));
//! let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
//! let state = Checked::state(state, &expectations)?;
//! let mut store = Store::default();
//! let target = Target { base: StateVersion::default(), state: &state };
//! let committed = staged.commit(&mut store, &breakers, &clock, target)?;
//!
//! assert_eq!(committed.version, StateVersion::new(1));
//! let reasons: Vec<_> = store.audit.iter().map(|record| record.reason.as_str()).collect();
//! assert_eq!(reasons, ["the first reading", "49 days without an accepted reading"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A reset
//!
//! ```text
//!              filter_reset    create_adaptation    cut_buffer       persist        commit
//!   prior ──▶ FilterReset ──▶ AdaptationCreated ──▶ BufferUpdated ──▶ Persisted ──▶ visible
//!     ▲            │                  │                  │               │            │
//!     │            └───── breaks a rule: refused, the fold goes on ──────┘            │
//!     └──────────── error, `?`, panic, drop, kill: the prior state goes on ───────────┘
//! ```
//!
//! Every arrow takes a [`Checkpoint`]: what was made, what its check said, how long it took. A [`ResetTransaction`]
//! borrows the prior state and makes a new value beside it, so there is nothing to undo. Inside a fold the
//! [`TransactionResetter`] does this for every reset that is new or changed, and goes the plain way for those that were
//! settled before just so. All of a fold's transactions end in its one commit, as [`Staged`]; the audit gets
//! [one record for each decision](compare) that is new, changed or gone. What failed is in the [`ResetLog`], however it
//! failed. A commit of which nobody knows is [`Stuck`] until somebody [looks](ResetLog::resolve): the store is asked for
//! that very commit, and what it [can't tell](Trace::Lost) nobody claims.
//!
//! # The breaker
//!
//! Three [faults of the infrastructure](FaultClass) in a row open a [`Breaker`], and commits that hold a new reset wait;
//! its own page has the states. Bad data never counts, folds go on, and users without a new reset are committed.
//!
//! # The ladder
//!
//! ```text
//!   the state before ─▶ newest good version ─▶ last days' readings ─▶ readings around the instant
//!                                             ─▶ newest plausible reading ─▶ a person
//! ```
//!
//! [`recover`] goes down the rungs and says of each why it did not serve. What it gives is served, marked provisional,
//! and never folded.
//!
//! # What is not here
//!
//! No storage: it comes in through [`CommitPort`], three methods. No clock: time comes in with each call or through a
//! `Clock`. No thread, and no decision: whether a reset is due says `reweigh-judge`, what it does says the policy.

mod breaker;
mod checkpoint;
mod decision;
mod error;
mod fault;
mod ladder;
mod log;
mod open;
mod port;
mod rebuild;
mod resetter;
mod staged;
mod stuck;
mod trail;
mod transaction;

pub use breaker::Breaker;
pub use breaker::BreakerSettingError;
pub use breaker::BreakerSettings;
pub use breaker::BreakerState;
pub use breaker::BreakerStatus;
pub use breaker::BreakerTally;
pub use breaker::Breakers;
pub use breaker::CheckedBreakerSettings;
pub use breaker::Denied;
pub use breaker::OperationKind;
pub use breaker::Permit;
pub use breaker::Transition;
pub use breaker::TransitionCause;
pub use checkpoint::Checkpoint;
pub use checkpoint::Made;
pub use checkpoint::Stage;
pub use checkpoint::StageVerdict;
pub use decision::DecisionChange;
pub use decision::ResetDecision;
pub use decision::compare;
pub use error::Refusal;
pub use error::ResetError;
pub use fault::CommitFault;
pub use fault::FaultClass;
pub use ladder::CheckedLadderSettings;
pub use ladder::Evidence;
pub use ladder::KeptVersion;
pub use ladder::KnownReading;
pub use ladder::LadderSettingError;
pub use ladder::LadderSettings;
pub use ladder::NeedsOperator;
pub use ladder::NotServed;
pub use ladder::PassedOver;
pub use ladder::Provenance;
pub use ladder::Recovered;
pub use ladder::Rung;
pub use ladder::RungNumbers;
pub use ladder::Served;
pub use ladder::recover;
pub use ladder::serve;
pub use log::ResetLog;
pub use log::ResetTally;
pub use port::Commit;
pub use port::CommitPort;
pub use port::Fence;
pub use port::Sought;
pub use port::StateVersion;
pub use port::Trace;
pub use port::Unfenced;
pub use rebuild::RebuildPreview;
pub use resetter::ManualRequest;
pub use resetter::TransactionResetter;
pub use staged::Committed;
pub use staged::Detached;
pub use staged::Staged;
pub use staged::Target;
pub use stuck::Resolved;
pub use stuck::Stuck;
pub use trail::Cause;
pub use transaction::AdaptationCreated;
pub use transaction::BufferUpdated;
pub use transaction::FilterReset;
pub use transaction::Persisted;
pub use transaction::ResetTask;
pub use transaction::ResetTransaction;
