//! The constants in the tests of kalmankit (`Xylambda/kalmankit` at 026328d, `tests/test_standard.py`), whose
//! prior is one step of time before the first value.

use reweigh_filter::{Gaussian, LocalLevel, Run, Sample};

use crate::near::near;

const VALUES: [f64; 10] = [0.39, 0.5, 0.48, 0.29, 0.25, 0.32, 0.34, 0.48, 0.41, 0.45];

fn run(mean: f64, level_rate: f64, noise: f64) -> Run<1> {
    let model = LocalLevel::new(level_rate, noise).unwrap();
    let samples = VALUES.map(|value| Sample::new(1.0, value));
    Run::over(&model, Gaussian::independent([mean], [1.0]).unwrap().into(), &samples).unwrap()
}

/// Tolerance: half a unit of the eighth decimal, which is the last printed.
///
/// Proves H1.
#[test]
fn a_constant_is_estimated_as_published() {
    let means = [
        0.354_545_45,
        0.423_809_52,
        0.441_935_48,
        0.404_878_05,
        0.374_509_8,
        0.365_573_77,
        0.361_971_83,
        0.376_543_21,
        0.380_219_78,
        0.387_128_71,
    ];
    let variances = [
        0.090_909_09,
        0.047_619_05,
        0.032_258_06,
        0.024_390_24,
        0.019_607_84,
        0.016_393_44,
        0.014_084_51,
        0.012_345_68,
        0.010_989_01,
        0.009_900_99,
    ];
    let run = run(0.0, 0.0, 0.1);
    for ((step, mean), variance) in run.steps().iter().zip(means).zip(variances) {
        let state = step.filtered.known().unwrap();
        near(state.mean()[0], mean, 5.1e-9);
        near(state.covariance()[(0, 0)], variance, 5.1e-9);
    }
}

/// Tolerance: half a unit of the fifth decimal, which is the last printed.
///
/// Proves H2.
#[test]
fn a_random_walk_is_smoothed_as_published() {
    let means =
        [0.420_01, 0.432_13, 0.410_32, 0.353_67, 0.328_86, 0.343_47, 0.369_81, 0.411_07, 0.417_86, 0.428_57];
    let variances =
        [0.004_98, 0.003_74, 0.003_44, 0.003_36, 0.003_34, 0.003_34, 0.003_36, 0.003_44, 0.003_75, 0.005];
    let smoothed = run(1.0, 0.005, 0.01).smooth().unwrap();
    for ((state, mean), variance) in smoothed.iter().zip(means).zip(variances) {
        near(state.mean()[0], mean, 5.1e-6);
        near(state.covariance()[(0, 0)], variance, 5.1e-6);
    }
}
