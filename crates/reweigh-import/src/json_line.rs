//! Flat JSON objects, a line each.

use std::fmt;

use reweigh_reading::{Fact, Unit};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::batch::{Sink, Skip};
use crate::column::{HeaderUnit, Key, Meaning};
use crate::error::ImportError;
use crate::maker::{Maker, Row};
use crate::refusal::Refusal;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::scalar::Scalar;
use crate::settings::Settings;
use crate::text::decoded;
use crate::window::Window;

/// The lines of a file, each an object.
pub(crate) struct JsonLines {
    window: Window,
    line: u64,
    keys: Keys,
}

impl JsonLines {
    pub(crate) fn new(window: Window, settings: &Settings) -> Self {
        Self { window, line: 1, keys: Keys::new(settings) }
    }
}

impl Rows for JsonLines {
    fn read(&mut self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<bool, ImportError> {
        while !sink.is_full() {
            let Some(line) = self.window.line(ROW_BYTES_MAX)? else { return Ok(false) };
            let row = self.window.unread().get(..line.bytes).unwrap_or_default().trim_ascii();
            if line.is_cut {
                sink.reject(self.line, Refusal::RowTooLarge { bytes_max: ROW_BYTES_MAX }, row);
            } else if row.is_empty() {
                sink.skip(Skip::Blank);
            } else {
                match fact(row, &mut self.keys, maker, sink, self.line) {
                    Ok(fact) => sink.fact(fact),
                    Err(refusal) => sink.reject(self.line, refusal, row),
                }
            }
            self.line += 1;
            self.window.take_line(line)?;
        }
        Ok(true)
    }
}

/// Makes the fact of one object.
fn fact(
    row: &[u8],
    keys: &mut Keys,
    maker: &mut Maker,
    sink: &mut Sink<'_>,
    line: u64,
) -> Result<Fact, Refusal> {
    let (text, is_latin1) = decoded(row);
    if is_latin1 {
        sink.latin1(line);
    }
    fact_of_text(&text, keys, maker, sink)
}

/// The same for text.
pub(crate) fn fact_of_text(
    text: &str,
    keys: &mut Keys,
    maker: &mut Maker,
    sink: &mut Sink<'_>,
) -> Result<Fact, Refusal> {
    let object = keys.object(text)?;
    let get = |key: Key| object.values.get(key.place()).and_then(Scalar::text);
    let is_number = |key: Key| matches!(object.values.get(key.place()), Some(Scalar::Number(_)));
    let row = Row {
        user: get(Key::User),
        at: get(Key::At),
        weight: get(Key::Weight),
        unit: get(Key::Unit),
        source: get(Key::Source),
        id: get(Key::Id),
        revision: get(Key::Revision),
        action: get(Key::Action),
        received: get(Key::Received),
        reason: get(Key::Reason),
        height: get(Key::Height),
        weight_unit: object.weight_unit,
        height_unit: object.height_unit.as_deref(),
        has_point: is_number(Key::Weight) || is_number(Key::Height),
    };
    maker.fact(&row, sink.tally)
}

/// What the keys of objects mean, looked up once for each.
pub(crate) struct Keys {
    settings: Settings,
    known: Vec<(Box<str>, Option<Meaning>)>,
}

impl Keys {
    /// How many keys are remembered. A file with more has no fixed set of them.
    const KNOWN_MAX: usize = 64;

    pub(crate) fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone(), known: Vec::new() }
    }

    fn object<'a>(&mut self, text: &'a str) -> Result<Object<'a>, Refusal> {
        let mut parser = serde_json::Deserializer::from_str(text);
        let mut object = Object::default();
        let seed = ObjectSeed { keys: self, object: &mut object };
        let read = seed.deserialize(&mut parser).and_then(|()| parser.end());
        read.map_err(|error| Refusal::Json { what: error.to_string().into() })?;
        match object.twice {
            Some(key) => Err(Refusal::TwoKeys { key }),
            None => Ok(object),
        }
    }

    fn meaning(&mut self, name: &str) -> Option<Meaning> {
        if let Some((_, meaning)) = self.known.iter().find(|(known, _)| **known == *name) {
            return meaning.clone();
        }
        // A key with a dangerous unit means nothing here, and so its row has no weight.
        let meaning = self.settings.columns.meaning(name, &self.settings.aliases).ok().flatten();
        if self.known.len() < Self::KNOWN_MAX {
            self.known.push((name.into(), meaning.clone()));
        }
        meaning
    }
}

/// The values of one object that mean something.
#[derive(Default)]
struct Object<'a> {
    values: [Scalar<'a>; Key::ALL.len()],
    weight_unit: Option<Unit>,
    height_unit: Option<Box<str>>,
    twice: Option<Key>,
}

struct ObjectSeed<'k, 'o, 'a> {
    keys: &'k mut Keys,
    object: &'o mut Object<'a>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Scalar<'de>>()? {
            let meaning = name.text().and_then(|name| self.keys.meaning(name));
            let Some(Meaning { key, unit }) = meaning else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = map.next_value()?;
            let Some(slot) = self.object.values.get_mut(key.place()) else { continue };
            if !matches!(slot, Scalar::Nothing) {
                self.object.twice = Some(key);
            }
            *slot = value;
            match unit {
                HeaderUnit::None => {}
                HeaderUnit::Weight(unit) => self.object.weight_unit = Some(unit),
                HeaderUnit::Height(unit) => self.object.height_unit = Some(unit),
            }
        }
        Ok(())
    }
}
