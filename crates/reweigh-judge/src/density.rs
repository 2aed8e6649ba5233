//! The normal density, in the few forms the judge wants.

use std::f64::consts::TAU;

/// Beyond this many squared deviations a density counts as nothing.
const FAR: f64 = 1400.0;

/// The normal density of a deviation, given its variance.
pub(crate) fn normal(deviation: f64, variance: f64) -> f64 {
    let square = deviation * deviation;
    if square > FAR * variance {
        return 0.0;
    }
    libm::exp(-0.5 * square / variance) / (TAU * variance).sqrt()
}

/// The natural logarithm of the normal density: finite however far the deviation.
pub(crate) fn log_normal(deviation: f64, variance: f64) -> f64 {
    -0.5 * (deviation * deviation / variance + libm::log(TAU * variance))
}
