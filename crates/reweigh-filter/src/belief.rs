//! A state that may or may not be known yet.

use nalgebra::SVector;

use crate::diffuse::{Arrival, Diffuse, Step};
use crate::error::{FilterError, ordinal};
use crate::gaussian::Gaussian;
use crate::observation::Observation;
use crate::transition::Transition;
use crate::update::Innovation;

/// What is believed of a state from before the first observation on.
///
/// ```
/// use reweigh_filter::{Belief, LocalLevel, Model};
///
/// let model = LocalLevel::new(0.02, 0.36)?;
/// let start = Belief::<1>::unknown();
/// let (first, _) = start.update(&model.observation(80.0)?)?;
/// // The first observation alone makes the state: its value, and its error's variance.
/// let known = first.known()?;
/// assert_eq!(known.mean()[0], 80.0);
/// assert_eq!(known.covariance()[(0, 0)], 0.36);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Belief<const N: usize> {
    /// Some directions are wholly unknown.
    Diffuse(Diffuse<N>),
    /// All is known, with its uncertainty.
    Known(Gaussian<N>),
}

/// What an observation told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Evidence {
    /// It was missing.
    Missing,
    /// It took away a direction that was wholly unknown.
    Arrival(Arrival),
    /// It was compared with its forecast.
    Innovation(Innovation),
}

impl Evidence {
    /// What it adds to the log-likelihood of its series.
    pub fn log_likelihood(&self) -> f64 {
        match self {
            Self::Missing => 0.0,
            Self::Arrival(arrival) => arrival.log_likelihood(),
            Self::Innovation(innovation) => innovation.log_likelihood(),
        }
    }

    /// The normalised innovation squared, where there is one.
    pub fn nis(&self) -> Option<f64> {
        match self {
            Self::Missing | Self::Arrival(_) => None,
            Self::Innovation(innovation) => Some(innovation.nis()),
        }
    }
}

/// An update with its gain, which a fixed-lag smoother needs too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traced<const N: usize> {
    pub(crate) belief: Belief<N>,
    pub(crate) evidence: Evidence,
    pub(crate) gain: SVector<f64, N>,
}

impl<const N: usize> Belief<N> {
    /// Nothing is known yet: the exact diffuse start.
    pub fn unknown() -> Self {
        Self::Diffuse(Diffuse::new())
    }

    /// The state, if all of it is known.
    ///
    /// # Errors
    /// [`FilterError::StillDiffuse`].
    pub fn known(&self) -> Result<&Gaussian<N>, FilterError> {
        match self {
            Self::Diffuse(diffuse) => Err(FilterError::StillDiffuse { rank: ordinal(diffuse.rank()) }),
            Self::Known(state) => Ok(state),
        }
    }

    /// The belief after a transition.
    ///
    /// # Errors
    /// As [`Gaussian::predict`].
    pub fn predict(&self, transition: &Transition<N>) -> Result<Self, FilterError> {
        Ok(match self {
            Self::Diffuse(diffuse) => Self::Diffuse(diffuse.predict(transition)?),
            Self::Known(state) => Self::Known(state.predict(transition)?),
        })
    }

    /// Takes an observation in.
    ///
    /// # Errors
    /// As [`Gaussian::update`]. The belief is as it was.
    pub fn update(&self, observation: &Observation<N>) -> Result<(Self, Evidence), FilterError> {
        let traced = self.traced_update(observation)?;
        Ok((traced.belief, traced.evidence))
    }

    pub(crate) fn traced_update(&self, observation: &Observation<N>) -> Result<Traced<N>, FilterError> {
        match self {
            Self::Known(state) => {
                let updated = state.update(observation)?;
                Ok(Traced {
                    belief: Self::Known(updated.state),
                    evidence: Evidence::Innovation(updated.innovation),
                    gain: updated.gain,
                })
            }
            Self::Diffuse(diffuse) => {
                let (belief, step, gain) = diffuse.update(observation)?;
                let evidence = match step {
                    Step::Resolved(arrival) => Evidence::Arrival(arrival),
                    Step::Ordinary { value, variance } => {
                        Evidence::Innovation(Innovation { value, variance, taken: variance, weight: 1.0 })
                    }
                };
                Ok(Traced { belief, evidence, gain: gain.k })
            }
        }
    }
}

impl<const N: usize> From<Gaussian<N>> for Belief<N> {
    fn from(state: Gaussian<N>) -> Self {
        Self::Known(state)
    }
}
