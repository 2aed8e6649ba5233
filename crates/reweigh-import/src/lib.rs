//! Files of readings, read into facts.
//!
//! A [`Reader`] takes any file of readings and gives out [`Batch`]es: facts that were let in, and rows that were
//! refused, each with its line and its reason. One bad row never stops the rest, and every row is counted.
//!
//! ```
//! use reweigh_import::{Format, Input, Reader, Settings};
//!
//! let file = "Date;Weight (kg)\n2024-01-31 07:15:00;80,5\n";
//! let mut settings = Settings::new("2024-02-01T00:00:00Z".parse()?);
//! settings.user = Some("anna".parse()?);
//! settings.decimal = reweigh_reading::DecimalMark::Comma;
//! settings.zone = "Europe/Berlin".parse()?;
//!
//! let mut reader = Reader::open(Input::stream(file.as_bytes()), &settings)?;
//! assert_eq!(reader.format(), Format::Csv);
//! let batch = reader.next_batch(1_000)?.unwrap_or_default();
//! let at = batch.facts.first().map(|fact| fact.at().to_string());
//! assert_eq!(at.as_deref(), Some("2024-01-31T06:15:00Z"));
//! assert_eq!(reader.finish()?.local_times, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is not here: what becomes of facts, files on disk, a clock. The caller opens files and says when they came.

mod apple;
mod archive;
mod batch;
mod column;
mod csv_rows;
mod elements;
mod error;
mod fhir;
mod fitbit;
mod input;
mod json_line;
mod json_rows;
mod maker;
mod names;
mod reader;
mod refusal;
mod rows;
mod scalar;
mod settings;
mod sniff;
mod text;
mod window;
mod withings;
mod write;

pub use batch::Batch;
pub use batch::Note;
pub use batch::RejectedRow;
pub use batch::Skip;
pub use batch::Tally;
pub use column::ColumnMap;
pub use column::Key;
pub use error::ImportError;
pub use error::ImportErrorKind;
pub use input::Input;
pub use input::Progress;
pub use reader::Reader;
pub use refusal::Refusal;
pub use settings::Content;
pub use settings::Delimiter;
pub use settings::Format;
pub use settings::OptionError;
pub use settings::Settings;
pub use write::FactsFormat;
pub use write::FactsWriter;
pub use write::RejectsWriter;
