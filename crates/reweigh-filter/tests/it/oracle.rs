//! Against adskalman, an independent implementation.

use adskalman::{
    KalmanFilterNoControl, ObservationModel, StateAndCovariance, TransitionModelLinearNoControl,
};
use nalgebra::{Const, SMatrix, SVector};
use proptest::prelude::*;
use reweigh_filter::{Gaussian, LocalLevel, LocalLinearTrend, Model, Run, Sample};

use crate::near::near;

/// A model at one elapsed time, in the shape that adskalman takes.
#[derive(Debug)]
struct Theirs<const N: usize> {
    f: SMatrix<f64, N, N>,
    ft: SMatrix<f64, N, N>,
    q: SMatrix<f64, N, N>,
    h: SMatrix<f64, 1, N>,
    ht: SMatrix<f64, N, 1>,
    r: SMatrix<f64, 1, 1>,
}

impl<const N: usize> Theirs<N> {
    fn new(model: &impl Model<N>, elapsed: f64) -> Self {
        let step = model.transition(elapsed).unwrap();
        Self {
            f: *step.matrix(),
            ft: step.matrix().transpose(),
            q: *step.noise(),
            h: model.loading().transpose(),
            ht: model.loading(),
            r: SMatrix::<f64, 1, 1>::new(model.noise()),
        }
    }
}

impl<const N: usize> TransitionModelLinearNoControl<f64, Const<N>> for Theirs<N> {
    fn F(&self) -> &SMatrix<f64, N, N> {
        &self.f
    }
    fn FT(&self) -> &SMatrix<f64, N, N> {
        &self.ft
    }
    fn Q(&self) -> &SMatrix<f64, N, N> {
        &self.q
    }
}

macro_rules! observed {
    ($n:literal) => {
        impl ObservationModel<f64, Const<$n>, Const<1>> for Theirs<$n> {
            fn H(&self) -> &SMatrix<f64, 1, $n> {
                &self.h
            }
            fn HT(&self) -> &SMatrix<f64, $n, 1> {
                &self.ht
            }
            fn R(&self) -> &SMatrix<f64, 1, 1> {
                &self.r
            }
        }
    };
}
observed!(1);
observed!(2);

/// Relative to the scale of each entry. Both filters round; neither loses more than this in 60 steps.
const TOLERANCE: f64 = 1e-10;

#[track_caller]
fn same<const N: usize>(ours: &Gaussian<N>, theirs: &StateAndCovariance<f64, Const<N>>) {
    for i in 0..N {
        let deviation = ours.covariance()[(i, i)].sqrt();
        near(ours.mean()[i], theirs.state()[i], TOLERANCE * (ours.mean()[i].abs() + deviation));
        for j in 0..N {
            let scale = deviation * ours.covariance()[(j, j)].sqrt();
            near(ours.covariance()[(i, j)], theirs.covariance()[(i, j)], TOLERANCE * scale);
        }
    }
}

fn value() -> impl Strategy<Value = Option<f64>> {
    prop::option::weighted(0.9, 60.0..100.0_f64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Filtering at irregular times, with values missing, for both models. Tolerance: [`TOLERANCE`].
    ///
    /// Proves H1.
    #[test]
    fn filtering_agrees_with_adskalman(
        samples in prop::collection::vec((0.0..40.0_f64, value()), 1..60),
        level_rate in 0.0..1.0_f64,
        trend_rate in 0.0..0.1_f64,
        noise in 0.01..4.0_f64,
    ) {
        let level = LocalLevel::new(level_rate, noise).unwrap();
        let trend = LocalLinearTrend::new(level_rate, trend_rate, noise).unwrap();
        let mut ours1 = Gaussian::independent([80.0], [25.0]).unwrap();
        let mut ours2 = Gaussian::independent([80.0, 0.0], [25.0, 0.1]).unwrap();
        let mut theirs1 = StateAndCovariance::new(*ours1.mean(), *ours1.covariance());
        let mut theirs2 = StateAndCovariance::new(*ours2.mean(), *ours2.covariance());
        for (elapsed, value) in samples {
            ours1 = level.predict(&ours1, elapsed).unwrap();
            ours2 = trend.predict(&ours2, elapsed).unwrap();
            if let Some(value) = value {
                ours1 = level.update(&ours1, value).unwrap().state;
                ours2 = trend.update(&ours2, value).unwrap().state;
            }
            // To adskalman a NaN is a missing value.
            let y = SVector::<f64, 1>::new(value.unwrap_or(f64::NAN));
            let model = Theirs::new(&level, elapsed);
            theirs1 = KalmanFilterNoControl::new(&model, &model).step(&theirs1, &y).unwrap();
            let model = Theirs::new(&trend, elapsed);
            theirs2 = KalmanFilterNoControl::new(&model, &model).step(&theirs2, &y).unwrap();
            same(&ours1, &theirs1);
            same(&ours2, &theirs2);
        }
    }

    /// Smoothing at regular times, which is all that adskalman has. Tolerance: [`TOLERANCE`].
    ///
    /// Proves H2.
    #[test]
    fn smoothing_agrees_with_adskalman(
        values in prop::collection::vec(value(), 1..40),
        elapsed in 0.1..10.0_f64,
        trend_rate in 1e-4..0.1_f64,
    ) {
        let model = LocalLinearTrend::new(0.05, trend_rate, 0.4).unwrap();
        let start = Gaussian::independent([80.0, 0.0], [25.0, 0.1]).unwrap();
        let samples: Vec<Sample> =
            values.iter().map(|value| Sample { elapsed, value: *value }).collect();
        let ours = Run::over(&model, start.into(), &samples).unwrap().smooth().unwrap();
        let theirs_model = Theirs::new(&model, elapsed);
        let theirs = KalmanFilterNoControl::new(&theirs_model, &theirs_model)
            .smooth(
                &StateAndCovariance::new(*start.mean(), *start.covariance()),
                &values.iter().map(|v| SVector::<f64, 1>::new(v.unwrap_or(f64::NAN))).collect::<Vec<_>>(),
            )
            .unwrap();
        for (ours, theirs) in ours.iter().zip(&theirs) {
            same(ours, theirs);
        }
    }
}
