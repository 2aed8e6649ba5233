//! Fits that succeed, and fits that say why not.

use reweigh_filter::{
    Belief, Certainty, FitError, LocalLevel, LocalLinearTrend, Sample, Search, log_likelihood,
};

use crate::dice::Dice;
use crate::near::relatively_near;
use crate::nile;

fn walk(seed: u64, count: u32, noise: f64, level_rate: f64, trend_rate: f64) -> Vec<Sample> {
    let mut dice = Dice::new(seed);
    let (mut level, mut trend) = (80.0, 0.0);
    (0..count)
        .map(|_| {
            let t = dice.log_uniform(0.5, 2.0);
            level += t * trend + (level_rate * t).sqrt() * dice.normal();
            trend += (trend_rate * t).sqrt() * dice.normal();
            Sample::new(t, level + noise.sqrt() * dice.normal())
        })
        .collect()
}

/// No other parameters on a grid round the fitted ones, 1 % and a factor of 30 away, are more likely.
fn is_the_top(samples: &[Sample]) {
    let fit = LocalLinearTrend::fit(samples, &Search::default()).unwrap();
    let [noise, level, trend] = fit.parameters.map(|p| p.value);
    let factors = [1.0 / 30.0, 0.99, 1.0, 1.01, 30.0];
    for a in factors {
        for b in factors {
            for c in factors {
                let model = LocalLinearTrend::new(level * b, trend * c, noise * a).unwrap();
                let there = log_likelihood(&model, Belief::unknown(), samples).unwrap();
                assert!(there <= fit.log_likelihood + 1e-6, "{there} at {a} {b} {c}: {fit:?}");
            }
        }
    }
}

/// Two, and three variances: the top is the top. Tolerance 1e-6 of the log-likelihood.
///
/// Proves H2.
#[test]
fn a_fit_is_more_likely_than_what_is_round_it() {
    is_the_top(&nile::samples());
    is_the_top(&walk(1, 300, 0.36, 0.05, 0.01));
    is_the_top(&walk(2, 300, 0.01, 0.5, 1e-4));
}

/// Three variances are found again from a thousand readings, within 3.29 of the standard errors that the fit
/// reports for their logarithms.
///
/// Proves H2.
#[test]
fn variances_are_found_again() {
    let truth = [0.36, 0.3, 0.002];
    let samples = walk(3, 1_000, truth[0], truth[1], truth[2]);
    let fit = LocalLinearTrend::fit(&samples, &Search::default()).unwrap();
    for (parameter, truth) in fit.parameters.iter().zip(truth) {
        let Certainty::StandardError(error) = parameter.certainty else { panic!("{fit:?}") };
        let off = libm::log(parameter.value / truth) / (error / parameter.value);
        assert!(off.abs() < 3.29, "{parameter:?} for {truth}");
        assert!(error / parameter.value < 1.0, "{parameter:?} says next to nothing");
    }
}

/// The unit of time and of the values does not matter: hours for days, pounds for kilograms. Tolerance 1e-5,
/// what the flat top of the likelihood leaves open.
///
/// Proves H2.
#[test]
fn a_fit_does_not_care_about_units() {
    let days = walk(4, 200, 0.36, 0.05, 0.0);
    let (hour, pound) = (24.0, 1.0 / 0.453_592_37);
    let hours: Vec<Sample> = days
        .iter()
        .map(|s| Sample { elapsed: s.elapsed * hour, value: s.value.map(|v| v * pound) })
        .collect();
    let a = LocalLevel::fit(&days, &Search::default()).unwrap();
    let b = LocalLevel::fit(&hours, &Search::default()).unwrap();
    relatively_near(b.parameters[0].value, a.parameters[0].value * pound * pound, 1e-5);
    relatively_near(b.parameters[1].value, a.parameters[1].value * pound * pound / hour, 1e-5);
    for (a, b) in a.parameters.iter().zip(b.parameters) {
        let (Certainty::StandardError(x), Certainty::StandardError(y)) = (a.certainty, b.certainty) else {
            panic!("{a:?} {b:?}")
        };
        relatively_near(y / b.value, x / a.value, 1e-4);
    }
}

