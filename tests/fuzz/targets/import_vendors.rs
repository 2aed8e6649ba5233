//! Files of Withings and Fitbit, and archives: no bytes panic, counts add up, and what is read is written and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz import_vendors -- -max_total_time=60
//!
//! Good seeds: the files of Withings and Fitbit in `crates/reweigh-import/tests/fixtures`.

#![no_main]

mod import;

use libfuzzer_sys::fuzz_target;
use reweigh_import::Format;

fuzz_target!(|input: (bool, &[u8])| {
    let (comma, bytes) = input;
    import::check(bytes, Format::Withings, comma);
    import::check(bytes, Format::Fitbit, comma);
    import::check(bytes, Format::Auto, comma);
    import::check(&[b"PK\x03\x04", bytes].concat(), Format::Auto, comma);
    import::check(&[&[0x1f, 0x8b, 8][..], bytes].concat(), Format::Auto, comma);
    import::check(&[&[0x28, 0xb5, 0x2f, 0xfd][..], bytes].concat(), Format::Auto, comma);
});
