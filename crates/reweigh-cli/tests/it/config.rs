//! The configuration: one file, every key known, every error with its key.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::{NOW, Place, sample};

/// Proves H8, W27.
#[test]
fn what_is_wrong_is_named_by_key_and_bound() {
    let place = Place::new();
    for (content, says) in [
        ("profil = \"balanced\"", "unknown key profil; known here are operational, policy, profile"),
        ("profile = \"brave\"", "profile = \"brave\" is unknown; give \"conservative\""),
        (
            "[policy.resets]\ngap = 30",
            "unknown key policy.resets.gap; known in policy.resets are cooldown_days",
        ),
        ("[policy.resets]\ngap_days = \"30\"", "policy.resets.gap_days = \"30\" is not a number"),
        (
            "[policy.resets.hard]\ndecay = 1.5",
            "policy.resets.hard.decay = 1.5 is out of bounds: give a number from 0.01 to 1",
        ),
        ("[policy]\nbody = 3", "policy.body = 3 is not a table of keys"),
        ("[operational]\nworkers = 2.5", "operational.workers = 2.5 is not a whole number"),
        ("[operational]\nworkers = 65", "operational.workers is 65; give 1 to 64"),
        ("[operational]\nworkers = -1", "operational"),
        ("[operational]\nbatch_rows = 0", "operational.batch_rows is 0; give 1 to 1048576"),
        ("[operational]\nunit = \"cubit\"", "operational.unit = \"cubit\""),
        (
            "[operational.unit_aliases]\n\"[lb_ap]\" = \"ounce\"",
            "operational.unit_aliases.\"[lb_ap]\" = \"ounce\"",
        ),
        ("[policy.sources.\"my scale\"]\nreliable = 1", "unknown key policy.sources.\"my scale\".reliable"),
        ("workers = [", "c.toml: line 1: this is not TOML"),
    ] {
        place.write("c.toml", content);
        let line = place.run(&["--config", "c.toml", "config", "check"]).error(2);
        assert!(line.contains("c.toml") && line.contains(says), "{content}: {line}");
        let line = place.run(&["--config", "c.toml", "run", &sample()]).error(2);
        assert!(line.contains(says), "{content}: {line}");
    }
    assert_eq!(place.files(), ["c.toml"], "nothing was made");
}

#[test]
fn check_lists_all_and_others_the_first() {
    let place = Place::new();
    place.write("c.toml", "[policy.noise]\nsd_kg = 99\n[operational]\nworkers = 0\nattempts = 0\n");
    let all = place.run(&["--config", "c.toml", "config", "check"]);
    assert_eq!((all.code, all.err.lines().count()), (2, 3), "{}", all.err);
    let first = place.run(&["--config", "c.toml", "status"]).error(2);
    assert!(first.contains("policy.noise.sd_kg = 99") && first.contains("(and 2 more"), "{first}");
    assert_eq!(place.run(&["config", "check"]).done(), "the configuration is sound\n");
}

