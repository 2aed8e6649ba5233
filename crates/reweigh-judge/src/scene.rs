//! One reading as the stories see it, and how it stands to what each expects.

use reweigh_filter::{Expected, Seen};
use reweigh_reading::Instant;
use reweigh_state::{
    CheckedPolicy, Hypothesis, LearnedNoise, Reason, ResetKind, ScoreWeights, Scores, SourceProfile,
    UserState, Window,
};

use crate::alternatives::Basis;
use crate::event::Observation;

/// What is the same for all stories about one reading.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) policy: &'a CheckedPolicy,
    pub(crate) source: &'a SourceProfile,
    pub(crate) seen: Observation,
    pub(crate) scale: usize,
    pub(crate) at: Instant,
    pub(crate) height_m: Option<f64>,
    /// The readings whose verdicts may still change.
    pub(crate) window: Window,
    /// How many scales are in use.
    pub(crate) scales: usize,
    /// The factor on the noise of readings while the filter adapts.
    pub(crate) noise_factor: f64,
    /// The factor on the odds of a jump.
    pub(crate) shift_odds: f64,
    pub(crate) weights: ScoreWeights,
    pub(crate) threshold: f64,
}

impl<'a> Scene<'a> {
    /// The scene of a reading, before any story is asked.
    pub(crate) fn new(
        state: &UserState,
        policy: &'a CheckedPolicy,
        seen: Observation,
        scale: usize,
        source: &'a SourceProfile,
        at: Instant,
    ) -> Self {
        let rules = policy.policy();
        let adaptation = &state.adaptation;
        let (weights, threshold) = if adaptation.active() {
            (rules.quality.adapting, adaptation.threshold)
        } else {
            (rules.quality.settled, rules.quality.threshold)
        };
        let soft = adaptation.kind == Some(ResetKind::Soft);
        Self {
            policy,
            source,
            seen,
            scale,
            at,
            height_m: state.height_m,
            window: state.window,
            scales: state.scales.iter().flatten().count(),
            noise_factor: adaptation.factors.noise,
            shift_odds: if soft { rules.resets.soft_shift_odds } else { 1.0 },
            weights,
            threshold,
        }
    }

    /// What a story expects, and how the value stands to it.
    pub(crate) fn face(&self, story: &Hypothesis) -> Face {
        let seen = Seen { scale: self.scale, evening: self.seen.evening };
        let expected = story.body.expect(seen);
        let noise = story.noise.get(self.scale).map_or(1.0, LearnedNoise::variance) * self.noise_factor;
        let innovation = self.seen.kg - expected.value;
        let total = expected.variance + noise;
        let face =
            Face { expected, noise, innovation, total, nis: innovation * innovation / total, quality: 1.0 };
        Face { quality: self.scores(story, &face).quality(&self.weights), ..face }
    }

    /// The four scores of a value under a story.
    pub(crate) fn scores(&self, story: &Hypothesis, face: &Face) -> Scores {
        let safety = &self.policy.policy().safety;
        let kg = self.seen.kg;
        let inside = if self.possible(kg) { 1.0 } else { 0.0 };
        let quiet = story.last_accepted.map_or(0.0, |last| self.at.since(last).days());
        let days = if quiet > 1.0 { quiet } else { 1.0 };
        let believable =
            safety.fastest_kg_per_day * days + 4.0 * face.noise.sqrt() + face.expected.variance.sqrt();
        let strain = face.innovation / believable;
        Scores {
            safety: inside,
            plausibility: 1.0 / (1.0 + face.nis / 9.0),
            consistency: 1.0 / (1.0 + strain * strain),
            reliability: self.source.reliability,
            innovation_kg: face.innovation,
            nis: face.nis,
            believable_kg: believable,
        }
    }

    /// Whether a value fits a story so well that no other reading of it is worth a thought.
    pub(crate) fn plain(&self, story: &Hypothesis, face: &Face) -> bool {
        let adult = story.accepted > 2;
        let near = face.nis <= self.policy.policy().errors.weigh_above_nis && face.total < 9.0;
        adult
            && near
            && self.possible(self.seen.kg)
            && face.quality >= self.threshold
            && self.stuck_chance(story) == 0.0
    }

    /// Whether a body can weigh that.
    pub(crate) fn possible(&self, kg: f64) -> bool {
        let safety = &self.policy.policy().safety;
        (safety.lightest_kg..=safety.heaviest_kg).contains(&kg)
    }

    /// What is said of a value that nothing explains.
    pub(crate) fn unexplained(&self) -> Reason {
        if self.possible(self.seen.kg) { Reason::OutOfPattern } else { Reason::Unsafe }
    }

    /// What explanations of the value may lean on under a story.
    pub(crate) fn basis<'b>(&self, story: &'b Hypothesis, face: &'b Face) -> Basis<'b> {
        let errors = &self.policy.policy().errors;
        Basis {
            story,
            expected: &face.expected,
            total: face.total,
            noise: face.noise,
            height_m: self.height_m,
            at: self.at,
            wrong: if story.accepted == 0 { errors.first_share } else { errors.share },
        }
    }

    /// The same scene with another value.
    pub(crate) fn with_kg(&self, kg: f64) -> Self {
        let number = self.seen.number * (kg / self.seen.kg);
        Self { seen: Observation { kg, number, ..self.seen }, ..*self }
    }
}

/// How a value stands to what one story expects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Face {
    pub(crate) expected: Expected,
    pub(crate) noise: f64,
    pub(crate) innovation: f64,
    /// The variance of the innovation.
    pub(crate) total: f64,
    pub(crate) nis: f64,
    pub(crate) quality: f64,
}
