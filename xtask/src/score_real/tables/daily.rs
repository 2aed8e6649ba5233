//! How well the next reading is forecast, on real daily weights.

use crate::score_real::errors::{count, lead, mean, summary};
use crate::score_real::forecast::{Scored, score};
use crate::score_real::judged::Judgement;
use crate::score_real::markdown::Table;
use crate::score_real::rivals::{self, Counted, Scores, USUAL};
use crate::score_real::tables::Set;
use crate::score_real::trend::Deviations;

/// Readings of a series before which nobody can know much.
pub(crate) const WARM_UP: usize = 3;

/// One group of rows: series of people, judged in one or more ways.
pub(crate) struct Group<'a> {
    pub(crate) name: &'a str,
    /// Names of ways to judge, and what came of each; the first is what the others are compared with.
    pub(crate) judged: Vec<(&'a str, &'a [Vec<Judgement>])>,
    pub(crate) counts: Counted<'a>,
}

pub(crate) fn table(groups: &[Group<'_>]) -> String {
    let mut table = Table::new(&[
        "set",
        "forecast by",
        "n",
        "RMSE kg",
        "MAE kg",
        "median kg",
        "log density, normal",
        "log density, with strays",
        "Reweigh's lead ± s.e.",
        "within 95 %",
    ]);
    for group in groups {
        for cells in rows(group) {
            table.row(&cells);
        }
    }
    table.text()
}

fn rows(group: &Group<'_>) -> Vec<Vec<String>> {
    let Some((_, people)) = group.judged.first() else { return Vec::new() };
    let mut all: Vec<(String, Vec<Scored>)> = Vec::new();
    for (name, judged) in &group.judged {
        all.push(((*name).to_owned(), rivals::counted(judged, &judge_scores(judged), group.counts)));
    }
    let mut rival =
        |name: String, scores: &Scores| all.push((name, rivals::counted(people, scores, group.counts)));
    rival("average, alpha 0.1".to_owned(), &rivals::average(people, 0.1));
    let (alpha, scores) = rivals::best_average(people, group.counts);
    rival(format!("average, best alpha in hindsight ({alpha})"), &scores);
    rival(format!("trend filter, {}", deviations(USUAL)), &rivals::trend(people, USUAL));
    let (best, scores) = rivals::best_trend(people, group.counts);
    rival(format!("trend filter, best in hindsight ({})", deviations(best)), &scores);
    let Some((_, ours)) = all.first() else { return Vec::new() };
    all.iter()
        .zip(0..)
        .map(|((name, scored), n)| cells(group.name, name, scored, (n > 0).then_some(ours)))
        .collect()
}

fn judge_scores(judged: &[Vec<Judgement>]) -> Scores {
    let person = |readings: &Vec<Judgement>| {
        readings.iter().map(|reading| Some(score(&reading.prediction, reading.kg))).collect()
    };
    judged.iter().map(person).collect()
}

fn cells(set: &str, name: &str, scored: &[Scored], ours: Option<&Vec<Scored>>) -> Vec<String> {
    let sum = summary(scored);
    let lead = ours.map_or_else(String::new, |ours| {
        let (mean, error) = lead(ours, scored);
        format!("{mean:+.3} ± {error:.3}")
    });
    vec![
        set.to_owned(),
        name.to_owned(),
        sum.n.to_string(),
        format!("{:.3}", sum.rmse),
        format!("{:.3}", sum.mae),
        format!("{:.3}", sum.median),
        format!("{:.3}", sum.log_normal),
        format!("{:.3}", sum.log_density),
        lead,
        format!("{:.1}", sum.within_95),
    ]
}

fn deviations(deviations: Deviations) -> String {
    format!("{} / {} / {}", deviations.reading, deviations.level, deviations.trend)
}

/// Each series alone: whether the spread that is expected is the one that is seen.
pub(crate) fn calibration(sets: &[Set<'_>]) -> String {
    let mut table = Table::new(&[
        "series",
        "n",
        "mean error kg",
        "RMSE kg",
        "spread expected kg",
        "within 50 %",
        "within 95 %",
    ]);
    for set in sets {
        for (series, readings) in set.series.iter().zip(set.judged) {
            let known = readings.get(WARM_UP..).unwrap_or_default();
            let scored: Vec<Scored> =
                known.iter().map(|reading| score(&reading.prediction, reading.kg)).collect();
            let sum = summary(&scored);
            let inner = scored.iter().filter(|scored| (0.25..=0.75).contains(&scored.below)).count();
            table.row(&[
                format!("{}, {}", set.name, series.name),
                sum.n.to_string(),
                format!("{:+.2}", sum.bias),
                format!("{:.2}", sum.rmse),
                format!("{:.2}", mean(known.iter().map(|reading| reading.prediction.variance())).sqrt()),
                format!("{:.0}", 100.0 * count(inner) / count(sum.n)),
                format!("{:.1}", sum.within_95),
            ]);
        }
    }
    table.text()
}

/// The readings that were least expected, for whoever wants to look at them.
pub(crate) fn least_expected(group: &Group<'_>, most: usize) -> String {
    let Some((_, people)) = group.judged.first() else { return String::new() };
    let mut all: Vec<(f64, String)> = Vec::new();
    for readings in *people {
        for (n, reading) in readings.iter().enumerate().filter(|(n, reading)| (group.counts)(*n, reading)) {
            let scored = score(&reading.prediction, reading.kg);
            let line = format!(
                "  reading {n} at {}: {:.2} kg where {:.2} ± {:.2} was expected, {} after {:.1} days, {} ({})",
                reading.key.at(),
                reading.kg,
                reading.prediction.mean_kg(),
                reading.prediction.variance().sqrt(),
                reading.key.source(),
                reading.days.unwrap_or_default(),
                reading.verdict.outcome,
                reading.verdict.reason.code(),
            );
            all.push((scored.log_density, line));
        }
    }
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let lines: Vec<String> = all.into_iter().take(most).map(|(_, line)| line).collect();
    format!("{}, least expected:\n{}", group.name, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::change_points::{Rescaling, series};
    use reweigh_state::Policy;

    #[test]
    fn every_rival_has_a_row_over_the_same_readings() {
        let samples: Vec<f64> = (0..30).map(|n| f64::from(n % 3) * 0.3).collect();
        let series = series("one", &samples, Rescaling { at_zero_kg: 80.0, each_kg: 1.0 }).unwrap();
        let people = vec![judge(&series.events, &Policy::default().check().unwrap())];
        let group =
            Group { name: "thirds", judged: vec![("Reweigh", &people)], counts: &|n, _| n >= WARM_UP };
        let rows = rows(&group);
        assert_eq!(rows.len(), 5);
        assert!(rows.iter().all(|row| row[0] == "thirds" && row[2] == "27"), "{rows:?}");
        assert_eq!(rows[0][8], "");
        assert_eq!(least_expected(&group, 2).lines().count(), 3);
        let calibration = calibration(&[Set { name: "thirds", series: &[series], judged: &people }]);
        assert_eq!(calibration.lines().count(), 3);
        assert!(calibration.contains("| thirds, one | 27 |"), "{calibration}");
    }
}
