//! Memory has a bound, whatever a file holds and however long it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Cursor, Read};

use peak_alloc::PeakAlloc;
use reweigh_import::{Batch, Input, Reader, Settings};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How much of the same is read.
const BYTES: u64 = 1024 * 1024;

/// What a reader may need at once, batch included.
const BYTES_MAX: usize = 1024 * 1024;

/// The same text again and again.
struct Again {
    text: &'static [u8],
    at: usize,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.text.get(self.at).copied().unwrap_or_default();
            self.at = (self.at + 1) % self.text.len();
        }
        Ok(buffer.len())
    }
}

fn read(begin: &'static str, again: &'static str) -> (usize, u64) {
    let input = Cursor::new(begin).chain(Again { text: again.as_bytes(), at: 0 }.take(BYTES));
    let mut settings = Settings::new("2025-01-01T00:00:00Z".parse().unwrap());
    settings.user = Some("anna".parse().unwrap());
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let mut reader = Reader::open(Input::stream(input), &settings).unwrap();
    let mut batch = Batch::default();
    while reader.read_into(&mut batch, 1_000).unwrap() {}
    let rows = reader.tally().rows;
    (MEMORY.peak_usage().saturating_sub(before), rows)
}

/// Proves W23.
#[test]
fn no_file_needs_more_than_its_bound() {
    let table = "user_id,date,weight_kg\n";
    for (begin, again) in [
        (table, "a,2024-01-31,80\n"),
        (table, "x"),
        (table, "\""),
        (table, "\"\n"),
        (table, "a,\"\n"),
        (table, ","),
        (table, "\n"),
        ("{}\n{\"a\":\"", "x"),
        ("{}\n", "{\"a\":1,\"b\":2}\n"),
        ("[{\"a\":\"", "x"),
        ("[", "{"),
        ("[", "{\"a\":["),
        ("[", "}"),
        ("[", "[1,"),
        ("{\"resourceType\":\"Bundle\",\"link\":[", "{\"a\":1},"),
        ("{\"resourceType\":\"Bundle\",\"entry\":[", "{\"resource\":{}},"),
        ("{\"resourceType\":\"Bundle\",\"entry\":[],\"x\":\"", "x"),
        ("<HealthData>", "x"),
        ("<HealthData>", "<"),
        ("<HealthData>", "<Record type=\"HKQuantityTypeIdentifierBodyMass\" "),
        ("<HealthData><Record type=\"HKQuantityTypeIdentifierBodyMass", " x"),
    ] {
        let (bytes, rows) = read(begin, again);
        assert!(bytes < BYTES_MAX, "{begin:?} and {again:?}: {bytes} bytes at once for {rows} rows");
    }
}
