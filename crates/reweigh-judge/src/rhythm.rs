//! How much of an evening it is.

use reweigh_reading::Instant;

const MICROS_PER_HOUR: f64 = 3_600_000_000.0;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// 0 in the morning, 1 in the evening: rising from 11 to 19 o'clock, falling from midnight to 3.
///
/// The clock on the wall is UTC and an offset in hours; zone rules play no part, because they change.
#[expect(clippy::cast_precision_loss, reason = "a day has fewer than 2^53 microseconds")]
pub(crate) fn evening(at: Instant, offset_hours: f64) -> f64 {
    let mut hour = at.unix_micros().rem_euclid(MICROS_PER_DAY) as f64 / MICROS_PER_HOUR + offset_hours;
    if hour < 0.0 {
        hour += 24.0;
    } else if hour >= 24.0 {
        hour -= 24.0;
    }
    if hour < 3.0 {
        1.0 - hour / 3.0
    } else if hour < 11.0 {
        0.0
    } else if hour < 19.0 {
        (hour - 11.0) / 8.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: f64) -> f64 {
        evening(text.parse().unwrap(), offset)
    }

    #[test]
    fn mornings_are_no_evening_and_evenings_are() {
        assert_eq!(at("2026-01-01T07:00:00Z", 0.0), 0.0);
        assert_eq!(at("2026-01-01T15:00:00Z", 0.0), 0.5);
        assert_eq!(at("2026-01-01T21:30:00Z", 0.0), 1.0);
        assert!((at("2026-01-01T01:30:00Z", 0.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_offset_turns_the_clock_and_wraps() {
        assert_eq!(at("2026-01-01T21:00:00Z", 10.0), 0.0);
        assert_eq!(at("2026-01-01T05:00:00Z", -8.0), 1.0);
        assert_eq!(at("1969-12-31T21:00:00Z", 0.0), 1.0);
    }
}
