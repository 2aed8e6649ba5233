//! Units of mass and the spellings that real files hold.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::Excerpt;

/// A unit of mass.
///
/// The number behind each variant is its *tag*: it goes into payloads, made ids and files, and never changes.
///
/// ```
/// use reweigh_reading::{Unit, UnitAliases};
///
/// let none = UnitAliases::none();
/// assert_eq!(Unit::parse("LBS ", &none)?, Unit::Pound);
/// assert_eq!(Unit::parse("[lb_av]", &none)?, Unit::Pound);
/// assert_eq!(Unit::parse("[lb_ap]", &none).unwrap_err().code(), "unit_dangerous");
/// # Ok::<(), reweigh_reading::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[repr(u8)]
pub enum Unit {
    /// `kg`
    Kilogram = 1,
    /// `g`, a thousandth of a kilogram.
    Gram = 2,
    /// `lb`, the international avoirdupois pound, 0.45359237 kg exactly.
    Pound = 3,
    /// `st`, 14 pounds, 6.35029318 kg exactly.
    Stone = 4,
}

/// Spellings by unit, in lower case and without dots at the end.
const SPELLINGS: [(Unit, &[&str]); 4] = [
    (Unit::Kilogram, &["kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme", "kilogrammes"]),
    (Unit::Gram, &["g", "gm", "gms", "gram", "grams", "gramme", "grammes"]),
    (Unit::Pound, &["lb", "lbs", "lbm", "pound", "pounds", "[lb_av]", "lb_av"]),
    (Unit::Stone, &["st", "sts", "stone", "stones", "[stone_av]", "stone_av"]),
];

/// Units of 373 g that exports write where they mean the ordinary pound.
const DANGEROUS: [&str; 4] = ["[lb_ap]", "lb_ap", "[lb_tr]", "lb_tr"];

/// Longer than every spelling and every alias.
const SPELLING_BYTES_MAX: usize = 32;

impl Unit {
    /// Every unit, in the order of their tags.
    pub const ALL: [Self; 4] = [Self::Kilogram, Self::Gram, Self::Pound, Self::Stone];

    /// Reads a spelling or a UCUM code, whatever its case, with spaces around it or dots behind it.
    ///
    /// # Errors
    ///
    /// A spelling that is neither known nor an alias; one that is known to be written for another unit than it
    /// names, unless an alias says what it means.
    pub fn parse(text: &str, aliases: &UnitAliases) -> Result<Self, UnitError> {
        // The two spellings that nearly every row holds.
        match text {
            "kg" => return Ok(Self::Kilogram),
            "lb" => return Ok(Self::Pound),
            _ => {}
        }
        let Some(spelling) = Spelling::new(text) else {
            return Err(if text.trim().is_empty() {
                UnitError::Missing
            } else {
                UnitError::Unknown { text: Excerpt::new(text) }
            });
        };
        let spelling = spelling.as_str();
        if let Some(unit) = known(spelling).or_else(|| aliases.0.get(spelling).copied()) {
            Ok(unit)
        } else if DANGEROUS.contains(&spelling) {
            Err(UnitError::Dangerous { text: Excerpt::new(text) })
        } else {
            Err(UnitError::Unknown { text: Excerpt::new(text) })
        }
    }

    /// Its short name: `kg`, `g`, `lb`, `st`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Kilogram => "kg",
            Self::Gram => "g",
            Self::Pound => "lb",
            Self::Stone => "st",
        }
    }

    /// The number that stands for it in bytes.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The unit of a tag, if it is one.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.tag() == tag)
    }

    /// So many of this unit in kilograms, with one multiplication or division.
    ///
    /// The factors are exact by definition: a pound is 0.45359237 kg (the yard and pound agreement of 1959), a
    /// stone is 14 pounds. As binary fractions they are the nearest ones, so the product is within one and a half
    /// units of the last place. The gram divides, because 0.001 is no binary fraction and 1000 is.
    pub(crate) fn in_kilograms(self, value: f64) -> f64 {
        match self {
            Self::Kilogram => value,
            Self::Gram => value / 1_000.0,
            Self::Pound => value * 0.453_592_37,
            Self::Stone => value * 6.350_293_18,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.symbol())
    }
}

impl From<Unit> for u8 {
    fn from(unit: Unit) -> Self {
        unit.tag()
    }
}

impl TryFrom<u8> for Unit {
    type Error = UnitError;

