//! `cargo xtask help`: every task in one line.

use crate::checkout::Checkout;
use crate::task::{Outcome, TASKS, Task, no_words};

pub(crate) fn run(_: &Checkout, words: &[String]) -> Outcome {
    no_words(words)?;
    Ok(render(TASKS))
}

fn render(tasks: &[Task]) -> String {
    let calls: Vec<String> =
        tasks.iter().map(|task| [task.name, task.takes].join(" ").trim_end().to_owned()).collect();
    let width = calls.iter().map(String::len).max().unwrap_or_default();
    let part = |stage: bool| -> Vec<String> {
        let tasks = tasks.iter().zip(&calls).filter(|(task, _)| task.stage == stage);
        tasks.map(|(task, call)| format!("    {call:width$}  {}", task.about)).collect()
    };
    let (chores, stages) = (part(false).join("\n"), part(true).join("\n"));
    format!(
        "usage: cargo xtask TASK\n\n{chores}\n\nstages of ci, in order; each also runs alone:\n\n{stages}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_exactly_one_line() {
        let text = render(TASKS);
        for task in TASKS {
            assert_eq!(text.lines().filter(|line| line.ends_with(task.about)).count(), 1, "{}", task.name);
        }
    }

    #[test]
    fn the_words_a_task_takes_are_shown() {
        assert!(render(TASKS).contains("requirements [--write]  "));
    }
}
