//! What the filters, smoothers and fits need to know of a model.
#![expect(
    clippy::inline_always,
    reason = "out of line a state goes through memory between two steps, at twice the time"
)]

use nalgebra::SVector;

use crate::error::FilterError;
use crate::forecast::Forecast;
use crate::gaussian::Gaussian;
use crate::observation::Observation;
use crate::transition::Transition;
use crate::update::Updated;

/// A linear model in continuous time that is seen through one number.
///
/// Three things define it: how the state moves over an elapsed time, which part of the state is seen, and how
/// noisy the seeing is. The rest is arithmetic and is the same for all.
pub trait Model<const N: usize> {
    /// How the state moves over `elapsed`, in the model's unit of time. It must be invertible, and zero
    /// elapsed must change nothing.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] or [`FilterError::Negative`] for the elapsed time. A noise that overflows is
    /// refused by the step that uses it.
    fn transition(&self, elapsed: f64) -> Result<Transition<N>, FilterError>;

    /// Which part of the state is seen.
    fn loading(&self) -> SVector<f64, N>;

    /// Variance of the error of one observation.
    fn noise(&self) -> f64;

    /// An observation of this value.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] for the value.
    #[inline(always)]
    fn observation(&self, value: f64) -> Result<Observation<N>, FilterError> {
        Observation::new(self.loading(), value, self.noise())
    }

    /// The state `elapsed` later.
    ///
    /// # Errors
    /// As [`Model::transition`] and [`Gaussian::predict`].
    #[inline(always)]
    fn predict(&self, state: &Gaussian<N>, elapsed: f64) -> Result<Gaussian<N>, FilterError> {
        state.predict(&self.transition(elapsed)?)
    }

    /// The state with a value taken in.
    ///
    /// # Errors
    /// As [`Model::observation`] and [`Gaussian::update`].
    #[inline(always)]
    fn update(&self, state: &Gaussian<N>, value: f64) -> Result<Updated<N>, FilterError> {
        state.update(&self.observation(value)?)
    }

    /// What an observation `elapsed` later will be, its noise included.
    ///
    /// # Errors
    /// As [`Model::predict`].
    #[inline]
    fn forecast(&self, state: &Gaussian<N>, elapsed: f64) -> Result<Forecast, FilterError> {
        self.predict(state, elapsed)?.forecast(&self.loading(), self.noise())
    }
}
