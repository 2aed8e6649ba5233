//! `explain`: why a reading got its verdict, as a careful colleague would say it.

use std::fmt::Write as _;

use reweigh::{Explained, Role, Which};
use reweigh_judge::Explanation;
use reweigh_reading::{Instant, UserId};
use reweigh_state::{Outcome, Reason};
use serde_json::{Value, json};

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::ident;
use crate::output;
use crate::row::{Row, fine};
use crate::session::{Session, Wanted};
use crate::table::{Align, Table};
use crate::words::{kg, measure, second};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose reading
    #[arg(value_name = "USER")]
    user: UserId,
    /// The last reading at or before this instant [default: the newest]
    #[arg(long, value_name = "INSTANT", conflicts_with = "id")]
    at: Option<Instant>,
    /// The reading of this id, or of as much of it as is unique
    #[arg(long, value_name = "ID")]
    id: Option<String>,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let explained = Session::with(context, Wanted::default(), |session| {
        session.settle()?;
        let which = match &args.id {
            Some(begins) => Which::Id(ident::resolve(&session.engine, &args.user, begins)?),
            None => Which::At(args.at.unwrap_or(Instant::MAX)),
        };
        Ok(session.engine.explain(&args.user, &which)?)
    })?;
    if context.global.json {
        output::print_json(&to_json(&explained))?;
    } else {
        output::print(&text(&explained))?;
    }
    Ok(Exit::Done)
}

fn to_json(explained: &Explained) -> Value {
    let Explained { line, explanation } = explained;
    json!({
        "reading": Row::of(line, None),
        "role": line.role.as_str(),
        "explanation": explanation.as_ref().map(|it| json!({
            "came_kg": fine(it.came_kg),
            "expected_kg": fine(it.expected_kg),
            "spread_kg": fine(it.spread_kg),
            "innovation_kg": fine(it.scores.innovation_kg),
            "nis": fine(it.scores.nis),
            "believable_kg": fine(it.scores.believable_kg),
            "scores": {
                "safety": fine(it.scores.safety),
                "plausibility": fine(it.scores.plausibility),
                "consistency": fine(it.scores.consistency),
                "reliability": fine(it.scores.reliability),
            },
            "quality": fine(it.quality),
            "threshold": fine(it.threshold),
            "possibilities": it.possibilities.iter().map(|one| json!({
                "reason": one.reason.code(),
                "unit": unit_of(one.reason),
                "chance": fine(one.chance),
            })).collect::<Vec<_>>(),
            "accepted_from_kg": it.accepted_kg.map(|(low, _)| fine(low)),
            "accepted_to_kg": it.accepted_kg.map(|(_, high)| fine(high)),
            "stories": it.stories,
            "sentence": it.sentence(),
            "what_would_change_it": it.what_would_change_it(),
        })),
    })
}

/// The unit that a value may really be in.
fn unit_of(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::OtherUnit(slip) | Reason::Repaired(slip) => Some(slip.measured.symbol()),
        Reason::Fits
        | Reason::BeganShift
        | Reason::BodyMassIndex
        | Reason::DecimalSlip
        | Reason::SwappedDigits
        | Reason::OtherPerson
        | Reason::Unsafe
        | Reason::OutOfPattern => None,
    }
}

fn text(explained: &Explained) -> String {
    let Explained { line, explanation } = explained;
    let fact = &line.fact;
    let mut text = String::new();
    let what = fact.measure().map_or_else(|| fact.action().kind().name().to_owned(), measure);
    let _ = writeln!(text, "{} of {} by {}", what, second(fact.at()), fact.source());
    let _ = writeln!(text, "{}, revision {}", fact.id(), fact.revision().get());
    let _ = writeln!(text, "\n{}", verdict(explained));
    if let Some(explanation) = explanation {
        text.push_str(&told(explanation));
        if let Some(then) = hindsight(explained, explanation) {
            let _ = writeln!(text, "\n{then}");
        }
        let _ = writeln!(text, "\n{}", explanation.what_would_change_it());
    }
    if let (Some(smoothed), Some(estimate)) = (line.smoothed_kg, line.estimate) {
        let _ = writeln!(
            text,
            "\nThe estimate was {} then, and is {} for that moment with what came after.",
            kg(estimate.level_kg),
            kg(smoothed)
        );
    }
    text
}

