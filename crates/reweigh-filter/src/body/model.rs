//! The parameters of the model, and what a span of time does to it.

/// How weight moves. Every `*_sd` is a standard deviation in kilograms.
///
/// ```
/// use reweigh_filter::{BodyModel, BodyPrior, BodyState, Lags, Seen};
///
/// let model = BodyModel::default();
/// let mut state = BodyState::new(&BodyPrior::default());
/// let mut lags = Lags::default();
/// for (day, kg) in [(0.0, 81.2), (1.0, 80.9), (1.0, 81.0)] {
///     state.predict(&model.passage(day), &mut lags);
///     let seen = Seen { scale: 0, evening: 0.0 };
///     let expected = state.expect(seen);
///     state.update(&expected, kg, expected.variance + 0.25, &mut lags);
/// }
/// assert!((state.level() - 81.0).abs() < 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BodyModel {
    /// Random walk of the level over one day.
    pub level_sd: f64,
    /// Stationary spread of the trend, kg per day.
    pub trend_sd: f64,
    /// Days after which a trend has faded to 1/e.
    pub trend_days: f64,
    /// Stationary spread of body water.
    pub water_sd: f64,
    /// Days after which held water has faded to 1/e.
    pub water_days: f64,
    /// Random walk of the evening offset over one day.
    pub evening_drift_sd: f64,
    /// Random walk of each scale's bias over one day.
    pub bias_drift_sd: f64,
}

impl Default for BodyModel {
    fn default() -> Self {
        Self {
            level_sd: 0.04,
            trend_sd: 0.07,
            trend_days: 40.0,
            water_sd: 0.52,
            water_days: 1.3,
            evening_drift_sd: 0.003,
            bias_drift_sd: 0.003,
        }
    }
}

/// What is believed before the first reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BodyPrior {
    /// Mean of the population.
    pub level: f64,
    /// Spread of the population.
    pub level_sd: f64,
    /// Spread of the trend.
    pub trend_sd: f64,
    /// Spread of held water; 0 switches the state off.
    pub water_sd: f64,
    /// Mean of the evening offset.
    pub evening: f64,
    /// Spread of the evening offset; with a mean of 0 too, 0 switches the state off.
    pub evening_sd: f64,
    /// Spread of a scale's bias; 0 switches the states off. Used when a scale is begun.
    pub bias_sd: f64,
}

impl Default for BodyPrior {
    fn default() -> Self {
        Self {
            level: 82.0,
            level_sd: 22.0,
            trend_sd: 0.07,
            water_sd: 0.52,
            evening: 0.2,
            evening_sd: 0.5,
            bias_sd: 0.15,
        }
    }
}

/// What a span of time does to the state: computed once, applied to any number of states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passage {
    pub(super) level_from_trend: f64,
    pub(super) trend_kept: f64,
    pub(super) water_kept: f64,
    pub(super) level_noise: f64,
    pub(super) level_trend_noise: f64,
    pub(super) trend_noise: f64,
    pub(super) water_noise: f64,
    pub(super) evening_noise: f64,
    pub(super) bias_noise: f64,
}

impl BodyModel {
    /// What `days` do. Two passages of half the time do the same as one of the whole, up to rounding.
    ///
    /// `days` below zero counts as zero: the caller keeps its readings in order.
    #[must_use]
    pub fn passage(&self, days: f64) -> Passage {
        self.passage_with_noise(days, 1.0, 1.0)
    }

    /// As [`passage`](Self::passage), with the noise variances of level and trend multiplied.
    #[must_use]
    pub fn passage_with_noise(&self, days: f64, level_factor: f64, trend_factor: f64) -> Passage {
        let days = if days > 0.0 { days } else { 0.0 };
        let tau = self.trend_days;
        let lost = -libm::expm1(-days / tau);
        let kept = 1.0 - lost;
        let travelled = tau * lost;
        let lost_twice = lost * (1.0 + kept);
        let trend_variance = self.trend_sd * self.trend_sd * trend_factor;
        // The variance of an integrated Ornstein-Uhlenbeck process. The bracket is the small
        // difference of large numbers for short spans; what is lost there is below 1e-12 kg².
        let wander = days - 2.0 * travelled + 0.5 * tau * lost_twice;
        let wander = if wander > 0.0 { wander } else { 0.0 };
        let water_kept = libm::exp(-days / self.water_days);
        Passage {
            level_from_trend: travelled,
            trend_kept: kept,
            water_kept,
            level_noise: 2.0 * trend_variance * tau * wander
                + self.level_sd * self.level_sd * level_factor * days,
            level_trend_noise: trend_variance * tau * lost * lost,
            trend_noise: trend_variance * lost_twice,
            water_noise: self.water_sd * self.water_sd * (1.0 - water_kept * water_kept),
            evening_noise: self.evening_drift_sd * self.evening_drift_sd * days,
            bias_noise: self.bias_drift_sd * self.bias_drift_sd * days,
        }
    }
}
