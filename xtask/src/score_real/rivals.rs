//! The rivals over a series, and the best of each kind in hindsight.

use super::average::Average;
use super::errors::summary;
use super::forecast::Scored;
use super::judged::Judgement;
use super::trend::{Deviations, TrendFilter};

/// What the judge's noise and random walk come to on a home scale, roughly.
pub(crate) const USUAL: Deviations = Deviations { reading: 0.5, level: 0.15, trend: 0.01 };

/// What was scored of each reading of each series; none where there was no forecast.
pub(crate) type Scores = Vec<Vec<Option<Scored>>>;

/// Which readings count: of which series, and which of it.
pub(crate) type Counted<'a> = &'a dyn Fn(usize, &Judgement) -> bool;

pub(crate) fn average(people: &[Vec<Judgement>], alpha: f64) -> Scores {
    let person = |readings: &Vec<Judgement>| {
        let mut average = Average::new(alpha);
        let mut scores = Vec::with_capacity(readings.len());
        for reading in readings {
            scores.push(average.forecast().map(|forecast| forecast.score(reading.kg)));
            average.take(reading.kg);
        }
        scores
    };
    people.iter().map(person).collect()
}

pub(crate) fn trend(people: &[Vec<Judgement>], deviations: Deviations) -> Scores {
    let person = |readings: &Vec<Judgement>| {
        let mut filter = TrendFilter::new(deviations);
        let mut scores = Vec::with_capacity(readings.len());
        for reading in readings {
            filter.pass(reading.days.unwrap_or(0.0));
            scores.push(Some(filter.forecast().score(reading.kg)));
            filter.take(reading.kg);
        }
        scores
    };
    people.iter().map(person).collect()
}

/// The scores of the readings that count.
pub(crate) fn counted(people: &[Vec<Judgement>], scores: &Scores, counts: Counted<'_>) -> Vec<Scored> {
    let mut all = Vec::new();
    for (readings, scores) in people.iter().zip(scores) {
        for (n, (reading, score)) in readings.iter().zip(scores).enumerate() {
            if counts(n, reading) {
                all.extend(*score);
            }
        }
    }
    all
}

/// The average with the least root mean square, of twenty.
pub(crate) fn best_average(people: &[Vec<Judgement>], counts: Counted<'_>) -> (f64, Scores) {
    let candidates = (1..=20).map(|twentieth| f64::from(twentieth) / 20.0);
    let tried = candidates.map(|alpha| (alpha, average(people, alpha)));
    least(tried, |scores| summary(&counted(people, scores, counts)).rmse).unwrap_or_default()
}

/// The filter with the greatest mean log density, of some hundred.
pub(crate) fn best_trend(people: &[Vec<Judgement>], counts: Counted<'_>) -> (Deviations, Scores) {
    let mut candidates = Vec::new();
    for reading in [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8] {
        for level in [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5] {
            for trend in [0.0, 0.001, 0.003, 0.01, 0.03, 0.1] {
                candidates.push(Deviations { reading, level, trend });
            }
        }
    }
    let tried = candidates.into_iter().map(|deviations| (deviations, trend(people, deviations)));
    least(tried, |scores| -summary(&counted(people, scores, counts)).log_density)
        .unwrap_or((USUAL, Scores::new()))
}

/// The candidate with the least cost; the first of equals.
fn least<T>(tried: impl Iterator<Item = (T, Scores)>, cost: impl Fn(&Scores) -> f64) -> Option<(T, Scores)> {
    let mut best: Option<(f64, (T, Scores))> = None;
    for candidate in tried {
        let cost = cost(&candidate.1);
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::Policy;

    fn people(samples: &[f64]) -> Vec<Vec<Judgement>> {
        let series = series("one", samples, Rescaling { at_zero_kg: 80.0, each_kg: 1.0 }).unwrap();
        vec![judge(&series.events, &Policy::default().check().unwrap())]
    }

    #[test]
    fn the_first_reading_has_no_average_to_be_forecast_by() {
        let people = people(&[0.0, 1.0, 0.0]);
        let scores = average(&people, 0.5);
        assert!(scores[0][0].is_none());
        assert_eq!(scores[0][1].unwrap().off, 1.0);
        assert_eq!(scores[0][2].unwrap().off, -0.5);
    }

    #[test]
    fn a_jumpy_level_wants_a_quick_average_and_a_noisy_one_a_slow_one() {
        let stairs: Vec<f64> = (0..40).map(|n| f64::from(n / 4)).collect();
        let noise: Vec<f64> = (0..40).map(|n| f64::from(n % 2)).collect();
        let alpha = |samples: &[f64]| best_average(&people(samples), &|n, _| n >= 3).0;
        assert!(alpha(&stairs) > 0.8);
        assert!(alpha(&noise) < 0.2);
    }

    #[test]
    fn only_what_counts_is_counted() {
        let people = people(&[0.0, 1.0, 0.0, 1.0]);
        let scores = trend(&people, USUAL);
        assert_eq!(counted(&people, &scores, &|n, _| n >= 3).len(), 1);
        assert_eq!(counted(&people, &scores, &|_, _| true).len(), 4);
    }
}
