//! The state: mean, covariance, and what time and readings do to them.

use super::{BodyPrior, Lags, Passage, SCALES, STATES, TRIANGLE};

/// Where a reading was taken: which scale, and how much of an evening it was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// The scale, 0 being the frame. Values past the last scale count as the last.
    pub scale: usize,
    /// 0 in the morning, 1 in the evening.
    pub evening: f64,
}

/// What a reading is expected to show, and how it leans on the state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The expected value.
    pub value: f64,
    /// The variance of that expectation, without the scale's own noise.
    pub variance: f64,
    pub(super) seen: Seen,
    pub(super) lean: [f64; STATES],
}

/// A Gaussian belief about one body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BodyState {
    mean: [f64; STATES],
    triangle: [f64; TRIANGLE],
}

pub(super) const fn at(row: usize, column: usize) -> usize {
    if row >= column { row * (row + 1) / 2 + column } else { column * (column + 1) / 2 + row }
}

const FIRST_BIAS: usize = 4;

/// Takes the sign from a zero. A product that underflows keeps its sign, and two states that are equal
/// would have other bits; sums of numbers without signed zeros never make one.
fn unsigned(number: f64) -> f64 {
    number + 0.0
}

fn bias_state(scale: usize) -> Option<usize> {
    if scale == 0 { None } else { Some(FIRST_BIAS - 1 + scale.min(SCALES - 1)) }
}

#[expect(
    clippy::indexing_slicing,
    reason = "every index is a constant or a loop bound below the array's length"
)]
impl BodyState {
    /// The belief before the first reading. No scale but the frame has a bias yet: see
    /// [`begin_scale`](Self::begin_scale).
    #[must_use]
    pub fn new(prior: &BodyPrior) -> Self {
        let mut state = Self { mean: [0.0; STATES], triangle: [0.0; TRIANGLE] };
        state.mean[0] = prior.level;
        state.mean[3] = prior.evening;
        let spreads = [prior.level_sd, prior.trend_sd, prior.water_sd, prior.evening_sd];
        for (i, sd) in spreads.into_iter().enumerate() {
            state.triangle[at(i, i)] = sd * sd;
        }
        state
    }

    /// Puts a state together from its numbers, as a decoder does. Nothing is checked here.
    #[must_use]
    pub fn from_parts(mean: [f64; STATES], triangle: [f64; TRIANGLE]) -> Self {
        Self { mean, triangle }
    }

    /// The mean of every state.
    pub fn mean(&self) -> &[f64; STATES] {
        &self.mean
    }

    /// The lower triangle of the covariance, row by row.
    pub fn triangle(&self) -> &[f64; TRIANGLE] {
        &self.triangle
    }

    /// The covariance of two states; 0 for one that does not exist.
    pub fn covariance(&self, row: usize, column: usize) -> f64 {
        if row < STATES && column < STATES { self.triangle[at(row, column)] } else { 0.0 }
    }

    /// The level, kg.
    pub fn level(&self) -> f64 {
        self.mean[0]
    }

    /// The variance of the level.
    pub fn level_variance(&self) -> f64 {
        self.triangle[0]
    }

    /// The trend, kg per day.
    pub fn trend(&self) -> f64 {
        self.mean[1]
    }

    /// Lets time pass for the state and its lags.
    #[inline]
    pub fn predict(&mut self, passage: &Passage, lags: &mut Lags) {
        let (g, t, w) = (passage.level_from_trend, passage.trend_kept, passage.water_kept);
        let m = &mut self.mean;
        m[0] += g * m[1];
        m[1] = unsigned(m[1] * t);
        m[2] = unsigned(m[2] * w);
        let p = &mut self.triangle;
        let moved = p[at(1, 0)] + g * p[at(1, 1)];
        p[at(0, 0)] += g * (p[at(1, 0)] + moved) + passage.level_noise;
        p[at(1, 0)] = t * moved + passage.level_trend_noise;
        p[at(1, 1)] = t * t * p[at(1, 1)] + passage.trend_noise;
        p[at(2, 0)] = unsigned(w * (p[at(2, 0)] + g * p[at(2, 1)]));
        p[at(2, 1)] = unsigned(p[at(2, 1)] * (w * t));
        p[at(2, 2)] = w * w * p[at(2, 2)] + passage.water_noise;
        for i in 3..STATES {
            p[at(i, 0)] += g * p[at(i, 1)];
            p[at(i, 1)] = unsigned(p[at(i, 1)] * t);
            p[at(i, 2)] = unsigned(p[at(i, 2)] * w);
        }
        p[at(3, 3)] += passage.evening_noise;
        for i in FIRST_BIAS..STATES {
            // A scale that was never begun stays exactly unknown to the state.
            if p[at(i, i)] > 0.0 {
                p[at(i, i)] += passage.bias_noise;
            }
        }
        lags.predict(passage);
    }

