//! Every fact that is known of a user: those of the main file, and those on their way there.

use std::time::Duration;

use reweigh_reading::{Fact, OrderKey, UserId};
use reweigh_store::{Recorded, Seen};

use crate::digest::PIECE;
use crate::drive::Drive;
use crate::hub::Core;
use crate::keeper::StoreFailure;
use crate::story::{Story, order};

/// How long a reader waits before it looks again whether a commit is done.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// How often a story is read again because it changed while it was read.
const AGAIN: usize = 3;

/// A part of what is known of a user, in order.
pub(crate) struct Piece {
    pub(crate) facts: Vec<Recorded>,
    /// Ask again after this key, if there is more.
    pub(crate) next: Option<OrderKey>,
    seen: Seen,
}

/// The facts of a user that only memory has, in order.
///
/// Those that are on their way into the main file are waited for: that is one commit, and never a replay.
pub(crate) fn held(core: &Core, user: &UserId) -> Vec<Fact> {
    let Some(lane) = core.lane(user) else { return Vec::new() };
    let own = |story: &Story| -> Vec<Fact> {
        let waiting = story.backlog.iter().map(|it| it.fact.clone());
        story.facts.iter().cloned().chain(waiting).collect()
    };
    let mut facts = loop {
        let (facts, committing) =
            lane.look(user, |story| story.map(|it| (own(it), it.committing)).unwrap_or_default());
        if !committing || !waits(core) {
            break facts;
        }
    };
    facts.sort_by(order);
    facts.dedup_by(|b, a| order(a, b).is_eq());
    facts
}

/// Lets a moment pass; false if nothing more will happen.
fn waits(core: &Core) -> bool {
    match &core.drive {
        Drive::Threads(_) => {
            core.drive.pause(LOOK_AGAIN);
            !core.is_ending()
        }
        Drive::Steps(stepper) => stepper.step(),
    }
}

/// The next facts after a key, every telling of each, with what was last said of them: about `most` of them, and no key
/// in two pieces. `own` is what only memory has.
pub(crate) fn piece(
    core: &Core,
    user: &UserId,
    own: &[Fact],
    after: Option<&OrderKey>,
    most: usize,
) -> Result<Piece, StoreFailure> {
    let history = core.keeper.call(|store| store.history(user, after, most))?;
    let next = history.facts.last().filter(|_| history.more).map(|last| last.fact.key());
    let within = |fact: &Fact| {
        let key = fact.key();
        after.is_none_or(|after| key > *after) && next.as_ref().is_none_or(|next| key <= *next)
    };
    let mut facts = history.facts;
    facts.extend(history.told.into_iter().filter(|it| within(&it.fact)));
    let own = own.iter().filter(|fact| within(fact));
    facts.extend(own.map(|fact| Recorded { fact: fact.clone(), verdict: None }));
    // Stable: of a fact that is in both, the main file's comes first and has what was said.
    facts.sort_by(|a, b| order(&a.fact, &b.fact));
    facts.dedup_by(|b, a| order(&a.fact, &b.fact).is_eq());
    Ok(Piece { facts, next, seen: history.seen })
}

/// All that is known of a user, every telling, in order.
pub(crate) fn all(core: &Core, user: &UserId) -> Result<Vec<Recorded>, StoreFailure> {
    let own = held(core, user);
    let mut tries = 0;
    loop {
        tries += 1;
        if let Some((facts, _)) = at_one_moment(core, user, &own, tries >= AGAIN)? {
            return Ok(facts);
        }
    }
}

/// All that the main file has of a user, every telling, in order, and the numbers it was read at.
pub(crate) fn kept(core: &Core, user: &UserId) -> Result<(Vec<Recorded>, Seen), StoreFailure> {
    loop {
        if let Some((facts, seen)) = at_one_moment(core, user, &[], false)? {
            return Ok((facts, seen));
        }
    }
}

/// None if it changed while it was read, unless that is no matter.
fn at_one_moment(
    core: &Core,
    user: &UserId,
    own: &[Fact],
    whatever: bool,
) -> Result<Option<(Vec<Recorded>, Seen)>, StoreFailure> {
    let (mut facts, mut after) = (Vec::new(), None);
    let mut seen: Option<Seen> = None;
    loop {
        let piece = piece(core, user, own, after.as_ref(), 8 * PIECE)?;
        let first = *seen.get_or_insert(piece.seen);
        if !whatever && first != piece.seen {
            return Ok(None);
        }
        facts.extend(piece.facts);
        after = piece.next;
        if after.is_none() {
            return Ok(Some((facts, first)));
        }
    }
}
