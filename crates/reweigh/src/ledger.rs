//! What became of the rows that were handed in: each is counted in exactly one place.

use std::collections::HashMap;
use std::ops::AddAssign;

use reweigh_reading::{Fact, ReadingId, Revision, UserId};
use reweigh_state::{Outcome, Verdict};
use xxhash_rust::xxh3::xxh3_64;

use crate::batch::Receipt;
use crate::digest::PIECE;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::hub::Core;
use crate::known;
use crate::lines::{Role, cast, tell};
use crate::story::order;

/// Which telling of which fact a row was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FactName {
    /// Whose.
    pub user: UserId,
    /// What it is called.
    pub id: ReadingId,
    /// Which telling.
    pub revision: Revision,
    /// A hash of what it says.
    pub content: u64,
}

impl FactName {
    /// The name of a fact.
    pub fn of(fact: &Fact) -> Self {
        Self::with(fact, &mut Vec::with_capacity(64))
    }

    /// The names of facts, in their order.
    pub(crate) fn of_all(facts: &[Fact]) -> Vec<Self> {
        let mut bytes = Vec::with_capacity(64);
        facts.iter().map(|fact| Self::with(fact, &mut bytes)).collect()
    }

    fn with(fact: &Fact, bytes: &mut Vec<u8>) -> Self {
        bytes.clear();
        fact.write_payload(bytes);
        let content = xxh3_64(bytes);
        Self { user: fact.user().clone(), id: fact.id().clone(), revision: fact.revision(), content }
    }

    /// The name within its user, in eight bytes.
    fn hash(&self) -> u64 {
        let (content, revision) = (self.content, u64::from(self.revision.get()));
        let id = match &self.id {
            ReadingId::Made(made) => xxh3_64(&made.bytes()),
            ReadingId::Given(given) => xxh3_64(given.as_str().as_bytes()),
        };
        let mut bytes = [0; 24];
        for (to, from) in bytes.chunks_exact_mut(8).zip([id, revision, content]) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        xxh3_64(&bytes)
    }
}

/// What became of rows. Every row is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Readings that are part of the estimate.
    pub accepted: u64,
    /// Readings that are not.
    pub rejected: u64,
    /// Readings that are still being weighed.
    pub held: u64,
    /// Rows that were there already.
    pub duplicate: u64,
    /// Readings in whose place another telling stands.
    pub superseded: u64,
    /// Readings that were taken back.
    pub retracted: u64,
    /// Rows that are no reading: retractions, resets, heights, and amendments whose reading never came.
    pub correction: u64,
    /// Rows that were refused at the edge.
    pub refused: u64,
    /// Rows of users that are not settled.
    pub unsettled: u64,
}

impl Tally {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self {
            accepted,
            rejected,
            held,
            duplicate,
            superseded,
            retracted,
            correction,
            refused,
            unsettled,
        } = *self;
        accepted + rejected + held + duplicate + superseded + retracted + correction + refused + unsettled
    }

    fn count(&mut self, class: Class) {
        let counter = match class {
            Class::Accepted => &mut self.accepted,
            Class::Rejected => &mut self.rejected,
            Class::Held => &mut self.held,
            Class::Superseded => &mut self.superseded,
            Class::Retracted => &mut self.retracted,
            Class::Correction => &mut self.correction,
            Class::Unsettled => &mut self.unsettled,
        };
        *counter += 1;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.held += other.held;
        self.duplicate += other.duplicate;
        self.superseded += other.superseded;
        self.retracted += other.retracted;
        self.correction += other.correction;
        self.refused += other.refused;
        self.unsettled += other.unsettled;
    }
}

/// What a fact is counted as, if it was not there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Accepted,
    Rejected,
    Held,
    Superseded,
    Retracted,
    Correction,
    Unsettled,
}

impl Class {
    fn of(fact: &Fact, role: Role, verdict: Option<Verdict>) -> Self {
        if fact.measure().is_none() {
            return Self::Correction;
        }
        match (role, verdict.map(|verdict| verdict.outcome)) {
            (Role::Superseded { .. }, _) => Self::Superseded,
            (Role::Retracted, _) => Self::Retracted,
            (Role::Reading, Some(Outcome::Accepted)) => Self::Accepted,
            (Role::Reading, Some(Outcome::Rejected)) => Self::Rejected,
            (Role::Reading, Some(Outcome::Held)) => Self::Held,
            (Role::Reading, _) => Self::Unsettled,
            (Role::Waiting | Role::Retraction | Role::Height | Role::Reset, _) => Self::Correction,
        }
    }
}

/// The rows of many receipts, to be counted together: twelve bytes for each, and the names of their users.
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
/// use reweigh::Ledger;
///
/// let engine = doc::engine();
/// let mut ledger = Ledger::new();
/// for day in 1..=3 {
///     ledger.add(&engine.ingest(doc::reading("ada", day, 80.0))?);
/// }
/// ledger.add(&engine.ingest(doc::reading("ada", 3, 80.0))?);
/// engine.settle()?;
///
/// let tally = engine.tally(&ledger)?;
/// assert_eq!((tally.accepted, tally.duplicate), (3, 1));
/// assert_eq!(tally.total(), ledger.read());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    users: Vec<UserId>,
    numbers: HashMap<UserId, u32>,
    rows: Vec<Row>,
    spans: Vec<Span>,
    refused: u64,
}

/// A row: its user and its name, in parts that need no padding.
#[derive(Debug, Clone, Copy)]
struct Row {
    user: u32,
    high: u32,
    low: u32,
}

