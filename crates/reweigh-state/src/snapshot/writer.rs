//! Putting bytes together.

use reweigh_reading::Instant;
use xxhash_rust::xxh3::xxh3_64;

pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(1280))
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn number(&mut self, number: f64) {
        self.bytes(&number.to_bits().to_le_bytes());
    }

    pub(super) fn half(&mut self, number: f32) {
        self.bytes(&number.to_bits().to_le_bytes());
    }

    pub(super) fn instant(&mut self, at: Instant) {
        self.bytes(&at.unix_micros().to_le_bytes());
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low seven bits are taken on purpose")]
    pub(super) fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte((number as u8) | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// An instant as a difference from another, either way: small where the two are near, smaller where
    /// they are whole seconds apart.
    pub(super) fn near(&mut self, at: Instant, to: Instant) {
        let micros = to.since(at).micros();
        let (distance, whole) = if micros % 1_000_000 == 0 { (micros / 1_000_000, 1) } else { (micros, 0) };
        let folded = (distance << 1 ^ distance >> 63).cast_unsigned();
        self.varint(folded << 1 | whole);
    }

    /// A count that is bounded far below 256.
    pub(super) fn count(&mut self, count: usize) {
        self.varint(count as u64);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let checksum = xxh3_64(&self.0);
        self.bytes(&checksum.to_le_bytes());
        self.0
    }
}
