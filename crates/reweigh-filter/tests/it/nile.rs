//! The flow of the Nile at Aswan, the example of chapter 2 of Durbin and Koopman (2012).

use reweigh_filter::{Belief, Certainty, Gaussian, LocalLevel, Run, Sample, Search, log_likelihood};

use crate::near::{near, relatively_near};

/// Annual volume in 10^8 m³, 1871 to 1970. Public domain: Durbin and Koopman (2001), as in statsmodels
/// `statsmodels/datasets/nile/nile.csv`.
pub(crate) const VOLUMES: [f64; 100] = [
    1120.0, 1160.0, 963.0, 1210.0, 1160.0, 1160.0, 813.0, 1230.0, 1370.0, 1140.0, 995.0, 935.0, 1110.0,
    994.0, 1020.0, 960.0, 1180.0, 799.0, 958.0, 1140.0, 1100.0, 1210.0, 1150.0, 1250.0, 1260.0, 1220.0,
    1030.0, 1100.0, 774.0, 840.0, 874.0, 694.0, 940.0, 833.0, 701.0, 916.0, 692.0, 1020.0, 1050.0, 969.0,
    831.0, 726.0, 456.0, 824.0, 702.0, 1120.0, 1100.0, 832.0, 764.0, 821.0, 768.0, 845.0, 864.0, 862.0,
    698.0, 845.0, 744.0, 796.0, 1040.0, 759.0, 781.0, 865.0, 845.0, 944.0, 984.0, 897.0, 822.0, 1010.0,
    771.0, 676.0, 649.0, 846.0, 812.0, 742.0, 801.0, 1040.0, 860.0, 874.0, 848.0, 890.0, 744.0, 749.0, 838.0,
    1050.0, 918.0, 986.0, 797.0, 923.0, 975.0, 815.0, 1020.0, 906.0, 901.0, 1170.0, 912.0, 746.0, 919.0,
    718.0, 714.0, 740.0,
];

const LN_TAU: f64 = 1.837_877_066_409_345_5;

pub(crate) fn samples() -> Vec<Sample> {
    VOLUMES
        .iter()
        .enumerate()
        .map(|(year, &volume)| Sample::new(if year == 0 { 0.0 } else { 1.0 }, volume))
        .collect()
}

fn model() -> LocalLevel {
    LocalLevel::new(1469.1, 15099.0).unwrap()
}

fn wide(variance: f64) -> Belief<1> {
    Gaussian::independent([0.0], [variance]).unwrap().into()
}

/// The likelihood as some print it: without the term of the first observation.
fn without_first(model: &LocalLevel, start: Belief<1>) -> f64 {
    let run = Run::over(model, start, &samples()).unwrap();
    run.steps()[1..].iter().map(|step| step.evidence.log_likelihood()).sum()
}

/// Numbers printed by C. Fulton, *Estimating time series models by state space methods in Python*
/// (`ChadFulton/fulton_statsmodels_2017` at 13d9ad2, `c3_nile.py`), which starts from variance 10⁶.
///
/// Tolerance: half a unit of the last digit printed, 5e-9, and 5e-8 for the second likelihood.
///
/// Proves H1, H2.
#[test]
fn filter_and_smoother_give_the_published_numbers() {
    let run = Run::over(&model(), wide(1e6), &samples()).unwrap();
    near(without_first(&model(), wide(1e6)), -632.537_695_048, 5e-9);
    let poor = LocalLevel::new(1.0, 10_000.0).unwrap();
    near(without_first(&poor, wide(1e6)), -687.545_621_6, 5e-8);

    let filtered = |t: usize| *run.steps()[t].filtered.known().unwrap();
    near(filtered(0).mean()[0], 1_103.340_659_38, 5e-9);
    near(filtered(99).mean()[0], 798.370_292_61, 5e-9);
    near(filtered(0).covariance()[(0, 0)], 14_874.411_264_32, 5e-9);
    near(filtered(99).covariance()[(0, 0)], 4_032.157_941_81, 5e-9);

    let smoothed = run.smooth().unwrap();
    near(smoothed[0].mean()[0], 1_107.203_898_14, 5e-9);
    near(smoothed[99].mean()[0], 798.370_292_61, 5e-9);
    near(smoothed[0].covariance()[(0, 0)], 4_015.964_936_89, 5e-9);
    near(smoothed[99].covariance()[(0, 0)], 4_032.157_941_81, 5e-9);
}

