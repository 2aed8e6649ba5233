//! Hindsight over a window: each state given all observations of the window.

use nalgebra::{SMatrix, SVector};

use crate::belief::Belief;
use crate::diffuse::{self, Diffuse};
use crate::error::{FilterError, SeriesError};
use crate::gaussian::Gaussian;
use crate::kernel::{self, Cholesky};
use crate::series::Step;
use crate::transition::Transition;

/// Each state of a window given every observation up to the window's end.
///
/// The window is any run of consecutive steps, at any spacing in time. The last state comes out as it was
/// filtered. Going back from there, known states are smoothed after Rauch, Tung and Striebel
/// (see [`Gaussian::smoothed`]); states from before the start was known are smoothed by the exact diffuse
/// recursion (Koopman and Durbin 2003; Durbin and Koopman 2012, section 5.3), so they too come out known.
///
/// # Errors
/// [`FilterError::StillDiffuse`] if the last state of the window is not known; otherwise the first error
/// of a step, with its index in the window.
pub fn smooth<const N: usize>(window: &[Step<N>]) -> Result<Vec<Gaussian<N>>, SeriesError> {
    let mut out = Vec::with_capacity(window.len());
    let mut later: Option<Later<N>> = None;
    for (index, step) in window.iter().enumerate().rev() {
        let smoothed = later
            .as_ref()
            .map_or_else(|| Smoothed::last(step), |later| later.back_to(step))
            .map_err(|source| SeriesError { index, source })?;
        out.push(smoothed.state());
        later = Some(Later { step, smoothed });
    }
    out.reverse();
    Ok(out)
}

/// The step that follows the one being smoothed.
struct Later<'a, const N: usize> {
    step: &'a Step<N>,
    smoothed: Smoothed<N>,
}

/// A smoothed state, and in the diffuse phase what it takes to go on back from it.
enum Smoothed<const N: usize> {
    Known { state: Gaussian<N>, filtered: Gaussian<N> },
    Diffuse { state: Gaussian<N>, news: News<N> },
}

impl<const N: usize> Smoothed<N> {
    fn last(step: &Step<N>) -> Result<Self, FilterError> {
        let filtered = *step.filtered.known()?;
        Ok(Self::Known { state: filtered, filtered })
    }

    fn state(&self) -> Gaussian<N> {
        match self {
            Self::Known { state, .. } | Self::Diffuse { state, .. } => *state,
        }
    }
}

impl<const N: usize> Later<'_, N> {
    fn back_to(&self, step: &Step<N>) -> Result<Smoothed<N>, FilterError> {
        let transition = &self.step.transition;
        match &step.filtered {
            Belief::Known(filtered) => Ok(Smoothed::Known {
                state: filtered.smoothed(transition, &self.smoothed.state())?,
                filtered: *filtered,
            }),
            Belief::Diffuse(filtered) => {
                let news = match &self.smoothed {
                    Smoothed::Known { state, filtered } => News::between(filtered, state)?,
                    Smoothed::Diffuse { news, .. } => news.clone(),
                };
                let news = news.before_update(self.step)?.before_transition(transition);
                Ok(Smoothed::Diffuse { state: news.smooth(filtered)?, news })
            }
        }
    }
}

/// What the observations after a state say about it, in the form of Durbin and Koopman: the smoothed mean is
/// `m + P r`, the smoothed covariance `P - P N P`, with each of `r` and `N` a series in `1/κ`.
#[derive(Clone)]
struct News<const N: usize> {
    r0: SVector<f64, N>,
    r1: SVector<f64, N>,
    n0: SMatrix<f64, N, N>,
    n1: SMatrix<f64, N, N>,
    n2: SMatrix<f64, N, N>,
}

