//! Hindsight that keeps up: each value re-estimated as later observations come, up to a fixed lag.

use nalgebra::SVector;

use crate::belief::{Belief, Evidence};
use crate::error::{FilterError, Quantity, require};
use crate::forecast::Forecast;
use crate::gaussian::Gaussian;
use crate::kernel;
use crate::observation::Observation;
use crate::transition::Transition;
use crate::update::Updated;

/// A value of the past, with what ties it to the present state.
///
/// What was seen at some time, `hᵀ x` at that time, stays correlated with the state for a while; as long as
/// it is, every new observation says something about it too. This holds its mean, its variance and its
/// covariance with the present state, `N + 2` numbers, and moves them along with the filter at a cost of `N²`
/// per step. Nothing older is touched, and nothing is computed twice: it is the filter of the state augmented
/// by the old value, of which only the new part is written out (Anderson and Moore 1979, section 7.2; Durbin
/// and Koopman 2012, section 4.13).
///
/// ```
/// use reweigh_filter::{Gaussian, LocalLevel, Model, Past};
///
/// let model = LocalLevel::new(0.02, 0.36)?;
/// let before = Gaussian::independent([80.0], [1.0])?;
/// let monday = model.update(&before, 80.4)?.state;
/// let mut seen = Past::new(&monday, &model.loading())?;
///
/// let step = model.transition(1.0)?;
/// let observation = model.observation(79.6)?;
/// let tuesday = monday.predict(&step)?.update(&observation)?;
/// seen.predict(&step);
/// seen.update(&observation, &tuesday);
///
/// // The same as smoothing back from Tuesday.
/// let smoothed = monday.smoothed(&step, &tuesday.state)?;
/// assert!((seen.value()?.mean() - smoothed.mean()[0]).abs() < 1e-12);
/// assert!((seen.value()?.variance() - smoothed.covariance()[(0, 0)]).abs() < 1e-12);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past<const N: usize> {
    mean: f64,
    variance: f64,
    cross: SVector<f64, N>,
}

impl<const N: usize> Past<N> {
    /// The value `hᵀ x` of a state as it is now.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] or [`FilterError::NotPositive`] when the loading is such that there is no
    /// value.
    pub fn new(state: &Gaussian<N>, loading: &SVector<f64, N>) -> Result<Self, FilterError> {
        let now = state.forecast(loading, 0.0)?;
        let cross = kernel::symmetric_times(state.covariance(), loading);
        Ok(Self { mean: now.mean(), variance: now.variance(), cross })
    }

    /// From its parts, as [`Past::mean`], [`Past::variance`] and [`Past::cross`] give them, with the same
    /// bits.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], or [`FilterError::NotPositive`] for the variance.
    pub fn from_parts(mean: f64, variance: f64, cross: SVector<f64, N>) -> Result<Self, FilterError> {
        require::finite(Quantity::PastMean, mean)?;
        require::positive(Quantity::PastVariance, variance)?;
        kernel::check_finite(Quantity::PastCross, &cross)?;
        Ok(Self { mean, variance, cross })
    }

    /// The mean of the value.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance of the value.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The covariance of the value with each component of the present state.
    pub fn cross(&self) -> &SVector<f64, N> {
        &self.cross
    }

    /// Follows the state through a transition.
    pub fn predict(&mut self, transition: &Transition<N>) {
        self.cross = transition.times(&self.cross);
    }

    /// Follows the state through an update, ordinary or bounded, of which `updated` is the result.
    pub fn update(&mut self, observation: &Observation<N>, updated: &Updated<N>) {
        let innovation = &updated.innovation;
        self.learn(observation.loading(), &updated.gain, innovation.value, 1.0 / innovation.taken);
    }

    /// `precision` is one over the variance by which the gain was divided; zero if that is infinite.
    fn learn(&mut self, loading: &SVector<f64, N>, gain: &SVector<f64, N>, innovation: f64, precision: f64) {
        let tie = kernel::dot(loading, &self.cross);
        let pull = tie * precision;
        self.mean += pull * innovation;
        self.variance -= pull * tie;
        self.cross = kernel::moved(&self.cross, gain, -tie);
    }

    /// The value as it is known now.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`] or [`FilterError::NotPositive`] when rounding has used its variance up.
    pub fn value(&self) -> Result<Forecast, FilterError> {
        Forecast::new(self.mean, self.variance)
    }
}

