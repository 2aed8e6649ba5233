//! The table of every setting of a policy: its key and, if it is a number, its bounds.
//!
//! The check, the list of numbers and the canonical bytes all walk this one table, so a setting cannot be
//! in one and not in another; a test holds the table against the serialised policy.

use super::{BodyPolicy, CheckedPolicy, Policy, ResetProfile, ResetsPolicy, ScoreWeights, SourceProfile};

/// A number of a policy that is out of its bounds.
///
/// ```
/// use reweigh_state::Profile;
///
/// let mut policy = Profile::Balanced.policy();
/// policy.resets.hard.decay = 1.5;
/// policy.noise.sd_kg = f64::NAN;
/// let said: Vec<String> = policy.check().unwrap_err().iter().map(ToString::to_string).collect();
/// assert_eq!(said, [
///     "noise.sd_kg = NaN is out of bounds: give a number from 0.02 to 10",
///     "resets.hard.decay = 1.5 is out of bounds: give a number from 0.01 to 1",
/// ]);
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{key} = {value} is out of bounds: give a number from {low} to {high}")]
pub struct BoundError {
    /// The key, as it is written in a file: `resets.hard.decay`.
    pub key: String,
    /// What it was set to.
    pub value: f64,
    /// The least it may be.
    pub low: f64,
    /// The most it may be.
    pub high: f64,
}

/// One setting, as the table shows it.
pub(super) enum Setting<'a> {
    /// Any number within its bounds.
    Number { value: &'a mut f64, low: f64, high: f64 },
    /// A whole number within its bounds.
    Count { value: u32, low: u32, high: u32 },
    /// On or off.
    Switch(bool),
}

/// Whoever looks at each setting in turn.
pub(super) trait Visitor {
    fn see(&mut self, key: &str, setting: Setting<'_>);
}

impl Policy {
    /// Says whether every number is within its bounds; on failure lists all that are not.
    ///
    /// The policy itself stays as it is. In the checked one no zero has a sign.
    ///
    /// # Errors
    ///
    /// Every number that is out of its bounds or not finite.
    pub fn check(&self) -> Result<CheckedPolicy, Vec<BoundError>> {
        let mut policy = self.clone();
        let mut check = Check(Vec::new());
        policy.visit(&mut check);
        if check.0.is_empty() { Ok(CheckedPolicy::compile(policy)) } else { Err(check.0) }
    }

    /// The key and value of every number, in the order of the file.
    pub fn numbers(&self) -> Vec<(String, f64)> {
        let mut list = List(Vec::new());
        self.clone().visit(&mut list);
        list.0
    }

    pub(super) fn visit(&mut self, visitor: &mut impl Visitor) {
        let mut table = Table(visitor);
        table.body(&mut self.body);
        table.number("population.mean_kg", &mut self.population.mean_kg, MEAN_LEAST, MEAN_MOST);
        table.number("population.sd_kg", &mut self.population.sd_kg, 1.0, 100.0);
        table.switch("noise.learn", self.noise.learn);
        table.number("noise.sd_kg", &mut self.noise.sd_kg, 0.02, 10.0);
        table.number("noise.prior_readings", &mut self.noise.prior_readings, 0.5, 1000.0);
        table.number("noise.memory_readings", &mut self.noise.memory_readings, 5.0, 1e6);
        table.number("noise.stray_share", &mut self.noise.stray_share, 0.0, 0.5);
        table.number("noise.stray_sd_kg", &mut self.noise.stray_sd_kg, 0.1, 20.0);
        table.number("errors.share", &mut self.errors.share, 1e-6, 0.5);
        table.number("errors.first_share", &mut self.errors.first_share, 1e-6, 0.5);
        table.number("errors.weigh_above_nis", &mut self.errors.weigh_above_nis, 0.0, 100.0);
        table.number("units.stays", &mut self.units.stays, 0.0, 0.99);
        table.number("units.stays_days", &mut self.units.stays_days, 0.1, 365.0);
        table.number("shift.per_day", &mut self.shift.per_day, 0.0, 0.1);
        table.number("shift.sd_kg", &mut self.shift.sd_kg, 0.5, 50.0);
        table.number("shift.run_odds", &mut self.shift.run_odds, 1.0, 10.0);
        table.count("hypotheses.most", self.hypotheses.most, 1, 4);
        table.number("hypotheses.keep_above", &mut self.hypotheses.keep_above, 1e-9, 0.5);
        table.count("hindsight.readings", self.hindsight.readings, 1, 12);
        table.number("hindsight.days", &mut self.hindsight.days, 0.1, 3650.0);
        table.weights("quality.settled", &mut self.quality.settled);
        table.weights("quality.adapting", &mut self.quality.adapting);
        table.number("quality.threshold", &mut self.quality.threshold, 0.0, 1.0);
        let mean = self.population.mean_kg;
        table.number("safety.lightest_kg", &mut self.safety.lightest_kg, 0.2, mean_or(mean, MEAN_MOST));
        let heaviest_least = mean_or(mean, HEAVIEST_LEAST).max(HEAVIEST_LEAST);
        table.number("safety.heaviest_kg", &mut self.safety.heaviest_kg, heaviest_least, 700.0);
        table.number("safety.fastest_kg_per_day", &mut self.safety.fastest_kg_per_day, 0.1, 20.0);
        table.resets(&mut self.resets);
        table.source("source_default", &mut self.source_default);
        for (name, profile) in &mut self.sources {
            table.source(&format!("sources.{}", written(name.as_str())), profile);
        }
    }
}

/// The bounds of the mean weight of people, kg.
const MEAN_LEAST: f64 = 20.0;
const MEAN_MOST: f64 = 200.0;
/// The least that the heaviest weight may be set to, kg.
const HEAVIEST_LEAST: f64 = 50.0;

/// The mean if it is within its bounds, else what is given: it lies between the lightest weight and the
/// heaviest, or the first story would begin where no body can be.
fn mean_or(mean: f64, other: f64) -> f64 {
    if (MEAN_LEAST..=MEAN_MOST).contains(&mean) { mean } else { other }
}

/// A name as a part of a key: bare if TOML allows it, else quoted. Names hold no control characters.
fn written(name: &str) -> String {
    let bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

struct Check(Vec<BoundError>);

impl Visitor for Check {
    fn see(&mut self, key: &str, setting: Setting<'_>) {
        let (value, low, high) = match setting {
            Setting::Number { value, low, high } => {
                // A zero with a sign is equal to one without and has other bits.
                *value += 0.0;
                (*value, low, high)
            }
            Setting::Count { value, low, high } => (value.into(), low.into(), high.into()),
            Setting::Switch(_) => return,
        };
        if !(value >= low && value <= high) {
            self.0.push(BoundError { key: key.to_owned(), value, low, high });
        }
    }
}

struct List(Vec<(String, f64)>);

impl Visitor for List {
    fn see(&mut self, key: &str, setting: Setting<'_>) {
        match setting {
            Setting::Number { value, .. } => self.0.push((key.to_owned(), *value)),
            Setting::Count { value, .. } => self.0.push((key.to_owned(), value.into())),
            Setting::Switch(_) => {}
        }
    }
}

struct Table<'a, V>(&'a mut V);

impl<V: Visitor> Table<'_, V> {
    fn number(&mut self, key: &str, value: &mut f64, low: f64, high: f64) {
        self.0.see(key, Setting::Number { value, low, high });
    }

