//! Reading a scenario from its files.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use reweigh_judge::{Deed, Event, effective};
use reweigh_reading::{
    Action, DecimalMark, Fact, Height, InstantFormat, InstantReader, Limits, Measure, OrderKey, ReadingId,
    ResetReason, Revision, Source, Unit, UnitAliases, UserId, Zone, admit,
};

/// One user's events in order, and the truth behind each reading.
pub(crate) struct Life {
    pub(crate) user: String,
    pub(crate) events: Vec<Event>,
    pub(crate) truths: Vec<Truth>,
}

/// What is true of a reading.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) kg: f64,
    pub(crate) label: String,
}

impl Truth {
    /// Whether a reading is none of this person in this unit, and must be rejected.
    pub(crate) fn is_gross(&self) -> bool {
        !matches!(self.label.as_str(), "clean" | "clothed")
    }
}

/// A row of a file by the names of its columns. The files hold no quotes.
struct Rows {
    columns: HashMap<String, usize>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    fn read(path: &str) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let head = lines.next().ok_or_else(|| format!("{path} is empty"))?;
        let columns = head.into_iter().enumerate().map(|(n, name)| (name, n)).collect();
        Ok(Self { columns, rows: lines.collect() })
    }

    fn get<'a>(&self, row: &'a [String], column: &str) -> Result<&'a str, String> {
        let found = self.columns.get(column).and_then(|n| row.get(*n));
        found.map(String::as_str).ok_or_else(|| format!("no column {column}"))
    }
}

/// Reads a folder. What the edge would refuse is left out, as a program would leave it out.
pub(crate) fn read(folder: &str) -> Result<Vec<Life>, String> {
    let readings = Rows::read(&format!("{folder}/readings.csv"))?;
    let truths = Rows::read(&format!("{folder}/truth.csv"))?;
    let mut users: BTreeMap<String, (Vec<Fact>, HashMap<OrderKey, Truth>)> = BTreeMap::new();
    for (reading, truth) in readings.rows.iter().zip(&truths.rows) {
        let Some(fact) = fact(&readings, reading)? else { continue };
        let user = users.entry(fact.user().to_string()).or_default();
        if fact.measure().is_some() {
            let kg = truths.get(truth, "true_weight_kg")?;
            let kg = kg.parse().map_err(|error| format!("true_weight_kg {kg}: {error}"))?;
            let label = truths.get(truth, "label")?;
            let label = label.rsplit(':').next().unwrap_or(label).to_owned();
            // Of the tellings of one reading the truth is that of the one that stands.
            let stands = truths.get(truth, "stands").is_ok_and(|stands| stands == "1");
            let truth = Truth { kg, label };
            if stands {
                user.1.insert(fact.key(), truth);
            } else {
                user.1.entry(fact.key()).or_insert(truth);
            }
        }
        user.0.push(fact);
    }
    let lives = users.into_iter().map(|(user, (facts, mut truths))| {
        let events = effective(facts).events;
        let readings = events.iter().filter(|event| matches!(event.deed, Deed::Reading(_)));
        let truths = readings.filter_map(|event| truths.remove(&event.key)).collect();
        Life { user, events, truths }
    });
    Ok(lives.collect())
}

/// The fact of a row; none for one that the edge refuses.
fn fact(rows: &Rows, row: &[String]) -> Result<Option<Fact>, String> {
    let say = |error: &dyn std::fmt::Display| format!("{row:?}: {error}");
    let user = UserId::new(rows.get(row, "user_id")?).map_err(|error| say(&error))?;
    let reader = InstantReader::new(Zone::utc(), InstantFormat::default());
    let at = reader.read(rows.get(row, "effectiveDateTime")?).map_err(|error| say(&error))?.at;
    let source = Source::new(rows.get(row, "source_type")?).map_err(|error| say(&error))?;
    let (weight, unit) = (rows.get(row, "weight")?, rows.get(row, "unit")?);
    let measure = || {
        let unit = Unit::parse(unit, &UnitAliases::none()).map_err(|error| say(&error))?;
        let value: f64 = weight.parse().map_err(|error| say(&error))?;
        Measure::new(value, unit).map_err(|error| say(&error))
    };
    let Ok(action) = rows.get(row, "action") else {
        return Ok(admitted(Fact::reading(user, at, source, measure()?)));
    };
    let action = match action {
        "add" => Action::Add(measure()?),
        "amend" => Action::Amend(measure()?),
        "retract" => Action::Retract,
        "height" => {
            let height = Height::read(weight, Some(unit), DecimalMark::Point).map_err(|error| say(&error))?;
            Action::Height(height)
        }
        "reset" => {
            Action::Reset { reason: ResetReason::new(rows.get(row, "reason")?).map_err(|error| say(&error))? }
        }
        other => return Err(say(&format!("no action {other}"))),
    };
    let id: ReadingId = rows.get(row, "id")?.parse().map_err(|error| say(&error))?;
    let revision: u32 = rows.get(row, "revision")?.parse().map_err(|error| say(&error))?;
    Ok(admitted(Fact::new(user, id, Revision::new(revision), at, source, action)))
}

/// The fact, if the edge lets it in at the instant it happened.
fn admitted(fact: Fact) -> Option<Fact> {
    let received = fact.at();
    admit(fact, received, &Limits::default()).ok()
}
