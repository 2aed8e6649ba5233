//! Runs cargo in the checkout.

use std::process::Command;

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
