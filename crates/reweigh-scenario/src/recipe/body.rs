//! What a body does: how people differ, and how one person's weight moves.

use crate::amount::{Share, Span};

/// Who the people are.
#[derive(Debug, Clone, PartialEq)]
pub struct People {
    /// Mean height of adults, in metres.
    pub height_m: f64,
    /// Deviation of the height of adults, in metres.
    pub height_sd_m: f64,
    /// Heights beyond these are set to the nearer end.
    pub height_limits_m: Span,
    /// Body-mass index of adults at the start; with the height it gives the weight.
    pub bmi: Span,
    /// People who are children.
    pub children: Share,
    /// A child's weight at the start, in kilograms.
    pub child_kg: Span,
    /// What a child grows by, in kilograms per day.
    pub child_growth_kg_per_day: Span,
    /// Adults of great weight.
    pub heavy: Share,
    /// Their weight at the start, in kilograms.
    pub heavy_kg: Span,
}

impl People {
    /// Adults from a body-mass index of 22 to one of 38.
    pub const ADULTS: People = People {
        height_m: 1.70,
        height_sd_m: 0.09,
        height_limits_m: Span::new(1.50, 1.98),
        bmi: Span::new(22.0, 38.0),
        children: Share::NEVER,
        child_kg: Span::new(22.0, 60.0),
        child_growth_kg_per_day: Span::new(0.005, 0.014),
        heavy: Share::NEVER,
        heavy_kg: Span::new(150.0, 260.0),
    };

    /// Children and adults, slim ones too, and some of 150 to 260 kg.
    pub const EVERYBODY: People =
        People { bmi: Span::new(18.0, 42.0), children: Share(0.15), heavy: Share(0.08), ..People::ADULTS };
}

/// The slow part of the weight: a slope that is drawn anew from time to time, and a small daily wander.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// The slope at the start, in kilograms per day.
    pub first_kg_per_day: Span,
    /// Mean time until the slope is drawn anew, in days.
    pub redraw_days: f64,
    /// The slopes that are drawn then, in kilograms per day.
    pub kg_per_day: Span,
    /// New slopes that are plateaus: no slope at all.
    pub plateau: Share,
    /// Deviation of the daily wander, in kilograms.
    pub wander_kg: f64,
    /// The weight stays between these multiples of the one at the start.
    pub limits: Span,
}

impl Trend {
    /// Slopes of -1 to 0.7 kg a week that last 45 days on average.
    pub const CHANGING: Trend = Trend {
        first_kg_per_day: Span::new(-0.12, 0.08),
        redraw_days: 45.0,
        kg_per_day: Span::new(-0.14, 0.10),
        plateau: Share::NEVER,
        wander_kg: 0.03,
        limits: Span::new(0.7, 1.35),
    };

    /// The same, with as many plateaus as slopes.
    pub const WITH_PLATEAUS: Trend = Trend { plateau: Share(0.5), ..Trend::CHANGING };
}

/// Water held from day to day, no part of the true weight: each day a part of yesterday's and something new.
#[derive(Debug, Clone, PartialEq)]
pub struct Water {
    /// What stays from one day to the next.
    pub kept: Share,
    /// Deviation of what is new each day, in kilograms.
    pub fresh_kg: f64,
}

impl Water {
    /// Half stays until the next day; the deviation over many days is 0.52 kg.
    pub const USUAL: Water = Water { kept: Share(0.5), fresh_kg: 0.45 };
}

/// What meals do, no part of the true weight: the true weight is that of the morning.
///
/// The weight rises from 07:00 to 21:30 and falls overnight. Weekends add to it (Orsama and others, Obesity Facts
/// 2014, found weights highest after the weekend).
#[derive(Debug, Clone, PartialEq)]
pub struct Rhythm {
    /// What a person weighs more at 21:30 than at 07:00, in kilograms; drawn once for each person.
    pub evening_kg: Span,
    /// Deviation of that from day to day, as a part of itself.
    pub evening_varies: f64,
    /// What a person weighs more on Sunday and Monday, in kilograms; drawn once for each person.
    pub weekend_kg: Span,
}

impl Rhythm {
    /// The same weight at any time of day.
    pub const NONE: Rhythm =
        Rhythm { evening_kg: Span::just(0.0), evening_varies: 0.0, weekend_kg: Span::just(0.0) };

