//! Instants as whole seconds in microseconds since 1970-01-01 UTC, as the generator counts them.

/// A second, in microseconds.
pub(crate) const SECOND: i64 = 1_000_000;
/// A day, in microseconds.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// So many days in microseconds, cut to whole seconds, as files show them.
#[expect(
    clippy::cast_possible_truncation,
    reason = "recipes are bounded to centuries; the cast saturates beyond"
)]
pub(crate) fn days(days: f64) -> i64 {
    (days * 86_400.0) as i64 * SECOND
}

/// So many minutes in microseconds, cut to whole seconds.
pub(crate) fn minutes(minutes: f64) -> i64 {
    days(minutes / 1_440.0)
}

/// The minute of the day of an instant.
#[expect(clippy::cast_precision_loss, reason = "a day has fewer microseconds than the mantissa has values")]
pub(crate) fn minute_of_day(at: i64) -> f64 {
    at.rem_euclid(DAY) as f64 / (60 * SECOND) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_whole_seconds() {
        let at = 19_723 * DAY + minutes(430.5) + 7 * SECOND;
        assert_eq!(days(1.000_001) % SECOND, 0);
        assert!((minute_of_day(at) - 430.616_666).abs() < 1e-3);
    }
}
