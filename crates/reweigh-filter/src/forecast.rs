//! A number that is not known exactly: a forecast or a smoothed value.

use std::f64::consts::SQRT_2;

use crate::error::{FilterError, Quantity, require};
use crate::update::LN_TAU;

/// The normal distribution of one number.
///
/// ```
/// use reweigh_filter::Forecast;
///
/// let weight = Forecast::new(80.0, 0.25)?;
/// let interval = weight.interval(0.95)?;
/// assert!((interval.low - 79.020).abs() < 1e-3 && (interval.high - 80.980).abs() < 1e-3);
/// # Ok::<(), reweigh_filter::FilterError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    mean: f64,
    variance: f64,
}

impl Forecast {
    /// From a mean and a variance.
    ///
    /// # Errors
    /// [`FilterError::NotFinite`], or [`FilterError::NotPositive`] for the variance.
    #[inline]
    pub fn new(mean: f64, variance: f64) -> Result<Self, FilterError> {
        Ok(Self {
            mean: require::finite(Quantity::ForecastMean, mean)?,
            variance: require::positive(Quantity::ForecastVariance, variance)?,
        })
    }

    /// The mean.
    #[inline]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The variance.
    #[inline]
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// The square root of the variance.
    #[inline]
    pub fn standard_deviation(&self) -> f64 {
        self.variance.sqrt()
    }

    /// The interval round the mean that holds the number with this probability.
    ///
    /// # Errors
    /// [`FilterError::NotAProbability`] unless `0 < coverage < 1`.
    pub fn interval(&self, coverage: f64) -> Result<Interval, FilterError> {
        if !(coverage > 0.0 && coverage < 1.0) {
            return Err(FilterError::NotAProbability { value: coverage });
        }
        let half = upper_quantile(0.5 * (1.0 - coverage)) * self.standard_deviation();
        Ok(Interval { low: self.mean - half, high: self.mean + half })
    }
}

/// Two ends with the number between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The `z` that a standard normal number exceeds with probability `tail`, for `0 < tail < 1/2`.
///
/// Newton's method on `ln Q(z) - ln tail`. `Q(z) <= exp(-z²/2) / 2` puts the start at or beyond the root, and
/// as `ln Q` is concave every step then comes down towards the root and none passes it.
fn upper_quantile(tail: f64) -> f64 {
    let target = libm::log(tail);
    let mut z = (-2.0 * libm::log(2.0 * tail)).max(0.0).sqrt();
    for _ in 0..64 {
        let q = 0.5 * libm::erfc(z / SQRT_2);
        let density = libm::exp(-0.5 * (LN_TAU + z * z));
        let step = (libm::log(q) - target) * q / density;
        let next = z + step;
        if next >= z {
            break;
        }
        z = next;
    }
    z.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::upper_quantile;

    /// Values to ten decimals as in any table of the normal distribution.
    #[test]
    fn the_quantile_is_that_of_the_tables() {
        for (tail, expected) in [
            (0.4, 0.253_347_103_1),
            (0.25, 0.674_489_750_2),
            (0.16, 0.994_457_883_2),
            (0.05, 1.644_853_627_0),
            (0.025, 1.959_963_984_5),
            (0.005, 2.575_829_303_5),
            (1e-6, 4.753_424_308_8),
            (1e-12, 7.034_483_825_3),
        ] {
            let z = upper_quantile(tail);
            assert!((z - expected).abs() < 1e-9, "tail {tail}: {z} is not {expected}");
        }
    }

    #[test]
    fn the_quantile_undoes_the_tail() {
        for power in 1..50 {
            let tail = 0.5 / f64::from(power) / f64::from(power) / f64::from(power);
            let tail = tail.min(0.499_999);
            let back = 0.5 * libm::erfc(upper_quantile(tail) / std::f64::consts::SQRT_2);
            assert!((back / tail - 1.0).abs() < 1e-13, "{tail} came back as {back}");
        }
    }
}
