//! The same filtering done by five hands, as dependent chains: each step starts from the state that the one
//! before it left. Both benches use these, so that times and instruction counts speak of the same work.
#![expect(clippy::unwrap_used, reason = "a bench may stop")]
#![expect(clippy::indexing_slicing, reason = "a bench may stop")]

use adskalman::{
    KalmanFilterNoControl, ObservationModel, StateAndCovariance, TransitionModelLinearNoControl,
};
use kfilter::{Kalman1M, KalmanFilter, KalmanPredict};
use nalgebra::{SMatrix, SVector};
use reweigh_filter::{Gaussian, LocalLevel, LocalLinearTrend, Model};

pub(crate) const LEVEL_RATE: f64 = 0.02;
pub(crate) const TREND_RATE: f64 = 0.0005;
pub(crate) const NOISE: f64 = 0.36;

/// One reading and the days since the one before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) elapsed: f64,
    pub(crate) value: f64,
}

/// Readings a day apart, because the other libraries have a fixed step.
pub(crate) fn readings(count: u32) -> Vec<Reading> {
    (0..count).map(|i| Reading { elapsed: 1.0, value: 80.0 + f64::from(i * 7919 % 101) / 101.0 }).collect()
}

/// Plain numbers for the level and its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plain1 {
    pub(crate) m: f64,
    pub(crate) p: f64,
}

/// Plain numbers for level, trend and the three numbers of their covariance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plain2 {
    pub(crate) m0: f64,
    pub(crate) m1: f64,
    pub(crate) p00: f64,
    pub(crate) p10: f64,
    pub(crate) p11: f64,
}

pub(crate) fn plain1_start() -> Plain1 {
    Plain1 { m: 80.0, p: 4.0 }
}

pub(crate) fn plain2_start() -> Plain2 {
    Plain2 { m0: 80.0, m1: 0.0, p00: 4.0, p10: 0.0, p11: 0.01 }
}

/// What this crate computes for the local level, written by hand without its checks.
#[inline]
pub(crate) fn plain1_step(s: Plain1, reading: Reading, level_rate: f64, noise: f64) -> Plain1 {
    let p = s.p + level_rate * reading.elapsed;
    let v = reading.value - s.m;
    let f = p + noise;
    let k = p / f;
    let a = noise / f;
    Plain1 { m: s.m + k * v, p: a * p * a + noise * k * k }
}

/// What this crate computes for the local linear trend, written by hand without its checks.
#[inline]
pub(crate) fn plain2_step(
    s: Plain2,
    reading: Reading,
    level_rate: f64,
    trend_rate: f64,
    noise: f64,
) -> Plain2 {
    let t = reading.elapsed;
    let q11 = trend_rate * t;
    let q10 = q11 * t / 2.0;
    let q00 = level_rate * t + q11 * t * t / 3.0;

    let m0 = s.m0 + t * s.m1;
    let g00 = s.p00 + t * s.p10;
    let g01 = s.p10 + t * s.p11;
    let p00 = g00 + g01 * t + q00;
    let p10 = s.p10 + s.p11 * t + q10;
    let p11 = s.p11 + q11;

    let v = reading.value - m0;
    let f = p00 + noise;
    let k0 = p00 / f;
    let k1 = p10 / f;
    let a = noise / f;
    let b00 = a * p00;
    let b10 = p10 - k1 * p00;
    let b11 = p11 - k1 * p10;
    Plain2 {
        m0: m0 + k0 * v,
        m1: s.m1 + k1 * v,
        p00: b00 * a + noise * k0 * k0,
        p10: b10 * a + noise * k1 * k0,
        p11: b11 - b10 * k1 + noise * k1 * k1,
    }
}

#[inline(never)]
pub(crate) fn plain1_chain(readings: &[Reading], level_rate: f64, noise: f64) -> Plain1 {
    readings.iter().fold(plain1_start(), |s, r| plain1_step(s, *r, level_rate, noise))
}

#[inline(never)]
pub(crate) fn plain2_chain(readings: &[Reading], level_rate: f64, trend_rate: f64, noise: f64) -> Plain2 {
    readings.iter().fold(plain2_start(), |s, r| plain2_step(s, *r, level_rate, trend_rate, noise))
}

pub(crate) fn ours1_start() -> Gaussian<1> {
    Gaussian::independent([80.0], [4.0]).unwrap()
}

pub(crate) fn ours2_start() -> Gaussian<2> {
    Gaussian::independent([80.0, 0.0], [4.0, 0.01]).unwrap()
}

#[inline(never)]
pub(crate) fn ours1_chain(readings: &[Reading], model: &LocalLevel) -> Gaussian<1> {
    let mut state = ours1_start();
    for r in readings {
        state = model.update(&model.predict(&state, r.elapsed).unwrap(), r.value).unwrap().state;
    }
    state
}

#[inline(never)]
pub(crate) fn ours2_chain(readings: &[Reading], model: &LocalLinearTrend) -> Gaussian<2> {
    let mut state = ours2_start();
    for r in readings {
        state = model.update(&model.predict(&state, r.elapsed).unwrap(), r.value).unwrap().state;
    }
    state
}

