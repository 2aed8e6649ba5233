//! What is believed of a state: a mean and how sure it is.
#![expect(clippy::indexing_slicing, reason = "every index runs to the const generic length of its array")]
#![expect(
    clippy::inline_always,
    reason = "out of line a state goes through memory between two steps, at twice the time"
)]

use nalgebra::{SMatrix, SVector};

use crate::error::{FilterError, Quantity, require};
use crate::forecast::Forecast;
use crate::kernel::{self, Cholesky, Gain};
use crate::observation::Observation;
use crate::transition::Transition;
use crate::update::{Innovation, Updated};

/// A normal distribution over a state of `N` numbers.
///
/// Its covariance is exactly symmetric, and positive definite when it is made. Each step computes the
/// lower triangle and mirrors it, and refuses a result that is not finite or whose diagonal is not
/// greater than zero, so no NaN is ever carried on. [`Gaussian::check`] looks at the whole again, which is
/// what one does with a state that comes back from a disk.
///
/// A step takes `&self` and returns a new value, because those who weigh several explanations of one
/// reading need the old state too.
///
/// ```
/// use reweigh_filter::Gaussian;
///
/// let state = Gaussian::independent([80.0, 0.0], [4.0, 0.01])?;
/// assert_eq!(state.mean()[0], 80.0);
/// assert_eq!(state.covariance()[(1, 1)], 0.01);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussian<const N: usize> {
    mean: SVector<f64, N>,
    covariance: SMatrix<f64, N, N>,
}

impl<const N: usize> Gaussian<N> {
    /// From a mean and a covariance. A zero with a minus sign becomes a plain one.
    ///
    /// No step leaves such a zero, so a state that was taken apart with [`Gaussian::mean`] and
    /// [`Gaussian::covariance`] comes back with the same bits.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], [`FilterError::NotSymmetric`] or
    /// [`FilterError::NotPositiveDefinite`], whichever is found first.
    pub fn new(mean: SVector<f64, N>, covariance: SMatrix<f64, N, N>) -> Result<Self, FilterError> {
        let state = Self {
            mean: kernel::without_negative_zero(&mean),
            covariance: kernel::without_negative_zero(&covariance),
        };
        state.check()?;
        Ok(state)
    }

    /// From the mean and the variance of each component, all independent.
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn independent(mean: [f64; N], variances: [f64; N]) -> Result<Self, FilterError> {
        let covariance = SMatrix::from_diagonal(&kernel::vector(variances));
        Self::new(kernel::vector(mean), covariance)
    }

    /// For results of this crate's own arithmetic: symmetric by construction, the rest looked at here.
    #[inline(always)]
    pub(crate) fn from_step(
        mean: SVector<f64, N>,
        covariance: SMatrix<f64, N, N>,
    ) -> Result<Self, FilterError> {
        // Not finite if one of its terms is not: NaN and infinity both survive a sum of numbers
        // that are not negative.
        let mut total = 0.0;
        let mut least = f64::INFINITY;
        for i in 0..N {
            let variance = kernel::columns(&covariance)[i][i];
            least = if variance < least { variance } else { least };
            total += variance + kernel::entries(&mean)[i].abs();
        }
        if least <= 0.0 || total.is_nan() || total >= f64::INFINITY {
            // A copy, so that the state above has no address and can live in registers.
            return Err(Self { mean, covariance }.unsound());
        }
        Ok(Self { mean, covariance })
    }

    /// What is wrong with a state that `from_step` refused.
    #[cold]
    #[inline(never)]
    fn unsound(self) -> FilterError {
        match self.check() {
            Err(error) => error,
            // Not reached: a state that passes `check` is sound.
            Ok(()) => FilterError::NotFinite { what: Quantity::Mean, value: f64::NAN },
        }
    }

    /// The mean.
    #[inline]
    pub fn mean(&self) -> &SVector<f64, N> {
        &self.mean
    }

    /// The covariance, exactly symmetric.
    #[inline]
    pub fn covariance(&self) -> &SMatrix<f64, N, N> {
        &self.covariance
    }

