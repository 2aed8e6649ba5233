//! Known lasting changes: how soon the estimate follows, and what is refused on the way.

use reweigh_state::{Outcome, Reason};

use crate::score_real::errors::mean;
use crate::score_real::judged::Judgement;
use crate::score_real::markdown::Table;
use crate::score_real::rivals::USUAL;
use crate::score_real::trend::TrendFilter;

/// A series with its known changes, judged.
pub(crate) struct Stepped<'a> {
    pub(crate) name: String,
    pub(crate) judged: &'a [Judgement],
    /// The first sample of each new level.
    pub(crate) changes: &'a [usize],
}

/// The estimate has followed when it is within this share of the change from the new level.
const FOLLOWED: f64 = 0.25;
/// A shift verdict this near a change is one of it.
const NEAR: usize = 8;

/// How an estimate took one change.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Follow {
    /// Readings of the new level until the estimate was nearer to it than to the old one, itself counted.
    half: Option<usize>,
    /// The same until it had followed.
    quarter: Option<usize>,
}

/// What became of one change.
#[derive(Debug, PartialEq)]
struct Change {
    at: usize,
    /// The mean of the level before and after it, kg.
    before: f64,
    after: f64,
    judge: Follow,
    /// The plain filter of level and trend, which takes every reading in.
    filter: Follow,
    /// Readings of the new level that were rejected in the end.
    rejected: usize,
    /// Where the judge says that a lasting change began.
    shift: Option<usize>,
}

fn changes(stepped: &Stepped<'_>) -> Vec<Change> {
    let ends = stepped.changes.iter().copied().skip(1).chain([stepped.judged.len()]);
    let starts = [0].into_iter().chain(stepped.changes.iter().copied());
    let starts = starts.zip(stepped.changes.iter().copied()).zip(ends);
    let filtered = filtered(stepped.judged);
    starts.map(|((start, at), end)| change(stepped.judged, &filtered, start, at, end)).collect()
}

/// The change at `at` between levels that last from `start` and until `end`.
fn change(judged: &[Judgement], filtered: &[f64], start: usize, at: usize, end: usize) -> Change {
    let level = |from: usize, to: usize| mean(judged.iter().take(to).skip(from).map(|reading| reading.kg));
    let (before, after) = (level(start, at), level(at, end));
    let new = || judged.iter().take(end).skip(at);
    let until = |share: f64, estimates: &mut dyn Iterator<Item = f64>| {
        let mut new = estimates.take(end).skip(at);
        new.position(|kg| (kg - after).abs() <= share * (after - before).abs()).map(|n| n + 1)
    };
    let ours = || judged.iter().map(|reading| reading.estimate_kg);
    let theirs = || filtered.iter().copied();
    let near = judged.iter().enumerate().take(at + NEAR + 1).skip(at.saturating_sub(NEAR));
    let mut shifts = near.filter(|(_, reading)| reading.verdict.reason == Reason::BeganShift);
    Change {
        at,
        before,
        after,
        judge: Follow { half: until(0.5, &mut ours()), quarter: until(FOLLOWED, &mut ours()) },
        filter: Follow { half: until(0.5, &mut theirs()), quarter: until(FOLLOWED, &mut theirs()) },
        rejected: new().filter(|reading| reading.verdict.outcome == Outcome::Rejected).count(),
        shift: shifts.next().map(|(n, _)| n),
    }
}

/// The level of the plain filter after each reading.
fn filtered(judged: &[Judgement]) -> Vec<f64> {
    let mut filter = TrendFilter::new(USUAL);
    let level = |reading: &Judgement| {
        filter.pass(reading.days.unwrap_or(0.0));
        filter.take(reading.kg);
        filter.level()
    };
    judged.iter().map(level).collect()
}

pub(crate) fn table(all: &[Stepped<'_>]) -> String {
    let mut table = Table::new(&[
        "series",
        "n",
        "change at",
        "kg before → after",
        "readings to half way, to within a quarter",
        "the same, trend filter",
        "called a lasting change at",
        "rejected after it",
    ]);
    for stepped in all {
        for change in changes(stepped) {
            let readings = |n: Option<usize>| n.map_or("never".to_owned(), |n| n.to_string());
            let follow = |follow: Follow| format!("{}, {}", readings(follow.half), readings(follow.quarter));
            table.row(&[
                stepped.name.clone(),
                stepped.judged.len().to_string(),
                change.at.to_string(),
                format!("{:.1} → {:.1}", change.before, change.after),
                follow(change.judge),
                follow(change.filter),
                change.shift.map_or("not called so".to_owned(), |n| n.to_string()),
                change.rejected.to_string(),
            ]);
        }
    }
    table.text()
}

/// Every reading of a series that was not simply taken in, for whoever wants to look at them.
pub(crate) fn oddities(stepped: &Stepped<'_>) -> String {
    let odd = stepped.judged.iter().enumerate().filter(|(_, reading)| reading.verdict.reason != Reason::Fits);
    let lines: Vec<String> = odd
        .map(|(n, reading)| {
            format!(
                "  {n}: {:.1} kg where {:.1} ± {:.1} was expected, then {:.1}: at once {}, in the end {} ({})",
                reading.kg,
                reading.prediction.mean_kg(),
                reading.prediction.variance().sqrt(),
                reading.estimate_kg,
                reading.at_once.code(),
                reading.verdict.outcome,
                reading.verdict.reason.code(),
            )
        })
        .collect();
    format!("{}, not simply taken in:\n{}", stepped.name, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::Policy;

    fn judged(samples: &[f64]) -> Vec<Judgement> {
        let series = series("one", samples, Rescaling { at_zero_kg: 0.0, each_kg: 1.0 }).unwrap();
        judge(&series.events, &Policy::default().check().unwrap())
    }

    #[test]
    fn a_step_is_followed_and_called_one() {
        let samples: Vec<f64> = (0..60).map(|n| if n < 30 { 80.0 } else { 70.0 }).collect();
        let judged = judged(&samples);
        let stepped = Stepped { name: "one".to_owned(), judged: &judged, changes: &[30] };
        let [change] = changes(&stepped).try_into().unwrap();
        assert_eq!((change.before, change.after, change.shift, change.rejected), (80.0, 70.0, Some(30), 0));
        assert!(
            change.judge.half.is_some_and(|n| n <= 4) && change.judge.quarter >= change.judge.half,
            "{change:?}"
        );
        assert!(table(&[stepped]).contains("| one | 60 | 30 | 80.0 → 70.0 |"));
    }

    #[test]
    fn what_is_never_followed_says_never() {
        let mut samples = vec![80.0; 31];
        samples[30] = 40.0;
        let judged = judged(&samples);
        let stepped = Stepped { name: "one".to_owned(), judged: &judged, changes: &[30] };
        assert!(table(&[stepped]).contains("| never, never | never, never |"));
    }
}
