//! A diet log: dates as day, month and two digits of the year, and pounds.

use reweigh_reading::{DatePattern, Elapsed, Fact, InstantFormat, InstantReader, MeasureReader, Unit, Zone};

use crate::score_real::rows::Rows;
use crate::score_real::series::{Series, reading};

pub(crate) const SET: &str = "zawodny_weightloss_lb";
pub(crate) const FILE: &str = "Weightloss.csv";

/// The one series, every reading at this hour of its day: a date alone is midnight to the reader.
pub(crate) fn read(text: &str, hour: i64) -> Result<Series, String> {
    let pattern = DatePattern::new("%d/%m/%y").map_err(|error| error.to_string())?;
    let instants = InstantReader::new(Zone::utc(), InstantFormat::Pattern(pattern));
    let measures = MeasureReader::default();
    let mut facts: Vec<Fact> = Vec::new();
    for row in Rows::parse(text)?.iter() {
        let at = row.read("Date", |cell| instants.read(cell))?.at.saturating_add(Elapsed::from_hours(hour));
        let measure = row.read("Weight", |cell| measures.read(cell, Some(Unit::Pound)))?;
        facts.push(reading("writer", at, "log", measure, None)?);
    }
    Ok(Series::of("writer", facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_comes_first() {
        let series = read("Date,Weight\n10/02/05,224\n8/03/05,213.5\n", 0).unwrap();
        let at: Vec<_> = series.events.iter().map(|event| event.key.at().to_string()).collect();
        assert_eq!(at, ["2005-02-10T00:00:00Z", "2005-03-08T00:00:00Z"]);
        let series = read("Date,Weight\n10/02/05,224\n", 7).unwrap();
        assert_eq!(series.events[0].key.at().to_string(), "2005-02-10T07:00:00Z");
        assert!(read("Date,Weight\n02/30/05,224\n", 0).is_err());
    }
}
