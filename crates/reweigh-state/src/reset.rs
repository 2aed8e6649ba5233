//! Resets: what they are, and the four pure operations one is made of.

use reweigh_filter::BodyPrior;
use reweigh_reading::Instant;
use serde::{Deserialize, Serialize};

use crate::checked::Expectations;
use crate::policy::{CheckedPolicy, ResetProfile};
use crate::rules::{Finding, VARIANCE_MAX, listed};
use crate::state::{Adaptation, Hypothesis, Judged, PastReset, RESETS_KEPT, UserState, Window};

/// What kind of reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResetKind {
    /// The first reading.
    Initial,
    /// A gap without accepted readings.
    Hard,
    /// A departure that a manual source reports.
    Soft,
    /// An operator's fact.
    Manual,
}

impl ResetKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Initial, Self::Hard, Self::Soft, Self::Manual];

    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Manual => "manual",
        }
    }

    /// One byte, for ever the same.
    #[must_use]
    pub fn tag(self) -> u8 {
        match self {
            Self::Initial => 0,
            Self::Hard => 1,
            Self::Soft => 2,
            Self::Manual => 3,
        }
    }

    /// The kind of a byte, if there is one.
    #[must_use]
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }

    /// Whether the window and all stories but the likeliest end with it.
    ///
    /// A soft reset keeps them: what a manual source reports is evidence, and cutting the window would
    /// make the readings before it final on the word of one.
    #[must_use]
    pub fn cuts(self) -> bool {
        !matches!(self, Self::Soft)
    }
}

/// A reset that is due: decided by the judge, applied by a [`Resetter`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResetPlan {
    /// What kind.
    pub kind: ResetKind,
    /// The instant of the fact that made it due.
    pub at: Instant,
    /// Days without an accepted reading before it (hard), or kilograms of departure (soft); else 0.
    pub cause: f64,
    /// What it does.
    pub profile: ResetProfile,
}

impl ResetPlan {
    /// The plan of a kind under a policy.
    #[must_use]
    pub fn new(kind: ResetKind, at: Instant, cause: f64, policy: &CheckedPolicy) -> Self {
        let resets = &policy.policy().resets;
        let profile = match kind {
            ResetKind::Initial => resets.initial,
            ResetKind::Hard => resets.hard,
            ResetKind::Soft => resets.soft,
            ResetKind::Manual => resets.manual,
        };
        Self { kind, at, cause, profile }
    }

    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self.kind {
            ResetKind::Initial => "the first reading".to_owned(),
            ResetKind::Hard => format!("{:.0} days without an accepted reading", self.cause),
            ResetKind::Soft => format!("a manual source departs by {:.1} kg", self.cause),
            ResetKind::Manual => "an operator asked for it".to_owned(),
        }
    }
}

/// A state after a reset, and the readings whose verdicts the reset made final.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The state that goes on.
    pub state: UserState,
    /// What left the window, the oldest first.
    pub settled: Vec<Judged>,
}

/// Why a reset was not applied. The prior state goes on, bit for bit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResetRefused {
    /// The state it would have made breaks rules.
    #[error("the {} reset at {at} would break {} of its rules: {}", kind.as_str(), findings.len(), listed(findings))]
    Invalid {
        /// The reset.
        kind: ResetKind,
        /// When.
        at: Instant,
        /// Every rule it would break.
        findings: Vec<Finding>,
    },
    /// Whoever applies resets would not, and says why.
    #[error("the {} reset at {at} was refused: {why}", kind.as_str())]
    Refused {
        /// The reset.
        kind: ResetKind,
        /// When.
        at: Instant,
        /// Why.
        why: String,
    },
}

