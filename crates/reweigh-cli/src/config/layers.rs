//! Tables laid over each other, key by key, with a memory of where each value comes from.

use std::collections::BTreeMap;
use std::fmt;

use reweigh_state::Profile;
use toml::{Table, Value};

/// Tables whose keys are names that a user gives.
const OPEN: [&str; 2] = ["policy.sources", "operational.unit_aliases"];

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// What holds if nobody says otherwise.
    Default,
    /// A profile that says otherwise.
    Profile(String),
    /// A file.
    File(String),
    /// An option of the command line.
    Option(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(name) => write!(f, "profile {name}"),
            Self::File(file) => f.write_str(file),
            Self::Option(option) => f.write_str(option),
        }
    }
}

/// Every key with its value and origin.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    table: Table,
    origins: BTreeMap<String, Origin>,
}

impl Layers {
    /// The defaults of a profile; `plain` are those without one.
    pub(crate) fn new(table: Table, plain: &Table, profile: Profile) -> Self {
        let name = format!("{profile:?}").to_lowercase();
        let plain = flat(plain);
        let differs = |(key, value): &(String, Value)| plain.get(key) != Some(value);
        let changed = flat(&table).into_iter().filter(differs);
        let origins = changed.map(|(key, _)| (key, Origin::Profile(name.clone()))).collect();
        Self { table, origins }
    }

    /// Lays a table over what is there.
    pub(crate) fn lay(&mut self, given: &Table, origin: &Origin, errors: &mut Vec<String>) {
        let mut lay = Lay { origin, origins: &mut self.origins, errors, source: Table::new() };
        lay.table(&mut self.table, given, "");
    }

    /// Lays one value over what is there.
    pub(crate) fn lay_one(&mut self, key: &str, value: &Value, origin: &Origin, errors: &mut Vec<String>) {
        let mut given = value.clone();
        for part in key.rsplit('.') {
            given = Value::Table(Table::from_iter([(part.to_owned(), given)]));
        }
        if let Value::Table(given) = given {
            self.lay(&given, origin, errors);
        }
    }

    /// A table of the top.
    pub(crate) fn section(&self, name: &str) -> Table {
        self.table.get(name).and_then(Value::as_table).cloned().unwrap_or_default()
    }

    /// Every key, its value, and where that comes from.
    pub(crate) fn all(&self) -> Vec<(String, Value, Origin)> {
        let origin = |key: &str| {
            let inherited = key.strip_prefix("policy.sources.").and_then(|rest| rest.rsplit_once('.'));
            let inherited = inherited.map(|(_, field)| format!("policy.source_default.{field}"));
            let known = self.origins.get(key).or_else(|| self.origins.get(inherited.as_deref()?));
            known.cloned().unwrap_or(Origin::Default)
        };
        flat(&self.table).into_iter().map(|(key, value)| (key.clone(), value, origin(&key))).collect()
    }
}

/// Every value of a table by its dotted key. Empty tables count as values, or they would not show.
pub(crate) fn flat(table: &Table) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    flatten(table, "", &mut all);
    all
}

fn flatten(table: &Table, path: &str, all: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let path = join(path, key);
        if let Some(inner) = value.as_table().filter(|inner| !inner.is_empty()) {
            flatten(inner, &path, all);
        } else {
            all.insert(path, value.clone());
        }
    }
}

/// A key below another, quoted where TOML wants that.
fn join(path: &str, key: &str) -> String {
    let bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let key = if bare { key.to_owned() } else { Value::String(key.to_owned()).to_string() };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// One layer on its way.
struct Lay<'a> {
    origin: &'a Origin,
    origins: &'a mut BTreeMap<String, Origin>,
    errors: &'a mut Vec<String>,
    /// What a source is that is only partly described.
    source: Table,
}

impl Lay<'_> {
    fn table(&mut self, into: &mut Table, given: &Table, path: &str) {
        let open = OPEN.contains(&path);
        // A source that is only partly described takes the rest from the defaults of sources, so those come first.
        let (first, rest): (Vec<_>, Vec<_>) = given.iter().partition(|(key, _)| *key == "source_default");
        for (key, value) in first.into_iter().chain(rest) {
            if path == "policy"
                && key == "sources"
                && let Some(Value::Table(source)) = into.get("source_default")
            {
                self.source = source.clone();
            }
            let here = join(path, key);
            if open && !into.contains_key(key) {
                let new =
                    if path == "policy.sources" { Value::Table(self.source.clone()) } else { value.clone() };
                into.insert(key.clone(), new);
            }
            let known = known_keys(into);
            match (into.get_mut(key), value) {
                (None, _) => {
                    let place = if path.is_empty() { "here".to_owned() } else { format!("in {path}") };
                    self.errors.push(format!("unknown key {here}; known {place} are {known}"));
                }
                (Some(Value::Table(inner)), Value::Table(value)) => self.table(inner, value, &here),
                (Some(old), value) => match fit(old, value) {
                    Ok(value) => {
                        *old = value;
                        self.origins.insert(here, self.origin.clone());
                    }
                    Err(wanted) => self.errors.push(format!("{here} = {value} is not {wanted}")),
                },
            }
        }
    }
}

fn known_keys(table: &Table) -> String {
    let names: Vec<&str> = table.keys().map(String::as_str).collect();
    names.join(", ")
}

/// The value, of the kind of the one it replaces.
fn fit(old: &Value, new: &Value) -> Result<Value, &'static str> {
    match (old, new) {
        (Value::Float(_), Value::Integer(whole)) => {
            // Whole numbers of this size are exact.
            i32::try_from(*whole).map(|whole| Value::Float(whole.into())).map_err(|_| "a number of this size")
        }
        (Value::Float(_), Value::Float(_))
        | (Value::Integer(_), Value::Integer(_))
        | (Value::Boolean(_), Value::Boolean(_))
        | (Value::String(_), Value::String(_)) => Ok(new.clone()),
        (Value::Float(_), _) => Err("a number"),
        (Value::Integer(_), _) => Err("a whole number"),
        (Value::Boolean(_), _) => Err("true or false"),
        (Value::String(_), _) => Err("a text"),
        (Value::Table(_), _) => Err("a table of keys"),
        (Value::Array(_) | Value::Datetime(_), _) => Err("of a known kind"),
    }
}
