//! A forecast of one reading, and how it is scored by the reading that came.

use std::f64::consts::TAU;

use reweigh_judge::Prediction;

/// The judge believes in strays, which a normal density does not. So that rivals are not beaten by that alone, they are
/// scored a second time with this share of readings spread by so much more (kg): the judge's own figures.
const STRAY_SHARE: f64 = 0.04;
const STRAY_SD_KG: f64 = 1.7;

/// What a rival expects: a normal density.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Forecast {
    pub(crate) kg: f64,
    pub(crate) variance: f64,
}

/// How one forecast did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored {
    /// How far the reading was off, kg.
    pub(crate) off: f64,
    /// The logarithm of the density of the reading under a normal of the forecast's mean and variance.
    pub(crate) log_normal: f64,
    /// The same under a density with tails: the judge's own, or the rival's normal with strays added.
    pub(crate) log_density: f64,
    /// The chance of a lower reading under that density.
    pub(crate) below: f64,
}

impl Forecast {
    pub(crate) fn score(self, kg: f64) -> Scored {
        let off = kg - self.kg;
        let wide = self.variance + STRAY_SD_KG * STRAY_SD_KG;
        let log_normal = log_normal(off, self.variance);
        let ordinary = libm::log(1.0 - STRAY_SHARE) + log_normal;
        let stray = libm::log(STRAY_SHARE) + self::log_normal(off, wide);
        let most = ordinary.max(stray);
        let log_density = most + libm::log(libm::exp(ordinary - most) + libm::exp(stray - most));
        let below =
            (1.0 - STRAY_SHARE) * chance_below(off, self.variance) + STRAY_SHARE * chance_below(off, wide);
        Scored { off, log_normal, log_density, below }
    }
}

/// The same for the judge, whose forecast is a mixture.
pub(crate) fn score(prediction: &Prediction, kg: f64) -> Scored {
    let off = kg - prediction.mean_kg();
    Scored {
        off,
        log_normal: log_normal(off, prediction.variance()),
        log_density: prediction.log_density(kg),
        below: prediction.chance_below(kg),
    }
}

fn log_normal(off: f64, variance: f64) -> f64 {
    -0.5 * (off * off / variance + libm::log(TAU * variance))
}

fn chance_below(off: f64, variance: f64) -> f64 {
    0.5 * libm::erfc(-off / (2.0 * variance).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_is_scored_as_tables_have_it() {
        let scored = Forecast { kg: 80.0, variance: 0.25 }.score(80.5);
        assert_eq!(scored.off, 0.5);
        // One deviation off: 0.2420 / 0.5 per kilogram, and 84.13 % below.
        assert!((libm::exp(scored.log_normal) - 0.483_941).abs() < 1e-6);
        assert!((chance_below(0.5, 0.25) - 0.841_345).abs() < 1e-6);
    }

    #[test]
    fn strays_make_tails_and_leave_a_density() {
        let forecast = Forecast { kg: 80.0, variance: 0.25 };
        let (near, far) = (forecast.score(80.0), forecast.score(85.0));
        assert!(near.log_density < near.log_normal);
        assert!(far.log_density > far.log_normal + 30.0);
        let mut mass = 0.0;
        for n in 0..4000 {
            let kg = 60.0 + f64::from(n) * 0.01;
            mass += libm::exp(forecast.score(kg).log_density) * 0.01;
        }
        assert!((mass - 1.0).abs() < 1e-6);
        assert!((forecast.score(80.0).below - 0.5).abs() < 1e-12);
    }
}
