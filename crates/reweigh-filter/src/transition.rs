//! How a state moves while nobody looks.

use nalgebra::{SMatrix, SVector};

use crate::error::{FilterError, Quantity};
use crate::kernel::{self, Pattern};

/// A step of a linear model: the state becomes `F x + w`, where `w` is noise of covariance `Q`.
///
/// [`LocalLevel`](crate::LocalLevel) and [`LocalLinearTrend`](crate::LocalLinearTrend) make theirs from
/// elapsed time. A model of one's own makes it with [`Transition::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transition<const N: usize> {
    matrix: SMatrix<f64, N, N>,
    noise: SMatrix<f64, N, N>,
    /// Which entries of `matrix` may differ from zero.
    pattern: Pattern<N>,
}

impl<const N: usize> Transition<N> {
    /// From `F` and `Q`.
    ///
    /// `Q` must be positive semi-definite; of that only the diagonal is looked at here, because zero rows are
    /// legal and a semi-definite matrix has no cheap test. A bad one shows in
    /// [`Gaussian::predict`](crate::Gaussian::predict) or [`Gaussian::check`](crate::Gaussian::check).
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], [`FilterError::NotSymmetric`], or [`FilterError::Negative`] for the
    /// diagonal of `Q`.
    pub fn new(matrix: SMatrix<f64, N, N>, noise: SMatrix<f64, N, N>) -> Result<Self, FilterError> {
        kernel::check_finite(Quantity::TransitionMatrix, &matrix)?;
        kernel::check_finite(Quantity::ProcessNoise, &noise)?;
        kernel::check_symmetric(&noise)?;
        for value in noise.diagonal().iter().copied() {
            if value < 0.0 {
                return Err(FilterError::Negative { what: Quantity::ProcessNoise, value });
            }
        }
        let matrix = kernel::without_negative_zero(&matrix);
        let pattern = Pattern::of(&matrix);
        Ok(Self { matrix, noise: kernel::without_negative_zero(&noise), pattern })
    }

    /// For the models of this crate, whose entries are right by construction.
    #[inline]
    pub(crate) fn of_model(
        matrix: SMatrix<f64, N, N>,
        pattern: Pattern<N>,
        noise: SMatrix<f64, N, N>,
    ) -> Self {
        Self { matrix, noise, pattern }
    }

    /// `F x`.
    #[inline]
    pub(crate) fn times(&self, x: &SVector<f64, N>) -> SVector<f64, N> {
        kernel::sparse_times(&self.matrix, &self.pattern, x)
    }

    /// `F P Fᵀ + Q`.
    #[inline]
    pub(crate) fn spread(&self, p: &SMatrix<f64, N, N>) -> SMatrix<f64, N, N> {
        kernel::sparse_congruence(&self.matrix, &self.pattern, p, &self.noise)
    }

    /// `F`.
    #[inline]
    pub fn matrix(&self) -> &SMatrix<f64, N, N> {
        &self.matrix
    }

    /// `Q`.
    #[inline]
    pub fn noise(&self) -> &SMatrix<f64, N, N> {
        &self.noise
    }
}
