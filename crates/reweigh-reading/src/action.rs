//! What a fact does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::height::Height;
use crate::measure::Measure;
use crate::reset_reason::ResetReason;
use crate::text::Excerpt;

/// What a fact does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// A reading.
    Add(Measure),
    /// A reading that was told before, told differently.
    Amend(Measure),
    /// A fact that was told before and does not hold.
    Retract,
    /// An operator's wish that the estimate start anew.
    Reset {
        /// Why.
        reason: ResetReason,
    },
    /// How tall the user is from this instant on.
    Height(Height),
}

impl Action {
    /// Which of the five it is.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Add(_) => ActionKind::Add,
            Self::Amend(_) => ActionKind::Amend,
            Self::Retract => ActionKind::Retract,
            Self::Reset { .. } => ActionKind::Reset,
            Self::Height(_) => ActionKind::Height,
        }
    }

    /// The weight of a reading or of its amendment.
    pub fn measure(&self) -> Option<Measure> {
        match self {
            Self::Add(measure) | Self::Amend(measure) => Some(*measure),
            Self::Retract | Self::Reset { .. } | Self::Height(_) => None,
        }
    }
}

/// Which of the five an [`Action`] is.
///
/// The number behind each variant is its *tag*: it goes into payloads and files, and never changes. The greater one
/// wins a conflict. A retraction wins because taking a reading out by mistake is seen and undone, and keeping one that
/// somebody took out is not. Heights and resets have ids of their own and should never meet the others; they come last.
///
/// ```
/// use reweigh_reading::ActionKind;
///
/// assert_eq!("Retract".parse(), Ok(ActionKind::Retract));
/// assert!(ActionKind::Retract > ActionKind::Amend && ActionKind::Amend > ActionKind::Add);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ActionKind {
    /// `height`
    Height = 1,
    /// `reset`
    Reset = 2,
    /// `add`
    Add = 3,
    /// `amend`
    Amend = 4,
    /// `retract`
    Retract = 5,
}

impl ActionKind {
    /// Every kind, in the order of their tags.
    pub const ALL: [Self; 5] = [Self::Height, Self::Reset, Self::Add, Self::Amend, Self::Retract];

    /// The number that stands for it in bytes.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The kind of a tag, if it is one.
    pub fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag)
    }

    /// Its name in files: `height`, `reset`, `add`, `amend`, `retract`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Height => "height",
            Self::Reset => "reset",
            Self::Add => "add",
            Self::Amend => "amend",
            Self::Retract => "retract",
        }
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ActionKind {
    type Err = ActionError;

    /// Reads a name, whatever its case and the spaces around it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim_ascii();
        let kind = Self::ALL.into_iter().find(|kind| name.eq_ignore_ascii_case(kind.name()));
        kind.ok_or_else(|| ActionError { text: Excerpt::new(text) })
    }
}

/// A text that names no action. Nothing was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("action {text} is unknown; known are add, amend, retract, reset, height")]
pub struct ActionError {
    text: Excerpt,
}

impl ActionError {
    /// A name for the reason that never changes, for rejects, JSON and audit.
    pub fn code(&self) -> &'static str {
        "action_unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_names_are_for_ever() {
        assert_eq!(ActionKind::ALL.map(ActionKind::tag), [1, 2, 3, 4, 5]);
        assert_eq!(ActionKind::ALL.map(ActionKind::name), ["height", "reset", "add", "amend", "retract"]);
        assert_eq!([0, 6, 255].map(ActionKind::from_tag), [None; 3]);
        for kind in ActionKind::ALL {
            assert_eq!(ActionKind::from_tag(kind.tag()), Some(kind));
            assert_eq!(format!(" {} ", kind.to_string().to_uppercase()).parse(), Ok(kind));
        }
    }

    #[test]
    fn an_unknown_action_is_refused() {
        for text in ["", "delete", "add x", "rétract"] {
            assert_eq!(text.parse::<ActionKind>().unwrap_err().code(), "action_unknown", "{text:?}");
        }
    }

    #[test]
    fn only_readings_and_amendments_have_a_weight() {
        let measure = Measure::new(80.5, crate::Unit::Kilogram).unwrap();
        assert_eq!(Action::Add(measure).measure(), Some(measure));
        assert_eq!(Action::Amend(measure).measure(), Some(measure));
        assert_eq!(Action::Retract.measure(), None);
        assert_eq!(Action::Height(Height::new(1.8).unwrap()).measure(), None);
    }
}
