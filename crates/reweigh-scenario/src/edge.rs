//! Where the generator's plain numbers become the types of readings.
//!
//! Everything that comes here is legal by construction: recipes are checked, and records are clamped when they are
//! written. A value that is not is a defect of the generator, and the only thing it may panic for.
#![expect(
    clippy::expect_used,
    reason = "what comes here is legal by construction; tests and benches must not go on without it"
)]

use crate::written::Written;
use reweigh_reading::{Elapsed, GivenId, Height, Instant, Measure, ReadingId, ResetReason, Source, UserId};

pub(crate) fn instant(micros: i64) -> Instant {
    Instant::UNIX_EPOCH.saturating_add(Elapsed::from_micros(micros))
}

pub(crate) fn measure(written: Written) -> Measure {
    Measure::new(written.value, written.unit).expect("a record is above zero and below ten tons")
}

pub(crate) fn height(metres: f64) -> Height {
    Height::new(metres).expect("people are half a metre to 2.7 m tall")
}

pub(crate) fn user(seed: u64, life: u32) -> UserId {
    UserId::new(&format!("u{seed:03}-{life:05}")).expect("letters, digits and a dash")
}

pub(crate) fn source(name: &str) -> Source {
    Source::new(name).expect("names of sources are checked with their recipe")
}

pub(crate) fn given_id(number: u32) -> ReadingId {
    GivenId::new(&format!("r{number}")).expect("a letter and digits").into()
}

pub(crate) fn reason() -> ResetReason {
    ResetReason::new("new scale").expect("two words")
}
