//! What goes wrong between the body and the record.

use crate::amount::{Share, Span};

/// Errors of single readings: the share of readings that each befalls. Together they are at most 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Slips {
    /// Another person stands on the scale; who that is says [`Household`].
    pub other_person: Share,
    /// The number is in pounds and recorded as kilograms.
    pub pounds_as_kilograms: Share,
    /// The number is in kilograms and taken for pounds.
    pub kilograms_as_pounds: Share,
    /// The body-mass index is recorded in place of the weight.
    pub bmi: Share,
    /// A digit is swapped or wrong.
    pub typo: Share,
    /// The person wears clothes: no gross error.
    pub clothed: Share,
    /// The decimal point is off by one place, either way.
    pub decimal: Share,
    /// A child is carried; the child is the same through the life, and grows.
    pub carried: Share,
    /// The number is in stone and recorded as kilograms.
    pub stone_as_kilograms: Share,
    /// What clothes weigh, in kilograms.
    pub clothes_kg: Span,
    /// What the carried child weighs at the start, in kilograms; drawn once for each person.
    pub child_kg: Span,
    /// A typo that is nearer to the truth than this, in kilograms, is labelled clean: nobody can tell.
    pub harmless_kg: f64,
    /// People whose very first reading is a gross error, of the kinds above in their proportions.
    pub bad_first: Share,
}

impl Slips {
    /// Nothing goes wrong.
    pub const NONE: Slips = Slips {
        other_person: Share::NEVER,
        pounds_as_kilograms: Share::NEVER,
        kilograms_as_pounds: Share::NEVER,
        bmi: Share::NEVER,
        typo: Share::NEVER,
        clothed: Share::NEVER,
        decimal: Share::NEVER,
        carried: Share::NEVER,
        stone_as_kilograms: Share::NEVER,
        clothes_kg: Span::new(1.5, 3.0),
        child_kg: Span::new(8.0, 18.0),
        harmless_kg: 6.0,
        bad_first: Share::NEVER,
    };

    /// 2.4 % gross errors of five kinds, 1 % clothed.
    pub const USUAL: Slips = Slips {
        other_person: Share(0.010),
        pounds_as_kilograms: Share(0.004),
        kilograms_as_pounds: Share(0.003),
        bmi: Share(0.003),
        typo: Share(0.004),
        clothed: Share(0.010),
        ..Slips::NONE
    };

    /// 4 % gross errors of every kind, 2 % clothed, one person in twenty with a bad first reading.
    pub const ALL: Slips = Slips {
        other_person: Share(0.015),
        decimal: Share(0.003),
        carried: Share(0.006),
        stone_as_kilograms: Share(0.002),
        clothed: Share(0.020),
        bad_first: Share(0.05),
        ..Slips::USUAL
    };
}

/// Weeks in which a scale shows pounds and the record says kilograms (for people who record pounds: the other way
/// round). They befall the source that the person uses most, or its only one.
#[derive(Debug, Clone, PartialEq)]
pub struct StickyUnits {
    /// People whom it befalls.
    pub people: Share,
    /// The most episodes such a person has; at least one.
    pub most_episodes: u32,
    /// How long one lasts, in days.
    pub days: Span,
    /// First episodes that begin with the life itself.
    pub from_the_start: Share,
}

impl StickyUnits {
    /// It befalls nobody.
    pub const NONE: StickyUnits = StickyUnits {
        people: Share::NEVER,
        most_episodes: 2,
        days: Span::new(4.0, 35.0),
        from_the_start: Share(0.1),
    };

    /// It befalls one person in ten.
    pub const SOME: StickyUnits = StickyUnits { people: Share(0.1), ..StickyUnits::NONE };

    /// It befalls most people.
    pub const MANY: StickyUnits = StickyUnits { people: Share(0.7), ..StickyUnits::NONE };
}

/// The other person on the scale: one for each life, who comes back with an own, moving weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Household {
    /// How far their weight is from the person's at the start, in kilograms, to either side.
    pub difference_kg: Span,
    /// Deviation of their single readings, in kilograms.
    pub spread_kg: f64,
    /// How their weight moves, in kilograms per day.
    pub drift_kg_per_day: Span,
    /// Whenever one of their readings is taken for the person's, so many follow each other in all.
    pub run: Span,
    /// People who share the scale so closely that the mistake is five times as frequent.
    pub close: Share,
}

impl Household {
    /// Somebody 14 to 35 kg away whose weight stands still.
    pub const STILL: Household = Household {
        difference_kg: Span::new(14.0, 35.0),
        spread_kg: 0.8,
        drift_kg_per_day: Span::just(0.0),
        run: Span::just(1.0),
        close: Share::NEVER,
    };

    /// Somebody 8 to 35 kg away whose weight moves, in runs of up to three, and five times as often in one home of five.
    pub const MOVING: Household = Household {
        difference_kg: Span::new(8.0, 35.0),
        drift_kg_per_day: Span::new(-0.03, 0.03),
        run: Span::new(1.0, 3.0),
        close: Share(0.2),
        ..Household::STILL
    };
}
