//! Observations of FHIR: no bytes panic, counts add up, and what is read is written and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz import_fhir -- -max_total_time=60
//!
//! Good seeds: the files of FHIR in `crates/reweigh-import/tests/fixtures`.

#![no_main]

mod import;

use libfuzzer_sys::fuzz_target;
use reweigh_import::Format;

fuzz_target!(|input: (bool, &[u8])| {
    let (comma, bytes) = input;
    import::check(bytes, Format::Fhir, comma);
    let bundle = br#"{"resourceType":"Bundle","entry":["#;
    import::check(&[bundle, bytes, b"]}"].concat(), Format::Auto, comma);
});
