//! Rejection on a household's stream with errors put in, by label and by size.

use std::collections::BTreeMap;

use reweigh_state::Outcome;

use crate::score_real::errors::{count, median};
use crate::score_real::judged::Judgement;
use crate::score_real::markdown::Table;
use crate::score_real::series::Labelled;
use crate::score_real::sets::household::{Household, Truth};

/// A reading that was judged, and what is true of it.
struct Known<'a> {
    reading: &'a Judgement,
    truth: &'a Truth,
    /// How far its value is from what the claimed user weighed about then, kg.
    off: f64,
}

/// The right side of each class of sizes, kg.
const SIZES_KG: [f64; 4] = [1.0, 2.0, 4.0, f64::INFINITY];
/// What a claimed user weighed then is the median of their right readings within so many days.
const ABOUT_THEN_DAYS: f64 = 7.0;

pub(crate) fn tables(household: &Household, judged: &[Vec<Judgement>]) -> String {
    let mut known = Vec::new();
    for (user, readings) in household.users.iter().zip(judged) {
        known.extend(truths(user, readings));
    }
    let duplicates: u64 = household.users.iter().map(|user| user.series.duplicates).sum();
    let readings: usize = judged.iter().map(Vec::len).sum();
    format!(
        "{} rows; {} sent again, {duplicates} taken for duplicates; {readings} readings judged.\n\n{}\n\n{}\n\n{}",
        household.rows,
        household.sent_again,
        by_label(&known),
        by_size(&known),
        in_all(&known)
    )
}

fn truths<'a>(user: &'a Labelled<Truth>, readings: &'a [Judgement]) -> Vec<Known<'a>> {
    let with: Vec<(&Judgement, &Truth)> =
        readings.iter().filter_map(|reading| Some((reading, user.label(&reading.key)?))).collect();
    with.iter()
        .map(|(reading, truth)| {
            let near = with.iter().filter(|(other, truth)| {
                truth.label == "ok" && other.key.at().since(reading.key.at()).days().abs() <= ABOUT_THEN_DAYS
            });
            let mut weights: Vec<f64> = near.map(|(_, truth)| truth.kg).collect();
            weights.sort_by(f64::total_cmp);
            Known { reading, truth, off: (reading.kg - median(&weights)).abs() }
        })
        .collect()
}

fn rejected(known: &Known<'_>) -> bool {
    known.reading.verdict.outcome == Outcome::Rejected
}

