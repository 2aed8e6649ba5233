//! Numbers and instants as people read them.

use reweigh_reading::{Instant, Measure};

/// A count with its thousands apart.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count and the word for what is counted.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", count(number)) }
}

/// A number of bytes in the unit that suits it.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (mut size, mut unit) = (bytes as f64, "B");
    for next in units {
        if size < 1000.0 {
            break;
        }
        (size, unit) = (size / 1000.0, next);
    }
    if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") }
}

/// A weight, to 100 g or to 10 g where that says more.
pub(crate) fn kg(value: f64) -> String {
    format!("{value:.1} kg")
}

/// A weight as it was written, without digits that no scale shows.
pub(crate) fn measure(measure: Measure) -> String {
    let text = format!("{:.2}", measure.value());
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {}", measure.unit().symbol())
}

/// An instant without what is finer than a second.
pub(crate) fn second(at: Instant) -> String {
    let text = at.to_string();
    match (text.find('.'), text.strip_suffix('Z')) {
        (Some(dot), Some(_)) => format!("{}Z", text.get(..dot).unwrap_or(&text)),
        _ => text,
    }
}

/// The day of an instant.
pub(crate) fn day(at: Instant) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// The trend in words.
pub(crate) fn trend(kg_per_week: f64) -> String {
    let size = kg_per_week.abs();
    if size < 0.05 {
        "steady".to_owned()
    } else if kg_per_week < 0.0 {
        format!("losing {size:.1} kg a week")
    } else {
        format!("gaining {size:.1} kg a week")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let said = [0, 7, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(said, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
        assert_eq!([counted(1, "user", "users"), counted(2, "user", "users")], ["1 user", "2 users"]);
    }

    #[test]
    fn bytes_have_the_unit_that_suits_them() {
        assert_eq!(
            [999, 1_000, 1_500_000, 2_340_000_000].map(bytes),
            ["999 B", "1.0 kB", "1.5 MB", "2.3 GB"]
        );
    }

    #[test]
    fn trends_and_instants_are_short() {
        assert_eq!(
            [-0.42, 0.01, 0.3].map(trend),
            ["losing 0.4 kg a week", "steady", "gaining 0.3 kg a week"]
        );
        let at: Instant = "2026-01-02T03:04:05.678Z".parse().unwrap();
        assert_eq!((second(at).as_str(), day(at).as_str()), ("2026-01-02T03:04:05Z", "2026-01-02"));
    }
}
