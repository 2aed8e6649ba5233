//! How sharp the top is: whether it is one, and what error that leaves.
#![expect(clippy::indexing_slicing, reason = "every index runs to the const generic length of its array")]

use nalgebra::SMatrix;

use super::{Hold, Profile, Top};
use crate::error::FitError;
use crate::kernel::{self, Cholesky};

/// Half the width of a second difference. Its error is of the order of the width squared, and of the
/// resolution of the likelihood divided by it.
const WIDTH: f64 = 1e-3;

/// The search has arrived if a step of Newton's method would raise the log-likelihood by no more than this.
const RISE_MAX: f64 = 1e-6;

/// A log-ratio with a larger variance than this is not known at all: its error spans nine powers of ten. The
/// differences above can make that much out of a ridge.
const VARIANCE_MAX: f64 = 100.0;

/// The standard errors of the logarithms of the parameters.
///
/// The inverse of the profile's negative curvature is the covariance `V` of the log-ratios. The scale that is
/// best for given ratios moves with them, at a slope `g`, and has an error of its own of variance `2/n` about
/// that; so the logarithm of the noise has variance `2/n + gᵀVg`, and that of another variance is its
/// log-ratio plus the noise's.
///
/// # Errors
/// [`FitError::Flat`] if the place is no top, [`FitError::NotAtTop`] if the top is elsewhere.
pub(super) fn standard_errors<const P: usize>(
    top: &Top<P>,
    mut profile: impl FnMut(&[f64; P]) -> Result<Profile, FitError>,
) -> Result<[f64; P], FitError> {
    let moved = |i: usize, by: f64, j: usize, and: f64| {
        let mut place = top.place;
        place[i] += by;
        place[j] += and;
        place
    };
    let mut curvature: SMatrix<f64, P, P> = kernel::identity();
    let mut slope = [0.0; P];
    let mut scale_slope = [0.0; P];
    for i in 0..P {
        if top.hold[i] != Hold::Free {
            continue;
        }
        let up = profile(&moved(i, WIDTH, i, 0.0))?;
        let down = profile(&moved(i, -WIDTH, i, 0.0))?;
        slope[i] = (up.log_likelihood - down.log_likelihood) / (2.0 * WIDTH);
        scale_slope[i] = (libm::log(up.scale) - libm::log(down.scale)) / (2.0 * WIDTH);
        let bend = up.log_likelihood - top.height - (top.height - down.log_likelihood);
        curvature[(i, i)] = -bend / (WIDTH * WIDTH);
        for j in 0..i {
            if top.hold[j] != Hold::Free {
                continue;
            }
            let mut twist = 0.0;
            for (a, b) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                twist += a * b * profile(&moved(i, a * WIDTH, j, b * WIDTH))?.log_likelihood;
            }
            let mixed = -twist / (4.0 * WIDTH * WIDTH);
            curvature[(i, j)] = mixed;
            curvature[(j, i)] = mixed;
        }
    }
    let factor = Cholesky::new(&curvature).map_err(|_| FitError::Flat)?;
    let covariance = factor.solve_matrix(&kernel::identity());
    if covariance.diagonal().iter().any(|variance| *variance > VARIANCE_MAX) {
        return Err(FitError::Flat);
    }
    let step = factor.solve(&kernel::vector(slope));
    let rise = 0.5 * kernel::dot(&kernel::vector(slope), &step);
    if rise > RISE_MAX || rise.is_nan() {
        return Err(FitError::NotAtTop { rise });
    }
    let scale_slope = kernel::vector(scale_slope);
    let drawn = kernel::times(&covariance, &scale_slope);
    let noise = 2.0 / profile(&top.place)?.innovations + kernel::dot(&scale_slope, &drawn);
    let mut errors = [0.0; P];
    for (i, error) in errors.iter_mut().enumerate() {
        let variance = match top.hold[i] {
            Hold::Unit => noise,
            Hold::Free => noise + covariance[(i, i)] + 2.0 * drawn[i],
            // At a bound there is no error to speak of.
            Hold::Low | Hold::High => 0.0,
        };
        *error = variance.sqrt();
    }
    Ok(errors)
}
