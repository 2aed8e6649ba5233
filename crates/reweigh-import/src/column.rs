//! Which column holds what.

use std::fmt;
use std::str::FromStr;

use reweigh_reading::{Excerpt, Unit, UnitAliases, UnitError};

use crate::error::ImportError;
use crate::settings::{Content, OptionError};

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// Whom the row is about.
    User,
    /// When it was.
    At,
    /// What was weighed; of a row that tells a height, the height.
    Weight,
    /// The unit of it.
    Unit,
    /// What reported it.
    Source,
    /// What the reading is called.
    Id,
    /// Which telling it is.
    Revision,
    /// What the row does.
    Action,
    /// When it was received.
    Received,
    /// Why a reset was asked for.
    Reason,
    /// How tall the user is.
    Height,
}

impl Key {
    /// Every key.
    pub const ALL: [Self; 11] = [
        Self::User,
        Self::At,
        Self::Weight,
        Self::Unit,
        Self::Source,
        Self::Id,
        Self::Revision,
        Self::Action,
        Self::Received,
        Self::Reason,
        Self::Height,
    ];

    /// Its name in a column map.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::At => "at",
            Self::Weight => "weight",
            Self::Unit => "unit",
            Self::Source => "source",
            Self::Id => "id",
            Self::Revision => "revision",
            Self::Action => "action",
            Self::Received => "received",
            Self::Reason => "reason",
            Self::Height => "height",
        }
    }

    /// The headers that mean it, in lower case.
    pub fn headers(self) -> &'static [&'static str] {
        match self {
            Self::User => &["user_id", "user", "patient_id"],
            Self::At => &["effectivedatetime", "timestamp", "measured_at", "date", "datetime", "at"],
            Self::Weight => &["weight", "value", "value_quantity"],
            Self::Unit => &["unit"],
            Self::Source => &["source_type", "source"],
            Self::Id => &["id", "msg_id", "reading_id"],
            Self::Revision => &["revision"],
            Self::Action => &["action"],
            Self::Received => &["received_at", "arrived_at"],
            Self::Reason => &["reason"],
            Self::Height => &["height"],
        }
    }

    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Key {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim_ascii();
        let key = Self::ALL.into_iter().find(|key| name.eq_ignore_ascii_case(key.name()));
        key.ok_or_else(|| OptionError::MapKey { text: Excerpt::new(text) })
    }
}

/// What a caller says about columns whose names do not say it.
///
/// ```
/// use reweigh_import::ColumnMap;
///
/// let map = ColumnMap::none().with("user=claimed_user")?.with("weight=Body Mass (lb)")?;
/// assert!(map.clone().with("user=other").is_err());
/// assert!(map.with("usr=x").unwrap_err().to_string().contains("known are user, at, weight"));
/// # Ok::<(), reweigh_import::OptionError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMap(Vec<(Key, Box<str>)>);

impl ColumnMap {
    /// Nothing is said.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds a `KEY=COLUMN`. The column is found whatever its case.
    ///
    /// # Errors
    ///
    /// Another form, an unknown key, a key that has a column already.
    pub fn with(mut self, text: &str) -> Result<Self, OptionError> {
        let shape = || OptionError::MapShape { text: Excerpt::new(text) };
        let (key, column) = text.split_once('=').ok_or_else(shape)?;
        let column = column.trim();
        if column.is_empty() {
            return Err(shape());
        }
        let key: Key = key.parse()?;
        match self.column(key) {
            Some(first) if first != column => {
                Err(OptionError::MapTwice { key, first: Excerpt::new(first), second: Excerpt::new(column) })
            }
            Some(_) => Ok(self),
            None => {
                self.0.push((key, column.into()));
                Ok(self)
            }
        }
    }

