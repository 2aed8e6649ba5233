//! Facts packed tight: what a page, a journal row and a correction are made of.
//!
//! Everything repeats what came before where it can:
//!
//! | bytes | what |
//! |---|---|
//! | varint | how many facts |
//! | varint, texts | the users, in the order in which they first come; none where the row's key says who |
//! | varint, texts | the sources, likewise |
//! | varint | the step of time, µs: every distance in this row is a multiple of it |
//! | per fact | see below |
//!
//! | bytes of a fact | what |
//! |---|---|
//! | 1 | bits 0-2 the action, 3-4 how the id is told, 5 whether it has a revision, 6-7 the unit less one |
//! | varint | the user's place, if there are several |
//! | varint | the source's place, if there are several |
//! | varint | the instant: of the first fact its µs, else the distance to the one before, in steps; zigzag |
//! | varint | the revision, if it has one |
//! | varint (+ 8) | of a reading, an amendment or a height: the value |
//! | varint, text | of a reset: its reason |
//! | 0, 16, 1 + 1 + n or 1 + 16 | the id: made of the fact itself, made otherwise, given, or given as a UUID |
//!
//! A value that is `m / 10^e`, e from 0 to 9, is the distance of m to that of the last value with the same e, zigzag,
//! and twice that if e is that of the last value; else `2 e + 1` comes first. Any other value is 31 and its eight bytes.
//! A given id is how many bytes it shares with the given id before that is no UUID, and the rest. One that is a UUID in
//! one case, with its four hyphens, is a byte (0 lower, 1 upper) and its 16 bytes; since schema 2.

mod uuid;
mod value;

use std::collections::HashMap;

use reweigh_reading::{
    Action, Fact, GivenId, Height, Instant, MadeId, Measure, ReadingId, ResetReason, Revision, Source, Unit,
    UserId,
};

use crate::bytes::{Malformed, Reader, put_text, put_varint, unzigzag, zigzag};
use value::Values;

const ID_OWN: u8 = 0;
const ID_MADE: u8 = 1;
const ID_GIVEN: u8 = 2;
const ID_UUID: u8 = 3;

/// Packs facts of several users.
pub(crate) fn pack<'a>(facts: impl Iterator<Item = &'a Fact> + Clone, bytes: &mut Vec<u8>) {
    write(facts, true, bytes);
}

/// Packs facts of one user, whom the row's key names.
pub(crate) fn pack_one<'a>(facts: impl Iterator<Item = &'a Fact> + Clone, bytes: &mut Vec<u8>) {
    write(facts, false, bytes);
}

/// The facts of several users.
pub(crate) fn unpack(reader: &mut Reader<'_>) -> Result<Vec<Fact>, Malformed> {
    read(reader, None)
}

/// The facts of one user.
pub(crate) fn unpack_one(reader: &mut Reader<'_>, user: &UserId) -> Result<Vec<Fact>, Malformed> {
    read(reader, Some(user))
}

/// With more texts than this their places are looked up in a map. Almost always there are one or two.
const TEXTS_FEW: usize = 8;

/// Texts that came before, by their places.
#[derive(Default)]
struct Texts<'a> {
    order: Vec<&'a str>,
    places: HashMap<&'a str, usize>,
    last: Option<(&'a str, usize)>,
}

impl<'a> Texts<'a> {
    fn of(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for text in texts {
            if all.place(text).is_none() {
                all.add(text);
            }
        }
        all
    }

    fn add(&mut self, text: &'a str) {
        self.last = Some((text, self.order.len()));
        self.order.push(text);
        match self.order.len() {
            ..=TEXTS_FEW => {}
            len if len == TEXTS_FEW + 1 => self.places = self.order.iter().copied().zip(0..).collect(),
            len => drop(self.places.insert(text, len - 1)),
        }
    }

    fn place(&mut self, text: &'a str) -> Option<usize> {
        if let Some((last, place)) = self.last
            && last == text
        {
            return Some(place);
        }
        let place = if self.order.len() <= TEXTS_FEW {
            self.order.iter().position(|known| *known == text)
        } else {
            self.places.get(text).copied()
        };
        self.last = place.map(|place| (text, place));
        place
    }