    fn count(&mut self, key: &str, value: impl Into<u32>, low: u32, high: u32) {
        self.0.see(key, Setting::Count { value: value.into(), low, high });
    }

    fn switch(&mut self, key: &str, on: bool) {
        self.0.see(key, Setting::Switch(on));
    }

    fn body(&mut self, body: &mut BodyPolicy) {
        self.number("body.level_sd", &mut body.level_sd, 1e-4, 2.0);
        self.number("body.trend_sd", &mut body.trend_sd, 1e-4, 2.0);
        self.number("body.trend_days", &mut body.trend_days, 1.0, 1000.0);
        self.switch("body.water", body.water);
        self.number("body.water_sd", &mut body.water_sd, 1e-3, 5.0);
        self.number("body.water_days", &mut body.water_days, 0.05, 30.0);
        self.switch("body.daily_rhythm", body.daily_rhythm);
        self.number("body.evening_kg", &mut body.evening_kg, -2.0, 3.0);
        self.number("body.evening_sd", &mut body.evening_sd, 1e-3, 3.0);
        self.number("body.evening_drift_sd", &mut body.evening_drift_sd, 0.0, 0.5);
        self.number("body.clock_offset_hours", &mut body.clock_offset_hours, -14.0, 14.0);
        self.switch("body.scale_bias", body.scale_bias);
        self.number("body.bias_sd", &mut body.bias_sd, 1e-3, 5.0);
        self.number("body.bias_drift_sd", &mut body.bias_drift_sd, 0.0, 0.5);
    }

    fn weights(&mut self, parent: &str, weights: &mut ScoreWeights) {
        self.number(&format!("{parent}.safety"), &mut weights.safety, 0.01, 1.0);
        self.number(&format!("{parent}.plausibility"), &mut weights.plausibility, 0.01, 1.0);
        self.number(&format!("{parent}.consistency"), &mut weights.consistency, 0.01, 1.0);
        self.number(&format!("{parent}.reliability"), &mut weights.reliability, 0.01, 1.0);
    }

    fn resets(&mut self, resets: &mut ResetsPolicy) {
        self.number("resets.gap_days", &mut resets.gap_days, 1.0, 3650.0);
        self.number("resets.departure_kg", &mut resets.departure_kg, 0.5, 100.0);
        self.number("resets.cooldown_days", &mut resets.cooldown_days, 0.0, 365.0);
        self.number("resets.soft_shift_odds", &mut resets.soft_shift_odds, 1.0, 100.0);
        self.reset("resets.initial", &mut resets.initial);
        self.reset("resets.hard", &mut resets.hard);
        self.reset("resets.soft", &mut resets.soft);
        self.reset("resets.manual", &mut resets.manual);
    }

    fn reset(&mut self, parent: &str, reset: &mut ResetProfile) {
        self.number(&format!("{parent}.variance"), &mut reset.variance, 1.0, 1e4);
        self.number(&format!("{parent}.level"), &mut reset.level, 1.0, 100.0);
        self.number(&format!("{parent}.trend"), &mut reset.trend, 1.0, 100.0);
        self.number(&format!("{parent}.noise"), &mut reset.noise, 1.0, 100.0);
        self.count(&format!("{parent}.readings"), reset.readings, 0, 1000);
        self.number(&format!("{parent}.days"), &mut reset.days, 0.0, 365.0);
        self.number(&format!("{parent}.decay"), &mut reset.decay, 0.01, 1.0);
        self.number(&format!("{parent}.threshold"), &mut reset.threshold, 0.0, 1.0);
    }

    fn source(&mut self, parent: &str, source: &mut SourceProfile) {
        self.number(&format!("{parent}.noise"), &mut source.noise, 0.05, 20.0);
        self.number(&format!("{parent}.reliability"), &mut source.reliability, 0.01, 1.0);
        self.switch(&format!("{parent}.manual"), source.manual);
        self.switch(&format!("{parent}.repair_units"), source.repair_units);
    }
}
