//! Rows of a table: a header line and a row for each line.
//!
//! Where a row ends is decided here and not by the csv library, because an open quote must cost its own line and not
//! the rest of the file. What a row's fields are is the library's to say.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};
use memchr::{memchr, memchr2};

use crate::batch::{Sink, Skip};
use crate::column::{Columns, Key};
use crate::error::ImportError;
use crate::maker::{Maker, Row, present};
use crate::refusal::Refusal;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::settings::{Content, Delimiter, Settings};
use crate::text::decoded;
use crate::window::Window;

/// How many lines one row may go over, within quotes.
const ROW_LINES_MAX: u64 = 64;

/// How many fields a row may have.
const FIELDS_MAX: usize = 1024;

/// What reported the rows of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RowSource {
    /// What a column says, or nothing.
    Unknown,
    /// What a column says, or else this.
    Of(&'static str),
    /// A column says yes or no.
    Flag { yes: &'static str, no: &'static str },
}

impl RowSource {
    fn of(self, told: Option<&str>) -> Option<&str> {
        match self {
            Self::Unknown => told,
            Self::Of(source) => told.or(Some(source)),
            Self::Flag { yes, no } => {
                let is_yes = told.is_some_and(|told| told.trim().eq_ignore_ascii_case("true"));
                Some(if is_yes { yes } else { no })
            }
        }
    }
}

/// The rows of a table behind its header.
pub(crate) struct CsvRows {
    window: Window,
    columns: Columns,
    content: Content,
    splitter: Splitter,
    header: Vec<u8>,
    newline: u8,
    line: u64,
    source: RowSource,
}

impl CsvRows {
    /// Reads the header.
    pub(crate) fn open(
        mut window: Window,
        settings: &Settings,
        source: RowSource,
    ) -> Result<Self, ImportError> {
        window.fill_to(ROW_BYTES_MAX)?;
        let newline = if memchr(b'\n', window.unread()).is_none() { b'\r' } else { b'\n' };
        let mut line = 1;
        let mut delimiter = settings.delimiter;
        let header = loop {
            let unread = window.unread();
            if unread.is_empty() {
                return Err(ImportError::Empty);
            }
            let end = memchr(newline, unread).unwrap_or(unread.len());
            let header = unread.get(..end).unwrap_or_default().trim_ascii_end().to_vec();
            window.take(end + 1);
            window.fill_to(ROW_BYTES_MAX)?;
            line += 1;
            // Spreadsheets write a first line such as `sep=;` for each other.
            if let Some([byte]) = header.strip_prefix(b"sep=") {
                delimiter =
                    delimiter.or_else(|| Delimiter::ALL.into_iter().find(|known| known.byte() == *byte));
            } else if !header.is_empty() {
                break header;
            }
        };
        let (splitter, columns) = understand(&header, delimiter, settings)?;
        let content = columns.check(settings.content, settings.user.is_some(), &decoded(&header).0)?;
        Ok(Self { window, columns, content, splitter, header, newline, line, source })
    }

    /// Whether the rows are readings or heights.
    pub(crate) fn content(&self) -> Content {
        self.content
    }
}

/// Finds the delimiter under which most columns are understood.
fn understand(
    header: &[u8],
    delimiter: Option<Delimiter>,
    settings: &Settings,
) -> Result<(Splitter, Columns), ImportError> {
    let all = Delimiter::ALL;
    let candidates = delimiter.as_ref().map_or(&all[..], std::slice::from_ref);
    let mut best: Option<(usize, Splitter, Columns)> = None;
    let mut failed = None;
    for candidate in candidates {
        let mut splitter = Splitter::new(candidate.byte());
        splitter.split(header);
        let names: Vec<Cow<'_, str>> =
            (0..splitter.count).map(|place| decoded(splitter.field(place)).0).collect();
        match Columns::find(names.iter().map(|name| &**name), &settings.columns, &settings.aliases) {
            Ok(columns) => {
                let known = columns.known();
                if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                    best = Some((known, splitter, columns));
                }
            }
            // Of the delimiters that do not work, the one that splits the header most is the one that was meant.
            Err(error) if failed.as_ref().is_none_or(|(count, _)| splitter.count > *count) => {
                failed = Some((splitter.count, error));
            }
            Err(_) => {}
        }
    }
    match (best, failed) {
        (Some((known, _, columns)), Some((count, error))) if known < 2 && count > columns.count => Err(error),
        (Some((_, splitter, columns)), _) => Ok((splitter, columns)),
        (None, Some((_, error))) => Err(error),
        (None, None) => Err(ImportError::Empty),
    }
}

