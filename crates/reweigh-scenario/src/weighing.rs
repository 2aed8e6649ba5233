//! The readings of one life in the order in which they are taken, before anything happens to them on the way.

use crate::amount::Share;
use crate::label::Label;
use crate::person::Person;
use crate::person::Records;
use crate::random::{Random, Stream};
use crate::recipe::{Recipe, Slips, SourceProfile, StickyUnits};
use crate::time::{self, DAY, SECOND};
use crate::track::Track;
use crate::written::{Recorder, Written};
use reweigh_reading::Unit;

/// One reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighing {
    /// When, in microseconds since 1970-01-01.
    pub(crate) at: i64,
    pub(crate) source: u16,
    pub(crate) label: Label,
    /// What was recorded.
    pub(crate) written: Written,
    /// What should have been.
    pub(crate) right: Written,
    pub(crate) true_kg: f64,
}

impl Slips {
    /// The shares of the kinds of slip, in the order in which one draw decides between them.
    pub(crate) fn shares(&self) -> [(Label, Share); 9] {
        [
            (Label::OtherPerson, self.other_person),
            (Label::PoundsAsKilograms, self.pounds_as_kilograms),
            (Label::KilogramsAsPounds, self.kilograms_as_pounds),
            (Label::Bmi, self.bmi),
            (Label::Typo, self.typo),
            (Label::Clothed, self.clothed),
            (Label::Decimal, self.decimal),
            (Label::Carried, self.carried),
            (Label::StoneAsKilograms, self.stone_as_kilograms),
        ]
    }
}

/// The readings of a life.
pub(crate) fn weighings(
    recipe: &Recipe,
    person: &Person,
    track: &Track,
    seed: u64,
    life: u64,
) -> Vec<Weighing> {
    let first_day = i64::from(recipe.first_day) * DAY;
    let mut times = Times::new(recipe, person, seed, life);
    let gaps = gaps(recipe, &mut Random::new(seed, life, Stream::Gaps));
    let mut scale = Scale::new(recipe, person, seed, life);
    let mut readings = Vec::with_capacity(times.expected());
    for (day, (&level_kg, &fluid_kg)) in (0_u32..).zip(track.level_kg.iter().zip(&track.fluid_kg)) {
        let in_gap = gaps.iter().any(|&(from, until)| (from..until).contains(&day));
        let evening_kg = scale.evening_kg();
        for &of_day in times.of_a_day() {
            let body =
                Body { day: f64::from(day), level_kg, fluid_kg: fluid_kg + evening_kg * evening(of_day) };
            if let Some(reading) = scale.weigh(first_day + i64::from(day) * DAY + of_day, &body, in_gap) {
                readings.push(reading);
            }
        }
    }
    readings
}

/// How much of the evening's weight is there: none at 07:00, all at 21:30, evenly in between.
fn evening(of_day: i64) -> f64 {
    const MORNING: f64 = 420.0;
    const EVENING: f64 = 1_290.0;
    const NIGHT: f64 = 570.0;
    let minute = time::minute_of_day(of_day);
    if minute < MORNING {
        (MORNING - minute) / NIGHT
    } else if minute < EVENING {
        (minute - MORNING) / (EVENING - MORNING)
    } else {
        1.0 - (minute - EVENING) / NIGHT
    }
}

/// Days without readings, as half-open ranges.
fn gaps(recipe: &Recipe, random: &mut Random) -> Vec<(u32, u32)> {
    let gaps = &recipe.gaps;
    let count = random.pick(&gaps.counts).copied().unwrap_or(0);
    let latest = recipe.days.saturating_sub(gaps.before_end_days).max(gaps.from_day.saturating_add(1));
    let gap = |_| {
        let from = random.whole(gaps.from_day, latest);
        (from, from.saturating_add(random.whole(gaps.shortest_days, gaps.longest_days)))
    };
    (0..count).map(gap).collect()
}

/// When somebody steps on the scale.
struct Times<'a> {
    recipe: &'a Recipe,
    per_day: f64,
    evening_part: f64,
    random: Random,
    today: Vec<i64>,
}

