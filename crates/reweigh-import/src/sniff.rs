//! What a file is, by its content.

use memchr::memchr;
use memchr::memmem::find;

use crate::apple::AppleRecords;
use crate::csv_rows::{CsvRows, RowSource};
use crate::error::ImportError;
use crate::fhir::Fhir;
use crate::fitbit::{self, FitbitLogs};
use crate::json_line::JsonLines;
use crate::json_rows::{FlatObjects, JsonRows};
use crate::maker::Maker;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::settings::{Content, Format, Settings};
use crate::window::Window;
use crate::withings::{self, WithingsGroups};

/// A file of which one knows what it is.
pub(crate) struct Opened {
    pub(crate) rows: Box<dyn Rows>,
    pub(crate) maker: Maker,
    pub(crate) format: Format,
}

/// The outer form of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
    Table,
}

/// Finds out what a file is and opens it as that.
pub(crate) fn open(mut window: Window, settings: &Settings) -> Result<Opened, ImportError> {
    window.fill_to(ROW_BYTES_MAX)?;
    skip_mark(&mut window)?;
    let prefix = window.unread();
    if prefix.trim_ascii().is_empty() && window.is_ended() {
        return Err(ImportError::Empty);
    }
    let form = form(prefix)?;
    let told = format_of(prefix, form).ok_or(ImportError::UnknownFormat);
    let format = if settings.format == Format::Auto { told? } else { settings.format };
    let needs_user = || if settings.user.is_some() { Ok(()) } else { Err(ImportError::NeedsUser) };
    match (format, form) {
        (Format::Auto | Format::Csv, Form::Table) => table(window, settings, RowSource::Unknown, format),
        (Format::Jsonl, Form::Json) => {
            let rows: Box<dyn Rows> = if is_in_lines(prefix) {
                Box::new(JsonLines::new(window, settings))
            } else {
                Box::new(JsonRows::new(window, FlatObjects::new(settings)))
            };
            Ok(readings(rows, settings, format))
        }
        (Format::Fhir, Form::Json) => Ok(readings(Box::new(JsonRows::new(window, Fhir)), settings, format)),
        (Format::Apple, Form::Xml) => {
            needs_user()?;
            Ok(readings(Box::new(AppleRecords::new(window)), settings, format))
        }
        (Format::Withings, Form::Json) => {
            needs_user()?;
            Ok(readings(Box::new(JsonRows::new(window, WithingsGroups)), settings, format))
        }
        (Format::Withings, Form::Table) => table(window, settings, RowSource::Of(withings::SOURCE), format),
        (Format::Fitbit, Form::Json) => {
            needs_user()?;
            Ok(readings(Box::new(JsonRows::new(window, FitbitLogs::new(settings))), settings, format))
        }
        (Format::Fitbit, Form::Table) => {
            let source = RowSource::Flag { yes: fitbit::MANUAL_SOURCE, no: fitbit::SOURCE };
            table(window, &fitbit::fitabase(settings), source, format)
        }
        (format, _) => Err(ImportError::NotThisFormat { format }),
    }
}

fn readings(rows: Box<dyn Rows>, settings: &Settings, format: Format) -> Opened {
    Opened { rows, maker: Maker::new(settings, Content::Readings), format }
}

fn table(
    window: Window,
    settings: &Settings,
    source: RowSource,
    format: Format,
) -> Result<Opened, ImportError> {
    let rows = CsvRows::open(window, settings, source)?;
    let maker = Maker::new(settings, rows.content());
    Ok(Opened { rows: Box::new(rows), maker, format })
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

fn form(prefix: &[u8]) -> Result<Form, ImportError> {
    match prefix.trim_ascii_start() {
        [b'{' | b'[', ..] => Ok(Form::Json),
        [b'<', ..] => Ok(Form::Xml),
        // The first line may be the one that is broken.
        _ if is_in_lines(prefix) => Ok(Form::Json),
        // UTF-16 without its mark has a zero beside nearly every character. A few zeros are damage, and cost their rows.
        _ => match (memchr::memchr_iter(0, prefix).count(), prefix.len()) {
            (zeros, bytes) if zeros > bytes / 3 => Err(ImportError::WideText),
            (zeros, bytes) if zeros > bytes / 50 => Err(ImportError::UnknownFormat),
            _ => Ok(Form::Table),
        },
    }
}

/// The format that the beginning of a file shows.
fn format_of(prefix: &[u8], form: Form) -> Option<Format> {
    let has = |text: &str| find(prefix, text.as_bytes()).is_some();
    match form {
        Form::Xml => (has("<HealthData") || has("<Record ")).then_some(Format::Apple),
        Form::Json if has("\"resourceType\"") => Some(Format::Fhir),
        Form::Json if has("\"measuregrps\"") => Some(Format::Withings),
        Form::Json if has("\"logId\"") && has("\"weight\"") => Some(Format::Fitbit),
        Form::Json => Some(Format::Jsonl),
        Form::Table => {
            let end = memchr(b'\n', prefix).unwrap_or(prefix.len());
            let header = prefix.get(..end).unwrap_or_default().to_ascii_lowercase();
            let has = |text: &str| find(&header, text.as_bytes()).is_some();
            Some(if has("weightkg") && has("logid") && has("ismanualreport") {
                Format::Fitbit
            } else if has("weight (") && has("fat mass (") {
                Format::Withings
            } else {
                Format::Csv
            })
        }
    }
}

/// Whether most lines are an object each.
fn is_in_lines(prefix: &[u8]) -> bool {
    let lines = prefix.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (mut whole, mut all) = (0_usize, 0_usize);
    for line in lines {
        all += 1;
        whole += usize::from(line.len() > 2 && line.starts_with(b"{") && line.ends_with(b"}"));
    }
    whole * 2 > all
}
