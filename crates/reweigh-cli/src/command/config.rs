//! `config`: check or show the configuration, or print the one that needs no file.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::command::Context;
use crate::config::{Config, Origin};
use crate::failure::{Exit, Failure};
use crate::output;

/// What `config` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What is done with it.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Say everything that is wrong with it
    Check,
    /// Every key in force, and where its value comes from
    Show,
    /// A whole configuration to begin from
    Default,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    match args.what {
        What::Check => check(context),
        What::Show => {
            let config = Config::load(context.global.config.as_deref(), &[])?;
            show(&config, context, true)
        }
        What::Default => show(&Config::load(None, &[])?, context, false),
    }
}

fn check(context: &Context) -> Result<Exit, Failure> {
    let errors = Config::read(context.global.config.as_deref(), &[]).err().unwrap_or_default();
    if context.global.json {
        output::print_json(&json!({ "sound": errors.is_empty(), "errors": errors }))?;
    }
    let Some((last, others)) = errors.split_last() else {
        if !context.global.json {
            output::print("the configuration is sound\n")?;
        }
        return Ok(Exit::Done);
    };
    for error in others {
        context.screen.fail(&Failure::new(Exit::Usage, "config", error.clone()));
    }
    Err(Failure::new(Exit::Usage, "config", last.clone()))
}

fn show(config: &Config, context: &Context, origins: bool) -> Result<Exit, Failure> {
    let all = config.layers.all();
    if context.global.json {
        let keys: Vec<Value> = all
            .iter()
            .map(|(key, value, origin)| json!({ "key": key, "value": value, "from": origin.to_string() }))
            .collect();
        output::print_json(&keys)?;
        return Ok(Exit::Done);
    }
    output::print(&toml(&all, origins))?;
    Ok(Exit::Done)
}

/// A TOML file of every key, with its origin as a comment.
fn toml(all: &[(String, toml::Value, Origin)], origins: bool) -> String {
    let (top, rest): (Vec<_>, Vec<_>) = all.iter().partition(|(key, ..)| split(key).0.is_empty());
    let mut rest = rest;
    // A table that is empty ends the keys of the one around it, so it comes after them.
    rest.sort_by_key(|(key, value, _)| {
        let section = if value.is_table() { key } else { split(key).0 };
        (!key.starts_with("policy"), section.to_owned())
    });
    let mut text = String::new();
    let mut section = "";
    for (key, value, origin) in top.into_iter().chain(rest) {
        let (within, name) = split(key);
        // A table that is empty has no keys to show; its name shows that there may be some.
        if value.as_table().is_some() {
            let _ = write!(text, "\n[{key}]");
        } else {
            if within != section {
                section = within;
                let _ = write!(text, "\n[{section}]\n");
            }
            let _ = write!(text, "{name} = {value}");
        }
        if origins {
            let _ = write!(text, "  # {origin}");
        }
        text.push('\n');
    }
    text
}

/// The table of a key, and its name there.
fn split(key: &str) -> (&str, &str) {
    // A quoted name may have dots in it.
    let end = key.strip_suffix('"').and_then(|key| key.rfind('"')).map_or(key.len(), |quote| quote);
    match key.get(..end).and_then(|head| head.rfind('.')) {
        Some(dot) => (key.get(..dot).unwrap_or_default(), key.get(dot + 1..).unwrap_or_default()),
        None => ("", key),
    }
}
