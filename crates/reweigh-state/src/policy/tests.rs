//! The policy as a file, its bounds, and the bytes that stand for it.

use std::collections::BTreeMap;

use reweigh_reading::Source;
use toml::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::canonical::canonical;
use super::{BoundError, CheckedPolicy, Policy, Profile, SourceProfile, source_hash};
use crate::fingerprint::Fingerprint;

/// A policy as a tree of keys, as a file holds it.
fn tree(policy: &Policy) -> Value {
    Value::try_from(policy).unwrap()
}

fn policy(tree: &Value) -> Policy {
    tree.clone().try_into().unwrap()
}

/// The path of every value in a tree that is no table.
fn leaves(tree: &Value) -> Vec<Vec<String>> {
    let Some(table) = tree.as_table() else { return vec![Vec::new()] };
    let under = |(key, value): (&String, &Value)| {
        leaves(value).into_iter().map(|path| [vec![key.clone()], path].concat()).collect::<Vec<_>>()
    };
    table.iter().flat_map(under).collect()
}

fn at<'a>(tree: &'a mut Value, path: &[String]) -> &'a mut Value {
    path.iter().fold(tree, |tree, key| tree.get_mut(key).unwrap())
}

fn with(tree: &Value, path: &[String], value: Value) -> Value {
    let mut tree = tree.clone();
    *at(&mut tree, path) = value;
    tree
}

#[expect(clippy::cast_precision_loss, reason = "whole numbers of a policy are small")]
fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

/// Every number of the usual policy: its path, whether it is a whole one, and its bounds, found by going
/// far beyond them.
fn numbers() -> Vec<(Vec<String>, bool, f64, f64)> {
    let mut tree = tree(&Policy::default());
    let mut numbers = Vec::new();
    for path in leaves(&tree) {
        let value = at(&mut tree, &path).clone();
        if number(&value).is_none() {
            continue;
        }
        let whole = value.is_integer();
        // As far as the smallest type of a whole number in a policy goes, or where that is allowed, beyond.
        let far = match (whole, path[0].as_str()) {
            (false, _) => Value::Float(1e300),
            (true, "resets") => Value::Integer(u32::MAX.into()),
            (true, _) => Value::Integer(u8::MAX.into()),
        };
        let found = policy(&with(&tree, &path, far)).check().unwrap_err();
        let [BoundError { low, high, .. }] = found.as_slice() else { panic!("{path:?}: {found:?}") };
        numbers.push((path, whole, *low, *high));
    }
    numbers
}

#[expect(clippy::cast_possible_truncation, reason = "the bounds of whole numbers are whole")]
fn as_value(whole: bool, number: f64) -> Value {
    if whole { Value::Integer(number as i64) } else { Value::Float(number) }
}

/// Each profile can be used as it is, and no two are the same.
///
/// Proves H8.
#[test]
fn every_profile_is_valid_and_no_two_are_the_same() {
    for (n, profile) in Profile::ALL.into_iter().enumerate() {
        assert!(profile.policy().check().is_ok(), "{profile:?}: {:?}", profile.policy().check());
        for other in &Profile::ALL[n + 1..] {
            assert_ne!(profile.policy(), other.policy(), "{profile:?} and {other:?}");
            assert_ne!(checked(&profile.policy()).canonical(), checked(&other.policy()).canonical());
        }
    }
    assert_eq!(Policy::default(), Profile::Balanced.policy());
}

fn checked(policy: &Policy) -> CheckedPolicy {
    policy.check().unwrap()
}

/// A profile is a word in a file.
#[test]
fn a_profile_is_written_as_its_name() {
    let names = ["conservative", "balanced", "aggressive", "clinical"];
    for (profile, name) in Profile::ALL.into_iter().zip(names) {
        assert_eq!(Value::try_from(profile).unwrap(), Value::String(name.to_owned()));
        assert_eq!(Value::String(name.to_owned()).try_into::<Profile>().unwrap(), profile);
    }
    assert!(Value::String("Balanced".to_owned()).try_into::<Profile>().is_err());
}

