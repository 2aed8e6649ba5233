//! One state: a level that wanders.

use nalgebra::SVector;

use crate::error::{FilterError, Quantity, require};
use crate::kernel::{self, Pattern};
use crate::model::Model;
use crate::transition::Transition;

/// A level that wanders as a random walk in continuous time and is seen with noise.
///
/// Over an elapsed time `t` the level gains a normal error of variance `level_rate · t`
/// (Durbin and Koopman 2012, chapter 2, with time between observations as in Harvey 1989, section 9.2).
/// Nothing is clamped: no time adds no variance, and a year adds a year's.
///
/// ```
/// use reweigh_filter::{Gaussian, LocalLevel, Model};
///
/// let model = LocalLevel::new(0.02, 0.36)?;
/// let monday = Gaussian::independent([80.0], [0.10])?;
/// let friday = model.predict(&monday, 4.0)?;
/// assert!((friday.covariance()[(0, 0)] - 0.18).abs() < 1e-15);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalLevel {
    level_rate: f64,
    noise: f64,
}

impl LocalLevel {
    /// From the variance that the level gains per unit of time, and the variance of an observation's error.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], [`FilterError::Negative`] for the rate or [`FilterError::NotPositive`] for
    /// the noise.
    pub fn new(level_rate: f64, noise: f64) -> Result<Self, FilterError> {
        Ok(Self {
            level_rate: require::not_negative(Quantity::LevelRate, level_rate)?,
            noise: require::positive(Quantity::NoiseVariance, noise)?,
        })
    }

    /// The variance that the level gains per unit of time.
    pub fn level_rate(&self) -> f64 {
        self.level_rate
    }
}

impl Model<1> for LocalLevel {
    #[inline]
    fn transition(&self, elapsed: f64) -> Result<Transition<1>, FilterError> {
        let elapsed = require::not_negative(Quantity::ElapsedTime, elapsed)?;
        let noise = kernel::matrix([[self.level_rate * elapsed]]);
        Ok(Transition::of_model(kernel::identity(), Pattern([[true]]), noise))
    }

    #[inline]
    fn loading(&self) -> SVector<f64, 1> {
        kernel::vector([1.0])
    }

    #[inline]
    fn noise(&self) -> f64 {
        self.noise
    }
}
