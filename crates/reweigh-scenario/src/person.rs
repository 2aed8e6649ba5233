//! One person: everything that is drawn once for a whole life.

use crate::random::{Random, Stream};
use crate::recipe::Recipe;

/// The unit in which somebody's readings are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Records {
    Kilograms,
    Pounds,
    Stone,
}

/// Somebody.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// To the millimetre.
    pub(crate) height_m: f64,
    pub(crate) start_kg: f64,
    pub(crate) is_child: bool,
    pub(crate) growth_kg_per_day: f64,
    pub(crate) evening_kg: f64,
    pub(crate) weekend_kg: f64,
    pub(crate) per_day: f64,
    pub(crate) evening_part: f64,
    pub(crate) records: Records,
    pub(crate) bad_first: bool,
    pub(crate) carried_kg: f64,
    pub(crate) other: Other,
    pub(crate) scales: Scales,
}

/// The other person on the scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other {
    pub(crate) start_kg: f64,
    pub(crate) drift_kg_per_day: f64,
    /// How much more frequent the mistake is.
    pub(crate) frequency: f64,
}

/// Which sources somebody uses.
#[derive(Debug, Clone)]
pub(crate) struct Scales {
    /// The part of the readings up to and with this source, and the bias of the source, in the recipe's order.
    pub(crate) uses: Vec<(f64, f64)>,
    /// The one that is used most.
    pub(crate) main: u16,
}

impl Person {
    pub(crate) fn new(recipe: &Recipe, seed: u64, life: u64) -> Person {
        let random = &mut Random::new(seed, life, Stream::Person);
        let (height_m, start_kg, is_child) = build(recipe, random);
        let growth = recipe.people.child_growth_kg_per_day.draw(random);
        let per_day = random.pick(&recipe.habit.per_day).copied().unwrap_or(0.0);
        let evening_part = recipe.habit.evening_part.draw(random);
        let unit = random.unit();
        let pounds = recipe.habit.pounds_people.0;
        let records = if unit < pounds {
            Records::Pounds
        } else if unit < pounds + recipe.habit.stone_people.0 {
            Records::Stone
        } else {
            Records::Kilograms
        };
        let slips = &mut Random::new(seed, life, Stream::Slips);
        let rhythm = &mut Random::new(seed, life, Stream::Rhythm);
        Person {
            height_m,
            start_kg,
            is_child,
            growth_kg_per_day: if is_child { growth } else { 0.0 },
            evening_kg: recipe.rhythm.evening_kg.draw(rhythm),
            weekend_kg: recipe.rhythm.weekend_kg.draw(rhythm),
            per_day,
            evening_part,
            records,
            bad_first: recipe.slips.bad_first.hits(slips),
            carried_kg: recipe.slips.child_kg.draw(slips),
            other: Other::new(recipe, start_kg, &mut Random::new(seed, life, Stream::Household)),
            scales: Scales::new(recipe, &mut Random::new(seed, life, Stream::Sources)),
        }
    }
}

/// Height, weight at the start, and whether it is a child.
fn build(recipe: &Recipe, random: &mut Random) -> (f64, f64, bool) {
    let people = &recipe.people;
    let kind = random.unit();
    let height = random.normal_at(people.height_m, people.height_sd_m);
    let weight = random.unit();
    let within = |span: crate::amount::Span| span.low + (span.high - span.low) * weight;
    let millimetres = |height: f64| (height * 1_000.0).round() / 1_000.0;
    if kind < people.children.0 {
        // Slender children have an index of about 15, older ones one of about 20.
        let kg = within(people.child_kg);
        return (millimetres((kg / (13.0 + kg / 9.0)).sqrt()), kg, true);
    }
    let limits = people.height_limits_m;
    let height = millimetres(height.max(limits.low).min(limits.high));
    if kind < people.children.0 + people.heavy.0 {
        return (height, within(people.heavy_kg), false);
    }
    (height, within(people.bmi) * height * height, false)
}

impl Other {
    fn new(recipe: &Recipe, start_kg: f64, random: &mut Random) -> Other {
        let household = &recipe.household;
        let difference = household.difference_kg.draw(random);
        let lighter = random.chance(0.5) && start_kg - difference >= LIGHTEST_KG;
        Other {
            start_kg: if lighter { start_kg - difference } else { start_kg + difference },
            drift_kg_per_day: household.drift_kg_per_day.draw(random),
            frequency: if household.close.hits(random) { 5.0 } else { 1.0 },
        }
    }

    /// Their weight on a day of the life.
    pub(crate) fn kg_on(&self, day: f64) -> f64 {
        (self.start_kg + self.drift_kg_per_day * day).max(LIGHTEST_KG)
    }
}

/// Nobody on the scale is lighter.
const LIGHTEST_KG: f64 = 12.0;

impl Scales {
    fn new(recipe: &Recipe, random: &mut Random) -> Scales {
        let all: f64 = recipe.sources.iter().map(|source| source.share.0).sum();
        let single = recipe.habit.single_source.hits(random);
        let which = random.unit() * all;
        let mut uses = Vec::with_capacity(recipe.sources.len());
        let (mut sum, mut main, mut most, mut found) = (0.0, 0_u16, 0.0, false);
        for (index, source) in (0_u16..).zip(&recipe.sources) {
            let bias = random.normal() * source.bias_kg;
            sum += source.share.0;
            let chosen = !found && which < sum;
            found |= chosen;
            let part = if single { f64::from(u8::from(found)) } else { sum / all };
            uses.push((part, bias));
            if (single && chosen) || (!single && source.share.0 > most) {
                main = index;
                most = source.share.0;
            }
        }
        Scales { uses, main }
    }

    /// The source of a reading, and its bias.
    pub(crate) fn pick(&self, random: &mut Random) -> (u16, f64) {
        let which = random.unit();
        let mut last = (self.main, 0.0);
        for (index, &(part, bias)) in (0_u16..).zip(&self.uses) {
            last = (index, bias);
            if which < part {
                break;
            }
        }
        last
    }
}
