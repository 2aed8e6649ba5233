use proptest::prelude::*;

use super::*;
use crate::action::Action;
use crate::height::Height;
use crate::measure::Measure;
use crate::name::{Source, UserId};
use crate::revision::Revision;
use crate::strategies;
use crate::unit::Unit;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn weighing(value: f64, unit: Unit) -> Fact {
    let measure = Measure::new(value, unit).unwrap();
    Fact::reading(UserId::new("anna").unwrap(), Instant::UNIX_EPOCH, Source::unknown(), measure)
}

fn dated(at: Instant, action: Action) -> Fact {
    Fact::new(
        UserId::new("anna").unwrap(),
        "7".parse().unwrap(),
        Revision::FIRST,
        at,
        Source::unknown(),
        action,
    )
}

fn code(fact: &Fact, received: Instant, limits: &Limits) -> Option<&'static str> {
    admit(fact.clone(), received, limits).err().map(|reject| reject.code())
}

#[test]
fn weights_are_bounded_in_kilograms_both_ends_included() {
    let check = |value, unit, expected| {
        assert_eq!(
            code(&weighing(value, unit), Instant::MAX, &Limits::default()),
            expected,
            "{value} {unit}"
        );
    };
    let refused = Some("weight_out_of_range");
    check(2.0, Unit::Kilogram, None);
    check(2.0_f64.next_down(), Unit::Kilogram, refused);
    check(700.0, Unit::Kilogram, None);
    check(700.0_f64.next_up(), Unit::Kilogram, refused);
    check(2_000.0, Unit::Gram, None);
    check(80.5, Unit::Gram, refused);
    check(1_543.0, Unit::Pound, None);
    check(1_544.0, Unit::Pound, refused);
    check(111.0, Unit::Stone, refused);
}

#[test]
fn an_amendment_is_bounded_like_a_reading_and_others_have_no_weight() {
    let check = |action, expected| {
        assert_eq!(code(&dated(Instant::UNIX_EPOCH, action), Instant::MAX, &Limits::default()), expected);
    };
    check(Action::Amend(Measure::new(1.0, Unit::Kilogram).unwrap()), Some("weight_out_of_range"));
    check(Action::Retract, None);
    check(Action::Height(Height::new(1.8).unwrap()), None);
}

/// Proves W16.
#[test]
fn a_fact_from_the_future_is_refused() {
    let received = instant("2024-01-31T07:15:00Z");
    let check = |at: &str, expected| {
        for action in [Action::Add(Measure::new(80.5, Unit::Kilogram).unwrap()), Action::Retract] {
            assert_eq!(code(&dated(instant(at), action), received, &Limits::default()), expected, "{at}");
        }
    };
    check("1900-01-01T00:00:00Z", None);
    check("2024-02-01T07:15:00Z", None);
    check("2024-02-01T07:15:00.000001Z", Some("instant_in_the_future"));
    check("2099-01-31T07:15:00Z", Some("instant_in_the_future"));
    let reject = admit(dated(instant("2099-01-31T07:15:00Z"), Action::Retract), received, &Limits::default());
    assert_eq!(
        reject.unwrap_err().to_string(),
        "date 2099-01-31T07:15:00Z is in the future; the latest that is taken is 2024-02-01T07:15:00Z"
    );
}

#[test]
fn a_skew_never_reaches_beyond_what_an_instant_can_be() {
    let limits = Limits::new(
        Limits::default().lightest(),
        Limits::default().heaviest(),
        Elapsed::from_micros(i64::MAX),
    );
    assert_eq!(code(&dated(Instant::MAX, Action::Retract), Instant::MIN, &limits.unwrap()), None);
}

#[test]
fn limits_that_let_nothing_in_are_refused() {
    let kilograms = |value| Kilograms::new(value).unwrap();
    let narrow = Limits::new(kilograms(80.0), kilograms(80.0), Elapsed::ZERO).unwrap();
    assert_eq!(code(&weighing(80.0, Unit::Kilogram), Instant::UNIX_EPOCH, &narrow), None);
    assert_eq!(
        Limits::new(kilograms(80.0), kilograms(79.0), Elapsed::ZERO),
        Err(LimitsError::Empty { lightest: kilograms(80.0), heaviest: kilograms(79.0) })
    );
    let skew = Elapsed::from_micros(-1);
    assert_eq!(Limits::new(kilograms(2.0), kilograms(79.0), skew), Err(LimitsError::NegativeSkew { skew }));
}

proptest! {
    #[test]
    fn a_fact_is_let_in_whole_or_refused_with_a_code(fact in strategies::fact(), received in strategies::instant()) {
        match admit(fact.clone(), received, &Limits::default()) {
            Ok(admitted) => prop_assert_eq!(admitted, fact),
            Err(reject) => prop_assert!(matches!(reject.code(), "weight_out_of_range" | "instant_in_the_future")),
        }
    }

    #[test]
    fn what_is_let_in_early_is_let_in_later(fact in strategies::fact(), received in strategies::instant()) {
        if admit(fact.clone(), received, &Limits::default()).is_ok() {
            prop_assert!(admit(fact, Instant::MAX, &Limits::default()).is_ok());
        }
    }
}
