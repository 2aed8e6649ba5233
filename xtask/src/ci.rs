//! `cargo xtask ci`: every stage in turn, with its duration, up to the first that fails.

use std::time::Duration;

use crate::checkout::Checkout;
use crate::stopwatch::Stopwatch;
use crate::task::{Outcome, no_words, stages};

pub(crate) fn run(checkout: &Checkout, words: &[String]) -> Outcome {
    no_words(words)?;
    let watch = Stopwatch::start();
    let names: Vec<&str> = stages().map(|stage| stage.name).collect();
    let passed = in_turn(stages().map(|stage| {
        let work = || {
            println!("ci: {}: {}", stage.name, stage.about);
            let watch = Stopwatch::start();
            let outcome = stage.run(checkout, &[]);
            if let Ok(said) = &outcome {
                let detail = if said.is_empty() { String::new() } else { format!(": {said}") };
                println!("ci: {} passed in {}{detail}", stage.name, seconds(watch.elapsed()));
            }
            outcome
        };
        (stage.name, work)
    }));
    let took = seconds(watch.elapsed());
    passed.map(|count| format!("ci: all {count} stages passed in {took}: {}", names.join(", ")))
}

/// Does one after the other and stops at the first that fails; says how many were done.
fn in_turn<W: FnOnce() -> Outcome>(works: impl Iterator<Item = (&'static str, W)>) -> Result<usize, String> {
    let mut count = 0;
    for (name, work) in works {
        work().map_err(|said| {
            format!("{said}\nci: FAILED in stage `{name}`; run it alone with `cargo xtask {name}`")
        })?;
        count += 1;
    }
    Ok(count)
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_first_failure_stops_the_run_and_is_named() {
        let done = RefCell::new(Vec::new());
        let works = [("a", true), ("b", false), ("c", true)].map(|(name, good)| {
            let done = &done;
            let work = move || {
                done.borrow_mut().push(name);
                if good { Ok(String::new()) } else { Err("it broke".to_owned()) }
            };
            (name, work)
        });
        let said = in_turn(works.into_iter());
        assert_eq!(
            said,
            Err("it broke\nci: FAILED in stage `b`; run it alone with `cargo xtask b`".to_owned())
        );
        assert_eq!(*done.borrow(), ["a", "b"]);
    }

    #[test]
    fn all_stages_are_counted() {
        let works = ["a", "b"].map(|name| (name, || Ok(String::new())));
        assert_eq!(in_turn(works.into_iter()), Ok(2));
    }
}
