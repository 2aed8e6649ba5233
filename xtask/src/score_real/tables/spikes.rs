//! Real series with one thing put in: a reading that is off, or a change that lasts.
//!
//! The values are real but for that one thing, so what is measured is how much of it the real scatter hides.

use reweigh_judge::{Deed, Event};
use reweigh_reading::{Measure, Unit};
use reweigh_state::{CheckedPolicy, Outcome};

use crate::score_real::errors::{count, median};
use crate::score_real::judged::{Judgement, judge};
use crate::score_real::markdown::Table;
use crate::score_real::series::Series;

/// How far off, kg, up and down.
pub(crate) const SIZES_KG: [f64; 6] = [2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
/// Readings before the first place where anything is put in, and after the last.
const BEFORE: usize = 10;
const AFTER: usize = 10;
/// Every so many readings one place, and up and down by turns.
const EVERY: usize = 3;

/// What was put in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Put {
    /// One reading is off.
    Spike,
    /// Every reading from there on is.
    Step,
}

/// Sums over all places of all series.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    places: usize,
    /// Spikes that were rejected in the end.
    refused: usize,
    /// How far a spike moved the estimate right after it, kg.
    moved: Vec<f64>,
    /// Readings until the estimate was nearer to the new level than to the old.
    delays: Vec<f64>,
    /// Steps never followed within [`AFTER`] readings.
    missed: usize,
    /// Readings of the new level that were rejected in the end.
    rejected: usize,
}

pub(crate) fn table(sets: &[(&str, &[Series])], policy: &CheckedPolicy) -> Result<String, String> {
    let mut table = Table::new(&[
        "set",
        "kg",
        "places",
        "spike rejected %",
        "estimate moved by a spike, median / most kg",
        "readings to half of a step, median / most",
        "steps not followed in 10 readings",
        "readings rejected after a step, per step",
    ]);
    for (name, all) in sets {
        for size in SIZES_KG {
            let (spikes, steps) =
                (tally(all, Put::Spike, size, policy)?, tally(all, Put::Step, size, policy)?);
            table.row(&cells(name, size, spikes, steps));
        }
    }
    Ok(table.text())
}

fn cells(name: &str, size: f64, mut spikes: Tally, mut steps: Tally) -> Vec<String> {
    spikes.moved.sort_by(f64::total_cmp);
    steps.delays.sort_by(f64::total_cmp);
    let most = |sorted: &[f64]| sorted.last().copied().unwrap_or(f64::NAN);
    vec![
        name.to_owned(),
        format!("{size}"),
        spikes.places.to_string(),
        format!("{:.0}", 100.0 * count(spikes.refused) / count(spikes.places)),
        format!("{:.2} / {:.2}", median(&spikes.moved), most(&spikes.moved)),
        format!("{} / {}", median(&steps.delays), most(&steps.delays)),
        steps.missed.to_string(),
        format!("{:.2}", count(steps.rejected) / count(steps.places)),
    ]
}

fn tally(all: &[Series], put: Put, size: f64, policy: &CheckedPolicy) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for series in all {
        let untouched = judge(&series.events, policy);
        let last = series.events.len().saturating_sub(AFTER);
        for (turn, place) in (BEFORE..last).step_by(EVERY).enumerate() {
            let size = if turn % 2 == 0 { size } else { -size };
            let events = with(&series.events, put, place, size)?;
            let touched = judge(&events, policy);
            tally.add(put, place, size, &untouched, &touched);
        }
    }
    Ok(tally)
}

/// The events with something put in at a place.
fn with(events: &[Event], put: Put, place: usize, size: f64) -> Result<Vec<Event>, String> {
    let changed = |n: usize| if put == Put::Spike { n == place } else { n >= place };
    let event = |(n, event): (usize, &Event)| {
        let mut event = event.clone();
        if let Deed::Reading(measure) = event.deed
            && changed(n)
        {
            let kg = measure.kilograms().get() + size;
            event.deed = Deed::Reading(Measure::new(kg, Unit::Kilogram).map_err(|error| error.to_string())?);
        }
        Ok(event)
    };
    events.iter().enumerate().map(event).collect()
}

impl Tally {
    fn add(&mut self, put: Put, place: usize, size: f64, untouched: &[Judgement], touched: &[Judgement]) {
        self.places += 1;
        let refused = |n: usize| touched.get(n).is_some_and(|at| at.verdict.outcome == Outcome::Rejected);
        let moved = |n: usize| match (touched.get(n), untouched.get(n)) {
            (Some(now), Some(then)) => now.estimate_kg - then.estimate_kg,
            _ => f64::NAN,
        };
        match put {
            Put::Spike => {
                self.refused += usize::from(refused(place));
                self.moved.push(moved(place).abs());
            }
            Put::Step => {
                let after = place..place + AFTER;
                self.rejected += after.clone().filter(|n| refused(*n)).count();
                let followed = after.clone().position(|n| moved(n) / size >= 0.5);
                match followed {
                    Some(n) => self.delays.push(count(n + 1)),
                    None => self.missed += 1,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::Policy;

    fn quiet() -> Vec<Series> {
        let samples: Vec<f64> = (0..40).map(|n| f64::from(n % 2) * 0.2).collect();
        vec![series("one", &samples, Rescaling { at_zero_kg: 80.0, each_kg: 1.0 }).unwrap()]
    }

    #[test]
    fn one_reading_or_all_after_it_are_changed() {
        let series = quiet();
        let kg = |events: &[Event]| -> Vec<f64> {
            let policy = Policy::default().check().unwrap();
            judge(events, &policy).iter().map(|reading| reading.kg).collect()
        };
        let before = kg(&series[0].events);
        let spike = kg(&with(&series[0].events, Put::Spike, 12, 5.0).unwrap());
        let step = kg(&with(&series[0].events, Put::Step, 12, 5.0).unwrap());
        for n in 0..40 {
            assert_eq!(spike[n], before[n] + if n == 12 { 5.0 } else { 0.0 });
            assert_eq!(step[n], before[n] + if n >= 12 { 5.0 } else { 0.0 });
        }
    }

    #[test]
    fn large_spikes_are_refused_and_large_steps_followed() {
        let policy = Policy::default().check().unwrap();
        let spikes = tally(&quiet(), Put::Spike, 12.0, &policy).unwrap();
        assert_eq!((spikes.places, spikes.refused), (7, 7));
        assert!(spikes.moved.iter().all(|moved| *moved < 1.0));
        let steps = tally(&quiet(), Put::Step, 12.0, &policy).unwrap();
        assert_eq!((steps.places, steps.missed, steps.delays.len()), (7, 0, 7));
        assert!(steps.delays.iter().all(|delay| (1.0..=4.0).contains(delay)));
    }
}
