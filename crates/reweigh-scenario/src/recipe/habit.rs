//! When people weigh themselves, and on what.

use crate::amount::{Share, Span};

/// A time of day at which people step on the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Mean, in minutes after midnight.
    pub minute: f64,
    /// Deviation, in minutes.
    pub varies_minutes: f64,
}

/// How often, when and in which unit people weigh themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    /// Each person has one of these, drawn with equal chance: the chance of a first reading on a day. Whoever takes one
    /// takes a next one with a third of it; so 3 means two or more a day, 0.033 one a month.
    pub per_day: Vec<f64>,
    /// No more readings than this on one day.
    pub most_per_day: u32,
    /// Morning.
    pub morning: Clock,
    /// Evening.
    pub evening: Clock,
    /// Each person's part of readings that are taken in the evening.
    pub evening_part: Span,
    /// People who use one source only; all others use each source as often as its share says.
    pub single_source: Share,
    /// People whose scale shows pounds (to 0.2 lb) and whose readings are recorded in pounds.
    pub pounds_people: Share,
    /// People whose readings are recorded in stone.
    pub stone_people: Share,
    /// Clean readings of anybody else that are recorded in pounds nevertheless (to 0.1 lb), rightly labelled.
    pub pounds_readings: Share,
    /// Clean readings of anybody else that are recorded in grams.
    pub gram_readings: Share,
}

impl Habit {
    /// From two readings in five days to three in two days, two thirds of them in the morning, 6 % in pounds.
    pub fn usual() -> Habit {
        Habit {
            per_day: vec![0.4, 0.7, 0.95, 1.3],
            most_per_day: 3,
            morning: Clock { minute: 430.0, varies_minutes: 40.0 },
            evening: Clock { minute: 1290.0, varies_minutes: 50.0 },
            evening_part: Span::just(1.0 / 3.0),
            single_source: Share::NEVER,
            pounds_people: Share::NEVER,
            stone_people: Share::NEVER,
            pounds_readings: Share(0.06),
            gram_readings: Share::NEVER,
        }
    }

    /// People who differ: some only in the morning, some with one scale, some in pounds or stone.
    pub fn various() -> Habit {
        Habit {
            evening_part: Span::new(0.0, 0.6),
            single_source: Share(0.35),
            pounds_people: Share(0.2),
            stone_people: Share(0.05),
            pounds_readings: Share(0.03),
            gram_readings: Share(0.01),
            ..Habit::usual()
        }
    }

    /// One reading a month or fewer.
    pub fn sparse() -> Habit {
        Habit { per_day: vec![0.02, 0.033, 0.05], ..Habit::usual() }
    }

    /// Two or three readings each day.
    pub fn dense() -> Habit {
        Habit { per_day: vec![2.4, 3.0], ..Habit::usual() }
    }
}

/// Days without any reading. The weight goes on meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaps {
    /// Each person has one of these numbers of gaps, drawn with equal chance.
    pub counts: Vec<u32>,
    /// A gap begins no earlier than this day.
    pub from_day: u32,
    /// A gap begins no later than this many days before the end, unless the life is too short for that.
    pub before_end_days: u32,
    /// The shortest gap, in days.
    pub shortest_days: u32,
    /// The longest gap, in days.
    pub longest_days: u32,
}

impl Gaps {
    /// No gaps.
    pub fn none() -> Gaps {
        Gaps { counts: vec![0], ..Gaps::usual() }
    }

    /// One gap of 32 to 80 days on average.
    pub fn usual() -> Gaps {
        Gaps {
            counts: vec![0, 1, 1, 2],
            from_day: 60,
            before_end_days: 120,
            shortest_days: 32,
            longest_days: 80,
        }
    }

    /// One to three gaps of 30 to 400 days. One life in four ends in a gap.
    pub fn long() -> Gaps {
        Gaps {
            counts: vec![1, 2, 3],
            from_day: 20,
            before_end_days: 60,
            shortest_days: 30,
            longest_days: 400,
        }
    }
}

/// A scale, form or channel that readings come through.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceProfile {
    /// Its name, as in the facts.
    pub name: String,
    /// How often it is used, beside the other sources of the recipe (the shares need not add up to 1).
    pub share: Share,
    /// Deviation of its noise, in kilograms.
    pub noise_kg: f64,
    /// It shows multiples of this, in kilograms.
    pub grid_kg: f64,
    /// Deviation of its bias, in kilograms; the bias is drawn once for each person and source.
    pub bias_kg: f64,
    /// Readings whose noise is larger.
    pub tails: Share,
    /// Times as large.
    pub tail_factor: f64,
}

impl SourceProfile {
    /// A source without bias and without heavy tails.
    pub fn new(name: &str, share: f64, noise_kg: f64, grid_kg: f64) -> SourceProfile {
        SourceProfile {
            name: name.to_owned(),
            share: Share(share),
            noise_kg,
            grid_kg,
            bias_kg: 0.0,
            tails: Share::NEVER,
            tail_factor: 1.0,
        }
    }

    /// The same source with a bias of this deviation.
    #[must_use]
    pub fn biased(mut self, bias_kg: f64) -> SourceProfile {
        self.bias_kg = bias_kg;
        self
    }

    /// The same source with so many readings of so much more noise.
    #[must_use]
    pub fn heavy_tailed(mut self, tails: f64, tail_factor: f64) -> SourceProfile {
        self.tails = Share(tails);
        self.tail_factor = tail_factor;
        self
    }

    /// Four sources: a scale, uploads, a questionnaire, a care team.
    pub fn usual() -> Vec<SourceProfile> {
        vec![
            SourceProfile::new("patient-device", 0.80, 0.30, 0.1),
            SourceProfile::new("patient-upload", 0.12, 0.50, 0.5),
            SourceProfile::new("internal-questionnaire", 0.05, 1.20, 1.0),
            SourceProfile::new("care-team-upload", 0.03, 0.20, 0.1),
        ]
    }

    /// The same four, each with a bias and heavy tails of its own.
    pub fn uneven() -> Vec<SourceProfile> {
        vec![
            SourceProfile::new("patient-device", 0.66, 0.30, 0.1).biased(0.15).heavy_tailed(0.03, 4.0),
            SourceProfile::new("gym", 0.12, 0.25, 0.2).biased(0.8),
            SourceProfile::new("patient-upload", 0.12, 0.50, 0.5).biased(0.3).heavy_tailed(0.05, 3.0),
            SourceProfile::new("internal-questionnaire", 0.06, 1.20, 1.0).biased(0.6).heavy_tailed(0.05, 2.5),
            SourceProfile::new("care-team-upload", 0.04, 0.20, 0.1).biased(0.5),
        ]
    }
}
