//! Climbing a hill without derivatives, inside a box.

use super::Bounds;
use crate::error::FitError;

/// Places along each side of the grid.
const GRID: u32 = 12;

/// The first edge of the simplex: `e` either way in a ratio.
const EDGE: f64 = 1.0;

/// The simplex is small enough when its places are this close and their heights nearly equal.
const PLACE_TOLERANCE: f64 = 1e-7;
const HEIGHT_TOLERANCE: f64 = 1e-9;

/// The highest place of a grid over the box; the first coordinate stays zero.
pub(super) fn best_of_grid<const P: usize>(
    height: &mut impl FnMut(&[f64; P]) -> f64,
    bounds: Bounds,
) -> [f64; P] {
    let spacing = (bounds.high - bounds.low) / f64::from(GRID);
    let mut index = [0_u32; P];
    let (mut best, mut best_height) = ([0.0; P], f64::NEG_INFINITY);
    loop {
        let mut place = index.map(|i| bounds.low + spacing * (f64::from(i) + 0.5));
        if let Some(noise) = place.first_mut() {
            *noise = 0.0;
        }
        let here = height(&place);
        if here > best_height {
            (best, best_height) = (place, here);
        }
        // Count up, like an odometer.
        let mut carry = true;
        for digit in index.iter_mut().skip(1) {
            if carry {
                *digit = (*digit + 1) % GRID;
                carry = *digit == 0;
            }
        }
        if carry {
            return best;
        }
    }
}

/// A corner of the simplex.
type Corner<const P: usize> = ([f64; P], f64);

/// The highest place that Nelder and Mead's simplex finds from `start` over the free coordinates.
///
/// # Errors
/// [`FitError::OutOfEvaluations`] when the evaluations run out.
pub(super) fn maximise<const P: usize>(
    height: &mut impl FnMut(&[f64; P]) -> f64,
    start: [f64; P],
    free: &[bool; P],
    bounds: Bounds,
) -> Result<Corner<P>, FitError> {
    let mut evaluations = 0;
    let mut at = |place: [f64; P]| {
        evaluations += 1;
        if evaluations > bounds.evaluations_max {
            return Err(FitError::OutOfEvaluations { evaluations });
        }
        Ok((place, height(&place)))
    };
    let mut best = at(start)?;
    // A simplex can shrink before it is there; one that starts again from the top and gains nothing was
    // there.
    loop {
        let reached = one_simplex(&mut at, best, free, bounds)?;
        let gain = reached.1 - best.1;
        best = reached;
        // False for NaN, which cannot be: heights are finite or minus infinity, and the best is never that.
        if gain <= HEIGHT_TOLERANCE {
            return Ok(best);
        }
    }
}

fn one_simplex<const P: usize>(
    at: &mut impl FnMut([f64; P]) -> Result<Corner<P>, FitError>,
    start: Corner<P>,
    free: &[bool; P],
    bounds: Bounds,
) -> Result<Corner<P>, FitError> {
    let mut corners = vec![start];
    for (i, _) in free.iter().enumerate().filter(|(_, free)| **free) {
        let mut place = start.0;
        if let Some(x) = place.get_mut(i) {
            // Inwards, if there is no room outwards.
            *x = if *x + EDGE <= bounds.high { *x + EDGE } else { *x - EDGE };
        }
        corners.push(at(place)?);
    }
    loop {
        // Highest first. A stable sort by a total order: ties stay in the order they came.
        corners.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (Some(&best), Some(&worst)) = (corners.first(), corners.last()) else {
            return Ok(start);
        };
        if corners.len() == 1 || is_small(&corners, best, worst) {
            return Ok(best);
        }
        corners.pop();
        let second_worst = corners.last().map_or(best.1, |corner| corner.1);
        let centre = centroid(&corners);
        let towards = |factor: f64| {
            let mut place = centre;
            for ((x, c), w) in place.iter_mut().zip(centre).zip(worst.0) {
                *x = (c + factor * (c - w)).clamp(bounds.low, bounds.high);
            }
            // The noise is not free, and neither is what sits at a bound; both keep their place exactly.
            for ((x, keep), free) in place.iter_mut().zip(start.0).zip(free) {
                if !free {
                    *x = keep;
                }
            }
            place
        };
        let reflected = at(towards(1.0))?;
        let next = if reflected.1 > best.1 {
            let expanded = at(towards(2.0))?;
            if expanded.1 > reflected.1 { Some(expanded) } else { Some(reflected) }
        } else if reflected.1 > second_worst {
            Some(reflected)
        } else {
            let contracted = at(towards(if reflected.1 > worst.1 { 0.5 } else { -0.5 }))?;
            (contracted.1 > worst.1.max(reflected.1)).then_some(contracted)
        };
        if let Some(corner) = next {
            corners.push(corner);
        } else {
            corners.push(worst);
            for corner in corners.iter_mut().skip(1) {
                let mut place = best.0;
                for (x, other) in place.iter_mut().zip(corner.0) {
                    *x = 0.5 * (*x + other);
                }
                *corner = at(place)?;
            }
        }
    }
}

fn is_small<const P: usize>(corners: &[Corner<P>], best: Corner<P>, worst: Corner<P>) -> bool {
    let close = corners
        .iter()
        .all(|corner| corner.0.iter().zip(best.0).all(|(x, b)| (x - b).abs() <= PLACE_TOLERANCE));
    close || (best.1 - worst.1 <= HEIGHT_TOLERANCE && spread(corners, best) <= 1e-4)
}

fn spread<const P: usize>(corners: &[Corner<P>], best: Corner<P>) -> f64 {
    corners
        .iter()
        .flat_map(|corner| corner.0.into_iter().zip(best.0))
        .fold(0.0, |widest: f64, (x, b)| widest.max((x - b).abs()))
}

fn centroid<const P: usize>(corners: &[Corner<P>]) -> [f64; P] {
    let mut sum = [0.0; P];
    let mut count = 0.0;
    for corner in corners {
        for (s, x) in sum.iter_mut().zip(corner.0) {
            *s += x;
        }
        count += 1.0;
    }
    sum.map(|s| s / count)
}
