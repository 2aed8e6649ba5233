//! Ids as people type and read them: as much of one as tells it from the others of its user.

use std::collections::BTreeSet;

use reweigh::{Engine, UserStory};
use reweigh_reading::{ReadingId, UserId};

use crate::failure::{Exit, Failure};

/// How much of a made id is shown at least: `made-` and six digits.
const LEAST: usize = 11;

/// The ids of a user, for showing.
#[derive(Debug)]
pub(crate) struct Ids(BTreeSet<String>);

impl Ids {
    pub(crate) fn of(story: &UserStory) -> Self {
        Self(story.lines.iter().map(|line| line.fact.id().to_string()).collect())
    }

    /// As much of an id as is enough to type. Ids that somebody gave are shown whole.
    pub(crate) fn short(&self, id: &ReadingId) -> String {
        let text = id.to_string();
        if matches!(id, ReadingId::Given(_)) {
            return text;
        }
        let neighbours = [
            self.0.range(..text.clone()).next_back(),
            self.0.range(text.clone()..).find(|other| **other != text),
        ];
        let shared = neighbours
            .into_iter()
            .flatten()
            .map(|other| text.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count());
        let least = shared.max().unwrap_or(0) + 1;
        text.get(..least.max(LEAST)).unwrap_or(&text).to_owned()
    }
}

/// The one id of a user that begins with a text.
pub(crate) fn resolve(engine: &Engine, user: &UserId, begins: &str) -> Result<ReadingId, Failure> {
    let found = engine.find(user, begins)?;
    match found.as_slice() {
        [id] => Ok(id.clone()),
        [] => {
            let what = format!(
                "user {user} has nothing whose id begins with {begins}; `reweigh show {user}` lists ids"
            );
            Err(Failure::new(Exit::Usage, "engine_no_reading", what))
        }
        [first, second, ..] => {
            let more = found.len();
            let what = format!(
                "{more} ids of user {user} begin with {begins}, such as {first} and {second}; type more of it"
            );
            Err(Failure::new(Exit::Usage, "id_ambiguous", what))
        }
    }
}