impl Rows for CsvRows {
    fn read(&mut self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<bool, ImportError> {
        while !sink.is_full() {
            let Some(next) = next_row(&mut self.window, self.newline, self.splitter.delimiter)? else {
                return Ok(false);
            };
            let unread = self.window.unread();
            let raw = unread.get(..next.bytes).unwrap_or_default();
            let first_line = unread.get(..next.first_line).unwrap_or_default();
            let row = raw.strip_suffix(b"\r").unwrap_or(raw);
            let outcome = match next.kind {
                NextKind::Open => Err(Refusal::QuoteOpen),
                NextKind::TooLarge => Err(Refusal::RowTooLarge { bytes_max: ROW_BYTES_MAX }),
                NextKind::Whole => {
                    self.splitter.split(row);
                    fact(&self.splitter, &self.columns, self.source, maker, sink, self.line)
                }
            };
            let mut used = next;
            match outcome {
                Ok(fact) => sink.fact(fact),
                Err(_) if is_blank(row, self.splitter.delimiter) => sink.skip(Skip::Blank),
                Err(_) if row == self.header => sink.skip(Skip::HeaderAgain),
                // A row over several lines that has not the right number of fields is no row: a quote was left open.
                Err(Refusal::RowShort { .. } | Refusal::RowLong { .. }) if next.lines > 1 => {
                    used = next.only_first_line();
                    sink.reject(self.line, Refusal::QuoteOpen, first_line);
                }
                Err(refusal) => sink.reject(self.line, refusal, row),
            }
            self.line += used.lines;
            self.window.take(used.bytes + 1);
            if matches!(used.kind, NextKind::TooLarge) {
                skip_line(&mut self.window, self.newline)?;
            }
        }
        Ok(true)
    }
}

/// How far the next row goes.
#[derive(Clone, Copy, Debug)]
struct NextRow {
    kind: NextKind,
    /// Without what ends it.
    bytes: usize,
    /// Without what ends it.
    first_line: usize,
    lines: u64,
}

#[derive(Clone, Copy, Debug)]
enum NextKind {
    Whole,
    /// A line with a quote that is not closed where it should be.
    Open,
    /// The beginning of a line that is too long.
    TooLarge,
}

impl NextRow {
    fn line(kind: NextKind, bytes: usize) -> Self {
        Self { kind, bytes, first_line: bytes, lines: 1 }
    }

    fn only_first_line(self) -> Self {
        Self::line(NextKind::Open, self.first_line)
    }
}

/// Finds the end of the next row, reading on as far as that needs.
fn next_row(window: &mut Window, newline: u8, delimiter: u8) -> Result<Option<NextRow>, ImportError> {
    let end = loop {
        let unread = window.unread();
        if let Some(end) = memchr(newline, unread) {
            break end;
        }
        if unread.len() > ROW_BYTES_MAX {
            return Ok(Some(NextRow::line(NextKind::TooLarge, ROW_BYTES_MAX)));
        }
        if !window.fill()? {
            if window.unread().is_empty() {
                return Ok(None);
            }
            break window.unread().len();
        }
    };
    if end > ROW_BYTES_MAX {
        return Ok(Some(NextRow::line(NextKind::TooLarge, ROW_BYTES_MAX)));
    }
    let line = window.unread().get(..end).unwrap_or_default();
    if memchr(b'"', line).is_none() {
        return Ok(Some(NextRow::line(NextKind::Whole, end)));
    }
    match quoted_end(line, newline, delimiter) {
        QuotedEnd::At(_) => return Ok(Some(NextRow::line(NextKind::Whole, end))),
        QuotedEnd::Misplaced => return Ok(Some(NextRow::line(NextKind::Open, end))),
        QuotedEnd::Open => {}
    }
    window.fill_to(ROW_BYTES_MAX)?;
    let unread = window.unread();
    let room = unread.get(..ROW_BYTES_MAX).unwrap_or(unread);
    Ok(Some(match quoted_end(room, newline, delimiter) {
        QuotedEnd::At(bytes) => {
            let row = room.get(..bytes).unwrap_or_default();
            let lines = 1 + memchr::memchr_iter(newline, row).count() as u64;
            if lines <= ROW_LINES_MAX {
                NextRow { kind: NextKind::Whole, bytes, first_line: end, lines }
            } else {
                NextRow::line(NextKind::Open, end)
            }
        }
        QuotedEnd::Misplaced | QuotedEnd::Open => NextRow::line(NextKind::Open, end),
    }))
}

enum QuotedEnd {
    /// The row ends here, with every quote closed at the end of its field.
    At(usize),
    /// The text ends within quotes.
    Open,
    /// Something stands between a closing quote and the next delimiter.
    Misplaced,
}

/// Finds the first line break outside of quotes, or the end of the text.
fn quoted_end(text: &[u8], newline: u8, delimiter: u8) -> QuotedEnd {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        if rest.first() == Some(&b'"') {
            at += 1;
            let Some(after) = closing(text, at) else { return QuotedEnd::Open };
            let gap = text.get(after..).unwrap_or_default();
            let spaces = gap.iter().take_while(|byte| matches!(byte, b' ' | b'\r')).count();
            at = after + spaces;
            match text.get(at) {
                None => return QuotedEnd::At(text.len()),
                Some(byte) if *byte == newline => return QuotedEnd::At(at),
                Some(byte) if *byte == delimiter => at += 1,
                Some(_) => return QuotedEnd::Misplaced,
            }
        } else {
            match memchr2(delimiter, newline, rest) {
                None => return QuotedEnd::At(text.len()),
                Some(end) if rest.get(end) == Some(&newline) => return QuotedEnd::At(at + end),
                Some(end) => at += end + 1,
            }
        }
    }
}

