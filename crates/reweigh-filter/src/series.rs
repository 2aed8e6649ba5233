//! A whole series through a model.

use crate::belief::{Belief, Evidence};
use crate::error::{FilterError, SeriesError};
use crate::gaussian::Gaussian;
use crate::model::Model;
use crate::observation::Observation;
use crate::smooth::smooth;
use crate::transition::Transition;

/// One place in a series: the time since the place before it, and the value seen there, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Time since the sample before, in the model's unit of time. For the first sample, since the start.
    pub elapsed: f64,
    /// The value; `None` if it is missing.
    pub value: Option<f64>,
}

impl Sample {
    /// A value seen `elapsed` after the sample before it.
    pub fn new(elapsed: f64, value: f64) -> Self {
        Self { elapsed, value: Some(value) }
    }

    /// A place where nothing was seen, but where an estimate is wanted.
    pub fn missing(elapsed: f64) -> Self {
        Self { elapsed, value: None }
    }
}

/// What a filter did at one place of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Step<const N: usize> {
    /// How the state came here from the place before.
    pub transition: Transition<N>,
    /// The belief before the observation.
    pub predicted: Belief<N>,
    /// The observation, if there was one.
    pub observation: Option<Observation<N>>,
    /// What it told.
    pub evidence: Evidence,
    /// The belief after it.
    pub filtered: Belief<N>,
}

impl<const N: usize> Step<N> {
    /// From the belief at the place before, how the state moved since, and what was seen.
    ///
    /// [`Run`] does this for a series under one model. Someone whose model changes on the way, say in the
    /// noise of each source, makes the steps one by one and smooths any run of them with
    /// [`smooth`](crate::smooth()).
    ///
    /// # Errors
    /// As [`Belief::predict`] and [`Belief::update`].
    pub fn after(
        before: &Belief<N>,
        transition: Transition<N>,
        observation: Option<Observation<N>>,
    ) -> Result<Self, FilterError> {
        let predicted = before.predict(&transition)?;
        let (filtered, evidence) = match &observation {
            Some(seen) => predicted.update(seen)?,
            None => (predicted, Evidence::Missing),
        };
        Ok(Self { transition, predicted, observation, evidence, filtered })
    }
}

/// A series filtered by a model, with everything kept.
///
/// ```
/// use reweigh_filter::{Belief, LocalLinearTrend, Run, Sample};
///
/// let model = LocalLinearTrend::new(0.01, 1e-4, 0.25)?;
/// let samples = [
///     Sample::new(0.0, 80.0),
///     Sample::new(1.0, 79.8),
///     Sample::missing(1.0),
///     Sample::new(0.5, 79.5),
/// ];
/// let run = Run::over(&model, Belief::unknown(), &samples)?;
/// let smoothed = run.smooth()?;
/// assert_eq!(smoothed.len(), 4);
/// // Hindsight knows at least as much.
/// let filtered = run.steps()[2].filtered.known()?;
/// assert!(smoothed[2].covariance()[(0, 0)] < filtered.covariance()[(0, 0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Run<const N: usize> {
    start: Belief<N>,
    steps: Vec<Step<N>>,
}

impl<const N: usize> Run<N> {
    /// Filters the samples in their order, from `start`.
    ///
    /// # Errors
    /// The first error of a step, with its index.
    pub fn over(model: &impl Model<N>, start: Belief<N>, samples: &[Sample]) -> Result<Self, SeriesError> {
        let mut steps = Vec::with_capacity(samples.len());
        let mut belief = start;
        for (index, sample) in samples.iter().enumerate() {
            let step = one_step(model, &belief, sample).map_err(|source| SeriesError { index, source })?;
            belief = step.filtered;
            steps.push(step);
        }
        Ok(Self { start, steps })
    }

    /// The steps, one per sample.
    pub fn steps(&self) -> &[Step<N>] {
        &self.steps
    }

    /// The belief after the last sample, or the start if there was none.
    pub fn last(&self) -> &Belief<N> {
        self.steps.last().map_or(&self.start, |step| &step.filtered)
    }

    /// The logarithm of the density of the whole series under the model; from a diffuse start, the diffuse
    /// log-likelihood, with `ln 2π` counted for every observation (Durbin and Koopman 2012, section 7.2.2).
    pub fn log_likelihood(&self) -> f64 {
        // Not `sum()`: the order of the additions is part of the result.
        self.steps.iter().fold(0.0, |sum, step| sum + step.evidence.log_likelihood())
    }

    /// Each state given the whole series.
    ///
    /// # Errors
    /// As [`smooth`](crate::smooth()).
    pub fn smooth(&self) -> Result<Vec<Gaussian<N>>, SeriesError> {
        smooth(&self.steps)
    }
}

/// The log-likelihood of a series, without keeping the steps.
///
/// # Errors
/// The first error of a step, with its index.
pub fn log_likelihood<const N: usize>(
    model: &impl Model<N>,
    start: Belief<N>,
    samples: &[Sample],
) -> Result<f64, SeriesError> {
    let mut sum = 0.0;
    for_each_evidence(model, start, samples, |evidence| sum += evidence.log_likelihood())?;
    Ok(sum)
}

/// Filters the samples and hands out what each told.
pub(crate) fn for_each_evidence<const N: usize>(
    model: &impl Model<N>,
    start: Belief<N>,
    samples: &[Sample],
    mut visit: impl FnMut(&Evidence),
) -> Result<(), SeriesError> {
    let mut belief = start;
    for (index, sample) in samples.iter().enumerate() {
        let step = one_step(model, &belief, sample).map_err(|source| SeriesError { index, source })?;
        visit(&step.evidence);
        belief = step.filtered;
    }
    Ok(())
}

fn one_step<const N: usize>(
    model: &impl Model<N>,
    belief: &Belief<N>,
    sample: &Sample,
) -> Result<Step<N>, FilterError> {
    let transition = model.transition(sample.elapsed)?;
    let observation = sample.value.map(|value| model.observation(value)).transpose()?;
    Step::after(belief, transition, observation)
}
