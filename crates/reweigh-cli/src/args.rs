//! What may be typed: global options, and the commands.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgAction, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::command::{
    completions, config, conflicts, digest, explain, export, history, man, run, show, status, verify, waiting,
};
use crate::failure::Exit;
use crate::output;

/// Keeps a durable, explainable estimate of each person's weight, from readings in any order.
#[derive(Debug, Parser)]
#[command(name = "reweigh", version, propagate_version = true, subcommand_required = true)]
#[command(after_help = "Begin with `reweigh run FILE`. `reweigh man` has everything on one page.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options for every command")]
pub(crate) struct Global {
    /// The store
    #[arg(long, global = true, value_name = "PATH", env = "REWEIGH_DB", default_value = "reweigh.redb")]
    #[arg(hide_env_values = true)]
    pub(crate) db: PathBuf,
    /// The configuration, a TOML file; `reweigh config default` prints one
    #[arg(long, global = true, value_name = "PATH", env = "REWEIGH_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
    /// Data as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but data, warnings and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Say more: the causes of an error; twice, what the parts do
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How to write what is logged on standard error
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text")]
    pub(crate) log: LogFormat,
    /// How long to wait for a store that is in use
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) wait: u32,
    /// No colour; `NO_COLOR` does the same
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

impl Global {
    /// Whether colour is allowed.
    pub(crate) fn colour(&self) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        !self.no_color && !set("NO_COLOR") && !dumb
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(self.wait.into())
    }
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read files, keep every fact, settle every user, and say what came of it
    Run(Box<run::Args>),
    /// One user: the estimate now, its trend, the last readings, and a plot
    Show(show::Args),
    /// Why a reading got its verdict, and what would have changed it
    Explain(explain::Args),
    /// What was said of a user before, and what changed it
    History(history::Args),
    /// Facts of one id and revision with different contents
    Conflicts(conflicts::Args),
    /// Corrections whose reading never came
    Waiting(waiting::Args),
    /// How the store is doing
    Status(status::Args),
    /// One line: the hash over all users
    Digest(digest::Args),
    /// Fold from the facts and compare; exit code 3 if anything differs
    Verify(verify::Args),
    /// Write facts, states, readings, verdicts, revisions, audit or rejects as CSV or JSON lines
    Export(export::Args),
    /// Check or show the configuration
    Config(config::Args),
    /// A script that completes commands in a shell
    Completions(completions::Args),
    /// The manual, for man(1)
    Man(man::Args),
}

/// The whole of what may be typed, for manuals and completions.
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

/// Reads what was typed. What cannot be understood is said in one line.
pub(crate) fn parse(words: impl Iterator<Item = OsString>) -> Result<Cli, Exit> {
    let words: Vec<OsString> = words.collect();
    Cli::try_parse_from(&words).map_err(|error| {
        #[expect(clippy::wildcard_enum_match_arm, reason = "everything else is a mistake")]
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => output::print(&error.render().to_string())
                .map_or_else(|failure| failure.exit, |()| Exit::Done),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
                eprint!("{}", command().render_help());
                Exit::Usage
            }
            _ => {
                eprintln!("reweigh: {}", one_line(&error.render().to_string(), &words));
                Exit::Usage
            }
        }
    })
}

/// The reasons of an error of clap's, without the usage behind it.
fn one_line(rendered: &str, words: &[OsString]) -> String {
    let reasons = rendered.split("\nUsage:").next().unwrap_or(rendered);
    let reasons = reasons.split("\nFor more information").next().unwrap_or(reasons);
    let mut text = String::new();
    for line in reasons.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.strip_prefix("error: ").unwrap_or(line);
        if !text.is_empty() {
            text.push_str(if line.starts_with("tip:") || line.starts_with('[') { "; " } else { " " });
        }
        text.push_str(line);
    }
    let known = command();
    let command = words.iter().skip(1).filter_map(|word| word.to_str());
    let command = command.into_iter().find(|word| known.find_subcommand(word).is_some());
    let help = command.map_or_else(|| "reweigh --help".to_owned(), |name| format!("reweigh {name} --help"));
    format!("{text}; see `{help}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        command().debug_assert();
    }

    #[test]
    fn a_mistake_is_one_line_that_says_where_to_look() {
        let words: Vec<OsString> = ["reweigh", "run", "--fast", "x"].map(OsString::from).to_vec();
        let error = Cli::try_parse_from(&words).unwrap_err();
        let line = one_line(&error.render().to_string(), &words);
        assert!(line.starts_with("unexpected argument '--fast' found"), "{line}");
        assert!(line.ends_with("see `reweigh run --help`") && !line.contains('\n'), "{line}");
    }
}
