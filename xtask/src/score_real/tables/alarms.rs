//! False alarms: what is refused of series without known errors.

use reweigh_state::{Outcome, Reason};

use crate::score_real::errors::count;
use crate::score_real::judged::Judgement;
use crate::score_real::markdown::Table;
use crate::score_real::tables::Set;

pub(crate) fn table(sets: &[Set<'_>]) -> String {
    let mut table = Table::new(&[
        "set",
        "n",
        "rejected",
        "%",
        "undecided at the end",
        "lasting changes adopted",
        "which",
    ]);
    for set in sets {
        table.row(&cells(set));
    }
    table.text()
}

fn cells(set: &Set<'_>) -> Vec<String> {
    let readings = || set.judged.iter().flatten();
    let with = |outcome| readings().filter(move |reading| reading.verdict.outcome == outcome);
    let n = readings().count();
    let rejected = with(Outcome::Rejected).count();
    let shifts = readings().filter(|reading| reading.verdict.reason == Reason::BeganShift);
    let odd = readings().filter(|reading| {
        reading.verdict.outcome != Outcome::Accepted || reading.verdict.reason == Reason::BeganShift
    });
    let which: Vec<String> = odd.map(line).collect();
    vec![
        set.name.to_owned(),
        n.to_string(),
        rejected.to_string(),
        format!("{:.2}", 100.0 * count(rejected) / count(n)),
        with(Outcome::Held).count().to_string(),
        shifts.count().to_string(),
        if which.is_empty() { "none".to_owned() } else { which.join("; ") },
    ]
}

/// A reading and what it was taken for. No date: the people are real.
fn line(reading: &Judgement) -> String {
    format!(
        "{:.1} kg where {:.1} ± {:.1} was expected: {}, {}",
        reading.kg,
        reading.prediction.mean_kg(),
        reading.prediction.variance().sqrt(),
        reading.verdict.outcome,
        reading.verdict.reason.code(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::Policy;

    #[test]
    fn refused_readings_are_counted_and_named() {
        let mut samples = vec![80.0; 40];
        samples[20] = 60.0;
        let series = series("one", &samples, Rescaling { at_zero_kg: 0.0, each_kg: 1.0 }).unwrap();
        let judged = [judge(&series.events, &Policy::default().check().unwrap())];
        let cells = cells(&Set { name: "one", series: &[series], judged: &judged });
        assert_eq!(&cells[..6], ["one", "40", "1", "2.50", "0", "0"]);
        assert!(cells[6].starts_with("60.0 kg where 80.0 ±"), "{cells:?}");
    }
}
