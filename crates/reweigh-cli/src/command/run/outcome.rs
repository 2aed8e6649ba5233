//! What became of the readings of the users that a run touched.

use std::fmt::Write as _;
use std::path::Path;

use reweigh::StoryLine;
use reweigh_reading::{Instant, UserId};
use reweigh_state::Outcome;

use super::offer::Taken;
use crate::command::Context;
use crate::failure::Failure;
use crate::ident::Ids;
use crate::row::{COLUMNS, Row};
use crate::session::Session;
use crate::sheet::Sheet;
use crate::table::{Align, Table};
use crate::words::{counted, measure, second};

/// Odd readings are looked for among so many users at most: it is for a person to read.
const USERS_MOST: usize = 100;
/// So many of them are listed.
const LISTED: usize = 6;

/// A reading that was rejected.
#[derive(Debug)]
pub(super) struct Odd {
    user: UserId,
    at: Instant,
    weight: String,
    reason: String,
    id: String,
}

/// The readings that were rejected, the newest first, if few enough users were touched to look.
pub(super) fn odd_ones(session: &Session, taken: &Taken) -> Result<Vec<Odd>, Failure> {
    let users = taken.ledger.users();
    let mut odd = Vec::new();
    if users.len() > USERS_MOST {
        return Ok(odd);
    }
    for user in users {
        let Some(story) = session.engine.story(user)? else { continue };
        let ids = Ids::of(&story);
        odd.extend(story.lines.iter().filter_map(|line| Odd::of(line, &ids)));
    }
    odd.sort_by(|a, b| (b.at, &b.user).cmp(&(a.at, &a.user)));
    Ok(odd)
}

impl Odd {
    fn of(line: &StoryLine, ids: &Ids) -> Option<Self> {
        let verdict = line.verdict.filter(|verdict| verdict.outcome == Outcome::Rejected)?;
        Some(Self {
            user: line.fact.user().clone(),
            at: line.fact.at(),
            weight: measure(line.fact.measure()?),
            reason: verdict.reason.code().to_owned(),
            id: ids.short(line.fact.id()),
        })
    }
}

/// What was rejected, and what to type next.
pub(super) fn told(odd: &[Odd], taken: &Taken, dry: bool) -> String {
    if dry {
        return "\nthis was a dry run, and nothing of it is kept\n".to_owned();
    }
    let mut text = String::new();
    if !odd.is_empty() {
        let mut table =
            Table::new(&[Align::Left, Align::Left, Align::Right, Align::Left, Align::Left]).indented("  ");
        for one in odd.iter().take(LISTED) {
            table.row([
                one.user.to_string(),
                second(one.at),
                one.weight.clone(),
                one.reason.clone(),
                one.id.clone(),
            ]);
        }
        let _ = write!(text, "\nrejected, the newest first\n{}", table.text());
        if let Some(more) = odd.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let _ = writeln!(text, "  and {}", counted(more as u64, "other", "others"));
        }
    }
    let mut next = Table::new(&[Align::Left, Align::Left]).indented("  ");
    let whose = odd.first().map(|one| &one.user).or_else(|| taken.ledger.users().first());
    if let Some(user) = whose {
        next.row([
            format!("reweigh show {}", quoted(user)),
            "the estimate, its trend, and a plot".to_owned(),
        ]);
    }
    if let Some(one) = odd.first() {
        let command = format!("reweigh explain {} --id {}", quoted(&one.user), one.id);
        next.row([command, "why that was rejected".to_owned()]);
    }
    if !next.is_empty() {
        let _ = write!(text, "\nnext\n{}", next.text());
    }
    text
}

/// A name as it can be typed into a shell.
fn quoted(user: &UserId) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@:/+=,".contains(&byte);
    let name = user.as_str();
    if name.bytes().all(plain) && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

/// Writes every reading of the users that were touched, user by user, each in event order.
pub(super) fn write(session: &Session, taken: &Taken, path: &Path, context: &Context) -> Result<(), Failure> {
    let mut users: Vec<&UserId> = taken.ledger.users().iter().collect();
    users.sort_unstable();
    let mut sheet = Sheet::open(Some(path), context.global.json, &COLUMNS)?;
    for user in users {
        let Some(story) = session.engine.story(user)? else { continue };
        for row in Row::all(&story) {
            sheet.row(&row)?;
        }
    }
    sheet.finish()
}