/// Who applies resets: the plain chain of the four operations, or a transaction around the same four.
pub trait Resetter {
    /// Applies a plan to a state and gives the state after it.
    ///
    /// # Errors
    ///
    /// A typed refusal; then the prior state goes on.
    fn reset(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused>;
}

/// The plain chain: the four operations, one after the other, and the rules over their result.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainResetter;

impl Resetter for PlainResetter {
    fn reset(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused> {
        let stories = filter_reset(state, plan, policy);
        let adaptation = create_adaptation(plan);
        let cut = cut_buffer(state, plan);
        let applied = persist(stories, adaptation, cut, plan);
        let expectations = Expectations { fingerprint: state.fingerprint, policy };
        match crate::rules::check(&applied.state, &expectations) {
            findings if findings.is_empty() => Ok(applied),
            findings => Err(ResetRefused::Invalid { kind: plan.kind, at: plan.at, findings }),
        }
    }
}

/// The first operation: what the filter believes after the reset.
#[must_use]
pub fn filter_reset(state: &UserState, plan: &ResetPlan, policy: &CheckedPolicy) -> Vec<Hypothesis> {
    let prior = policy.prior();
    match plan.kind {
        ResetKind::Initial => vec![first_story(plan, policy)],
        ResetKind::Soft => {
            let mut stories = state.hypotheses.clone();
            for story in &mut stories {
                widen(story, plan.profile.variance);
            }
            stories
        }
        ResetKind::Hard | ResetKind::Manual => state
            .hypotheses
            .first()
            .map(|likeliest| vec![begin_anew(likeliest, plan, prior, remembers_refusals(state, plan))])
            .unwrap_or_default(),
    }
}

fn first_story(plan: &ResetPlan, policy: &CheckedPolicy) -> Hypothesis {
    let mut story = Hypothesis::first(policy.prior());
    widen(&mut story, plan.profile.variance);
    story
}

/// Multiplies the variance of the level, up to where nothing is known of it at all.
fn widen(story: &mut Hypothesis, factor: f64) {
    let variance = story.body.level_variance();
    let more = variance * (factor - 1.0);
    let room = if variance < VARIANCE_MAX { VARIANCE_MAX - variance } else { 0.0 };
    story.body.widen_level(if more < room { more } else { room });
}

/// Whether what was refused before a reset still counts after it.
///
/// Somebody who comes once a month has a gap each time, and whatever is refused then must add up. But
/// values in another unit are no sign of a new weight, however many they are.
fn remembers_refusals(state: &UserState, plan: &ResetPlan) -> bool {
    let silent = state.last_reading.is_some_and(|last| plan.at.since(last).days() >= plan.cause);
    let slips = state.hypotheses.first().is_some_and(|story| story.slip.is_some());
    plan.kind == ResetKind::Hard && (silent || !slips)
}

/// The likeliest story goes on alone: level kept but less certain, trend and water forgotten, evenings,
/// scales and their noise remembered.
fn begin_anew(
    likeliest: &Hypothesis,
    plan: &ResetPlan,
    prior: &BodyPrior,
    remembers_refusals: bool,
) -> Hypothesis {
    let mut story = *likeliest;
    story.share = 1.0;
    let most = prior.level_sd * prior.level_sd;
    let wider = story.body.level_variance() * plan.profile.variance;
    story.body.begin_anew(if wider < most { wider } else { most }, prior);
    story.lags = reweigh_filter::Lags::default();
    story.reasons = [crate::verdict::Reason::Fits; reweigh_filter::LAGS];
    if plan.kind != ResetKind::Hard {
        story.slip = None;
    }
    if !remembers_refusals {
        story.refused_in_a_row = 0;
    }
    story
}

/// The second operation: how the filter adapts from here.
#[must_use]
pub fn create_adaptation(plan: &ResetPlan) -> Adaptation {
    Adaptation::begin(plan)
}

/// The third operation: the window, cut.
#[must_use]
pub fn cut_buffer(state: &UserState, plan: &ResetPlan) -> Applied {
    let mut state = state.clone();
    let mut settled = Vec::new();
    if plan.kind.cuts() {
        while let Some(judged) = state.settle_oldest() {
            settled.push(judged);
        }
        state.window = Window::empty_at(state.readings);
    }
    Applied { state, settled }
}

/// The fourth operation: the parts put together, and the reset remembered.
#[must_use]
pub fn persist(stories: Vec<Hypothesis>, adaptation: Adaptation, cut: Applied, plan: &ResetPlan) -> Applied {
    let Applied { mut state, settled } = cut;
    state.hypotheses = stories;
    state.adaptation = adaptation;
    if state.resets.len() == RESETS_KEPT {
        let _ = state.resets.remove(0);
    }
    state.resets.push(PastReset { kind: plan.kind, at: plan.at });
    state.resets_in_all = state.resets_in_all.saturating_add(1);
    let mut link = [b'R'; 10];
    for (to, from) in
        link.iter_mut().skip(1).zip([plan.kind.tag()].into_iter().chain(plan.at.unix_micros().to_le_bytes()))
    {
        *to = from;
    }
    state.chain = state.chain.link(&link);
    Applied { state, settled }
}

#[cfg(test)]
mod tests;