    fn try_from(tag: u8) -> Result<Self, Self::Error> {
        Self::from_tag(tag).ok_or(UnitError::UnknownTag { tag })
    }
}

/// What a caller says that further spellings mean, such as `[lb_ap]` where a file writes it for the pound.
///
/// ```
/// use reweigh_reading::{Unit, UnitAliases};
///
/// let aliases = UnitAliases::none().with("[lb_ap]", Unit::Pound)?;
/// assert_eq!(Unit::parse("[LB_AP]", &aliases)?, Unit::Pound);
/// # Ok::<(), reweigh_reading::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitAliases(BTreeMap<Box<str>, Unit>);

impl UnitAliases {
    /// No aliases: only the built-in spellings are known.
    pub const fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// Adds one. Case, spaces around and dots behind do not count.
    ///
    /// # Errors
    ///
    /// An empty or overlong spelling, and one that already means another unit.
    pub fn with(mut self, spelling: &str, unit: Unit) -> Result<Self, UnitError> {
        let Some(key) = Spelling::new(spelling) else {
            return Err(UnitError::BadAlias { text: Excerpt::new(spelling) });
        };
        let key = key.as_str();
        match known(key).or_else(|| self.0.get(key).copied()) {
            Some(means) if means != unit => {
                Err(UnitError::AliasTaken { text: Excerpt::new(spelling), means, asked: unit })
            }
            _ => {
                self.0.insert(key.into(), unit);
                Ok(self)
            }
        }
    }
}

/// Why a text is not a unit. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// Nothing is left after trimming.
    #[error("the unit is missing; known are kg, g, lb, st")]
    Missing,
    /// Neither a spelling nor an alias.
    #[error(
        "unit {text} is unknown; known are kg, g, lb, st and their usual spellings; add an alias if it is one of them"
    )]
    Unknown {
        /// How it was written.
        text: Excerpt,
    },
    /// A unit of 373 g that exports write for the ordinary pound of 454 g.
    #[error(
        "unit {text} is a pound of 373 g, which exports write for the ordinary pound; known are kg, g, lb, st; add an alias \
         that says which it is"
    )]
    Dangerous {
        /// How it was written.
        text: Excerpt,
    },
    /// A tag that stands for no unit: bytes that this program did not write.
    #[error("{tag} is not the tag of a unit")]
    UnknownTag {
        /// The tag.
        tag: u8,
    },
    /// An alias that is empty or too long to be a unit.
    #[error("unit alias {text} must have 1 to 32 bytes")]
    BadAlias {
        /// The alias.
        text: Excerpt,
    },
    /// An alias that would change what a spelling means.
    #[error("unit alias {text} already means {means} and cannot mean {asked}")]
    AliasTaken {
        /// The alias.
        text: Excerpt,
        /// What it means.
        means: Unit,
        /// What was asked for.
        asked: Unit,
    },
}

impl UnitError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "unit_missing",
            Self::Unknown { .. } => "unit_unknown",
            Self::Dangerous { .. } => "unit_dangerous",
            Self::UnknownTag { .. } => "unit_unknown_tag",
            Self::BadAlias { .. } => "unit_bad_alias",
            Self::AliasTaken { .. } => "unit_alias_taken",
        }
    }
}

fn known(spelling: &str) -> Option<Unit> {
    SPELLINGS.iter().find(|(_, spellings)| spellings.contains(&spelling)).map(|&(unit, _)| unit)
}

/// A text as units are looked up: trimmed, in lower case, without dots behind it. It lives on the stack.
struct Spelling {
    bytes: [u8; SPELLING_BYTES_MAX],
    len: usize,
}

impl Spelling {
    fn new(text: &str) -> Option<Self> {
        // Real files pad with no-break spaces too, hence Unicode's idea of a space.
        let text = text.trim().trim_end_matches('.').trim_end();
        let mut bytes = [0; SPELLING_BYTES_MAX];
        let room = bytes.get_mut(..text.len()).filter(|room| !room.is_empty())?;
        room.copy_from_slice(text.as_bytes());
        room.make_ascii_lowercase();
        Some(Self { bytes, len: text.len() })
    }

    fn as_str(&self) -> &str {
        // Lower case for ASCII keeps UTF-8 whole, so the default never shows.
        self.bytes.get(..self.len).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, unit: Unit) {
        assert_eq!(Unit::parse(text, &UnitAliases::none()), Ok(unit), "{text:?}");
    }

