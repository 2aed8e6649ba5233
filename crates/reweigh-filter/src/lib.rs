//! Kalman filters for one number seen with noise at irregular times, such as a weight.
//!
//! Somebody steps on a scale now and then. Each reading is off by some hundred grams, some are missing, a few
//! are absurd. What is the weight today, how sure is that, and was last Tuesday's reading in line? This crate
//! does the arithmetic of such questions and nothing else: no clock, no storage, no threads, no logging. Its
//! only dependencies are `nalgebra` for the types and `libm` for logarithms whose bits are the same on every
//! machine.
//!
//! # A first filter
//!
//! A [`Model`] says how the state moves while nobody looks and how noisy looking is. There are two:
//! [`LocalLevel`], a level that wanders, and [`LocalLinearTrend`], a level that moves along a wandering
//! trend. Time is in a unit of your choice; here it is days.
//!
//! ```
//! use reweigh_filter::{Belief, LocalLinearTrend, Model};
//!
//! // Per day the level wanders by a variance of 0.01 kg² and the trend by 0.0001 (kg/day)². A reading is off
//! // by 0.6 kg.
//! let model = LocalLinearTrend::new(0.01, 1e-4, 0.36)?;
//!
//! // Nothing is known at first. The first reading makes the level known, the second the trend.
//! let mut belief = Belief::unknown();
//! for (days_since, kilograms) in [(0.0, 80.3), (1.0, 80.1), (0.4, 79.8), (6.0, 79.2)] {
//!     belief = belief.predict(&model.transition(days_since)?)?;
//!     let (next, evidence) = belief.update(&model.observation(kilograms)?)?;
//!     // How surprising was it? About chi-square with one degree of freedom, if the model is right.
//!     assert!(evidence.nis().is_none_or(|nis| nis < 6.6));
//!     belief = next;
//! }
//!
//! // What will the scale show in a week?
//! let state = belief.known()?;
//! let forecast = model.forecast(state, 7.0)?;
//! let interval = forecast.interval(0.95)?;
//! assert!(interval.low < forecast.mean() && forecast.mean() < 80.0);
//! # Ok::<(), reweigh_filter::FilterError>(())
//! ```
//!
//! # A series, hindsight, and what the variances are
//!
//! [`Run`] filters a whole series and keeps every step. [`Run::smooth`] then says what each state was, given
//! all that came after too; [`smooth()`] does it for any window. [`LocalLevel::fit`] and
//! [`LocalLinearTrend::fit`] find the variances that make a series most likely, with standard errors, or say
//! why they cannot.
//!
//! ```
//! use reweigh_filter::{Belief, LocalLevel, Run, Sample, Search};
//!
//! let kilograms = [80.3, 80.9, 79.6, 80.2, 81.1, 80.7, 81.9, 81.0, 81.6, 82.2, 81.3, 82.0];
//! let samples: Vec<Sample> = kilograms.iter().map(|&value| Sample::new(1.0, value)).collect();
//!
//! let fit = LocalLevel::fit(&samples, &Search::default())?;
//! let run = Run::over(&fit.model, Belief::unknown(), &samples)?;
//! assert!((run.log_likelihood() - fit.log_likelihood).abs() < 1e-9);
//!
//! let smoothed = run.smooth()?;
//! let then = run.steps()[5].filtered.known()?;
//! assert!(smoothed[5].covariance()[(0, 0)] < then.covariance()[(0, 0)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # As the readings come
//!
//! - [`Gaussian`] is the state once it is known. A step takes it by reference and returns a new one, so that
//!   several explanations of a reading can be followed side by side, and what is refused leaves it as it was.
//! - [`Gaussian::update_bounded`] lets an absurd reading move the state only so far.
//! - [`FixedLag`] re-estimates the last few values as later ones come, and [`Past`] does so for one.
//! - [`Transition`] and [`Observation`] are the two halves of a model of one's own, of any number of states.
//!
//! # What holds
//!
//! - Elapsed time is taken as it is. One step of a month is thirty of a day; no time changes nothing, to the
//!   bit.
//! - Every covariance is symmetric to the bit, and no step of a model above gives a state with a NaN or an
//!   infinity: it is an error instead.
//! - The same input gives the same bits on every machine: plain additions, multiplications, divisions and
//!   square roots in one order, and logarithms from `libm`.
//!
//! # The books
//!
//! J. Durbin and S. J. Koopman, *Time Series Analysis by State Space Methods*, 2nd edition, 2012, is the
//! guide throughout; A. C. Harvey, *Forecasting, Structural Time Series Models and the Kalman Filter*, 1989,
//! for continuous time. Where a function follows a text, its documentation names the section.

mod belief;
mod body;
mod diffuse;
mod error;
mod fit;
mod forecast;
mod gaussian;
mod kernel;
mod lag;
mod local_level;
mod local_linear_trend;
mod model;
mod observation;
mod series;
mod smooth;
mod transition;
mod update;

pub use belief::Belief;
pub use belief::Evidence;
pub use body::BodyModel;
pub use body::BodyPrior;
pub use body::BodyState;
pub use body::Expected;
pub use body::LAGS;
pub use body::Lags;
pub use body::Passage;
pub use body::SCALES;
pub use body::STATES;
pub use body::Seen;
pub use body::TRIANGLE;
pub use diffuse::Arrival;
pub use diffuse::Diffuse;
pub use error::FilterError;
pub use error::FitError;
pub use error::Quantity;
pub use error::SeriesError;
pub use fit::Certainty;
pub use fit::Fit;
pub use fit::Parameter;
pub use fit::Search;
pub use forecast::Forecast;
pub use forecast::Interval;
pub use gaussian::Gaussian;
pub use lag::FixedLag;
pub use lag::Observed;
pub use lag::Past;
pub use local_level::LocalLevel;
pub use local_linear_trend::LocalLinearTrend;
pub use model::Model;
pub use observation::Observation;
pub use series::Run;
pub use series::Sample;
pub use series::Step;
pub use series::log_likelihood;
pub use smooth::smooth;
pub use transition::Transition;
pub use update::Innovation;
pub use update::Updated;
