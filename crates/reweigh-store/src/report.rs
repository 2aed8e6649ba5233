//! What a store says of itself.

use reweigh_state::Fingerprint;

use crate::error::Place;

/// What all users are under, and how long things are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// The fingerprint that users are settled under.
    pub current: Option<Fingerprint>,
    /// The fingerprint they are being moved to.
    pub target: Option<Fingerprint>,
    /// Days that audit entries are kept; none means for ever.
    pub audit_days: Option<u32>,
}

/// Numbers that are cheap to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Users, erased ones included.
    pub users: u64,
    /// Facts in the main file, every telling counted.
    pub facts: u64,
    /// Users with facts that are not in their settled state.
    pub unsettled: u64,
    /// Users who are served something else than their settled state.
    pub pinned: u64,
    /// Audit entries.
    pub audit: u64,
    /// Rejected rows.
    pub rejects: u64,
    /// Restatements that wait to be told.
    pub outbox: u64,
    /// Rows of the journal after the mark.
    pub journal_rows: u64,
    /// Bytes of the main file, as far as there is one.
    pub main_bytes: u64,
    /// Bytes of the journal's file, as far as there is one.
    pub journal_bytes: u64,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub detail: String,
    /// Whether facts are lost with it; if not, folding again mends it.
    pub truth: bool,
}

/// What a full check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Users looked at.
    pub users: u64,
    /// Facts looked at.
    pub facts: u64,
    /// All that is wrong.
    pub damage: Vec<Damage>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }
}

/// What an erasure took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Facts, every telling counted.
    pub facts: u64,
    /// Audit entries that are stubs now.
    pub audit: u64,
}