fn by_label(known: &[Known<'_>]) -> String {
    let mut labels: BTreeMap<&str, Vec<&Known<'_>>> = BTreeMap::new();
    for one in known {
        labels.entry(&one.truth.label).or_default().push(one);
    }
    let mut table = Table::new(&["label", "n", "rejected", "%", "undecided", "taken for"]);
    for (label, all) in labels {
        let refused: Vec<_> = all.iter().filter(|one| rejected(one)).collect();
        let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
        for one in &refused {
            *reasons.entry(one.reading.taken_for()).or_default() += 1;
        }
        let reasons: Vec<String> = reasons.into_iter().map(|(reason, n)| format!("{reason} {n}")).collect();
        table.row(&[
            label.replace('_', " "),
            all.len().to_string(),
            refused.len().to_string(),
            format!("{:.0}", 100.0 * count(refused.len()) / count(all.len())),
            all.iter().filter(|one| one.reading.verdict.outcome == Outcome::Held).count().to_string(),
            reasons.join(", "),
        ]);
    }
    table.text()
}

fn by_size(known: &[Known<'_>]) -> String {
    let mut table =
        Table::new(&["wrong readings, by distance from the claimed user's weight then", "n", "rejected"]);
    let mut left = 0.0;
    for right in SIZES_KG {
        let all: Vec<_> =
            known.iter().filter(|one| one.truth.label != "ok" && (left..right).contains(&one.off)).collect();
        let refused = all.iter().filter(|one| rejected(one)).count();
        let name =
            if right.is_finite() { format!("{left} to {right} kg") } else { format!("{left} kg and more") };
        table.row(&[name, all.len().to_string(), refused.to_string()]);
        left = right;
    }
    table.text()
}

fn in_all(known: &[Known<'_>]) -> String {
    let wrong = |one: &&Known<'_>| one.truth.label != "ok";
    let figures = |off: f64| {
        let hit = known.iter().filter(wrong).filter(|one| one.off >= off && rejected(one)).count();
        let all = known.iter().filter(wrong).filter(|one| one.off >= off).count();
        let refused = known.iter().filter(|one| (one.off >= off || !wrong(one)) && rejected(one)).count();
        (hit, all, refused)
    };
    let line = |name: &str, (hit, all, refused): (usize, usize, usize)| {
        format!(
            "{name}: precision {:.3} ({hit} of {refused}), recall {:.3} ({hit} of {all})",
            count(hit) / count(refused),
            count(hit) / count(all)
        )
    };
    format!("{}; {}.", line("All wrong readings", figures(0.0)), line("those 2 kg off or more", figures(2.0)))
}

/// The readings on which verdict and label disagree, for whoever wants to look at them.
pub(crate) fn disagreements(household: &Household, judged: &[Vec<Judgement>]) -> String {
    let mut lines = Vec::new();
    for (user, readings) in household.users.iter().zip(judged) {
        for one in truths(user, readings) {
            if rejected(&one) == (one.truth.label == "ok") {
                lines.push(format!(
                    "  {} {} {:.2} kg, {} ({:.2} kg off), expected {:.2} ± {:.2}: at once {}, in the end {} ({})",
                    user.series.name,
                    one.reading.key.at(),
                    one.reading.kg,
                    one.truth.label,
                    one.off,
                    one.reading.prediction.mean_kg(),
                    one.reading.prediction.variance().sqrt(),
                    one.reading.at_once.code(),
                    one.reading.verdict.outcome,
                    one.reading.taken_for(),
                ));
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::score_real::judged::judge;
    use crate::score_real::sets::household::read;
    use reweigh_state::Policy;

    fn household() -> Household {
        let mut stream = "msg_id,household,measured_at,arrived_at,claimed_user,value,unit\n".to_owned();
        let mut truth = "msg_id,arrived_at,true_user,true_kg,label\n".to_owned();
        for day in 1..29 {
            let (value, kg, label) = match day {
                15 => ("176.4", 80.0, "lb_value_marked_kg"),
                20 => ("80.4", 80.4, "wrong_user"),
                _ => ("80.0", 80.0, "ok"),
            };
            let at = format!("2024-01-{day:02}T07:00:00Z");
            writeln!(stream, "m{day},0,{at},2024-02-01T00:00:00Z,u1,{value},kg").unwrap();
            writeln!(truth, "m{day},2024-02-01T00:00:00Z,u1,{kg},{label}").unwrap();
        }
        read(&stream, &truth).unwrap()
    }

    #[test]
    fn labels_meet_verdicts() {
        let household = household();
        let policy = Policy::default().check().unwrap();
        let judged: Vec<_> = household.users.iter().map(|user| judge(&user.series.events, &policy)).collect();
        let text = tables(&household, &judged);
        assert!(text.contains("| lb value marked kg | 1 | 1 | 100 | 0 | lb recorded as kg 1 |"), "{text}");
        assert!(text.contains("| wrong user | 1 | 0 | 0 | 0 |  |"), "{text}");
        assert!(text.contains("| 0 to 1 kg | 1 | 0 |"), "{text}");
        assert!(text.contains("| 4 kg and more | 1 | 1 |"), "{text}");
        assert!(
            text.contains("All wrong readings: precision 1.000 (1 of 1), recall 0.500 (1 of 2)"),
            "{text}"
        );
        assert!(text.contains("2 kg off or more: precision 1.000 (1 of 1), recall 1.000 (1 of 1)"), "{text}");
        assert_eq!(disagreements(&household, &judged).lines().count(), 1);
    }
}
