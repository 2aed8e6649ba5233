//! The rules of a run of readings, as a page or a buffer holds them.

use reweigh_reading::OrderKey;

use super::{Finding, Findings, Rule};
use crate::policy::CheckedPolicy;

/// Holds a run of readings (key and kilograms) against its rules: order, doubles, bounds, size.
///
/// ```
/// use reweigh_reading::{Instant, OrderKey, ReadingId, Source};
/// use reweigh_state::{Profile, Rule, check_readings};
///
/// let policy = Profile::Balanced.policy().check().unwrap();
/// let key = |at: &str, id: &str| {
///     OrderKey::new(at.parse().unwrap(), Source::unknown(), id.parse().unwrap())
/// };
/// let late = (key("2026-01-02T07:00:00Z", "b"), 80.0);
/// let early = (key("2026-01-01T07:00:00Z", "a"), 8000.0);
/// let findings = check_readings(&[late, early], 100, &policy);
/// let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
/// assert_eq!(rules, [Rule::BufferBounds, Rule::BufferOrdered]);
/// ```
#[must_use]
pub fn check_readings(readings: &[(OrderKey, f64)], size_max: usize, policy: &CheckedPolicy) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    let safety = &policy.policy().safety;
    findings.unless(
        readings.len() <= size_max,
        Rule::BufferSize,
        format_args!("{} readings", readings.len()),
        format_args!("at most {size_max}"),
    );
    for (n, (key, kg)) in readings.iter().enumerate() {
        findings.unless(
            *kg >= safety.lightest_kg && *kg <= safety.heaviest_kg,
            Rule::BufferBounds,
            format_args!("reading {n} at {}: {kg} kg", key.at()),
            format_args!("{} to {} kg", safety.lightest_kg, safety.heaviest_kg),
        );
    }
    for (n, pair) in readings.windows(2).enumerate() {
        let [(before, _), (after, _)] = pair else { continue };
        findings.unless(
            before <= after,
            Rule::BufferOrdered,
            format_args!("reading {} at {} after {}", n + 1, after.at(), before.at()),
            "in order",
        );
    }
    // Readings that are out of order may be there twice without standing side by side.
    let mut sorted: Vec<_> = readings.iter().map(|(key, _)| key).enumerate().collect();
    sorted.sort_by_key(|(_, key)| *key);
    for pair in sorted.windows(2) {
        let [(first, before), (second, after)] = pair else { continue };
        findings.unless(
            before != after,
            Rule::BufferDuplicate,
            format_args!("readings {first} and {second} at {}", after.at()),
            "different readings",
        );
    }
    findings.0
}
