//! How the judge does on recorded data: `cargo xtask score-real`.
//!
//! The data are not part of the repository. The variable `REWEIGH_DATA` names the folder they are in; without it
//! nothing is done, and that is said. What is printed are the tables of `docs/benchmarks.md`. `--set KEY=VALUE`
//! overrides a key of the balanced policy; `--worst N` adds the readings behind the figures, for whoever looks for
//! causes.

mod average;
mod errors;
mod folder;
mod forecast;
mod judged;
mod markdown;
mod rivals;
mod rows;
mod series;
mod sets;
mod tables;
mod trend;

use reweigh_state::{CheckedPolicy, Policy};

use crate::checkout::Checkout;
use crate::score::settings;
use crate::task::Outcome;
use folder::{Folder, VARIABLE};
use judged::{Judgement, judge};
use series::Series;
use sets::change_points::Rescaling;
use sets::{change_points, growth, healthkit, household, krone, zawodny};
use tables::{Set, alarms, daily, spikes, steps};

/// What one part of the run says.
type Part = Result<String, String>;

pub(crate) fn run(_: &Checkout, words: &[String]) -> Outcome {
    let settings = settings::read(words)?;
    if let Some(word) = settings.folders.first() {
        return Err(format!("`{word}` is not known here; {VARIABLE} names the folder"));
    }
    let Some(folder) = Folder::of(std::env::var_os(VARIABLE)) else {
        eprintln!("score-real: {VARIABLE} is not set, so there is no recorded data and nothing was scored");
        return Ok(String::new());
    };
    let run = Run { folder, policy: settings.policy, worst: settings.worst };
    Ok([run.weights()?, run.household()?, run.growth()?, run.change_points()?].join("\n\n"))
}

/// One run: where the data are, and how to judge.
struct Run {
    folder: Folder,
    policy: CheckedPolicy,
    worst: usize,
}

impl Run {
    fn text(&self, set: &str, file: &str) -> Part {
        self.folder.text(set, file)
    }

    /// The policy with the clock of a place.
    fn at_clock(&self, hours: f64) -> Result<CheckedPolicy, String> {
        let mut policy: Policy = self.policy.policy().clone();
        policy.body.clock_offset_hours = hours;
        policy.check().map_err(|errors| format!("{errors:?}"))
    }

    /// Real weights: forecasts, false alarms, and things put in.
    fn weights(&self) -> Part {
        let krone = krone::read(&self.text(krone::SET, krone::FILE)?)?;
        let healthkit = vec![healthkit::read(&self.text(healthkit::SET, healthkit::FILE)?)?];
        let log = self.text(zawodny::SET, zawodny::FILE)?;
        let (midnight, morning) = (vec![zawodny::read(&log, 0)?], vec![zawodny::read(&log, 7)?]);
        let flat = vec![self.flat()?];
        let judged_krone = judge_all(&krone, &self.policy);
        let judged_healthkit = judge_all(&healthkit, &self.policy);
        let judged_local = judge_all(&healthkit, &self.at_clock(healthkit::OFFSET_HOURS)?);
        let judged_midnight = judge_all(&midnight, &self.policy);
        let judged_morning = judge_all(&morning, &self.policy);
        let judged_flat = judge_all(&flat, &self.policy);
        let clocked =
            [("Reweigh", judged_healthkit.as_slice()), ("Reweigh, clock at UTC-8", judged_local.as_slice())];
        let groups = [
            daily::Group { name: "krone", judged: vec![("Reweigh", &judged_krone)], counts: &warm },
            daily::Group {
                name: "zawodny",
                judged: vec![
                    ("Reweigh", &judged_midnight),
                    ("Reweigh, readings at 7 instead of 0", &judged_morning),
                ],
                counts: &warm,
            },
            daily::Group { name: "healthkit", judged: clocked.to_vec(), counts: &warm },
            daily::Group {
                name: "healthkit, up to 3 days after the last",
                judged: clocked.to_vec(),
                counts: &soon,
            },
            daily::Group { name: "healthkit, later than that", judged: clocked.to_vec(), counts: &late },
        ];
        let sets = [
            Set { name: "krone", series: &krone, judged: &judged_krone },
            Set { name: "zawodny", series: &midnight, judged: &judged_midnight },
            Set { name: "healthkit", series: &healthkit, judged: &judged_healthkit },
            Set { name: "quality control 5 as weights", series: &flat, judged: &judged_flat },
        ];
        let put_in = spikes::table(&[("krone", &krone), ("healthkit", &healthkit)], &self.policy)?;
        let mut parts = vec![
            section("The next reading", &daily::table(&groups)),
            section("Each series", &daily::calibration(&sets)),
            section("False alarms", &alarms::table(&sets)),
            section("Put in", &put_in),
        ];
        if self.worst > 0 {
            parts.extend(groups.iter().map(|group| daily::least_expected(group, self.worst)));
        }
        Ok(parts.join("\n\n"))
    }

