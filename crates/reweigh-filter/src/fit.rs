//! Variances by maximum likelihood.
//!
//! The likelihood depends on the scale of all variances in a way that can be solved on paper, so what is
//! searched is the ratios of the others to the noise (Durbin and Koopman 2012, section 2.10.2; Harvey 1989,
//! section 3.4): one number for the local level, two for the local linear trend. A search over one or two
//! numbers needs neither derivatives nor a library: a coarse grid finds the hill, the simplex of Nelder and
//! Mead (1965) climbs it, and the curvature at the top says both whether it is one and how sure the estimate
//! is.

use crate::belief::{Belief, Evidence};
use crate::error::{FilterError, FitError, Quantity, SeriesError, require};
use crate::local_level::LocalLevel;
use crate::local_linear_trend::LocalLinearTrend;
use crate::model::Model;
use crate::series::{self, Sample};

mod curvature;
mod simplex;
#[cfg(test)]
mod tests;

/// Where a fit looks, and for how long.
///
/// A ratio is that of the variance which a parameter gives to an observation after the mean time between
/// observations, to the variance of the noise. It has no unit, so the same bounds suit hours and years. The
/// part of a trend grows with the cube of time, so on a long series even a very small ratio shows; hence the
/// low default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// The smallest ratio: a parameter that wants to be smaller is reported as [`Certainty::AtLowerBound`].
    pub ratio_min: f64,
    /// The largest ratio: a parameter that wants to be larger is reported as [`Certainty::AtUpperBound`].
    pub ratio_max: f64,
    /// How often the series may be filtered.
    pub evaluations_max: u32,
}

impl Default for Search {
    fn default() -> Self {
        Self { ratio_min: 1e-15, ratio_max: 1e6, evaluations_max: 5_000 }
    }
}

/// A model whose variances make a series most likely.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fit<M, const P: usize> {
    /// The model.
    pub model: M,
    /// The diffuse log-likelihood of the series under it.
    pub log_likelihood: f64,
    /// Its variances: the noise first, then the rates in the order of the constructor.
    pub parameters: [Parameter; P],
    /// How often the series was filtered.
    pub evaluations: u32,
}

/// A fitted variance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Parameter {
    /// What it is.
    pub name: &'static str,
    /// Its most likely value.
    pub value: f64,
    /// How sure that is.
    pub certainty: Certainty,
}

/// How sure a fitted variance is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Certainty {
    /// The standard error, in the unit of the variance, from the curvature of the log-likelihood in the
    /// logarithms of the variances. Divide by the value for the standard error of its logarithm, which is the
    /// better one to make intervals with. If another parameter is at a bound, this one's error takes that one
    /// as given.
    StandardError(f64),
    /// The series shows nothing of it: the likelihood is not greater for any larger value than
    /// for the smallest that the search allows.
    AtLowerBound,
    /// The likelihood is greatest at the largest value that the search allows.
    AtUpperBound,
}

impl LocalLevel {
    /// The local level that makes the samples most likely, from an exact diffuse start.
    ///
    /// Parameters: noise, level rate.
    ///
    /// ```
    /// use reweigh_filter::{LocalLevel, Sample, Search};
    ///
    /// let values = [80.1, 79.7, 80.4, 80.9, 80.2, 81.1, 81.6, 81.0, 81.9, 81.2, 80.6, 81.3];
    /// let samples: Vec<Sample> = values.iter().map(|&value| Sample::new(1.0, value)).collect();
    /// let fit = LocalLevel::fit(&samples, &Search::default())?;
    /// assert!(fit.parameters[0].value > 0.05 && fit.parameters[0].value < 0.5);
    /// # Ok::<(), reweigh_filter::FitError>(())
    /// ```
    ///
    /// # Errors
    /// [`FitError`], which says whether the series or the search is at fault.
    pub fn fit(samples: &[Sample], search: &Search) -> Result<Fit<Self, 2>, FitError> {
        fit(samples, search)
    }
}

impl LocalLinearTrend {
    /// The local linear trend that makes the samples most likely, from an exact diffuse start.
    ///
    /// Parameters: noise, level rate, trend rate. On short series it is common that one of the rates is at
    /// its lower bound; see [`Certainty::AtLowerBound`].
    ///
    /// # Errors
    /// [`FitError`], which says whether the series or the search is at fault.
    pub fn fit(samples: &[Sample], search: &Search) -> Result<Fit<Self, 3>, FitError> {
        fit(samples, search)
    }
}