    /// Half a kilogram to 1.2 kg more in the evening, up to 0.4 kg more after the weekend.
    pub const DAILY: Rhythm =
        Rhythm { evening_kg: Span::new(0.5, 1.2), evening_varies: 0.3, weekend_kg: Span::new(0.0, 0.4) };
}

/// Menstrual cycles, water and no part of the true weight.
///
/// A rise that begins five days before the period, is highest at its start and is gone three days later. Kanellakis
/// and others (American Journal of Human Biology 2023) found 0.45 kg on average; single persons differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// People who have it.
    pub people: Share,
    /// The rise at its highest, in kilograms; drawn once for each person.
    pub rise_kg: Span,
    /// A person's usual time from one period to the next, in days.
    pub period_days: Span,
    /// Deviation of the single times from it, in days.
    pub varies_days: f64,
}

impl Cycle {
    /// Nobody has it.
    pub const NONE: Cycle = Cycle {
        people: Share::NEVER,
        rise_kg: Span::new(0.3, 1.5),
        period_days: Span::new(26.0, 32.0),
        varies_days: 1.5,
    };

    /// Four in ten have it.
    pub const MONTHLY: Cycle = Cycle { people: Share(0.4), ..Cycle::NONE };
}

/// Pregnancies, part of the true weight: a rise over 280 days, a drop on the day of birth, and a slow return.
///
/// The rise is that of the Institute of Medicine's guidelines of 2009 for most women (11.5 to 16 kg), a little wider.
#[derive(Debug, Clone, PartialEq)]
pub struct Pregnancy {
    /// People who have one whose birth or part of whose rise lies in the days of the life.
    pub people: Share,
    /// The whole rise, in kilograms.
    pub rise_kg: Span,
    /// What is gone on the day of birth, in kilograms.
    pub birth_kg: Span,
    /// The part of the rest that goes in the months afterwards.
    pub returns: Span,
    /// The time in which two thirds of that part go, in days.
    pub return_days: Span,
}

impl Pregnancy {
    /// Nobody has one.
    pub const NONE: Pregnancy = Pregnancy {
        people: Share::NEVER,
        rise_kg: Span::new(10.0, 16.0),
        birth_kg: Span::new(5.0, 7.0),
        returns: Span::new(0.6, 1.0),
        return_days: Span::new(30.0, 90.0),
    };

    /// A quarter has one.
    pub const SOME: Pregnancy = Pregnancy { people: Share(0.25), ..Pregnancy::NONE };
}

/// True steps: surgery, amputation, fluid drained. Part of the true weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// People who have one.
    pub people: Share,
    /// How large it is in all, in kilograms.
    pub size_kg: Span,
    /// Steps that go up.
    pub up: Share,
    /// The part of it that happens in one day; the rest settles in the days after.
    pub at_once: Span,
    /// The time in which two thirds of the rest settle, in days.
    pub settles_days: Span,
    /// Steps that come back afterwards, as drained fluid does.
    pub comes_back: Share,
    /// The time in which two thirds of it come back, in days.
    pub back_days: Span,
    /// No step in the first days of a life: as many as this.
    pub after_days: u32,
    /// No step in the last days of a life: as many as this.
    pub before_end_days: u32,
    /// Whether a step that leads out of the limits of the trend is brought back to them on the next day, as that of the
    /// yardstick is. In life the limits move with the step.
    pub caught_by_limits: bool,
}

impl Steps {
    /// No steps.
    pub const NONE: Steps = Steps {
        people: Share::NEVER,
        size_kg: Span::new(7.0, 12.0),
        up: Share::NEVER,
        at_once: Span::just(1.0),
        settles_days: Span::new(5.0, 20.0),
        comes_back: Share::NEVER,
        back_days: Span::new(7.0, 30.0),
        after_days: 60,
        before_end_days: 40,
        caught_by_limits: false,
    };

    /// Eight in a hundred lose 7 to 12 kg in a day.
    pub const RARE: Steps = Steps { people: Share(0.08), caught_by_limits: true, ..Steps::NONE };

    /// Half the people have one: 3 to 14 kg, from a third of it to all at once, some up, some that come back.
    pub const OF_ALL_KINDS: Steps = Steps {
        people: Share(0.5),
        size_kg: Span::new(3.0, 14.0),
        up: Share(0.2),
        at_once: Span::new(0.35, 1.0),
        comes_back: Share(0.2),
        ..Steps::NONE
    };
}
