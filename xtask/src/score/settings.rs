//! The policy of a run: the balanced one, and what the command line sets otherwise.

use reweigh_state::{CheckedPolicy, Policy};
use serde_json::Value;

/// What the command line asks for.
pub(crate) struct Settings<'a> {
    pub(crate) policy: CheckedPolicy,
    pub(crate) folders: Vec<&'a String>,
    /// How many of the worst users to name.
    pub(crate) worst: usize,
}

/// Takes the options out of the words; what is left are folders.
pub(crate) fn read(words: &[String]) -> Result<Settings<'_>, String> {
    let mut worst = 0;
    let mut policy = serde_json::to_value(Policy::default()).map_err(|error| error.to_string())?;
    let mut folders = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--set" {
            let setting = words.next().ok_or("--set wants KEY=VALUE")?;
            set(&mut policy, setting)?;
        } else if word == "--worst" {
            let count = words.next().and_then(|count| count.parse().ok());
            worst = count.ok_or("--worst wants a number")?;
        } else {
            folders.push(word);
        }
    }
    let policy: Policy = serde_json::from_value(policy).map_err(|error| error.to_string())?;
    let policy = policy
        .check()
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    Ok(Settings { policy, folders, worst })
}

fn set(policy: &mut Value, setting: &str) -> Result<(), String> {
    let (key, value) = setting.split_once('=').ok_or_else(|| format!("{setting}: no KEY=VALUE"))?;
    let pointer = format!("/{}", key.replace('.', "/"));
    let slot = policy.pointer_mut(&pointer).ok_or_else(|| format!("no key {key}"))?;
    *slot = serde_json::from_str(value).map_err(|error| format!("{key}: {error}"))?;
    Ok(())
}
