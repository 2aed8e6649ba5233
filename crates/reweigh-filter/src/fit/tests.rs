//! The search by itself, on hills whose tops are known.

use super::{Bounds, Hold, Profile, Top, climb, curvature, simplex};
use crate::error::FitError;

const BOUNDS: Bounds = Bounds { low: -10.0, high: 8.0, evaluations_max: 2_000 };

/// A bent ridge (after Rosenbrock 1960) whose top is at (1, -2). The first coordinate is the noise's and does
/// not count.
fn ridge(x: &[f64; 3]) -> f64 {
    let (a, b) = (x[1] - 1.0, x[2] + 2.0 - (x[1] - 1.0) * (x[1] - 1.0));
    -(a * a + 20.0 * b * b)
}

#[test]
fn the_simplex_climbs_a_bent_ridge() {
    for start in 0..400 {
        let start = [0.0, f64::from(start % 20) * 0.9 - 9.9, f64::from(start / 20) * 0.9 - 9.9];
        let (place, height) = simplex::maximise(&mut ridge, start, &[false, true, true], BOUNDS).unwrap();
        assert!(height > -1e-8, "{height} at {place:?} from {start:?}");
        assert!((place[1] - 1.0).abs() < 1e-4 && (place[2] + 2.0).abs() < 1e-4, "{place:?}");
        assert_eq!(place[0].to_bits(), 0.0_f64.to_bits());
    }
}

#[test]
fn the_simplex_leaves_what_is_not_free() {
    let (place, _) = simplex::maximise(&mut ridge, [0.0, 3.0, 0.0], &[false, false, true], BOUNDS).unwrap();
    assert_eq!(place[1].to_bits(), 3.0_f64.to_bits());
    assert!((place[2] - 2.0).abs() < 1e-4, "{place:?}");
}

#[test]
fn the_grid_looks_everywhere() {
    let mut seen = Vec::new();
    let mut hill = |x: &[f64; 3]| {
        seen.push((x[1], x[2]));
        -(x[1] - 6.5) * (x[1] - 6.5) - (x[2] + 9.0) * (x[2] + 9.0)
    };
    let best = simplex::best_of_grid(&mut hill, BOUNDS);
    assert!((best[1] - 6.5).abs() <= 0.75 && (best[2] + 9.0).abs() <= 0.75, "{best:?}");
    assert_eq!(seen.len(), 144);
    for (i, a) in seen.iter().enumerate() {
        assert!(seen[..i].iter().all(|b| a != b), "{a:?} twice");
    }
}

/// A slope that falls towards one side: the coordinate is held at its bound, exactly, and the other is still
/// climbed.
#[test]
fn a_coordinate_that_wants_out_is_held_at_its_bound() {
    let slope = |x: &[f64; 3]| -x[1] - (x[2] - 0.5) * (x[2] - 0.5);
    let top = climb(&mut { slope }, BOUNDS).unwrap();
    assert_eq!(top.hold, [Hold::Unit, Hold::Low, Hold::Free]);
    assert_eq!(top.place[1].to_bits(), BOUNDS.low.to_bits());
    assert!((top.place[2] - 0.5).abs() < 1e-4);
    let slope = |x: &[f64; 3]| x[1] - (x[2] - 0.5) * (x[2] - 0.5);
    assert_eq!(climb(&mut { slope }, BOUNDS).unwrap().hold, [Hold::Unit, Hold::High, Hold::Free]);
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of what it stands for")]
fn at(height: f64) -> Result<Profile, FitError> {
    Ok(Profile { log_likelihood: height, scale: 1.0, innovations: 50.0 })
}

fn top(place: [f64; 3], height: f64) -> Top<3> {
    Top { place, height, hold: [Hold::Unit, Hold::Free, Hold::Free] }
}

/// On a paraboloid the errors are known: curvatures 4 and 9 with a mixed term of 3 invert to variances 1/3
/// and 4/27, to which the noise's own 2/50 comes. Tolerance 1e-6, the rounding of a second difference.
#[test]
fn the_errors_are_those_of_the_curvature() {
    let bowl = |x: &[f64; 3]| at(-0.5 * (4.0 * x[1] * x[1] + 9.0 * x[2] * x[2]) - 3.0 * x[1] * x[2]);
    let errors = curvature::standard_errors(&top([0.0; 3], 0.0), bowl).unwrap();
    for (error, variance) in errors.iter().zip([0.04, 0.04 + 1.0 / 3.0, 0.04 + 4.0 / 27.0]) {
        assert!((error * error - variance).abs() < 1e-6, "{errors:?}");
    }
}

#[test]
fn a_ridge_is_no_top() {
    let ridge = |x: &[f64; 3]| at(-(x[1] - x[2]) * (x[1] - x[2]));
    assert_eq!(curvature::standard_errors(&top([0.0; 3], 0.0), ridge), Err(FitError::Flat));
}

#[test]
fn a_slope_is_no_top() {
    let hill = |x: &[f64; 3]| at(-x[1] * x[1] - x[2] * x[2]);
    let error = curvature::standard_errors(&top([0.0, 0.1, 0.0], -0.01), hill).unwrap_err();
    // Newton's step from there would rise by 0.01.
    assert!(matches!(error, FitError::NotAtTop { rise } if (rise - 0.01).abs() < 1e-6), "{error:?}");
}
