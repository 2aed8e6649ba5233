//! Scenarios as files.

use crate::label::Role;
use crate::life::{Delivery, Life};
use crate::scenario::Scenario;
use crate::time::{Civil, civil};
use reweigh_reading::{Action, Instant};
use std::fmt;
use std::io::{self, Write};

/// What was written, in rows without headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesWritten {
    /// Rows of `readings.csv` and of `truth.csv`.
    pub deliveries: u64,
    /// Rows of `heights.csv`.
    pub users: u64,
}

/// Writes a scenario as three files.
///
/// - `readings`: `user_id,effectiveDateTime,source_type,weight,unit`, in the order of arrival; instants in UTC,
///   without a zone.
/// - `truth`: `row_id,user_id,effectiveDateTime,true_weight_kg,label,arrived`, row by row what stands in `readings`.
///   What is delivered once more has `duplicate:` before its label, and the row id of the first.
/// - `heights`: `user_id,height_m`, in the order of the users.
///
/// If the recipe has corrections, `readings` has `id,revision,action,reason` besides, and `truth` has
/// `id,revision,action,role,stands`; `stands` is 1 where [`Life::standing`] holds the fact. Weight and unit are empty
/// where a fact has none; of a height they are metres and `m`.
///
/// Hand it buffered writers. All lives are held in memory.
///
/// # Errors
///
/// Those of the writers; what was written before stays.
pub fn write_files(
    scenario: &Scenario,
    users: u32,
    readings: &mut impl Write,
    truth: &mut impl Write,
    heights: &mut impl Write,
) -> io::Result<FilesWritten> {
    let rich = scenario.recipe().has_corrections();
    let (more_of_readings, more_of_truth) =
        if rich { (",id,revision,action,reason", ",id,revision,action,role,stands") } else { ("", "") };
    writeln!(readings, "user_id,effectiveDateTime,source_type,weight,unit{more_of_readings}")?;
    writeln!(truth, "row_id,user_id,effectiveDateTime,true_weight_kg,label,arrived{more_of_truth}")?;
    writeln!(heights, "user_id,height_m")?;

    let mut arrivals = scenario.arrivals(users);
    let lives = std::mem::take(&mut arrivals.lives);
    let offsets = Offsets::new(&lives);
    let standing: Vec<Vec<Delivery>> =
        if rich { lives.iter().map(Life::standing).collect() } else { Vec::new() };
    let mut deliveries = 0;
    while let Some((life, number)) = arrivals.next_place() {
        let Some((delivery, origin)) = lives.get(life).and_then(|of| of.at(number).zip(of.origin(number)))
        else {
            continue;
        };
        write_reading(readings, &delivery, rich)?;
        write_truth(truth, &delivery, offsets.row_id(life, origin))?;
        if rich {
            let fact = &delivery.fact;
            let stands = standing.get(life).is_some_and(|standing| stands(standing, &delivery));
            let action = fact.action().kind().name();
            write!(
                truth,
                ",{},{},{action},{},{}",
                fact.id(),
                fact.revision(),
                delivery.role,
                u8::from(stands)
            )?;
        }
        writeln!(truth)?;
        deliveries += 1;
    }
    let mut people: Vec<&Life> = lives.iter().collect();
    people.sort_by_key(|life| life.user());
    for life in people {
        writeln!(heights, "{},{}", life.user(), life.height().metres())?;
    }
    Ok(FilesWritten { deliveries, users: u64::from(users) })
}

/// Row ids that are unique over all lives.
struct Offsets(Vec<u64>);

impl Offsets {
    fn new(lives: &[Life]) -> Offsets {
        let mut sum = 0;
        let offset = |life: &Life| {
            let offset = sum;
            sum += u64::try_from(life.sent.contents.len()).unwrap_or(0);
            offset
        };
        Offsets(lives.iter().map(offset).collect())
    }

    fn row_id(&self, life: usize, origin: u32) -> u64 {
        self.0.get(life).copied().unwrap_or(0) + u64::from(origin)
    }
}

/// Whether the fact of a delivery is among those that stand, which are in the order of their keys.
fn stands(standing: &[Delivery], delivery: &Delivery) -> bool {
    let key = delivery.fact.key();
    let found = standing.binary_search_by(|held| held.fact.key().cmp(&key));
    found.is_ok_and(|place| standing.get(place).is_some_and(|held| held.fact == delivery.fact))
}

fn write_reading(to: &mut impl Write, delivery: &Delivery, rich: bool) -> io::Result<()> {
    let fact = &delivery.fact;
    write!(to, "{},{},{},", fact.user(), Naive(fact.at()), fact.source())?;
    match fact.action() {
        Action::Add(measure) | Action::Amend(measure) => {
            write!(to, "{},{}", Decimal(measure.value()), measure.unit())?;
        }
        Action::Height(height) => write!(to, "{},m", height.metres())?,
        Action::Retract | Action::Reset { .. } => write!(to, ",")?,
    }
    if rich {
        write!(to, ",{},{},{},", fact.id(), fact.revision(), fact.action().kind().name())?;
        if let Action::Reset { reason } = fact.action() {
            write!(to, "{reason}")?;
        }
    }
    writeln!(to)
}

fn write_truth(to: &mut impl Write, delivery: &Delivery, row_id: u64) -> io::Result<()> {
    let fact = &delivery.fact;
    let again = if delivery.role == Role::Resent { "duplicate:" } else { "" };
    write!(
        to,
        "{row_id},{},{},{:.4},{again}{},{}",
        fact.user(),
        Naive(fact.at()),
        delivery.true_kg,
        delivery.label,
        Naive(delivery.received),
    )
}

/// A number with a decimal point, whole or not, so that nobody takes the column for one of integers.
struct Decimal(f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// An instant in UTC without its zone.
struct Naive(Instant);

impl fmt::Display for Naive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil { year, month, day, hour, minute, second } = civil(self.0.unix_micros());
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
