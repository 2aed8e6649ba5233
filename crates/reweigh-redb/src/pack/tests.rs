use proptest::prelude::*;
use reweigh_reading::Elapsed;

use super::*;

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn reading(name: &str, micros: i64, value: f64, unit: Unit) -> Fact {
    let at = Instant::from_unix_micros(micros).unwrap();
    Fact::reading(user(name), at, Source::new("scale").unwrap(), Measure::new(value, unit).unwrap())
}

fn packed(facts: &[Fact]) -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(facts.iter(), &mut bytes);
    let mut reader = Reader::new(&bytes);
    assert_eq!(unpack(&mut reader).unwrap(), facts);
    assert_eq!(reader.left(), 0);
    bytes
}

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![
        (0..2_000_000_i64)
            .prop_map(|minutes| Instant::UNIX_EPOCH.saturating_add(Elapsed::from_seconds(minutes * 60))),
        (Instant::MIN.unix_micros()..=Instant::MAX.unix_micros())
            .prop_map(|micros| Instant::from_unix_micros(micros).unwrap()),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let value = prop_oneof![
        (300_u32..2_000).prop_map(|tenths| f64::from(tenths) / 10.0),
        (1_u32..9_000_000).prop_map(|thousandths| f64::from(thousandths) / 1_000.0),
        1e-300..600.0_f64,
    ];
    let measure = (value, 1..=4_u8)
        .prop_filter_map("no mass", |(value, unit)| Measure::new(value, Unit::from_tag(unit)?).ok());
    prop_oneof![
        6 => measure.clone().prop_map(Action::Add),
        1 => measure.prop_map(Action::Amend),
        1 => Just(Action::Retract),
        1 => (0.3..3.0_f64).prop_map(|metres| Action::Height(Height::new(metres).unwrap())),
        1 => "[a-zé]{1,9}".prop_map(|reason| Action::Reset { reason: ResetReason::new(&reason).unwrap() }),
    ]
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let id = prop_oneof![
        3 => Just(None),
        1 => any::<[u8; 16]>().prop_map(|bytes| Some(MadeId::from_bytes(bytes).into())),
        1 => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
            .prop_map(|text| Some(text.parse::<ReadingId>().unwrap())),
        2 => "(msg-2026-)?[0-9é]{1,6}".prop_map(|text| Some(text.parse::<ReadingId>().unwrap())),
    ];
    let fact = ("[abé]{1,2}", "[xyz]{1,2}", instant(), action(), id, 0..3_u32);
    let fact = fact.prop_map(|(name, source, at, action, id, revision)| {
        let (user, source) = (user(&name), Source::new(&source).unwrap());
        let own = own_id(&user, &source, at, &action).map(ReadingId::Made);
        let id = id.or(own).unwrap_or_else(|| "r".parse().unwrap());
        Fact::new(user, id, Revision::new(revision), at, source, action)
    });
    proptest::collection::vec(fact, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_facts_come_back(facts in facts()) {
        packed(&facts);
    }

    #[test]
    fn any_facts_of_one_user_come_back(mut facts in facts()) {
        facts.retain(|fact| fact.user().as_str() == "a");
        let mut bytes = Vec::new();
        pack_one(facts.iter(), &mut bytes);
        prop_assert_eq!(unpack_one(&mut Reader::new(&bytes), &user("a")).unwrap(), facts);
    }

    /// Proves F6.
    #[test]
    fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), facts in facts(), at in any::<prop::sample::Index>()) {
        let _ = unpack(&mut Reader::new(&bytes));
        bytes.clear();
        pack(facts.iter(), &mut bytes);
        let at = at.index(bytes.len());
        bytes[at] ^= 0x41;
        let _ = unpack(&mut Reader::new(&bytes));
        bytes.truncate(at);
        let _ = unpack(&mut Reader::new(&bytes));
    }
}

#[test]
fn a_year_of_one_person_takes_few_bytes() {
    let day = 86_400_000_000_i64;
    let facts: Vec<Fact> = (0..64)
        .map(|n| {
            let minute = 60_000_000 * ((n * 37) % 90);
            let kg = 80.0 + f64::from(i32::try_from(n * 7 % 19).unwrap()) / 10.0;
            reading("ada", 1_700_000_000_000_000 + n * day + minute, kg, Unit::Kilogram)
        })
        .collect();
    let mut bytes = Vec::new();
    pack_one(facts.iter(), &mut bytes);
    assert!(bytes.len() < 64 * 6, "{} bytes", bytes.len());
}

#[test]
fn the_bytes_of_version_1() {
    let facts =
        [reading("ada", 60_000_000, 80.5, Unit::Kilogram), reading("ada", 120_000_000, 80.6, Unit::Pound)];
    let bytes = packed(&facts);
    let expected = [
        &[2, 1, 3][..],
        b"ada",
        &[1, 5],
        b"scale",
        &[0x80, 0x8e, 0xce, 0x1c],
        &[3, 0x80, 0x9c, 0x9c, 0x39, 3, 0xca, 0x0c],
        &[0x83, 2, 4],
    ];
    assert_eq!(bytes, expected.concat());
}
