//! The check and the chores of this repository: `cargo xtask help` lists them.
//!
//! One table, [`task::TASKS`], names everything that can be run. The check, `cargo xtask ci`, runs those of its
//! entries that are marked as its stages, in the order of the table.
#![expect(clippy::print_stdout, reason = "this program is read by people, on a terminal or in a log")]

mod cargo;
mod checkout;
mod ci;
mod crash;
mod file;
mod finding;
mod help;
mod layers;
mod loom;
mod metadata;
mod requirements;
mod scenario;
mod score;
mod score_real;
mod stopwatch;
mod task;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(said) => {
            if !said.is_empty() {
                println!("{said}");
            }
            ExitCode::SUCCESS
        }
        Err(said) => {
            eprintln!("{said}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the task that the first word names; without a word, help.
fn dispatch(words: &[String]) -> task::Outcome {
    let (name, rest) = words.split_first().map_or(("help", words), |(name, rest)| (name.as_str(), rest));
    let found = task::find(name).ok_or_else(|| format!("no task `{name}`; `cargo xtask help` lists them"))?;
    found.run(&checkout::Checkout::here()?, rest)
}
