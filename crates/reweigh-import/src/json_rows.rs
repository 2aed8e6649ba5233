//! Rows that are JSON objects in a text of any layout.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::batch::Sink;
use crate::elements::{Element, ElementKind, Elements, Target, resume};
use crate::error::ImportError;
use crate::json_line::{Keys, fact_of_text};
use crate::maker::Maker;
use crate::refusal::Refusal;
use crate::rows::{ROW_BYTES_MAX, Rows};
use crate::settings::Settings;
use crate::text::decoded;
use crate::window::Window;

/// What a format makes of one object.
pub(crate) trait Objects: Send {
    /// The arrays whose elements are rows.
    const TARGETS: &'static [Target];

    /// Puts what the object says into the sink, or says why it says nothing.
    fn object(&mut self, text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal>;

    /// Whether a row can be read from where this text begins. It may go on behind the row.
    fn begins_a_row(text: &[u8]) -> bool;
}

/// The objects of a text.
pub(crate) struct JsonRows<F> {
    elements: Elements,
    format: F,
}

impl<F: Objects> JsonRows<F> {
    pub(crate) fn new(window: Window, format: F) -> Self {
        Self { elements: Elements::new(window, F::TARGETS), format }
    }

    /// Reads one element, and says how far it goes.
    fn element(&mut self, element: Element, maker: &mut Maker, sink: &mut Sink<'_>) -> usize {
        let bytes = self.elements.bytes(element);
        let outcome = match element.kind {
            ElementKind::Object => {
                let (text, is_latin1) = decoded(bytes);
                if is_latin1 {
                    sink.latin1(element.line);
                }
                self.format.object(&text, maker, sink)
            }
            ElementKind::Open if bytes.len() == ROW_BYTES_MAX => {
                Err(Refusal::RowTooLarge { bytes_max: ROW_BYTES_MAX })
            }
            ElementKind::Open => Err(Refusal::Json { what: "the object does not end".into() }),
            ElementKind::Stray => Err(Refusal::Json { what: "this is no object".into() }),
        };
        let Err(refusal) = outcome else { return element.bytes };
        let is_broken = matches!(refusal, Refusal::Json { .. } | Refusal::RowTooLarge { .. });
        let used = if is_broken { resume(bytes, F::begins_a_row) } else { element.bytes };
        sink.reject(element.line, refusal, bytes.get(..used).unwrap_or(bytes));
        used
    }
}

impl<F: Objects> Rows for JsonRows<F> {
    fn read(&mut self, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<bool, ImportError> {
        while !sink.is_full() {
            let Some(element) = self.elements.next()? else { return Ok(false) };
            let used = self.element(element, maker, sink);
            self.elements.take(used);
        }
        Ok(true)
    }
}

/// Flat objects, by the names of their keys.
pub(crate) struct FlatObjects {
    keys: Keys,
}

impl FlatObjects {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { keys: Keys::new(settings) }
    }
}

impl Objects for FlatObjects {
    const TARGETS: &'static [Target] = &[];

    fn object(&mut self, text: &str, maker: &mut Maker, sink: &mut Sink<'_>) -> Result<(), Refusal> {
        let fact = fact_of_text(text, &mut self.keys, maker, sink)?;
        sink.fact(fact);
        Ok(())
    }

    fn begins_a_row(text: &[u8]) -> bool {
        first_value::<KeyCount>(text).is_some_and(|keys| keys.0 > 2)
    }
}

/// How many keys an object has. A user, a date and a weight are three.
struct KeyCount(usize);

impl<'de> Deserialize<'de> for KeyCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = KeyCount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeyCount, A::Error> {
                let mut count = 0;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(KeyCount(count))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// Reads the value at the beginning of a text, whatever comes behind it.
pub(crate) fn first_value<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    T::deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()
}

/// Reads a whole text.
pub(crate) fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|error| Refusal::Json { what: error.to_string().into() })
}
