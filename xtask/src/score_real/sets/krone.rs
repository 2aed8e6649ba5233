//! Daily weights of volunteers: a day number and kilograms, an empty cell where nobody stood on the scale.

use std::collections::BTreeMap;

use reweigh_reading::{Fact, MeasureReader, Unit};

use crate::score_real::rows::Rows;
use crate::score_real::series::{Series, morning, reading};

pub(crate) const SET: &str = "krone_daily_weights";
pub(crate) const FILE: &str = "weights.csv";

/// One series for each person. The days have no date and no time of day: they begin on one that is made up, and every
/// reading is taken at seven.
pub(crate) fn read(text: &str) -> Result<Vec<Series>, String> {
    let measures = MeasureReader::default();
    let mut people: BTreeMap<u32, Vec<Fact>> = BTreeMap::new();
    for row in Rows::parse(text)?.iter() {
        let subject: u32 = row.number("subject")?;
        let facts = people.entry(subject).or_default();
        if row.text("body_weight")?.is_empty() {
            continue;
        }
        let measure = row.read("body_weight", |cell| measures.read(cell, Some(Unit::Kilogram)))?;
        let at = morning("2024-01-01", row.number("day")?)?;
        facts.push(reading(&subject.to_string(), at, "scale", measure, None)?);
    }
    let series = people.into_iter().map(|(subject, facts)| Series::of(format!("person {subject}"), facts));
    Ok(series.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_apart_and_missed_days_left_out() {
        let text = "subject,day,sex,week,condition,body_weight\n\
                    10,0,1.0,1.0,1.0,73.0\n10,1,1.0,1.0,1.0,\n10,2,1.0,1.0,1.0,72.55\n2,0,1.0,1.0,1.0,69.4\n";
        let series = read(text).unwrap();
        let lengths: Vec<_> =
            series.iter().map(|series| (series.name.as_str(), series.events.len())).collect();
        assert_eq!(lengths, [("person 2", 1), ("person 10", 2)]);
        let days = series[1].events[1].key.at().since(series[1].events[0].key.at()).days();
        assert_eq!(days, 2.0);
        assert!(read("subject,day,body_weight\n1,0,heavy\n").is_err_and(|said| said.contains("line 2")));
    }
}
