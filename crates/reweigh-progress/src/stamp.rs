//! Instants as the file writes them.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use thiserror::Error;

const MICROSECONDS: i64 = 1_000_000;
/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z: four digits for the year, as RFC 3339 wants.
const EARLIEST: i64 = -62_167_219_200 * MICROSECONDS;
const LATEST: i64 = 253_402_300_799 * MICROSECONDS + 999_999;

/// An instant in UTC, to the microsecond, within the years 0000 to 9999.
///
/// There is no `now()`: time comes in through a [`TimeSource`](crate::TimeSource).
///
/// ```
/// use reweigh_progress::Stamp;
///
/// let stamp: Stamp = "2026-03-01T10:00:00.25+01:00".parse()?;
/// assert_eq!(stamp.to_string(), "2026-03-01T09:00:00.250000Z");
/// // The older form has no zone and is taken as UTC.
/// assert_eq!("2026-03-01 09:00:00".parse::<Stamp>()?.to_string(), "2026-03-01T09:00:00Z");
/// # Ok::<(), reweigh_progress::InvalidStamp>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

/// A text or number that is no instant of the years 0000 to 9999.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no instant: write it like 2026-03-01T10:00:00Z, in the years 0000 to 9999")]
pub struct InvalidStamp(String);

impl Stamp {
    /// Takes microseconds since 1970-01-01T00:00:00Z, negative before.
    ///
    /// # Errors
    /// When the instant lies outside the years 0000 to 9999.
    pub fn from_microseconds(microseconds: i64) -> Result<Self, InvalidStamp> {
        if (EARLIEST..=LATEST).contains(&microseconds) {
            Ok(Self(microseconds))
        } else {
            Err(InvalidStamp(format!("{microseconds} µs")))
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z, negative before.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// The whole second this instant lies in.
    pub(crate) fn whole_second(self) -> Self {
        Self(self.0 - self.fraction())
    }

    /// Microseconds since the last whole second, 0 to 999,999.
    pub(crate) fn fraction(self) -> i64 {
        self.0.rem_euclid(MICROSECONDS)
    }

    /// The same second with another fraction.
    pub(crate) fn with_fraction(self, microseconds: i64) -> Self {
        Self(self.whole_second().0 + microseconds.rem_euclid(MICROSECONDS))
    }

    /// Reads an instant from the front of `text`; returns it with what follows.
    pub(crate) fn take(text: &str) -> Option<(Self, &str)> {
        let (front, rest) = text.split_at_checked(stamp_length(text.as_bytes())?)?;
        Some((front.parse().ok()?, rest))
    }
}

/// The length of `YYYY-MM-DD[T ]HH:MM:SS[.f][Z|±HH:MM]` at the front; the digits' values are not looked at.
fn stamp_length(bytes: &[u8]) -> Option<usize> {
    let shape_of = |byte: &u8| match byte {
        b'0'..=b'9' => b'0',
        b't' | b' ' => b'T',
        b'z' => b'Z',
        b'+' => b'-',
        other => *other,
    };
    let fits = |from: usize, shape: &[u8]| {
        bytes
            .get(from..from + shape.len())
            .is_some_and(|found| found.iter().map(shape_of).eq(shape.iter().copied()))
    };
    if !fits(0, b"0000-00-00T00:00:00") {
        return None;
    }
    let mut length = 19;
    if fits(length, b".0") {
        length += 1 + bytes.iter().skip(length + 1).take_while(|byte| byte.is_ascii_digit()).count();
    }
    if fits(length, b"Z") {
        length += 1;
    } else if fits(length, b"-00:00") {
        length += 6;
    }
    Some(length)
}

impl FromStr for Stamp {
    type Err = InvalidStamp;

    /// Reads RFC 3339 with any offset, and `YYYY-MM-DD HH:MM:SS` without one, which is taken as UTC. What is
    /// finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Self, InvalidStamp> {
        let invalid = || InvalidStamp(text.chars().take(40).collect());
        if stamp_length(text.as_bytes()) != Some(text.len()) {
            return Err(invalid());
        }
        let instant = text
            .parse::<Timestamp>()
            .or_else(|_| text.parse::<DateTime>().and_then(|civil| TimeZone::UTC.to_timestamp(civil)))
            .map_err(|_| invalid())?;
        // Towards the past, also before 1970.
        let microseconds = instant.as_nanosecond().div_euclid(1_000);
        i64::try_from(microseconds).ok().and_then(|us| Self::from_microseconds(us).ok()).ok_or_else(invalid)
    }
}

impl fmt::Display for Stamp {
    /// RFC 3339 in UTC, with six digits of a second when it is not whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The range of a `Stamp` lies well within that of a `Timestamp`.
        let instant = Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        if self.fraction() == 0 { write!(f, "{instant:.0}") } else { write!(f, "{instant:.6}") }
    }
}