impl Row {
    fn hash(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// Rows that came one after the other, and their place in the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) sequence: u64,
    pub(crate) offset: u32,
    pub(crate) rows: u32,
}

impl Ledger {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the rows of a receipt.
    pub fn add(&mut self, receipt: &Receipt) {
        self.refused += u64::from(receipt.refused);
        let (sequence, offset) = (receipt.row.get(), receipt.offset);
        let rows = u32::try_from(receipt.facts.len()).unwrap_or(u32::MAX);
        self.spans.push(Span { sequence, offset, rows });
        for name in &receipt.facts {
            let user = self.number(&name.user);
            let hash = name.hash();
            #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
            self.rows.push(Row { user, high: (hash >> 32) as u32, low: hash as u32 });
        }
    }

    /// How many rows there are, those that were refused included.
    pub fn read(&self) -> u64 {
        self.rows.len() as u64 + self.refused
    }

    /// The users of the rows, in the order in which they came first.
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    fn number(&mut self, user: &UserId) -> u32 {
        if let Some(number) = self.numbers.get(user) {
            return *number;
        }
        let number = u32::try_from(self.users.len()).unwrap_or(u32::MAX);
        self.users.push(user.clone());
        self.numbers.insert(user.clone(), number);
        number
    }
}

impl Engine {
    /// What became of the rows of one receipt. Ask once they are [settled](Self::settle): those that are not count as
    /// `unsettled`.
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/open.rs")); }
    /// let engine = doc::engine();
    /// let receipt = engine.ingest(vec![doc::reading("ada", 1, 80.0), doc::reading("ada", 2, 980.0)])?;
    /// engine.settle()?;
    ///
    /// let tally = engine.outcome(&receipt)?;
    /// assert_eq!((tally.accepted, tally.refused, tally.total()), (1, 1, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn outcome(&self, receipt: &Receipt) -> Result<Tally, EngineError> {
        let mut ledger = Ledger::new();
        ledger.add(receipt);
        self.tally(&ledger)
    }

    /// What became of the rows of a ledger, user by user.
    ///
    /// Of rows that say the same one counts by what became of it, and the others as duplicates. Which of them were
    /// there before the ledger was begun is remembered as long as the engine is open, for the last 100,000 commits.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub fn tally(&self, ledger: &Ledger) -> Result<Tally, EngineError> {
        let known = self.core.receipts.duplicates(&ledger.spans);
        let mut by_user: Vec<usize> = (0..ledger.rows.len()).collect();
        let user = |place: &usize| ledger.rows.get(*place).map(|row| row.user);
        by_user.sort_by_key(user);
        let mut tally = Tally { refused: ledger.refused, ..Tally::default() };
        for places in by_user.chunk_by(|a, b| user(a) == user(b)) {
            let number = places.first().and_then(user).and_then(|number| usize::try_from(number).ok());
            let Some(user) = number.and_then(|number| ledger.users.get(number)) else { continue };
            // How often each was told, and how often it was there already.
            let mut told: HashMap<u64, (u64, u64)> = HashMap::with_capacity(places.len());
            for place in places {
                let Some(row) = ledger.rows.get(*place) else { continue };
                let (times, again) = told.entry(row.hash()).or_default();
                *times += 1;
                *again += u64::from(known.get(*place) == Some(&true));
            }
            tally += self.tally_of(user, told)?;
        }
        Ok(tally)
    }

    fn tally_of(&self, user: &UserId, mut told: HashMap<u64, (u64, u64)>) -> Result<Tally, EngineError> {
        let mut tally = Tally::default();
        told.retain(|_, (times, again)| {
            let there_before = again == times;
            tally.duplicate += if there_before { *times } else { *times - 1 };
            !there_before
        });
        if told.is_empty() {
            return Ok(tally);
        }
        let settled = self.state(user)?.is_some_and(|standing| standing.settled.is_some());
        if settled {
            each_class(&self.core, user, |fact, class| {
                if told.remove(&FactName::of(fact).hash()).is_some() {
                    tally.count(class);
                }
            })?;
        }
        tally.unsettled += told.len() as u64;
        Ok(tally)
    }
}

/// Says of every fact of a settled user what it is counted as.
fn each_class(core: &Core, user: &UserId, mut each: impl FnMut(&Fact, Class)) -> Result<(), EngineError> {
    if !known::held(core, user).is_empty() {
        // What was said of them is not written yet.
        let facts = known::all(core, user)?.into_iter().map(|recorded| recorded.fact).collect();
        for line in tell(facts, &core.policy, None).lines {
            each(&line.fact, Class::of(&line.fact, line.role, line.verdict));
        }
        return Ok(());
    }
    let (mut after, mut first) = (None, true);
    loop {
        let history = core.keeper.call(|store| store.history(user, after.as_ref(), 8 * PIECE))?;
        after = history.facts.last().filter(|_| history.more).map(|last| last.fact.key());
        for recorded in &history.facts {
            each(&recorded.fact, Class::of(&recorded.fact, Role::Reading, recorded.verdict));
        }
        if std::mem::take(&mut first) {
            let mut told = history.told;
            told.sort_by(|a, b| order(&a.fact, &b.fact));
            let facts = told.iter().map(|recorded| recorded.fact.clone()).collect();
            for ((fact, role), recorded) in cast(facts).iter().zip(&told) {
                each(fact, Class::of(fact, *role, recorded.verdict));
            }
        }
        if after.is_none() {
            return Ok(());
        }
    }
}
