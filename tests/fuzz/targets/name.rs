//! User ids, sources, reading ids and reasons: no text panics, and what is taken is the trimmed text itself.
//!
//!     cargo +nightly fuzz run --fuzz-dir tests/fuzz name -- -max_total_time=60

#![no_main]

use libfuzzer_sys::fuzz_target;
use reweigh_reading::{ReadingId, ResetReason, Source, UserId};

fn taken(shown: Option<String>, text: &str, max: usize) {
    if let Some(shown) = shown {
        assert_eq!(shown, text.trim_ascii());
        assert!((1..=max).contains(&shown.len()) && !shown.contains(char::is_control));
    }
}

fuzz_target!(|text: &str| {
    taken(UserId::new(text).ok().map(|user| user.to_string()), text, 128);
    taken(Source::new(text).ok().map(|source| source.to_string()), text, 64);
    taken(text.parse::<ReadingId>().ok().map(|id| id.to_string()), text, 128);
    taken(ResetReason::new(text).ok().map(|reason| reason.to_string()), text, 256);
});
