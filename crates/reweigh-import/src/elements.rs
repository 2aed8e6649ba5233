//! The objects of a JSON text of any length, one at a time: those in its arrays of interest, or at its top.
//!
//! The JSON library reads a whole text; here a text may be larger than memory, and a mistake in one object must not cost
//! the others. So this finds where objects begin and end, and the library says what is in them.

use memchr::{memchr, memchr_iter, memchr2};

use crate::error::ImportError;
use crate::rows::ROW_BYTES_MAX;
use crate::window::Window;

/// An array whose elements are rows: its key, and how many objects and arrays it is in.
pub(crate) type Target = (&'static str, usize);

/// The objects of a text.
pub(crate) struct Elements {
    window: Window,
    targets: &'static [Target],
    line: u64,
    place: Place,
}

/// Where in the text the window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Outside of everything.
    Top,
    /// Among the elements of an array whose elements are rows, within so many objects and arrays.
    Among { depth: usize },
    /// In an object, behind such an array, so deep.
    Behind { depth: usize },
}

/// What comes next in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    /// The line on which it begins.
    pub(crate) line: u64,
    /// How long it is.
    pub(crate) bytes: usize,
    pub(crate) kind: ElementKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ElementKind {
    /// An object from its first bracket to its last.
    Object,
    /// The beginning of an object that does not end, or is too large.
    Open,
    /// Something else in the place of an object.
    Stray,
}

impl Elements {
    pub(crate) fn new(window: Window, targets: &'static [Target]) -> Self {
        Self { window, targets, line: 1, place: Place::Top }
    }

    /// The bytes of an element that was just found.
    pub(crate) fn bytes(&self, element: Element) -> &[u8] {
        self.window.unread().get(..element.bytes).unwrap_or_default()
    }

    /// Goes on so many bytes further.
    pub(crate) fn take(&mut self, bytes: usize) {
        let taken = self.window.unread().get(..bytes).unwrap_or_default();
        self.line += memchr_iter(b'\n', taken).count() as u64;
        self.window.take(bytes);
    }

    /// Finds the next element. It stays where it is until it is [taken](Self::take).
    pub(crate) fn next(&mut self) -> Result<Option<Element>, ImportError> {
        loop {
            let Some(byte) = self.skip_space()? else { return Ok(None) };
            match (self.place, byte) {
                (Place::Behind { depth }, _) => self.pass_behind(depth)?,
                (Place::Top, b'[') => {
                    self.take(1);
                    self.place = Place::Among { depth: 1 };
                }
                (Place::Among { depth }, b']') => {
                    self.take(1);
                    self.place = if depth > 1 { Place::Behind { depth: depth - 1 } } else { Place::Top };
                }
                (Place::Top | Place::Among { .. }, b'{') => {
                    if let Some(element) = self.object()? {
                        return Ok(Some(element));
                    }
                }
                // What is left of an object that had a bracket too many.
                (Place::Top | Place::Among { .. }, b',' | b'}' | b']' | b':') => self.take(1),
                (Place::Top | Place::Among { .. }, _) => {
                    let unread = self.window.unread();
                    let bytes =
                        unread.iter().position(|byte| matches!(byte, b'{' | b'}' | b'[' | b']' | b'\n'));
                    let bytes = bytes.unwrap_or(unread.len()).max(1);
                    return Ok(Some(Element { line: self.line, bytes, kind: ElementKind::Stray }));
                }
            }
        }
    }