/// Nor do the bounds care: where a trend is at its lower bound, the bound moves with the unit of time.
/// Tolerance 1e-4.
///
/// Proves H2.
#[test]
fn the_bounds_of_a_fit_do_not_care_about_units() {
    let days = nile::samples();
    let hours: Vec<Sample> = days.iter().map(|s| Sample { elapsed: 24.0 * s.elapsed, ..*s }).collect();
    let a = LocalLinearTrend::fit(&days, &Search::default()).unwrap().parameters[2];
    let b = LocalLinearTrend::fit(&hours, &Search::default()).unwrap().parameters[2];
    assert_eq!((a.certainty, b.certainty), (Certainty::AtLowerBound, Certainty::AtLowerBound));
    relatively_near(b.value * 24.0 * 24.0 * 24.0, a.value, 1e-4);
}

/// What the series does not show is said to be at its bound, and is not given an error; the others keep
/// theirs.
///
/// Proves H2.
#[test]
fn what_a_series_does_not_show_is_at_its_bound() {
    let mut dice = Dice::new(6);
    let noise: Vec<Sample> = (0..200).map(|_| Sample::new(1.0, 80.0 + 0.6 * dice.normal())).collect();
    let fit = LocalLinearTrend::fit(&noise, &Search::default()).unwrap();
    assert!(matches!(fit.parameters[0].certainty, Certainty::StandardError(e) if e > 0.0));
    assert_eq!(fit.parameters[2].certainty, Certainty::AtLowerBound);
    relatively_near(fit.parameters[0].value, 0.36, 0.3);
    // The other way round: a smooth curve, of which each value repeats the way of the one before.
    let walk = walk(7, 400, 0.0, 0.0, 0.5);
    let fit = LocalLevel::fit(&walk, &Search::default()).unwrap();
    assert_eq!(fit.parameters[1].certainty, Certainty::AtUpperBound);
}

/// A series or a search that cannot give a model is refused by name.
///
/// Proves H2.
#[test]
fn a_fit_says_why_it_gives_no_model() {
    let fit = |samples: &[Sample], search: &Search| LocalLevel::fit(samples, search).unwrap_err();
    let usual = Search::default();
    let good = nile::samples();
    assert_eq!(fit(&good[..2], &usual), FitError::TooFewValues { have: 2, need: 3 });
    let gone: Vec<Sample> = good.iter().map(|s| Sample::missing(s.elapsed)).collect();
    assert_eq!(fit(&gone, &usual), FitError::TooFewValues { have: 0, need: 3 });
    let at_once: Vec<Sample> = good.iter().map(|s| Sample { elapsed: 0.0, ..*s }).collect();
    assert_eq!(fit(&at_once, &usual), FitError::NoTimePasses);
    assert_eq!(fit(&[Sample::new(1.0, 80.0); 9], &usual), FitError::NoVariation);
    let hasty = Search { evaluations_max: 20, ..usual };
    assert!(matches!(fit(&good, &hasty), FitError::OutOfEvaluations { .. }));
    let empty = Search { ratio_min: 2.0, ratio_max: 1.0, ..usual };
    assert_eq!(fit(&good, &empty), FitError::EmptySearch { min: 2.0, max: 1.0 });
    let mut bad = good.clone();
    bad[7].value = Some(f64::NAN);
    let FitError::Series(error) = fit(&bad, &usual) else { panic!("a NaN is in the series") };
    assert_eq!(error.index, 7);
    bad[7] = Sample::new(-1.0, 900.0);
    let FitError::Series(error) = fit(&bad, &usual) else { panic!("time goes back") };
    assert_eq!(error.index, 7);
    // A straight line has no noise.
    let line: Vec<Sample> = (0..20).map(|i| Sample::new(1.0, f64::from(i))).collect();
    assert_eq!(LocalLinearTrend::fit(&line, &usual).unwrap_err(), FitError::NoVariation);
}
