//! The true weight of one person, day by day, and the water that comes and goes on top of it.

use crate::person::Person;
use crate::random::{Random, Stream};
use crate::recipe::{Cycle, Pregnancy, Recipe, Steps};

/// No true weight is outside of this, in kilograms.
const TRUE_KG: (f64, f64) = (20.0, 350.0);

/// Days from conception to birth.
const CARRYING_DAYS: f64 = 280.0;

/// One number for each day of a life.
#[derive(Debug, Clone, Default)]
pub(crate) struct Track {
    /// The true weight in the morning, freed of water.
    pub(crate) level_kg: Vec<f64>,
    /// Water, cycle and weekend.
    pub(crate) fluid_kg: Vec<f64>,
}

impl Track {
    pub(crate) fn new(recipe: &Recipe, person: &Person, seed: u64, life: u64) -> Track {
        let mut track =
            Track { level_kg: level(recipe, person, seed, life), fluid_kg: water(recipe, seed, life) };
        let carrying = Carrying::new(recipe, person, &mut Random::new(seed, life, Stream::Pregnancy));
        if let Some(carrying) = carrying {
            carrying.add(&mut track.level_kg);
        }
        for kg in &mut track.level_kg {
            *kg = kg.max(TRUE_KG.0).min(TRUE_KG.1);
        }
        add_cycle(
            &recipe.cycle,
            person,
            carrying,
            &mut track.fluid_kg,
            &mut Random::new(seed, life, Stream::Cycle),
        );
        add_weekends(recipe.first_day, person.weekend_kg, &mut track.fluid_kg);
        track
    }
}

/// Drift, wander, growth and steps.
fn level(recipe: &Recipe, person: &Person, seed: u64, life: u64) -> Vec<f64> {
    let trend = &recipe.trend;
    let random = &mut Random::new(seed, life, Stream::Level);
    let mut step = Step::new(&recipe.steps, recipe.days, person, &mut Random::new(seed, life, Stream::Steps));
    // What is a week's loss for an adult would be an illness for a child.
    let scale = if person.is_child { person.start_kg / 80.0 } else { 1.0 };
    let (mut low, mut high) = (person.start_kg * trend.limits.low, person.start_kg * trend.limits.high);
    let mut slope = trend.first_kg_per_day.draw(random);
    let mut kg = person.start_kg;
    let mut grown = 0.0;
    let mut levels = Vec::with_capacity(usize::try_from(recipe.days).unwrap_or(0));
    for day in 0..recipe.days {
        if random.chance(1.0 / trend.redraw_days) {
            let plateau = trend.plateau.hits(random);
            let drawn = trend.kg_per_day.draw(random);
            slope = if plateau { 0.0 } else { drawn };
        }
        kg += slope * scale + random.normal() * trend.wander_kg;
        kg = kg.max(low).min(high);
        let stepped = step.on(day);
        kg += stepped;
        if !recipe.steps.caught_by_limits {
            low += stepped;
            high += stepped;
        }
        grown += person.growth_kg_per_day;
        levels.push(kg + grown);
    }
    levels
}

fn water(recipe: &Recipe, seed: u64, life: u64) -> Vec<f64> {
    let random = &mut Random::new(seed, life, Stream::Water);
    let mut water = 0.0;
    let next = |_| {
        water = recipe.water.kept.0 * water + random.normal() * recipe.water.fresh_kg;
        water
    };
    (0..recipe.days).map(next).collect()
}

/// A true step: a part at once, the rest in the days after, and perhaps all of it back.
#[derive(Debug)]
struct Step {
    day: Option<u32>,
    at_once_kg: f64,
    settling_kg: f64,
    settles_days: f64,
    returning_kg: f64,
    back_days: f64,
}

impl Step {
    fn new(steps: &Steps, days: u32, person: &Person, random: &mut Random) -> Step {
        let has = steps.people.hits(random) && !person.is_child;
        let last = days.saturating_sub(steps.before_end_days);
        let day = random.whole(steps.after_days, last.max(steps.after_days));
        let size = steps.size_kg.draw(random);
        let size = if steps.up.hits(random) { size } else { -size };
        let at_once = steps.at_once.draw(random) * size;
        let settles_days = steps.settles_days.draw(random);
        let back = steps.comes_back.hits(random);
        let back_days = steps.back_days.draw(random);
        Step {
            day: has.then_some(day),
            at_once_kg: at_once,
            settling_kg: size - at_once,
            settles_days,
            returning_kg: if back { -size } else { 0.0 },
            back_days,
        }
    }

