//! What is known about a reading because it was made up: what its value is, and why it was delivered.

use std::fmt;

/// What the value of a reading is.
///
/// ```
/// use reweigh_scenario::Label;
///
/// assert!(!Label::Clothed.is_gross());
/// assert!(Label::StickyUnit.is_gross());
/// assert_eq!(Label::PoundsAsKilograms.name(), "lb-as-kg");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// The person's weight, with the noise of the scale.
    Clean,
    /// The person's weight in clothes.
    Clothed,
    /// The weight of another person.
    OtherPerson,
    /// Pounds recorded as kilograms.
    PoundsAsKilograms,
    /// Kilograms taken for pounds.
    KilogramsAsPounds,
    /// Stone recorded as kilograms.
    StoneAsKilograms,
    /// One of many in a row in the wrong unit.
    StickyUnit,
    /// The body-mass index in place of the weight.
    Bmi,
    /// A wrong digit.
    Typo,
    /// The decimal point off by one place.
    Decimal,
    /// The person with a child on the arm.
    Carried,
}

impl Label {
    /// All labels, in their order.
    pub const ALL: [Label; 11] = [
        Label::Clean,
        Label::Clothed,
        Label::OtherPerson,
        Label::PoundsAsKilograms,
        Label::KilogramsAsPounds,
        Label::StoneAsKilograms,
        Label::StickyUnit,
        Label::Bmi,
        Label::Typo,
        Label::Decimal,
        Label::Carried,
    ];

    /// Whether a judge must reject the reading: everything but clean and clothed ones.
    pub fn is_gross(self) -> bool {
        !matches!(self, Label::Clean | Label::Clothed)
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Label::Clean => "clean",
            Label::Clothed => "clothed",
            Label::OtherPerson => "other-person",
            Label::PoundsAsKilograms => "lb-as-kg",
            Label::KilogramsAsPounds => "kg-as-lb",
            Label::StoneAsKilograms => "st-as-kg",
            Label::StickyUnit => "sticky-unit",
            Label::Bmi => "bmi",
            Label::Typo => "typo",
            Label::Decimal => "decimal",
            Label::Carried => "carried",
        }
    }

    /// The label of this name; `None` if there is none.
    pub fn named(name: &str) -> Option<Label> {
        Label::ALL.into_iter().find(|label| label.name() == name)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Why a fact was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A reading, for the first time.
    First,
    /// What was delivered before, once more: the very same fact.
    Resent,
    /// An amendment of an earlier reading.
    Amendment,
    /// A retraction of an earlier reading.
    Retraction,
    /// Another fact under the id and revision of one that was delivered too: one of the two holds.
    Conflict,
    /// A manual reset.
    Reset,
    /// The height of the person.
    Height,
}

impl Role {
    /// All roles, in their order.
    pub const ALL: [Role; 7] = [
        Role::First,
        Role::Resent,
        Role::Amendment,
        Role::Retraction,
        Role::Conflict,
        Role::Reset,
        Role::Height,
    ];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Role::First => "first",
            Role::Resent => "resent",
            Role::Amendment => "amendment",
            Role::Retraction => "retraction",
            Role::Conflict => "conflict",
            Role::Reset => "reset",
            Role::Height => "height",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