/// What became of it, in a sentence.
fn verdict(explained: &Explained) -> String {
    let line = &explained.line;
    let begins = match (line.role, line.verdict.map(|verdict| verdict.outcome)) {
        (Role::Superseded { conflict: true }, _) => {
            "Superseded: another telling with the same id and revision says something else, and was kept."
                .to_owned()
        }
        (Role::Superseded { conflict: false }, _) => {
            "Superseded: a later revision stands in its place.".to_owned()
        }
        (Role::Retracted, _) => "Retracted: it was taken back, and counts for nothing.".to_owned(),
        (Role::Retraction, _) => "A retraction: it takes a reading back.".to_owned(),
        (Role::Waiting, _) => "Waiting: the reading that it corrects has not come.".to_owned(),
        (Role::Height, _) => "A height: it helps to know a body mass index from a weight.".to_owned(),
        (Role::Reset, _) => "A manual reset: the estimate starts over here.".to_owned(),
        (Role::Reading, Some(Outcome::Held)) => {
            "Held: explanations that differ about it are still being weighed; the next readings decide."
                .to_owned()
        }
        (Role::Reading, Some(Outcome::Rejected)) => "Rejected: it is no part of the estimate.".to_owned(),
        (Role::Reading, Some(_)) => "Accepted: it is part of the estimate.".to_owned(),
        (Role::Reading, None) => "Not settled yet.".to_owned(),
    };
    match line.reset {
        Some(reset) => format!("{begins} A reset was made here: {}.", reset.as_str()),
        None => begins,
    }
}

/// What there was to say when it came.
fn told(explanation: &Explanation) -> String {
    let mut text = format!("When it came: {}\n", explanation.sentence());
    let scores = &explanation.scores;
    let _ = writeln!(text, "\nHow unusual that is: {}.", unusual(scores.nis));
    let _ = writeln!(text, "\nWhat it could be:");
    let mut table = Table::new(&[Align::Right, Align::Left]).indented("  ");
    let likely = explanation.possibilities.iter().filter(|one| one.chance >= 0.000_5);
    for one in likely {
        table.row([format!("{:.1} %", 100.0 * one.chance), meaning(one.reason)]);
    }
    text.push_str(&table.text());
    let _ = writeln!(text, "\nIts scores, from 0 to 1:");
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Left]).indented("  ");
    let mut score =
        |name: &str, value: f64, means: String| table.row([name.to_owned(), format!("{value:.2}"), means]);
    score("safety", scores.safety, "within what a body can weigh".to_owned());
    score(
        "plausibility",
        scores.plausibility,
        format!("{:+.1} kg from what was expected", scores.innovation_kg),
    );
    score(
        "consistency",
        scores.consistency,
        format!("a change of {:.1} kg was believable", scores.believable_kg),
    );
    score("reliability", scores.reliability, "how far its source is relied on".to_owned());
    score(
        "quality",
        explanation.quality,
        format!("their harmonic mean; below {:.2} its odds shrink", explanation.threshold),
    );
    text.push_str(&table.text());
    text
}

/// How rare a normalised innovation squared is, in words.
fn unusual(nis: f64) -> String {
    let sd = nis.max(0.0).sqrt();
    let often = match sd {
        ..1.0 => "two readings in three are that close or closer",
        ..2.0 => "one reading in three is further off",
        ..3.0 => "one good reading in twenty is that far off",
        ..4.0 => "one good reading in four hundred is that far off",
        _ => "good readings are practically never that far off",
    };
    format!("{sd:.1} standard deviations; {often}")
}

fn meaning(reason: Reason) -> String {
    match reason {
        Reason::Fits => "this person's weight".to_owned(),
        Reason::BeganShift => "the beginning of a lasting change".to_owned(),
        Reason::Repaired(slip) | Reason::OtherUnit(slip) => slip.to_string(),
        Reason::BodyMassIndex => "a body mass index recorded as a weight".to_owned(),
        Reason::DecimalSlip => "a decimal point in the wrong place".to_owned(),
        Reason::SwappedDigits => "two digits that changed places".to_owned(),
        Reason::OtherPerson => "another person on this scale".to_owned(),
        Reason::Unsafe => "nothing a body can weigh".to_owned(),
        Reason::OutOfPattern => "something else that is not known".to_owned(),
    }
}

/// What later readings made of it, where that is another verdict than the first.
fn hindsight(explained: &Explained, explanation: &Explanation) -> Option<String> {
    let verdict = explained.line.verdict?;
    let first_rejects = explanation.likeliest().rejects();
    match (first_rejects, verdict.outcome) {
        (true, Outcome::Accepted) => {
            Some("What came after agreed with it, and so it was taken in.".to_owned())
        }
        (false, Outcome::Rejected) => Some(format!(
            "What came after did not agree with it; it is now seen as {}.",
            meaning(verdict.reason)
        )),
        (true, Outcome::Rejected) if explanation.likeliest() != verdict.reason => {
            Some(format!("With what came after it is rather seen as {}.", meaning(verdict.reason)))
        }
        _ => None,
    }
}