impl<'a> Times<'a> {
    fn new(recipe: &'a Recipe, person: &Person, seed: u64, life: u64) -> Times<'a> {
        let random = Random::new(seed, life, Stream::Times);
        Times {
            recipe,
            per_day: person.per_day,
            evening_part: person.evening_part,
            random,
            today: Vec::new(),
        }
    }

    /// About as many readings as there will be.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a hint for an allocation")]
    fn expected(&self) -> usize {
        (f64::from(self.recipe.days) * self.per_day.min(1.0) * 1.5) as usize + 8
    }

    /// The times of the next day, in microseconds after midnight: in their order, no two the same.
    fn of_a_day(&mut self) -> &[i64] {
        let habit = &self.recipe.habit;
        self.today.clear();
        let mut chance = self.per_day;
        for _ in 0..habit.most_per_day {
            if !self.random.chance(chance) {
                break;
            }
            chance = self.per_day / 3.0;
            let evening = self.random.chance(self.evening_part);
            let clock = if evening { habit.evening } else { habit.morning };
            let minute = self.random.normal_at(clock.minute, clock.varies_minutes).clamp(1.0, 1_437.0);
            self.today.push(time::minutes(minute) + i64::from(self.random.below(60)) * SECOND);
        }
        self.today.sort_unstable();
        let mut last = 0;
        for at in &mut self.today {
            *at = (*at).max(last + SECOND);
            last = *at;
        }
        &self.today
    }
}

/// A body on a day, on its way to a scale.
struct Body {
    day: f64,
    level_kg: f64,
    /// Water and meals.
    fluid_kg: f64,
}

/// The scales of one person, and whatever goes wrong on them.
struct Scale<'a> {
    recipe: &'a Recipe,
    person: &'a Person,
    slips: SlipTable,
    sticky: Vec<(f64, f64)>,
    noise: Random,
    sources: Random,
    slip: Random,
    household: Random,
    rhythm: Random,
    /// How many more readings the other person takes in a row.
    run: u32,
    is_first: bool,
}

impl<'a> Scale<'a> {
    fn new(recipe: &'a Recipe, person: &'a Person, seed: u64, life: u64) -> Scale<'a> {
        let stream = |stream| Random::new(seed, life, stream);
        Scale {
            recipe,
            person,
            slips: SlipTable::new(&recipe.slips, person.other.frequency),
            sticky: episodes(&recipe.sticky, recipe.days, &mut stream(Stream::Sticky)),
            noise: stream(Stream::Scale),
            sources: stream(Stream::SourceOfReading),
            slip: stream(Stream::SlipOfReading),
            household: stream(Stream::OtherPerson),
            rhythm: stream(Stream::Evenings),
            run: 0,
            is_first: true,
        }
    }

    /// What the person weighs more in the evening of the next day.
    fn evening_kg(&mut self) -> f64 {
        let varies = self.recipe.rhythm.evening_varies;
        if varies > 0.0 {
            self.person.evening_kg * (1.0 + varies * self.rhythm.normal())
        } else {
            self.person.evening_kg
        }
    }

    /// The next reading; `None` in a gap, which draws as many numbers all the same.
    fn weigh(&mut self, at: i64, body: &Body, in_gap: bool) -> Option<Weighing> {
        let (source, bias_kg) = self.person.scales.pick(&mut self.sources);
        let other_unit = self.sources.unit();
        let profile = self.recipe.sources.get(usize::from(source))?;
        let noise_kg = self.noise_kg(profile);
        let (which, size, way) = (self.slip.unit(), self.slip.unit(), self.slip.unit());
        if in_gap {
            return None;
        }
        let label = self.label(source, body.day, which);
        let own_kg = body.level_kg + body.fluid_kg + bias_kg + noise_kg;
        let shown_kg = self.shown_kg(label, own_kg, body.day, size);
        let recorder = Recorder {
            records: self.person.records,
            height_m: self.person.height_m,
            grid_kg: profile.grid_kg,
        };
        let mut written = recorder.write(shown_kg, label, way);
        let right = if label == Label::Clean { written } else { recorder.plain(own_kg) };
        let harmless = label == Label::Typo
            && (written.kilograms() - body.level_kg).abs() < self.recipe.slips.harmless_kg;
        let label = if harmless { Label::Clean } else { label };
        if label == Label::Clean {
            written = self.in_other_unit(written, other_unit);
        }
        self.is_first = false;
        Some(Weighing { at, source, label, written, right, true_kg: body.level_kg })
    }

    fn noise_kg(&mut self, profile: &SourceProfile) -> f64 {
        let factor = if profile.tails.hits(&mut self.noise) { profile.tail_factor } else { 1.0 };
        self.noise.normal() * profile.noise_kg * factor
    }

    /// What happens to a reading.
    fn label(&mut self, source: u16, day: f64, which: f64) -> Label {
        let sticky = source == self.person.scales.main
            && self.sticky.iter().any(|&(from, until)| (from..until).contains(&day));
        if sticky {
            return Label::StickyUnit;
        }
        if self.run > 0 {
            self.run -= 1;
            return Label::OtherPerson;
        }
        let label = self.slips.draw(which, self.is_first && self.person.bad_first);
        if label == Label::OtherPerson {
            self.run = whole(self.recipe.household.run.draw(&mut self.household)).saturating_sub(1);
        }
        label
    }

    /// What stands on the scale.
    fn shown_kg(&mut self, label: Label, own_kg: f64, day: f64, size: f64) -> f64 {
        match label {
            Label::OtherPerson => {
                self.person.other.kg_on(day) + self.household.normal() * self.recipe.household.spread_kg
            }
            // Children gain about two kilograms a year.
            Label::Carried => own_kg + self.person.carried_kg + day * 0.006,
            Label::Clothed => {
                let clothes = self.recipe.slips.clothes_kg;
                own_kg + clothes.low + (clothes.high - clothes.low) * size
            }
            Label::Clean
            | Label::PoundsAsKilograms
            | Label::KilogramsAsPounds
            | Label::StoneAsKilograms
            | Label::StickyUnit
            | Label::Bmi
            | Label::Typo
            | Label::Decimal => own_kg,
        }
    }

    fn in_other_unit(&self, written: Written, which: f64) -> Written {
        let habit = &self.recipe.habit;
        if written.unit != Unit::Kilogram || self.person.records != Records::Kilograms {
            written
        } else if which < habit.pounds_readings.0 {
            written.in_pounds()
        } else if which < habit.pounds_readings.0 + habit.gram_readings.0 {
            written.in_grams()
        } else {
            written
        }
    }
}