    /// Passes over white space, and says what comes then.
    fn skip_space(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let unread = self.window.unread();
            let space = unread.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = unread.get(space).copied();
            self.take(space);
            if next.is_some() || !self.window.fill()? {
                return Ok(next);
            }
        }
    }

    /// Finds the end of the object that begins here, or goes into an array of rows in it.
    fn object(&mut self) -> Result<Option<Element>, ImportError> {
        let targets = if self.place == Place::Top { self.targets } else { &[] };
        loop {
            let room = self.window.unread();
            let room = room.get(..ROW_BYTES_MAX).unwrap_or(room);
            match scan(room, 0, targets) {
                End::Closed { bytes } => {
                    return Ok(Some(Element { line: self.line, bytes, kind: ElementKind::Object }));
                }
                End::Rows { bytes, depth } => {
                    self.take(bytes);
                    self.place = Place::Among { depth };
                    return Ok(None);
                }
                End::Row { .. } | End::Open { .. } => {
                    let bytes = room.len();
                    if bytes == ROW_BYTES_MAX || !self.window.fill()? {
                        return Ok(Some(Element { line: self.line, bytes, kind: ElementKind::Open }));
                    }
                }
            }
        }
    }

    /// Passes over what stands behind an array of rows, until the objects around it end or another such array comes.
    fn pass_behind(&mut self, depth: usize) -> Result<(), ImportError> {
        loop {
            let unread = self.window.unread();
            let room = unread.get(..ROW_BYTES_MAX).unwrap_or(unread);
            match scan(room, depth, self.targets) {
                End::Closed { bytes } => {
                    self.take(bytes);
                    self.place = Place::Top;
                    return Ok(());
                }
                End::Rows { bytes, depth } => {
                    self.take(bytes);
                    self.place = Place::Among { depth };
                    return Ok(());
                }
                End::Row { bytes } => {
                    self.take(bytes);
                    self.place = Place::Among { depth: depth + 1 };
                    return Ok(());
                }
                End::Open { depth, .. } => {
                    let bytes = room.len();
                    if bytes == ROW_BYTES_MAX {
                        self.take(bytes);
                        self.place = Place::Behind { depth };
                        return Ok(());
                    }
                    if !self.window.fill()? {
                        self.take(bytes);
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// Where going through a text ended.
enum End {
    /// Behind the bracket that closes the outermost object.
    Closed { bytes: usize },
    /// Behind the bracket that opens an array of rows, so deep.
    Rows { bytes: usize, depth: usize },
    /// Before an object that stands where a key should: the array before it was closed too early.
    Row { bytes: usize },
    /// At the end of the text, or too deep in it.
    Open { bytes: usize, depth: usize },
}

/// How many objects and arrays may be in one another. The library takes fewer than 128.
const DEPTH_MAX: usize = 120;

/// Goes through a text that begins `depth` brackets deep.
///
/// A line break ends a string: JSON has none in strings, so there a quote is missing.
fn scan(text: &[u8], depth: usize, targets: &[Target]) -> End {
    let outermost = depth;
    let mut depth = depth;
    let mut at = 0;
    let mut key: &[u8] = &[];
    // The last string, and whether a colon made a key of it.
    let mut string: &[u8] = &[];
    let mut after_comma = false;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let Some(end) = string_end(text, at) else { break };
                string = text.get(at..end).unwrap_or_default();
                at = end + 1;
                after_comma = false;
            }
            b':' => key = string,
            b'{' if after_comma && outermost > 0 && depth == outermost => return End::Row { bytes: at - 1 },
            b'{' | b'[' => {
                depth += 1;
                let is_rows = *byte == b'['
                    && targets.iter().any(|(name, deep)| name.as_bytes() == key && *deep + 1 == depth);
                if is_rows {
                    return End::Rows { bytes: at, depth };
                }
                if depth > DEPTH_MAX {
                    return End::Open { bytes: at, depth };
                }
                key = &[];
                after_comma = false;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return End::Closed { bytes: at };
                }
                after_comma = false;
            }
            b',' => {
                key = &[];
                after_comma = true;
            }
            _ => {}
        }
    }
    End::Open { bytes: text.len(), depth }
}

/// The place of the quote or line break that ends a string.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = text.get(at..)?;
        let end = memchr2(b'"', b'\\', rest)?;
        if let Some(line) = memchr(b'\n', rest.get(..end)?) {
            return Some(at + line);
        }
        if rest.get(end) == Some(&b'"') {
            return Some(at + end);
        }
        // What a backslash is before is no end, unless it is the line's.
        at += end + if rest.get(end + 1) == Some(&b'\n') { 1 } else { 2 };
    }
}

/// How many bytes are looked at, in all tries together, before a stretch of text is given up.
const TRIED_BYTES_MAX: usize = 16 * ROW_BYTES_MAX;

/// Where, in an element that is none, the next one begins: at a bracket where a whole object stands that `is_row`.
///
/// Where in strings the brackets are is not asked, because a quote may be what is missing. So each is tried; a text that
/// makes many long tries is given up as a whole, and the time for a file stays in proportion to its length.
pub(crate) fn resume(text: &[u8], is_row: impl Fn(&[u8]) -> bool) -> usize {
    let mut tried = 0;
    for start in memchr_iter(b'{', text).filter(|start| *start > 0) {
        let rest = text.get(start..).unwrap_or_default();
        tried += match scan(rest, 0, &[]) {
            End::Closed { bytes } if rest.get(..bytes).is_some_and(&is_row) => return start,
            End::Closed { bytes } | End::Open { bytes, .. } => bytes,
            End::Rows { .. } | End::Row { .. } => 0,
        };
        if tried > TRIED_BYTES_MAX {
            break;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
