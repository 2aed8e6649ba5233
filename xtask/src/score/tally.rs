//! Adding up errors against truth.

use std::collections::BTreeMap;

use super::lives::Truth;

/// Readings of a user whose error is mostly the luck of a bad first one.
const WARM_UP: usize = 3;

/// Everything that was counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) all: Vec<f64>,
    pub(crate) warm: Vec<f64>,
    pub(crate) smoothed: Vec<f64>,
    pub(crate) hit: u32,
    pub(crate) miss: u32,
    pub(crate) false_alarm: u32,
    pub(crate) missing: u32,
    /// Good readings until each true step was adopted; none if it never was.
    pub(crate) steps: Vec<Option<usize>>,
    /// Time spent folding.
    pub(crate) nanos: u128,
    /// Encoded bytes of each user's last state.
    pub(crate) states: Vec<usize>,
    /// Readings and rejections by label.
    pub(crate) labels: BTreeMap<String, (u32, u32)>,
}

impl Tally {
    pub(crate) fn add(&mut self, n: usize, truth: &Truth, estimate: f64, smoothed: f64, rejected: bool) {
        let off = estimate - truth.kg;
        self.all.push(off * off);
        if n >= WARM_UP {
            self.warm.push(off * off);
        }
        let off = smoothed - truth.kg;
        self.smoothed.push(off * off);
        match (truth.is_gross(), rejected) {
            (true, true) => self.hit += 1,
            (true, false) => self.miss += 1,
            (false, true) => self.false_alarm += 1,
            (false, false) => {}
        }
        let label = self.labels.entry(truth.label.clone()).or_default();
        label.0 += 1;
        label.1 += u32::from(rejected);
    }

    pub(crate) fn f1(&self) -> f64 {
        let hit = f64::from(self.hit);
        2.0 * hit / (2.0 * hit + f64::from(self.miss) + f64::from(self.false_alarm))
    }

    /// Percent of clean readings that were rejected.
    pub(crate) fn clean_rejected(&self) -> f64 {
        let (all, rejected) = self.labels.get("clean").copied().unwrap_or((1, 0));
        100.0 * f64::from(rejected) / f64::from(all.max(1))
    }
}

/// The root of the mean of squares.
#[expect(clippy::cast_precision_loss, reason = "a scenario has far fewer than 2^53 readings")]
pub(crate) fn rmse(squares: &[f64]) -> f64 {
    (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt()
}

/// The root of a quantile of squares.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a scenario has far fewer than 2^53 readings"
)]
pub(crate) fn quantile(squares: &[f64], q: f64) -> f64 {
    let mut sorted = squares.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 * q) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(f64::NAN).sqrt()
}
