//! Bytes that claim to be facts or order keys: none panics, and what is decoded is encoded to a fact that is equal.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz fact -- -max_total_time=60

#![no_main]

use libfuzzer_sys::fuzz_target;
use reweigh_reading::{Fact, Instant, Limits, Meeting, OrderKey, admit};

fuzz_target!(|bytes: &[u8]| {
    if let Some(key) = OrderKey::from_sortable(bytes) {
        let mut again = Vec::new();
        key.write_sortable(&mut again);
        assert_eq!(again, bytes);
    }
    let Ok((fact, rest)) = postcard::take_from_bytes::<Fact>(bytes) else { return };
    let again: Fact = postcard::from_bytes(&postcard::to_allocvec(&fact).unwrap()).unwrap();
    assert_eq!(again.payload(), fact.payload());
    assert_eq!(fact.meet(&again), Meeting::Duplicate);
    if let Ok(other) = postcard::from_bytes::<Fact>(rest) {
        assert_eq!(fact.compare_payload(&other), fact.payload().cmp(&other.payload()));
    }
    let _ = admit(fact, Instant::UNIX_EPOCH, &Limits::default());
});
