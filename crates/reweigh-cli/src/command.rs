//! The commands, one file each.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod conflicts;
pub(crate) mod digest;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod man;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod verify;
pub(crate) mod waiting;

use crate::args::{Command, Global};
use crate::failure::{Exit, Failure};
use crate::output;
use crate::paint::Paint;
use crate::screen::Screen;

/// What every command is given.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) global: Global,
    pub(crate) screen: Screen,
    /// How data on standard output is painted.
    pub(crate) paint: Paint,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        Self { screen: Screen::new(&global), paint: output::paint(&global), global }
    }
}

/// Does what was typed.
pub(crate) fn run(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(&args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Explain(args) => explain::run(&args, context),
        Command::History(args) => history::run(&args, context),
        Command::Conflicts(args) => conflicts::run(&args, context),
        Command::Waiting(args) => waiting::run(&args, context),
        Command::Status(args) => status::run(&args, context),
        Command::Digest(args) => digest::run(&args, context),
        Command::Verify(args) => verify::run(&args, context),
        Command::Export(args) => export::run(&args, context),
        Command::Config(args) => config::run(&args, context),
        Command::Completions(args) => completions::run(&args, context),
        Command::Man(args) => man::run(&args, context),
    }
}
