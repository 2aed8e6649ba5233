//! `show`: one user at a glance.

mod plot;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reweigh::{Provisional, Standing, StoryLine, UserStory};
use reweigh_reading::{Instant, UserId};
use reweigh_state::{Estimate, Outcome, UserState};
use serde_json::{Value, json};

use crate::command::Context;
use crate::failure::{Exit, Failure};
use crate::ident::Ids;
use crate::output;
use crate::paint::Paint;
use crate::row::{Row, fine};
use crate::session::{Session, Wanted};
use crate::table::{Align, Table};
use crate::words::{counted, day, kg, measure, second, trend};

/// What `show` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whom to show
    #[arg(value_name = "USER")]
    user: UserId,
    /// Only readings from this instant on
    #[arg(long, value_name = "INSTANT")]
    from: Option<Instant>,
    /// Only readings before this instant
    #[arg(long, value_name = "INSTANT")]
    to: Option<Instant>,
    /// How many of the last readings to list
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    last: usize,
}

pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let known = Session::with(context, Wanted::default(), |session| known(session, &args.user))?;
    let (standing, story) = known;
    if context.global.json {
        output::print_json(&to_json(args, &standing, &story))?;
    } else {
        output::print(&text(args, &standing, &story, context.paint))?;
    }
    Ok(Exit::Done)
}

/// What is settled and served of a user, and the whole story.
pub(crate) fn known(session: &Session, user: &UserId) -> Result<(Standing, UserStory), Failure> {
    session.settle()?;
    let standing = session.engine.state(user)?;
    let story = session.engine.story(user)?;
    standing.zip(story).ok_or_else(|| nobody(user))
}

/// Nothing is known of a user.
pub(crate) fn nobody(user: &UserId) -> Failure {
    let what = format!("nothing is known of user {user}; `reweigh export states` lists who is there");
    Failure::new(Exit::Usage, "engine_no_user", what)
}

impl Args {
    fn within<'a>(&self, story: &'a UserStory) -> Vec<&'a StoryLine> {
        let inside = |line: &&StoryLine| {
            let at = line.fact.at();
            self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
        };
        story.lines.iter().filter(inside).collect()
    }
}

fn to_json(args: &Args, standing: &Standing, story: &UserStory) -> Value {
    let provisional = standing.provisional.as_ref().map(Provisional::code);
    let rows: Vec<Row<'_>> =
        args.within(story).into_iter().filter_map(|line| Row::of(line, provisional)).collect();
    json!({
        "user": story.user.as_str(),
        "served": standing.served.as_ref().map(state_json),
        "settled": standing.settled.as_ref().map(state_json),
        "provisional": provisional,
        "readings": rows,
    })
}

fn state_json(state: &UserState) -> Value {
    let estimate = state.estimate();
    json!({
        "estimate_kg": estimate.map(|it| fine(it.level_kg)),
        "low_kg": estimate.map(|it| fine(it.interval_kg().0)),
        "high_kg": estimate.map(|it| fine(it.interval_kg().1)),
        "trend_kg_per_week": estimate.map(|it| fine(it.trend_kg_per_week())),
        "readings": state.readings,
        "last_reading": state.last_reading.map(|at| at.to_string()),
    })
}

fn text(args: &Args, standing: &Standing, story: &UserStory, paint: Paint) -> String {
    let lines = args.within(story);
    let mut text = String::new();
    let user = story.user.as_str();
    let _ = writeln!(text, "{}  {}", paint.bold(user), now(standing.estimate()));
    let _ = writeln!(text, "{}", status(standing));
    let _ = writeln!(text, "{}\n", tally(&lines));
    match plot::plot(&lines, paint) {
        Some(plot) => text.push_str(&plot),
        None => text.push_str("no readings to draw\n"),
    }
    let ids = Ids::of(story);
    let mut table =
        Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left, Align::Left, Align::Left])
            .indented("  ");
    let shown: Vec<&&StoryLine> = lines.iter().filter(|line| line.fact.measure().is_some()).collect();
    for line in shown.iter().skip(shown.len().saturating_sub(args.last)) {
        table.row(reading(line, &ids));
    }
    if !table.is_empty() {
        let _ = write!(text, "\nlast readings\n{}", table.text());
    }
    let odd = shown.iter().rev().find(|line| line.verdict.is_some_and(|it| it.outcome == Outcome::Rejected));
    if let Some(odd) = odd {
        let _ = writeln!(
            text,
            "\n`reweigh explain {user} --id {}` says why that one was rejected",
            ids.short(odd.fact.id())
        );
    }
    text
}

/// The estimate in words.
pub(crate) fn now(estimate: Option<Estimate>) -> String {
    let Some(estimate) = estimate else { return "no estimate yet".to_owned() };
    let (low, high) = estimate.interval_kg();
    format!(
        "{}  (95 %: {low:.1} to {high:.1})  {}",
        kg(estimate.level_kg),
        trend(estimate.trend_kg_per_week())
    )
}

/// Whether that is the last word.
fn status(standing: &Standing) -> String {
    let settled = standing.settled.as_ref().and_then(UserState::estimate);
    match &standing.provisional {
        None => match standing.settled.as_ref().and_then(|state| state.last_reading) {
            Some(at) => format!("settled up to {}", second(at)),
            None => "settled".to_owned(),
        },
        Some(Provisional::Pinned(cause, since)) => {
            format!("pinned since {} ({}); settled is {}", second(*since), cause.as_str(), now(settled))
        }
        Some(other) => format!("provisional: {}", other.code()),
    }
}

/// How many readings there are of each kind, and from when to when.
fn tally(lines: &[&StoryLine]) -> String {
    let mut kinds: BTreeMap<u8, (Outcome, u64)> = BTreeMap::new();
    let verdicts = lines.iter().filter_map(|line| line.verdict);
    for verdict in verdicts {
        kinds.entry(verdict.to_bytes()[0]).or_insert((verdict.outcome, 0)).1 += 1;
    }
    let total = kinds.values().map(|(_, many)| many).sum();
    let kinds: Vec<String> = kinds.values().map(|(outcome, many)| format!("{many} {outcome}")).collect();
    let mut readings = lines.iter().filter(|line| line.verdict.is_some());
    let from = readings.clone().next().map(|line| day(line.fact.at())).unwrap_or_default();
    let to = readings.next_back().map(|line| day(line.fact.at())).unwrap_or_default();
    format!("{} from {from} to {to}: {}", counted(total, "reading", "readings"), kinds.join(", "))
}

/// A reading as a row of a list.
pub(crate) fn reading(line: &StoryLine, ids: &Ids) -> [String; 6] {
    let (outcome, reason) = match line.verdict {
        Some(verdict) if verdict.outcome == Outcome::Rejected => {
            (verdict.outcome.as_str(), verdict.reason.code())
        }
        Some(verdict) => (verdict.outcome.as_str(), ""),
        None => (line.role.as_str(), ""),
    };
    let outcome = if reason.is_empty() { outcome.to_owned() } else { format!("{outcome}: {reason}") };
    [
        second(line.fact.at()),
        line.fact.measure().map(measure).unwrap_or_default(),
        line.fact.source().to_string(),
        outcome,
        line.reset.map(|reset| format!("({})", reset.as_str())).unwrap_or_default(),
        ids.short(line.fact.id()),
    ]
}
