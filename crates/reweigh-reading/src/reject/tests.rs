use super::*;
use crate::{
    ActionKind, DecimalMark, Fact, GivenId, Height, InstantReader, Limits, MeasureReader, ReadingId,
    ResetReason, Revision, Source, Unit, UnitAliases, UserId, Zone, admit,
};

fn text<T>(result: Result<T, TextError>) -> Reject {
    result.err().unwrap().into()
}

fn instant(text: &str) -> Reject {
    InstantReader::new(Zone::utc(), "day-first".parse().unwrap()).read(text).unwrap_err().into()
}

fn weight(text: &str, unit: Option<Unit>) -> Reject {
    MeasureReader::default().read(text, unit).unwrap_err().into()
}

fn height(text: &str, unit: Option<&str>) -> Reject {
    Height::read(text, unit, DecimalMark::Point).unwrap_err().into()
}

/// Every code there is, with the words of today. Codes are for ever: they stand in rejects, and scripts know them.
///
/// Proves H4, W12, W16, W18, W25.
#[test]
fn codes_are_golden() {
    let kg = Some(Unit::Kilogram);
    let none = UnitAliases::none();
    let reading = |kilograms| {
        let measure = MeasureReader::default().read(kilograms, kg).unwrap();
        Fact::reading(UserId::new("anna").unwrap(), Instant::MAX, Source::unknown(), measure)
    };
    let edge = |fact| admit(fact, Instant::UNIX_EPOCH, &Limits::default()).unwrap_err();
    let long = "x".repeat(300);
    let all: Vec<Reject> = vec![
        text(UserId::new("")),
        text(UserId::new(&long)),
        text(UserId::new("a\0b")),
        text(Source::new(" ")),
        text(Source::new(&long)),
        text(Source::new("a\nb")),
        text("".parse::<ReadingId>()),
        text(long.parse::<ReadingId>()),
        text("a\u{1b}b".parse::<ReadingId>()),
        text(GivenId::new("made-0123456789abcdef0123456789abcdef")),
        text(ResetReason::new("")),
        text(ResetReason::new(&long)),
        text(ResetReason::new("a\u{85}b")),
        instant(""),
        instant("yesterday"),
        InstantReader::without_zone().read("03/04/2024").unwrap_err().into(),
        instant("03/04/24"),
        instant("2024-02-30"),
        instant("20240131"),
        InstantReader::without_zone().read("2024-01-31").unwrap_err().into(),
        instant("2300-01-01"),
        weight("", kg),
        weight("1,234.5", kg),
        weight("NaN", kg),
        weight("-80.5", kg),
        weight("80500", kg),
        weight("80.5", None),
        weight("80.5 oz", None),
        Unit::parse("[lb_ap]", &none).unwrap_err().into(),
        weight("80.5 lb", kg),
        weight("12st 15lb", None),
        height("", None),
        height("tall", None),
        height("inf", None),
        height("180", Some("m")),
        height("180", None),
        height("180", Some("ell")),
        height("180 cm", Some("m")),
        height("5'13\"", None),
        "-1".parse::<Revision>().unwrap_err().into(),
        "delete".parse::<ActionKind>().unwrap_err().into(),
        edge(reading("701")),
        edge(reading("80.5")),
    ];
    let shown: Vec<_> = all.iter().map(|reject| format!("{}: {reject}", reject.code())).collect();
    assert_eq!(shown, GOLDEN.lines().collect::<Vec<_>>());
    let mut codes: Vec<_> = all.iter().map(Reject::code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
}

const GOLDEN: &str = include_str!("golden.txt");
