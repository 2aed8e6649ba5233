//! `cargo xtask loom`: every order in which the threads of the replay buffer may run.
//!
//! The models are built for themselves, under `--cfg loom` and in a folder of their own: under that cfg the buffer's
//! locks are loom's, and nothing else of the workspace is meant to be built so.

use crate::cargo;
use crate::checkout::Checkout;
use crate::stopwatch::Stopwatch;
use crate::task::Outcome;

/// How often a schedule may take a thread off in the middle of its way. With more of them the models grow without
/// finding more: every mutant is caught with three.
const PREEMPTIONS: &str = "3";

const COMMAND: [&str; 9] = [
    "test",
    "--package",
    "reweigh-buffer",
    "--test",
    "loom",
    "--profile=loom",
    "--locked",
    "--",
    "--nocapture",
];

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Wish {
    /// Explore without a bound, which takes minutes.
    unbounded: bool,
    /// Plant one mistake after the other, and see each caught.
    mutants: bool,
}

impl Wish {
    fn of(words: &[String]) -> Result<Self, String> {
        let mut wish = Self::default();
        for word in words {
            match word.as_str() {
                "--unbounded" => wish.unbounded = true,
                "--mutants" => wish.mutants = true,
                word => return Err(format!("`{word}` is not known here; `cargo xtask help` says what is")),
            }
        }
        Ok(wish)
    }

    fn rustflags(self) -> &'static str {
        if self.mutants { "--cfg loom --cfg planted" } else { "--cfg loom" }
    }

    fn bound(self) -> Option<&'static str> {
        (!self.unbounded).then_some(PREEMPTIONS)
    }
}

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    let wish = Wish::of(words)?;
    let mut env = vec![("RUSTFLAGS", wish.rustflags()), ("CARGO_TARGET_DIR", "target/loom")];
    env.extend(wish.bound().map(|bound| ("LOOM_MAX_PREEMPTIONS", bound)));
    let mut seen = Seen::default();
    let watch = Stopwatch::start();
    cargo::watch(checkout, &COMMAND, &env, |line| seen.note(line))?;
    let seconds = watch.elapsed().as_secs_f64();
    seen.judge(wish)?;
    let Seen { models, schedules, mutants, bounded } = seen;
    let bound = match wish.bound() {
        Some(bound) => format!("{bound} preemptions"),
        None if bounded == 0 => "no bound".to_owned(),
        None => format!("no bound but for {bounded}"),
    };
    let caught = if wish.mutants { format!(", {mutants} mutants caught") } else { String::new() };
    Ok(format!(
        "loom: {models} models, {schedules} schedules, {bound}{caught}, in {seconds:.1} s with the build"
    ))
}

/// What the models said of themselves. A run that says nothing has checked nothing, however well it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    models: usize,
    schedules: u64,
    mutants: usize,
    /// How many of the models had a bound. One that is too large has one even where none is asked for.
    bounded: usize,
}

impl Seen {
    /// Reads `loom NAME: N schedules, …` and `loom mutant NAME: caught …`.
    fn note(&mut self, line: &str) {
        let Some((_, said)) = line.split_once("loom ") else { return };
        if said.starts_with("mutant ") && said.contains(": caught by ") {
            self.mutants += 1;
        }
        let number = said.split_once(" schedules").and_then(|(before, _)| before.rsplit(' ').next());
        if let Some(schedules) = number.and_then(|number| number.parse::<u64>().ok()) {
            self.models += 1;
            self.schedules += schedules;
            self.bounded += usize::from(!said.contains("schedules, no bound"));
        }
    }

    fn judge(self, wish: Wish) -> Result<(), String> {
        match (self.models, wish.mutants, self.mutants) {
            (0, ..) => {
                Err("loom: no model said what it explored; see crates/reweigh-buffer/tests/loom".to_owned())
            }
            (_, true, 0) => {
                Err("loom: no mutant was planted; see crates/reweigh-buffer/src/planted.rs".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(words: &[&str]) -> Result<Wish, String> {
        Wish::of(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn words_are_read_and_others_refused() {
        assert_eq!(wish(&[]), Ok(Wish { unbounded: false, mutants: false }));
        assert_eq!(wish(&["--mutants", "--unbounded"]), Ok(Wish { unbounded: true, mutants: true }));
        assert!(wish(&["--mutant"]).is_err_and(|said| said.contains("`--mutant`")));
    }

    #[test]
    fn mutants_are_planted_only_where_they_are_asked_for() {
        assert_eq!(wish(&["--unbounded"]).map(Wish::rustflags), Ok("--cfg loom"));
        assert_eq!(wish(&["--mutants"]).map(Wish::rustflags), Ok("--cfg loom --cfg planted"));
    }

    #[test]
    fn a_run_that_says_nothing_is_no_success() {
        let (plain, mutants) = (Wish::default(), Wish { mutants: true, ..Wish::default() });
        let mut seen = Seen::default();
        seen.note("running 0 tests");
        assert!(seen.judge(plain).is_err());
        seen.note("test a ... loom add ∥ abort: 258 schedules, 3 preemptions (floor 200)");
        seen.note("loom two adders: 68 schedules, no bound (floor 50)");
        assert_eq!(seen, Seen { models: 2, schedules: 326, mutants: 0, bounded: 1 });
        assert_eq!(seen.judge(plain), Ok(()));
        seen.note("loom mutant LateSwap: MISSED by add_beside_abort");
        assert!(seen.judge(mutants).is_err());
        seen.note("loom mutant LateSwap: caught by add_beside_abort");
        assert_eq!(seen.judge(mutants), Ok(()));
    }
}
