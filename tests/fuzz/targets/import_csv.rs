//! Tables: no bytes panic, counts add up, and what is read is written and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz import_csv -- -max_total_time=60
//!
//! Good seeds: the tables in `crates/reweigh-import/tests/fixtures`.

#![no_main]

mod import;

use libfuzzer_sys::fuzz_target;
use reweigh_import::Format;

fuzz_target!(|input: (bool, &[u8])| {
    let (comma, bytes) = input;
    import::check(bytes, Format::Csv, comma);
    // Behind a header, so that the bytes are rows.
    let header = b"user_id,at,source,id,revision,action,value,unit,reason,received_at\n";
    import::check(&[header, bytes].concat(), Format::Csv, comma);
    import::check(&[&b"Date;Weight (lb)\n"[..], bytes].concat(), Format::Auto, comma);
});
