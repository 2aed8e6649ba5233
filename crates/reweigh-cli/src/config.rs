//! The one configuration: a policy, which decides what is settled, and operational settings, which do not.
//!
//! Both are tables of defaults over which a file and options are laid, key by key. A key that the defaults do not have is
//! refused, and so is a value of another kind or out of its bounds; each error names the key.

mod layers;
mod own;

use std::path::Path;

use reweigh::{CheckedSettings, Settings};
use reweigh_state::{CheckedPolicy, Policy, Profile};
use toml::{Table, Value};

pub(crate) use layers::{Layers, Origin, flat};
pub(crate) use own::{FilesConfig, StoreConfig};

use crate::failure::{Exit, Failure};
use own::Own;

/// The configuration in force.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) policy: CheckedPolicy,
    pub(crate) settings: CheckedSettings,
    pub(crate) files: FilesConfig,
    pub(crate) store: StoreConfig,
    /// Every key with its value, and where it comes from.
    pub(crate) layers: Layers,
}

/// A value that an option of the command line gives.
#[derive(Debug, Clone)]
pub(crate) struct Override {
    pub(crate) key: &'static str,
    pub(crate) value: Value,
    pub(crate) option: &'static str,
}

impl Config {
    /// The defaults, the file over them, and the options over both.
    pub(crate) fn load(path: Option<&Path>, options: &[Override]) -> Result<Self, Failure> {
        Self::read(path, options).map_err(|errors| {
            let first = errors.first().cloned().unwrap_or_default();
            let more = match errors.len() {
                0 | 1 => String::new(),
                many => format!(" (and {} more; `reweigh config check` lists them)", many - 1),
            };
            Failure::new(Exit::Usage, "config", format!("{first}{more}"))
        })
    }

    /// The same, with every error there is.
    pub(crate) fn read(path: Option<&Path>, options: &[Override]) -> Result<Self, Vec<String>> {
        let given = path.map(read_file).transpose().map_err(|error| vec![error])?;
        let file = path.map(|path| path.display().to_string()).unwrap_or_default();
        Self::of_table(given.as_ref(), &file, options)
    }

    /// The same, of a file's content.
    pub(crate) fn of_table(
        given: Option<&Table>,
        file: &str,
        options: &[Override],
    ) -> Result<Self, Vec<String>> {
        let at = |error: String| if file.is_empty() { error } else { format!("{file}: {error}") };
        let profile = profile_of(given).map_err(|error| vec![at(error)])?;
        let mut layers = Layers::new(defaults(profile), &defaults(Profile::Balanced), profile);
        let mut errors = Vec::new();
        if let Some(given) = given {
            layers.lay(given, &Origin::File(file.to_owned()), &mut errors);
        }
        for Override { key, value, option } in options {
            layers.lay_one(key, value, &Origin::Option((*option).to_owned()), &mut errors);
        }
        if !errors.is_empty() {
            return Err(errors.into_iter().map(at).collect());
        }
        Self::checked(layers).map_err(|errors| errors.into_iter().map(at).collect())
    }

    fn checked(layers: Layers) -> Result<Self, Vec<String>> {
        let mut errors = Vec::new();
        let policy: Result<Policy, _> = layers.section("policy").try_into();
        let policy = policy.map_err(|error| errors.push(format!("policy: {}", first_line(&error)))).ok();
        let policy = policy.and_then(|policy| {
            let wrong = |found: Vec<reweigh_state::BoundError>| {
                errors.extend(found.iter().map(|error| format!("policy.{error}")));
            };
            policy.check().map_err(wrong).ok()
        });
        let mut operational = layers.section("operational");
        let own = Own::take(&mut operational);
        let settings: Result<Settings, _> = operational.try_into();
        let settings =
            settings.map_err(|error| errors.push(format!("operational: {}", first_line(&error)))).ok();
        let settings = settings.and_then(|settings| {
            let wrong = |found: Vec<reweigh::SettingError>| {
                errors.extend(found.iter().map(|error| format!("operational.{error}")));
            };
            settings.check().map_err(wrong).ok()
        });
        let own = own.and_then(Own::check).map_err(|found| errors.extend(found)).ok();
        match (policy, settings, own) {
            (Some(policy), Some(settings), Some((files, store))) if errors.is_empty() => {
                Ok(Self { policy, settings, files, store, layers })
            }
            _ => Err(errors),
        }
    }
}

/// Every key there is, under a profile.
fn defaults(profile: Profile) -> Table {
    let mut operational = Table::try_from(Settings::default()).unwrap_or_default();
    operational.extend(Own::table());
    let name = Value::try_from(profile).unwrap_or(Value::String(String::new()));
    let policy = Table::try_from(profile.policy()).unwrap_or_default();
    Table::from_iter([
        ("profile".to_owned(), name),
        ("policy".to_owned(), Value::Table(policy)),
        ("operational".to_owned(), Value::Table(operational)),
    ])
}

/// The profile that a file names; it decides the defaults of the rest.
fn profile_of(given: Option<&Table>) -> Result<Profile, String> {
    match given.and_then(|table| table.get("profile")) {
        None => Ok(Profile::Balanced),
        Some(name) => name.clone().try_into().map_err(|_| {
            format!("profile = {name} is unknown; give \"conservative\", \"balanced\", \"aggressive\" or \"clinical\"")
        }),
    }
}

fn read_file(path: &Path) -> Result<Table, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {}", path.display(), crate::failure::plain(&error)))?;
    text.parse::<Table>().map_err(|error| {
        let line =
            error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
        let line = line.map(|line| format!(" line {line}:")).unwrap_or_default();
        format!("{}:{line} this is not TOML: {}", path.display(), error.message().replace('\n', "; "))
    })
}

fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}
