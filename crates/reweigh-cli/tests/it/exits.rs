//! How the program ends: each code, and the one line that goes with it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use reweigh_judge::fingerprint;
use reweigh_reading::{Instant, UserId};
use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_state::{Expectations, Profile};
use reweigh_store::{Checkpoint, Settled, Store, UserCommit};

use crate::program::{NOW, Place, sample};

#[test]
fn bad_usage_ends_with_2_and_says_where_to_look() {
    let place = Place::new();
    for (words, says) in [
        (&["run"][..], "required arguments were not provided: <FILE>...; see `reweigh run --help`"),
        (&["statu"], "unrecognized subcommand 'statu'; tip: a similar subcommand exists: 'status'"),
        (&["run", "x.csv", "--format", "xls"], "known are auto, csv, jsonl, fhir, apple, withings, fitbit"),
        (&["run", "x.csv", "--map", "user"], "column map `user` is not of the form KEY=COLUMN"),
        (&["run", "x.csv"], "x.csv cannot be read: no such file or directory"),
        (&["run", "."], ". is a folder; name the files in it"),
        (&["run", "x.csv", "--now", "tomorrow"], "invalid value 'tomorrow' for '--now <INSTANT>'"),
        (&["run", "x.csv", "--zone", "Mars"], "operational.zone = \"Mars\""),
        (&["run", "x.csv", "--threads", "0"], "operational.workers is 0; give 1 to 64"),
        (&["export", "everything"], "invalid value 'everything'"),
    ] {
        let line = place.run(words).error(2);
        assert!(line.contains(says), "{line}");
    }
    assert!(place.files().is_empty(), "nothing was made: {:?}", place.files());
}

#[test]
fn who_is_not_there_ends_with_2() {
    let place = Place::with_sample();
    for (words, says) in [
        (
            &["show", "nobody"][..],
            "nothing is known of user nobody; `reweigh export states` lists who is there",
        ),
        (&["explain", "nobody"], "nothing is known of user nobody"),
        (&["history", "nobody"], "nothing is known of user nobody"),
        (&["explain", "u275-00001", "--id", "zz"], "has nothing whose id begins with zz"),
        (&["explain", "u275-00001", "--id", "r1"], "r1"),
        (&["explain", "u275-00001", "--at", "2020-01-01T00:00:00Z"], "has no reading at or before"),
    ] {
        let said = place.run(words);
        if words.contains(&"r1") {
            assert_eq!(said.code, 0, "an id that is whole is not a prefix: {}", said.err);
            continue;
        }
        let line = said.error(2);
        assert!(line.contains(says), "{line}");
    }
    let line = place.run(&["explain", "u275-00001", "--id", "r"]).error(2);
    assert!(line.contains("ids of user u275-00001 begin with r"), "{line}");
}

