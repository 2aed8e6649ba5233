//! What is believed of a person's weight.

/// A weight, how sure it is, and where it is going.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The weight, kg.
    pub level_kg: f64,
    /// Its variance, kg².
    pub variance: f64,
    /// The trend, kg per day.
    pub trend_kg_per_day: f64,
}

impl Estimate {
    /// The interval that holds the true weight 95 times in 100, if the model is right.
    ///
    /// ```
    /// use reweigh_state::Estimate;
    ///
    /// let estimate = Estimate { level_kg: 80.0, variance: 0.25, trend_kg_per_day: -0.05 };
    /// let (low, high) = estimate.interval_kg();
    /// assert!((low - 79.02).abs() < 1e-9 && (high - 80.98).abs() < 1e-9);
    /// ```
    #[must_use]
    pub fn interval_kg(&self) -> (f64, f64) {
        let half = 1.96 * self.variance.max(0.0).sqrt();
        (self.level_kg - half, self.level_kg + half)
    }

    /// The trend, kg per week.
    #[must_use]
    pub fn trend_kg_per_week(&self) -> f64 {
        7.0 * self.trend_kg_per_day
    }
}
