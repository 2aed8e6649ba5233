//! The export of Apple Health: an XML file with an element for each record of any kind.

use memchr::memchr;
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
}

impl AppleRecords {
    pub(crate) fn new(window: Window) -> Self {
        Self { window, line: 1 }
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
            if let Some(attributes) = bytes.strip_prefix(b"<Record")
                && attributes.first().is_none_or(u8::is_ascii_whitespace)
            {
                let bytes = bytes.trim_ascii_end();
                if is_of_interest(bytes) {
                    let (text, is_latin1) = decoded(bytes);
                    if is_latin1 {
                        sink.latin1(self.line);
                    }
                    if let Err(refusal) = record(&text, maker, sink) {
                        sink.reject(self.line, refusal, bytes);
                    }
                } else {
                    sink.skip(Skip::OtherMeasurement);
                }
            }
            self.take(piece.bytes);
        }
        Ok(true)
    }
}

/// Whether the name of a type that is read stands anywhere in the tag. Most records are steps and heart beats.
fn is_of_interest(record: &[u8]) -> bool {
    [BODY_MASS, HEIGHT].iter().any(|name| memchr::memmem::find(record, name.as_bytes()).is_some())
}

/// Reads one tag.
fn record(text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal> {
    let broken = |what: String| Refusal::Xml { what: what.into() };
    let mut reader = Reader::from_str(text);
    let tag = match reader.read_event() {
        Ok(Event::Start(tag) | Event::Empty(tag)) => tag,
        Ok(_) => return Err(broken("this is no tag".to_owned())),
        Err(error) => return Err(broken(error.to_string())),
    };
    let fields = Fields::of(&tag).map_err(broken)?;
    let kind = fields.kind.as_deref().unwrap_or_default();
    if kind != BODY_MASS && kind != HEIGHT {
        sink.skip(Skip::OtherMeasurement);
        return Ok(());
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
    Ok(())
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
