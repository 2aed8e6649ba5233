//! The textbook filter: full matrices, the noise of a span of time from a series and doubling, the Joseph
//! form, and past levels as states of their own. Slow, and written without a look at the model's code.

use nalgebra::{SMatrix, SVector};

use super::super::{BodyModel, BodyPrior, BodyState, LAGS, SCALES, STATES, TRIANGLE};

/// The body's states, and the levels at past readings.
pub(super) const ALL: usize = STATES + LAGS;

pub(super) type Body = SMatrix<f64, STATES, STATES>;

/// What a span of time does: the transition and the noise it adds.
pub(super) struct Span {
    pub(super) transition: Body,
    pub(super) noise: Body,
}

/// The span's transition and noise, from the differential equation alone.
///
/// Over a step `h` so short that a series converges at once, the transition is `exp(A h)` and the noise
/// `∫ exp(A s) L exp(A s)' ds`; two steps make one of twice the length until the span is full.
pub(super) fn span(model: &BodyModel, begun: [bool; SCALES], days: f64) -> Span {
    let mut rates = Body::zeros();
    rates[(0, 1)] = 1.0;
    rates[(1, 1)] = -1.0 / model.trend_days;
    rates[(2, 2)] = -1.0 / model.water_days;
    let mut diffusion = Body::zeros();
    diffusion[(0, 0)] = model.level_sd * model.level_sd;
    diffusion[(1, 1)] = 2.0 * model.trend_sd * model.trend_sd / model.trend_days;
    diffusion[(2, 2)] = 2.0 * model.water_sd * model.water_sd / model.water_days;
    diffusion[(3, 3)] = model.evening_drift_sd * model.evening_drift_sd;
    for scale in 1..SCALES {
        if begun[scale] {
            diffusion[(3 + scale, 3 + scale)] = model.bias_drift_sd * model.bias_drift_sd;
        }
    }
    let mut halvings = 0;
    let mut step = days;
    while step > 1e-3 {
        step *= 0.5;
        halvings += 1;
    }
    let (mut transition, mut noise) = (Body::identity(), Body::zeros());
    let (mut power, mut spread) = (Body::identity(), diffusion);
    let mut weight = 1.0;
    for n in 1..=8 {
        weight *= step / f64::from(n);
        noise += spread * weight;
        spread = rates * spread + spread * rates.transpose();
        power *= rates;
        transition += power * weight;
    }
    for _ in 0..halvings {
        noise = transition * noise * transition.transpose() + noise;
        transition *= transition;
    }
    Span { transition, noise }
}

/// The filter.
pub(super) struct Dense {
    pub(super) mean: SVector<f64, ALL>,
    pub(super) covariance: SMatrix<f64, ALL, ALL>,
    begun: [bool; SCALES],
}

impl Dense {
    pub(super) fn new(prior: &BodyPrior) -> Self {
        let mut dense =
            Self { mean: SVector::zeros(), covariance: SMatrix::zeros(), begun: [true, false, false, false] };
        dense.mean[0] = prior.level;
        dense.mean[3] = prior.evening;
        let spreads = [prior.level_sd, prior.trend_sd, prior.water_sd, prior.evening_sd];
        for (i, sd) in spreads.into_iter().enumerate() {
            dense.covariance[(i, i)] = sd * sd;
        }
        dense
    }

    pub(super) fn predict(&mut self, model: &BodyModel, days: f64) {
        let span = span(model, self.begun, days);
        let mut transition = SMatrix::<f64, ALL, ALL>::identity();
        let mut noise = SMatrix::<f64, ALL, ALL>::zeros();
        transition.fixed_view_mut::<STATES, STATES>(0, 0).copy_from(&span.transition);
        noise.fixed_view_mut::<STATES, STATES>(0, 0).copy_from(&span.noise);
        self.mean = transition * self.mean;
        self.covariance = transition * self.covariance * transition.transpose() + noise;
    }

    fn row(scale: usize, evening: f64) -> SVector<f64, ALL> {
        let mut row = SVector::zeros();
        row[0] = 1.0;
        row[2] = 1.0;
        row[3] = evening;
        if scale > 0 {
            row[3 + scale] = 1.0;
        }
        row
    }

    /// The expected value and its variance.
    pub(super) fn expect(&self, scale: usize, evening: f64) -> (f64, f64) {
        let row = Self::row(scale, evening);
        (row.dot(&self.mean), row.dot(&(self.covariance * row)))
    }

    pub(super) fn update(&mut self, scale: usize, evening: f64, value: f64, noise: f64) {
        let row = Self::row(scale, evening);
        let (expected, variance) = self.expect(scale, evening);
        let gain = self.covariance * row / (variance + noise);
        self.mean += gain * (value - expected);
        let rest = SMatrix::<f64, ALL, ALL>::identity() - gain * row.transpose();
        self.covariance = rest * self.covariance * rest.transpose() + gain * gain.transpose() * noise;
    }

    fn forget(&mut self, i: usize) {
        self.covariance.row_mut(i).fill(0.0);
        self.covariance.column_mut(i).fill(0.0);
        self.mean[i] = 0.0;
    }

    pub(super) fn begin_scale(&mut self, scale: usize, bias_sd: f64) {
        self.forget(3 + scale);
        self.covariance[(3 + scale, 3 + scale)] = bias_sd * bias_sd;
        self.begun[scale] = true;
    }

    pub(super) fn widen_level(&mut self, variance: f64) {
        self.covariance[(0, 0)] += variance;
    }

    /// Makes the level of now the state of a place.
    pub(super) fn put(&mut self, place: usize) {
        let i = STATES + place;
        self.forget(i);
        self.mean[i] = self.mean[0];
        for j in 0..ALL {
            let covariance = self.covariance[(0, j)];
            self.covariance[(i, j)] = covariance;
            self.covariance[(j, i)] = covariance;
        }
        self.covariance[(i, i)] = self.covariance[(0, 0)];
    }

    /// The smoothed level of a place, and its variance.
    pub(super) fn level(&self, place: usize) -> (f64, f64) {
        (self.mean[STATES + place], self.covariance[(STATES + place, STATES + place)])
    }

    /// The body's states, as the model keeps them.
    pub(super) fn body(&self) -> BodyState {
        let mean = std::array::from_fn(|i| self.mean[i]);
        let mut triangle = [0.0; TRIANGLE];
        let places = (0..STATES).flat_map(|i| (0..=i).map(move |j| (i, j)));
        for (slot, place) in triangle.iter_mut().zip(places) {
            *slot = self.covariance[place];
        }
        BodyState::from_parts(mean, triangle)
    }
}
