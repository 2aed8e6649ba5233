//! What lives are made of: every number of a scenario, and the check that they make sense together.

mod arrival;
mod body;
mod check;
mod habit;
mod named;
mod slips;

pub use arrival::Arrival;
pub use arrival::Corrections;
pub use arrival::Ids;
pub use body::Cycle;
pub use body::People;
pub use body::Pregnancy;
pub use body::Rhythm;
pub use body::Steps;
pub use body::Trend;
pub use body::Water;
pub use check::Finding;
pub use check::RecipeError;
pub use habit::Clock;
pub use habit::Gaps;
pub use habit::Habit;
pub use habit::SourceProfile;
pub use slips::Household;
pub use slips::Slips;
pub use slips::StickyUnits;

use crate::label::Label;

/// What lives are made of.
///
/// Traits are independent parts: take a named recipe and exchange the parts that matter. A part draws its chance
/// from streams of its own, so exchanging one leaves the rest of each life as it was.
///
/// ```
/// use reweigh_scenario::{Pregnancy, Recipe, Rhythm, Scenario, Share};
///
/// let recipe = Recipe {
///     name: "mothers".to_owned(),
///     pregnancy: Pregnancy { people: Share::ALWAYS, ..Pregnancy::SOME },
///     rhythm: Rhythm::DAILY,
///     ..Recipe::bench()
/// };
/// let scenario = Scenario::new(recipe, 1)?;
/// assert!(scenario.life(0).deliveries().count() > 50);
/// # Ok::<(), reweigh_scenario::RecipeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Its name, for messages.
    pub name: String,
    /// The first day of every life, counted from 1970-01-01 in UTC.
    pub first_day: i32,
    /// How many days a life has.
    pub days: u32,
    /// Who the people are.
    pub people: People,
    /// How their weight drifts.
    pub trend: Trend,
    /// Water held from day to day.
    pub water: Water,
    /// Daily and weekly rhythm.
    pub rhythm: Rhythm,
    /// Menstrual cycles.
    pub cycle: Cycle,
    /// Pregnancies.
    pub pregnancy: Pregnancy,
    /// True steps.
    pub steps: Steps,
    /// How often and when people weigh themselves.
    pub habit: Habit,
    /// Days without readings.
    pub gaps: Gaps,
    /// What they weigh themselves on; at least one.
    pub sources: Vec<SourceProfile>,
    /// Errors of single readings.
    pub slips: Slips,
    /// Weeks in the wrong unit.
    pub sticky: StickyUnits,
    /// The other person on the scale.
    pub household: Household,
    /// When and how often deliveries arrive.
    pub arrival: Arrival,
    /// Whether readings have names.
    pub ids: Ids,
    /// Facts about facts.
    pub corrections: Corrections,
}

impl Recipe {
    /// Whether there are facts about facts: anything but readings, or readings that are told twice.
    pub fn has_corrections(&self) -> bool {
        self.corrections.has_any()
    }

    /// The labels that its readings can have, in the order of [`Label::ALL`].
    ///
    /// ```
    /// use reweigh_scenario::{Label, Recipe};
    ///
    /// assert_eq!(Recipe::plain().labels(), [Label::Clean]);
    /// ```
    pub fn labels(&self) -> Vec<Label> {
        let possible = |label: &Label| match label {
            Label::Clean => true,
            Label::Clothed => self.slips.clothed.possible(),
            Label::OtherPerson => self.slips.other_person.possible(),
            Label::PoundsAsKilograms => self.slips.pounds_as_kilograms.possible(),
            Label::KilogramsAsPounds => self.slips.kilograms_as_pounds.possible(),
            Label::StoneAsKilograms => self.slips.stone_as_kilograms.possible(),
            Label::StickyUnit => self.sticky.people.possible(),
            Label::Bmi => self.slips.bmi.possible(),
            Label::Typo => self.slips.typo.possible(),
            Label::Decimal => self.slips.decimal.possible(),
            Label::Carried => self.slips.carried.possible(),
        };
        Label::ALL.into_iter().filter(possible).collect()
    }
}
