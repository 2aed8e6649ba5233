use proptest::prelude::*;

use super::*;
use crate::strategies;
use crate::unit::Unit;

fn made(user: &str, source: &str, micros: i64, value: f64, unit: Unit) -> String {
    let (user, source) = (UserId::new(user).unwrap(), Source::new(source).unwrap());
    let at = Instant::from_unix_micros(micros).unwrap();
    MadeId::of_reading(&user, &source, at, Measure::new(value, unit).unwrap()).to_string()
}

/// Golden for ever: these ids are in files. They were computed by another implementation of the hash (the C library)
/// from the layout that [`MadeId`] documents.
#[test]
fn made_ids_are_golden() {
    let at = 1_706_685_300_000_000;
    assert_eq!(made("anna", "scale", at, 80.5, Unit::Kilogram), "made-1513da92fba7cfd6aff0dd083a0ad316");
    assert_eq!(made("anna", "unknown", at + 1, 176.4, Unit::Pound), "made-291520592dd50eb60b11e671f49f1637");
    let min = Instant::MIN.unix_micros();
    assert_eq!(made("../../escaped", "ünï", min, 12.5, Unit::Stone), "made-2f3857c667b4506cf590de21dbf2962e");
    let (user, source, max) = ("u".repeat(128), "s".repeat(64), Instant::MAX.unix_micros());
    assert_eq!(made(&user, &source, max, 80_500.0, Unit::Gram), "made-4bec00eafb1cdc2034f6a89d677db6cc");

    let (user, source) = (UserId::new("anna").unwrap(), Source::new("scale").unwrap());
    let at = Instant::from_unix_micros(at).unwrap();
    let height = MadeId::of_height(&user, &source, at, Height::new(1.8).unwrap());
    assert_eq!(height.to_string(), "made-643432f9b3f6e44691860350155a30d2");
    let reset = MadeId::of_reset(&user, &source, at, &ResetReason::new("new scale").unwrap());
    assert_eq!(reset.to_string(), "made-485af009716b2b57cc50706f1bd486f5");
}

#[test]
fn a_made_id_names_every_part_and_only_the_parts() {
    let at = 1_706_685_300_000_000;
    let base = made("anna", "scale", at, 80.5, Unit::Kilogram);
    assert_eq!(base, made(" anna ", "scale\n", at, 80.5, Unit::Kilogram));
    for other in [
        made("annas", "cale", at, 80.5, Unit::Kilogram),
        made("anna", "scale2", at, 80.5, Unit::Kilogram),
        made("anna", "scale", at + 1, 80.5, Unit::Kilogram),
        made("anna", "scale", at, 80.5_f64.next_up(), Unit::Kilogram),
        made("anna", "scale", at, 80.5, Unit::Pound),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn text_in_the_form_of_a_made_id_is_one() {
    let text = "made-0123456789abcdef0123456789abcdef";
    let id: ReadingId = text.parse().unwrap();
    assert!(matches!(id, ReadingId::Made(_)));
    assert_eq!(id.to_string(), text);
    assert_eq!(GivenId::new(text).unwrap_err().code(), "id_looks_made");
    assert!(postcard::from_bytes::<GivenId>(&postcard::to_allocvec(text).unwrap()).is_err());
    for given in [
        "made-",
        "made-0123456789ABCDEF0123456789ABCDEF",
        "made-0123456789abcdef0123456789abcde",
        "made-0123456789abcdef0123456789abcdef0",
        "made-+123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "Made-0123456789abcdef0123456789abcdef",
    ] {
        let id: ReadingId = given.parse().unwrap();
        assert_eq!(id, ReadingId::Given(GivenId::new(given).unwrap()));
        assert_eq!(id.to_string(), given);
    }
}

#[test]
fn what_is_no_id_is_refused() {
    for (text, code) in [("", "id_missing"), (" \n", "id_missing"), ("a\0", "id_control_character")] {
        assert_eq!(text.parse::<ReadingId>().unwrap_err().code(), code);
    }
    assert_eq!("x".repeat(129).parse::<ReadingId>().unwrap_err().code(), "id_too_long");
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(id in strategies::id()) {
        prop_assert_eq!(id.to_string().parse(), Ok(id.clone()));
        prop_assert_eq!(postcard::from_bytes(&postcard::to_allocvec(&id).unwrap()), Ok(id));
    }

    #[test]
    fn no_text_panics_and_what_is_taken_shows_itself(text in strategies::text()) {
        if let Ok(id) = text.parse::<ReadingId>() {
            prop_assert_eq!(id.to_string(), text.trim_ascii());
        }
        if let Ok(user) = UserId::new(&text) {
            prop_assert_eq!(user.as_str(), text.trim_ascii());
        }
        let _ = (Source::new(&text), ResetReason::new(&text));
    }
}
