//! Values for the property tests of every module.

use proptest::prelude::*;
use proptest::sample::select;

use crate::action::Action;
use crate::fact::Fact;
use crate::height::Height;
use crate::id::{GivenId, MadeId, ReadingId};
use crate::instant::Instant;
use crate::measure::Measure;
use crate::name::{Source, UserId};
use crate::reset_reason::ResetReason;
use crate::revision::Revision;
use crate::unit::Unit;

/// Any instant, the bounds and the neighbourhood of 1970 more often than others.
pub(crate) fn instant() -> impl Strategy<Value = Instant> {
    let any = Instant::MIN.unix_micros()..=Instant::MAX.unix_micros();
    prop_oneof![
        8 => any.prop_map(|micros| Instant::from_unix_micros(micros).unwrap()),
        2 => (-3_000_000_i64..3_000_000).prop_map(|micros| Instant::from_unix_micros(micros).unwrap()),
        2 => (-2_000_000_000_i64..7_000_000_000).prop_map(|s| Instant::from_unix_seconds(s).unwrap()),
        1 => select(vec![Instant::MIN, Instant::MAX, Instant::UNIX_EPOCH]),
    ]
}

pub(crate) fn unit() -> impl Strategy<Value = Unit> {
    select(Unit::ALL.to_vec())
}

/// Any measure that can be: every order of magnitude, and people's weights more often than others.
pub(crate) fn measure() -> impl Strategy<Value = Measure> {
    let value = prop_oneof![
        3 => 1.0..400.0_f64,
        2 => (10_u32..4_000).prop_map(|tenths| f64::from(tenths) / 10.0),
        1 => proptest::num::f64::POSITIVE,
        1 => proptest::num::f64::SUBNORMAL.prop_map(f64::abs),
    ];
    (value, unit()).prop_filter_map("not a mass", |(value, unit)| Measure::new(value, unit).ok())
}

pub(crate) fn height() -> impl Strategy<Value = Height> {
    (Height::METRES_MIN..=Height::METRES_MAX).prop_map(|metres| Height::new(metres).unwrap())
}

/// Texts without control characters, of one to four characters, few enough to meet again.
fn short() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ab]{1,2}", 1 => "[^\\p{Cc}\\s]{1,4}"]
}

pub(crate) fn user() -> impl Strategy<Value = UserId> {
    short().prop_map(|text| UserId::new(&text).unwrap())
}

pub(crate) fn source() -> impl Strategy<Value = Source> {
    short().prop_map(|text| Source::new(&text).unwrap())
}

pub(crate) fn id() -> impl Strategy<Value = ReadingId> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(|bytes| MadeId::from_bytes(bytes).into()),
        short().prop_map(|text| GivenId::new(&text).unwrap().into()),
    ]
}

pub(crate) fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        measure().prop_map(Action::Add),
        measure().prop_map(Action::Amend),
        Just(Action::Retract),
        short().prop_map(|text| Action::Reset { reason: ResetReason::new(&text).unwrap() }),
        height().prop_map(Action::Height),
    ]
}

pub(crate) fn fact() -> impl Strategy<Value = Fact> {
    let which = (user(), id(), (0..3_u32).prop_map(Revision::new));
    (which, instant(), source(), action()).prop_map(|((user, id, revision), at, source, action)| {
        Fact::new(user, id, revision, at, source, action)
    })
}

/// Tellings of one revision of one id, few enough in kind to be equal at times.
pub(crate) fn tellings() -> impl Strategy<Value = Vec<Fact>> {
    let at = prop_oneof![(0..2_i64).prop_map(|s| Instant::from_unix_seconds(s).unwrap()), instant()];
    let measure = prop_oneof![
        (80..82_u32, unit()).prop_map(|(value, unit)| Measure::new(f64::from(value), unit).unwrap()),
        measure(),
    ];
    let action = prop_oneof![
        3 => measure.clone().prop_map(Action::Add),
        3 => measure.prop_map(Action::Amend),
        2 => action(),
    ];
    let said = proptest::collection::vec((at, source(), action), 1..8);
    (user(), id(), said).prop_map(|(user, id, said)| {
        let tell =
            |(at, source, action)| Fact::new(user.clone(), id.clone(), Revision::FIRST, at, source, action);
        said.into_iter().map(tell).collect()
    })
}

/// Any text: characters that numbers, dates and units are made of, and everything else.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[-+0-9.,:/TZtz apmkglbst'\"\\[\\]e%]{0,40}",
        1 => "\\PC{0,40}",
        1 => any::<String>(),
    ]
}
