//! The model against a dense filter that knows nothing of its shortcuts.

mod dense;
mod dice;
mod lags;
mod passage;
mod soundness;
mod update;

use super::{BodyModel, BodyPrior, BodyState, Lags, SCALES, STATES};

/// A prior whose every state is in play.
fn prior() -> BodyPrior {
    BodyPrior::default()
}

/// A state whose every scale has begun.
fn begun(prior: &BodyPrior, lags: &mut Lags) -> BodyState {
    let mut state = BodyState::new(prior);
    for scale in 1..SCALES {
        state.begin_scale(scale, prior.bias_sd, lags);
    }
    state
}

/// A model with other numbers than the usual ones, so that no two of them can be mixed up.
fn odd_model() -> BodyModel {
    BodyModel {
        level_sd: 0.11,
        trend_sd: 0.13,
        trend_days: 17.0,
        water_sd: 0.7,
        water_days: 2.3,
        evening_drift_sd: 0.019,
        bias_drift_sd: 0.023,
    }
}

/// Whether two numbers are the same to the last bit.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits()
}

/// That two states are within a part of their size of each other, and what differs most if not.
fn assert_near(found: &BodyState, wanted: &BodyState, tolerance: f64, what: &str) {
    for i in 0..STATES {
        let (a, b) = (found.mean()[i], wanted.mean()[i]);
        let off = (a - b).abs();
        assert!(off <= tolerance * (1.0 + b.abs()), "{what}: mean {i} is {a}, wanted {b}, off by {off:e}");
        for j in 0..=i {
            let (a, b) = (found.covariance(i, j), wanted.covariance(i, j));
            let size = (wanted.covariance(i, i) * wanted.covariance(j, j)).sqrt();
            let off = (a - b).abs();
            assert!(
                off <= tolerance * size + 1e-12,
                "{what}: covariance {i}, {j} is {a}, wanted {b}, off by {off:e} of {size:e}"
            );
        }
    }
}
