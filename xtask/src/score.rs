//! How good the estimate is on a labelled scenario: `cargo xtask score DIR...`.
//!
//! DIR holds `readings.csv` and `truth.csv`, row by row, as `cargo xtask scenario` writes them. Every
//! reading is judged as its user's settled state judges it. `--set KEY=VALUE` overrides a key of the
//! balanced policy, to see what it is worth; `--worst N` names the users it is worst at.

mod lives;
pub(crate) mod settings;
mod steps;
mod table;
mod tally;

use reweigh_judge::{Event, Sink, Taken, fingerprint, fold_on};
use reweigh_state::{CheckedPolicy, Judged, Outcome, PlainResetter, UserState};

use crate::checkout::Checkout;
use crate::stopwatch::Stopwatch;
use lives::Life;
use tally::Tally;

pub(crate) fn run(_: &Checkout, words: &[String]) -> crate::task::Outcome {
    let settings = settings::read(words)?;
    let (policy, folders) = (settings.policy, settings.folders);
    if folders.is_empty() {
        return Err("name folders with readings.csv and truth.csv: `cargo xtask score DIR...`".to_owned());
    }
    let mut lines = vec![table::HEAD.to_owned()];
    for folder in folders {
        let scored = lives::read(folder)?;
        let mut tally = Tally::default();
        let mut worst = Vec::new();
        for life in &scored {
            worst.push((score(life, &policy, &mut tally), &life.user));
        }
        lines.push(table::line(folder, &tally));
        worst.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (rmse, user) in worst.into_iter().take(settings.worst) {
            lines.push(format!("  {user}: {rmse:.3} kg"));
        }
    }
    Ok(lines.join("\n"))
}

/// What a fold says of each reading of a life, by number.
#[derive(Default)]
struct Said {
    estimates: Vec<f64>,
    rejected: Vec<bool>,
    smoothed: Vec<f64>,
}

impl Sink for Said {
    fn taken(&mut self, _: &Event, taken: &Taken) {
        if taken.number.is_some() {
            self.estimates.push(taken.estimate.map_or(f64::NAN, |estimate| estimate.level_kg));
        }
    }

    fn settled(&mut self, judged: &Judged) {
        self.rejected.push(judged.verdict.outcome == Outcome::Rejected);
        self.smoothed.push(judged.smoothed_kg);
    }
}

/// Adds a life to the tally; gives the error of its estimates.
fn score(life: &Life, policy: &CheckedPolicy, tally: &mut Tally) -> f64 {
    let before = tally.all.len();
    let mut said = Said::default();
    let mut state = UserState::unborn(fingerprint(policy));
    let stopwatch = Stopwatch::start();
    fold_on(&mut state, &life.events, policy, &mut PlainResetter, &mut said);
    tally.nanos += stopwatch.elapsed().as_nanos();
    tally.states.push(state.encode().len());
    for judged in state.pending() {
        said.settled(&judged);
    }
    for (n, truth) in life.truths.iter().enumerate() {
        let (Some(estimate), Some(smoothed), Some(rejected)) =
            (said.estimates.get(n), said.smoothed.get(n), said.rejected.get(n))
        else {
            tally.missing += 1;
            continue;
        };
        tally.add(n, truth, *estimate, *smoothed, *rejected);
    }
    tally.steps.extend(steps::adopted(&life.truths, &said.estimates));
    tally::rmse(tally.all.get(before..).unwrap_or_default())
}
