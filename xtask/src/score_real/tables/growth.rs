//! Rejection on synthetic health records, by the kind of error that was inferred.

use std::collections::BTreeMap;

use reweigh_state::Outcome;

use crate::score_real::errors::count;
use crate::score_real::judged::Judgement;
use crate::score_real::markdown::Table;
use crate::score_real::series::Labelled;
use crate::score_real::sets::growth::Inferred;

/// What was counted of one class of readings.
#[derive(Debug, Default)]
struct Class {
    n: usize,
    at_the_edge: usize,
    rejected: usize,
    reasons: BTreeMap<String, u32>,
}

/// Classes of readings without an inferred error, by how far from the median of seven they are.
const RATIOS: [(f64, &str); 4] = [
    (0.05, "none, within 5 %"),
    (0.1, "none, 5 to 10 %"),
    (0.2, "none, 10 to 20 %"),
    (f64::INFINITY, "none, over 20 %"),
];

/// The place of a class in the table, and its name.
type Name = (usize, String);

pub(crate) fn table(people: &[Labelled<Inferred>], judged: &[Vec<Judgement>]) -> String {
    let mut classes: BTreeMap<Name, Class> = BTreeMap::new();
    for (person, readings) in people.iter().zip(judged) {
        for id in &person.series.refused {
            if let Some(inferred) = person.labels.get(id) {
                let class = classes.entry(name(inferred)).or_default();
                class.n += 1;
                class.at_the_edge += 1;
            }
        }
        for reading in readings {
            let Some(inferred) = person.label(&reading.key) else { continue };
            let class = classes.entry(name(inferred)).or_default();
            class.n += 1;
            if reading.verdict.outcome == Outcome::Rejected {
                class.rejected += 1;
                *class.reasons.entry(reading.taken_for()).or_default() += 1;
            }
        }
    }
    let mut table = Table::new(&[
        "inferred error",
        "n",
        "refused at the edge",
        "rejected by the judge",
        "%",
        "taken for",
    ]);
    for ((_, name), class) in classes {
        let reasons: Vec<String> =
            class.reasons.into_iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        table.row(&[
            name,
            class.n.to_string(),
            class.at_the_edge.to_string(),
            class.rejected.to_string(),
            format!("{:.2}", 100.0 * count(class.at_the_edge + class.rejected) / count(class.n)),
            reasons.join(", "),
        ]);
    }
    table.text()
}

fn name(inferred: &Inferred) -> Name {
    if !inferred.error.is_empty() {
        return (0, inferred.error.replace('_', " "));
    }
    let off = (inferred.ratio - 1.0).abs();
    let found = (1..).zip(RATIOS).find(|(_, (right, _))| off <= *right);
    found.map_or((0, "none".to_owned()), |(place, (_, name))| (place, name.to_owned()))
}

/// The readings on which verdict and inference disagree, with all of the person's about them.
pub(crate) fn disagreements(people: &[Labelled<Inferred>], judged: &[Vec<Judgement>], most: usize) -> String {
    let mut lines = Vec::new();
    for (person, readings) in people.iter().zip(judged) {
        for (n, reading) in readings.iter().enumerate() {
            let Some(inferred) = person.label(&reading.key) else { continue };
            let rejected = reading.verdict.outcome == Outcome::Rejected;
            if rejected != inferred.error.is_empty() {
                continue;
            }
            let about: Vec<String> = readings
                .iter()
                .skip(n.saturating_sub(4))
                .take(9)
                .map(|other| {
                    format!("{:+.0} d {:.1}", other.key.at().since(reading.key.at()).days(), other.kg)
                })
                .collect();
            lines.push(format!(
                "  {} reading {n}: {:.1} kg, inferred {}, ratio {}, expected {:.1} ± {:.1}: at once {}, in the end {} ({}); about it {}",
                person.series.name,
                inferred.kg,
                if inferred.error.is_empty() { "nothing" } else { &inferred.error },
                inferred.ratio,
                reading.prediction.mean_kg(),
                reading.prediction.variance().sqrt(),
                reading.at_once.code(),
                reading.verdict.outcome,
                reading.taken_for(),
                about.join(", "),
            ));
        }
    }
    lines.truncate(most);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::growth::read;
    use reweigh_state::Policy;

    #[test]
    fn inferred_errors_meet_verdicts() {
        let text = "subject,id,agedays,sex,measurement,ratio,inferred_error,same_as_previous\n\
                    4,17,7300,1,80.0,1.0,,0\n4,18,7302,1,80.2,1.002,,0\n4,19,7304,1,800.0,10.0,x10,0\n\
                    4,20,7306,1,80.0,1.0,,0\n4,21,7308,1,176.4,2.205,lb_as_kg,0\n4,22,7310,1,80.0,1.0,,0\n\
                    4,23,7312,1,86.0,1.07,,0\n4,24,7314,1,80.0,1.0,,0\n";
        let people = read(text).unwrap();
        let policy = Policy::default().check().unwrap();
        let judged: Vec<_> = people.iter().map(|person| judge(&person.series.events, &policy)).collect();
        let table = table(&people, &judged);
        assert!(table.contains("| lb as kg | 1 | 0 | 1 | 100.00 | lb recorded as kg 1 |"), "{table}");
        assert!(table.contains("| x10 | 1 | 1 | 0 | 100.00 |  |"), "{table}");
        assert!(table.contains("| none, within 5 % | 5 | 0 | 0 | 0.00 |"), "{table}");
        assert!(table.contains("| none, 5 to 10 % | 1 |"), "{table}");
        let names: Vec<_> = table.lines().skip(2).map(|line| line.split(" | ").next().unwrap()).collect();
        assert_eq!(names, ["| lb as kg", "| x10", "| none, within 5 %", "| none, 5 to 10 %"]);
    }
}
