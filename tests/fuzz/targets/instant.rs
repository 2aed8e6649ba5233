//! Dates in text: no text panics, and what is read is shown and read back.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz instant -- -max_total_time=60
//!
//! The first byte picks zone and format. What stands before the first line break is tried as a pattern of its own.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use reweigh_reading::{Instant, InstantFormat, InstantReader, Zone};

static READERS: LazyLock<Vec<InstantReader>> = LazyLock::new(|| {
    let formats =
        ["standard", "day-first", "month-first", "unix-seconds", "unix-millis", "%d/%m/%y %H:%M:%S%.f %z"];
    let zones = ["UTC", "Europe/Berlin", "Pacific/Apia", "-03:30"];
    let all = zones.iter().flat_map(|zone| formats.iter().map(move |format| (zone, format)));
    all.map(|(zone, format)| InstantReader::new(zone.parse().unwrap(), format.parse().unwrap())).collect()
});

fuzz_target!(|input: (u8, &str)| {
    let (pick, text) = input;
    let reader = &READERS[usize::from(pick) % READERS.len()];
    if let Ok(read) = reader.read(text) {
        assert_eq!(read.at.to_string().parse::<Instant>(), Ok(read.at));
        assert_eq!(reader.read(text), Ok(read));
        assert!((Instant::MIN..=Instant::MAX).contains(&read.at));
    }
    if let Ok(at) = text.parse::<Instant>() {
        // What says its own offset means the same in every zone.
        for reader in READERS.iter().step_by(6) {
            assert_eq!(reader.read(text).map(|read| read.at), Ok(at));
        }
    }
    if let Ok(zone) = text.parse::<Zone>() {
        assert_eq!(zone.to_string().parse::<Zone>(), Ok(zone));
    }
    let (pattern, text) = text.split_once('\n').unwrap_or((text, "31/01/2024"));
    if let Ok(format) = pattern.parse::<InstantFormat>() {
        let _ = InstantReader::new(Zone::utc(), format).read(text);
    }
});