impl From<SystemTime> for Stamp {
    /// Takes the operating system's time, cut to the microsecond and to the years 0000 to 9999.
    fn from(time: SystemTime) -> Self {
        let (after, before) = (time.duration_since(UNIX_EPOCH), UNIX_EPOCH.duration_since(time));
        let microseconds = match (after, before) {
            (Ok(after), _) => i64::try_from(after.as_micros()).unwrap_or(LATEST),
            (Err(_), Ok(before)) => i64::try_from(before.as_micros()).map_or(EARLIEST, |us| -us),
            (Err(_), Err(_)) => 0,
        };
        Self(microseconds.clamp(EARLIEST, LATEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(text.parse::<Stamp>().map(|stamp| stamp.to_string()), Ok(expected.to_owned()), "{text}");
    }

    #[test]
    fn both_forms_are_read_and_one_is_written() {
        check("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z");
        check("2026-03-01 10:00:00", "2026-03-01T10:00:00Z");
        check("2026-03-01T10:00:00.5", "2026-03-01T10:00:00.500000Z");
        check("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.123456Z");
        check("2026-03-01t12:30:00+02:30", "2026-03-01T10:00:00Z");
        check("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z");
        check("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in
            ["", "now", "2026-03-01", "2026-13-01T00:00:00Z", "2026-03-01T10:00:00Z ", "2026-03-01T10:00"]
        {
            assert!(text.parse::<Stamp>().is_err(), "{text:?}");
        }
        assert!(Stamp::from_microseconds(EARLIEST - 1).is_err());
        assert!(Stamp::from_microseconds(LATEST + 1).is_err());
    }

    #[test]
    fn the_systems_time_is_cut_to_what_fits() {
        let at = |seconds: i64| {
            let distance = Duration::from_secs(seconds.unsigned_abs());
            let time = if seconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
            Stamp::from(time).microseconds()
        };
        assert_eq!((at(1), at(-1)), (1_000_000, -1_000_000));
        assert_eq!((at(i64::MAX / 4), at(-i64::MAX / 4)), (LATEST, EARLIEST));
    }

    #[test]
    fn an_instant_is_taken_off_the_front() {
        let (stamp, rest) = Stamp::take("2026-03-01T10:00:00.5Z: a note").unwrap();
        assert_eq!((stamp.to_string().as_str(), rest), ("2026-03-01T10:00:00.500000Z", ": a note"));
        assert_eq!(Stamp::take("2026-03-01 10:00:00: x").unwrap().1, ": x");
        assert!(Stamp::take("2026-99-01T10:00:00Z").is_none());
        assert!(Stamp::take("ü").is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_is_written_reads_back(microseconds in EARLIEST..=LATEST) {
            let stamp = Stamp::from_microseconds(microseconds).unwrap();
            prop_assert_eq!(stamp.to_string().parse::<Stamp>(), Ok(stamp));
            prop_assert_eq!(stamp.whole_second().with_fraction(stamp.fraction()), stamp);
        }
    }
}
