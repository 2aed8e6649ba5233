//! Comparing numbers, with the tolerance said at the place of use.

/// Fails unless the two differ by at most `tolerance`, absolutely.
#[track_caller]
pub(crate) fn near(actual: f64, expected: f64, tolerance: f64) {
    let off = (actual - expected).abs();
    assert!(off <= tolerance, "{actual:?} is not {expected:?}: off by {off:e}, allowed {tolerance:e}");
}

/// Fails unless the two differ by at most `tolerance` of the expected one's size.
#[track_caller]
pub(crate) fn relatively_near(actual: f64, expected: f64, tolerance: f64) {
    near(actual, expected, tolerance * expected.abs());
}