    fn put(&self, bytes: &mut Vec<u8>) {
        put_varint(bytes, self.order.len() as u64);
        for text in &self.order {
            put_text(bytes, text);
        }
    }

    /// A lone text needs no place.
    fn put_place(&mut self, bytes: &mut Vec<u8>, text: &'a str) {
        if self.order.len() >= 2 {
            put_varint(bytes, self.place(text).unwrap_or_default() as u64);
        }
    }
}

fn write<'a>(facts: impl Iterator<Item = &'a Fact> + Clone, with_users: bool, bytes: &mut Vec<u8>) {
    let count = facts.clone().count();
    bytes.reserve(64 + 16 * count);
    put_varint(bytes, count as u64);
    let mut users = Texts::of(facts.clone().map(|fact| fact.user().as_str()).filter(|_| with_users));
    let mut sources = Texts::of(facts.clone().map(|fact| fact.source().as_str()));
    users.put(bytes);
    sources.put(bytes);
    let step = step_of(facts.clone());
    put_varint(bytes, step);
    let mut last: Option<i64> = None;
    let mut values = Values::default();
    let mut given = "";
    for fact in facts {
        let told = told(fact);
        let unit = fact.measure().map_or(0, |measure| measure.unit().tag().wrapping_sub(1));
        let revised = u8::from(fact.revision() > Revision::FIRST);
        bytes.push(tag(fact.action()) | told << 3 | revised << 5 | unit << 6);
        users.put_place(bytes, fact.user().as_str());
        sources.put_place(bytes, fact.source().as_str());
        let at = fact.at().unix_micros();
        // Within 300 years, so nothing here overflows; the step divides every distance.
        put_varint(bytes, zigzag(last.map_or(at, |last| (at - last) / step.cast_signed())));
        last = Some(at);
        if revised == 1 {
            put_varint(bytes, u64::from(fact.revision().get()));
        }
        match fact.action() {
            Action::Add(measure) | Action::Amend(measure) => values.put(bytes, measure.value()),
            Action::Height(height) => values.put(bytes, height.metres()),
            Action::Reset { reason } => put_text(bytes, reason.as_str()),
            Action::Retract => {}
        }
        match fact.id() {
            ReadingId::Made(_) if told == ID_OWN => {}
            ReadingId::Made(made) => bytes.extend_from_slice(&made.bytes()),
            ReadingId::Given(id) if told == ID_UUID => uuid::put(bytes, id.as_str()),
            ReadingId::Given(id) => {
                let shared = shared(given, id.as_str());
                put_varint(bytes, shared as u64);
                put_text(bytes, id.as_str().get(shared..).unwrap_or_default());
                given = id.as_str();
            }
        }
    }
}

/// How many bytes two texts begin with alike, cut at a whole character.
fn shared(a: &str, b: &str) -> usize {
    let mut count = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    while !b.is_char_boundary(count) {
        count -= 1;
    }
    count
}

/// The largest step that every distance is a multiple of; 1 where there is none.
fn step_of<'a>(facts: impl Iterator<Item = &'a Fact>) -> u64 {
    let mut last: Option<i64> = None;
    let mut step = 0_u64;
    for fact in facts {
        let at = fact.at().unix_micros();
        if let Some(last) = last {
            step = divisor(step, at.abs_diff(last));
            if step == 1 {
                break;
            }
        }
        last = Some(at);
    }
    step.max(1)
}

fn divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn tag(action: &Action) -> u8 {
    match action {
        Action::Height(_) => 1,
        Action::Reset { .. } => 2,
        Action::Add(_) => 3,
        Action::Amend(_) => 4,
        Action::Retract => 5,
    }
}

fn told(fact: &Fact) -> u8 {
    match fact.id() {
        ReadingId::Made(id) if own_id(fact.user(), fact.source(), fact.at(), fact.action()) == Some(*id) => {
            ID_OWN
        }
        ReadingId::Made(_) => ID_MADE,
        ReadingId::Given(id) if uuid::is_one(id.as_str()) => ID_UUID,
        ReadingId::Given(_) => ID_GIVEN,
    }
}

