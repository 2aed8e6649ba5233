//! How many readings it takes until a true step of weight is adopted.

use super::lives::Truth;

/// What counts as a step between two readings, kg.
const STEP_KG: f64 = 6.0;
/// A step is adopted when the estimate has come this near, as a share of it.
const NEAR: f64 = 0.3;

/// For each true step the number of good readings until the estimate has followed, the first included.
/// A step that is not followed before the readings end, or before another, is not counted.
pub(crate) fn adopted(truths: &[Truth], estimates: &[f64]) -> Vec<usize> {
    let mut steps = Vec::new();
    for (n, pair) in truths.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let step = (after.kg - before.kg).abs();
        if step < STEP_KG {
            continue;
        }
        let mut good = 0;
        for (truth, estimate) in truths.iter().zip(estimates).skip(n + 1) {
            good += usize::from(!truth.is_gross());
            if (estimate - truth.kg).abs() < NEAR * step {
                steps.push(good);
                break;
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(kg: f64, label: &str) -> Truth {
        Truth { kg, label: label.to_owned() }
    }

    #[test]
    fn good_readings_are_counted_until_the_estimate_follows() {
        let truths = [80.0, 80.0, 70.0, 70.0, 70.0].map(|kg| truth(kg, "clean"));
        assert_eq!(adopted(&truths, &[80.0, 80.0, 79.0, 71.0, 70.0]), [2]);
        assert_eq!(adopted(&truths, &[80.0, 80.0, 70.0, 70.0, 70.0]), [1]);
        assert_eq!(adopted(&truths, &[80.0; 5]), [0_usize; 0]);
    }

    #[test]
    fn gross_errors_do_not_count() {
        let truths = [truth(80.0, "clean"), truth(70.0, "typo"), truth(70.0, "clean")];
        assert_eq!(adopted(&truths, &[80.0, 80.0, 70.0]), [1]);
    }
}
