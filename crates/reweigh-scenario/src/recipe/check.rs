//! The check of a recipe: all that is wrong with it, not only the first.

use crate::amount::{Share, Span};
use crate::recipe::{Corrections, Recipe, Slips, SourceProfile};
use std::fmt;

/// A scenario could not be made. Nothing was generated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// Numbers of the recipe are out of their bounds; all of them are listed.
    #[error("recipe `{recipe}` cannot be followed: {}; correct these numbers", list(findings))]
    OutOfBounds {
        /// The recipe's name.
        recipe: String,
        /// What is wrong, in the order of the recipe's fields.
        findings: Vec<Finding>,
    },
}

/// One number of a recipe that is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Which number.
    pub field: &'static str,
    /// What it is.
    pub value: f64,
    /// What it must be.
    pub bound: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, must be {}", self.field, self.value, self.bound)
    }
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("; ")
}

/// Days from 1970-01-01 to 1900-01-01 and to 2199-01-01.
const FIRST_DAYS: (f64, f64) = (-25_567.0, 83_641.0);
/// A century.
const DAYS_MAX: f64 = 36_525.0;
/// No number of a recipe is beyond this, either way: sums of some of them stay far from where numbers end.
const GREATEST: f64 = 100_000.0;

/// Collects what is wrong.
struct Checks(Vec<Finding>);

impl Checks {
    fn that(&mut self, holds: bool, field: &'static str, value: f64, bound: &'static str) {
        if !holds {
            self.0.push(Finding { field, value, bound });
        }
    }

    fn share(&mut self, field: &'static str, share: Share) {
        self.that((0.0..=1.0).contains(&share.0), field, share.0, "0 to 1");
    }

    fn at_least(&mut self, field: &'static str, value: f64, least: f64, bound: &'static str) {
        // The other way round, NaN would pass.
        self.that(value >= least, field, value, bound);
        self.that(value <= GREATEST, field, value, "at most 100000");
    }

    /// A span in order, and not below `least`.
    fn span(&mut self, field: &'static str, span: Span, least: f64, bound: &'static str) {
        self.at_least(field, span.low, least, bound);
        self.that(span.high <= GREATEST, field, span.high, "at most 100000");
        self.that(span.low <= span.high, field, span.low, "a span whose low end is not above its high end");
    }

    fn any_span(&mut self, field: &'static str, span: Span) {
        self.span(field, span, -GREATEST, "at least -100000");
    }
}

impl Recipe {
    /// Everything that is out of bounds.
    pub(crate) fn check(&self) -> Result<(), RecipeError> {
        let mut checks = Checks(Vec::new());
        self.check_body(&mut checks);
        self.check_habit(&mut checks);
        check_sources(&self.sources, &mut checks);
        check_slips(&self.slips, &mut checks);
        self.check_company(&mut checks);
        self.check_arrival(&mut checks);
        check_corrections(&self.corrections, &mut checks);
        match checks.0 {
            findings if findings.is_empty() => Ok(()),
            findings => Err(RecipeError::OutOfBounds { recipe: self.name.clone(), findings }),
        }
    }

