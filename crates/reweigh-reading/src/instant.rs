//! Points in time and the distances between them.

use std::fmt;
use std::str::FromStr;

use jiff::fmt::StdFmtWrite;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Serialize};

use crate::instant_reader::{InstantError, InstantReader};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A point in time: whole microseconds of UTC, from 1900-01-01 to 2200-01-01, both included.
///
/// There is no `now()`: time is an input, and comes through a [`Clock`](crate::Clock). Text is shown as RFC 3339
/// in UTC with as many of 0, 3 or 6 decimals as it needs, and is read back from any text that says its own offset.
/// Text that does not, and every other form, is the business of an [`InstantReader`].
///
/// ```
/// use reweigh_reading::Instant;
///
/// let at: Instant = "2024-01-31T07:15:00+01:00".parse()?;
/// assert_eq!(at.to_string(), "2024-01-31T06:15:00Z");
/// assert_eq!(at.unix_micros(), 1_706_681_700_000_000);
/// assert_eq!("2024-01-31 07:15".parse::<Instant>().unwrap_err().code(), "instant_zone_missing");
/// # Ok::<(), reweigh_reading::InstantError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Instant(i64);

impl Instant {
    /// 1900-01-01T00:00:00Z, the first that can be held.
    pub const MIN: Self = Self(-2_208_988_800 * MICROS_PER_SECOND);
    /// 2200-01-01T00:00:00Z, the last that can be held.
    pub const MAX: Self = Self(7_258_118_400 * MICROS_PER_SECOND);
    /// 1970-01-01T00:00:00Z, from which Unix time counts.
    pub const UNIX_EPOCH: Self = Self(0);

    /// Takes microseconds since [`UNIX_EPOCH`](Self::UNIX_EPOCH).
    ///
    /// # Errors
    ///
    /// Before [`MIN`](Self::MIN) or after [`MAX`](Self::MAX).
    pub fn from_unix_micros(micros: i64) -> Result<Self, InstantError> {
        if (Self::MIN.0..=Self::MAX.0).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(InstantError::OutOfRange)
        }
    }

    /// Takes milliseconds since [`UNIX_EPOCH`](Self::UNIX_EPOCH).
    ///
    /// # Errors
    ///
    /// Before [`MIN`](Self::MIN) or after [`MAX`](Self::MAX).
    pub fn from_unix_millis(millis: i64) -> Result<Self, InstantError> {
        Self::from_unix_micros(millis.checked_mul(1_000).ok_or(InstantError::OutOfRange)?)
    }

    /// Takes seconds since [`UNIX_EPOCH`](Self::UNIX_EPOCH).
    ///
    /// # Errors
    ///
    /// Before [`MIN`](Self::MIN) or after [`MAX`](Self::MAX).
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, InstantError> {
        Self::from_unix_micros(seconds.checked_mul(MICROS_PER_SECOND).ok_or(InstantError::OutOfRange)?)
    }

    /// Microseconds since [`UNIX_EPOCH`](Self::UNIX_EPOCH).
    pub fn unix_micros(self) -> i64 {
        self.0
    }

    /// Bytes that sort as the instants do: [`unix_micros`](Self::unix_micros) plus 2^63, big-endian.
    pub fn sortable_bytes(self) -> [u8; 8] {
        // Flipping the sign bit adds 2^63.
        (self.0 ^ i64::MIN).to_be_bytes()
    }

    /// The instant of these bytes, if it is within the bounds.
    pub fn from_sortable_bytes(bytes: [u8; 8]) -> Option<Self> {
        Self::from_unix_micros(i64::from_be_bytes(bytes) ^ i64::MIN).ok()
    }

    /// How long after `earlier` this is; negative if it is before.
    pub fn since(self, earlier: Self) -> Elapsed {
        // Both lie within 300 years, far from the bounds of i64.
        Elapsed(self.0 - earlier.0)
    }

    /// The instant so much later, if it can be held.
    pub fn checked_add(self, elapsed: Elapsed) -> Option<Self> {
        self.0.checked_add(elapsed.0).and_then(|micros| Self::from_unix_micros(micros).ok())
    }

    /// The instant so much later, or the nearest bound.
    #[must_use]
    pub fn saturating_add(self, elapsed: Elapsed) -> Self {
        Self(self.0.saturating_add(elapsed.0).clamp(Self::MIN.0, Self::MAX.0))
    }
}

impl TryFrom<i64> for Instant {
    type Error = InstantError;

    fn try_from(micros: i64) -> Result<Self, Self::Error> {
        Self::from_unix_micros(micros)
    }
}

impl From<Instant> for i64 {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

impl FromStr for Instant {
    type Err = InstantError;

    /// Reads a text that says its own offset; see [`InstantReader`] for the forms and their rules.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        InstantReader::without_zone().read(text).map(|read| read.at)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.0.rem_euclid(MICROS_PER_SECOND) {
            0 => 0,
            micros if micros % 1_000 == 0 => 3,
            _ => 6,
        };
        // jiff holds far more than 1900 to 2200, so this never fails.
        let timestamp = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        let printer = DateTimePrinter::new().precision(Some(decimals));
        printer.print_timestamp(&timestamp, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

/// A distance between two instants, in whole microseconds; negative when it goes back.
///
/// ```
/// use reweigh_reading::{Elapsed, Instant};
///
/// let day = Elapsed::from_hours(24);
/// let next = Instant::UNIX_EPOCH.saturating_add(day);
/// assert_eq!(next.since(Instant::UNIX_EPOCH), day);
/// assert_eq!(day.days(), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Elapsed(i64);

impl Elapsed {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// So many milliseconds, or the nearest bound of i64 microseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// So many seconds, or the nearest bound of i64 microseconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// So many hours, or the nearest bound of i64 microseconds.
    pub const fn from_hours(hours: i64) -> Self {
        Self(hours.saturating_mul(3_600 * MICROS_PER_SECOND))
    }

    /// So many days of 24 hours, or the nearest bound of i64 microseconds.
    pub const fn from_days(days: i64) -> Self {
        Self(days.saturating_mul(86_400 * MICROS_PER_SECOND))
    }

    /// The number of microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The number of days of 24 hours, rounded once: the time that filters count in.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years, then off by a microsecond")]
    pub fn days(self) -> f64 {
        self.0 as f64 / 86_400e6
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        match rest {
            0 => write!(f, "{sign}{seconds} s"),
            _ if rest % 1_000 == 0 => write!(f, "{sign}{seconds}.{:03} s", rest / 1_000),
            _ => write!(f, "{sign}{seconds}.{rest:06} s"),
        }
    }
}

#[cfg(test)]
mod tests;
