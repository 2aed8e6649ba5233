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

/// An instant as date and time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: i64,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

/// The date and time of day of an instant in UTC.
///
/// Years begin in March here, so that the leap day is the last of its year; four centuries have 146,097 days.
pub(crate) fn civil(at: i64) -> Civil {
    let of_day = at.rem_euclid(DAY) / SECOND;
    let since = at.div_euclid(DAY) + 719_468;
    let (era, of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_since_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * months_since_march + 2) / 5 + 1;
    let month = if months_since_march < 10 { months_since_march + 3 } else { months_since_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    Civil { year, month, day, hour: of_day / 3_600, minute: of_day / 60 % 60, second: of_day % 60 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(day: i64, expected: (i64, i64, i64)) {
        let got = civil(day * DAY);
        assert_eq!((got.year, got.month, got.day), expected, "day {day}");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        check(0, (1970, 1, 1));
        check(-1, (1969, 12, 31));
        check(19_723, (2024, 1, 1));
        check(19_723 + 59, (2024, 2, 29));
        check(19_723 + 60, (2024, 3, 1));
        check(-25_567, (1900, 1, 1));
        check(-25_567 + 58, (1900, 2, 28));
        check(-25_567 + 59, (1900, 3, 1));
        check(84_006, (2200, 1, 1));
    }

    #[test]
    fn the_days_of_four_centuries_follow_each_other() {
        let mut last = civil(-25_568 * DAY);
        for day in -25_567..84_006 {
            let next = civil(day * DAY);
            let follows = if next.day > 1 {
                (next.year, next.month, next.day) == (last.year, last.month, last.day + 1)
            } else if next.month > 1 {
                (next.year, next.month) == (last.year, last.month + 1)
            } else {
                (next.year, last.month, last.day) == (last.year + 1, 12, 31)
            };
            assert!(follows, "{last:?} then {next:?}");
            last = next;
        }
    }

    #[test]
    fn times_of_day_are_whole_seconds() {
        let at = 19_723 * DAY + minutes(430.5) + 7 * SECOND;
        let got = civil(at);
        assert_eq!((got.hour, got.minute, got.second), (7, 10, 37));
        assert_eq!(days(1.000_001) % SECOND, 0);
        assert!((minute_of_day(at) - 430.616_666).abs() < 1e-3);
    }
}
