//! Instants in text: the forms that are understood and the rule for every edge.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::Offset;

use crate::grammar::{self, Tail, WrittenDate, WrittenTime};
use crate::instant::Instant;
use crate::text::Excerpt;
use crate::zone::{self, Zone};

/// Reads instants from text: one zone for text that names none, one format.
///
/// Forms, unless a [pattern](InstantFormat) says otherwise:
///
/// | text | means |
/// |---|---|
/// | `2024-01-31T07:15:00Z`, `2024-01-31 07:15:00.123 +0100` | RFC 3339; `T` or spaces, `Z`, `UTC`, `±HH:MM`, `±HHMM`, `±HH` |
/// | `2024-01-31 07:15:00.123`, `2024/01/31 7:15 PM` | the same without an offset: in the reader's zone |
/// | `2024-01-31` | midnight in the reader's zone |
/// | `1706685300`, `1706685300.5`, `1706685300000` | Unix time: 9 or 10 digits are seconds, 12 or 13 milliseconds |
/// | `31/01/2024 07:15`, `1.2.2024` | refused as ambiguous, unless the format says which comes first |
///
/// Rules for the edges:
///
/// - **A local time that a zone skips** (clocks go forward) is moved forward by as much as was skipped; **one that it
///   has twice** (clocks go back) is the first. This is what RFC 5545 says. A date alone follows the same rule.
/// - **Second 60** is read as second 59, in any minute: where leap seconds stand is not known here, and a local zone
///   can have one in any minute. Second 61 is refused.
/// - **Decimals** after the sixth are cut off, and more than nine are refused. `07:15:00` and `07:15:00.000` are the same instant; `07:15:00.001` is
///   another one, and nothing is ever rounded to make two readings meet.
/// - **Offset `-00:00`** means `+00:00`. An offset is at most 23:59.
/// - **`24:00`** is refused. Twelve-hour clocks run from 12 to 11.
/// - **A bare number** of any other length, such as `20240131` or a spreadsheet's `45322`, is refused.
/// - **Out of 1900-01-01 to 2200-01-01** in UTC is refused.
///
/// ```
/// use reweigh_reading::{InstantFormat, InstantForm, InstantReader, Zone};
///
/// let reader = InstantReader::new("Europe/Berlin".parse()?, InstantFormat::default());
/// let read = reader.read("2024-07-01 07:15:00")?;
/// assert_eq!(read.at.to_string(), "2024-07-01T05:15:00Z");
/// assert_eq!(read.form, InstantForm::Local);
/// assert_eq!(reader.read("03/04/2024").unwrap_err().code(), "instant_ambiguous");
///
/// let day_first = InstantReader::new(Zone::utc(), InstantFormat::DayFirst);
/// assert_eq!(day_first.read("03/04/2024")?.at.to_string(), "2024-04-03T00:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct InstantReader {
    zone: Option<Zone>,
    format: InstantFormat,
}

/// An instant that was read, and what had to be assumed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstantRead {
    /// The instant.
    pub at: Instant,
    /// How it was written.
    pub form: InstantForm,
}

/// How an instant was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstantForm {
    /// With an offset or a zone, or as Unix time: nothing was assumed.
    Absolute,
    /// Date and time without a zone: the reader's was assumed.
    Local,
    /// A date alone: midnight was assumed, in the zone that the text names or else in the reader's.
    DateAlone,
}

/// Which texts an [`InstantReader`] takes besides those that can only mean one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InstantFormat {
    /// Only what can mean one thing: year first, or Unix time.
    #[default]
    Standard,
    /// Also `31/01/2024`, with `/`, `.` or `-`.
    DayFirst,
    /// Also `01/31/2024`, with `/`, `.` or `-`.
    MonthFirst,
    /// Only Unix time in seconds, of any length.
    UnixSeconds,
    /// Only Unix time in milliseconds, of any length.
    UnixMillis,
    /// Only what this pattern describes.
    Pattern(DatePattern),
}

impl FromStr for InstantFormat {
    type Err = DatePatternError;

