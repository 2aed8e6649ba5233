//! The export of Apple Health: an XML file with an element for each record of any kind.

use memchr::memchr;
use memchr::memmem::Finder;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use reweigh_reading::{Action, Revision};

use crate::batch::{Sink, Skip};
use crate::error::ImportError;
use crate::maker::{Maker, Parts};
use crate::refusal::Refusal;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::text::decoded;
use crate::window::Window;

const BODY_MASS: &str = "HKQuantityTypeIdentifierBodyMass";
const HEIGHT: &str = "HKQuantityTypeIdentifierHeight";

/// The records of an export.
///
/// The text is cut before each `<`, which XML allows nowhere else than at the beginning of a tag, and the library reads
/// one tag at a time. So a quote too few costs one record.
pub(crate) struct AppleRecords {
    window: Window,
    line: u64,
    names: [Finder<'static>; 2],
}

impl AppleRecords {
    pub(crate) fn new(window: Window) -> Self {
        Self { window, line: 1, names: [BODY_MASS, HEIGHT].map(|name| Finder::new(name.as_bytes())) }
    }

    /// Goes to the next `<`, and says how far it is to the one behind; nothing at the end of the file.
    fn piece(&mut self) -> Result<Option<Piece>, ImportError> {
        loop {
            let unread = self.window.unread();
            match memchr(b'<', unread) {
                Some(0) => break,
                Some(start) => self.take(start),
                None => {
                    let bytes = unread.len();
                    self.take(bytes);
                    if !self.window.fill()? {
                        return Ok(None);
                    }
                }
            }
        }
        let mut looked_at = 1;
        loop {
            let unread = self.window.unread();
            let rest = unread.get(looked_at..).unwrap_or_default();
            if let Some(end) = memchr(b'<', rest) {
                return Ok(Some(Piece { bytes: (looked_at + end).min(ROW_BYTES_MAX) }));
            }
            looked_at = unread.len();
            if looked_at > ROW_BYTES_MAX {
                return Ok(Some(Piece { bytes: ROW_BYTES_MAX }));
            }
            if !self.window.fill()? {
                return Ok(Some(Piece { bytes: self.window.unread().len() }));
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        let taken = self.window.unread().get(..bytes).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.window.take(bytes);
    }
}

/// A tag and the text behind it.
#[derive(Clone, Copy)]
struct Piece {
    bytes: usize,
}

impl Rows for AppleRecords {
    fn read(&mut self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<bool, ImportError> {
        while !sink.is_full() {
            let Some(piece) = self.piece()? else { return Ok(false) };
            let bytes = self.window.unread().get(..piece.bytes).unwrap_or_default();
            let is_record = bytes.strip_prefix(b"<Record").is_some_and(|rest| !starts_a_word(rest));
            if is_of_interest(&self.names, bytes) {
                let (text, is_latin1) = decoded(bytes.trim_ascii_end());
                if is_latin1 {
                    sink.latin1(self.line);
                }
                let read = if is_record {
                    record(&text, maker, sink)
                } else {
                    Err(Refusal::xml("this is no record"))
                };
                let read = read.and_then(|rest| {
                    if is_of_interest(&self.names, rest) {
                        Err(Refusal::xml("a tag is not opened"))
                    } else {
                        Ok(())
                    }
                });
                if let Err(refusal) = read {
                    sink.reject(self.line, refusal, bytes.trim_ascii_end());
                }
            } else if is_record {
                sink.skip(Skip::OtherMeasurement);
            }
            self.take(piece.bytes);
        }
        Ok(true)
    }
}

/// Whether the name of a type that is read stands anywhere in the tag. Most records are steps and heart beats.
fn is_of_interest(names: &[Finder<'_>], record: &[u8]) -> bool {
    record.len() > HEIGHT.len() && names.iter().any(|name| name.find(record).is_some())
}

fn starts_a_word(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// Reads one tag, and gives back what stands behind it.
fn record<'a>(text: &'a str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<&'a [u8], Refusal> {
    let mut reader = Reader::from_str(text);
    let tag = match reader.read_event() {
        Ok(Event::Start(tag) | Event::Empty(tag)) => tag,
        Ok(_) => return Err(Refusal::xml("this is no tag")),
        Err(error) => return Err(Refusal::xml(&error.to_string())),
    };
    let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(end..).unwrap_or_default();
    let fields = Fields::of(&tag).map_err(|what| Refusal::xml(&what))?;
    let kind = fields.kind.as_deref().unwrap_or_default();
    if kind != BODY_MASS && kind != HEIGHT {
        sink.skip(Skip::OtherMeasurement);
        return Ok(rest);
    }
    let user = maker.user(None)?;
    let at = maker.date(fields.start.as_deref())?;
    let source = maker.source(fields.source.as_deref())?;
    let parts = Parts { user, at, source, id: None, revision: Revision::FIRST };
    let (value, unit) = (fields.value.as_deref(), fields.unit.as_deref());
    let action = if kind == BODY_MASS {
        Action::Add(maker.plain_weight(value, unit)?)
    } else {
        Action::Height(maker.plain_height(value, unit)?)
    };
    let fact = maker.admit(parts, action, maker.file_received(), sink.tally)?;
    sink.fact(fact);
    Ok(rest)
}

/// The attributes of a record that say something here.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    start: Option<String>,
    source: Option<String>,
    value: Option<String>,
    unit: Option<String>,
}

impl Fields {
    fn of(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut fields = Self::default();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let slot = match attribute.key.as_ref() {
                "type" => &mut fields.kind,
                "startDate" => &mut fields.start,
                "sourceName" => &mut fields.source,
                "value" => &mut fields.value,
                "unit" => &mut fields.unit,
                _ => continue,
            };
            let text =
                attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            *slot = crate::maker::present(&text).map(str::to_owned);
        }
        Ok(fields)
    }
}