/// The set-up of Durbin and Koopman (2012), section 2.2.5, as computed by two other programs: variance 10⁷ to
/// start with, likelihood −632.54421 (StateSpaceModels.jl at 9acf509, `test/models/locallevel.jl`; tolerance
/// there and here 1e-5), and the exact diffuse likelihood −632.5456251157 in the convention that leaves `ln
/// 2π` of the first out (tolerance 5e-11).
///
/// Proves H2.
#[test]
fn the_two_starts_give_the_published_likelihoods() {
    // There the level's variance is the most likely one, not the rounded 1469.1; at the top that moves
    // nothing.
    near(without_first(&model(), wide(1e7)), -632.544_21, 1e-5);
    let exact = log_likelihood(&model(), Belief::unknown(), &samples()).unwrap();
    near(exact + 0.5 * LN_TAU, -632.545_625_115_7, 5e-11);
    // All hundred terms kept.
    near(log_likelihood(&model(), wide(1e7), &samples()).unwrap(), -641.585_578_459_4, 5e-11);
}

/// Durbin and Koopman (2012), section 2.10.2, give 15099 and 1469.1; tolerance 1e-3 of each, as the source of
/// the figures says. The greatest likelihood with variance 10⁶ is −632.5376 (StateSpaceModels.jl, tolerance
/// 1e-4); the same place with the exact start lies 0.0079 lower.
///
/// Proves H2.
#[test]
fn the_fit_gives_the_published_variances() {
    let fit = LocalLevel::fit(&samples(), &Search::default()).unwrap();
    relatively_near(fit.parameters[0].value, 15_099.0, 1e-3);
    relatively_near(fit.parameters[1].value, 1_469.1, 1e-3);
    near(without_first(&fit.model, wide(1e6)), -632.537_6, 1e-4);
    near(fit.log_likelihood + 0.5 * LN_TAU, -632.545_6, 1e-4);
    // It is the top: nothing round it is more likely.
    for (noise, level) in [(1.001, 1.0), (0.999, 1.0), (1.0, 1.001), (1.0, 0.999)] {
        let other =
            LocalLevel::new(fit.parameters[1].value * level, fit.parameters[0].value * noise).unwrap();
        let there = log_likelihood(&other, Belief::unknown(), &samples()).unwrap();
        assert!(there < fit.log_likelihood);
    }
}

/// The standard errors come from the profile's curvature and a formula. Here the whole two-by-two curvature
/// of the plain likelihood is taken by differences and inverted. Tolerance 1e-3, the error of the
/// differences.
///
/// Proves H2.
#[test]
fn the_standard_errors_are_those_of_the_full_curvature() {
    let fit = LocalLevel::fit(&samples(), &Search::default()).unwrap();
    let (noise, level) = (fit.parameters[0].value, fit.parameters[1].value);
    let at = |a: f64, b: f64| {
        let model = LocalLevel::new(level * libm::exp(b), noise * libm::exp(a)).unwrap();
        log_likelihood(&model, Belief::unknown(), &samples()).unwrap()
    };
    let w = 5e-3;
    let top = at(0.0, 0.0);
    let aa = -(at(w, 0.0) - 2.0 * top + at(-w, 0.0)) / (w * w);
    let bb = -(at(0.0, w) - 2.0 * top + at(0.0, -w)) / (w * w);
    let ab = -(at(w, w) - at(w, -w) - at(-w, w) + at(-w, -w)) / (4.0 * w * w);
    let determinant = aa * bb - ab * ab;
    for (parameter, variance) in fit.parameters.iter().zip([bb / determinant, aa / determinant]) {
        let Certainty::StandardError(error) = parameter.certainty else { panic!("{parameter:?}") };
        relatively_near(error, parameter.value * variance.sqrt(), 1e-3);
    }
}