    /// Reads `standard`, `day-first`, `month-first`, `unix-seconds`, `unix-millis`, or a pattern such as `%d/%m/%y`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim_ascii() {
            "standard" => Ok(Self::Standard),
            "day-first" => Ok(Self::DayFirst),
            "month-first" => Ok(Self::MonthFirst),
            "unix-seconds" => Ok(Self::UnixSeconds),
            "unix-millis" => Ok(Self::UnixMillis),
            pattern => DatePattern::new(pattern).map(Self::Pattern),
        }
    }
}

impl fmt::Display for InstantFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "standard",
            Self::DayFirst => "day-first",
            Self::MonthFirst => "month-first",
            Self::UnixSeconds => "unix-seconds",
            Self::UnixMillis => "unix-millis",
            Self::Pattern(pattern) => &pattern.0,
        })
    }
}

/// A date pattern in the style of `strptime`, such as `%d/%m/%y %I:%M %p`.
///
/// The directives are those of jiff's `fmt::strtime`. A pattern without a time reads dates alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatePattern(Box<str>);

impl DatePattern {
    /// Takes a pattern that can tell a date.
    ///
    /// # Errors
    ///
    /// An unknown directive; too few to tell year, month and day; an hour of twelve (`%I`) without its half of the
    /// day (`%p`).
    pub fn new(pattern: &str) -> Result<Self, DatePatternError> {
        // The hour from 23:00 on 2024-01-31, in hours since 1970.
        const LAST_HOUR: i64 = 19_753 * 24 + 23;
        let refused = || DatePatternError { pattern: Excerpt::new(pattern) };
        // A pattern is good if what it writes of an evening is read back as the same day, and as the same hour if
        // it has one.
        let sample = jiff::Timestamp::from_second(LAST_HOUR * 3_600 + 1_845).map_err(|_| refused())?;
        let sample = sample.to_zoned(jiff::tz::TimeZone::UTC);
        let text = strtime::format(pattern, &sample).map_err(|_| refused())?;
        match read_pattern(pattern, &text, Some(&Zone::utc())) {
            Ok(read) => {
                let hour = read.at.unix_micros().div_euclid(3_600_000_000);
                let first = if read.form == InstantForm::DateAlone { LAST_HOUR - 23 } else { LAST_HOUR };
                if hour == first { Ok(Self(pattern.into())) } else { Err(refused()) }
            }
            Err(_) => Err(refused()),
        }
    }
}

/// A pattern that cannot tell a date, or leaves the half of the day open. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "date format {pattern} cannot tell a day, or has an hour of twelve without %p; give day-first, month-first, \
     unix-seconds, unix-millis, or a pattern with year, month and day such as %d/%m/%Y %H:%M"
)]
pub struct DatePatternError {
    pattern: Excerpt,
}

/// Why a text is not an instant. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstantError {
    /// Nothing is left after trimming.
    #[error("the date is missing")]
    Missing,
    /// None of the forms that are understood.
    #[error(
        "date {text} is not understood; write 2024-01-31T07:15:00Z or 2024-01-31 07:15:00, or give the date format"
    )]
    Unreadable {
        /// How it was written.
        text: Excerpt,
    },
    /// The year stands last, so day and month cannot be told apart.
    #[error("date {text} is ambiguous: day or month first? give the date format")]
    Ambiguous {
        /// How it was written.
        text: Excerpt,
    },
    /// A year of two digits, which only a pattern can give a century.
    #[error("date {text} has a year of two digits; give a date format such as %d/%m/%y")]
    TwoDigitYear {
        /// How it was written.
        text: Excerpt,
    },
    /// A well-formed date or time that does not exist, such as 30 February or 25:00.
    #[error("date {text} does not exist")]
    NoSuchDate {
        /// How it was written.
        text: Excerpt,
    },
    /// A bare number that is Unix time neither in seconds nor in milliseconds.
    #[error("date {text} is a number of neither 9 or 10 digits (Unix seconds) nor 12 or 13 (milliseconds)")]
    UnixDigits {
        /// How it was written.
        text: Excerpt,
    },
    /// A text without an offset where no zone is given.
    #[error("date {text} has no offset; write it with one, as 2024-01-31T07:15:00+01:00")]
    ZoneMissing {
        /// How it was written.
        text: Excerpt,
    },
    /// Before 1900-01-01 or after 2200-01-01.
    #[error("the date is not within 1900-01-01 to 2200-01-01")]
    OutOfRange,
}

