//! What is committed to the main file, and what comes of it.

use reweigh_reading::{Fact, Instant, OrderKey, ReadingId, UserId};
use reweigh_state::{Checked, Restatement, UserState};

use crate::arrivals::Refusal;
use crate::audit::AuditEntry;
use crate::journal::{Rejected, Sequence};
use crate::user::{Judgement, Pin, Seen};

/// One transaction of a checkpoint. A large checkpoint is several of these, cut by users; only the last has the mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Now.
    pub at: Instant,
    /// The users, each at most once. In order of user they cost least.
    pub users: Vec<UserCommit>,
    /// Rows that were refused at the edge.
    pub rejects: Vec<Rejected>,
    /// What is to be remembered that belongs to no user's commit.
    pub audit: Vec<(Option<UserId>, AuditEntry)>,
    /// Up to here the journal is in the main file once this is committed.
    pub mark: Option<Sequence>,
}

impl Checkpoint {
    /// Nothing yet.
    pub fn at(at: Instant) -> Self {
        Self { at, users: Vec::new(), rejects: Vec::new(), audit: Vec::new(), mark: None }
    }
}

/// What is committed for one user.
#[derive(Debug, Clone, PartialEq)]
pub struct UserCommit {
    /// Who.
    pub user: UserId,
    /// The numbers that were read before the fold.
    pub seen: Seen,
    /// Facts to keep. One that is there already is skipped: facts are a set.
    pub facts: Vec<Fact>,
    /// The lowest key whose part in the story these facts change, where it is lower than their own: the old place of
    /// a reading that a correction moves or takes back.
    pub touches: Option<OrderKey>,
    /// Ids of facts of the first revision that were told before with another content: a conflict. From here on every
    /// telling of them comes with every [history](crate::History), like those of a corrected id.
    pub retold: Vec<ReadingId>,
    /// The state, if the user could be settled. It holds every fact that was seen and every fact of this commit.
    pub settled: Option<Settled>,
}

impl UserCommit {
    /// Facts alone.
    pub fn facts(user: UserId, facts: Vec<Fact>) -> Self {
        Self { user, seen: Seen::default(), facts, touches: None, retold: Vec::new(), settled: None }
    }
}

/// A user's new settled state and its story.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The state.
    pub state: Checked<UserState>,
    /// The key of the state the fold went on from; none when it began at the first fact.
    pub base: Option<OrderKey>,
    /// States along the way, each as it was after the fact of its key. A store keeps those it can use as the base of
    /// a later replay; hand in one every few facts.
    pub snapshots: Vec<Checked<UserState>>,
    /// Verdicts that are new or changed.
    pub verdicts: Vec<Judgement>,
    /// What the outside world should be told, and why it changed.
    pub restatement: Option<(Restatement, String)>,
    /// Records of resets that are new, changed or gone.
    pub audit: Vec<AuditEntry>,
    /// What is to be served instead, if the state must not be served as it is.
    pub pin: Option<Pin>,
}

impl Settled {
    /// A state with no story to tell.
    pub fn new(state: Checked<UserState>, base: Option<OrderKey>) -> Self {
        Self {
            state,
            base,
            snapshots: Vec::new(),
            verdicts: Vec::new(),
            restatement: None,
            audit: Vec::new(),
            pin: None,
        }
    }
}

/// What came of a user's commit. Its facts are kept in every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserOutcome {
    /// The numbers from now on.
    pub seen: Seen,
    /// How many facts were new.
    pub added: usize,
    /// How many were there already.
    pub known: usize,
    /// Why the state was not taken, if it was not.
    pub refused: Option<Refusal>,
}
