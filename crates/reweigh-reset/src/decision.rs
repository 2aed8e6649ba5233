//! Reset decisions as values that can be kept and compared.

use std::cmp::Ordering;
use std::fmt;

use reweigh_reading::Instant;
use reweigh_state::{AuditedReset, ResetKind, ResetPlan};

/// What a fold decided about one reset, as the audit tells it.
///
/// The cause is kept as it is told, in whole days or tenths of a kilogram: a correction far back moves a
/// departure by a billionth of a kilogram, and that is no news. What a kind of reset does is the policy's, and
/// a policy that changes is told of by its own roll-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResetDecision {
    at: Instant,
    /// The kind of its plan; none for a level shift, which has no plan.
    kind: Option<ResetKind>,
    told: i32,
    refused: bool,
}

impl ResetDecision {
    /// How many bytes [`to_bytes`](Self::to_bytes) gives.
    pub const BYTES: usize = 14;

    /// The decision on a plan: applied, or refused because its result would have broken a rule.
    ///
    /// ```
    /// use reweigh_reset::ResetDecision;
    /// use reweigh_state::{Profile, ResetKind, ResetPlan};
    ///
    /// let policy = Profile::Balanced.policy().check().unwrap();
    /// let at = "2026-03-01T07:00:00Z".parse()?;
    /// let plan = ResetPlan::new(ResetKind::Soft, at, 5.43, &policy);
    /// let decision = ResetDecision::of_plan(&plan, false);
    /// assert_eq!(decision.reason(), "a manual source departs by 5.4 kg");
    /// assert_eq!(ResetDecision::from_bytes(decision.to_bytes()), Some(decision));
    /// # Ok::<(), reweigh_reading::InstantError>(())
    /// ```
    pub fn of_plan(plan: &ResetPlan, refused: bool) -> Self {
        let told = match plan.kind {
            ResetKind::Hard => plan.cause,
            ResetKind::Soft => plan.cause * 10.0,
            ResetKind::Initial | ResetKind::Manual => 0.0,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounded, and a cast beyond i32 stays at its bound"
        )]
        let told = told.round_ties_even() as i32;
        Self { at: plan.at, kind: Some(plan.kind), told, refused }
    }

    /// A lasting change of weight, seen when the verdict of the reading that began it became final.
    pub fn level_shift(at: Instant) -> Self {
        Self { at, kind: None, told: 0, refused: false }
    }

    /// The instant of the fact that made it due.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Which reset.
    pub fn what(&self) -> AuditedReset {
        self.kind.map_or(AuditedReset::LevelShift, AuditedReset::Planned)
    }

    /// Whether it was refused.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Why, in words.
    pub fn reason(&self) -> String {
        match self.kind {
            Some(ResetKind::Initial) => "the first reading".to_owned(),
            Some(ResetKind::Hard) => format!("{} days without an accepted reading", self.told),
            Some(ResetKind::Soft) => {
                format!("a manual source departs by {:.1} kg", f64::from(self.told) / 10.0)
            }
            Some(ResetKind::Manual) => "an operator asked for it".to_owned(),
            None => "the readings settled on another weight".to_owned(),
        }
    }

    /// The bytes a store keeps: kind, flags, cause, instant, numbers little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let parts = [self.tag(), u8::from(self.refused)]
            .into_iter()
            .chain(self.told.to_le_bytes())
            .chain(self.at.unix_micros().to_le_bytes());
        for (to, from) in bytes.iter_mut().zip(parts) {
            *to = from;
        }
        bytes
    }

    /// The decision of these bytes, if they are one.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [tag, flags, t0, t1, t2, t3, at @ ..] = bytes;
        let kind = if tag == Self::SHIFT { None } else { Some(ResetKind::from_tag(tag)?) };
        let decision = Self {
            at: Instant::from_unix_micros(i64::from_le_bytes(at)).ok()?,
            kind,
            told: i32::from_le_bytes([t0, t1, t2, t3]),
            refused: flags == 1,
        };
        (decision.to_bytes() == bytes).then_some(decision)
    }

    const SHIFT: u8 = 16;

    fn tag(&self) -> u8 {
        self.kind.map_or(Self::SHIFT, ResetKind::tag)
    }

    /// Whether the two can be one decision that says something else now: a plan does not become a shift.
    fn is_akin(&self, other: &Self) -> bool {
        self.kind.is_some() == other.kind.is_some()
    }

    fn order(&self) -> (Instant, u8, i32, bool) {
        (self.at, self.tag(), self.told, self.refused)
    }
}

