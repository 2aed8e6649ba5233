//! Synthetic weights from health records, with errors that were inferred afterwards and are no truth.

use std::collections::{BTreeMap, HashMap};

use reweigh_reading::{Fact, MeasureReader, ReadingId, Unit};

use crate::score_real::rows::Rows;
use crate::score_real::series::{Labelled, Series, morning, reading};

pub(crate) const SET: &str = "syngrowth_adult_weights";
pub(crate) const FILE: &str = "adult_weights.csv.gz";

/// The birthday that everybody gets; the data say ages in days.
const BORN: &str = "1930-01-01";

/// What was inferred of a reading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Inferred {
    /// The kind of error; empty for none.
    pub(crate) error: String,
    /// The value against the median of seven about it.
    pub(crate) ratio: f64,
    /// Its value, kg.
    pub(crate) kg: f64,
}

/// One series for each person, at seven in the morning of the day of age. Readings of one day are all at that instant,
/// in the order of their ids.
pub(crate) fn read(text: &str) -> Result<Vec<Labelled<Inferred>>, String> {
    let measures = MeasureReader::default();
    let mut people: BTreeMap<u32, (Vec<Fact>, HashMap<ReadingId, Inferred>)> = BTreeMap::new();
    for row in Rows::parse(text)?.iter() {
        let subject: u32 = row.number("subject")?;
        let at = morning(BORN, row.number("agedays")?)?;
        let measure = row.read("measurement", |cell| measures.read(cell, Some(Unit::Kilogram)))?;
        let fact = reading(&subject.to_string(), at, "record", measure, Some(row.text("id")?))?;
        let error = row.text("inferred_error")?.to_owned();
        let inferred = Inferred { error, ratio: row.number("ratio")?, kg: measure.kilograms().get() };
        let (facts, labels) = people.entry(subject).or_default();
        labels.insert(fact.id().clone(), inferred);
        facts.push(fact);
    }
    let people = people.into_iter().map(|(subject, (facts, labels))| Labelled {
        series: Series::of(format!("person {subject}"), facts),
        labels,
    });
    Ok(people.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_become_instants_and_readings_of_one_day_all_count() {
        let text = "subject,id,agedays,sex,measurement,ratio,inferred_error,same_as_previous\n\
                    4,17,7300,1,80.0,1.0,,0\n4,18,7300,1,80.2,1.002,,0\n4,19,7665,1,800.0,10.0,x10,0\n\
                    6,20,7300,0,177.0,2.205,lb_as_kg,0\n";
        let people = read(text).unwrap();
        let lengths: Vec<_> = people.iter().map(|person| person.series.events.len()).collect();
        assert_eq!(lengths, [2, 1]);
        assert_eq!(people[0].series.refused, ["19".parse().unwrap()]);
        assert_eq!(people[0].series.events[0].key.at().to_string(), "1949-12-27T07:00:00Z");
        let slip = people[1].label(&people[1].series.events[0].key).unwrap();
        assert_eq!((slip.error.as_str(), slip.ratio), ("lb_as_kg", 2.205));
    }
}