/// The local linear trend with the NIS looked at and the likelihood summed, as a judge of readings does.
#[inline(never)]
pub(crate) fn ours2_scored_chain(readings: &[Reading], model: &LocalLinearTrend) -> (Gaussian<2>, f64) {
    let mut state = ours2_start();
    let mut sum = 0.0;
    for r in readings {
        let updated = model.update(&model.predict(&state, r.elapsed).unwrap(), r.value).unwrap();
        if updated.innovation.nis() < 1e6 {
            sum += updated.innovation.log_likelihood();
            state = updated.state;
        }
    }
    (state, sum)
}

/// A model in the shape that adskalman takes.
#[derive(Debug)]
pub(crate) struct Adskalman<const N: usize> {
    f: SMatrix<f64, N, N>,
    ft: SMatrix<f64, N, N>,
    q: SMatrix<f64, N, N>,
    h: SMatrix<f64, 1, N>,
    ht: SMatrix<f64, N, 1>,
    r: SMatrix<f64, 1, 1>,
    start: StateAndCovariance<f64, nalgebra::Const<N>>,
}

impl<const N: usize> Adskalman<N> {
    pub(crate) fn new(model: &impl Model<N>, start: &Gaussian<N>) -> Self {
        let step = model.transition(1.0).unwrap();
        Self {
            f: *step.matrix(),
            ft: step.matrix().transpose(),
            q: *step.noise(),
            h: model.loading().transpose(),
            ht: model.loading(),
            r: SMatrix::<f64, 1, 1>::new(model.noise()),
            start: StateAndCovariance::new(*start.mean(), *start.covariance()),
        }
    }
}

impl<const N: usize> TransitionModelLinearNoControl<f64, nalgebra::Const<N>> for Adskalman<N> {
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

macro_rules! adskalman_chain {
    ($n:literal, $name:ident) => {
        impl ObservationModel<f64, nalgebra::Const<$n>, nalgebra::Const<1>> for Adskalman<$n> {
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

        #[inline(never)]
        pub(crate) fn $name(readings: &[Reading], model: &Adskalman<$n>) -> SVector<f64, $n> {
            let filter = KalmanFilterNoControl::new(model, model);
            let mut state = model.start.clone();
            for r in readings {
                state = filter.step(&state, &SVector::<f64, 1>::new(r.value)).unwrap();
            }
            *state.state()
        }
    };
}
adskalman_chain!(1, adskalman1_chain);
adskalman_chain!(2, adskalman2_chain);

/// kfilter takes the matrices of another version of nalgebra, so they go in as arrays of columns.
macro_rules! kfilter_chain {
    ($n:literal, $name:ident) => {
        #[inline(never)]
        pub(crate) fn $name(readings: &[Reading], model: &impl Model<$n>, start: &Gaussian<$n>) -> [f64; $n] {
            let step = model.transition(1.0).unwrap();
            let mut kalman = Kalman1M::new(
                step.matrix().data.0.into(),
                step.noise().data.0.into(),
                model.loading().transpose().data.0.into(),
                [[model.noise()]].into(),
                start.mean().data.0.into(),
            );
            *kalman.covariance_mut() = start.covariance().data.0.into();
            for r in readings {
                kalman.predict().unwrap();
                kalman.update([r.value].into()).unwrap();
            }
            kalman.state().data.0[0]
        }
    };
}
kfilter_chain!(1, kfilter1_chain);
kfilter_chain!(2, kfilter2_chain);

pub(crate) fn level_model() -> LocalLevel {
    LocalLevel::new(LEVEL_RATE, NOISE).unwrap()
}

pub(crate) fn trend_model() -> LocalLinearTrend {
    LocalLinearTrend::new(LEVEL_RATE, TREND_RATE, NOISE).unwrap()
}

/// All five must have done the same work: this crate and the plain numbers to the bit, the others to 1e-9.
pub(crate) fn check_that_all_agree(readings: &[Reading]) {
    let (level, trend) = (level_model(), trend_model());
    let ours1 = ours1_chain(readings, &level);
    let plain1 = plain1_chain(readings, LEVEL_RATE, NOISE);
    assert_eq!(ours1.mean()[0].to_bits(), plain1.m.to_bits());
    assert_eq!(ours1.covariance()[(0, 0)].to_bits(), plain1.p.to_bits());
    let ours2 = ours2_chain(readings, &trend);
    let plain2 = plain2_chain(readings, LEVEL_RATE, TREND_RATE, NOISE);
    let p = ours2.covariance();
    for (ours, plain) in [
        (ours2.mean()[0], plain2.m0),
        (ours2.mean()[1], plain2.m1),
        (p[(0, 0)], plain2.p00),
        (p[(1, 0)], plain2.p10),
        (p[(1, 1)], plain2.p11),
    ] {
        assert_eq!(ours.to_bits(), plain.to_bits(), "{ours} and {plain}");
    }
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} and {b}");
    close(ours2_scored_chain(readings, &trend).0.mean()[0], ours2.mean()[0]);
    close(adskalman1_chain(readings, &Adskalman::new(&level, &ours1_start()))[0], plain1.m);
    close(adskalman2_chain(readings, &Adskalman::new(&trend, &ours2_start()))[0], plain2.m0);
    close(kfilter1_chain(readings, &level, &ours1_start())[0], plain1.m);
    close(kfilter2_chain(readings, &trend, &ours2_start())[0], plain2.m0);
}

/// Whether `cargo bench` asks, and not `cargo test --all-targets`, where a figure would say nothing.
pub(crate) fn figures_are_wanted() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}
