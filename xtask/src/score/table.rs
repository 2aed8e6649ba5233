//! The columns of the table.

use super::tally::{Tally, quantile, rmse};

pub(crate) const HEAD: &str = "| scenario | RMSE all | RMSE without first 3 | median | p95 | p99 | smoothed RMSE | F1 | clean rejected % | step adopted after, median / worst of n | ns per reading | state bytes, median / most | rejected by label |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|";

/// One line of it.
pub(crate) fn line(folder: &str, tally: &Tally) -> String {
    let labels: Vec<String> =
        tally.labels.iter().map(|(label, (all, rejected))| format!("{label} {rejected}/{all}")).collect();
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
    let missing =
        if tally.missing > 0 { format!("; {} without verdict", tally.missing) } else { String::new() };
    format!(
        "| {name} | {:.3} | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} | {} | {} | {} / {} | {}{missing} |",
        rmse(&tally.all),
        rmse(&tally.warm),
        quantile(&tally.warm, 0.5),
        quantile(&tally.warm, 0.95),
        quantile(&tally.warm, 0.99),
        rmse(&tally.smoothed),
        tally.f1(),
        tally.clean_rejected(),
        steps(&tally.steps),
        tally.nanos / (tally.all.len() as u128).max(1),
        middle(&tally.states),
        tally.states.iter().max().unwrap_or(&0),
        labels.join(", "),
    )
}

fn middle(sizes: &[usize]) -> usize {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// The median and the worst of the steps, how many there were, and how many were never adopted.
fn steps(steps: &[Option<usize>]) -> String {
    let mut sorted: Vec<usize> = steps.iter().flatten().copied().collect();
    sorted.sort_unstable();
    let never = steps.len() - sorted.len();
    let missed = if never > 0 { format!(", {never} never") } else { String::new() };
    match (sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(median), Some(worst)) => format!("{median} / {worst} of {}{missed}", steps.len()),
        _ => format!("none{missed}"),
    }
}
