//! What a store knows of one user.

use reweigh_reading::{Action, Fact, Instant, OrderKey, Revision, UserId};
use reweigh_state::{Checked, Mark, UserState, Verdict};

use crate::kept::Kept;

/// The two numbers of a user that a reader saw, and that its commit names.
///
/// `facts` grows with every commit that brought a new fact, `state` with every settled state, pins and erasures
/// included where they replace one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Seen {
    /// How often facts came.
    pub facts: u64,
    /// How often a state was settled.
    pub state: u64,
}

/// A fact and what was last said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The fact.
    pub fact: Fact,
    /// The verdict, once there is one.
    pub verdict: Option<Verdict>,
}

/// Whether a fact may stand beside other tellings of its id, so that it is kept with those of corrected ids: it corrects
/// one, or has a made id that is not made of its content.
pub fn corrects(fact: &Fact) -> bool {
    let base = matches!(fact.action(), Action::Add(_) | Action::Reset { .. } | Action::Height(_));
    fact.revision() > Revision::FIRST || !base || !fact.has_own_id()
}

/// What a verdict is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The key of the fact.
    pub key: OrderKey,
    /// Which telling of it. Of two tellings of one revision at one key it is the one that wins.
    pub revision: Revision,
    /// What is said.
    pub verdict: Verdict,
}

/// A user at a glance: one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The numbers to name in a commit.
    pub seen: Seen,
    /// The settled state, if there ever was one.
    pub state: Option<Kept>,
    /// When that state was committed.
    pub settled: Option<Instant>,
    /// The lowest key that is not in the settled state.
    pub mark: Mark,
    /// What is served instead of the settled state.
    pub pin: Option<Pinned>,
    /// How many facts there are, every telling counted.
    pub facts: u64,
    /// When the user was erased, if facts came back since or not.
    pub erased: Option<Instant>,
}

/// A user in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct UserLine {
    /// Who.
    pub user: UserId,
    /// The lowest key that is not in the settled state.
    pub mark: Mark,
    /// Why something else than the settled state is served.
    pub pinned: Option<PinCause>,
}

/// A user's facts in order, and what it takes to fold them.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The numbers to name in the commit of what is folded from this.
    pub seen: Seen,
    /// The lowest key that is not in the settled state.
    pub mark: Mark,
    /// The facts after the key that was asked for, in order, those of a corrected id left out.
    pub facts: Vec<Recorded>,
    /// Whether there are more: ask again after the last one.
    pub more: bool,
    /// Every telling of every id that was ever corrected or told twice, wherever it lies. Together with `facts` they are all that
    /// is needed to say which facts hold after the key.
    pub told: Vec<Recorded>,
}

/// The base of a replay, read together with what comes after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// The state before the key: checked, and fenced by the numbers in `history`.
    pub state: Checked<UserState>,
    /// The facts after that state.
    pub history: History,
}

/// Why something else than the settled state is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinCause {
    /// An operator restored a version.
    Operator,
    /// The settled state would have jumped.
    Jump,
    /// A rung of the recovery ladder made it.
    Recovered(u8),
    /// The settled state is of another fingerprint than the one that is served.
    Rollout,
}

impl PinCause {
    /// The word that files and scripts use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Jump => "jump",
            Self::Recovered(_) => "recovered",
            Self::Rollout => "rollout",
        }
    }
}

/// What is to be served instead of the settled state.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    /// What is served.
    pub state: Checked<UserState>,
    /// The version it is, if it is one.
    pub version: Option<u64>,
    /// Why.
    pub cause: PinCause,
}

/// What is served instead of the settled state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// What is served.
    pub state: Kept,
    /// The version it is, if it is one.
    pub version: Option<u64>,
    /// Why.
    pub cause: PinCause,
    /// Since when.
    pub since: Instant,
}
