//! Runs cargo in the checkout.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::checkout::Checkout;
use crate::task::Outcome;

/// Runs a cargo command and lets it print; the failure names the command.
pub(crate) fn run(checkout: &Checkout, words: &[&str], env: &[(&str, &str)]) -> Outcome {
    let status = command(checkout)
        .args(words)
        .envs(env.iter().copied())
        .status()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if status.success() { Ok(String::new()) } else { Err(format!("`cargo {}`: {status}", words.join(" "))) }
}

/// Runs a cargo command, passes on each line that it prints to its standard output, and shows it to `each`.
pub(crate) fn watch(
    checkout: &Checkout,
    words: &[&str],
    env: &[(&str, &str)],
    mut each: impl FnMut(&str),
) -> Result<(), String> {
    let mut child = command(checkout)
        .args(words)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    let lines = child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines());
    for line in lines {
        let line = line.map_err(|error| format!("what cargo prints cannot be read: {error}"))?;
        println!("{line}");
        each(&line);
    }
    let status = child.wait().map_err(|error| format!("cargo could not be waited for: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}`: {status}", words.join(" "))) }
}

/// What a cargo command prints to its standard output.
pub(crate) fn read(checkout: &Checkout, words: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(checkout)
        .args(words)
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("`cargo {}`: {}\n{}", words.join(" "), output.status, said.trim_end()))
}

/// The cargo that runs this program, so that both are of one toolchain.
fn command(checkout: &Checkout) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(checkout.root());
    command
}