/// Models that differ only in their variances.
trait Family<const N: usize, const P: usize>: Model<N> + Sized {
    /// Names of the parameters, the noise first.
    const NAMES: [&'static str; P];
    /// The power of time by which each parameter's part in an observation grows.
    const TIME_POWERS: [u32; P];

    fn build(parameters: [f64; P]) -> Result<Self, FilterError>;
}

impl Family<1, 2> for LocalLevel {
    const NAMES: [&'static str; 2] = ["noise", "level rate"];
    const TIME_POWERS: [u32; 2] = [0, 1];

    fn build([noise, level_rate]: [f64; 2]) -> Result<Self, FilterError> {
        Self::new(level_rate, noise)
    }
}

impl Family<2, 3> for LocalLinearTrend {
    const NAMES: [&'static str; 3] = ["noise", "level rate", "trend rate"];
    const TIME_POWERS: [u32; 3] = [0, 1, 3];

    fn build([noise, level_rate, trend_rate]: [f64; 3]) -> Result<Self, FilterError> {
        Self::new(level_rate, trend_rate, noise)
    }
}

/// The likelihood at the best scale for given ratios.
#[derive(Debug, Clone, Copy)]
struct Profile {
    log_likelihood: f64,
    /// The best noise variance.
    scale: f64,
    /// How many innovations it was made from.
    innovations: f64,
}

/// The series, and what it takes to turn logarithms of ratios into a likelihood.
struct Problem<'a> {
    samples: &'a [Sample],
    /// Mean time between observations.
    spacing: f64,
    /// Sum of the squares of the values, below whose resolution no variance can be seen.
    squares: f64,
    evaluations: u32,
}

impl<'a> Problem<'a> {
    /// Checks that there is something to fit.
    fn new<const N: usize, const P: usize>(samples: &'a [Sample]) -> Result<Self, FitError> {
        let (mut have, mut span, mut since, mut squares) = (0_u32, 0.0, 0.0, 0.0);
        for (index, sample) in samples.iter().enumerate() {
            let elapsed = require::not_negative(Quantity::ElapsedTime, sample.elapsed)
                .map_err(|source| SeriesError { index, source })?;
            since += elapsed;
            if let Some(value) = sample.value {
                if have > 0 {
                    span += since;
                }
                have += 1;
                since = 0.0;
                squares += value * value;
            }
        }
        let need = u32::try_from(N + P).unwrap_or(u32::MAX);
        if have < need {
            return Err(FitError::TooFewValues { have, need });
        }
        let spacing = span / f64::from(have - 1);
        if spacing > 0.0 {
            Ok(Self { samples, spacing, squares, evaluations: 0 })
        } else {
            Err(FitError::NoTimePasses)
        }
    }

    /// The parameters at these logarithms of ratios and this noise.
    fn parameters<const N: usize, const P: usize, M: Family<N, P>>(
        &self,
        log_ratios: &[f64; P],
        scale: f64,
    ) -> [f64; P] {
        let mut out = log_ratios.map(|x| libm::exp(x) * scale);
        for (parameter, power) in out.iter_mut().zip(M::TIME_POWERS) {
            for _ in 0..power {
                *parameter /= self.spacing;
            }
        }
        out
    }

