//! Facts and rejects as files: what is written here is read back as it was.

use std::fmt;
use std::io::{self, Write};

use reweigh_reading::{Action, Fact};
use serde::Serialize;

use crate::batch::RejectedRow;

/// How facts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactsFormat {
    /// A table with the header `user_id,at,source,id,revision,action,value,unit,reason`.
    Csv,
    /// A JSON object per line, with the same keys; what a fact has not is left out.
    Jsonl,
}

/// Writes facts so that reading the file gives the same facts: ids, revisions, instants to the microsecond, numbers to
/// the last bit.
///
/// ```
/// use reweigh_import::{FactsFormat, FactsWriter, Input, Reader, Settings};
/// use reweigh_reading::{Fact, Instant, Measure, Source, Unit, UserId};
///
/// let at: Instant = "2024-01-31T07:15:00.000001Z".parse()?;
/// let measure = Measure::new(52.5999984741211, Unit::Kilogram)?;
/// let fact = Fact::reading(UserId::new("a,\"b\"")?, at, Source::new("scale")?, measure);
///
/// let mut writer = FactsWriter::new(Vec::new(), FactsFormat::Csv)?;
/// writer.write(&fact)?;
/// let file = writer.finish()?;
///
/// let settings = Settings::new("2024-02-01T00:00:00Z".parse()?);
/// let mut reader = Reader::open(Input::stream(std::io::Cursor::new(file)), &settings)?;
/// assert_eq!(reader.next_batch(10)?.unwrap_or_default().facts, [fact]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FactsWriter<W: Write> {
    output: Output<W>,
}

enum Output<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Jsonl(io::BufWriter<W>),
}

/// A fact as a row.
#[derive(Serialize)]
struct FactRow<'a> {
    user_id: &'a str,
    at: String,
    source: &'a str,
    id: String,
    revision: u32,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> FactRow<'a> {
    const HEADER: [&'static str; 9] =
        ["user_id", "at", "source", "id", "revision", "action", "value", "unit", "reason"];

    fn of(fact: &'a Fact) -> Self {
        let (value, unit, reason) = match fact.action() {
            Action::Add(measure) | Action::Amend(measure) => {
                (Some(measure.value()), Some(measure.unit().symbol()), None)
            }
            Action::Height(height) => (Some(height.metres()), Some("m"), None),
            Action::Reset { reason } => (None, None, Some(reason.as_str())),
            Action::Retract => (None, None, None),
        };
        Self {
            user_id: fact.user().as_str(),
            at: fact.at().to_string(),
            source: fact.source().as_str(),
            id: fact.id().to_string(),
            revision: fact.revision().get(),
            action: fact.action().kind().name(),
            value,
            unit,
            reason,
        }
    }
}

impl<W: Write> FactsWriter<W> {
    /// A writer; of a table it writes the header at once.
    ///
    /// # Errors
    ///
    /// What `write` fails with.
    pub fn new(write: W, format: FactsFormat) -> io::Result<Self> {
        let output = match format {
            FactsFormat::Csv => {
                let mut table = csv::Writer::from_writer(write);
                table.write_record(FactRow::HEADER)?;
                Output::Csv(Box::new(table))
            }
            FactsFormat::Jsonl => Output::Jsonl(io::BufWriter::new(write)),
        };
        Ok(Self { output })
    }

    /// Writes one fact.
    ///
    /// # Errors
    ///
    /// What the output fails with. How much of the row was written is not known.
    pub fn write(&mut self, fact: &Fact) -> io::Result<()> {
        let row = FactRow::of(fact);
        match &mut self.output {
            Output::Csv(table) => {
                let value = row.value.map(|value| value.to_string()).unwrap_or_default();
                let revision = row.revision.to_string();
                table.write_record([
                    row.user_id,
                    &row.at,
                    row.source,
                    &row.id,
                    &revision,
                    row.action,
                    &value,
                    row.unit.unwrap_or_default(),
                    row.reason.unwrap_or_default(),
                ])?;
                Ok(())
            }
            Output::Jsonl(lines) => {
                serde_json::to_writer(&mut *lines, &row)?;
                lines.write_all(b"\n")
            }
        }
    }

    /// Writes out what is kept back, and gives the output back.
    ///
    /// # Errors
    ///
    /// What the output fails with.
    pub fn finish(self) -> io::Result<W> {
        match self.output {
            Output::Csv(table) => table.into_inner().map_err(csv::IntoInnerError::into_error),
            Output::Jsonl(lines) => lines.into_inner().map_err(io::IntoInnerError::into_error),
        }
    }
}

impl<W: Write> fmt::Debug for FactsWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactsWriter").finish_non_exhaustive()
    }
}

/// Writes refused rows as a table with the header `file,line,reason_code,reason,row`.
pub struct RejectsWriter<W: Write> {
    table: csv::Writer<W>,
}

impl<W: Write> RejectsWriter<W> {
    /// A writer; it writes the header at once.
    ///
    /// # Errors
    ///
    /// What `write` fails with.
    pub fn new(write: W) -> io::Result<Self> {
        let mut table = csv::Writer::from_writer(write);
        table.write_record(["file", "line", "reason_code", "reason", "row"])?;
        Ok(Self { table })
    }

    /// Writes one row. A member of an archive is named behind its file. Bytes that are no UTF-8 show as Latin-1.
    ///
    /// # Errors
    ///
    /// What the output fails with. How much of the row was written is not known.
    pub fn write(&mut self, file: &str, rejected: &RejectedRow) -> io::Result<()> {
        let place = rejected.member.as_ref().map(|member| format!("{file}/{member}"));
        let place = place.as_deref().unwrap_or(file);
        let line = rejected.line.to_string();
        let reason = rejected.refusal.to_string();
        let (row, _) = crate::text::decoded(&rejected.row);
        self.table.write_record([place, &line, rejected.refusal.code(), &reason, &row])?;
        Ok(())
    }

    /// Writes out what is kept back, and gives the output back.
    ///
    /// # Errors
    ///
    /// What the output fails with.
    pub fn finish(self) -> io::Result<W> {
        self.table.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl<W: Write> fmt::Debug for RejectsWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectsWriter").finish_non_exhaustive()
    }
}