impl<const N: usize> News<N> {
    /// What must have been said of a known state to turn it into the smoothed one.
    fn between(filtered: &Gaussian<N>, smoothed: &Gaussian<N>) -> Result<Self, FilterError> {
        let factor = Cholesky::new(filtered.covariance())?;
        let change = filtered.covariance() - smoothed.covariance();
        // P⁻¹ (P - V) P⁻¹; the change is symmetric, so the transpose in between does not matter.
        let half = factor.solve_matrix(&change);
        let n0 = kernel::symmetric_part(&factor.solve_matrix(&kernel::transpose(&half)));
        Ok(Self {
            r0: factor.solve(&(smoothed.mean() - filtered.mean())),
            r1: SVector::zeros(),
            n0,
            n1: SMatrix::zeros(),
            n2: SMatrix::zeros(),
        })
    }

    /// From after the observation of a step to before it.
    fn before_update(&self, step: &Step<N>) -> Result<Self, FilterError> {
        let (Some(observation), Belief::Diffuse(predicted)) = (&step.observation, &step.predicted) else {
            return Ok(self.clone());
        };
        let h = observation.loading();
        let (_, what, gain) = predicted.update(observation)?;
        // L = I - k hᵀ, transposed where it is used.
        let l0 = gain.remainder(h);
        let l0t = kernel::transpose(&l0);
        let (r0, r1) = (kernel::times(&l0t, &self.r0), kernel::times(&l0t, &self.r1));
        let pulled = |n: &SMatrix<f64, N, N>| kernel::congruence(&l0t, n, &SMatrix::zeros());
        let (n0, n1, n2) = (pulled(&self.n0), pulled(&self.n1), pulled(&self.n2));
        let outer = h * h.transpose();
        match what {
            diffuse::Step::Ordinary { value, variance } => {
                Ok(Self { r0: r0 + h * (value / variance), r1, n0: n0 + outer * (1.0 / variance), n1, n2 })
            }
            diffuse::Step::Resolved(arrival) => {
                let (finite, infinite) = (arrival.finite_variance(), arrival.infinite_variance());
                // The gain is k + k1/κ + …, and so L is L0 + L1/κ + … with L1 = -k1 hᵀ.
                let known = kernel::symmetric_times(predicted.finite(), h);
                let k1 = (known - gain.k * finite) * (1.0 / infinite);
                let l1 = -(k1 * h.transpose());
                let l1t = kernel::transpose(&l1);
                let mixed0 = kernel::product(&l1t, &kernel::product(&self.n0, &l0));
                let mixed1 = kernel::product(&l1t, &kernel::product(&self.n1, &l0));
                let bent = kernel::congruence(&l1t, &self.n0, &SMatrix::zeros());
                Ok(Self {
                    r0,
                    r1: r1 + h * (arrival.value() / infinite) + kernel::times(&l1t, &self.r0),
                    n0,
                    n1: n1 + outer * (1.0 / infinite) + mixed0 + kernel::transpose(&mixed0),
                    n2: n2 - outer * (finite / (infinite * infinite))
                        + mixed1
                        + kernel::transpose(&mixed1)
                        + bent,
                })
            }
        }
    }

    /// From after a transition to before it.
    fn before_transition(&self, transition: &Transition<N>) -> Self {
        let ft = kernel::transpose(transition.matrix());
        let pulled = |n: &SMatrix<f64, N, N>| kernel::congruence(&ft, n, &SMatrix::zeros());
        Self {
            r0: kernel::times(&ft, &self.r0),
            r1: kernel::times(&ft, &self.r1),
            n0: pulled(&self.n0),
            n1: pulled(&self.n1),
            n2: pulled(&self.n2),
        }
    }

    /// The smoothed state, which is known as soon as the later observations resolve every direction.
    fn smooth(&self, filtered: &Diffuse<N>) -> Result<Gaussian<N>, FilterError> {
        let (p, d) = (filtered.finite(), filtered.infinite());
        let zero = SMatrix::zeros();
        let mean = filtered.mean() + kernel::times(p, &self.r0) + kernel::times(d, &self.r1);
        let cross = kernel::product(d, &kernel::product(&self.n1, p));
        let taken = kernel::congruence(p, &self.n0, &zero)
            + cross
            + kernel::transpose(&cross)
            + kernel::congruence(d, &self.n2, &zero);
        Gaussian::new(mean, kernel::symmetric_part(&(p - taken)))
    }
}
