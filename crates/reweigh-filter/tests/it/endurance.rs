//! A filter that runs for ever stays a filter.

use reweigh_filter::{Gaussian, LocalLevel, LocalLinearTrend, Model};

use crate::dice::Dice;

/// Half of them for each model.
const UPDATES: u32 = 10_000_000;

/// Ten million updates at times from a second to a hundred days: the covariance is exactly symmetric and
/// positive definite after every one. The determinant is looked at with a tolerance of none.
///
/// Proves H1.
#[test]
fn ten_million_updates_keep_the_covariance_sound() {
    let level = LocalLevel::new(0.02, 0.36).unwrap();
    let trend = LocalLinearTrend::new(0.01, 1e-5, 0.36).unwrap();
    // Drawing numbers costs more than filtering, so a thousand are drawn and used in changing pairs.
    let mut dice = Dice::new(11);
    let elapsed: Vec<f64> = (0..1_000).map(|_| dice.log_uniform(1.2e-5, 100.0)).collect();
    let values: Vec<f64> = (0..997).map(|_| 80.0 + dice.normal()).collect();
    let mut one = Gaussian::independent([80.0], [484.0]).unwrap();
    let mut two = Gaussian::independent([80.0, 0.0], [484.0, 0.01]).unwrap();
    let pairs = elapsed.iter().cycle().zip(values.iter().cycle());
    for (t, y) in pairs.take((UPDATES / 2) as usize) {
        one = level.update(&level.predict(&one, *t).unwrap(), *y).unwrap().state;
        two = trend.update(&trend.predict(&two, *t).unwrap(), *y).unwrap().state;
        let (p1, p) = (&one.covariance().data.0, &two.covariance().data.0);
        assert!(p1[0][0] > 0.0);
        assert_eq!(p[0][1].to_bits(), p[1][0].to_bits());
        assert!(p[0][0] > 0.0 && p[0][0] * p[1][1] - p[0][1] * p[0][1] > 0.0, "{two:?}");
    }
    one.check().unwrap();
    two.check().unwrap();
}
