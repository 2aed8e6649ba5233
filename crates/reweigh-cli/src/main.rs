//! The program `reweigh`: files of readings in, settled and explained estimates out.
//!
//! It composes the crates and decides nothing: [`command`] has a file for each command, and the rest is what they
//! share: arguments, configuration, the store on disk, the clock, and how things are said.

mod args;
mod clock;
mod command;
mod config;
mod failure;
mod ident;
mod interrupt;
mod log;
mod output;
mod paint;
mod row;
mod screen;
mod session;
mod sheet;
mod stores;
mod table;
mod told;
mod words;

use std::process::ExitCode;

use crate::command::Context;

fn main() -> ExitCode {
    let cli = match args::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    log::begin(&cli.global);
    let context = Context::new(cli.global);
    match command::run(cli.command, &context) {
        Ok(exit) => exit.into(),
        Err(failure) => context.screen.fail(&failure).into(),
    }
}
