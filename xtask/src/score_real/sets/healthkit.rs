//! An export of a telephone's health records: instants with an offset, pounds, two kinds of source, the newest first.

use reweigh_reading::{Fact, InstantReader, MeasureReader};

use crate::score_real::rows::Rows;
use crate::score_real::series::{Series, reading};

pub(crate) const SET: &str = "healthkit_7_years";
pub(crate) const FILE: &str = "weight.csv";

/// The hours of the offset that every row is written with.
pub(crate) const OFFSET_HOURS: f64 = -8.0;

/// The one series.
pub(crate) fn read(text: &str) -> Result<Series, String> {
    let instants = InstantReader::without_zone();
    let measures = MeasureReader::default();
    let mut facts: Vec<Fact> = Vec::new();
    for row in Rows::parse(text)?.iter() {
        let at = row.read("startDate", |cell| instants.read(cell))?.at;
        let unit = row.read("unit", |cell| measures.unit(cell))?;
        let measure = row.read("value", |cell| measures.read(cell, Some(unit)))?;
        facts.push(reading("owner", at, row.text("sourceName")?, measure, None)?);
    }
    Ok(Series::of("owner", facts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reweigh_judge::Deed;

    #[test]
    fn offsets_pounds_and_the_order_are_understood() {
        let text = "startDate,value,unit,sourceName\n\
                    2022-01-19 06:22:42 -0800,214.243,lb,Health Mate\n2022-01-18 06:19:00 -0800,215.5,lb,Health\n";
        let series = read(text).unwrap();
        let [first, second] = series.events.as_slice() else { panic!("two readings") };
        assert_eq!(first.key.at().to_string(), "2022-01-18T14:19:00Z");
        assert_eq!((first.key.source().as_str(), second.key.source().as_str()), ("Health", "Health Mate"));
        let Deed::Reading(measure) = second.deed else { panic!("a reading") };
        assert!((measure.kilograms().get() - 97.178).abs() < 0.001);
    }

    #[test]
    fn an_instant_without_an_offset_is_refused() {
        let text = "startDate,value,unit,sourceName\n2022-01-19 06:22:42,214.243,lb,Health\n";
        assert!(read(text).is_err_and(|said| said.contains("offset")));
    }
}
