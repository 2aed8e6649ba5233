//! Power cuts and kills: `cargo xtask crash`.
//!
//! Without words the power goes out, in memory, at every operation of everything the store does. `--every N` takes
//! every N-th operation. `--kill ROUNDS` starts a process that uses a store on disk, kills it at a random moment, and
//! looks whether all that it was told is there; then again, on the same store.

mod child;
mod kill;

use reweigh_redb::CrashScenario;

use crate::checkout::Checkout;
use crate::stopwatch::Stopwatch;
use crate::task::Outcome;

pub(crate) fn run(_: &Checkout, words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => sweep(1),
        ["--every", stride] => sweep(number(stride)?),
        ["--kill", rounds] => kill::run(number(rounds)?, 1),
        ["--kill", rounds, "--seed", seed] => kill::run(number(rounds)?, number(seed)?),
        [child::WORD, path, first] => child::run(path, number(first)?),
        _ => Err("the words are not known here; `cargo xtask help` says what is".to_owned()),
    }
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

fn sweep(stride: u64) -> Outcome {
    let (mut cuts, mut reboots) = (0, 0);
    let watch = Stopwatch::start();
    for scenario in CrashScenario::ALL {
        let one = Stopwatch::start();
        let sweep = scenario.sweep(stride)?;
        cuts += sweep.cuts;
        reboots += sweep.reboots;
        println!(
            "{:10} {:4} operations, {:4} cuts, {:5} reboots, {:.1} s",
            scenario.name(),
            sweep.operations,
            sweep.cuts,
            sweep.reboots,
            one.elapsed().as_secs_f64(),
        );
    }
    let seconds = watch.elapsed().as_secs_f64();
    Ok(format!("nothing was lost in {cuts} cuts and {reboots} reboots, {seconds:.0} s"))
}