/// A filter that smooths the last `LAG` observed values as it goes, in a fixed amount of memory.
///
/// When a value leaves the window it is final, and comes back from [`FixedLag::observe`].
///
/// ```
/// use reweigh_filter::{Belief, FixedLag, LocalLevel, Model};
///
/// let model = LocalLevel::new(0.02, 0.36)?;
/// let mut filter = FixedLag::<1, 2>::new(Belief::unknown());
/// assert!(filter.observe(&model.observation(80.0)?)?.settled.is_none());
/// filter.advance(&model.transition(1.0)?)?;
/// assert!(filter.observe(&model.observation(81.0)?)?.settled.is_none());
/// filter.advance(&model.transition(1.0)?)?;
/// // The third pushes the first out: 80.0, drawn up by what came after.
/// let settled = filter.observe(&model.observation(81.0)?)?.settled.expect("the window holds two");
/// assert!(settled.mean() > 80.3 && settled.variance() < 0.36);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FixedLag<const N: usize, const LAG: usize> {
    belief: Belief<N>,
    /// The window, oldest first from `oldest`, wrapping round.
    ring: [Past<N>; LAG],
    oldest: usize,
    len: usize,
}

/// What an observation did to a [`FixedLag`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Observed {
    /// What the observation told.
    pub evidence: Evidence,
    /// The value that left the window, with its final mean and variance.
    pub settled: Option<Forecast>,
}

impl<const N: usize, const LAG: usize> FixedLag<N, LAG> {
    const AT_LEAST_ONE: () = assert!(LAG > 0, "a window holds at least one value");

    /// A filter with an empty window.
    pub fn new(start: Belief<N>) -> Self {
        let () = Self::AT_LEAST_ONE;
        let empty = Past { mean: 0.0, variance: 0.0, cross: SVector::zeros() };
        Self { belief: start, ring: [empty; LAG], oldest: 0, len: 0 }
    }

    /// What is believed of the present state.
    pub fn belief(&self) -> &Belief<N> {
        &self.belief
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// As [`Belief::predict`]. The filter is as it was.
    pub fn advance(&mut self, transition: &Transition<N>) -> Result<(), FilterError> {
        self.belief = self.belief.predict(transition)?;
        for past in self.ring.iter_mut().take(self.len) {
            past.predict(transition);
        }
        Ok(())
    }

    /// Takes an observation in. Its value enters the window, and the oldest leaves if the window was full.
    ///
    /// # Errors
    /// As [`Belief::update`], and as [`Past::value`] for any value of the window. The filter is as it was.
    pub fn observe(&mut self, observation: &Observation<N>) -> Result<Observed, FilterError> {
        let traced = self.belief.traced_update(observation)?;
        let entering = entering(&traced.belief, observation.loading())?;
        let (innovation, precision) = match &traced.evidence {
            // An infinite variance: the gain is its limit, and the past learns nothing of itself.
            Evidence::Missing | Evidence::Arrival(_) => (0.0, 0.0),
            Evidence::Innovation(innovation) => (innovation.value, 1.0 / innovation.taken),
        };
        let learn = |past: &mut Past<N>| {
            past.learn(observation.loading(), &traced.gain, innovation, precision);
        };
        let full = self.len == LAG;
        let place = (self.oldest + self.len) % LAG;
        // All that can fail comes before the first change. Every value is looked at, not only the one that
        // leaves: one that is used up would make each later observation fail.
        let mut ring = self.ring;
        for past in ring.iter_mut().take(self.len) {
            learn(past);
            past.value()?;
        }
        let settled = match ring.get(place) {
            Some(leaving) if full => Some(leaving.value()?),
            _ => None,
        };
        if let Some(slot) = ring.get_mut(place) {
            *slot = entering;
        }
        self.belief = traced.belief;
        self.ring = ring;
        if full {
            self.oldest = (self.oldest + 1) % LAG;
        } else {
            self.len += 1;
        }
        Ok(Observed { evidence: traced.evidence, settled })
    }

    /// The values in the window as they are known now, oldest first.
    pub fn window(&self) -> impl Iterator<Item = &Past<N>> {
        self.ring.iter().cycle().skip(self.oldest).take(self.len)
    }
}

/// The value just observed. It is known even while the state is not: an observation leaves none of
/// what it shows unknown.
fn entering<const N: usize>(belief: &Belief<N>, loading: &SVector<f64, N>) -> Result<Past<N>, FilterError> {
    match belief {
        Belief::Known(state) => Past::new(state, loading),
        Belief::Diffuse(diffuse) => {
            let cross = kernel::symmetric_times(diffuse.finite(), loading);
            let now = Forecast::new(kernel::dot(loading, diffuse.mean()), kernel::dot(loading, &cross))?;
            Ok(Past { mean: now.mean(), variance: now.variance(), cross })
        }
    }
}
