//! Every key of the policy does something.

use std::collections::BTreeSet;

use reweigh_state::{Policy, Profile};

use crate::life::{Life, scatter};

/// A life in which everything happens.
fn rich() -> Life {
    let mut life = Life::new().daily(0, 60, 80.0).daily(95, 60, 80.0).daily(215, 40, 70.0).height(1.0, 1.75);
    for n in 0..70 {
        life = life.on(f64::from(n) * 2.1 + 0.6, 81.0 + scatter(n), "gym");
        life = life.on(f64::from(n) * 2.6 + 0.45, 80.2 + scatter(n + 3), "clinic");
    }
    for n in 0..6 {
        // Faster than a body moves: the unit is known by the readings before more than by the weight.
        let n = f64::from(n);
        life = life.on(130.2 + 4.0 * n, 2.204_62 * (80.0 + 2.5 * n), "phone");
    }
    let life =
        life.kg(20.3, 61.0).kg(27.3, 61.5).kg(33.3, 28.0).kg(36.3, 83.8).kg(41.3, 75.4).kg(44.1, 450.0);
    let life = life.on(50.3, 95.0, "care-team-upload").on(51.3, 95.0, "care-team-upload").on(
        58.3,
        70.0,
        "care-team-upload",
    );
    life.reset(120.0).kg(10.4, 4.0).kg(12.1, 86.5).kg(121.0, 88.0).kg(96.3, 86.0).kg(58.5, 90.0)
}

/// Every key, and another value for it. Keys of named sources stand for all sources.
const KEYS: &[(&str, &str)] = &[
    ("body.level_sd", "0.2"),
    ("body.trend_sd", "0.02"),
    ("body.trend_days", "100.0"),
    ("body.water", "false"),
    ("body.water_sd", "0.2"),
    ("body.water_days", "4.0"),
    ("body.daily_rhythm", "false"),
    ("body.evening_kg", "1.0"),
    ("body.evening_sd", "0.1"),
    ("body.evening_drift_sd", "0.1"),
    ("body.clock_offset_hours", "-8.0"),
    ("body.scale_bias", "false"),
    ("body.bias_sd", "1.0"),
    ("body.bias_drift_sd", "0.1"),
    ("population.mean_kg", "60.0"),
    ("population.sd_kg", "10.0"),
    ("noise.learn", "false"),
    ("noise.sd_kg", "1.0"),
    ("noise.prior_readings", "50.0"),
    ("noise.memory_readings", "20.0"),
    ("noise.stray_share", "0.2"),
    ("noise.stray_sd_kg", "5.0"),
    ("errors.share", "0.2"),
    ("errors.first_share", "0.4"),
    ("errors.weigh_above_nis", "1.0"),
    ("units.stays", "0.0"),
    ("units.stays_days", "0.1"),
    ("shift.per_day", "0.02"),
    ("shift.sd_kg", "15.0"),
    ("shift.run_odds", "8.0"),
    ("hypotheses.most", "1"),
    ("hypotheses.keep_above", "0.2"),
    ("hindsight.readings", "3"),
    ("hindsight.days", "2.0"),
    ("quality.settled.safety", "1.0"),
    ("quality.settled.plausibility", "1.0"),
    ("quality.settled.consistency", "1.0"),
    ("quality.settled.reliability", "1.0"),
    ("quality.adapting.safety", "0.01"),
    ("quality.adapting.plausibility", "1.0"),
    ("quality.adapting.consistency", "1.0"),
    ("quality.adapting.reliability", "1.0"),
    ("quality.threshold", "0.9"),
    ("safety.lightest_kg", "70.0"),
    ("safety.heaviest_kg", "85.0"),
    ("safety.fastest_kg_per_day", "0.2"),
    ("resets.gap_days", "40.0"),
    ("resets.departure_kg", "40.0"),
    ("resets.cooldown_days", "0.0"),
    ("resets.soft_shift_odds", "50.0"),
    ("source_default.noise", "3.0"),
    ("source_default.reliability", "0.1"),
    ("source_default.manual", "true"),
    ("source_default.repair_units", "true"),
];

/// What each reset profile has; every kind is tried with each.
const RESET_KEYS: &[(&str, &str)] = &[
    ("variance", "9.0"),
    ("level", "50.0"),
    ("trend", "50.0"),
    ("noise", "20.0"),
    ("readings", "2"),
    ("days", "0.5"),
    ("decay", "0.05"),
    ("threshold", "0.95"),
];

fn all_keys() -> Vec<(String, String)> {
    let kinds = ["initial", "hard", "soft", "manual"];
    let resets = kinds.iter().flat_map(|kind| {
        RESET_KEYS.iter().map(move |(key, value)| (format!("resets.{kind}.{key}"), (*value).to_owned()))
    });
    KEYS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).chain(resets).collect()
}

fn set(policy: &Policy, key: &str, value: &str) -> Policy {
    let mut table = toml::Table::try_from(policy).unwrap();
    let value: toml::Value = format!("v = {value}").parse::<toml::Table>().unwrap()["v"].clone();
    let mut path: Vec<&str> = key.split('.').collect();
    let last = path.pop().unwrap();
    let mut at = &mut table;
    for part in path {
        at = at.get_mut(part).unwrap().as_table_mut().unwrap();
    }
    assert_ne!(at[last], value, "{key} has that value already");
    at.insert(last.to_owned(), value);
    table.try_into().unwrap()
}

/// The story under a policy, without the fingerprint, which every change moves.
fn story(policy: &Policy) -> (u128, Vec<u8>) {
    let story = rich().folded_under(&policy.check().unwrap());
    let mut state = story.state;
    state.fingerprint = reweigh_state::Fingerprint::from_number(0);
    (state.chain.number(), state.encode())
}

/// Proves W27, H8.
#[test]
fn every_key_shows_in_the_story() {
    let policy = Policy::default();
    let plain = story(&policy);
    let silent: Vec<String> = all_keys()
        .into_iter()
        .filter(|(key, value)| story(&set(&policy, key, value)) == plain)
        .map(|(key, _)| key)
        .collect();
    assert!(silent.is_empty(), "these keys do nothing: {silent:?}");
}

/// Proves W27, H8.
#[test]
fn no_key_was_forgotten_here() {
    fn walk(at: &toml::Table, path: &str, keys: &mut BTreeSet<String>) {
        for (key, value) in at {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match value.as_table() {
                Some(table) if path != "sources" => walk(table, &path, keys),
                Some(_) => {}
                None => {
                    keys.insert(path);
                }
            }
        }
    }
    let mut keys = BTreeSet::new();
    walk(&toml::Table::try_from(Policy::default()).unwrap(), "", &mut keys);
    let tried: BTreeSet<String> = all_keys().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, tried);
}

/// Proves H3, W27.
#[test]
fn a_named_source_has_its_own_profile() {
    let mut policy = Policy::default();
    let before = story(&policy);
    let profile = policy.source_default;
    let source = reweigh_reading::Source::new("gym").unwrap();
    policy.sources.insert(source, reweigh_state::SourceProfile { noise: 4.0, ..profile });
    assert_ne!(story(&policy), before);
}

/// Proves H8.
#[test]
fn the_profiles_tell_different_stories() {
    let stories: BTreeSet<u128> =
        Profile::ALL.into_iter().map(|profile| story(&profile.policy()).0).collect();
    assert_eq!(stories.len(), Profile::ALL.len());
}
