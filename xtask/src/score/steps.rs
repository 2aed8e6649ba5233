//! How many readings it takes until a true step of weight is adopted.

use super::lives::Truth;

/// What counts as a step between two readings, kg.
const STEP_KG: f64 = 6.0;
/// A step is adopted when the estimate has come this near, as a share of it.
const NEAR: f64 = 0.3;

/// A step that was not followed counts as missed if there were so many good readings to follow it by.
const ENOUGH: usize = 4;

/// For each true step the number of good readings until the estimate has followed, the first included;
/// none for one that was not followed though there were enough good readings before the next step or the
/// end. With fewer it is not counted.
pub(crate) fn adopted(truths: &[Truth], estimates: &[f64]) -> Vec<Option<usize>> {
    let mut steps = Vec::new();
    for (n, pair) in truths.windows(2).enumerate() {
        let Some(step) = size(pair) else { continue };
        let next = truths.windows(2).skip(n + 1).position(|pair| size(pair).is_some());
        let until = next.map_or(truths.len(), |next| n + 2 + next);
        let mut good = 0;
        let mut after = truths.iter().zip(estimates).take(until).skip(n + 1);
        let followed = after.any(|(truth, estimate)| {
            good += usize::from(!truth.is_gross());
            (estimate - truth.kg).abs() < NEAR * step
        });
        if followed || good >= ENOUGH {
            steps.push(followed.then_some(good));
        }
    }
    steps
}

/// How large the step between two readings is, if it is one.
fn size(pair: &[Truth]) -> Option<f64> {
    let [before, after] = pair else { return None };
    let step = (after.kg - before.kg).abs();
    (step >= STEP_KG).then_some(step)
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
        assert_eq!(adopted(&truths, &[80.0, 80.0, 79.0, 71.0, 70.0]), [Some(2)]);
        assert_eq!(adopted(&truths, &[80.0, 80.0, 70.0, 70.0, 70.0]), [Some(1)]);
    }

    #[test]
    fn a_step_that_is_never_followed_is_told() {
        let truths = [80.0, 80.0, 70.0, 70.0, 70.0, 70.0].map(|kg| truth(kg, "clean"));
        assert_eq!(adopted(&truths, &[80.0; 6]), [None]);
        assert_eq!(adopted(&truths[..5], &[80.0; 5]), [None; 0], "too soon to tell");
        let back = [80.0, 70.0, 70.0, 70.0, 70.0, 80.0].map(|kg| truth(kg, "clean"));
        assert_eq!(adopted(&back, &[80.0; 6]), [None, Some(1)]);
    }

    #[test]
    fn gross_errors_do_not_count() {
        let truths = [truth(80.0, "clean"), truth(70.0, "typo"), truth(70.0, "clean")];
        assert_eq!(adopted(&truths, &[80.0, 80.0, 70.0]), [Some(1)]);
    }
}