impl InstantError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "instant_missing",
            Self::Unreadable { .. } => "instant_unreadable",
            Self::Ambiguous { .. } => "instant_ambiguous",
            Self::TwoDigitYear { .. } => "instant_two_digit_year",
            Self::NoSuchDate { .. } => "instant_no_such_date",
            Self::UnixDigits { .. } => "instant_unix_digits",
            Self::ZoneMissing { .. } => "instant_zone_missing",
            Self::OutOfRange => "instant_out_of_range",
        }
    }
}

impl InstantReader {
    /// A reader for text in this format, where what names no zone is in `zone`.
    pub const fn new(zone: Zone, format: InstantFormat) -> Self {
        Self { zone: Some(zone), format }
    }

    /// A reader of the standard forms that refuses text without an offset.
    pub const fn without_zone() -> Self {
        Self { zone: None, format: InstantFormat::Standard }
    }

    /// Reads one instant and says what was assumed for it.
    ///
    /// # Errors
    ///
    /// Every variant of [`InstantError`].
    pub fn read(&self, text: &str) -> Result<InstantRead, InstantError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(InstantError::Missing);
        }
        match &self.format {
            InstantFormat::Standard | InstantFormat::DayFirst | InstantFormat::MonthFirst => {
                self.read_forms(text)
            }
            InstantFormat::UnixSeconds => unix(text, Some(UnixUnit::Seconds)),
            InstantFormat::UnixMillis => unix(text, Some(UnixUnit::Millis)),
            InstantFormat::Pattern(pattern) => read_pattern(&pattern.0, text, self.zone.as_ref()),
        }
    }

    fn read_forms(&self, text: &str) -> Result<InstantRead, InstantError> {
        let bytes = text.as_bytes();
        let (date, rest) = if let Some(parts) = grammar::year_first(bytes) {
            parts
        } else if let Some((first, second, year, digits, rest)) = grammar::year_last(bytes) {
            let (day, month) = match self.format {
                InstantFormat::DayFirst => (first, second),
                InstantFormat::MonthFirst => (second, first),
                InstantFormat::Standard
                | InstantFormat::UnixSeconds
                | InstantFormat::UnixMillis
                | InstantFormat::Pattern(_) => {
                    return Err(InstantError::Ambiguous { text: Excerpt::new(text) });
                }
            };
            if digits == 2 {
                return Err(InstantError::TwoDigitYear { text: Excerpt::new(text) });
            }
            (WrittenDate { year, month, day }, rest)
        } else {
            return unix(text, None);
        };
        match grammar::tail(rest) {
            None => Err(InstantError::Unreadable { text: Excerpt::new(text) }),
            Some(Tail::NoSuchTime) => Err(InstantError::NoSuchDate { text: Excerpt::new(text) }),
            Some(Tail::Nothing) => {
                let midnight = WrittenTime { hour: 0, minute: 0, second: 0, micros: 0 };
                let at = in_zone(civil(text, date, midnight)?, self.zone.as_ref(), text)?;
                Ok(InstantRead { at, form: InstantForm::DateAlone })
            }
            Some(Tail::Time(time, None)) => {
                let at = in_zone(civil(text, date, time)?, self.zone.as_ref(), text)?;
                Ok(InstantRead { at, form: InstantForm::Local })
            }
            Some(Tail::Time(time, Some(offset))) => {
                let at = at_offset(civil(text, date, time)?, offset)?;
                Ok(InstantRead { at, form: InstantForm::Absolute })
            }
        }
    }
}

/// Looks whether the date and time exist. Second 60 becomes 59.
fn civil(text: &str, date: WrittenDate, time: WrittenTime) -> Result<DateTime, InstantError> {
    let second = if time.second == 60 { 59 } else { time.second };
    DateTime::new(date.year, date.month, date.day, time.hour, time.minute, second, time.micros * 1_000)
        .map_err(|_| InstantError::NoSuchDate { text: Excerpt::new(text) })
}

