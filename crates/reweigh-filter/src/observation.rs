//! One number seen, and how it hangs on the state.

use nalgebra::SVector;

use crate::error::{FilterError, Quantity, require};
use crate::kernel;

/// A number that was seen: `value = hᵀ x + e`, where `e` has variance `noise`.
///
/// The loading `h` says how much of each component the number shows. Both models of this crate show the
/// level alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation<const N: usize> {
    loading: SVector<f64, N>,
    value: f64,
    noise: f64,
}

impl<const N: usize> Observation<N> {
    /// From the loading, the value and the variance of its error.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], or [`FilterError::NotPositive`] for the noise.
    #[inline]
    pub fn new(loading: SVector<f64, N>, value: f64, noise: f64) -> Result<Self, FilterError> {
        kernel::check_finite(Quantity::Loading, &loading)?;
        Ok(Self {
            loading,
            value: require::finite(Quantity::ObservedValue, value)?,
            noise: require::positive(Quantity::NoiseVariance, noise)?,
        })
    }

    /// The loading `h`.
    #[inline]
    pub fn loading(&self) -> &SVector<f64, N> {
        &self.loading
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The variance of its error.
    #[inline]
    pub fn noise(&self) -> f64 {
        self.noise
    }
}