    fn household(&self) -> Part {
        let stream = self.text(household::SET, household::STREAM)?;
        let household = household::read(&stream, &self.text(household::SET, household::TRUTH)?)?;
        let judged: Vec<_> =
            household.users.iter().map(|user| judge(&user.series.events, &self.policy)).collect();
        let mut text = section("Household", &tables::household::tables(&household, &judged));
        if self.worst > 0 {
            text.push_str("\n\n");
            text.push_str(&tables::household::disagreements(&household, &judged));
        }
        Ok(text)
    }

    fn growth(&self) -> Part {
        let people = growth::read(&self.text(growth::SET, growth::FILE)?)?;
        let judged: Vec<_> = people.iter().map(|person| judge(&person.series.events, &self.policy)).collect();
        let mut text = section("Health records", &tables::growth::table(&people, &judged));
        if self.worst > 0 {
            text.push_str("\n\n");
            text.push_str(&tables::growth::disagreements(&people, &judged, 10 * self.worst));
        }
        Ok(text)
    }

    fn change_points(&self) -> Part {
        let mut judged: Vec<(String, Vec<Judgement>, &[usize])> = Vec::new();
        for (file, changes) in KNOWN_CHANGES {
            let samples = self.samples(file)?;
            for each_kg in SAMPLE_KG {
                let rescaling = Rescaling { at_zero_kg: 80.0, each_kg };
                let series = change_points::series(file, &samples, rescaling)?;
                let name = format!("{}, noise {each_kg} kg", file.replace('_', " "));
                judged.push((name, judge(&series.events, &self.policy), changes));
            }
        }
        let samples = self.samples("run_log")?;
        let series = change_points::series("run_log", &samples, PACE)?;
        judged.push(("run log".to_owned(), judge(&series.events, &self.policy), &RUN_LOG_CHANGES));
        let all: Vec<_> = judged
            .iter()
            .map(|(name, judged, changes)| steps::Stepped { name: name.clone(), judged, changes })
            .collect();
        let mut text = section("Known changes", &steps::table(&all));
        if self.worst > 0 {
            for stepped in &all {
                text.push_str("\n\n");
                text.push_str(&steps::oddities(stepped));
            }
        }
        Ok(text)
    }

    fn samples(&self, name: &str) -> Result<Vec<f64>, String> {
        change_points::samples(&self.text(change_points::SET, &format!("{name}.json"))?)
    }

    /// The control without a change, as weights.
    fn flat(&self) -> Result<Series, String> {
        let rescaling = Rescaling { at_zero_kg: 80.0, each_kg: 0.6 };
        change_points::series("noise 0.6 kg", &self.samples("quality_control_5")?, rescaling)
    }
}

/// Where the authors of the quality-control series say that the level changes; their noise has a deviation of one.
const KNOWN_CHANGES: [(&str, &[usize]); 2] = [("quality_control_1", &[146]), ("quality_control_2", &[97])];
/// What one deviation becomes, kg.
const SAMPLE_KG: [f64; 3] = [0.3, 0.6, 1.0];
/// Minutes per kilometre as weights: running about 72 kg, walking 85 to 91.
const PACE: Rescaling = Rescaling { at_zero_kg: 55.0, each_kg: 2.0 };
/// Where the most of the annotators see a change between running and walking.
const RUN_LOG_CHANGES: [usize; 8] = [60, 96, 114, 174, 204, 240, 258, 317];
/// Days after which a forecast leans on the model more than on the last reading.
const SOON_DAYS: f64 = 3.0;

fn warm(n: usize, _: &Judgement) -> bool {
    n >= daily::WARM_UP
}

fn soon(n: usize, reading: &Judgement) -> bool {
    warm(n, reading) && reading.days.is_some_and(|days| days <= SOON_DAYS)
}

fn late(n: usize, reading: &Judgement) -> bool {
    warm(n, reading) && !soon(n, reading)
}

fn judge_all(all: &[Series], policy: &CheckedPolicy) -> Vec<Vec<Judgement>> {
    all.iter().map(|series| judge(&series.events, policy)).collect()
}

fn section(name: &str, text: &str) -> String {
    format!("### {name}\n\n{text}")
}
