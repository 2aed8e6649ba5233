//! What is known of users, one after the other.

use reweigh::{Provisional, Standing, UserStory};
use reweigh_reading::UserId;
use serde::Serialize;

use super::Target;
use crate::failure::Failure;
use crate::row::{COLUMNS, Row, fine};
use crate::session::Session;
use crate::sheet::Sheet;

/// How many users are asked for at a time.
const PIECE: usize = 1_000;

/// Calls something for every user there is.
pub(crate) fn each(
    session: &Session,
    mut each: impl FnMut(&UserId) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut after: Option<UserId> = None;
    loop {
        let users = session.engine.users(after.as_ref(), PIECE)?;
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.clone());
        users.iter().try_for_each(&mut each)?;
    }
}

fn each_story(
    session: &Session,
    mut write: impl FnMut(&UserStory) -> Result<(), Failure>,
) -> Result<(), Failure> {
    each(session, |user| session.engine.story(user)?.map_or(Ok(()), |story| write(&story)))
}

#[derive(Serialize)]
struct State<'a> {
    user_id: &'a str,
    estimate_kg: Option<f64>,
    low_kg: Option<f64>,
    high_kg: Option<f64>,
    trend_kg_per_week: Option<f64>,
    readings: Option<u64>,
    last_reading: Option<String>,
    settled_kg: Option<f64>,
    provisional: Option<&'a str>,
}

const STATES: [&str; 9] = [
    "user_id",
    "estimate_kg",
    "low_kg",
    "high_kg",
    "trend_kg_per_week",
    "readings",
    "last_reading",
    "settled_kg",
    "provisional",
];

/// A line for each user: what is served, and what is settled.
pub(super) fn states(session: &Session, to: &Target) -> Result<(), Failure> {
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &STATES)?;
    each(session, |user| match session.engine.state(user)? {
        Some(standing) => sheet.row(&state(user, &standing)),
        None => Ok(()),
    })?;
    sheet.finish()
}

fn state<'a>(user: &'a UserId, standing: &'a Standing) -> State<'a> {
    let estimate = standing.estimate();
    let settled = standing.settled.as_ref();
    State {
        user_id: user.as_str(),
        estimate_kg: estimate.map(|it| fine(it.level_kg)),
        low_kg: estimate.map(|it| fine(it.interval_kg().0)),
        high_kg: estimate.map(|it| fine(it.interval_kg().1)),
        trend_kg_per_week: estimate.map(|it| fine(it.trend_kg_per_week())),
        readings: settled.map(|state| state.readings),
        last_reading: settled.and_then(|state| state.last_reading).map(|at| at.to_string()),
        settled_kg: settled.and_then(reweigh_state::UserState::estimate).map(|it| fine(it.level_kg)),
        provisional: standing.provisional.as_ref().map(Provisional::code),
    }
}

/// Every reading as settled.
pub(super) fn readings(session: &Session, to: &Target) -> Result<(), Failure> {
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &COLUMNS)?;
    each_story(session, |story| Row::all(story).try_for_each(|row| sheet.row(&row)))?;
    sheet.finish()
}

#[derive(Serialize)]
struct Judged<'a> {
    user_id: &'a str,
    at: &'a str,
    source: &'a str,
    id: &'a str,
    revision: u32,
    verdict: &'static str,
    reason: Option<&'static str>,
}

/// Every reading's verdict.
pub(super) fn verdicts(session: &Session, to: &Target) -> Result<(), Failure> {
    let columns = ["user_id", "at", "source", "id", "revision", "verdict", "reason"];
    let mut sheet = Sheet::open(to.path.as_deref(), to.json, &columns)?;
    each_story(session, |story| {
        Row::all(story).try_for_each(|row| {
            let Row { user_id, at, source, id, revision, verdict, reason, .. } = &row;
            let (revision, verdict, reason) = (*revision, *verdict, *reason);
            sheet.row(&Judged { user_id, at, source, id, revision, verdict, reason })
        })
    })?;
    sheet.finish()
}