/// No number of the file is without a bound, and no bound is for a number that is not in the file.
///
/// Proves H8.
#[test]
fn every_number_of_the_file_is_in_the_table() {
    for profile in Profile::ALL {
        let mut tree = tree(&profile.policy());
        let mut in_file = BTreeMap::new();
        for path in leaves(&tree) {
            let value = at(&mut tree, &path);
            if let Some(number) = number(value) {
                in_file.insert(path.join("."), number);
            }
        }
        let table = profile.policy().numbers();
        assert_eq!(table.len(), in_file.len(), "a key is in the table twice");
        assert_eq!(table.into_iter().collect::<BTreeMap<_, _>>(), in_file);
    }
}

/// Each number is taken at its bounds and refused just outside of them, alone and by its name.
///
/// Proves H8.
#[test]
fn each_number_is_refused_just_outside_its_bounds() {
    let tree = tree(&Policy::default());
    let numbers = numbers();
    assert_eq!(numbers.len(), Policy::default().numbers().len());
    for (path, whole, low, high) in numbers {
        let key = path.join(".");
        assert!(low.is_finite() && high.is_finite() && low < high, "{key}: {low} to {high}");
        for inside in [low, high] {
            let found = policy(&with(&tree, &path, as_value(whole, inside))).check();
            assert!(found.is_ok(), "{key} = {inside}: {found:?}");
        }
        let outside = if whole {
            vec![low - 1.0, high + 1.0]
        } else {
            vec![low.next_down(), high.next_up(), f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        };
        for outside in outside {
            if whole && outside < 0.0 {
                continue;
            }
            let found = policy(&with(&tree, &path, as_value(whole, outside))).check().unwrap_err();
            let [error] = found.as_slice() else { panic!("{key} = {outside}: {found:?}") };
            assert_eq!((&error.key, error.value.to_bits()), (&key, outside.to_bits()), "{error}");
            assert_eq!(
                (error.low.to_bits(), error.high.to_bits()),
                (low.to_bits(), high.to_bits()),
                "{error}"
            );
            let said = format!("{key} = {outside} is out of bounds: give a number from {low} to {high}");
            assert_eq!(error.to_string(), said);
        }
    }
}

/// Everything that is wrong is said at once, in the order of the file.
///
/// Proves H8.
#[test]
fn all_numbers_out_of_bounds_are_listed() {
    let mut policy = Policy::default();
    policy.sources.insert(Source::new("a \"b\".c").unwrap(), policy.source_default);
    for source in policy.sources.values_mut() {
        source.reliability = 2.0;
    }
    policy.body.level_sd = -1.0;
    policy.hypotheses.most = 5;
    policy.resets.manual.readings = 1001;
    let keys: Vec<String> = policy.check().unwrap_err().into_iter().map(|error| error.key).collect();
    assert_eq!(
        keys,
        [
            "body.level_sd",
            "hypotheses.most",
            "resets.manual.readings",
            r#"sources."a \"b\".c".reliability"#,
            "sources.care-team-upload.reliability",
            "sources.internal-questionnaire.reliability",
            "sources.patient-device.reliability",
            "sources.patient-upload.reliability",
        ]
    );
}

/// The key of an error is the key a file has: written into one, it is read as the same number.
#[test]
fn keys_are_those_of_a_file() {
    for name in ["plain", "a b", "a.b", "a\"b\\c", "é", "-_0"] {
        let mut policy = Policy::default();
        policy.sources = BTreeMap::from([(Source::new(name).unwrap(), policy.source_default)]);
        let (key, _) = policy.numbers().into_iter().find(|(key, _)| key.starts_with("sources.")).unwrap();
        let read: Value = toml::from_str(&format!("{key} = 1.0")).unwrap();
        assert_eq!(leaves(&read), [["sources", name, "noise"]], "{key}");
    }
}

/// The mean weight of people is between the lightest and the heaviest, so that there is a place to begin
/// from; what is said of one does not depend on nonsense in another.
#[test]
fn the_mean_weight_is_between_the_lightest_and_the_heaviest() {
    let errors = |lightest, mean, heaviest| {
        let mut policy = Policy::default();
        (policy.safety.lightest_kg, policy.safety.heaviest_kg) = (lightest, heaviest);
        policy.population.mean_kg = mean;
        let errors = policy.check().err().unwrap_or_default();
        errors.into_iter().map(|error| (error.key, error.low, error.high)).collect::<Vec<_>>()
    };
    let lightest = |high| ("safety.lightest_kg".to_owned(), 0.2, high);
    let mean = ("population.mean_kg".to_owned(), 20.0, 200.0);
    let heaviest = |low| ("safety.heaviest_kg".to_owned(), low, 700.0);
    assert_eq!(errors(80.0, 80.0, 80.0), []);
    assert_eq!(errors(80.5, 80.0, 500.0), [lightest(80.0)]);
    assert_eq!(errors(3.0, 80.0, 79.5), [heaviest(80.0)]);
    assert_eq!(errors(3.0, 30.0, 49.5), [heaviest(50.0)]);
    assert_eq!(errors(199.5, f64::NAN, 200.0), std::slice::from_ref(&mean));
    assert_eq!(errors(201.0, 1e9, 49.0), [mean, lightest(200.0), heaviest(50.0)]);
}

/// A key that is not known is refused by its name, at every level.
///
/// Proves H8, W27.
#[test]
fn an_unknown_key_is_refused_at_every_level() {
    let tree = tree(&Policy::default());
    let mut tables = vec![Vec::new()];
    for path in leaves(&tree) {
        tables.extend((1..path.len()).map(|depth| path[..depth].to_vec()));
    }
    tables.sort();
    tables.dedup();
    assert!(tables.len() > 20, "{tables:?}");
    for path in tables {
        let mut tree = tree.clone();
        let Value::Table(table) = at(&mut tree, &path) else { panic!("{path:?} is no table") };
        table.insert("surprise".to_owned(), Value::Float(1.0));
        let error = tree.try_into::<Policy>().unwrap_err().to_string();
        // Below `sources` any key is a source's name, and a number is no profile.
        let said =
            if path == ["sources"] { "invalid type: floating point" } else { "unknown field `surprise`" };
        assert!(error.contains(said), "{path:?}: {error}");
    }
}

/// A key that is missing is refused by its name: nothing is filled in behind one's back.
///
/// Proves H8.
#[test]
fn a_missing_key_is_refused() {
    let tree = tree(&Policy::default());
    for path in leaves(&tree) {
        let Some((last, parents)) = path.split_last() else { continue };
        let mut tree = tree.clone();
        at(&mut tree, parents).as_table_mut().unwrap().remove(last);
        let error = tree.try_into::<Policy>().unwrap_err().to_string();
        assert!(error.contains(&format!("missing field `{last}`")), "{path:?}: {error}");
    }
}

/// A policy goes through its file to the last bit.
#[test]
fn a_policy_survives_its_file() {
    for profile in Profile::ALL {
        let policy = profile.policy();
        let text = toml::to_string(&policy).unwrap();
        let back: Policy = toml::from_str(&text).unwrap();
        assert_eq!(back, policy);
        assert_eq!(checked(&back).canonical(), checked(&policy).canonical());
    }
}

/// Equal policies have equal bytes and fingerprints; a policy that differs in one key, whichever, has others.
///
/// Proves I4.
#[test]
fn every_key_changes_the_canonical_bytes() {
    let usual = tree(&Policy::default());
    let mut seen = BTreeMap::from([(checked(&policy(&usual)).canonical().to_vec(), "nothing".to_owned())]);
    assert_eq!(checked(&policy(&usual)).canonical(), checked(&Policy::default()).canonical());
    let bounds: BTreeMap<_, _> =
        numbers().into_iter().map(|(path, whole, low, high)| (path, (whole, low, high))).collect();
    for path in leaves(&usual) {
        let mut tree = usual.clone();
        let value = at(&mut tree, &path);
        match (bounds.get(&path), &value) {
            (Some((whole, low, high)), _) => {
                let far =
                    if (number(value).unwrap() - low).abs() < 0.5 * (high - low) { *high } else { *low };
                *value = as_value(*whole, far);
            }
            (None, Value::Boolean(on)) => *value = Value::Boolean(!on),
            (None, other) => panic!("{path:?} = {other} is neither number nor switch"),
        }
        let changed = checked(&policy(&tree));
        assert_ne!(
            Fingerprint::of(1, &changed),
            Fingerprint::of(1, &checked(&Policy::default())),
            "{path:?}"
        );
        let known = seen.insert(changed.canonical().to_vec(), format!("{path:?}"));
        assert_eq!(known, None, "{path:?} gives the same bytes");
    }
}

/// The smallest change of a number shows, and so does a source that comes, goes or is renamed.
#[test]
fn the_least_change_changes_the_canonical_bytes() {
    let usual = Policy::default();
    let mut policies = vec![usual.clone()];
    let mut policy = usual.clone();
    policy.noise.sd_kg = policy.noise.sd_kg.next_up();
    policies.push(policy);
    let profile = usual.source_default;
    for names in [vec![], vec!["a"], vec!["b"], vec!["a", "b"], vec!["a.noise"], vec!["a b"]] {
        let sources = names.iter().map(|name| (Source::new(name).unwrap(), profile)).collect();
        policies.push(Policy { sources, ..usual.clone() });
    }
    let mut bytes: Vec<_> = policies.iter().map(|policy| checked(policy).canonical().to_vec()).collect();
    bytes.sort();
    bytes.dedup();
    assert_eq!(bytes.len(), policies.len());
}

/// The canonical bytes are what their documentation says: read by it, they give every key and value back.
#[test]
fn the_canonical_bytes_have_the_documented_layout() {
    let policy = Profile::Clinical.policy();
    let checked = checked(&policy);
    let (layout, mut rest) = checked.canonical().split_first().unwrap();
    assert_eq!(*layout, 1);
    let mut read = BTreeMap::new();
    while !rest.is_empty() {
        let zero = rest.iter().position(|byte| *byte == 0).unwrap();
        let key = String::from_utf8(rest[..zero].to_vec()).unwrap();
        let (kind, value) = (rest[zero + 1], &rest[zero + 2..]);
        let (value, len) = match kind {
            1 => (Value::Float(f64::from_le_bytes(value[..8].try_into().unwrap())), 8),
            2 => (Value::Integer(u32::from_le_bytes(value[..4].try_into().unwrap()).into()), 4),
            3 => (Value::Boolean([false, true][usize::from(value[0])]), 1),
            other => panic!("{key} is of kind {other}"),
        };
        assert_eq!(read.insert(key, value), None);
        rest = &rest[zero + 2 + len..];
    }
    let mut tree = tree(&policy);
    let paths = leaves(&tree);
    let wanted: BTreeMap<_, _> =
        paths.into_iter().map(|path| (path.join("."), at(&mut tree, &path).clone())).collect();
    assert_eq!(read, wanted);
}

/// The keys, their order and the layout are pinned by a digest that no tuning of a profile moves. If this
/// changes, every fingerprint does: states made before are refolded, not read.
#[test]
fn the_canonical_bytes_are_pinned() {
    let mut tree = tree(&Policy::default());
    for path in leaves(&tree) {
        let value = at(&mut tree, &path);
        *value = if value.is_bool() {
            Value::Boolean(true)
        } else if value.is_integer() {
            Value::Integer(2)
        } else {
            Value::Float(0.75)
        };
    }
    let profile = SourceProfile { noise: 0.75, reliability: 0.75, manual: true, repair_units: false };
    let sources = BTreeMap::from([(Source::new("the scale").unwrap(), profile)]);
    let bytes = canonical(&mut Policy { sources, ..policy(&tree) });
    assert_eq!(
        format!("{} bytes, {:032x}", bytes.len(), xxh3_128(&bytes)),
        "2546 bytes, 125c2550f22079f7c9764faa225521fb"
    );
}

/// A zero with a sign is a zero without one, wherever a zero is allowed.
#[test]
fn no_zero_keeps_its_sign() {
    let tree = tree(&Policy::default());
    let mut zeros = 0;
    for (path, whole, low, high) in numbers() {
        if whole || low > 0.0 || high < 0.0 {
            continue;
        }
        zeros += 1;
        let zero = checked(&policy(&with(&tree, &path, Value::Float(0.0))));
        let signed = checked(&policy(&with(&tree, &path, Value::Float(-0.0))));
        assert_eq!(signed.canonical(), zero.canonical(), "{path:?}");
        for (key, number) in signed.policy().numbers() {
            assert_ne!(number.to_bits(), (-0.0_f64).to_bits(), "{key}");
        }
    }
    assert!(zeros > 10, "{zeros}");
}

/// The check looks at a policy and leaves it alone.
///
/// Proves W22.
#[test]
fn the_check_does_not_change_the_policy() {
    let mut policy = Policy::default();
    policy.body.evening_kg = -0.0;
    let before = policy.clone();
    let checked = policy.check().unwrap();
    assert_eq!(policy.body.evening_kg.to_bits(), (-0.0_f64).to_bits());
    assert_eq!((&policy, checked.policy()), (&before, &before));
}

/// Every source has a profile: its own, or the one for sources that are not listed.
///
/// Proves H3.
#[test]
fn a_source_has_its_own_profile_or_the_default() {
    let own = SourceProfile { noise: 3.0, reliability: 0.5, manual: true, repair_units: true };
    let mut policy = Policy::default();
    for name in ["a", "b", "c", "scale in the hall"] {
        policy.sources.insert(Source::new(name).unwrap(), own);
    }
    let checked = policy.check().unwrap();
    let profile = |name: &str| *checked.source(source_hash(&Source::new(name).unwrap()));
    for (source, own) in &policy.sources {
        assert_eq!(profile(source.as_str()), *own, "{source}");
    }
    for name in ["d", "A", "scale", "unknown"] {
        assert_eq!(profile(name), policy.source_default, "{name}");
    }
}

/// A hash that states keep is the same for ever.
#[test]
fn the_hash_of_a_source_is_pinned() {
    assert_eq!(format!("{:016x}", source_hash(&Source::unknown())), "6c5944d53f484bfe");
}

/// What is switched off is off in the model and in what is believed before the first reading.
///
/// Proves W27.
#[test]
fn switches_reach_the_model_and_the_prior() {
    let mut policy = Policy::default();
    let on = checked(&policy);
    assert!(on.model().water_sd > 0.0 && on.prior().water_sd > 0.0);
    assert!(on.model().evening_drift_sd > 0.0 && on.prior().evening_sd > 0.0 && on.prior().evening > 0.0);
    assert!(on.model().bias_drift_sd > 0.0 && on.prior().bias_sd > 0.0);
    (policy.body.water, policy.body.daily_rhythm, policy.body.scale_bias) = (false, false, false);
    let off = checked(&policy);
    let model = off.model();
    let prior = off.prior();
    let zeros = [model.water_sd, model.evening_drift_sd, model.bias_drift_sd];
    let more = [prior.water_sd, prior.evening_sd, prior.evening, prior.bias_sd];
    assert!(zeros.iter().chain(&more).all(|number| number.to_bits() == 0), "{model:?} {prior:?}");
}

/// Each key of body and population reaches the model or the prior.
///
/// Proves W27.
#[test]
fn numbers_reach_the_model_and_the_prior() {
    let usual = tree(&Policy::default());
    let (model, prior) = (*checked(&Policy::default()).model(), *checked(&Policy::default()).prior());
    for (path, whole, low, high) in numbers() {
        // The clock's offset is the judge's.
        if !matches!(path[0].as_str(), "body" | "population") || path[1] == "clock_offset_hours" {
            continue;
        }
        let changed = checked(&policy(&with(&usual, &path, as_value(whole, 0.5 * (low + high)))));
        assert!(*changed.model() != model || *changed.prior() != prior, "{path:?} has no effect");
    }
}