/// Proves I4.
#[test]
fn another_policy_ends_with_2_and_names_the_keys() {
    let place = Place::with_sample();
    place.write("other.toml", "[policy.resets]\ngap_days = 45\n[policy.noise]\nlearn = false\n");
    let line = place.run(&["--config", "other.toml", "run", &sample()]).error(2);
    for part in [
        "reweigh.redb is settled under another policy",
        "policy.noise.learn is true there and false here",
        "policy.resets.gap_days is 30.0 there and 45.0 here",
        "for 3 users",
        "reweigh backfill",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    place.write("workers.toml", "[operational]\nworkers = 1\nsnapshot_every = 8\n");
    let digest = place.digest();
    let said = place.run(&["--config", "workers.toml", "digest"]).done();
    assert_eq!(said.trim(), digest, "operational settings are no part of the policy");
}

#[test]
fn nothing_usable_ends_with_4() {
    let place = Place::new();
    place.write("empty.csv", "");
    place.write("header.csv", "user_id,at,weight\n");
    place.write("other.csv", "name,age\nada,36\n");
    place.write("bad.csv", "user_id,at,weight\nada,yesterday,80\n");
    for (file, says) in [
        ("empty.csv", "the file has no rows"),
        ("header.csv", "the file has no rows"),
        ("other.csv", "no column fits"),
        ("bad.csv", "nothing in it is usable: 1 rows refused"),
    ] {
        let line = place.run(&["run", file]).error(4);
        assert!(line.contains(file) && line.contains(says), "{line}");
        assert_eq!(line.contains("bad.csv.rejects.csv has every row"), file == "bad.csv", "{line}");
    }
    assert!(place.read("bad.csv.rejects.csv").contains("bad.csv,2,instant_unreadable,"));
    // Beside a file that has something in it, one without does no harm, and is not passed over in silence.
    place.write("good.csv", "user_id,at,weight\nada,2024-01-01,80\n");
    let said = place.run(&["run", "good.csv", "empty.csv", "--now", NOW]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("warning: empty.csv: the file has no rows"), "{}", said.err);
}

#[test]
fn a_store_that_cannot_be_used_ends_with_5() {
    let place = Place::new();
    let line = place.run(&["status"]).error(5);
    assert!(line.contains("there is no store at reweigh.redb"), "{line}");
    let line = place.run(&["--db", "no/such/folder/x.redb", "run", &sample()]).error(5);
    assert!(line.contains("the folder of no/such/folder/x.redb does not exist"), "{line}");
    place.write("text.redb", "this is no database, however long it may be");
    let line = place.run(&["--db", "text.redb", "digest"]).error(5);
    assert!(line.contains("text.redb is no database"), "{line}");
    place.run(&["run", &sample(), "--now", NOW]).done();
    let whole = fs::read(place.path("reweigh.redb")).unwrap();
    place.write("reweigh.redb", &whole[..whole.len() / 2]);
    let said = place.run(&["verify"]);
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    let line = said.err.lines().last().unwrap();
    assert!(line.contains("reweigh.redb"), "{line}");
}

/// Proves F4.
#[test]
fn a_store_in_use_ends_with_5_and_says_by_whom() {
    let place = Place::with_sample();
    let mut child = place.start(&["run", "-", "--batch", "1", "--now", NOW]);
    let pid = child.id().to_string();
    while !place.path("reweigh.redb-owner").exists() {
        std::thread::yield_now();
    }
    for words in [&["status"][..], &["show", "u275-00001"], &["run", &sample()], &["digest", "--wait", "1"]] {
        let said = place.run(words);
        let waited = said.err.contains("waiting up to 1 s");
        assert_eq!(waited, words.contains(&"--wait"));
        let line = said.error(5);
        assert!(
            line.contains(&format!("is in use by pid {pid} on ")) && line.contains(" since 20"),
            "{line}"
        );
    }
    drop(child.stdin.take());
    child.wait().unwrap();
    place.digest();
}

#[test]
fn strict_ends_with_6_when_something_was_refused() {
    let place = Place::new();
    place.write("a.csv", "user_id,at,weight\nada,2024-01-01,80\nada,2024-01-02,80 cubits\n");
    assert_eq!(place.run(&["run", "a.csv", "--now", NOW]).code, 0);
    let said = place.run(&["run", "a.csv", "--strict", "--now", NOW]);
    assert_eq!(said.code, 6, "{}", said.err);
    place.write("b.csv", "user_id,at,weight\nada,2024-01-01,80\n");
    assert_eq!(place.run(&["run", "b.csv", "--strict", "--now", NOW]).code, 0);
}

#[test]
fn what_nobody_thought_of_ends_with_1() {
    let place = Place::with_sample();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let said = place.command(&["digest"]).stdout(full).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.starts_with("reweigh: standard output cannot be written: "), "{said}");
    fs::create_dir(place.path("locked")).unwrap();
    fs::set_permissions(place.path("locked"), fs::Permissions::from_mode(0o500)).unwrap();
    place.write("taken", "");
    let line = place.run(&["export", "facts", "--output", "taken/x.csv"]).error(1);
    assert!(line.contains("taken/x.csv cannot be written"), "{line}");
}

/// Whoever reads the output may stop reading.
#[test]
fn a_closed_pipe_ends_quietly() {
    let place = Place::with_sample();
    for words in
        [&["export", "readings"][..], &["export", "facts", "--json"], &["show", "u275-00001"], &["man"]]
    {
        let mut child = place.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let said = child.wait_with_output().unwrap();
        assert_eq!((said.status.code(), said.stderr.as_slice()), (Some(0), &b""[..]), "{words:?}");
    }
}