    fn refused(text: &str, code: &str) {
        assert_eq!(Unit::parse(text, &UnitAliases::none()).unwrap_err().code(), code, "{text:?}");
    }

    /// Proves W12, H4.
    #[test]
    fn spellings_of_real_files_are_understood() {
        for text in ["kg", "KG ", "Kg.", "kgs", "kilograms", "Kilogrammes", "\u{a0}kg"] {
            check(text, Unit::Kilogram);
        }
        for text in ["g", "G", "grams", "gms"] {
            check(text, Unit::Gram);
        }
        for text in ["lb", "lbs", "LBS ", " lbs.", "pounds.", "Pound", "[lb_av]", "[LB_AV]", "lb_av"] {
            check(text, Unit::Pound);
        }
        for text in ["st", "St.", "stone", "STONES", "[stone_av]"] {
            check(text, Unit::Stone);
        }
    }

    /// Proves W12, H4.
    #[test]
    fn an_unknown_unit_is_refused_and_the_known_are_named() {
        for text in
            ["oz", "stones?", "%", "bmi", "K.G", "kg/m2", "gr", "斤", "k g", "lb_us", &"k".repeat(500)]
        {
            refused(text, "unit_unknown");
        }
        let error = Unit::parse("oz", &UnitAliases::none()).unwrap_err().to_string();
        for known in ["`oz`", "kg", "g", "lb", "st"] {
            assert!(error.contains(known), "{error}");
        }
        for text in ["", " ", ".", "\u{a0}"] {
            assert!(Unit::parse(text, &UnitAliases::none()).is_err(), "{text:?}");
        }
    }

    /// Proves H4.
    #[test]
    fn an_apothecary_or_troy_pound_needs_an_alias() {
        for text in ["[lb_ap]", "[LB_AP]", " [lb_ap]. ", "lb_tr"] {
            refused(text, "unit_dangerous");
        }
        let aliases = UnitAliases::none().with("[lb_ap]", Unit::Pound).unwrap();
        assert_eq!(Unit::parse("[LB_AP] ", &aliases), Ok(Unit::Pound));
        assert_eq!(Unit::parse("[lb_tr]", &aliases).unwrap_err().code(), "unit_dangerous");
    }

    #[test]
    fn an_alias_never_changes_what_a_spelling_means() {
        let aliases = UnitAliases::none().with("кг", Unit::Kilogram).unwrap();
        assert_eq!(Unit::parse(" кг.", &aliases), Ok(Unit::Kilogram));
        assert_eq!(aliases.clone().with("kg", Unit::Pound).unwrap_err().code(), "unit_alias_taken");
        assert_eq!(aliases.clone().with("кг", Unit::Gram).unwrap_err().code(), "unit_alias_taken");
        assert!(aliases.clone().with("кг", Unit::Kilogram).is_ok());
        assert_eq!(aliases.clone().with(" . ", Unit::Gram).unwrap_err().code(), "unit_bad_alias");
        assert_eq!(aliases.with(&"x".repeat(33), Unit::Gram).unwrap_err().code(), "unit_bad_alias");
    }

    #[test]
    fn tags_are_for_ever() {
        assert_eq!(Unit::ALL.map(Unit::tag), [1, 2, 3, 4]);
        assert_eq!([0, 5, 255].map(Unit::from_tag), [None; 3]);
        for unit in Unit::ALL {
            assert_eq!(Unit::from_tag(unit.tag()), Some(unit));
            check(unit.symbol(), unit);
            assert_eq!(postcard::to_allocvec(&unit).unwrap(), [unit.tag()]);
        }
        assert!(postcard::from_bytes::<Unit>(&[9]).is_err());
    }

    #[test]
    fn every_spelling_stands_once_and_fits() {
        let mut all: Vec<&str> =
            SPELLINGS.iter().flat_map(|(_, spellings)| spellings.iter().copied()).collect();
        all.extend(DANGEROUS);
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for spelling in all {
            assert_eq!(Spelling::new(spelling).unwrap().as_str(), spelling);
        }
    }

    #[test]
    fn factors_are_exact() {
        let exact = |unit: Unit, value: f64, kilograms: f64| {
            assert_eq!(unit.in_kilograms(value).to_bits(), kilograms.to_bits(), "{value} {unit}");
        };
        exact(Unit::Stone, 1.0, 14.0 * 0.453_592_37);
        exact(Unit::Gram, 80_500.0, 80.5);
        exact(Unit::Pound, 1e8, 45_359_237.0);
    }
}
