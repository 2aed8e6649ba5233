//! The level at the last readings, smoothed along with every update.

use super::{Expected, LAGS, Passage, STATES};

/// The smoothed levels of the last [`LAGS`] readings, in places the caller numbers 0 to `LAGS - 1`.
///
/// A place is filled by [`put`](Self::put) right after the reading's own update, and read by
/// [`level`](Self::level) at any time after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lags {
    cross: [[f32; LAGS]; STATES],
    level: [f32; LAGS],
    variance: [f32; LAGS],
}

impl Default for Lags {
    fn default() -> Self {
        Self { cross: [[0.0; LAGS]; STATES], level: [0.0; LAGS], variance: [0.0; LAGS] }
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "every index is a constant or a loop bound below the array's length"
)]
#[expect(clippy::cast_possible_truncation, reason = "lags are kept in f32 on purpose")]
impl Lags {
    /// The smoothed level in a place, and its variance.
    pub fn level(&self, place: usize) -> (f64, f64) {
        let place = place % LAGS;
        (f64::from(self.level[place]), f64::from(self.variance[place]))
    }

    /// The numbers of a place: cross-covariances with every state, level, variance.
    pub fn place(&self, place: usize) -> ([f32; STATES], f32, f32) {
        let place = place % LAGS;
        let mut cross = [0.0; STATES];
        for (to, from) in cross.iter_mut().zip(&self.cross) {
            *to = from[place];
        }
        (cross, self.level[place], self.variance[place])
    }

    /// Puts the numbers of a place back, as a decoder does.
    pub fn set_place(&mut self, place: usize, cross: [f32; STATES], level: f32, variance: f32) {
        let place = place % LAGS;
        for (to, from) in self.cross.iter_mut().zip(cross) {
            to[place] = from;
        }
        self.level[place] = level;
        self.variance[place] = variance;
    }

    /// Begins to follow the level of now in a place.
    pub fn put(&mut self, place: usize, state: &super::BodyState) {
        let mut cross = [0.0; STATES];
        for (j, c) in cross.iter_mut().enumerate() {
            *c = state.covariance(j, 0) as f32 + 0.0;
        }
        self.set_place(place, cross, state.level() as f32, state.level_variance() as f32);
    }

    /// Empties a place, so that equal histories have equal bits.
    pub fn clear(&mut self, place: usize) {
        self.set_place(place, [0.0; STATES], 0.0, 0.0);
    }

    #[inline]
    pub(super) fn predict(&mut self, passage: &Passage) {
        let (g, t, w) =
            (passage.level_from_trend as f32, passage.trend_kept as f32, passage.water_kept as f32);
        let [level, trend, water, ..] = &mut self.cross;
        for ((c0, c1), c2) in level.iter_mut().zip(trend.iter_mut()).zip(water.iter_mut()) {
            *c0 += g * *c1;
            // Adding zero takes the sign from a product that underflowed.
            *c1 = *c1 * t + 0.0;
            *c2 = *c2 * w + 0.0;
        }
    }

    #[inline]
    pub(super) fn update(&mut self, expected: &Expected, bias: Option<usize>, pull: f64, precision: f64) {
        let e = expected.seen.evening as f32;
        let mut lean = [0f32; LAGS];
        for (k, l) in lean.iter_mut().enumerate() {
            *l = self.cross[0][k] + self.cross[2][k] + e * self.cross[3][k];
        }
        if let Some(b) = bias {
            for (l, c) in lean.iter_mut().zip(&self.cross[b]) {
                *l += c;
            }
        }
        let (pull, precision) = (pull as f32, precision as f32);
        for (k, l) in lean.iter().enumerate() {
            self.level[k] += l * pull;
            self.variance[k] -= l * l * precision;
        }
        for (row, state_lean) in self.cross.iter_mut().zip(&expected.lean) {
            let gain = *state_lean as f32 * precision;
            for (c, l) in row.iter_mut().zip(&lean) {
                *c -= l * gain;
            }
        }
    }

    pub(super) fn rescale(&mut self, factor: f64) {
        let factor = factor as f32;
        for level in &mut self.level {
            *level *= factor;
        }
        for number in self.variance.iter_mut().chain(self.cross.iter_mut().flatten()) {
            *number *= factor * factor;
        }
    }

    pub(super) fn forget(&mut self, state: usize) {
        self.cross[state] = [0.0; LAGS];
    }
}
