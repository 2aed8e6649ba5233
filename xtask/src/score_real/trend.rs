//! A rival: the plain filter of level and trend, every reading taken in, one noise for all.

use super::forecast::Forecast;

/// Its three deviations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Deviations {
    /// Of a reading, kg.
    pub(crate) reading: f64,
    /// Of the level's random walk over a day, kg.
    pub(crate) level: f64,
    /// Of the trend's random walk over a day, kg per day.
    pub(crate) trend: f64,
}

/// A belief about level and trend; before the first reading, about anybody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrendFilter {
    deviations: Deviations,
    level: f64,
    trend: f64,
    /// Variances of level and trend, and their covariance.
    level_variance: f64,
    trend_variance: f64,
    covariance: f64,
}

impl TrendFilter {
    pub(crate) fn new(deviations: Deviations) -> Self {
        Self {
            deviations,
            level: 82.0,
            trend: 0.0,
            level_variance: 22.0 * 22.0,
            trend_variance: 0.1 * 0.1,
            covariance: 0.0,
        }
    }

    /// Lets days pass: the trend carries the level, and both walk.
    pub(crate) fn pass(&mut self, days: f64) {
        let walk = self.deviations.trend * self.deviations.trend;
        self.level += days * self.trend;
        self.level_variance += days * (2.0 * self.covariance + days * self.trend_variance)
            + self.deviations.level * self.deviations.level * days
            + walk * days * days * days / 3.0;
        self.covariance += days * self.trend_variance + walk * days * days / 2.0;
        self.trend_variance += walk * days;
    }

    /// The level now, kg.
    pub(crate) fn level(&self) -> f64 {
        self.level
    }

    /// What it expects of a reading now.
    pub(crate) fn forecast(&self) -> Forecast {
        let noise = self.deviations.reading * self.deviations.reading;
        Forecast { kg: self.level, variance: self.level_variance + noise }
    }

    /// Takes a reading in.
    pub(crate) fn take(&mut self, kg: f64) {
        let forecast = self.forecast();
        let off = kg - forecast.kg;
        let (level_gain, trend_gain) =
            (self.level_variance / forecast.variance, self.covariance / forecast.variance);
        self.level += level_gain * off;
        self.trend += trend_gain * off;
        self.trend_variance -= trend_gain * self.covariance;
        self.covariance -= level_gain * self.covariance;
        self.level_variance -= level_gain * self.level_variance;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_level_and_trend_of_a_straight_line() {
        let mut filter = TrendFilter::new(Deviations { reading: 0.3, level: 0.0, trend: 0.0 });
        for day in 0..60 {
            filter.take(90.0 - 0.1 * f64::from(day));
            filter.pass(1.0);
        }
        assert!((filter.forecast().kg - 84.0).abs() < 0.02, "{filter:?}");
        assert!((filter.trend + 0.1).abs() < 0.001, "{filter:?}");
    }

    /// Against the least-squares line through all points, which it is without walks and with a vague beginning.
    #[test]
    fn it_is_least_squares_where_nothing_walks() {
        let deviations = Deviations { reading: 0.5, level: 0.0, trend: 0.0 };
        let mut filter =
            TrendFilter { trend_variance: 1e6, level_variance: 1e9, ..TrendFilter::new(deviations) };
        for kg in [80.0, 81.0, 80.5, 82.0] {
            filter.take(kg);
            filter.pass(1.0);
        }
        // Slope 0.55, mean 80.875 at day 1.5: at day 4 the line is at 82.25.
        assert!((filter.forecast().kg - 82.25).abs() < 1e-4, "{filter:?}");
    }

    #[test]
    fn one_span_is_two_halves() {
        let deviations = Deviations { reading: 0.5, level: 0.1, trend: 0.01 };
        let mut whole = TrendFilter::new(deviations);
        whole.take(80.0);
        let mut halves = whole;
        whole.pass(6.0);
        halves.pass(3.0);
        halves.pass(3.0);
        assert!((whole.level_variance - halves.level_variance).abs() < 1e-12);
        assert!((whole.covariance - halves.covariance).abs() < 1e-12);
    }
}
