//! What a file is, by its content.

use crate::csv_rows::CsvRows;
use crate::error::ImportError;
use crate::json_line::JsonLines;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::settings::{Content, Format, Settings};
use crate::window::Window;

/// How much of a file is looked at, and the room for its longest piece.
pub(crate) const PREFIX_BYTES: usize = 4 * ROW_BYTES_MAX;

/// A file of which one knows what it is.
pub(crate) struct Opened {
    pub(crate) rows: Box<dyn Rows>,
    pub(crate) format: Format,
    pub(crate) content: Content,
}

/// Finds out what a file is and opens it as that.
pub(crate) fn open(mut window: Window, settings: &Settings) -> Result<Opened, ImportError> {
    window.fill_to(ROW_BYTES_MAX)?;
    skip_mark(&mut window)?;
    let prefix = window.unread();
    if prefix.trim_ascii().is_empty() && window.is_ended() {
        return Err(ImportError::Empty);
    }
    let told = format_of(prefix);
    let format = match (settings.format, told) {
        (Format::Auto, told) => told.ok_or(ImportError::UnknownFormat)?,
        (asked, _) => asked,
    };
    let readings = |rows: Box<dyn Rows>| Opened { rows, format, content: Content::Readings };
    Ok(match format {
        Format::Jsonl => readings(Box::new(JsonLines::new(window, settings))),
        Format::Fhir | Format::Apple | Format::Withings | Format::Fitbit => {
            return Err(ImportError::NotThisFormat { format });
        }
        Format::Auto | Format::Csv => {
            let rows = CsvRows::open(window, settings, None)?;
            let content = rows.content();
            Opened { rows: Box::new(rows), format, content }
        }
    })
}

/// Passes over the mark that some programs put before UTF-8, and refuses wider text.
fn skip_mark(window: &mut Window) -> Result<(), ImportError> {
    match window.unread() {
        [0xef, 0xbb, 0xbf, ..] => window.take(3),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(ImportError::WideText),
        _ => {}
    }
    Ok(())
}

/// The format that the beginning of a file shows.
fn format_of(prefix: &[u8]) -> Option<Format> {
    match prefix.trim_ascii_start().first()? {
        b'{' | b'[' => Some(Format::Jsonl),
        b'<' => None,
        _ => Some(Format::Csv),
    }
}
