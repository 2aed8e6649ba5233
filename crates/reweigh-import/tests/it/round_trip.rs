//! Facts that are written are read back as they were.

use std::io::Cursor;

use proptest::prelude::*;
use proptest::sample::select;
use reweigh_import::{FactsFormat, FactsWriter, Input, Reader, Settings};
use reweigh_reading::{
    Action, Elapsed, Fact, GivenId, Height, Instant, Kilograms, Limits, MadeId, Measure, ReadingId,
    ResetReason, Revision, Source, Unit, UserId,
};

/// Texts that a table or JSON could trip over, and any others.
fn text() -> impl Strategy<Value = String> {
    let hostile = select(vec![
        "\"", "a\"b", "\"a\"", "a,b", ";", "\\", "\\n", "'", "#", "sep=;", "user_id", "\u{feff}", "\u{a0}x",
        "a  b", "null", "made-", "=1+1", "ünï", "🦀", "{}", "[",
    ]);
    prop_oneof![
        2 => hostile.prop_map(str::to_owned),
        2 => "[a-z0-9]{1,8}",
        1 => "[^\\p{Cc}\\s][^\\p{Cc}]{0,10}[^\\p{Cc}\\s]",
    ]
}

fn instant() -> impl Strategy<Value = Instant> {
    let any = Instant::MIN.unix_micros()..=Instant::MAX.unix_micros();
    prop_oneof![
        any.prop_map(|micros| Instant::from_unix_micros(micros).unwrap()),
        (0..2_000_000_000_i64).prop_map(|seconds| Instant::from_unix_seconds(seconds).unwrap()),
        select(vec![Instant::MIN, Instant::MAX, Instant::UNIX_EPOCH]),
    ]
}

fn measure() -> impl Strategy<Value = Measure> {
    let value = prop_oneof![
        (10_u32..4_000).prop_map(|tenths| f64::from(tenths) / 10.0),
        1.0..400.0_f64,
        proptest::num::f64::POSITIVE,
        proptest::num::f64::SUBNORMAL.prop_map(f64::abs),
    ];
    (value, select(Unit::ALL.to_vec()))
        .prop_filter_map("no mass", |(value, unit)| Measure::new(value, unit).ok())
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => measure().prop_map(Action::Add),
        1 => measure().prop_map(Action::Amend),
        1 => Just(Action::Retract),
        1 => text().prop_map(|text| Action::Reset { reason: ResetReason::new(&text).unwrap() }),
        1 => (0.3..=3.0_f64).prop_map(|metres| Action::Height(Height::new(metres).unwrap())),
    ]
}

fn id() -> impl Strategy<Value = ReadingId> {
    prop_oneof![
        any::<[u8; 16]>().prop_map(|bytes| MadeId::from_bytes(bytes).into()),
        text().prop_map(|text| GivenId::new(&text).unwrap().into()),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    (text(), id(), any::<u32>(), instant(), text(), action()).prop_map(
        |(user, id, revision, at, source, action)| {
            let user = UserId::new(&user).unwrap();
            Fact::new(user, id, Revision::new(revision), at, Source::new(&source).unwrap(), action)
        },
    )
}

/// Settings that let in whatever can be held.
fn everything() -> Settings {
    let mut settings = Settings::new(Instant::MAX);
    let lightest = Kilograms::new(f64::from_bits(1)).unwrap();
    settings.limits = Limits::new(lightest, Kilograms::MAX, Elapsed::ZERO).unwrap();
    settings
}

fn written(facts: &[Fact], format: FactsFormat) -> Vec<u8> {
    let mut writer = FactsWriter::new(Vec::new(), format).unwrap();
    for fact in facts {
        writer.write(fact).unwrap();
    }
    writer.finish().unwrap()
}

fn read(file: Vec<u8>) -> Vec<Fact> {
    let mut reader = Reader::open(Input::stream(Cursor::new(file)), &everything()).unwrap();
    let mut facts = Vec::new();
    while let Some(batch) = reader.next_batch(3).unwrap() {
        assert_eq!(batch.rejects, []);
        facts.extend(batch.facts);
    }
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Proves F8, I3.
    #[test]
    fn facts_written_as_a_table_are_read_back(facts in proptest::collection::vec(fact(), 1..8)) {
        prop_assert_eq!(read(written(&facts, FactsFormat::Csv)), facts);
    }

    /// Proves F8, I3.
    #[test]
    fn facts_written_as_lines_are_read_back(facts in proptest::collection::vec(fact(), 1..8)) {
        prop_assert_eq!(read(written(&facts, FactsFormat::Jsonl)), facts);
    }
}

#[test]
fn the_written_form_is_stable() {
    let at: Instant = "2024-01-31T07:15:00.000001Z".parse().unwrap();
    let fact = |action| {
        let (user, source) = (UserId::new("anna").unwrap(), Source::new("scale").unwrap());
        Fact::new(user, "m1".parse().unwrap(), Revision::new(1), at, source, action)
    };
    let facts = [
        fact(Action::Amend(Measure::new(176.4, Unit::Pound).unwrap())),
        fact(Action::Retract),
        fact(Action::Reset { reason: ResetReason::new("new scale, \"better\"").unwrap() }),
        fact(Action::Height(Height::new(1.8).unwrap())),
    ];
    let table = String::from_utf8(written(&facts, FactsFormat::Csv)).unwrap();
    insta::assert_snapshot!(table, @r#"
    user_id,at,source,id,revision,action,value,unit,reason
    anna,2024-01-31T07:15:00.000001Z,scale,m1,1,amend,176.4,lb,
    anna,2024-01-31T07:15:00.000001Z,scale,m1,1,retract,,,
    anna,2024-01-31T07:15:00.000001Z,scale,m1,1,reset,,,"new scale, ""better"""
    anna,2024-01-31T07:15:00.000001Z,scale,m1,1,height,1.8,m,
    "#);
    let lines = String::from_utf8(written(&facts, FactsFormat::Jsonl)).unwrap();
    insta::assert_snapshot!(lines, @r#"
    {"user_id":"anna","at":"2024-01-31T07:15:00.000001Z","source":"scale","id":"m1","revision":1,"action":"amend","value":176.4,"unit":"lb"}
    {"user_id":"anna","at":"2024-01-31T07:15:00.000001Z","source":"scale","id":"m1","revision":1,"action":"retract"}
    {"user_id":"anna","at":"2024-01-31T07:15:00.000001Z","source":"scale","id":"m1","revision":1,"action":"reset","reason":"new scale, \"better\""}
    {"user_id":"anna","at":"2024-01-31T07:15:00.000001Z","source":"scale","id":"m1","revision":1,"action":"height","value":1.8,"unit":"m"}
    "#);
}