/// A number to the nearest whole one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "spans of runs are at least 1; the cast saturates"
)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

/// The days in which the unit is wrong.
fn episodes(sticky: &StickyUnits, days: u32, random: &mut Random) -> Vec<(f64, f64)> {
    if !sticky.people.hits(random) {
        return Vec::new();
    }
    let count = random.whole(1, sticky.most_episodes);
    let early = sticky.from_the_start.hits(random);
    let episode = |index: u32| {
        let from = random.unit() * f64::from(days);
        let from = if early && index == 0 { 0.0 } else { from.floor() };
        (from, from + sticky.days.draw(random))
    };
    (0..count).map(episode).collect()
}

/// What one draw decides for each reading.
struct SlipTable {
    until: [(Label, f64); 9],
    gross: f64,
}

impl SlipTable {
    fn new(slips: &Slips, others: f64) -> SlipTable {
        let (mut sum, mut gross) = (0.0, 0.0);
        let until = slips.shares().map(|(label, Share(share))| {
            let share = if label == Label::OtherPerson { (share * others).min(0.5) } else { share };
            sum += share;
            gross += if label.is_gross() { share } else { 0.0 };
            (label, sum)
        });
        SlipTable { until, gross }
    }

    /// The label of a reading; a gross one, each kind as likely beside the others as ever, if it must be.
    fn draw(&self, which: f64, must_be_gross: bool) -> Label {
        if must_be_gross {
            let (mut left, mut before) = (which * self.gross, 0.0);
            for &(label, until) in &self.until {
                let share = until - before;
                before = until;
                if label.is_gross() {
                    if left < share {
                        return label;
                    }
                    left -= share;
                }
            }
        }
        let last = self.until.last().map_or(0.0, |&(_, until)| until);
        if which >= last {
            return Label::Clean;
        }
        self.until.iter().find(|&&(_, until)| which < until).map_or(Label::Clean, |&(label, _)| label)
    }
}
