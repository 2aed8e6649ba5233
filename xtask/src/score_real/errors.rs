//! Adding up how forecasts did.

use super::forecast::Scored;

/// What many forecasts come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    pub(crate) n: usize,
    /// The mean of what readings were above their forecasts, kg.
    pub(crate) bias: f64,
    pub(crate) rmse: f64,
    pub(crate) mae: f64,
    pub(crate) median: f64,
    pub(crate) log_normal: f64,
    pub(crate) log_density: f64,
    /// Percent of readings within the interval that should hold 95.
    pub(crate) within_95: f64,
}

pub(crate) fn summary(scored: &[Scored]) -> Summary {
    let mut off: Vec<f64> = scored.iter().map(|scored| scored.off.abs()).collect();
    off.sort_by(f64::total_cmp);
    let within = scored.iter().filter(|scored| (0.025..=0.975).contains(&scored.below));
    Summary {
        n: scored.len(),
        bias: mean(scored.iter().map(|scored| scored.off)),
        rmse: mean(off.iter().map(|off| off * off)).sqrt(),
        mae: mean(off.iter().copied()),
        median: median(&off),
        log_normal: mean(scored.iter().map(|scored| scored.log_normal)),
        log_density: mean(scored.iter().map(|scored| scored.log_density)),
        within_95: 100.0 * count(within.count()) / count(scored.len()),
    }
}

/// The mean of what one log density is above another reading by reading, and its standard error.
pub(crate) fn lead(ours: &[Scored], theirs: &[Scored]) -> (f64, f64) {
    let leads: Vec<f64> =
        ours.iter().zip(theirs).map(|(ours, theirs)| ours.log_density - theirs.log_density).collect();
    let middle = mean(leads.iter().copied());
    let variance = mean(leads.iter().map(|lead| (lead - middle) * (lead - middle)));
    (middle, (variance / (count(leads.len()) - 1.0)).sqrt())
}

/// The mean; not a number for none.
pub(crate) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut n) = (0.0, 0);
    for value in values {
        sum += value;
        n += 1;
    }
    sum / count(n)
}

/// The middle of sorted values, or the mean of the two about it; not a number for none.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    let at = |n: usize| sorted.get(n).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) }
}

#[expect(clippy::cast_precision_loss, reason = "no set has anything like 2^53 readings")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(off: f64, log_density: f64, below: f64) -> Scored {
        Scored { off, log_normal: 2.0 * log_density, log_density, below }
    }

    #[test]
    fn figures_are_what_their_names_say() {
        let all = [scored(3.0, -1.0, 0.99), scored(-4.0, -2.0, 0.5), scored(0.0, -3.0, 0.03)];
        let summary = summary(&all);
        assert_eq!(summary.n, 3);
        assert!((summary.bias + 1.0 / 3.0).abs() < 1e-12);
        assert!((summary.rmse - (25.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((summary.mae - 7.0 / 3.0).abs() < 1e-12);
        assert_eq!((summary.median, summary.log_density, summary.log_normal), (3.0, -2.0, -4.0));
        assert!((summary.within_95 - 200.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn medians_of_even_and_odd() {
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 5.0]), 3.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_lead_is_paired() {
        let ours = [scored(0.0, 1.0, 0.5), scored(0.0, 5.0, 0.5)];
        let theirs = [scored(0.0, 0.5, 0.5), scored(0.0, 4.5, 0.5)];
        assert_eq!(lead(&ours, &theirs), (0.5, 0.0));
    }
}