/// Data goes to standard output and everything else to standard error, as JSON where that is wanted.
#[test]
fn errors_are_json_where_logs_are() {
    let place = Place::new();
    let said = place.run(&["--log", "json", "status"]);
    assert_eq!((said.code, said.out.as_str()), (5, ""));
    let line: serde_json::Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!((line["level"].as_str(), line["code"].as_str()), (Some("error"), Some("open_missing")));
}

#[test]
fn quiet_is_quiet() {
    let place = Place::new();
    let said = place.run(&["run", &sample(), "--now", NOW, "--quiet"]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    let said = place.run(&["run", &sample(), "--now", NOW, "--quiet", "--json"]);
    assert!(said.err.is_empty() && said.json()["read"] == 272);
}

#[test]
fn more_is_said_with_v() {
    let place = Place::new();
    fs::create_dir(place.path("folder.redb")).unwrap();
    let plain = place.run(&["--db", "folder.redb", "status"]);
    assert_eq!(plain.err.lines().count(), 1, "{}", plain.err);
    let said = place.run(&["run", &sample(), "--now", NOW, "-vv"]);
    assert_eq!(said.code, 0);
    assert!(!place.run(&["-v", "digest"]).err.contains("u275"), "no names of users in logs above debug");
}

/// A state that is not what the facts give: whoever put it there, it is found.
///
/// Proves I1.
#[test]
fn a_state_that_is_not_of_its_facts_ends_with_3() {
    let place = Place::with_sample();
    let owner = Owner { pid: 1, host: "here".to_owned(), since: NOW.to_owned() };
    let store = RedbStore::open(&place.path("reweigh.redb"), Options::new(owner)).unwrap();
    let policy = Profile::Balanced.policy().check().unwrap();
    let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
    let load = |user: &str| store.load(&user.parse().unwrap()).unwrap().unwrap();
    let other = load("u275-00002").state.unwrap().check(&expectations).unwrap();
    let user: UserId = "u275-00001".parse().unwrap();
    let mut commit = UserCommit::facts(user, Vec::new());
    commit.seen = load("u275-00001").seen;
    commit.settled = Some(Settled::new(other, None));
    let at: Instant = NOW.parse().unwrap();
    let outcomes = store.commit(&Checkpoint { users: vec![commit], ..Checkpoint::at(at) }).unwrap();
    assert_eq!(outcomes[0].refused, None);
    store.close().unwrap();

    let said = place.run(&["verify"]);
    assert!(said.out.contains("differs    u275-00001"), "{}", said.out);
    let line = said.error(3);
    assert!(line.contains("1 user is not settled as the facts say; `reweigh recover"), "{line}");
    let found = place.run(&["verify", "--json"]);
    assert_eq!(found.code, 3);
    let found: serde_json::Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(found["differ"], serde_json::json!(["u275-00001"]));
}

/// Under another policy everybody is folded anew, if that is asked for; back again everything is as it was.
///
/// Proves I4.
#[test]
fn refold_takes_a_store_over_to_another_policy() {
    let place = Place::with_sample();
    let digest = place.digest();
    place.write("other.toml", "profile = \"conservative\"\n");
    let said = place.run(&["--config", "other.toml", "run", &sample(), "--refold", "--now", NOW]);
    assert!(said.err.contains("3 users folded anew under the policy of this run"), "{}", said.err);
    said.done();
    let other = place.run(&["--config", "other.toml", "digest"]).done();
    assert_ne!(other.trim(), digest);
    let fresh = Place::new();
    fresh.write("other.toml", "profile = \"conservative\"\n");
    fresh.run(&["--config", "other.toml", "run", &sample(), "--now", NOW]).done();
    assert_eq!(fresh.run(&["--config", "other.toml", "digest"]).done(), other);
    place.run(&["--config", "other.toml", "verify"]).done();
    let line = place.run(&["digest"]).error(2);
    assert!(line.contains("policy.shift.per_day"), "{line}");
    place.run(&["run", &sample(), "--refold", "--now", NOW]).done();
    assert_eq!(place.digest(), digest);
}
