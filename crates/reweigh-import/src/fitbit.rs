//! Weight logs of Fitbit.

use reweigh_reading::{Action, InstantFormat, InstantRead, InstantReader, Measure, Revision, Unit};
use serde::Deserialize;

use crate::batch::Sink;
use crate::elements::Target;
use crate::json_rows::{Objects, first_value, parsed};
use crate::maker::{Maker, Parts};
use crate::refusal::Refusal;
use crate::scalar::Scalar;
use crate::settings::Settings;

/// What Fitbit reports is said to be of this source, unless it names one.
pub(crate) const SOURCE: &str = "fitbit";

/// What people typed in.
pub(crate) const MANUAL_SOURCE: &str = "fitbit-manual";

/// The logs of an export, or of an answer of the weight log service.
pub(crate) struct FitbitLogs {
    /// `05/18/15 23:59:59`, as exports write it.
    short: InstantReader,
    /// What the service writes, `2015-05-18 23:59:59`, and the short form with all digits of the year.
    long: InstantReader,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow, default, rename = "logId")]
    id: Scalar<'a>,
    weight: f64,
    #[serde(default)]
    bmi: Option<f64>,
    #[serde(borrow)]
    date: Scalar<'a>,
    #[serde(borrow, default)]
    time: Scalar<'a>,
    #[serde(borrow, default)]
    source: Scalar<'a>,
}

impl FitbitLogs {
    pub(crate) fn new(settings: &Settings) -> Self {
        let short = "%m/%d/%y %H:%M:%S".parse().unwrap_or(InstantFormat::MonthFirst);
        Self {
            short: InstantReader::new(settings.zone.clone(), short),
            long: InstantReader::new(settings.zone.clone(), InstantFormat::MonthFirst),
        }
    }

    fn at(&self, log: &Log<'_>) -> Result<InstantRead, Refusal> {
        let date = log.date.text().unwrap_or_default();
        let is_short = date.len() == 8 && date.contains('/');
        Ok(match log.time.text() {
            Some(time) if is_short => self.short.read(&format!("{date} {time}"))?,
            Some(time) => self.long.read(&format!("{date} {time}"))?,
            None if is_short => {
                let midnight = self.short.read(&format!("{date} 00:00:00"))?;
                InstantRead { form: reweigh_reading::InstantForm::DateAlone, ..midnight }
            }
            None => self.long.read(date)?,
        })
    }
}

impl Objects for FitbitLogs {
    const TARGETS: &'static [Target] = &[("weight", 1)];

    fn object(&mut self, text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let log: Log<'_> = parsed(text)?;
        let unit = log.unit().ok_or(Refusal::UnitUntold)?;
        let parts = Parts {
            user: maker.user(None)?,
            at: self.at(&log)?,
            source: maker.source(Some(log.source.text().unwrap_or(SOURCE)))?,
            id: log.id.text(),
            revision: Revision::FIRST,
        };
        let action = Action::Add(Measure::new(log.weight, unit)?);
        let fact = maker.admit(parts, action, maker.file_received(), sink.tally)?;
        sink.tally.units_by_index += 1;
        sink.fact(fact);
        Ok(())
    }

    fn begins_a_row(text: &[u8]) -> bool {
        first_value::<Log<'_>>(text).is_some()
    }
}

impl Log<'_> {
    /// The unit in which weight and body mass index give the height of a person.
    ///
    /// The service writes the account's unit and does not say which. The index is always kg/m², so weight over index is
    /// the square of a height. From 1.45 m to 2.1 m only one unit fits.
    fn unit(&self) -> Option<Unit> {
        let square = self.weight / self.bmi?;
        let fits = |kilograms: f64| (1.45 * 1.45..=2.1 * 2.1).contains(&(square * kilograms));
        [(Unit::Kilogram, 1.0), (Unit::Pound, 0.453_592_37), (Unit::Stone, 6.350_293_18)]
            .into_iter()
            .find(|(_, kilograms)| fits(*kilograms))
            .map(|(unit, _)| unit)
    }
}

/// Settings for the table that Fitabase makes of the logs of many people.
pub(crate) fn fitabase(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    for column in ["user=Id", "at=Date", "weight=WeightKg", "id=LogId", "source=IsManualReport"] {
        // What the caller has said of a key counts more.
        settings.columns = settings.columns.clone().with(column).unwrap_or(settings.columns);
    }
    if settings.date_format == InstantFormat::Standard {
        settings.date_format = InstantFormat::MonthFirst;
    }
    settings.unit = Some(Unit::Kilogram);
    settings
}
