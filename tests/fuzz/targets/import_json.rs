//! Flat JSON objects: no bytes panic, counts add up, and what is read is written and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz import_json -- -max_total_time=60
//!
//! Good seeds: lines that `FactsWriter` writes.

#![no_main]

mod import;

use libfuzzer_sys::fuzz_target;
use reweigh_import::Format;

fuzz_target!(|input: (bool, &[u8])| {
    let (comma, bytes) = input;
    import::check(bytes, Format::Jsonl, comma);
    let row = br#"{"user_id":"a","date":"2024-01-31","weight":80}"#;
    import::check(&[row, &b"\n"[..], bytes, b"\n", row].concat(), Format::Auto, comma);
    import::check(&[b"[", &row[..], b",", bytes, b",", row, b"]"].concat(), Format::Jsonl, comma);
});
