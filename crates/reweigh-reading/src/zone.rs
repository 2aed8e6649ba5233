//! Time zones, from a database that is part of the program.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use crate::text::Excerpt;

/// The tz database that was built in. Nothing of the machine is read, so every machine reads text alike.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

pub(crate) fn database() -> &'static TimeZoneDatabase {
    &DATABASE
}

/// The time zone that text without one is in.
///
/// `UTC`, a name of the tz database such as `Europe/Berlin`, or a fixed offset such as `+02:00`. The database is
/// built in; the machine's own and its `TZ` are never looked at.
///
/// ```
/// use reweigh_reading::Zone;
///
/// let zone: Zone = "europe/berlin".parse()?;
/// assert_eq!(zone.to_string(), "Europe/Berlin");
/// assert!("Europe/Atlantis".parse::<Zone>().is_err());
/// # Ok::<(), reweigh_reading::ZoneError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Universal time.
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub(crate) fn as_jiff(&self) -> &TimeZone {
        &self.0
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    /// Reads `UTC`, `Z`, a name of the tz database in any case, or an offset in one of the forms of an instant.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_ascii();
        if let Some(seconds) = crate::grammar::whole_offset(text.as_bytes()) {
            let offset = Offset::from_seconds(seconds).map_err(|_| ZoneError { text: Excerpt::new(text) })?;
            return Ok(if seconds == 0 { Self::utc() } else { Self(TimeZone::fixed(offset)) });
        }
        // `Etc/Unknown` says that nobody knows the zone. jiff takes it, and reckons with UTC.
        let zone = DATABASE.get(text).ok().filter(|zone| !zone.is_unknown());
        zone.map(Self).ok_or_else(|| ZoneError { text: Excerpt::new(text) })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.iana_name(), self.0.to_fixed_offset()) {
            (Some(name), _) => f.pad(name),
            (None, Ok(offset)) => {
                let minutes = offset.seconds() / 60;
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
            (None, Err(_)) => f.write_str("unnamed"),
        }
    }
}

/// A text that names no time zone. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("zone {text} is unknown; give UTC, an offset such as +02:00, or a name such as Europe/Berlin")]
pub struct ZoneError {
    text: Excerpt,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, name: &str) {
        let zone: Zone = text.parse().unwrap();
        assert_eq!(zone.to_string(), name, "{text:?}");
        assert_eq!(name.parse::<Zone>().unwrap(), zone);
    }

    #[test]
    fn names_and_offsets_are_understood() {
        check("UTC", "UTC");
        check("Z", "UTC");
        check("+00:00", "UTC");
        check(" america/new_york ", "America/New_York");
        check("+0530", "+05:30");
        check("-03", "-03:00");
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        for text in [
            "",
            "Mars/Olympus",
            "local",
            "+25:00",
            "../../etc/localtime",
            "+1",
            "CEST+",
            "Etc/Unknown",
            "etc/unknown",
        ] {
            assert!(text.parse::<Zone>().is_err(), "{text:?}");
        }
    }
}