    fn column(&self, key: Key) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, column)| &**column)
    }

    /// What a header means: the caller's word first, then its own name.
    pub(crate) fn meaning(&self, header: &str, aliases: &UnitAliases) -> Result<Option<Meaning>, UnitError> {
        let header = header.trim();
        for (key, column) in &self.0 {
            if same(header, column) {
                let unit = match trailing_unit(header) {
                    Some((_, text)) if *key == Key::Weight => weight_unit(text, aliases)?,
                    Some((_, text)) => HeaderUnit::of_height(text),
                    None => HeaderUnit::None,
                };
                return Ok(Some(Meaning { key: *key, unit }));
            }
        }
        let found = own_meaning(header, aliases);
        // A key that the caller has given to another column is taken.
        Ok(found.filter(|meaning| self.column(meaning.key).is_none()))
    }
}

/// What a header means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) key: Key,
    pub(crate) unit: HeaderUnit,
}

/// The unit that a header names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum HeaderUnit {
    #[default]
    None,
    Weight(Unit),
    Height(Box<str>),
}

impl HeaderUnit {
    fn of_height(text: &str) -> Self {
        let known = ["m", "cm", "in", "inch", "inches", "ft", "feet", "metres", "meters"];
        let found = known.into_iter().find(|unit| text.eq_ignore_ascii_case(unit));
        found.map_or(Self::None, |unit| Self::Height(unit.into()))
    }
}

/// The unit of a column that the caller says holds weights. A dangerous one is not passed over.
fn weight_unit(text: &str, aliases: &UnitAliases) -> Result<HeaderUnit, UnitError> {
    match Unit::parse(text, aliases) {
        Ok(unit) => Ok(HeaderUnit::Weight(unit)),
        Err(error @ UnitError::Dangerous { .. }) => Err(error),
        Err(_) => Ok(HeaderUnit::None),
    }
}

fn own_meaning(header: &str, aliases: &UnitAliases) -> Option<Meaning> {
    let whole = Key::ALL.into_iter().find(|key| key.headers().iter().any(|name| same(header, name)));
    if let Some(key) = whole {
        return Some(Meaning { key, unit: HeaderUnit::None });
    }
    let (base, unit) = trailing_unit(header)?;
    let means = |key: Key| key.headers().iter().any(|name| same(base, name));
    if means(Key::Weight) {
        let unit = Unit::parse(unit, aliases).ok()?;
        return Some(Meaning { key: Key::Weight, unit: HeaderUnit::Weight(unit) });
    }
    let unit = HeaderUnit::of_height(unit);
    let is_height = means(Key::Height) && unit != HeaderUnit::None;
    is_height.then_some(Meaning { key: Key::Height, unit })
}

/// The name and the unit of `Weight (kg)`, `weight [lb]`, `weight_kg`, `weight kg`, `weight-kg`.
fn trailing_unit(header: &str) -> Option<(&str, &str)> {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = header.strip_suffix(close) {
            let (base, unit) = inner.rsplit_once(open)?;
            return Some((base.trim_end(), unit.trim()));
        }
    }
    header.rsplit_once(['_', ' ', '-'])
}

fn same(header: &str, name: &str) -> bool {
    header.trim().eq_ignore_ascii_case(name)
}

/// Where the columns of one file are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    places: [Option<usize>; Key::ALL.len()],
    pub(crate) weight_unit: Option<Unit>,
    pub(crate) height_unit: Option<Box<str>>,
    pub(crate) count: usize,
}

