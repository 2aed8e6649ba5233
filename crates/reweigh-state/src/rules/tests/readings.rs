//! The rules of a run of readings.

use proptest::prelude::*;
use reweigh_reading::{Instant, OrderKey, ReadingId, Source};

use super::super::check_readings;
use super::{Rule, rules};
use crate::strategies::balanced;

/// The rules that are broken here.
pub(super) const BROKEN: [Rule; 4] =
    [Rule::BufferOrdered, Rule::BufferDuplicate, Rule::BufferBounds, Rule::BufferSize];

fn key(seconds: i64, source: &str, id: &str) -> OrderKey {
    let id: ReadingId = id.parse().unwrap();
    OrderKey::new(Instant::from_unix_seconds(seconds).unwrap(), Source::new(source).unwrap(), id)
}

fn said(readings: &[(OrderKey, f64)], size_max: usize) -> Vec<String> {
    check_readings(readings, size_max, &balanced()).iter().map(ToString::to_string).collect()
}

/// Each rule that is broken alone is found alone, with the value that broke it and the bound.
///
/// Proves D2, D5.
#[test]
fn each_rule_of_readings_is_found_alone() {
    let (a, b) = (key(1, "s", "a"), key(2, "s", "b"));
    assert_eq!(said(&[(a.clone(), 80.0), (b.clone(), 80.0)], 2), [""; 0]);
    assert_eq!(said(&[], 0), [""; 0]);
    assert_eq!(
        said(&[(b.clone(), 80.0), (a.clone(), 80.0)], 2),
        ["buffer.ordered: reading 1 at 1970-01-01T00:00:01Z after 1970-01-01T00:00:02Z, must be in order"]
    );
    assert_eq!(
        said(&[(a.clone(), 80.0), (a.clone(), 81.0)], 2),
        ["buffer.duplicate: readings 0 and 1 at 1970-01-01T00:00:01Z, must be different readings"]
    );
    assert_eq!(said(&[(a.clone(), 80.0), (b, 80.0)], 1), ["buffer.size: 2 readings, must be at most 1"]);
    assert_eq!(
        said(&[(a, 2.9)], 2),
        ["buffer.bounds: reading 0 at 1970-01-01T00:00:01Z: 2.9 kg, must be 3 to 500 kg"]
    );
}

/// The safety bounds are those of the policy and belong to what is safe; nothing else is.
///
/// Proves D2.
#[test]
fn readings_are_within_the_safety_bounds() {
    for (kg, fine) in [(3.0, true), (500.0, true), (3.0_f64.next_down(), false), (500.0_f64.next_up(), false)]
    {
        assert_eq!(said(&[(key(1, "s", "a"), kg)], 1).is_empty(), fine, "{kg}");
    }
    for kg in [f64::NAN, f64::INFINITY, -80.0, 0.0] {
        assert_eq!(said(&[(key(1, "s", "a"), kg)], 1).len(), 1, "{kg}");
    }
}

/// Readings of one instant are in the order of source and id, and are no duplicates.
///
/// Proves D2.
#[test]
fn one_instant_may_have_many_readings() {
    let keys = [key(1, "a", "x"), key(1, "a", "y"), key(1, "b", "a"), key(1, "b", "b")];
    let readings: Vec<_> = keys.into_iter().map(|key| (key, 80.0)).collect();
    assert_eq!(said(&readings, 4), [""; 0]);
    let swapped = [readings[2].clone(), readings[1].clone()];
    assert_eq!(said(&swapped, 4).len(), 1);
}

/// Everything that is wrong is found at once.
///
/// Proves D2, D5.
#[test]
fn all_that_is_wrong_with_readings_is_found() {
    let (early, late) = (key(1, "s", "a"), key(9, "s", "b"));
    let readings =
        [(late.clone(), f64::NAN), (early.clone(), 80.0), (early.clone(), 2.0), (late, 80.0), (early, 80.0)];
    let findings = check_readings(&readings, 4, &balanced());
    let wanted = [
        Rule::BufferSize,
        Rule::BufferBounds,
        Rule::BufferBounds,
        Rule::BufferOrdered,
        Rule::BufferOrdered,
        Rule::BufferDuplicate,
        Rule::BufferDuplicate,
        Rule::BufferDuplicate,
    ];
    assert_eq!(rules(&findings), wanted);
    let doubled = findings.iter().filter(|finding| finding.rule == Rule::BufferDuplicate);
    let said: Vec<&str> = doubled.map(|finding| finding.value.as_str()).collect();
    let wanted = [
        "readings 1 and 2 at 1970-01-01T00:00:01Z",
        "readings 2 and 4 at 1970-01-01T00:00:01Z",
        "readings 0 and 3 at 1970-01-01T00:00:09Z",
    ];
    assert_eq!(said, wanted);
}

proptest! {
    /// Sorted and without doubles any readings of people are fine; with any one of them moved they are not.
    ///
    /// Proves D2.
    #[test]
    fn only_sorted_readings_without_doubles_are_fine(
        keys in proptest::collection::btree_set((0..50_i64, "[ab]", "[ab]{1,2}"), 2..40),
        kg in 3.0..500.0_f64,
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let sorted: Vec<_> = keys.iter().map(|(at, source, id)| (key(*at, source, id), kg)).collect();
        prop_assert_eq!(said(&sorted, sorted.len()), Vec::<String>::new());
        let (from, to) = (from.index(sorted.len()), to.index(sorted.len()));
        prop_assume!(from != to);
        let mut moved = sorted.clone();
        let reading = moved.remove(from);
        moved.insert(to, reading);
        prop_assert!(!said(&moved, moved.len()).is_empty());
        let mut doubled = sorted.clone();
        doubled.insert(from, sorted[from].clone());
        let findings = check_readings(&doubled, doubled.len(), &balanced());
        prop_assert_eq!(rules(&findings), [Rule::BufferDuplicate]);
    }
}