/// The id that a fact makes of itself.
fn own_id(user: &UserId, source: &Source, at: Instant, action: &Action) -> Option<MadeId> {
    match action {
        Action::Add(measure) => Some(MadeId::of_reading(user, source, at, *measure)),
        Action::Height(height) => Some(MadeId::of_height(user, source, at, *height)),
        Action::Reset { reason } => Some(MadeId::of_reset(user, source, at, reason)),
        Action::Amend(_) | Action::Retract => None,
    }
}

/// One of several, or the only one.
fn place<'a, T>(reader: &mut Reader<'_>, all: &'a [T], what: &str) -> Result<&'a T, Malformed> {
    let place = if all.len() < 2 { 0 } else { reader.varint(what)? };
    usize::try_from(place).ok().and_then(|place| all.get(place)).ok_or_else(|| Malformed::new(what))
}

fn read(reader: &mut Reader<'_>, owner: Option<&UserId>) -> Result<Vec<Fact>, Malformed> {
    let count = reader.count("facts")?;
    let mut users = Vec::new();
    for _ in 0..reader.count("users")? {
        users.push(UserId::new(reader.text("a user")?).map_err(|_| Malformed::new("a user"))?);
    }
    if let Some(owner) = owner {
        users = vec![owner.clone()];
    }
    let mut sources = Vec::new();
    for _ in 0..reader.count("sources")? {
        sources.push(Source::new(reader.text("a source")?).map_err(|_| Malformed::new("a source"))?);
    }
    let step = reader.varint("the step of time")?.cast_signed();
    let mut facts = Vec::with_capacity(count);
    let mut last: Option<i64> = None;
    let mut values = Values::default();
    let mut given = String::new();
    for _ in 0..count {
        let head = reader.byte("a fact")?;
        let user = place(reader, &users, "a fact's user")?;
        let source = place(reader, &sources, "a fact's source")?;
        let distance = unzigzag(reader.varint("an instant")?);
        let micros = match last {
            None => Some(distance),
            Some(last) => distance.checked_mul(step).and_then(|distance| last.checked_add(distance)),
        };
        let at = micros.and_then(|micros| Instant::from_unix_micros(micros).ok());
        let at = at.ok_or_else(|| Malformed::new("an instant"))?;
        last = Some(at.unix_micros());
        let revision = if head & 1 << 5 == 0 { 0 } else { reader.varint("a revision")? };
        let revision = u32::try_from(revision).map_err(|_| Malformed::new("a revision"))?;
        let action = action(reader, head, &mut values)?;
        let id = match head >> 3 & 3 {
            ID_OWN => own_id(user, source, at, &action).map(ReadingId::Made),
            ID_MADE => Some(ReadingId::Made(MadeId::from_bytes(reader.array("an id")?))),
            ID_GIVEN => {
                let shared = usize::try_from(reader.varint("an id")?).unwrap_or(usize::MAX);
                let kept = given.get(..shared).ok_or_else(|| Malformed::new("an id"))?.len();
                given.truncate(kept);
                given.push_str(reader.text("an id")?);
                GivenId::new(&given).ok().map(ReadingId::Given)
            }
            _ => GivenId::new(&uuid::take(reader)?).ok().map(ReadingId::Given),
        };
        let id = id.ok_or_else(|| Malformed::new("an id"))?;
        facts.push(Fact::new(user.clone(), id, Revision::new(revision), at, source.clone(), action));
    }
    Ok(facts)
}

fn action(reader: &mut Reader<'_>, head: u8, values: &mut Values) -> Result<Action, Malformed> {
    Ok(match head & 7 {
        1 => {
            let metres = values.take(reader)?;
            Action::Height(Height::new(metres).map_err(|_| Malformed::new("a height"))?)
        }
        2 => {
            let reason = reader.text("a reason")?;
            Action::Reset { reason: ResetReason::new(reason).map_err(|_| Malformed::new("a reason"))? }
        }
        kind @ (3 | 4) => {
            let unit = Unit::from_tag((head >> 6) + 1).ok_or_else(|| Malformed::new("a unit"))?;
            let measure = Measure::new(values.take(reader)?, unit).map_err(|_| Malformed::new("a weight"))?;
            if kind == 3 { Action::Add(measure) } else { Action::Amend(measure) }
        }
        5 => Action::Retract,
        _ => return Err(Malformed::new("an action")),
    })
}

#[cfg(test)]
mod tests;
