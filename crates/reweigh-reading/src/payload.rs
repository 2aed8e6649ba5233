//! The canonical bytes of a fact, and what they decide when two facts meet.

use std::cmp::Ordering;

use crate::action::Action;
use crate::fact::Fact;

/// The canonical bytes of what a fact says: two facts say the same if and only if these are equal.
///
/// User, id and revision are not in it: they say *which* telling it is. Nor are spelling, file, line and the time of
/// arrival. The layout, version 1, all numbers big-endian:
///
/// | bytes | what |
/// |---|---|
/// | 3 | `rwp` in ASCII, so that these bytes are never taken for others |
/// | 1 | the version of this layout, 1 |
/// | 1 | the [tag](crate::ActionKind::tag) of the action: 1 height, 2 reset, 3 add, 4 amend, 5 retract |
/// | 8 | the instant, as [`Instant::sortable_bytes`](crate::Instant::sortable_bytes): later is greater |
/// | any, then a zero | the source |
/// | 1 + 8 | of an add or amend: the [tag](crate::Unit::tag) of the unit and the bits of the value as written |
/// | 8 | of a height: the bits of the metres |
/// | any | of a reset: the reason |
///
/// Comparing the bytes decides conflicts: the action stands first of what differs, in the order in which it wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(Box<[u8]>);

impl Payload {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// How two facts stand to each other. See [`Fact::meet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meeting {
    /// They differ in user, id or revision, and have nothing to settle.
    Apart,
    /// They say the same: one of them is enough.
    Duplicate,
    /// They are tellings of the same revision that say different things, and the first one holds.
    FirstWins,
    /// They are tellings of the same revision that say different things, and the second one holds.
    SecondWins,
}

impl Fact {
    /// Its canonical bytes.
    pub fn payload(&self) -> Payload {
        let mut bytes = Vec::with_capacity(32 + self.source().as_str().len());
        self.write_payload(&mut bytes);
        Payload(bytes.into())
    }

    /// Appends its canonical bytes to `bytes`, for those who keep a buffer.
    pub fn write_payload(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(b"rwp\x01");
        bytes.push(self.action().kind().tag());
        bytes.extend_from_slice(&self.at().sortable_bytes());
        bytes.extend_from_slice(self.source().as_str().as_bytes());
        bytes.push(0);
        match self.action() {
            Action::Add(measure) | Action::Amend(measure) => {
                bytes.push(measure.unit().tag());
                bytes.extend_from_slice(&measure.value().to_bits().to_be_bytes());
            }
            Action::Height(height) => bytes.extend_from_slice(&height.metres().to_bits().to_be_bytes()),
            Action::Reset { reason } => bytes.extend_from_slice(reason.as_str().as_bytes()),
            Action::Retract => {}
        }
    }

    /// What becomes of two facts that may be tellings of the same revision.
    ///
    /// Facts of the same user, id and revision are a *duplicate* if their payloads are equal, else a *conflict*, won
    /// by content: retract over amend over add over reset over height, then by the greater payload. Who came first
    /// plays no part, so any number of facts has one winner, whatever the order in which they are compared.
    ///
    /// ```
    /// use reweigh_reading::{Action, Fact, Instant, Meeting, Measure, Source, Unit, UserId};
    ///
    /// let add = Fact::reading(
    ///     UserId::new("anna")?,
    ///     Instant::UNIX_EPOCH,
    ///     Source::unknown(),
    ///     Measure::new(80.5, Unit::Kilogram)?,
    /// );
    /// let retract = Fact::new(
    ///     add.user().clone(),
    ///     add.id().clone(),
    ///     add.revision(),
    ///     add.at(),
    ///     add.source().clone(),
    ///     Action::Retract,
    /// );
    /// assert_eq!(add.meet(&add.clone()), Meeting::Duplicate);
    /// assert_eq!(add.meet(&retract), Meeting::SecondWins);
    /// assert_eq!(retract.meet(&add), Meeting::FirstWins);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn meet(&self, other: &Self) -> Meeting {
        if self.revision() != other.revision() || self.id() != other.id() || self.user() != other.user() {
            return Meeting::Apart;
        }
        match self.compare_payload(other) {
            Ordering::Equal => Meeting::Duplicate,
            Ordering::Greater => Meeting::FirstWins,
            Ordering::Less => Meeting::SecondWins,
        }
    }

    /// The order of the two payloads, without writing them.
    pub fn compare_payload(&self, other: &Self) -> Ordering {
        let head = self
            .action()
            .kind()
            .cmp(&other.action().kind())
            .then_with(|| self.at().cmp(&other.at()))
            .then_with(|| self.source().cmp(other.source()));
        head.then_with(|| match (self.action(), other.action()) {
            (Action::Add(a), Action::Add(b)) | (Action::Amend(a), Action::Amend(b)) => {
                (a.unit().tag(), a.value().to_bits()).cmp(&(b.unit().tag(), b.value().to_bits()))
            }
            (Action::Height(a), Action::Height(b)) => a.cmp(b),
            (Action::Reset { reason: a }, Action::Reset { reason: b }) => a.cmp(b),
            _ => Ordering::Equal,
        })
    }
}

#[cfg(test)]
mod tests;
