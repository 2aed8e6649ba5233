use proptest::prelude::*;

use super::*;
use crate::height::Height;
use crate::instant::Instant;
use crate::measure::Measure;
use crate::name::{Source, UserId};
use crate::reset_reason::ResetReason;
use crate::revision::Revision;
use crate::strategies;
use crate::unit::Unit;

fn telling(at: i64, source: &str, action: Action) -> Fact {
    Fact::new(
        UserId::new("anna").unwrap(),
        "7".parse().unwrap(),
        Revision::FIRST,
        Instant::from_unix_micros(at).unwrap(),
        Source::new(source).unwrap(),
        action,
    )
}

fn kilograms(value: f64) -> Measure {
    Measure::new(value, Unit::Kilogram).unwrap()
}

fn reset(reason: &str) -> Action {
    Action::Reset { reason: ResetReason::new(reason).unwrap() }
}

/// Golden for ever: hashes of these bytes are in files, and they decide conflicts.
#[test]
fn payloads_are_golden() {
    let check = |action, expected: &[u8]| {
        assert_eq!(telling(1, "app", action).payload().as_bytes(), expected);
    };
    // 80.5 is 0x40542000_00000000, 1.8 is 0x3ffccccc_cccccccd.
    check(Action::Add(kilograms(80.5)), b"rwp\x01\x03\x80\0\0\0\0\0\0\x01app\0\x01\x40\x54\x20\0\0\0\0\0");
    let pounds = Measure::new(80.5, Unit::Pound).unwrap();
    check(Action::Amend(pounds), b"rwp\x01\x04\x80\0\0\0\0\0\0\x01app\0\x03\x40\x54\x20\0\0\0\0\0");
    check(Action::Retract, b"rwp\x01\x05\x80\0\0\0\0\0\0\x01app\0");
    check(reset("new scale"), b"rwp\x01\x02\x80\0\0\0\0\0\0\x01app\0new scale");
    let height = Action::Height(Height::new(1.8).unwrap());
    check(height, b"rwp\x01\x01\x80\0\0\0\0\0\0\x01app\0\x3f\xfc\xcc\xcc\xcc\xcc\xcc\xcd");
}

/// Every later one wins over every earlier one, from either side.
///
/// Proves I2.
#[test]
fn conflicts_are_golden() {
    let in_order_of_winning = [
        telling(9, "z", Action::Height(Height::new(3.0).unwrap())),
        telling(8, "z", reset("z")),
        telling(9, "a", reset("a")),
        telling(1, "z", Action::Add(kilograms(90.0))),
        telling(2, "a", Action::Add(kilograms(90.0))),
        telling(2, "ab", Action::Add(kilograms(80.0))),
        telling(2, "b", Action::Add(kilograms(80.0))),
        telling(2, "b", Action::Add(kilograms(80.5))),
        telling(2, "b", Action::Add(Measure::new(10.0, Unit::Stone).unwrap())),
        telling(1, "a", Action::Amend(kilograms(70.0))),
        telling(0, "a", Action::Retract),
        telling(1, "a", Action::Retract),
    ];
    for (i, a) in in_order_of_winning.iter().enumerate() {
        for (j, b) in in_order_of_winning.iter().enumerate() {
            let expected = match i.cmp(&j) {
                Ordering::Less => Meeting::SecondWins,
                Ordering::Equal => Meeting::Duplicate,
                Ordering::Greater => Meeting::FirstWins,
            };
            assert_eq!(a.meet(b), expected, "{a:?} {b:?}");
        }
    }
}

#[test]
fn only_tellings_of_one_revision_meet() {
    let fact = telling(1, "app", Action::Add(kilograms(80.5)));
    let like = |user: &str, id: &str, revision| {
        Fact::new(
            UserId::new(user).unwrap(),
            id.parse().unwrap(),
            Revision::new(revision),
            fact.at(),
            fact.source().clone(),
            fact.action().clone(),
        )
    };
    assert_eq!(fact.meet(&like("anna", "7", 0)), Meeting::Duplicate);
    for other in [like("bob", "7", 0), like("anna", "8", 0), like("anna", "7", 1)] {
        assert_eq!(fact.meet(&other), Meeting::Apart);
        // Who, what and which telling are not payload.
        assert_eq!(fact.payload(), other.payload());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The comparison without bytes is the comparison of the bytes.
    #[test]
    fn comparing_facts_is_comparing_payloads(tellings in strategies::tellings(), stranger in strategies::fact()) {
        for a in &tellings {
            for b in tellings.iter().chain([&stranger]) {
                prop_assert_eq!(a.compare_payload(b), a.payload().cmp(&b.payload()));
                let same = (a.at(), a.source(), a.action()) == (b.at(), b.source(), b.action());
                prop_assert_eq!(a.payload() == b.payload(), same);
            }
        }
    }

    /// Any number of tellings has one winner, whatever the order in which they meet.
    ///
    /// Proves I2.
    #[test]
    fn the_winner_does_not_depend_on_the_order(
        (tellings, shuffled) in strategies::tellings().prop_flat_map(|t| (Just(t.clone()), Just(t).prop_shuffle())),
    ) {
        let winner = |tellings: &[Fact]| {
            tellings.iter().cloned().reduce(|a, b| if a.meet(&b) == Meeting::SecondWins { b } else { a })
        };
        prop_assert_eq!(winner(&tellings), winner(&shuffled));
    }

    #[test]
    fn meeting_is_the_same_from_either_side(tellings in strategies::tellings()) {
        for a in &tellings {
            for b in &tellings {
                let mirrored = match a.meet(b) {
                    Meeting::FirstWins => Meeting::SecondWins,
                    Meeting::SecondWins => Meeting::FirstWins,
                    same @ (Meeting::Apart | Meeting::Duplicate) => same,
                };
                prop_assert_eq!(b.meet(a), mirrored);
            }
        }
    }
}