    /// What changes on this day; days are asked for in their order.
    fn on(&mut self, today: u32) -> f64 {
        let Some(day) = self.day else { return 0.0 };
        if today < day {
            return 0.0;
        }
        if today == day {
            return self.at_once_kg;
        }
        let settles = self.settling_kg / self.settles_days;
        let returns = self.returning_kg / self.back_days;
        self.settling_kg -= settles;
        self.returning_kg -= returns;
        settles + returns
    }
}

/// A pregnancy.
#[derive(Debug, Clone, Copy)]
struct Carrying {
    /// The day of conception; it may lie before the life's first day.
    from_day: f64,
    rise_kg: f64,
    birth_kg: f64,
    returns: f64,
    return_days: f64,
}

impl Carrying {
    fn new(recipe: &Recipe, person: &Person, random: &mut Random) -> Option<Carrying> {
        let pregnancy: &Pregnancy = &recipe.pregnancy;
        let has = pregnancy.people.hits(random) && !person.is_child;
        let earliest = -200.0;
        let latest = (f64::from(recipe.days) - 60.0).max(earliest);
        let rise_kg = pregnancy.rise_kg.draw(random);
        let carrying = Carrying {
            from_day: random.between(earliest, latest).round(),
            rise_kg,
            birth_kg: pregnancy.birth_kg.draw(random).min(rise_kg),
            returns: pregnancy.returns.draw(random).min(1.0),
            return_days: pregnancy.return_days.draw(random),
        };
        has.then_some(carrying)
    }

    /// What it adds: a tenth of the rise in the first 13 weeks, the rest evenly, then the birth and the return.
    fn add(&self, levels: &mut [f64]) {
        const SLOW_DAYS: f64 = 91.0;
        let kept = (self.rise_kg - self.birth_kg) * (1.0 - self.returns);
        let mut returning = (self.rise_kg - self.birth_kg) * self.returns;
        for (day, kg) in (0_u32..).zip(levels) {
            let age = f64::from(day) - self.from_day;
            *kg += if age <= 0.0 {
                0.0
            } else if age < SLOW_DAYS {
                0.1 * self.rise_kg * age / SLOW_DAYS
            } else if age < CARRYING_DAYS {
                self.rise_kg * (0.1 + 0.9 * (age - SLOW_DAYS) / (CARRYING_DAYS - SLOW_DAYS))
            } else {
                let now = returning + kept;
                returning -= returning / self.return_days;
                now
            };
        }
    }

    /// Whether it keeps periods away on this day.
    fn covers(&self, day: f64) -> bool {
        (self.from_day..self.from_day + CARRYING_DAYS + 60.0).contains(&day)
    }
}

fn add_cycle(
    cycle: &Cycle,
    person: &Person,
    carrying: Option<Carrying>,
    fluid: &mut [f64],
    random: &mut Random,
) {
    let rise_kg = cycle.rise_kg.draw(random);
    let period = cycle.period_days.draw(random);
    let mut onset = random.unit() * period;
    if !cycle.people.hits(random) || person.is_child {
        return;
    }
    for (day, kg) in (0_u32..).zip(fluid) {
        let day = f64::from(day);
        if day - onset > 3.0 {
            onset += random.normal_at(period, cycle.varies_days).max(15.0);
        }
        let since = day - onset;
        let height = if since < 0.0 { 1.0 + since / 5.0 } else { 1.0 - since / 3.0 };
        if !carrying.is_some_and(|carrying| carrying.covers(day)) {
            *kg += rise_kg * height.max(0.0);
        }
    }
}

/// Sundays and Mondays; 1970-01-01 was a Thursday.
fn add_weekends(first_day: i32, weekend_kg: f64, fluid: &mut [f64]) {
    for (day, kg) in (i64::from(first_day)..).zip(fluid) {
        let weekday = (day + 4).rem_euclid(7);
        if weekday <= 1 {
            *kg += weekend_kg;
        }
    }
}
