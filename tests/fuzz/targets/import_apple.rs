//! Exports of Apple Health: no bytes panic, counts add up, and what is read is written and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz import_apple -- -max_total_time=60
//!
//! Good seeds: `crates/reweigh-import/tests/fixtures/apple_export.xml`.

#![no_main]

mod import;

use libfuzzer_sys::fuzz_target;
use reweigh_import::Format;

fuzz_target!(|input: (bool, &[u8])| {
    let (comma, bytes) = input;
    import::check(bytes, Format::Apple, comma);
    let record = br#"<HealthData><Record type="HKQuantityTypeIdentifierBodyMass" "#;
    import::check(&[record, bytes, b"/></HealthData>"].concat(), Format::Auto, comma);
});