    fn profile<const N: usize, const P: usize, M: Family<N, P>>(
        &mut self,
        log_ratios: &[f64; P],
    ) -> Result<Profile, FitError> {
        self.evaluations += 1;
        let model = M::build(self.parameters::<N, P, M>(log_ratios, 1.0))
            .map_err(|source| SeriesError { index: 0, source })?;
        // Of the likelihood with a noise of one: what grows with the scale, what shrinks, what does not care.
        let (mut innovations, mut squares, mut constant) = (0.0, 0.0, 0.0);
        series::for_each_evidence(&model, Belief::unknown(), self.samples, |evidence| match evidence {
            Evidence::Missing => {}
            Evidence::Arrival(arrival) => constant += arrival.log_likelihood(),
            Evidence::Innovation(innovation) => {
                innovations += 1.0;
                squares += innovation.nis();
                constant += innovation.log_likelihood() + 0.5 * innovation.nis();
            }
        })?;
        let scale = squares / innovations;
        if scale > 1e-24 * self.squares / innovations {
            let log_likelihood = constant - 0.5 * innovations * (libm::log(scale) + 1.0);
            Ok(Profile { log_likelihood, scale, innovations })
        } else {
            Err(FitError::NoVariation)
        }
    }
}

/// The box of the search, in logarithms. The first coordinate is the noise's own ratio, which is one.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: f64,
    high: f64,
    evaluations_max: u32,
}

impl Bounds {
    fn new(search: &Search) -> Result<Self, FitError> {
        let legal = search.ratio_min.is_finite()
            && search.ratio_min > 0.0
            && search.ratio_max.is_finite()
            && search.ratio_min < search.ratio_max;
        if legal {
            Ok(Self {
                low: libm::log(search.ratio_min),
                high: libm::log(search.ratio_max),
                evaluations_max: search.evaluations_max,
            })
        } else {
            Err(FitError::EmptySearch { min: search.ratio_min, max: search.ratio_max })
        }
    }
}

fn fit<const N: usize, const P: usize, M: Family<N, P>>(
    samples: &[Sample],
    search: &Search,
) -> Result<Fit<M, P>, FitError> {
    let bounds = Bounds::new(search)?;
    let mut problem = Problem::new::<N, P>(samples)?;
    // Whatever is wrong with the series shows here; after this, a place that fails is just a bad place.
    problem.profile::<N, P, M>(&[0.0; P])?;
    let top = {
        let mut height = |x: &[f64; P]| {
            problem.profile::<N, P, M>(x).map_or(f64::NEG_INFINITY, |profile| profile.log_likelihood)
        };
        climb(&mut height, bounds)?
    };
    let errors = curvature::standard_errors(&top, |x| problem.profile::<N, P, M>(x))?;
    let best = problem.profile::<N, P, M>(&top.place)?;
    let values = problem.parameters::<N, P, M>(&top.place, best.scale);
    let mut parameters =
        M::NAMES.map(|name| Parameter { name, value: 0.0, certainty: Certainty::AtLowerBound });
    for (i, parameter) in parameters.iter_mut().enumerate() {
        let value = values.get(i).copied().unwrap_or(f64::NAN);
        parameter.value = value;
        parameter.certainty = match top.hold.get(i) {
            Some(Hold::Low) => Certainty::AtLowerBound,
            Some(Hold::High) => Certainty::AtUpperBound,
            Some(Hold::Free | Hold::Unit) | None => {
                Certainty::StandardError(value * errors.get(i).copied().unwrap_or(f64::NAN))
            }
        };
    }
    let model = M::build(values).map_err(|source| SeriesError { index: 0, source })?;
    Ok(Fit { model, log_likelihood: best.log_likelihood, parameters, evaluations: problem.evaluations })
}

/// What keeps a coordinate where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Free,
    /// It is the noise, by which the others are measured.
    Unit,
    Low,
    High,
}

/// The highest place that was found.
#[derive(Debug, Clone, Copy)]
struct Top<const P: usize> {
    place: [f64; P],
    height: f64,
    hold: [Hold; P],
}

/// Two heights closer than this are the same.
const SAME_HEIGHT: f64 = 1e-7;

/// Grid, simplex, and then a look whether a coordinate would as soon be at its bound.
fn climb<const P: usize>(
    height: &mut impl FnMut(&[f64; P]) -> f64,
    bounds: Bounds,
) -> Result<Top<P>, FitError> {
    let mut hold = [Hold::Free; P];
    if let Some(noise) = hold.first_mut() {
        *noise = Hold::Unit;
    }
    let mut place = simplex::best_of_grid(height, bounds);
    let mut best;
    loop {
        let free = hold.map(|h| h == Hold::Free);
        (place, best) = simplex::maximise(height, place, &free, bounds)?;
        let mut snapped = false;
        for i in 0..P {
            for (bound, side) in [(bounds.low, Hold::Low), (bounds.high, Hold::High)] {
                let mut there = place;
                let (Some(x), Some(h)) = (there.get_mut(i), hold.get_mut(i)) else { continue };
                if *h == Hold::Free {
                    *x = bound;
                    let at_bound = height(&there);
                    if at_bound >= best - SAME_HEIGHT {
                        (place, best, *h, snapped) = (there, at_bound, side, true);
                    }
                }
            }
        }
        if !snapped {
            return Ok(Top { place, height: best, hold });
        }
    }
}
