//! How an engine is doing.

use std::collections::BTreeMap;

use reweigh_buffer::BufferStats;
use reweigh_reading::{Instant, UserId};
use reweigh_reset::{Breaker, BreakerStatus, OperationKind};
use reweigh_store::{PinCause, Settings, Stats};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::story::Trouble;
use crate::tail::TailSize;

/// How an engine is doing. What is counted is counted since it was opened.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Status {
    /// Users of the main file, erased ones included.
    pub users: u64,
    /// What the store says of itself.
    pub store: Stats,
    /// What all users are settled under, and what they are being moved to.
    pub settings: Settings,
    /// What the journal has and the main file has not.
    pub tail: TailSize,
    /// Whether the tail that an earlier engine left is in memory.
    pub caught_up: bool,
    /// When something was last committed to the main file.
    pub last_commit: Option<Instant>,
    /// Users that could not be settled, and why.
    pub troubles: BTreeMap<UserId, Trouble>,
    /// Users who are served something else than their settled state, and why.
    pub pinned: BTreeMap<UserId, PinCause>,
    /// How many users are served provisionally, by the word of the cause.
    pub provisional: BTreeMap<&'static str, u64>,
    /// How the breakers stand.
    pub breakers: Vec<(OperationKind, BreakerStatus)>,
    /// What waits in the buffer, and what has happened in it.
    pub buffer: BufferStats,
    /// Facts acknowledged.
    pub acknowledged: u64,
    /// Facts refused at the edge.
    pub refused: u64,
    /// Facts that were there already.
    pub duplicates: u64,
    /// Group commits to the journal.
    pub groups: u64,
    /// Facts folded, replays included.
    pub folded: u64,
    /// Replays begun.
    pub replays: u64,
    /// Facts folded in replays.
    pub replayed: u64,
    /// Facts that left the buffer for want of room and were read back.
    pub read_back: u64,
    /// Snapshots that were of no use to a replay.
    pub passed_over: u64,
    /// Checkpoints, and the transactions they were cut into.
    pub checkpoints: u64,
    /// Transactions of checkpoints.
    pub transactions: u64,
    /// Transactions that failed.
    pub failed_commits: u64,
    /// States that were refused because the user had moved; they were folded again.
    pub conflicts: u64,
    /// Records of resets written.
    pub resets: u64,
    /// Restatements written.
    pub restatements: u64,
    /// States that jumped, and were not served by themselves.
    pub jumps: u64,
    /// Users served by the recovery ladder, by rung: rollback, last good, history, interpolation, conservative.
    pub recoveries: [u64; 5],
    /// Folds that panicked.
    pub panics: u64,
    /// Calls to the store that were tried again.
    pub retries: u64,
    /// How often the store was opened anew after a fault.
    pub reopened: u64,
}

impl Engine {
    /// How the engine is doing.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// engine.ingest(doc::reading("ada", 1, 80.0))?;
    /// assert_eq!((engine.status()?.acknowledged, engine.status()?.store.facts), (1, 0));
    ///
    /// engine.settle()?;
    /// engine.checkpoint()?;
    /// let status = engine.status()?;
    /// assert_eq!((status.tail.facts, status.store.facts, status.store.unsettled), (0, 1, 0));
    /// assert!(status.last_commit.is_some() && status.pinned.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn status(&self) -> Result<Status, EngineError> {
        let core = &self.core;
        let (store, settings) = core.keeper.call(|store| Ok((store.stats()?, store.settings()?)))?;
        let counts = &core.counts;
        let troubles: BTreeMap<UserId, Trouble> =
            core.lanes.iter().flat_map(|lane| lane.residents().troubles.clone()).collect();
        let pinned: BTreeMap<UserId, PinCause> =
            core.pins().iter().map(|(user, held)| (user.clone(), held.cause)).collect();
        let mut provisional = BTreeMap::new();
        let causes = pinned.values().map(|cause| cause.as_str());
        for cause in causes.chain(troubles.values().map(Trouble::code)) {
            *provisional.entry(cause).or_default() += 1;
        }
        let (retries, reopened) = core.keeper.counts();
        let breaker = |breaker: &Breaker| (breaker.kind(), breaker.status());
        Ok(Status {
            users: store.users,
            store,
            settings,
            tail: core.tail.size(),
            caught_up: core.tail.is_caught_up(),
            last_commit: counts.last_commit.get(),
            troubles,
            pinned,
            provisional,
            breakers: core.breakers.iter().map(breaker).collect(),
            buffer: core.buffer.stats(),
            acknowledged: counts.acknowledged.get(),
            refused: counts.refused.get(),
            duplicates: counts.duplicates.get(),
            groups: counts.groups.get(),
            folded: counts.folded.get(),
            replays: counts.replays.get(),
            replayed: counts.replayed.get(),
            read_back: counts.read_back.get(),
            passed_over: counts.passed_over.get(),
            checkpoints: counts.checkpoints.get(),
            transactions: counts.transactions.get(),
            failed_commits: counts.failed_commits.get(),
            conflicts: counts.conflicts.get(),
            resets: counts.resets.get(),
            restatements: counts.told.get(),
            jumps: counts.pinned.get(),
            recoveries: counts.recoveries.each_ref().map(crate::count::Count::get),
            panics: counts.panics.get(),
            retries,
            reopened,
        })
    }
}
