//! What an operator sees before a user is folded again from the facts, and the record of having done it.

use std::fmt;

use reweigh_reading::{Instant, Source};
use reweigh_state::{AuditActor, AuditKind, AuditOutcome, AuditRecord, Checked, Tally, UserState};

use crate::decision::{DecisionChange, ResetDecision, compare};

/// What a rebuild would change for one user. A dry run shows it and stops there; nothing has been touched. It folds with
/// a log of its own and lets go of that, so that nothing is written either, not even what failed.
///
/// To go on, add the [record](Self::record) to the fold's [`Staged`](crate::Staged) and commit that: a rebuild
/// that races with another commit of the user ends in a conflict like any other.
#[derive(Debug, Clone, PartialEq)]
pub struct RebuildPreview {
    /// Whether the state stays as it is, bit for bit.
    pub identical: bool,
    /// The estimate before and after, kg.
    pub level_kg: (Option<f64>, Option<f64>),
    /// How many readings the state has taken in, before and after.
    pub readings: (u64, u64),
    /// The final verdicts before and after.
    pub tally: (Tally, Tally),
    /// Resets that are new, changed or gone.
    pub resets: Vec<DecisionChange>,
}

impl RebuildPreview {
    /// Holds a state that was folded again against the one that is settled, and the decisions of both.
    ///
    /// ```
    /// use reweigh_reset::RebuildPreview;
    /// use reweigh_state::{Checked, Expectations, Fingerprint, Profile, UserState};
    ///
    /// let policy = Profile::Balanced.policy().check().unwrap();
    /// let fingerprint = Fingerprint::of(1, &policy);
    /// let state = UserState::unborn(fingerprint);
    /// let again = Checked::state(state.clone(), &Expectations { fingerprint, policy: &policy }).unwrap();
    /// let preview = RebuildPreview::of(Some(&state), &again, &[], &[]);
    /// assert!(preview.identical);
    /// assert_eq!(preview.to_string(), "nothing changes");
    /// ```
    pub fn of(
        before: Option<&UserState>,
        after: &Checked<UserState>,
        old: &[ResetDecision],
        new: &[ResetDecision],
    ) -> Self {
        let level = |state: &UserState| state.estimate().map(|estimate| estimate.level_kg);
        let tally = before.map(|state| state.tally).unwrap_or_default();
        Self {
            identical: before.is_some_and(|before| before.encode() == after.encode()),
            level_kg: (before.and_then(level), level(after)),
            readings: (before.map_or(0, |state| state.readings), after.readings),
            tally: (tally, after.tally),
            resets: compare(old, new),
        }
    }

    /// The record of the act, for the commit that it ends in.
    pub fn record(&self, by: &Source, recorded: Instant, correlation: u64) -> AuditRecord {
        AuditRecord {
            kind: AuditKind::Rebuilt,
            reset: None,
            who: AuditActor::Operator(by.clone()),
            effective: recorded,
            recorded,
            reason: self.to_string(),
            outcome: AuditOutcome::Committed,
            steps: Vec::new(),
            micros: 0,
            correlation,
        }
    }
}

impl fmt::Display for RebuildPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.identical && self.resets.is_empty() {
            return f.write_str("nothing changes");
        }
        let level = |level: Option<f64>| level.map_or_else(|| "none".to_owned(), |kg| format!("{kg:.3} kg"));
        let (readings, (before, after)) = (self.readings, self.tally);
        write!(
            f,
            "estimate {} -> {}, readings {} -> {}, accepted {} -> {}, rejected {} -> {}, resets changed {}",
            level(self.level_kg.0),
            level(self.level_kg.1),
            readings.0,
            readings.1,
            before.accepted,
            after.accepted,
            before.rejected,
            after.rejected,
            self.resets.len()
        )
    }
}
