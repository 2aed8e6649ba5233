//! What an observation did to a state, and how surprising it was.

use nalgebra::SVector;

use crate::gaussian::Gaussian;

/// Logarithm of 2π.
pub(crate) const LN_TAU: f64 = 1.837_877_066_409_345_5;

/// A state with an observation taken in, and what was learned on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Updated<const N: usize> {
    /// The state after the observation.
    pub state: Gaussian<N>,
    /// How far off the observation was.
    pub innovation: Innovation,
    /// By how much each component moved per unit of innovation.
    pub gain: SVector<f64, N>,
}

/// How far an observation was from its forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Innovation {
    pub(crate) value: f64,
    pub(crate) variance: f64,
    /// The variance by which the gain was divided: `variance`, or more if the influence was bounded.
    pub(crate) taken: f64,
    pub(crate) weight: f64,
}

impl Innovation {
    /// Observed value less forecast.
    #[inline]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Variance of the forecast, noise included.
    #[inline]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// 1 for an ordinary update; for a bounded one the part of the observation's precision that was
    /// believed, greater than 0 and at most 1.
    #[inline]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Normalised innovation squared, `v² / s`. If the model is right it is distributed as chi-square with
    /// one degree of freedom. Infinite when it overflows, as on a value of 10²⁰⁰.
    #[inline]
    pub fn nis(&self) -> f64 {
        self.value * self.value / self.variance
    }

    /// Logarithm of the density of the observation given all before it:
    /// `-(ln 2π + ln s + v² / s) / 2`. It is the normal density even when the influence was bounded, and minus
    /// infinity where [`Innovation::nis`] is infinite.
    #[inline]
    pub fn log_likelihood(&self) -> f64 {
        -0.5 * (LN_TAU + libm::log(self.variance) + self.nis())
    }
}
