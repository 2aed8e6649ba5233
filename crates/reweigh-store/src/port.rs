//! The port itself.

use std::fmt;
use std::path::Path;

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::Expectations;

use crate::audit::{Act, AuditQuery, AuditRow, Told};
use crate::commit::{Checkpoint, UserOutcome};
use crate::error::{RestoreError, StoreError};
use crate::journal::{JournalRow, Rejected, Sequence};
use crate::kept::Version;
use crate::report::{Erased, Report, Settings, Stats};
use crate::user::{History, Loaded, Pin, Recorded, Restored, UserLine};

/// What tells one store from another, so that files of two are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreId(u128);

impl StoreId {
    /// The id of a number, which its maker drew at random.
    pub const fn from_number(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u128 {
        self.0
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// How facts, states and their stories are kept.
///
/// What holds for every verb:
///
/// - A verb that writes is one transaction. When it returns `Ok`, what it wrote is there after any crash; when it
///   returns an error other than [`StoreError::Unknown`], nothing of it is there, now or later.
/// - A reader sees one moment: never half of a transaction, and what one call returns belongs together.
/// - What is read was checked: bytes that are not what was written are [`StoreError::Corrupt`], never data.
/// - Verbs may be called from many threads. Appending never waits for a checkpoint.
///
/// # What to do about an error
///
/// [`Patient`](crate::Patient) does this, and the suite holds for it on a store that fails in all of these ways.
///
/// - *Busy, a timeout, a conflict while restoring*: the same call again, after a while.
/// - *The medium failed, a poisoned handle*: open the store again, then the same call.
/// - *An unknown outcome*: open the store again and look, or offer the same again. Facts, rejected rows, a mark, and
///   letting go of what was told or pruned can be offered again without looking. An append that is offered again and had
///   been kept stands in two rows, which are one set of facts. What has an act was kept if the act is in the audit. A
///   checkpoint was kept, all of it, if any of its users, its mark or its entries shows it; a state that was kept and
///   is offered again is refused as moved, by itself.
/// - *A refused state*: read the user again and fold again; if nobody else settled them and no fact of others came, the
///   fold is the same, and is offered with the numbers that are found.
/// - *A full disk, a read-only file*: make room or see to the mode; then open the store again if the handle is poisoned.
pub trait Store: fmt::Debug + Send + Sync {
    /// Which store this is.
    fn id(&self) -> StoreId;

    // The journal.

    /// Makes facts and rejected rows durable, together, and says where they are. This is the acknowledgement.
    ///
    /// # Errors
    ///
    /// The journal's medium; an append beyond the largest size.
    fn append(&self, facts: &[Fact], rejects: &[Rejected]) -> Result<Sequence, StoreError>;

    /// The next rows of the tail: after `after` and after the mark, in order, until they hold `most` facts or more.
    /// Empty at its end. Facts of a user who was erased after they came are left out.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the journal's medium.
    fn tail(&self, after: Sequence, most: usize) -> Result<Vec<JournalRow>, StoreError>;

    /// One row of the journal, as long as it is not pruned.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the journal's medium.
    fn journal_row(&self, sequence: Sequence) -> Result<Option<JournalRow>, StoreError>;

    /// Up to here the journal is in the main file.
    ///
    /// # Errors
    ///
    /// The main file's medium.
    fn mark(&self) -> Result<Sequence, StoreError>;

    /// Lets go of the rows up to the mark and says how many there were.
    ///
    /// # Errors
    ///
    /// The journal's medium. Rows may stay; they are below the mark and never read.
    fn prune(&self) -> Result<u64, StoreError>;

    // One user.

    /// A user at a glance; none if nothing is known of them.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn load(&self, user: &UserId) -> Result<Option<Loaded>, StoreError>;

    /// The newest snapshot strictly before a key, checked, with every fact after it: the base of a replay.
    ///
    /// Looking for it and taking it are one transaction. It is fenced by the numbers in its history: a commit that
    /// names them is refused if the state moved meanwhile. No reader sees it. At most `most` facts come with it, and
    /// [`history`](Self::history) has the rest. If the newest snapshot is of no use, the error says so and has the
    /// key to ask again with; one that a later change of earlier facts made stale, or of another fingerprint, is
    /// passed over.
    ///
    /// # Errors
    ///
    /// That there is none, that it is corrupt, invalid or of another layout, or that the store failed.
    fn check_and_restore(
        &self,
        user: &UserId,
        before: &OrderKey,
        most: usize,
        expectations: &Expectations<'_>,
    ) -> Result<Restored, RestoreError>;

    /// A user's facts after a key, at most `most` and at least one if there is one, with all that folding them takes.
    ///
    /// # Errors
    ///
    /// A row that is corrupt: the facts in it are lost, and those of other rows are found after it. The medium.
    fn history(&self, user: &UserId, after: Option<&OrderKey>, most: usize) -> Result<History, StoreError>;

    /// Every telling of one id.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn find(&self, user: &UserId, id: &ReadingId) -> Result<Vec<Recorded>, StoreError>;

    /// The versions that are kept, the newest first; the newest is the settled state.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn versions(&self, user: &UserId) -> Result<Vec<Version>, StoreError>;

    // Many users.

    /// The next users after one, in the order of their ids, at most `most`.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn users(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserId>, StoreError>;

    /// The next users who are marked or pinned, likewise. This reads nothing of the others.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn marked(&self, after: Option<&UserId>, most: usize) -> Result<Vec<UserLine>, StoreError>;

    // Writing.

    /// Commits facts, states and their stories, and the journal's mark: all of it, or nothing.
    ///
    /// Facts are kept in every case. A state is refused alone, by [`may_commit`](crate::may_commit). Says what came
    /// of each user, in the order they were handed in.
    ///
    /// # Errors
    ///
    /// A mark that goes back or beyond the journal; the main file's medium.
    fn commit(&self, checkpoint: &Checkpoint) -> Result<Vec<UserOutcome>, StoreError>;

    /// Serves something else than the settled state, from here on. Settling goes on underneath.
    ///
    /// # Errors
    ///
    /// A user that is not there; the main file's medium.
    fn pin(&self, user: &UserId, pin: &Pin, act: &Act) -> Result<(), StoreError>;

    /// Serves the settled state again.
    ///
    /// # Errors
    ///
    /// A user that is not there or not pinned; the main file's medium.
    fn release(&self, user: &UserId, act: &Act) -> Result<(), StoreError>;

    /// Pins the newest kept version strictly before a key: an operator's restore. Looking for it, checking it and
    /// pinning it are one transaction.
    ///
    /// # Errors
    ///
    /// As [`check_and_restore`](Self::check_and_restore).
    fn check_and_pin(
        &self,
        user: &UserId,
        before: &OrderKey,
        act: &Act,
        expectations: &Expectations<'_>,
    ) -> Result<Version, RestoreError>;

    /// Takes away everything about a user: facts, states, versions, verdicts, what waits to be told, rows of the
    /// journal, and what audit entries say. A stub stays, so that a commit that began before is refused. What is
    /// told of a rejected row stays: it belongs to no user.
    ///
    /// # Errors
    ///
    /// A user that is not there; the medium.
    fn erase(&self, user: &UserId, act: &Act) -> Result<Erased, StoreError>;

    // Records.

    /// The next audit entries that are asked for, at most `most`.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn audit(&self, query: &AuditQuery, most: usize) -> Result<Vec<AuditRow>, StoreError>;

    /// Lets go of the audit entries recorded before an instant, says how many, and records that.
    ///
    /// # Errors
    ///
    /// The main file's medium.
    fn trim_audit(&self, before: Instant, act: &Act) -> Result<u64, StoreError>;

    /// The next rejected rows after a number, with their numbers, at most `most`.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn rejects(&self, after: u64, most: usize) -> Result<Vec<(u64, Rejected)>, StoreError>;

    /// The next restatements after a number, at most `most`.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn outbox(&self, after: u64, most: usize) -> Result<Vec<Told>, StoreError>;

    /// Lets go of the restatements up to a number: they were told.
    ///
    /// # Errors
    ///
    /// The main file's medium.
    fn told(&self, upto: u64) -> Result<(), StoreError>;

    /// What all users are under.
    ///
    /// # Errors
    ///
    /// A row that is corrupt; the main file's medium.
    fn settings(&self) -> Result<Settings, StoreError>;

    /// Changes what all users are under, and records that.
    ///
    /// # Errors
    ///
    /// The main file's medium.
    fn set(&self, settings: &Settings, act: &Act) -> Result<(), StoreError>;

    // The whole.

    /// Numbers that are cheap to tell.
    ///
    /// # Errors
    ///
    /// The medium.
    fn stats(&self) -> Result<Stats, StoreError>;

    /// Reads everything and lists all that is wrong.
    ///
    /// # Errors
    ///
    /// The medium. What is merely wrong is in the report.
    fn check(&self) -> Result<Report, StoreError>;

    /// Copies the store as it is at one moment, every acknowledged fact in it, while it stays in use. The copy has
    /// the same id and is opened like any store. Nothing is at `to` unless all of it is.
    ///
    /// # Errors
    ///
    /// Something at `to` already; either medium.
    fn backup(&self, to: &Path) -> Result<(), StoreError>;
}
