//! What a reader is told about its file.

use std::fmt;
use std::str::FromStr;

use reweigh_reading::{
    DecimalMark, Excerpt, Instant, InstantFormat, Limits, Unit, UnitAliases, UserId, Zone,
};

use crate::column::ColumnMap;

/// What a reader is told: how to understand a file, and what to let in.
///
/// ```
/// use reweigh_import::{ColumnMap, Settings};
/// use reweigh_reading::{DecimalMark, Instant};
///
/// let received: Instant = "2024-02-01T00:00:00Z".parse()?;
/// let mut settings = Settings::new(received);
/// settings.columns = ColumnMap::none().with("weight=Gewicht")?;
/// settings.decimal = DecimalMark::Comma;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Which format the file has; by default its content tells.
    pub format: Format,
    /// What a table of columns holds; by default readings.
    pub content: Content,
    /// Which columns hold what, where their names do not say it.
    pub columns: ColumnMap,
    /// Whose facts they are where the file does not say it. A user that a row names counts more.
    pub user: Option<UserId>,
    /// The zone of dates that name none; UTC by default.
    pub zone: Zone,
    /// How dates are written, where year-first and Unix time are not all.
    pub date_format: InstantFormat,
    /// The sign before a number's fraction; a point by default.
    pub decimal: DecimalMark,
    /// What stands between two columns; by default the first line tells.
    pub delimiter: Option<Delimiter>,
    /// The unit of a weight that has none. Without it such a row is refused.
    pub unit: Option<Unit>,
    /// What further spellings of units mean.
    pub aliases: UnitAliases,
    /// When the file was received: now, for whoever holds a clock.
    ///
    /// A row that says itself when it was received was never received later than this.
    pub received: Instant,
    /// The bounds of what is let in.
    pub limits: Limits,
}

impl Settings {
    /// Settings that assume the least: everything is told by the file itself, and a weight without a unit is refused.
    pub fn new(received: Instant) -> Self {
        Self {
            format: Format::Auto,
            content: Content::Readings,
            columns: ColumnMap::none(),
            user: None,
            zone: Zone::utc(),
            date_format: InstantFormat::Standard,
            decimal: DecimalMark::Point,
            delimiter: None,
            unit: None,
            aliases: UnitAliases::none(),
            received,
            limits: Limits::default(),
        }
    }
}

/// The formats of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// The file's content tells which of the others it is.
    Auto,
    /// A table with a header line.
    Csv,
    /// One flat JSON object per line, or a JSON array of them.
    Jsonl,
    /// FHIR: an Observation, a Bundle, or a line for each.
    Fhir,
    /// Apple Health: `export.xml`, or the archive it comes in.
    Apple,
    /// Withings: `weight.csv` or `height.csv` of an export, the archive of it, or an answer of the measure service.
    Withings,
    /// Fitbit: `weight-….json` of an export, an answer of the weight log service, or a table of Fitabase.
    Fitbit,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Auto, Self::Csv, Self::Jsonl, Self::Fhir, Self::Apple, Self::Withings, Self::Fitbit];

    /// Its name: `auto`, `csv`, `jsonl`, `fhir`, `apple`, `withings`, `fitbit`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Fhir => "fhir",
            Self::Apple => "apple",
            Self::Withings => "withings",
            Self::Fitbit => "fitbit",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim_ascii();
        let format = Self::ALL.into_iter().find(|format| name.eq_ignore_ascii_case(format.name()));
        format.ok_or_else(|| OptionError::Format { text: Excerpt::new(text) })
    }
}

/// What the rows of a table say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Content {
    /// Readings, and whatever an `action` column says.
    #[default]
    Readings,
    /// How tall users are: `user_id,height,unit[,at][,id]`. A height without a date holds from the beginning.
    Heights,
}

/// What stands between two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
}

impl Delimiter {
    pub(crate) const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

impl FromStr for Delimiter {
    type Err = OptionError;

    /// Reads the character itself, or `tab`, `\t`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "\t" | "\\t" | "tab" => Ok(Self::Tab),
            "|" | "bar" => Ok(Self::Bar),
            _ => Err(OptionError::Delimiter { text: Excerpt::new(text) }),
        }
    }
}

/// Why a text is no such option. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// No such format.
    #[error("format {text} is unknown; known are auto, csv, jsonl, fhir, apple, withings, fitbit")]
    Format {
        /// What was asked for.
        text: Excerpt,
    },
    /// No such delimiter.
    #[error("delimiter {text} is unknown; known are , ; | and tab")]
    Delimiter {
        /// What was asked for.
        text: Excerpt,
    },
    /// No `=` between a key and a column, or one of them is missing.
    #[error("column map {text} is not of the form KEY=COLUMN, such as user=patient")]
    MapShape {
        /// What was asked for.
        text: Excerpt,
    },
    /// No such key.
    #[error("{text} is no key of a column; known are {}", crate::column::Key::names())]
    MapKey {
        /// What was asked for.
        text: Excerpt,
    },
    /// One key was given two columns.
    #[error("key {key} is mapped to both {first} and {second}; give it one column")]
    MapTwice {
        /// The key.
        key: crate::column::Key,
        /// The column it has.
        first: Excerpt,
        /// The column it should have too.
        second: Excerpt,
    },
}
