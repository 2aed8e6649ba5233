//! A window that moves over an input: what has been read and not yet used.

use std::fmt;
use std::io::{self, ErrorKind, Read};

use memchr::memchr;

/// A buffer of a fixed size that moves over an input of any length.
pub(crate) struct Window {
    input: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
}

impl Window {
    /// How much is asked of the input at once, and the room beside the longest row.
    const BLOCK_BYTES: usize = 256 * 1024;

    /// A window that can hold `bytes_max` bytes that are not yet used.
    pub(crate) fn new(input: Box<dyn Read + Send>, bytes_max: usize) -> Self {
        let buffer = vec![0; bytes_max + Self::BLOCK_BYTES];
        Self { input, buffer, start: 0, end: 0, ended: false }
    }

    /// What has been read and not yet used.
    pub(crate) fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether the input has nothing more to read.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Marks the first bytes as used.
    pub(crate) fn take(&mut self, bytes: usize) {
        self.start = self.end.min(self.start + bytes);
    }

    /// Reads more behind what is there; says whether anything came.
    ///
    /// Nothing comes at the end of the input, and when the window is full.
    pub(crate) fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            if room.is_empty() || self.ended {
                return Ok(false);
            }
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.end += count.min(room.len());
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next line, without what ends it, cut to `bytes_max` bytes; nothing at the end of the input.
    pub(crate) fn line(&mut self, bytes_max: usize) -> io::Result<Option<Line>> {
        let mut looked_at = 0;
        loop {
            let unread = self.unread();
            let rest = unread.get(looked_at..).unwrap_or_default();
            if let Some(end) = memchr(b'\n', rest) {
                let bytes = looked_at + end;
                let is_cut = bytes > bytes_max;
                return Ok(Some(Line { bytes: bytes.min(bytes_max), is_cut }));
            }
            looked_at = unread.len();
            if looked_at > bytes_max {
                return Ok(Some(Line { bytes: bytes_max, is_cut: true }));
            }
            if !self.fill()? {
                let bytes = self.unread().len();
                return Ok((bytes > 0).then_some(Line { bytes, is_cut: false }));
            }
        }
    }

    /// Marks a line as used, however much of it was cut off.
    pub(crate) fn take_line(&mut self, line: Line) -> io::Result<()> {
        self.take(line.bytes);
        loop {
            let unread = self.unread();
            if let Some(end) = memchr(b'\n', unread) {
                self.take(end + 1);
                return Ok(());
            }
            let bytes = unread.len();
            self.take(bytes);
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    /// Reads until `bytes` are there, or the input ends.
    pub(crate) fn fill_to(&mut self, bytes: usize) -> io::Result<()> {
        while self.unread().len() < bytes && self.fill()? {}
        Ok(())
    }
}

/// A line at the beginning of what is unread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) bytes: usize,
    pub(crate) is_cut: bool,
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unread = self.end - self.start;
        f.debug_struct("Window").field("unread", &unread).field("ended", &self.ended).finish_non_exhaustive()
    }
}
