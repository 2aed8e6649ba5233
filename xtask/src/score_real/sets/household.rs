//! Real weights of people who share a scale, with errors put in: who claims a reading is not always whose it is.

use std::collections::{BTreeMap, HashMap};

use reweigh_reading::{Fact, InstantReader, MeasureReader, ReadingId};

use crate::score_real::rows::Rows;
use crate::score_real::series::{Labelled, Series, reading};

pub(crate) const SET: &str = "household_stream_injected_errors";
pub(crate) const STREAM: &str = "stream.csv";
pub(crate) const TRUTH: &str = "truth.csv";

/// What is true of a reading.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Truth {
    /// The label without what it says of the message being sent again.
    pub(crate) label: String,
    /// What the person who stood on the scale weighed, kg.
    pub(crate) kg: f64,
}

/// What was read: one series for each claimed user, and how many rows are labelled as sent again.
#[derive(Debug)]
pub(crate) struct Household {
    pub(crate) users: Vec<Labelled<Truth>>,
    pub(crate) rows: usize,
    pub(crate) sent_again: u64,
}

pub(crate) fn read(stream: &str, truth: &str) -> Result<Household, String> {
    let instants = InstantReader::without_zone();
    let measures = MeasureReader::default();
    let (stream, truth) = (Rows::parse(stream)?, Rows::parse(truth)?);
    if stream.len() != truth.len() {
        return Err(format!("{} rows of readings, {} of truth", stream.len(), truth.len()));
    }
    let mut users: BTreeMap<String, (Vec<Fact>, HashMap<ReadingId, Truth>)> = BTreeMap::new();
    let mut sent_again = 0;
    for (row, true_row) in stream.iter().zip(truth.iter()) {
        let id = row.text("msg_id")?;
        if true_row.text("msg_id")? != id {
            return Err(format!("{id}: the rows of readings and truth are not of the same message"));
        }
        let user = row.text("claimed_user")?;
        let at = row.read("measured_at", |cell| instants.read(cell))?.at;
        let unit = row.read("unit", |cell| measures.unit(cell))?;
        let measure = row.read("value", |cell| measures.read(cell, Some(unit)))?;
        let source = format!("scale of household {}", row.text("household")?);
        let fact = reading(user, at, &source, measure, Some(id))?;
        let (label, again) = without_again(true_row.text("label")?);
        sent_again += u64::from(again);
        let truth = Truth { label: label.to_owned(), kg: true_row.number("true_kg")? };
        let (facts, labels) = users.entry(user.to_owned()).or_default();
        if !again {
            labels.insert(fact.id().clone(), truth);
        }
        facts.push(fact);
    }
    let rows = stream.len();
    let users =
        users.into_iter().map(|(user, (facts, labels))| Labelled { series: Series::of(user, facts), labels });
    Ok(Household { users: users.collect(), rows, sent_again })
}

/// A label, and whether it says that the message was sent before.
fn without_again(label: &str) -> (&str, bool) {
    if label == "resent_duplicate" {
        return ("ok", true);
    }
    label.strip_suffix("+resent_duplicate").map_or((label, false), |label| (label, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "msg_id,household,measured_at,arrived_at,claimed_user,value,unit\n\
        m2,0,2024-01-02T06:12:11Z,2024-01-02T06:13:11Z,u13,150.0,lb\n\
        m1,0,2024-01-01T06:12:11Z,2024-01-03T06:13:11Z,u13,72.4,kg\n\
        m1,0,2024-01-01T06:12:11Z,2024-01-04T06:13:11Z,u13,72.4,kg\n";
    const TRUTH: &str = "msg_id,arrived_at,true_user,true_kg,label\n\
        m2,2024-01-02T06:13:11Z,u13,68.04,ok\n\
        m1,2024-01-03T06:13:11Z,u10,72.4,wrong_user\n\
        m1,2024-01-04T06:13:11Z,u10,72.4,wrong_user+resent_duplicate\n";

    #[test]
    fn readings_are_the_claimed_users_and_those_sent_again_are_duplicates() {
        let household = read(STREAM, TRUTH).unwrap();
        assert_eq!((household.rows, household.sent_again), (3, 1));
        let [user] = household.users.as_slice() else { panic!("one user") };
        assert_eq!(
            (user.series.name.as_str(), user.series.events.len(), user.series.duplicates),
            ("u13", 2, 1)
        );
        let labels: Vec<_> =
            user.series.events.iter().map(|event| user.label(&event.key).unwrap().label.as_str()).collect();
        assert_eq!(labels, ["wrong_user", "ok"]);
    }

    #[test]
    fn readings_and_truth_that_do_not_belong_together_are_refused() {
        assert!(read(STREAM, "msg_id,label\n").is_err());
        let other = TRUTH.replace("m2", "m7");
        assert!(read(STREAM, &other).is_err_and(|said| said.contains("m2")));
    }

    #[test]
    fn labels_lose_what_they_say_of_being_sent_again() {
        assert_eq!(without_again("ok"), ("ok", false));
        assert_eq!(without_again("resent_duplicate"), ("ok", true));
        assert_eq!(without_again("partial_step+resent_duplicate"), ("partial_step", true));
    }
}
