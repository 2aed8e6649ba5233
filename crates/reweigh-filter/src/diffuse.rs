//! A state of which some directions are wholly unknown.

use nalgebra::{SMatrix, SVector};

use crate::belief::Belief;
use crate::error::{FilterError, Quantity};
use crate::gaussian::Gaussian;
use crate::kernel::{self, Gain};
use crate::observation::Observation;
use crate::transition::Transition;
use crate::update::LN_TAU;

/// Below this part of what is unknown, an observation says nothing of it: the square root of the
/// resolution of an `f64`.
///
/// For a level and a trend it means that two readings closer than 0.00012 of the unit of time (10 s, if that
/// is a day) do not start the trend, which would come out with a variance of 10⁸ times theirs.
const RELATIVE_TOLERANCE: f64 = 1.490_116_119_384_765_6e-8;

/// The limit of a normal distribution with covariance `P + κ D` for `κ → ∞`.
///
/// This is the exact diffuse start (Koopman 1997; Durbin and Koopman 2012, section 5.2): `D` spans the
/// directions of which nothing is known, and each observation that has a part in them takes one away. No
/// large number stands for infinity, so no digits are lost to one. When the last direction is gone what is
/// left is a [`Gaussian`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diffuse<const N: usize> {
    mean: SVector<f64, N>,
    finite: SMatrix<f64, N, N>,
    infinite: SMatrix<f64, N, N>,
    rank: usize,
}

/// What an observation told a state that was partly unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    value: f64,
    finite: f64,
    infinite: f64,
}

impl Arrival {
    /// Observed value less forecast. The forecast has no meaning yet: the unknown directions count as zero.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The finite part of the forecast's variance, noise included.
    pub fn finite_variance(&self) -> f64 {
        self.finite
    }

    /// The part that grows without bound.
    pub fn infinite_variance(&self) -> f64 {
        self.infinite
    }

    /// What the observation adds to the diffuse log-likelihood: `-(ln 2π + ln D) / 2`, where `D` is the
    /// infinite part of its variance (Durbin and Koopman 2012, section 7.2.2).
    ///
    /// Others leave out `ln 2π` here, among them KFAS for R. That shifts every likelihood of a series by
    /// the same constant.
    pub fn log_likelihood(&self) -> f64 {
        -0.5 * (LN_TAU + libm::log(self.infinite))
    }
}

/// An update of a state that is still partly unknown, as the smoother needs to see it again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step<const N: usize> {
    /// The observation took one unknown direction away.
    Resolved(Arrival),
    /// The observation had no part in the unknown directions: an ordinary update of the finite part.
    Ordinary { value: f64, variance: f64 },
}

impl<const N: usize> Diffuse<N> {
    /// Nothing is known of any direction.
    pub fn new() -> Self {
        Self { mean: SVector::zeros(), finite: SMatrix::zeros(), infinite: kernel::identity(), rank: N }
    }

    /// The mean, in which unknown directions count as zero.
    pub fn mean(&self) -> &SVector<f64, N> {
        &self.mean
    }

    /// `P`, the finite part of the covariance.
    pub fn finite(&self) -> &SMatrix<f64, N, N> {
        &self.finite
    }

    /// `D`, the directions that are unknown.
    pub fn infinite(&self) -> &SMatrix<f64, N, N> {
        &self.infinite
    }

    /// How many directions are unknown, at least one.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The state after a transition. What is unknown stays so.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] when it overflows.
    pub fn predict(&self, transition: &Transition<N>) -> Result<Self, FilterError> {
        let f = transition.matrix();
        let next = Self {
            mean: transition.times(&self.mean),
            finite: transition.spread(&self.finite),
            infinite: kernel::congruence(f, &self.infinite, &SMatrix::zeros()),
            rank: self.rank,
        };
        next.finite_or_error()
    }

    /// Takes an observation in.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] when it overflows, [`FilterError::NotPositiveDefinite`] when the last
    /// direction is gone and what is left is no covariance. The state is as it was.
    pub(crate) fn update(
        &self,
        observation: &Observation<N>,
    ) -> Result<(Belief<N>, Step<N>, Gain<N>), FilterError> {
        let h = observation.loading();
        let noise = observation.noise();
        let value = observation.value() - kernel::dot(h, &self.mean);
        let unknown = kernel::symmetric_times(&self.infinite, h);
        let infinite = kernel::dot(h, &unknown);
        let known = kernel::symmetric_times(&self.finite, h);
        let finite = kernel::dot(h, &known) + noise;
        let resolves = infinite > RELATIVE_TOLERANCE * kernel::dot(h, h) * self.infinite.trace();
        let (gain, step) = if resolves {
            let arrival = Arrival { value, finite, infinite };
            (Gain::new(h, &unknown, 0.0, infinite), Step::Resolved(arrival))
        } else {
            (Gain::new(h, &known, noise, finite), Step::Ordinary { value, variance: finite })
        };
        let mean = kernel::moved(&self.mean, &gain.k, value);
        let finite = gain.joseph(h, &self.finite, noise);
        let rank = self.rank - usize::from(resolves);
        let belief = if rank == 0 {
            Belief::Known(Gaussian::new(mean, finite)?)
        } else {
            let infinite = gain.joseph(h, &self.infinite, 0.0);
            Belief::Diffuse(Self { mean, finite, infinite, rank }.finite_or_error()?)
        };
        Ok((belief, step, gain))
    }

    fn finite_or_error(self) -> Result<Self, FilterError> {
        kernel::check_finite(Quantity::Mean, &self.mean)?;
        kernel::check_finite(Quantity::Covariance, &self.finite)?;
        kernel::check_finite(Quantity::UnknownDirections, &self.infinite)?;
        Ok(self)
    }
}

impl<const N: usize> Default for Diffuse<N> {
    fn default() -> Self {
        Self::new()
    }
}
