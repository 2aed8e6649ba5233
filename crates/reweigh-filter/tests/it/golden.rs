//! The bits themselves.

use reweigh_filter::{Belief, LocalLinearTrend, Run, Sample};

use crate::dice::Dice;

/// Every bit of a thousand steps, their likelihood and their smoothed states, as one number. It is the same
/// on every platform. Whoever changes it changes what is stored in the world, and says so.
///
/// Proves H1, H2.
#[test]
fn the_bits_are_what_they_were() {
    let model = LocalLinearTrend::new(0.01, 1e-5, 0.36).unwrap();
    let mut dice = Dice::new(1);
    // No logarithm or cosine in the input: uniform numbers only.
    let samples: Vec<Sample> =
        (0..1_000).map(|_| Sample::new(dice.uniform() * 3.0, 80.0 + dice.uniform())).collect();
    let run = Run::over(&model, Belief::unknown(), &samples).unwrap();
    let smoothed = run.smooth().unwrap();
    let states = run.steps().iter().filter_map(|step| step.filtered.known().ok()).chain(&smoothed);
    let mut digest = run.log_likelihood().to_bits();
    for state in states {
        for number in state.mean().iter().chain(state.covariance().iter()) {
            digest = (digest.rotate_left(5) ^ number.to_bits()).wrapping_mul(0x517C_C1B7_2722_0A95);
        }
    }
    assert_eq!(format!("{digest:016x}"), "9593f297340885ae");
}