    fn check_body(&self, checks: &mut Checks) {
        let first = f64::from(self.first_day);
        checks.that((FIRST_DAYS.0..=FIRST_DAYS.1).contains(&first), "first_day", first, "-25567 to 83641");
        let days = f64::from(self.days);
        let room = DAYS_MAX.min(FIRST_DAYS.1 - first);
        checks.that(days >= 1.0 && days <= room, "days", days, "1 to 36525, and over before 2199");
        let people = &self.people;
        checks.at_least("people.height_m", people.height_m, 0.3, "at least 0.3");
        checks.at_least("people.height_sd_m", people.height_sd_m, 0.0, "at least 0");
        checks.span("people.height_limits_m", people.height_limits_m, 0.5, "at least 0.5");
        checks.that(
            people.height_limits_m.high <= 2.7,
            "people.height_limits_m",
            people.height_limits_m.high,
            "at most 2.7",
        );
        checks.span("people.bmi", people.bmi, 12.0, "at least 12");
        checks.that(people.bmi.high <= 80.0, "people.bmi", people.bmi.high, "at most 80");
        checks.share("people.children", people.children);
        checks.span("people.child_kg", people.child_kg, 20.0, "at least 20");
        checks.any_span("people.child_growth_kg_per_day", people.child_growth_kg_per_day);
        checks.share("people.heavy", people.heavy);
        checks.span("people.heavy_kg", people.heavy_kg, 20.0, "at least 20");
        let trend = &self.trend;
        checks.any_span("trend.first_kg_per_day", trend.first_kg_per_day);
        checks.at_least("trend.redraw_days", trend.redraw_days, 1.0, "at least 1");
        checks.any_span("trend.kg_per_day", trend.kg_per_day);
        checks.share("trend.plateau", trend.plateau);
        checks.at_least("trend.wander_kg", trend.wander_kg, 0.0, "at least 0");
        checks.span("trend.limits", trend.limits, 0.1, "at least 0.1");
        checks.share("water.kept", self.water.kept);
        checks.at_least("water.fresh_kg", self.water.fresh_kg, 0.0, "at least 0");
        checks.any_span("rhythm.evening_kg", self.rhythm.evening_kg);
        checks.at_least("rhythm.evening_varies", self.rhythm.evening_varies, 0.0, "at least 0");
        checks.any_span("rhythm.weekend_kg", self.rhythm.weekend_kg);
        checks.share("cycle.people", self.cycle.people);
        checks.any_span("cycle.rise_kg", self.cycle.rise_kg);
        checks.span("cycle.period_days", self.cycle.period_days, 15.0, "at least 15");
        checks.at_least("cycle.varies_days", self.cycle.varies_days, 0.0, "at least 0");
        checks.share("pregnancy.people", self.pregnancy.people);
        checks.span("pregnancy.rise_kg", self.pregnancy.rise_kg, 0.0, "at least 0");
        checks.span("pregnancy.birth_kg", self.pregnancy.birth_kg, 0.0, "at least 0");
        checks.span("pregnancy.returns", self.pregnancy.returns, 0.0, "at least 0");
        checks.span("pregnancy.return_days", self.pregnancy.return_days, 1.0, "at least 1");
        checks.share("steps.people", self.steps.people);
        checks.span("steps.size_kg", self.steps.size_kg, 0.0, "at least 0");
        checks.share("steps.up", self.steps.up);
        checks.span("steps.at_once", self.steps.at_once, 0.0, "at least 0");
        checks.that(self.steps.at_once.high <= 1.0, "steps.at_once", self.steps.at_once.high, "at most 1");
        checks.span("steps.settles_days", self.steps.settles_days, 1.0, "at least 1");
        checks.share("steps.comes_back", self.steps.comes_back);
        checks.span("steps.back_days", self.steps.back_days, 1.0, "at least 1");
    }

    fn check_habit(&self, checks: &mut Checks) {
        let habit = &self.habit;
        checks.that(!habit.per_day.is_empty(), "habit.per_day", 0.0, "one number or more");
        for &per_day in &habit.per_day {
            checks.at_least("habit.per_day", per_day, 0.0, "at least 0");
        }
        let most = f64::from(habit.most_per_day);
        checks.that((1.0..=24.0).contains(&most), "habit.most_per_day", most, "1 to 24");
        checks.at_least("habit.morning.minute", habit.morning.minute, 0.0, "at least 0");
        checks.at_least("habit.morning.varies_minutes", habit.morning.varies_minutes, 0.0, "at least 0");
        checks.at_least("habit.evening.minute", habit.evening.minute, 0.0, "at least 0");
        checks.at_least("habit.evening.varies_minutes", habit.evening.varies_minutes, 0.0, "at least 0");
        checks.span("habit.evening_part", habit.evening_part, 0.0, "at least 0");
        checks.share("habit.single_source", habit.single_source);
        let units = habit.pounds_people.0 + habit.stone_people.0;
        checks.share("habit.pounds_people", habit.pounds_people);
        checks.share("habit.stone_people", habit.stone_people);
        checks.that(units <= 1.0, "habit.pounds_people + stone_people", units, "at most 1");
        let readings = habit.pounds_readings.0 + habit.gram_readings.0;
        checks.share("habit.pounds_readings", habit.pounds_readings);
        checks.share("habit.gram_readings", habit.gram_readings);
        checks.that(readings <= 1.0, "habit.pounds_readings + gram_readings", readings, "at most 1");
        checks.that(!self.gaps.counts.is_empty(), "gaps.counts", 0.0, "one number or more");
        let (shortest, longest) = (f64::from(self.gaps.shortest_days), f64::from(self.gaps.longest_days));
        checks.that(shortest <= longest, "gaps.shortest_days", shortest, "no more than gaps.longest_days");
    }