fn in_zone(civil: DateTime, zone: Option<&Zone>, text: &str) -> Result<Instant, InstantError> {
    let Some(zone) = zone else {
        return Err(InstantError::ZoneMissing { text: Excerpt::new(text) });
    };
    let timestamp = zone.as_jiff().to_ambiguous_timestamp(civil).compatible();
    from_jiff(timestamp.map_err(|_| InstantError::OutOfRange)?)
}

fn at_offset(civil: DateTime, seconds: i32) -> Result<Instant, InstantError> {
    let offset = Offset::from_seconds(seconds).map_err(|_| InstantError::OutOfRange)?;
    from_jiff(offset.to_timestamp(civil).map_err(|_| InstantError::OutOfRange)?)
}

fn from_jiff(timestamp: jiff::Timestamp) -> Result<Instant, InstantError> {
    // Decimals after the sixth are cut off towards the past, before 1970 as after it.
    let micros = i64::from(timestamp.subsec_nanosecond().div_euclid(1_000));
    // jiff ends at the year 9999, far from the bounds of i64.
    Instant::from_unix_micros(timestamp.as_second() * 1_000_000 + micros)
}

#[derive(Clone, Copy)]
enum UnixUnit {
    Seconds,
    Millis,
}

/// Reads Unix time. Without a unit the number of digits decides.
fn unix(text: &str, unit: Option<UnixUnit>) -> Result<InstantRead, InstantError> {
    let unreadable = || InstantError::Unreadable { text: Excerpt::new(text) };
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, rest) = digits.split_at_checked(count).ok_or_else(unreadable)?;
    let fraction = match rest {
        [] => 0,
        [b'.', rest @ ..] => match grammar::fraction(rest) {
            Some((micros, [])) => i64::from(micros),
            _ => return Err(unreadable()),
        },
        _ => return Err(unreadable()),
    };
    if whole.is_empty() {
        return Err(unreadable());
    }
    let unit = match (unit, count) {
        (Some(unit), _) => unit,
        (None, 9 | 10) => UnixUnit::Seconds,
        (None, 12 | 13) => UnixUnit::Millis,
        (None, _) => return Err(InstantError::UnixDigits { text: Excerpt::new(text) }),
    };
    let number = whole
        .iter()
        .try_fold(0_i64, |number, digit| number.checked_mul(10)?.checked_add(i64::from(digit - b'0')));
    let micros = number.and_then(|number| match unit {
        UnixUnit::Seconds => number.checked_mul(1_000_000)?.checked_add(fraction),
        UnixUnit::Millis => number.checked_mul(1_000)?.checked_add(fraction / 1_000),
    });
    let micros = micros.ok_or(InstantError::OutOfRange)?;
    let at = Instant::from_unix_micros(if negative { -micros } else { micros })?;
    Ok(InstantRead { at, form: InstantForm::Absolute })
}

fn read_pattern(pattern: &str, text: &str, zone: Option<&Zone>) -> Result<InstantRead, InstantError> {
    let parts = BrokenDownTime::parse(pattern, text)
        .map_err(|_| InstantError::Unreadable { text: Excerpt::new(text) })?;
    let no_such_date = |_| InstantError::NoSuchDate { text: Excerpt::new(text) };
    let has_time = parts.hour().is_some() || parts.timestamp().is_some();
    let form = |form| if has_time { form } else { InstantForm::DateAlone };
    if parts.iana_time_zone().is_some() {
        let zoned = parts.to_zoned_with(zone::database()).map_err(no_such_date)?;
        if zoned.time_zone().is_unknown() {
            return Err(InstantError::Unreadable { text: Excerpt::new(text) });
        }
        return Ok(InstantRead { at: from_jiff(zoned.timestamp())?, form: form(InstantForm::Absolute) });
    }
    if parts.offset().is_some() || parts.timestamp().is_some() {
        let timestamp = parts.to_timestamp().map_err(no_such_date)?;
        return Ok(InstantRead { at: from_jiff(timestamp)?, form: form(InstantForm::Absolute) });
    }
    let civil = parts.to_datetime().map_err(no_such_date)?;
    Ok(InstantRead { at: in_zone(civil, zone, text)?, form: form(InstantForm::Local) })
}

#[cfg(test)]
mod tests;