#[test]
fn every_value_says_where_it_comes_from() {
    let place = Place::new();
    place.write(
        "c.toml",
        "profile = \"clinical\"\n[policy.resets]\ngap_days = 45\n[policy.sources.kitchen]\nnoise = 2\n[operational]\nzone = \"Europe/Berlin\"\n",
    );
    let shown = place.run(&["--config", "c.toml", "config", "show"]).done();
    for line in [
        "profile = \"clinical\"  # c.toml",
        "gap_days = 45.0  # c.toml",
        "zone = \"Europe/Berlin\"  # c.toml",
        "workers = 2  # default",
        "noise = 2.0  # c.toml",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    assert!(shown.contains("# profile clinical"), "{shown}");
    assert!(shown.contains("[policy.sources.kitchen]"), "{shown}");
    let json = place.run(&["--config", "c.toml", "config", "show", "--json"]).json();
    assert_eq!(json.as_array().unwrap().len(), shown.lines().filter(|line| line.contains(" = ")).count() + 1);
}

/// The default configuration is whole and says itself.
#[test]
fn the_default_configuration_is_one() {
    let place = Place::new();
    let text = place.run(&["config", "default"]).done();
    insta::assert_snapshot!("config_default", text);
    place.write("c.toml", &text);
    let values = |shown: Value| -> BTreeMap<String, Value> {
        let keys = shown.as_array().unwrap().iter();
        keys.map(|key| (key["key"].as_str().unwrap().to_owned(), key["value"].clone())).collect()
    };
    let default = values(place.run(&["config", "show", "--json"]).json());
    assert_eq!(values(place.run(&["--config", "c.toml", "config", "show", "--json"]).json()), default);
    let plain = Place::with_sample();
    plain.write("c.toml", &text);
    plain.run(&["--config", "c.toml", "run", &sample(), "--now", NOW]).done();
}

/// Other values for a key: a little less, or more where the bounds do not let that pass.
fn others(value: &Value) -> Vec<String> {
    match value {
        Value::Bool(on) => vec![(!on).to_string()],
        Value::Number(number) if value.is_i64() => {
            let number = number.as_i64().unwrap();
            vec![(number - 1).to_string(), (number + 1).to_string()]
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            vec![format!("{:?}", number * 0.97 + 0.001), format!("{:?}", number * 1.03)]
        }
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => Vec::new(),
    }
}

/// A switch or number that does nothing would leave the policy what it was: each one changes it, and a store knows.
///
/// Proves W27.
#[test]
fn every_key_of_the_policy_makes_it_another_one() {
    let place = Place::with_sample();
    let keys = place.run(&["config", "show", "--json"]).json();
    let mut tried = 0;
    for key in keys.as_array().unwrap() {
        let name = key["key"].as_str().unwrap();
        if !name.starts_with("policy.") {
            continue;
        }
        let (table, field) = name.rsplit_once('.').unwrap();
        let named = others(&key["value"]).iter().any(|value| {
            place.write("c.toml", format!("[{table}]\n{field} = {value}\n"));
            let said = place.run(&["--config", "c.toml", "status"]).err;
            said.contains("settled under another policy") && said.contains(name)
        });
        assert!(named, "{name} changes nothing");
        tried += 1;
    }
    assert!(tried > 80, "{tried} keys");
}

/// Proves W27.
#[test]
fn keys_of_files_do_what_they_say() {
    let place = Place::new();
    place.write(
        "a.csv",
        "user_id;at;weight;unit\nada;31/01/2024 08:00;80,5;\nada;01/02/2024 08:00;180;[lb_ap]\n",
    );
    place.write(
        "c.toml",
        "[operational]\nunit = \"kg\"\nzone = \"Europe/Berlin\"\ndate_format = \"day-first\"\ndecimal = \",\"\n\
         [operational.unit_aliases]\n\"[lb_ap]\" = \"lb\"\n",
    );
    let refused = place.run(&["run", "a.csv", "--now", NOW]);
    assert_eq!(refused.code, 4, "{}", refused.err);
    let summary = place.take(&["--config", "c.toml", "a.csv"]);
    assert_eq!(summary["accepted"], 2, "{summary}");
    let facts = place.run(&["export", "facts"]).done();
    assert!(
        facts.contains("ada,2024-01-31T07:00:00Z,unknown,") && facts.contains(",add,80.5,kg,"),
        "{facts}"
    );
    assert!(facts.contains(",add,180,lb,"), "{facts}");
    place.write("none.toml", "[operational]\nunit = \"none\"\n");
    place.write("b.csv", "user_id,at,weight\nada,2024-03-01,80\n");
    assert_eq!(place.run(&["--config", "none.toml", "run", "b.csv", "--now", NOW]).code, 4);
    place.write("light.toml", "[operational]\nheaviest_kg = 70\n");
    let refused = place.run(&["--config", "light.toml", "run", "b.csv", "--now", NOW]).error(4);
    assert!(refused.contains("is not within"), "{refused}");
}