impl Columns {
    /// Finds the columns of a header, whatever is missing.
    pub(crate) fn find<'a>(
        headers: impl Iterator<Item = &'a str>,
        map: &ColumnMap,
        aliases: &UnitAliases,
    ) -> Result<Self, ImportError> {
        let mut found = Self::default();
        let mut names: [Option<&str>; Key::ALL.len()] = [None; Key::ALL.len()];
        for (place, header) in headers.enumerate() {
            found.count = place + 1;
            let meaning = map
                .meaning(header, aliases)
                .map_err(|source| ImportError::HeaderUnit { column: Excerpt::new(header), source })?;
            let Some(Meaning { key, unit }) = meaning else { continue };
            if let Some(name) = names.get_mut(key.place()) {
                if let Some(first) = name {
                    return Err(ImportError::TwoColumns {
                        key,
                        first: Excerpt::new(first),
                        second: Excerpt::new(header),
                    });
                }
                *name = Some(header);
            }
            if let Some(slot) = found.places.get_mut(key.place()) {
                *slot = Some(place);
            }
            match unit {
                HeaderUnit::None => {}
                HeaderUnit::Weight(unit) => found.weight_unit = Some(unit),
                HeaderUnit::Height(unit) => found.height_unit = Some(unit),
            }
        }
        for (key, column) in &map.0 {
            if found.place(*key).is_none() {
                return Err(ImportError::NoSuchColumn { key: *key, column: Excerpt::new(column) });
            }
        }
        Ok(found)
    }

    pub(crate) fn place(&self, key: Key) -> Option<usize> {
        self.places.get(key.place()).copied().flatten()
    }

    /// How many columns are understood: which delimiter is meant shows by it.
    pub(crate) fn known(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// Looks whether what is there is enough to make facts of.
    pub(crate) fn check(
        &self,
        content: Content,
        has_user: bool,
        first_line: &str,
    ) -> Result<Content, ImportError> {
        let missing = |key| ImportError::NoColumn { key, first_line: Excerpt::new(first_line) };
        let has = |key| self.place(key).is_some();
        let only_heights = !has(Key::Weight) && !has(Key::Action) && has(Key::Height);
        let content = if only_heights { Content::Heights } else { content };
        match content {
            Content::Readings if !has(Key::Weight) && !has(Key::Action) => return Err(missing(Key::Weight)),
            Content::Readings if !has(Key::At) => return Err(missing(Key::At)),
            Content::Heights if !has(Key::Height) => return Err(missing(Key::Height)),
            Content::Readings | Content::Heights => {}
        }
        if has(Key::User) || has_user { Ok(content) } else { Err(ImportError::NeedsUser) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(header: &str) -> Option<(Key, HeaderUnit)> {
        let found = ColumnMap::none().meaning(header, &UnitAliases::none()).unwrap();
        found.map(|meaning| (meaning.key, meaning.unit))
    }

    #[test]
    fn headers_are_understood_whatever_their_case() {
        for key in Key::ALL {
            for header in key.headers() {
                let shouted = format!(" {} ", header.to_uppercase());
                assert_eq!(meaning(&shouted), Some((key, HeaderUnit::None)), "{shouted:?}");
            }
        }
    }

    #[test]
    fn no_header_means_two_things() {
        let mut all: Vec<&str> = Key::ALL.iter().flat_map(|key| key.headers()).copied().collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    /// Proves W12, H4.
    #[test]
    fn a_unit_in_the_header_counts() {
        let kilogram = Some((Key::Weight, HeaderUnit::Weight(Unit::Kilogram)));
        for header in
            ["Weight (kg)", "weight_kg", "WEIGHT [KG]", "value kg", "weight-kilograms", "weight ( kg )"]
        {
            assert_eq!(meaning(header), kilogram, "{header}");
        }
        assert_eq!(meaning("Weight (lbs)"), Some((Key::Weight, HeaderUnit::Weight(Unit::Pound))));
        assert_eq!(meaning("weight [lb_av]"), Some((Key::Weight, HeaderUnit::Weight(Unit::Pound))));
        assert_eq!(meaning("height_m"), Some((Key::Height, HeaderUnit::Height("m".into()))));
        assert_eq!(meaning("Height (cm)"), Some((Key::Height, HeaderUnit::Height("cm".into()))));
        for header in ["weight (bmi)", "weight [lb_ap]", "weight_goal", "user (kg)", "date_m", "height (kg)"]
        {
            assert_eq!(meaning(header), None, "{header}");
        }
    }

    #[test]
    fn a_dangerous_unit_is_not_passed_over_in_a_mapped_column() {
        let map = ColumnMap::none().with("weight=Mass [lb_ap]").unwrap();
        assert_eq!(map.meaning("mass [lb_ap]", &UnitAliases::none()).unwrap_err().code(), "unit_dangerous");
        let map = ColumnMap::none().with("weight=Mass (lb)").unwrap();
        let found = map.meaning("MASS (LB)", &UnitAliases::none()).unwrap().unwrap();
        assert_eq!(found.unit, HeaderUnit::Weight(Unit::Pound));
    }
}