    /// What a reading taken so is expected to show.
    #[inline]
    #[must_use]
    pub fn expect(&self, seen: Seen) -> Expected {
        let p = &self.triangle;
        let e = seen.evening;
        let mut lean = [0.0; STATES];
        for (j, slot) in lean.iter_mut().enumerate() {
            *slot = p[at(j, 0)] + p[at(j, 2)] + e * p[at(j, 3)];
        }
        let mut value = self.mean[0] + self.mean[2] + e * self.mean[3];
        let mut bias = 0.0;
        if let Some(b) = bias_state(seen.scale) {
            for (j, slot) in lean.iter_mut().enumerate() {
                *slot += p[at(b, j)];
            }
            value += self.mean[b];
            bias = lean[b];
        }
        let variance = lean[0] + lean[2] + e * lean[3] + bias;
        Expected { value, variance, seen, lean }
    }

    /// Takes a reading in. `total` is the variance of the innovation: [`Expected::variance`] and the
    /// noise of the reading together.
    #[inline]
    pub fn update(&mut self, expected: &Expected, value: f64, total: f64, lags: &mut Lags) {
        let precision = 1.0 / total;
        let pull = (value - expected.value) * precision;
        let lean = &expected.lean;
        for (m, l) in self.mean.iter_mut().zip(lean) {
            *m += l * pull;
        }
        let mut k = 0;
        for i in 0..STATES {
            let gain = lean[i] * precision;
            for l in &lean[..=i] {
                self.triangle[k] -= gain * l;
                k += 1;
            }
        }
        lags.update(expected, bias_state(expected.seen.scale), pull, precision);
    }

    /// Multiplies everything by a factor, as when all that was known was known in another unit.
    pub fn rescale(&mut self, factor: f64, lags: &mut Lags) {
        for mean in &mut self.mean {
            *mean *= factor;
        }
        for covariance in &mut self.triangle {
            *covariance *= factor * factor;
        }
        lags.rescale(factor);
    }

    /// Makes the level less certain by a variance, as after a jump of unknown size.
    pub fn widen_level(&mut self, variance: f64) {
        self.triangle[0] += variance;
    }

    /// Begins a scale with an unknown bias, forgetting what another in its place had. The frame has none.
    pub fn begin_scale(&mut self, scale: usize, bias_sd: f64, lags: &mut Lags) {
        if let Some(b) = bias_state(scale) {
            for j in 0..STATES {
                self.triangle[at(b, j)] = 0.0;
            }
            self.triangle[at(b, b)] = bias_sd * bias_sd;
            self.mean[b] = 0.0;
            lags.forget(b);
        }
    }

    /// Begins level, trend and water anew and keeps what is known of evenings and scales.
    ///
    /// The level keeps its mean and gets `level_variance`; trend and water go back to their priors.
    pub fn begin_anew(&mut self, level_variance: f64, prior: &BodyPrior) {
        for i in 0..3 {
            for j in 0..STATES {
                self.triangle[at(i, j)] = 0.0;
            }
        }
        self.triangle[at(0, 0)] = level_variance;
        self.triangle[at(1, 1)] = prior.trend_sd * prior.trend_sd;
        self.triangle[at(2, 2)] = prior.water_sd * prior.water_sd;
        self.mean[1] = 0.0;
        self.mean[2] = 0.0;
    }
}
