//! Rows of data as a table or as JSON lines.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetFormat {
    Csv,
    Jsonl,
}

impl SheetFormat {
    /// By the name of the file; `json` decides where there is none.
    pub(crate) fn of(path: Option<&Path>, json: bool) -> Self {
        let ending = path.and_then(Path::extension).and_then(|ending| ending.to_str());
        match ending {
            Some(ending) if ["jsonl", "ndjson", "json"].iter().any(|it| ending.eq_ignore_ascii_case(it)) => {
                Self::Jsonl
            }
            Some(ending) if ending.eq_ignore_ascii_case("csv") => Self::Csv,
            _ if json => Self::Jsonl,
            _ => Self::Csv,
        }
    }
}

/// A sheet that is being written.
pub(crate) enum Sheet {
    Csv(Box<csv::Writer<Output>>),
    Jsonl(Output),
}

impl Sheet {
    /// Opens a sheet. A table has its header, even if no row comes.
    pub(crate) fn open(path: Option<&Path>, json: bool, columns: &[&str]) -> Result<Self, Failure> {
        let output = Output::open(path)?;
        match SheetFormat::of(path, json) {
            SheetFormat::Csv => {
                let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(output);
                let said = table.write_record(columns).map_err(io::Error::from);
                said.map_err(|error| table.get_ref().failed(&error))?;
                Ok(Self::Csv(Box::new(table)))
            }
            SheetFormat::Jsonl => Ok(Self::Jsonl(output)),
        }
    }

    /// Writes a row; its fields are in the order of the columns.
    pub(crate) fn row(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        match self {
            Self::Csv(table) => {
                let said = table.serialize(row).map_err(io::Error::from);
                said.map_err(|error| table.get_ref().failed(&error))
            }
            Self::Jsonl(output) => {
                let said = serde_json::to_writer(&mut *output, row).map_err(io::Error::from);
                let said = said.and_then(|()| io::Write::write_all(output, b"\n"));
                said.map_err(|error| output.failed(&error))
            }
        }
    }

    /// Ends the sheet.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Jsonl(output) => output.finish(),
            Self::Csv(table) => match table.into_inner() {
                Ok(output) => output.finish(),
                Err(error) => {
                    let said = io::Error::new(error.error().kind(), error.error().to_string());
                    Err(error.into_inner().get_ref().failed(&said))
                }
            },
        }
    }
}