/// The place behind the quote that closes a field; two quotes together are one in the text.
fn closing(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(b'"', text.get(at..)?)?;
        if text.get(quote + 1) != Some(&b'"') {
            return Some(quote + 1);
        }
        at = quote + 2;
    }
}

/// Passes over the rest of a line, however long it is.
fn skip_line(window: &mut Window, newline: u8) -> Result<(), ImportError> {
    loop {
        let unread = window.unread();
        if let Some(end) = memchr(newline, unread) {
            window.take(end + 1);
            return Ok(());
        }
        let bytes = unread.len();
        window.take(bytes);
        if !window.fill()? {
            return Ok(());
        }
    }
}

fn is_blank(row: &[u8], delimiter: u8) -> bool {
    row.iter().all(|byte| *byte == delimiter || *byte == b'"' || byte.is_ascii_whitespace())
}

/// Makes the fact of the fields that were split last.
fn fact(
    splitter: &Splitter,
    columns: &Columns,
    source: RowSource,
    maker: &mut Maker,
    sink: &mut Sink<'_>,
    line: u64,
) -> Result<reweigh_reading::Fact, Refusal> {
    let fields = splitter.count;
    if fields < columns.count {
        return Err(Refusal::RowShort { fields, columns: columns.count });
    }
    if fields > columns.count
        && (columns.count..fields).any(|place| !splitter.field(place).trim_ascii().is_empty())
    {
        return Err(Refusal::RowLong { fields, columns: columns.count });
    }
    let Ok(text) = str::from_utf8(splitter.text()) else {
        return fact_of_latin1(splitter, columns, source, maker, sink, line);
    };
    let get = |key| {
        let (start, end) = splitter.range(columns.place(key)?);
        present(text.get(start..end)?)
    };
    maker.fact(&row(get, columns, source), sink.tally)
}

/// The same for a row that is not UTF-8: each field that is not is read as Latin-1, and the row is counted.
#[cold]
fn fact_of_latin1(
    splitter: &Splitter,
    columns: &Columns,
    source: RowSource,
    maker: &mut Maker,
    sink: &mut Sink<'_>,
    line: u64,
) -> Result<reweigh_reading::Fact, Refusal> {
    let fields: Vec<(Cow<'_, str>, bool)> =
        (0..splitter.count).map(|place| decoded(splitter.field(place))).collect();
    let mut latin1 = false;
    let get = |key| {
        let (text, is_latin1) = fields.get(columns.place(key)?)?;
        latin1 |= is_latin1;
        present(text)
    };
    let row = row(get, columns, source);
    if latin1 {
        sink.latin1(line);
    }
    maker.fact(&row, sink.tally)
}

fn row<'a>(mut get: impl FnMut(Key) -> Option<&'a str>, columns: &'a Columns, source: RowSource) -> Row<'a> {
    Row {
        user: get(Key::User),
        at: get(Key::At),
        weight: get(Key::Weight),
        unit: get(Key::Unit),
        source: source.of(get(Key::Source)),
        id: get(Key::Id),
        revision: get(Key::Revision),
        action: get(Key::Action),
        received: get(Key::Received),
        reason: get(Key::Reason),
        height: get(Key::Height),
        weight_unit: columns.weight_unit,
        height_unit: columns.height_unit.as_deref(),
        has_point: false,
    }
}

/// Splits one row into its fields.
struct Splitter {
    parser: csv_core::Reader,
    delimiter: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        let parser = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        Self { parser, delimiter, text: vec![0; ROW_BYTES_MAX + 1], ends: vec![0; FIELDS_MAX], count: 0 }
    }

    /// Splits a row without what ends it.
    fn split(&mut self, row: &[u8]) {
        let (_, _, written, ends) = self.parser.read_record(row, &mut self.text, &mut self.ends);
        let text = self.text.get_mut(written..).unwrap_or_default();
        let more = self.ends.get_mut(ends..).unwrap_or_default();
        let (result, _, _, last) = self.parser.read_record(b"\n", text, more);
        self.count = ends + last;
        if !matches!(result, ReadRecordResult::Record) {
            // Too many fields: the row is refused by their number. The parser must forget what it is in.
            self.parser.reset();
        }
    }

    /// Where a field lies in the text of all.
    fn range(&self, place: usize) -> (usize, usize) {
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        (start, self.ends.get(place).copied().unwrap_or(start))
    }

    /// The fields of the row, one after the other.
    fn text(&self) -> &[u8] {
        let (_, end) = self.range(self.count.saturating_sub(1));
        self.text.get(..end).unwrap_or_default()
    }

    fn field(&self, place: usize) -> &[u8] {
        let (start, end) = self.range(place);
        self.text.get(start..end).unwrap_or_default()
    }
}
