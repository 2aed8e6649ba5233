//! The four scores of a reading, and the one they make.

use crate::policy::ScoreWeights;

/// How good a reading looks from four sides, each 0 to 1, with the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Whether a body can weigh that.
    pub safety: f64,
    /// Whether it is near what was expected: from the normalised innovation squared.
    pub plausibility: f64,
    /// Whether a body can change that fast.
    pub consistency: f64,
    /// Whether its source can be relied on.
    pub reliability: f64,
    /// The innovation: what came less what was expected, kg.
    pub innovation_kg: f64,
    /// The normalised innovation squared.
    pub nis: f64,
    /// The change that was still believable, kg.
    pub believable_kg: f64,
}

/// The least a score counts as: a harmonic mean knows no zero.
pub const LEAST_SCORE: f64 = 1e-3;

impl Scores {
    /// The weighted harmonic mean: one bad side cannot be bought off by the others.
    ///
    /// ```
    /// use reweigh_state::{ScoreWeights, Scores};
    ///
    /// let weights = ScoreWeights { safety: 0.4, plausibility: 0.2, consistency: 0.2, reliability: 0.2 };
    /// let fine = Scores {
    ///     safety: 1.0, plausibility: 1.0, consistency: 1.0, reliability: 1.0,
    ///     innovation_kg: 0.0, nis: 0.0, believable_kg: 4.0,
    /// };
    /// assert!((fine.quality(&weights) - 1.0).abs() < 1e-12);
    /// let unsafe_one = Scores { safety: 0.0, ..fine };
    /// assert!(unsafe_one.quality(&weights) < 0.01);
    /// ```
    #[must_use]
    pub fn quality(&self, weights: &ScoreWeights) -> f64 {
        let floor = |score: f64| if score > LEAST_SCORE { score } else { LEAST_SCORE };
        let total = weights.safety + weights.plausibility + weights.consistency + weights.reliability;
        let harm = weights.safety / floor(self.safety)
            + weights.plausibility / floor(self.plausibility)
            + weights.consistency / floor(self.consistency)
            + weights.reliability / floor(self.reliability);
        total / harm
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores([safety, plausibility, consistency, reliability]: [f64; 4]) -> Scores {
        let (innovation_kg, nis, believable_kg) = (0.0, 0.0, 4.0);
        Scores { safety, plausibility, consistency, reliability, innovation_kg, nis, believable_kg }
    }

    fn weights([safety, plausibility, consistency, reliability]: [f64; 4]) -> ScoreWeights {
        ScoreWeights { safety, plausibility, consistency, reliability }
    }

    /// A harmonic mean by hand: 4 / (1/1 + 1/0.5 + 1/0.25 + 1/1) = 0.5, and with other weights.
    ///
    /// Proves H5.
    #[test]
    fn quality_is_a_weighted_harmonic_mean() {
        let scores = scores([1.0, 0.5, 0.25, 1.0]);
        assert!((scores.quality(&weights([0.1; 4])) - 0.5).abs() < 1e-12);
        let heavy = weights([0.1, 0.1, 0.7, 0.1]);
        assert!((scores.quality(&heavy) - 1.0 / (0.1 + 0.2 + 2.8 + 0.1)).abs() < 1e-12);
    }

    proptest! {
        /// It lies between the worst score and the best, grows with each, and knows no zero and no NaN.
        #[test]
        fn quality_lies_between_the_scores(
            all in [0.0..=1.0_f64, 0.0..=1.0, 0.0..=1.0, 0.0..=1.0],
            shares in [0.01..=1.0_f64, 0.01..=1.0, 0.01..=1.0, 0.01..=1.0],
            which in 0..4_usize,
        ) {
            let quality = |all| scores(all).quality(&weights(shares));
            let floored = all.map(|score| score.max(LEAST_SCORE));
            let (worst, best) = floored.iter().fold((1.0_f64, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
            prop_assert!(quality(all) >= worst - 1e-12 && quality(all) <= best + 1e-12);
            let mut better = all;
            better[which] = 1.0;
            prop_assert!(quality(better) >= quality(all) - 1e-12);
            let mut broken = all;
            broken[which] = f64::NAN;
            let mut bad = all;
            bad[which] = LEAST_SCORE;
            prop_assert!((quality(broken) - quality(bad)).abs() < 1e-15, "a score that is no number is the worst");
        }
    }
}
