//! The one table of what `cargo xtask` can run.

use crate::checkout::Checkout;
use crate::{cargo, ci, crash, help, layers, loom, requirements, scenario, score, score_real, tidy};

/// What a task says when it went well, empty if nothing; or what went wrong and what to do about it.
pub(crate) type Outcome = Result<String, String>;

/// One thing that `cargo xtask NAME` does.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) name: &'static str,
    /// The words it takes after its name, as help shows them.
    pub(crate) takes: &'static str,
    /// One line for help.
    pub(crate) about: &'static str,
    /// Whether it is a stage of `ci`.
    pub(crate) stage: bool,
    pub(crate) work: Work,
}

/// How a task is done.
#[derive(Debug)]
pub(crate) enum Work {
    /// By a cargo command, with these variables added to its environment.
    Cargo { words: &'static [&'static str], env: &'static [(&'static str, &'static str)] },
    /// By a function of this program. It gets the words after the task's name and refuses what it does not know.
    Here(fn(&Checkout, &[String]) -> Outcome),
}

/// Everything there is, in the order of help. The stages of `ci` run in this order too: what is quick and what fails
/// most often comes first.
pub(crate) const TASKS: &[Task] = &[
    Task { name: "help", takes: "", about: "list all this", stage: false, work: Work::Here(help::run) },
    Task {
        name: "ci",
        takes: "",
        about: "the check: every stage below, up to the first that fails",
        stage: false,
        work: Work::Here(ci::run),
    },
    Task {
        name: "requirements",
        takes: "[--write]",
        about: "say which requirements are proven; --write puts the proofs into docs/requirements.md",
        stage: false,
        work: Work::Here(requirements::run),
    },
    Task {
        name: "scenario",
        takes: "--recipe NAME --seed S --users N --days D DIR",
        about: "write labelled lives: readings, truth, heights",
        stage: false,
        work: Work::Here(scenario::run),
    },
    Task {
        name: "score",
        takes: "[--set KEY=VALUE]... [--worst N] DIR...",
        about: "judge labelled scenarios and print errors against truth, precision and recall",
        stage: false,
        work: Work::Here(score::run),
    },
    Task {
        name: "score-real",
        takes: "[--set KEY=VALUE]... [--worst N]",
        about: "judge recorded data, which REWEIGH_DATA names, and print the tables of docs/benchmarks.md",
        stage: false,
        work: Work::Here(score_real::run),
    },
    Task {
        name: "crash",
        takes: "[--every N] [--kill ROUNDS [--seed N]]",
        about: "cut the power at every operation of everything the store does, or kill a process that uses it",
        stage: false,
        work: Work::Here(crash::run),
    },
    Task {
        name: "fmt",
        takes: "",
        about: "every Rust file is formatted; `cargo fmt` mends it",
        stage: true,
        work: Work::Cargo { words: &["fmt", "--all", "--check"], env: &[] },
    },
    Task {
        name: "layers",
        takes: "",
        about: "every crate says its layer, and every dependency goes strictly down",
        stage: true,
        work: Work::Here(layers::run),
    },
    Task {
        name: "tidy",
        takes: "",
        about: "the rules for files: root, size, words, manifests, names, front pages, links, decisions, proofs",
        stage: true,
        work: Work::Here(tidy::run),
    },
    Task {
        name: "clippy",
        takes: "",
        about: "every target compiles, benches included, and no lint speaks",
        stage: true,
        work: Work::Cargo {
            words: &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"],
            env: &[],
        },
    },
    Task {
        name: "native",
        takes: "",
        about: "known chains keep their bits when built for this very processor",
        stage: true,
        work: Work::Cargo {
            words: &["test", "--package", "reweigh-judge", "--test", "it", "--locked", "golden"],
            env: &[
                ("INSTA_UPDATE", "no"),
                ("RUSTFLAGS", "-C target-cpu=native"),
                ("CARGO_TARGET_DIR", "target/native"),
            ],
        },
    },
    Task {
        name: "test",
        takes: "",
        about: "unit, property, snapshot and integration tests; examples are built",
        stage: true,
        work: Work::Cargo {
            words: &["test", "--workspace", "--tests", "--examples", "--locked"],
            env: &[("INSTA_UPDATE", "no")],
        },
    },
    Task {
        name: "doctest",
        takes: "",
        about: "the examples in the documentation run",
        stage: true,
        work: Work::Cargo { words: &["test", "--workspace", "--doc", "--locked"], env: &[] },
    },
    Task {
        name: "doc",
        takes: "",
        about: "the documentation builds without a warning",
        stage: true,
        work: Work::Cargo {
            words: &["doc", "--workspace", "--no-deps", "--locked"],
            env: &[("RUSTDOCFLAGS", "--deny warnings")],
        },
    },
    Task {
        name: "loom",
        takes: "[--unbounded] [--mutants]",
        about: "every order of the buffer's threads; --mutants plants mistakes that must be caught",
        stage: true,
        work: Work::Here(loom::run),
    },
];

/// The task of this name.
pub(crate) fn find(name: &str) -> Option<&'static Task> {
    TASKS.iter().find(|task| task.name == name)
}

/// The stages of `ci`, in order.
pub(crate) fn stages() -> impl Iterator<Item = &'static Task> {
    TASKS.iter().filter(|task| task.stage)
}

impl Task {
    pub(crate) fn run(&self, checkout: &Checkout, words: &[String]) -> Outcome {
        match self.work {
            Work::Cargo { words: command, env } => {
                no_words(words)?;
                cargo::run(checkout, command, env)
            }
            Work::Here(work) => work(checkout, words),
        }
    }
}

/// For tasks that take no words: a misspelt one must not pass for a run that did what was asked.
pub(crate) fn no_words(words: &[String]) -> Result<(), String> {
    words
        .first()
        .map_or(Ok(()), |word| Err(format!("`{word}` is not known here; `cargo xtask help` says what is")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TASKS.len());
    }

    #[test]
    fn ci_holds_the_whole_check_in_order() {
        let names: Vec<_> = stages().map(|task| task.name).collect();
        assert_eq!(names, ["fmt", "layers", "tidy", "clippy", "native", "test", "doctest", "doc", "loom"]);
    }

    #[test]
    fn words_for_a_task_without_words_are_refused() {
        assert_eq!(no_words(&[]), Ok(()));
        assert!(no_words(&["--fast".to_owned()]).is_err_and(|said| said.contains("--fast")));
    }
}
