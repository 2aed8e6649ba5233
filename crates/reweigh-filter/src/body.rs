//! The model of body weight: a level with a damped trend, body water, an evening offset, and a
//! bias for each scale but the first.
//!
//! | state | meaning | how it moves |
//! |---|---|---|
//! | 0 level | the weight that is wanted, kg, as the first scale shows it in the morning | random walk, carried by the trend |
//! | 1 trend | kg per day | reverts to zero (Ornstein-Uhlenbeck), integrated into the level exactly |
//! | 2 water | what the body holds for a day or two, kg | reverts to zero |
//! | 3 evening | how much more the scale shows in the evening, kg | slow random walk |
//! | 4..=6 bias | what scale 1, 2, 3 shows above scale 0, kg | slow random walk |
//!
//! An observation is `level + water + evening × e + bias(scale)` with `e` in 0..=1. The covariance is
//! kept as its lower triangle, so it is symmetric because there is nothing else it could be.
//!
//! Beside the state, [`Lags`] carries the cross-covariance of the level at each of the last
//! [`LAGS`] readings with the state of now. That makes every update a smoother step for all of them:
//! fixed-lag smoothing with a constant cost and nothing recomputed (Anderson and Moore, *Optimal
//! Filtering*, 1979, section 7.3). Lags are kept in `f32`: they are outputs, never fed back.

mod lags;
mod model;
mod state;
#[cfg(test)]
mod tests;

pub use lags::Lags;
pub use model::BodyModel;
pub use model::BodyPrior;
pub use model::Passage;
pub use state::BodyState;
pub use state::Expected;
pub use state::Seen;

/// How many states the model has.
pub const STATES: usize = 7;

/// How many scales one person's model tells apart: the frame, and three with a bias against it.
pub const SCALES: usize = 4;

/// How many numbers the lower triangle of the covariance holds.
pub const TRIANGLE: usize = STATES * (STATES + 1) / 2;

/// How many past readings are smoothed along.
pub const LAGS: usize = 12;
