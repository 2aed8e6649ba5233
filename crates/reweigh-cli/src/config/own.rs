//! The settings that the program itself needs, beside the engine's.

use std::collections::BTreeMap;
use std::time::Duration;

use reweigh_reading::{DecimalMark, InstantFormat, Unit, UnitAliases, Zone};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// How files are read when they do not say it themselves.
#[derive(Debug, Clone)]
pub(crate) struct FilesConfig {
    /// The unit of a weight that has none; without it such a row is refused.
    pub(crate) unit: Option<Unit>,
    pub(crate) zone: Zone,
    pub(crate) date_format: InstantFormat,
    pub(crate) decimal: DecimalMark,
    pub(crate) aliases: UnitAliases,
    pub(crate) batch_rows: usize,
}

/// How the store is opened.
#[derive(Debug, Clone)]
pub(crate) struct StoreConfig {
    pub(crate) cache_bytes: usize,
    pub(crate) journal_cache_bytes: usize,
    pub(crate) versions: usize,
    pub(crate) patience: Duration,
}

/// The keys as they stand in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    unit: String,
    zone: String,
    date_format: String,
    decimal: String,
    unit_aliases: BTreeMap<String, String>,
    batch_rows: u64,
    cache_bytes: u64,
    journal_cache_bytes: u64,
    versions_kept: u64,
    store_patience_ms: u64,
}

impl Default for Own {
    fn default() -> Self {
        Self {
            unit: "kg".to_owned(),
            zone: "UTC".to_owned(),
            date_format: "standard".to_owned(),
            decimal: ".".to_owned(),
            unit_aliases: BTreeMap::new(),
            batch_rows: 32_768,
            cache_bytes: 128 << 20,
            journal_cache_bytes: 16 << 20,
            versions_kept: 10,
            store_patience_ms: 1_000,
        }
    }
}

impl Own {
    /// The defaults.
    pub(super) fn table() -> Table {
        Table::try_from(Self::default()).unwrap_or_default()
    }

    /// Takes its own keys out of a table.
    pub(super) fn take(table: &mut Table) -> Result<Self, Vec<String>> {
        let keys = Self::table();
        let own: Table = keys.keys().filter_map(|key| table.remove_entry(key)).collect();
        own.try_into().map_err(|error: toml::de::Error| vec![format!("operational: {}", error.message())])
    }

    /// Holds the keys against their bounds.
    pub(super) fn check(self) -> Result<(FilesConfig, StoreConfig), Vec<String>> {
        let mut errors = Vec::new();
        let mut aliases = UnitAliases::none();
        for (spelling, unit) in &self.unit_aliases {
            let known = Unit::parse(unit, &UnitAliases::none());
            let added = known.and_then(|unit| aliases.clone().with(spelling, unit));
            match added {
                Ok(more) => aliases = more,
                Err(error) => {
                    let key = Value::String(spelling.clone());
                    errors.push(format!("operational.unit_aliases.{key} = \"{unit}\": {error}"));
                }
            }
        }
        let mut keep = Keep(&mut errors);
        let unit = match self.unit.as_str() {
            "none" => None,
            text => keep.parsed("unit", text, Unit::parse(text, &aliases)),
        };
        let zone = keep.parsed("zone", &self.zone, self.zone.parse());
        let date_format = keep.parsed("date_format", &self.date_format, self.date_format.parse());
        let decimal = keep.parsed("decimal", &self.decimal, decimal(&self.decimal));
        let batch_rows = keep.within("batch_rows", self.batch_rows, 1, 1 << 20);
        let cache_bytes = keep.within("cache_bytes", self.cache_bytes, 1 << 20, 1 << 40);
        let journal_cache_bytes =
            keep.within("journal_cache_bytes", self.journal_cache_bytes, 1 << 20, 1 << 40);
        let versions = keep.within("versions_kept", self.versions_kept, 1, 1_000);
        let patience = keep.within("store_patience_ms", self.store_patience_ms, 1, 600_000);
        match (zone, date_format, decimal) {
            (Some(zone), Some(date_format), Some(decimal)) if errors.is_empty() => {
                let files = FilesConfig { unit, zone, date_format, decimal, aliases, batch_rows };
                let patience = Duration::from_millis(patience as u64);
                Ok((files, StoreConfig { cache_bytes, journal_cache_bytes, versions, patience }))
            }
            _ => Err(errors),
        }
    }
}

fn decimal(text: &str) -> Result<DecimalMark, &'static str> {
    match text {
        "." => Ok(DecimalMark::Point),
        "," => Ok(DecimalMark::Comma),
        _ => Err("give \".\" or \",\""),
    }
}

/// Keeps the errors, each with its key.
struct Keep<'a>(&'a mut Vec<String>);

impl Keep<'_> {
    fn parsed<T>(&mut self, key: &str, text: &str, parsed: Result<T, impl ToString>) -> Option<T> {
        parsed
            .map_err(|error| self.0.push(format!("operational.{key} = \"{text}\": {}", error.to_string())))
            .ok()
    }

    fn within(&mut self, key: &str, value: u64, low: u64, high: u64) -> usize {
        if value < low || value > high {
            self.0.push(format!("operational.{key} is {value}; give {low} to {high}"));
        }
        usize::try_from(value).unwrap_or(usize::MAX)
    }
}
