//! One story about a person's readings.

use reweigh_filter::{BodyPrior, BodyState, LAGS, Lags, SCALES};
use reweigh_reading::Instant;

use crate::unit_slip::UnitSlip;
use crate::verdict::Reason;

/// How many values that were refused lately a story remembers.
pub const STRAYS: usize = 3;

/// One story: which of the late readings to believe, and the estimate if it is true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hypothesis {
    /// How likely it is; the shares of all stories sum to one.
    pub share: f64,
    /// The belief about the body.
    pub body: BodyState,
    /// The smoothed levels of the readings in the window.
    pub lags: Lags,
    /// The noise of each scale, learned from this user.
    pub noise: [LearnedNoise; SCALES],
    /// What this story says of each reading in the window, by place.
    pub reasons: [Reason; LAGS],
    /// The scale that was last seen in another unit.
    pub slip: Option<SlipMode>,
    /// Values that were refused lately, oldest first.
    pub strays: [Option<Stray>; STRAYS],
    /// Readings accepted since it began.
    pub accepted: u64,
    /// Readings refused as another person's since it began.
    pub other_person: u32,
    /// Readings refused since the last accepted one.
    pub refused_in_a_row: u32,
    /// The last accepted reading.
    pub last_accepted: Option<Instant>,
    /// The first accepted reading.
    pub first_accepted: Option<Instant>,
}

/// The noise of one scale as an inverse-gamma belief: the mean square of what readings were off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedNoise {
    /// How many readings it is worth.
    pub readings: f32,
    /// The sum of their squares, kg².
    pub squares: f32,
}

impl LearnedNoise {
    /// What stands for a scale that was never used.
    pub const UNUSED: Self = Self { readings: 1.0, squares: 1.0 };

    /// The variance.
    pub fn variance(&self) -> f64 {
        f64::from(self.squares) / f64::from(self.readings)
    }
}

/// A scale that is set to another unit, as far as a story knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlipMode {
    /// Which scale.
    pub scale: u8,
    /// What was taken for what.
    pub slip: UnitSlip,
    /// When it was first seen.
    pub since: Instant,
    /// When it was last seen.
    pub at: Instant,
    /// The kilograms it recorded then.
    pub recorded_kg: f64,
    /// How many times in a row.
    pub times: u32,
}

/// A value that was refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stray {
    /// The kilograms it recorded.
    pub kg: f32,
    /// When.
    pub at: Instant,
}

impl Hypothesis {
    /// The only story there is before the first reading.
    #[must_use]
    pub fn first(prior: &BodyPrior) -> Self {
        Self {
            share: 1.0,
            body: BodyState::new(prior),
            lags: Lags::default(),
            noise: [LearnedNoise::UNUSED; SCALES],
            reasons: [Reason::Fits; LAGS],
            slip: None,
            strays: [None; STRAYS],
            accepted: 0,
            other_person: 0,
            refused_in_a_row: 0,
            last_accepted: None,
            first_accepted: None,
        }
    }

    /// Begins a scale: its bias unknown, its noise what the policy expects of its source.
    pub fn begin_scale(&mut self, scale: usize, bias_sd: f64, noise: LearnedNoise) {
        self.body.begin_scale(scale, bias_sd, &mut self.lags);
        if let Some(slot) = self.noise.get_mut(scale) {
            *slot = noise;
        }
        self.slip = self.slip.filter(|mode| usize::from(mode.scale) != scale);
    }

    /// Remembers a value that was refused; the oldest makes room.
    pub fn refuse(&mut self, stray: Stray) {
        let free = self.strays.iter_mut().find(|place| place.is_none());
        if let Some(place) = free {
            *place = Some(stray);
        } else {
            self.strays.rotate_left(1);
            if let Some(last) = self.strays.last_mut() {
                *last = Some(stray);
            }
        }
        self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
    }
}