impl PartialOrd for ResetDecision {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResetDecision {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl fmt::Display for ResetDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = if self.refused { ", refused" } else { "" };
        write!(f, "{} at {}: {}{refused}", self.what().as_str(), self.at, self.reason())
    }
}

/// How a decision differs from what was settled before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionChange {
    /// It was not there.
    New(ResetDecision),
    /// It was there and said something else.
    Changed {
        /// What it said.
        old: ResetDecision,
        /// What it says.
        new: ResetDecision,
    },
    /// It is not there any more.
    Gone(ResetDecision),
}

impl DecisionChange {
    /// The decision as it is now, if it is.
    pub fn new_decision(&self) -> Option<ResetDecision> {
        match self {
            Self::New(new) | Self::Changed { new, .. } => Some(*new),
            Self::Gone(_) => None,
        }
    }

    /// The decision as it was, if it was.
    pub fn old_decision(&self) -> Option<ResetDecision> {
        match self {
            Self::Changed { old, .. } | Self::Gone(old) => Some(*old),
            Self::New(_) => None,
        }
    }
}

/// What of a user's reset decisions is new, changed or gone. What is the same in both lists is left out.
///
/// Decisions belong together by their instant, and at one instant by their kind first. The order of the lists
/// plays no part; the changes come in order of instants, what is gone first.
///
/// ```
/// use reweigh_reset::{DecisionChange, ResetDecision, compare};
/// use reweigh_state::{Profile, ResetKind, ResetPlan};
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let hard = |at: &str, days| {
///     let plan = ResetPlan::new(ResetKind::Hard, at.parse().unwrap(), days, &policy);
///     ResetDecision::of_plan(&plan, false)
/// };
/// let settled = [hard("2026-03-01T07:00:00Z", 45.0), hard("2026-06-01T07:00:00Z", 60.0)];
/// // A late reading shortens the first gap and fills the second.
/// let now = [hard("2026-03-01T07:00:00Z", 31.0)];
/// assert_eq!(
///     compare(&settled, &now),
///     [DecisionChange::Changed { old: settled[0], new: now[0] }, DecisionChange::Gone(settled[1])]
/// );
/// assert!(compare(&now, &now).is_empty());
/// ```
pub fn compare(old: &[ResetDecision], new: &[ResetDecision]) -> Vec<DecisionChange> {
    let (mut old, mut new) = (old.to_vec(), new.to_vec());
    old.sort_unstable();
    new.sort_unstable();
    remove_equal(&mut old, &mut new);
    let mut changes = Vec::new();
    // The same kind first, then any akin: each pass takes what it pairs out of both lists.
    pair(&mut old, &mut new, &mut changes, |old, new| old.kind == new.kind);
    pair(&mut old, &mut new, &mut changes, ResetDecision::is_akin);
    changes.extend(old.into_iter().map(DecisionChange::Gone));
    changes.extend(new.into_iter().map(DecisionChange::New));
    changes.sort_by_key(|change| {
        let at = change.new_decision().or(change.old_decision()).map(|decision| decision.at);
        let rank = match change {
            DecisionChange::Gone(_) => 0,
            DecisionChange::Changed { .. } => 1,
            DecisionChange::New(_) => 2,
        };
        (at, rank)
    });
    changes
}

/// Takes what is in both sorted lists out of both, each as often as it is in both.
fn remove_equal(old: &mut Vec<ResetDecision>, new: &mut Vec<ResetDecision>) {
    let (mut only_old, mut only_new) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (old.iter().copied().peekable(), new.iter().copied().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.cmp(b) {
            Ordering::Less => only_old.extend(left.next()),
            Ordering::Greater => only_new.extend(right.next()),
            Ordering::Equal => {
                left.next();
                right.next();
            }
        }
    }
    only_old.extend(left);
    only_new.extend(right);
    (*old, *new) = (only_old, only_new);
}

/// Pairs decisions of one instant that belong together, and takes them out of both lists.
fn pair(
    old: &mut Vec<ResetDecision>,
    new: &mut Vec<ResetDecision>,
    changes: &mut Vec<DecisionChange>,
    belong: impl Fn(&ResetDecision, &ResetDecision) -> bool,
) {
    old.retain(|before| {
        let from = new.partition_point(|now| now.at < before.at);
        let same_instant = new.iter().skip(from).take_while(|now| now.at == before.at);
        let found = same_instant.enumerate().find(|(_, now)| belong(before, now)).map(|(n, _)| from + n);
        if let Some(place) = found {
            let now = new.remove(place);
            changes.push(DecisionChange::Changed { old: *before, new: now });
        }
        found.is_none()
    });
}

#[cfg(test)]
mod tests;
