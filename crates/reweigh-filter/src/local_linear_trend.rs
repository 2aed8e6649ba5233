//! Two states: a level, and the trend along which it moves.

use nalgebra::SVector;

use crate::error::{FilterError, Quantity, require};
use crate::kernel::{self, Pattern};
use crate::model::Model;
use crate::transition::Transition;

/// A level that moves along a trend, both wandering in continuous time, seen with noise.
///
/// The state is (level, trend), the trend per unit of time. The trend is driven by white noise of intensity
/// `trend_rate`, the level by white noise of intensity `level_rate` and by the trend. Integrated over an
/// elapsed time `t` this gives (Harvey 1989, section 9.2; Särkkä and Solin 2019, section 6.2)
///
/// ```text
///     F = | 1  t |     Q = | level_rate·t + trend_rate·t³/3   trend_rate·t²/2 |
///         | 0  1 |         |       trend_rate·t²/2            trend_rate·t   |
/// ```
///
/// so that one step of `t` equals two steps of `t/2`, whatever the times of the observations.
///
/// ```
/// use reweigh_filter::{Gaussian, LocalLinearTrend, Model};
///
/// let model = LocalLinearTrend::new(0.01, 1e-5, 0.36)?;
/// let state = Gaussian::independent([80.0, -0.1], [0.1, 1e-3])?;
/// let in_a_week = model.forecast(&state, 7.0)?;
/// assert!((in_a_week.mean() - 79.3).abs() < 1e-12);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalLinearTrend {
    level_rate: f64,
    trend_rate: f64,
    noise: f64,
}

impl LocalLinearTrend {
    /// From the intensities of the level's and of the trend's noise, per unit of time, and the variance of an
    /// observation's error.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], [`FilterError::Negative`] for a rate or [`FilterError::NotPositive`] for
    /// the noise.
    pub fn new(level_rate: f64, trend_rate: f64, noise: f64) -> Result<Self, FilterError> {
        Ok(Self {
            level_rate: require::not_negative(Quantity::LevelRate, level_rate)?,
            trend_rate: require::not_negative(Quantity::TrendRate, trend_rate)?,
            noise: require::positive(Quantity::NoiseVariance, noise)?,
        })
    }

    /// The intensity of the level's own noise, per unit of time.
    pub fn level_rate(&self) -> f64 {
        self.level_rate
    }

    /// The intensity of the trend's noise, per unit of time.
    pub fn trend_rate(&self) -> f64 {
        self.trend_rate
    }
}

impl Model<2> for LocalLinearTrend {
    #[inline]
    fn transition(&self, elapsed: f64) -> Result<Transition<2>, FilterError> {
        let t = require::not_negative(Quantity::ElapsedTime, elapsed)?;
        let trend = self.trend_rate * t;
        let both = trend * t / 2.0;
        let level = self.level_rate * t + trend * t * t / 3.0;
        Ok(Transition::of_model(
            kernel::matrix([[1.0, 0.0], [t, 1.0]]),
            Pattern([[true, false], [true, true]]),
            kernel::matrix([[level, both], [both, trend]]),
        ))
    }

    #[inline]
    fn loading(&self) -> SVector<f64, 2> {
        kernel::vector([1.0, 0.0])
    }

    #[inline]
    fn noise(&self) -> f64 {
        self.noise
    }
}