    fn check_company(&self, checks: &mut Checks) {
        checks.share("sticky.people", self.sticky.people);
        let most = f64::from(self.sticky.most_episodes);
        checks.that((1.0..=20.0).contains(&most), "sticky.most_episodes", most, "1 to 20");
        checks.span("sticky.days", self.sticky.days, 1.0, "at least 1");
        checks.share("sticky.from_the_start", self.sticky.from_the_start);
        checks.span("household.difference_kg", self.household.difference_kg, 0.0, "at least 0");
        checks.at_least("household.spread_kg", self.household.spread_kg, 0.0, "at least 0");
        checks.any_span("household.drift_kg_per_day", self.household.drift_kg_per_day);
        checks.span("household.run", self.household.run, 1.0, "at least 1");
        checks.share("household.close", self.household.close);
    }

    fn check_arrival(&self, checks: &mut Checks) {
        let arrival = &self.arrival;
        checks.share("arrival.late", arrival.late);
        checks.span("arrival.late_days", arrival.late_days, 0.0, "at least 0");
        checks.share("arrival.batch_people", arrival.batch_people);
        checks.span("arrival.batch_days", arrival.batch_days, 0.01, "at least 0.01");
        checks.share("arrival.duplicates", arrival.duplicates);
        checks.span("arrival.duplicate_days", arrival.duplicate_days, 0.0, "at least 0");
        checks.share("arrival.resync_people", arrival.resync_people);
    }
}

fn check_sources(sources: &[SourceProfile], checks: &mut Checks) {
    let all: f64 = sources.iter().fold(0.0, |sum, source| sum + source.share.0);
    checks.that(all > 0.0, "sources.share", all, "above 0 for one source or more");
    for source in sources {
        let length = f64::from(u32::try_from(source.name.len()).unwrap_or(u32::MAX));
        let plain = source.name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',' && byte != b'"');
        checks.that((1.0..=64.0).contains(&length), "sources.name", length, "1 to 64 bytes long");
        checks.that(plain, "sources.name", length, "visible ASCII without comma and quote");
        checks.share("sources.share", source.share);
        checks.at_least("sources.noise_kg", source.noise_kg, 0.0, "at least 0");
        let grid = source.grid_kg;
        checks.that((0.001..=100.0).contains(&grid), "sources.grid_kg", grid, "0.001 to 100");
        checks.at_least("sources.bias_kg", source.bias_kg, 0.0, "at least 0");
        checks.share("sources.tails", source.tails);
        checks.at_least("sources.tail_factor", source.tail_factor, 0.0, "at least 0");
    }
}

fn check_slips(slips: &Slips, checks: &mut Checks) {
    checks.share("slips.other_person", slips.other_person);
    checks.share("slips.pounds_as_kilograms", slips.pounds_as_kilograms);
    checks.share("slips.kilograms_as_pounds", slips.kilograms_as_pounds);
    checks.share("slips.bmi", slips.bmi);
    checks.share("slips.typo", slips.typo);
    checks.share("slips.clothed", slips.clothed);
    checks.share("slips.decimal", slips.decimal);
    checks.share("slips.carried", slips.carried);
    checks.share("slips.stone_as_kilograms", slips.stone_as_kilograms);
    checks.share("slips.bad_first", slips.bad_first);
    let all: f64 = slips.shares().iter().map(|(_, share)| share.0).sum();
    checks.that(all <= 1.0, "slips, together", all, "at most 1");
    checks.any_span("slips.clothes_kg", slips.clothes_kg);
    checks.span("slips.child_kg", slips.child_kg, 0.0, "at least 0");
    checks.at_least("slips.harmless_kg", slips.harmless_kg, 0.0, "at least 0");
}

fn check_corrections(corrections: &Corrections, checks: &mut Checks) {
    checks.share("corrections.amend_clean", corrections.amend_clean);
    checks.share("corrections.amend_gross", corrections.amend_gross);
    checks.share("corrections.moved", corrections.moved);
    checks.span("corrections.moved_days", corrections.moved_days, 0.001, "at least 0.001");
    checks.share("corrections.retract_clean", corrections.retract_clean);
    checks.share("corrections.retract_gross", corrections.retract_gross);
    checks.share("corrections.early", corrections.early);
    checks.share("corrections.orphan", corrections.orphan);
    checks.share("corrections.again", corrections.again);
    checks.share("corrections.conflict", corrections.conflict);
    checks.span("corrections.after_days", corrections.after_days, 0.001, "at least 0.001");
    checks.share("corrections.reset_people", corrections.reset_people);
    checks.share("corrections.height_people", corrections.height_people);
    let common = corrections.moved.0 + corrections.conflict.0;
    let clean = corrections.amend_clean.0 + corrections.retract_clean.0 + common;
    let gross = corrections.amend_gross.0 + corrections.retract_gross.0 + common;
    checks.that(clean <= 1.0, "corrections of clean readings, together", clean, "at most 1");
    checks.that(gross <= 1.0, "corrections of gross readings, together", gross, "at most 1");
}