    /// Looks at the whole state: every number finite, the covariance exactly symmetric and positive
    /// definite (by Cholesky).
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], [`FilterError::NotSymmetric`] or
    /// [`FilterError::NotPositiveDefinite`], whichever is found first.
    pub fn check(&self) -> Result<(), FilterError> {
        kernel::check_finite(Quantity::Mean, &self.mean)?;
        kernel::check_finite(Quantity::Covariance, &self.covariance)?;
        kernel::check_symmetric(&self.covariance)?;
        Cholesky::new(&self.covariance).map(|_| ())
    }

    /// The state after a transition: mean `F m`, covariance `F P Fᵀ + Q`.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] when it overflows, [`FilterError::NotPositiveDefinite`] when the
    /// transition forgets a component entirely.
    #[inline(always)]
    pub fn predict(&self, transition: &Transition<N>) -> Result<Self, FilterError> {
        let mean = kernel::without_negative_zero(&transition.times(&self.mean));
        Self::from_step(mean, transition.spread(&self.covariance))
    }

    /// What an observation with this loading and this noise variance will be.
    ///
    /// With a noise of zero it is the forecast of the thing itself and not of a reading of it.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] or [`FilterError::Negative`] for the noise, [`FilterError::NotFinite`] or
    /// [`FilterError::NotPositive`] when the loading is such that nothing is forecast.
    #[inline]
    pub fn forecast(&self, loading: &SVector<f64, N>, noise: f64) -> Result<Forecast, FilterError> {
        let noise = require::not_negative(Quantity::NoiseVariance, noise)?;
        let spread = kernel::dot(loading, &kernel::symmetric_times(&self.covariance, loading));
        Forecast::new(kernel::dot(loading, &self.mean), spread + noise)
    }

    /// Takes an observation in: the Kalman update, with the covariance in the form of Joseph.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] when it overflows, [`FilterError::NotPositiveDefinite`] when rounding
    /// has used the covariance up. The state is as it was.
    #[inline(always)]
    pub fn update(&self, observation: &Observation<N>) -> Result<Updated<N>, FilterError> {
        let h = observation.loading();
        let c = kernel::symmetric_times(&self.covariance, h);
        let noise = observation.noise();
        let variance = kernel::dot(h, &c) + noise;
        let value = observation.value() - kernel::dot(h, &self.mean);
        self.condition(h, &c, noise, Innovation { value, variance, taken: variance, weight: 1.0 })
    }

    /// Takes an observation in, but lets it move the state only so far.
    ///
    /// It is the most probable state when the observation's error has Huber's density: normal in the middle,
    /// exponential beyond `threshold` standard deviations of the noise. For one observation that has a closed
    /// form. As long as the ordinary update leaves a residual of at most `threshold · √r`, it *is* the
    /// ordinary update. Beyond that the move is `P h · threshold / √r` however far off the observation is,
    /// which is the ordinary update with a noise variance of `|v| √r / threshold - hᵀ P h` in place of `r`;
    /// the covariance is updated with that noise, so that an observation that is hardly believed hardly
    /// narrows it. The two halves meet without a jump. (Huber 1964, *Robust estimation of a location
    /// parameter*.)
    ///
    /// A threshold of 1.345 keeps 95 % of the efficiency when all errors are normal.
    ///
    /// ```
    /// use reweigh_filter::{LocalLevel, Gaussian, Model};
    ///
    /// let model = LocalLevel::new(0.1, 0.25)?;
    /// let before = Gaussian::independent([80.0], [0.25])?;
    /// let hundred = before.update_bounded(&model.observation(100.0)?, 1.345)?;
    /// let thousand = before.update_bounded(&model.observation(1000.0)?, 1.345)?;
    /// assert!((hundred.state.mean()[0] - thousand.state.mean()[0]).abs() < 1e-9);
    /// assert!(hundred.state.mean()[0] < 80.7);
    /// # Ok::<(), reweigh_filter::FilterError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Gaussian::update`], and [`FilterError::NotPositive`] or [`FilterError::NotFinite`] for the
    /// threshold.
    #[inline(always)]
    pub fn update_bounded(
        &self,
        observation: &Observation<N>,
        threshold: f64,
    ) -> Result<Updated<N>, FilterError> {
        let threshold = require::positive(Quantity::Threshold, threshold)?;
        let h = observation.loading();
        let c = kernel::symmetric_times(&self.covariance, h);
        let noise = observation.noise();
        let spread = kernel::dot(h, &c);
        let variance = spread + noise;
        let value = observation.value() - kernel::dot(h, &self.mean);
        // The variance at which an innovation of this size is just at the threshold.
        let bounding = value.abs() * noise.sqrt() / threshold;
        let innovation = if bounding > variance {
            let widened = bounding - spread;
            Innovation { value, variance, taken: bounding, weight: noise / widened }
        } else {
            Innovation { value, variance, taken: variance, weight: 1.0 }
        };
        let noise = if bounding > variance { bounding - spread } else { noise };
        self.condition(h, &c, noise, innovation)
    }

    #[inline(always)]
    fn condition(
        &self,
        h: &SVector<f64, N>,
        c: &SVector<f64, N>,
        noise: f64,
        innovation: Innovation,
    ) -> Result<Updated<N>, FilterError> {
        let gain = Gain::new(h, c, noise, innovation.taken);
        let mean = kernel::moved(&self.mean, &gain.k, innovation.value);
        let state = Self::from_step(mean, gain.joseph(h, &self.covariance, noise))?;
        Ok(Updated { state, innovation, gain: gain.k })
    }

    /// One step of the Rauch-Tung-Striebel smoother: what is known of this state once `next`, the
    /// smoothed state after `transition`, is known.
    ///
    /// `self` is the filtered state. The covariance is computed as
    /// `(I - J F) P (I - J F)ᵀ + J (Q + P_next) Jᵀ`, a sum of positive semi-definite terms, rather
    /// than as the difference of the textbook. (Rauch, Tung and Striebel 1965; Särkkä 2013, section 8.2.)
    ///
    /// # Errors
    /// As [`Gaussian::predict`], and [`FilterError::NotPositiveDefinite`] when the predicted covariance
    /// cannot be factored.
    pub fn smoothed(&self, transition: &Transition<N>, next: &Self) -> Result<Self, FilterError> {
        let f = transition.matrix();
        let predicted = self.predict(transition)?;
        let factor = Cholesky::new(&predicted.covariance)?;
        // P_predicted Jᵀ = F P.
        let gain = kernel::transpose(&factor.solve_matrix(&kernel::product(f, &self.covariance)));
        let rest = kernel::identity() - kernel::product(&gain, f);
        let news = transition.noise() + next.covariance;
        let mean = self.mean + kernel::times(&gain, &(next.mean - predicted.mean));
        let spread = kernel::congruence(&gain, &news, &SMatrix::zeros());
        Self::from_step(mean, kernel::congruence(&rest, &self.covariance, &spread))
    }
}
