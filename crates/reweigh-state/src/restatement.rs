//! What a replay changed in what had been said.

use reweigh_reading::Instant;

use crate::reset::ResetKind;
use crate::verdict::Verdict;

/// A verdict that was said before and is another now.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictChange {
    /// The reading's number in the new story.
    pub number: u64,
    /// When it was taken.
    pub at: Instant,
    /// What was said; none for a reading that was not there.
    pub old: Option<Verdict>,
    /// What is said now; none for a reading that is not there any more.
    pub new: Option<Verdict>,
}

/// A reset that was decided before or is now, and is not the same.
#[derive(Debug, Clone, PartialEq)]
pub struct ResetChange {
    /// The kind and instant it had; none for a new one.
    pub old: Option<(ResetKind, Instant)>,
    /// The kind and instant it has; none for one that is gone.
    pub new: Option<(ResetKind, Instant)>,
}

/// Everything that a replay changed for one user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Restatement {
    /// The verdicts that flipped, in the order of the readings.
    pub verdicts: Vec<VerdictChange>,
    /// The resets that are new, changed or gone.
    pub resets: Vec<ResetChange>,
    /// The newest estimate before and after, kg; none where there was or is none.
    pub newest_kg: (Option<f64>, Option<f64>),
}

impl Restatement {
    /// The move of an estimate that is worth telling, kg.
    pub const WORTH_TELLING_KG: f64 = 0.05;

    /// Whether nobody needs to be told.
    ///
    /// ```
    /// use reweigh_state::Restatement;
    ///
    /// assert!(Restatement::default().is_empty());
    /// let moved = Restatement { newest_kg: (Some(80.0), Some(80.2)), ..Restatement::default() };
    /// assert!(!moved.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let still = match self.newest_kg {
            (Some(old), Some(new)) => (old - new).abs() < Self::WORTH_TELLING_KG,
            (None, None) => true,
            _ => false,
        };
        still && self.verdicts.is_empty() && self.resets.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(old: Option<f64>, new: Option<f64>) -> bool {
        !Restatement { newest_kg: (old, new), ..Restatement::default() }.is_empty()
    }

    /// A move of 50 g is told, less is not; an estimate that comes or goes is, and one that is no number.
    #[test]
    fn a_move_is_told_from_fifty_grams_on() {
        assert!(!moved(Some(80.0), Some(80.049)) && !moved(Some(80.0), Some(79.951)));
        assert!(moved(Some(80.0), Some(80.051)) && moved(Some(80.0), Some(79.949)));
        assert!(!moved(None, None) && moved(None, Some(80.0)) && moved(Some(80.0), None));
        assert!(moved(Some(80.0), Some(f64::NAN)));
    }

    /// A verdict or a reset that changed is told however little the estimate moved.
    #[test]
    fn verdicts_and_resets_are_told() {
        let at = Instant::UNIX_EPOCH;
        let verdict = VerdictChange { number: 3, at, old: None, new: None };
        assert!(!Restatement { verdicts: vec![verdict], ..Restatement::default() }.is_empty());
        let reset = ResetChange { old: Some((ResetKind::Hard, at)), new: None };
        assert!(!Restatement { resets: vec![reset], ..Restatement::default() }.is_empty());
    }
}
