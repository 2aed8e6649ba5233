//! How the filter adapts after a reset.

use reweigh_reading::Instant;

use crate::reset::{ResetKind, ResetPlan};

/// Factors on the noises that fade back to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fading {
    /// On the level's process noise.
    pub level: f64,
    /// On the trend's process noise.
    pub trend: f64,
    /// On the noise of readings.
    pub noise: f64,
}

impl Fading {
    /// No factor at all.
    pub const NONE: Self = Self { level: 1.0, trend: 1.0, noise: 1.0 };
}

/// What a reset began and readings and days end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adaptation {
    /// The reset that began it; none when the filter is settled.
    pub kind: Option<ResetKind>,
    /// When it began.
    pub since: Instant,
    /// The factors now, each 1 to 100.
    pub factors: Fading,
    /// What one accepted reading leaves of each factor's excess over one, above 0 and at most 1.
    pub decay: f64,
    /// Accepted readings since it began.
    pub readings: u32,
    /// Accepted readings after which it ends.
    pub readings_max: u32,
    /// Days after which it ends.
    pub days_max: f64,
    /// The quality threshold while it lasts.
    pub threshold: f64,
}

impl Adaptation {
    /// No adaptation: the filter is settled.
    #[must_use]
    pub fn none() -> Self {
        Self {
            kind: None,
            since: Instant::MIN,
            factors: Fading::NONE,
            decay: 1.0,
            readings: 0,
            readings_max: 0,
            days_max: 0.0,
            threshold: 0.0,
        }
    }

    /// The adaptation a reset begins; none if its profile gives it no reading or no day.
    #[must_use]
    pub fn begin(plan: &ResetPlan) -> Self {
        let profile = plan.profile;
        if profile.readings == 0 || profile.days <= 0.0 {
            return Self::none();
        }
        Self {
            kind: Some(plan.kind),
            since: plan.at,
            factors: Fading { level: profile.level, trend: profile.trend, noise: profile.noise },
            decay: profile.decay,
            readings: 0,
            readings_max: profile.readings,
            days_max: profile.days,
            threshold: profile.threshold,
        }
    }

    /// Whether the filter adapts.
    pub fn active(&self) -> bool {
        self.kind.is_some()
    }

    /// Ends it if its days are over at an instant.
    pub fn pass(&mut self, at: Instant) {
        if self.active() && at.since(self.since).days() >= self.days_max {
            *self = Self::none();
        }
    }

    /// Counts an accepted reading: the factors fade, and the last of its readings ends it.
    pub fn accept(&mut self) {
        if !self.active() {
            return;
        }
        self.readings = self.readings.saturating_add(1);
        if self.readings >= self.readings_max {
            *self = Self::none();
            return;
        }
        let decay = self.decay;
        let fade = |factor: f64| 1.0 + (factor - 1.0) * decay;
        let factors = self.factors;
        self.factors =
            Fading { level: fade(factors.level), trend: fade(factors.trend), noise: fade(factors.noise) };
    }
}
