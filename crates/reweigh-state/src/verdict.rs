//! What became of a reading, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::unit_slip::UnitSlip;

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is part of the estimate.
    Accepted,
    /// It is not, and the reason says what it looks like.
    Rejected,
    /// Stories that differ about it are still alive.
    Held,
    /// A higher revision, or the winner of a conflict, stands in its place.
    Superseded,
    /// A retraction took it back.
    Retracted,
}

impl Outcome {
    /// The word that files and scripts use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Held => "held",
            Self::Superseded => "superseded",
            Self::Retracted => "retracted",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a reading was taken in or not: what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// It fits what was expected.
    Fits,
    /// It began a lasting change of weight.
    BeganShift,
    /// It fits once the unit is put right, and the policy allows that for its source.
    Repaired(UnitSlip),
    /// It looks like a weight in another unit.
    OtherUnit(UnitSlip),
    /// It looks like a body mass index.
    BodyMassIndex,
    /// It looks like a decimal point in the wrong place.
    DecimalSlip,
    /// It looks like two digits that changed places.
    SwappedDigits,
    /// It looks like another person who uses this scale.
    OtherPerson,
    /// It is outside what a body can weigh.
    Unsafe,
    /// It fits nothing that is known of this user.
    OutOfPattern,
}

impl Reason {
    /// Whether a reading with this reason stays out of the estimate.
    #[must_use]
    pub fn rejects(self) -> bool {
        !matches!(self, Self::Fits | Self::BeganShift | Self::Repaired(_))
    }

    /// The word that files and scripts use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::BeganShift => "began_shift",
            Self::Repaired(_) => "repaired_unit",
            Self::OtherUnit(_) => "other_unit",
            Self::BodyMassIndex => "body_mass_index",
            Self::DecimalSlip => "decimal_slip",
            Self::SwappedDigits => "swapped_digits",
            Self::OtherPerson => "other_person",
            Self::Unsafe => "unsafe",
            Self::OutOfPattern => "out_of_pattern",
        }
    }

    /// One byte, for ever the same.
    #[must_use]
    pub fn tag(self) -> u8 {
        match self {
            Self::Fits => 0,
            Self::BeganShift => 1,
            Self::BodyMassIndex => 2,
            Self::DecimalSlip => 3,
            Self::SwappedDigits => 4,
            Self::OtherPerson => 5,
            Self::Unsafe => 6,
            Self::OutOfPattern => 7,
            Self::OtherUnit(slip) => 16 + slip.tag(),
            Self::Repaired(slip) => 32 + slip.tag(),
        }
    }

    /// The reason of a byte, if there is one.
    #[must_use]
    pub fn from_tag(tag: u8) -> Option<Self> {
        Some(match tag {
            0 => Self::Fits,
            1 => Self::BeganShift,
            2 => Self::BodyMassIndex,
            3 => Self::DecimalSlip,
            4 => Self::SwappedDigits,
            5 => Self::OtherPerson,
            6 => Self::Unsafe,
            7 => Self::OutOfPattern,
            16..=31 => Self::OtherUnit(UnitSlip::from_tag(tag - 16)?),
            32..=47 => Self::Repaired(UnitSlip::from_tag(tag - 32)?),
            _ => return None,
        })
    }
}

/// An outcome and its reason. Two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Verdict {
    /// What became of the reading.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Verdict {
    /// The two bytes a store keeps.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 2] {
        let outcome = match self.outcome {
            Outcome::Accepted => 0,
            Outcome::Rejected => 1,
            Outcome::Held => 2,
            Outcome::Superseded => 3,
            Outcome::Retracted => 4,
        };
        [outcome, self.reason.tag()]
    }

    /// The verdict of two bytes, if they are one.
    ///
    /// ```
    /// use reweigh_state::{Outcome, Reason, Verdict};
    ///
    /// let verdict = Verdict { outcome: Outcome::Rejected, reason: Reason::OtherPerson };
    /// assert_eq!(Verdict::from_bytes(verdict.to_bytes()), Some(verdict));
    /// assert_eq!(Verdict::from_bytes([9, 0]), None);
    /// ```
    #[must_use]
    pub fn from_bytes([outcome, reason]: [u8; 2]) -> Option<Self> {
        let outcome = match outcome {
            0 => Outcome::Accepted,
            1 => Outcome::Rejected,
            2 => Outcome::Held,
            3 => Outcome::Superseded,
            4 => Outcome::Retracted,
            _ => return None,
        };
        Some(Self { outcome, reason: Reason::from_tag(reason)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strategies::reasons;

    const OUTCOMES: [Outcome; 5] =
        [Outcome::Accepted, Outcome::Rejected, Outcome::Held, Outcome::Superseded, Outcome::Retracted];

    /// Every verdict is two bytes and comes back from them; no other two bytes are one.
    ///
    /// Proves H5.
    #[test]
    fn a_verdict_is_two_bytes() {
        let mut known = 0;
        for outcome in 0..=u8::MAX {
            for reason in 0..=u8::MAX {
                let Some(verdict) = Verdict::from_bytes([outcome, reason]) else { continue };
                assert_eq!(verdict.to_bytes(), [outcome, reason]);
                known += 1;
            }
        }
        assert_eq!(known, OUTCOMES.len() * reasons().len());
        for outcome in OUTCOMES {
            for reason in reasons() {
                let verdict = Verdict { outcome, reason };
                assert_eq!(Verdict::from_bytes(verdict.to_bytes()), Some(verdict));
            }
        }
    }

    /// The bytes of a store are for ever the same.
    #[test]
    fn the_bytes_of_outcomes_and_reasons_are_pinned() {
        let bytes = OUTCOMES.map(|outcome| Verdict { outcome, reason: Reason::Fits }.to_bytes());
        assert_eq!(bytes, [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0]]);
        let said: Vec<_> = reasons().iter().map(|reason| (reason.tag(), reason.code())).collect();
        let plain = [
            (0, "fits"),
            (1, "began_shift"),
            (2, "body_mass_index"),
            (3, "decimal_slip"),
            (4, "swapped_digits"),
            (5, "other_person"),
            (6, "unsafe"),
            (7, "out_of_pattern"),
        ];
        let slips = [1, 2, 4, 6, 8, 9];
        let other = slips.map(|tag| (16 + tag, "other_unit"));
        let repaired = slips.map(|tag| (32 + tag, "repaired_unit"));
        assert_eq!(said, [&plain[..], &other, &repaired].concat());
    }

    /// Only what fits, began a shift or was repaired is taken in.
    #[test]
    fn only_three_reasons_take_a_reading_in() {
        let taken: Vec<_> =
            reasons().into_iter().filter(|reason| !reason.rejects()).map(Reason::code).collect();
        assert_eq!(taken[..2], ["fits", "began_shift"]);
        assert!(taken[2..].iter().all(|code| *code == "repaired_unit") && taken.len() == 8, "{taken:?}");
    }

    /// The words of files.
    #[test]
    fn outcomes_have_words() {
        let words = OUTCOMES.map(Outcome::as_str);
        assert_eq!(words, ["accepted", "rejected", "held", "superseded", "retracted"]);
        assert_eq!(OUTCOMES.map(|outcome| outcome.to_string()), words);
    }
}
