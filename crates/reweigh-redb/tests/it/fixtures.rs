//! A store of every format that was ever released, opened by this program.
//!
//! `REWEIGH_FIXTURES=1` writes the one of the present format; the others are never written again.

use std::path::{Path, PathBuf};

use reweigh_judge::{effective, fingerprint, fold};
use reweigh_reading::{
    Action, Fact, GivenId, Height, Instant, Measure, ReadingId, ResetReason, Revision, Source, Unit, UserId,
};
use reweigh_redb::{Options, RedbStore};
use reweigh_state::{
    AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditStep, Checked, Expectations, Outcome, Profile,
    Reason, ResetKind, Restatement, UserState, Verdict, VerdictChange,
};
use reweigh_store::{
    Act, ActKind, AuditEntry, AuditQuery, Checkpoint, Judgement, Pin, PinCause, Recorded, Rejected, Seen,
    Sequence, Settings, Settled, Store, StoreId, UserCommit,
};

use crate::bench::{OnDisk, options};

const MANY: usize = 1_000_000;

const ODD: Verdict = Verdict { outcome: Outcome::Rejected, reason: Reason::OtherPerson };

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn at(second: i64) -> Instant {
    Instant::from_unix_seconds(second).unwrap()
}

fn reading(name: &str, day: i64) -> Fact {
    let measure =
        Measure::new(80.0 + f64::from(i32::try_from(day % 17).unwrap()) / 10.0, Unit::Kilogram).unwrap();
    Fact::reading(user(name), at(1_600_000_000 + day * 86_400), Source::new("scale").unwrap(), measure)
}

fn readings(name: &str, days: std::ops::Range<i64>) -> Vec<Fact> {
    days.map(|day| reading(name, day)).collect()
}

/// Facts of every kind, of a user who has few of them.
fn kinds() -> Vec<Fact> {
    let (bob, app) = (user("bob"), Source::new("app").unwrap());
    let mut facts = readings("bob", 0..3);
    let given = |text: &str| GivenId::new(text).unwrap().into();
    let fact = |id: &str, day, action| {
        Fact::new(bob.clone(), given(id), Revision::FIRST, at(day), app.clone(), action)
    };
    facts.push(fact("message-1", 5, Action::Add(Measure::new(176.4, Unit::Pound).unwrap())));
    facts.push(fact("message-2", 6, Action::Add(Measure::new(0.1 + 0.2, Unit::Stone).unwrap())));
    facts.push(fact("height", 7, Action::Height(Height::new(1.815).unwrap())));
    facts.push(fact("reset", 8, Action::Reset { reason: ResetReason::new("a new scale").unwrap() }));
    facts
}

/// An amendment and a retraction of ada's.
fn corrections() -> Vec<Fact> {
    let telling = |of: Fact, revision, action| {
        let (user, id, source) = (of.user().clone(), of.id().clone(), of.source().clone());
        Fact::new(user, id, Revision::new(revision), of.at(), source, action)
    };
    let heavier = Action::Amend(Measure::new(90.0, Unit::Kilogram).unwrap());
    vec![telling(reading("ada", 9), 1, heavier), telling(reading("ada", 140), 2, Action::Retract)]
}

fn act(kind: ActKind, second: i64) -> Act {
    Act { kind, by: "operator".to_owned(), reason: "a fixture".to_owned(), at: at(second), correlation: 7 }
}

fn reset() -> AuditEntry {
    AuditEntry::Reset(AuditRecord {
        kind: AuditKind::ResetNew,
        reset: Some(ResetKind::Hard.into()),
        who: AuditActor::Operator(Source::unknown()),
        effective: at(5),
        recorded: at(10),
        reason: "40 days without an accepted reading".to_owned(),
        outcome: AuditOutcome::Committed,
        steps: vec![AuditStep {
            operation: "filter_reset".to_owned(),
            made: "one story".to_owned(),
            verdict: "valid".to_owned(),
            micros: 12,
        }],
        micros: 31,
        correlation: 99,
    })
}

fn rejected() -> Rejected {
    Rejected {
        row: b"ada,x".to_vec(),
        code: "weight_not_a_number".to_owned(),
        reason: "x is no number".to_owned(),
        origin: "readings.csv:7".to_owned(),
        received: at(9),
    }
}

fn restatement() -> Restatement {
    Restatement {
        verdicts: vec![VerdictChange { number: 7, at: at(1), old: Some(ODD), new: None }],
        newest_kg: (Some(80.25), Some(80.5)),
        ..Restatement::default()
    }
}

fn settings() -> Settings {
    Settings { audit_days: Some(365), ..Settings::default() }
}

/// The state of ada after so many days, as today's step folds them.
fn state(days: i64) -> Checked<UserState> {
    let policy = Profile::Balanced.policy().check().unwrap();
    let state = fold(&effective(readings("ada", 0..days)).events, &policy);
    let expectations = Expectations { fingerprint: fingerprint(&policy), policy: &policy };
    Checked::state(state, &expectations).unwrap()
}

/// A store of a format, and how much is in it.
struct Fixture {
    name: &'static str,
    /// How many days ada has been weighed: 150 at once, then one a day.
    days: i64,
    /// The number of the oldest version that is kept.
    oldest: u64,
    /// Whether dan is there.
    with_uuids: bool,
}

const FIXTURES: [Fixture; 2] = [
    Fixture { name: "schema-1.redb", days: 162, oldest: 4, with_uuids: false },
    Fixture { name: "schema-2.redb", days: 190, oldest: 1, with_uuids: true },
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures")
}

fn journal(path: &Path) -> PathBuf {
    path.with_extension("redb-journal")
}

fn open(path: &Path) -> RedbStore {
    RedbStore::open(path, Options { create: None, older_versions: 16, ..options() }).unwrap()
}

/// Ids that schema 1 told as texts.
fn uuids() -> Vec<Fact> {
    let fact = |day, id: &str| {
        let of = reading("dan", day);
        Fact::new(
            user("dan"),
            id.parse().unwrap(),
            Revision::FIRST,
            of.at(),
            of.source().clone(),
            of.action().clone(),
        )
    };
    vec![
        fact(1, "123e4567-e89b-12d3-a456-426614174000"),
        fact(2, "F23E4567-E89B-12D3-A456-426614174000"),
        fact(3, "f23e4567-E89B-12d3-a456-426614174000"),
    ]
}

/// Something in every table of both files, left as by a crash.
fn write(path: &Path, days: i64) {
    let create = Some(StoreId::from_number(77));
    let store = RedbStore::open(path, Options { create, older_versions: 16, ..options() }).unwrap();
    let commit =
        |users, mark| store.commit(&Checkpoint { users, mark, ..Checkpoint::at(at(20)) }).unwrap().remove(0);
    let row = store.append(&readings("ada", 0..150), &[rejected()]).unwrap();
    let verdicts = readings("ada", 0..150).into_iter().step_by(7);
    let verdicts =
        verdicts.map(|fact| Judgement { key: fact.key(), revision: fact.revision(), verdict: ODD }).collect();
    let settled = Settled {
        snapshots: vec![state(64), state(128)],
        verdicts,
        restatement: Some((restatement(), "late".to_owned())),
        audit: vec![reset()],
        ..Settled::new(state(150), None)
    };
    let commit_of = |settled, facts, seen| UserCommit {
        seen,
        settled: Some(settled),
        ..UserCommit::facts(user("ada"), facts)
    };
    let first = commit_of(settled, readings("ada", 0..150), Seen::default());
    let mut seen = commit(vec![first], Some(row)).seen;
    for day in 150..days {
        let settled = Settled::new(state(day + 1), None);
        seen = commit(vec![commit_of(settled, vec![reading("ada", day)], seen)], None).seen;
    }
    commit(vec![UserCommit::facts(user("ada"), corrections())], None);
    commit(vec![UserCommit::facts(user("bob"), kinds())], None);
    commit(vec![UserCommit::facts(user("cyd"), readings("cyd", 0..100))], None);
    commit(vec![UserCommit::facts(user("dan"), uuids())], None);
    let pin = Pin { state: state(64), version: None, cause: PinCause::Recovered(3) };
    store.pin(&user("bob"), &pin, &act(ActKind::Pin, 30)).unwrap();
    store.erase(&user("cyd"), &act(ActKind::Erase, 31)).unwrap();
    store.set(&settings(), &act(ActKind::Settings, 32)).unwrap();
    store.commit(&Checkpoint { rejects: vec![rejected()], ..Checkpoint::at(at(33)) }).unwrap();
    store.append(&kinds(), &[rejected()]).unwrap();
    store.prune().unwrap();
    store.compact().unwrap();
}

fn ids_of(recorded: &[Recorded]) -> Vec<(ReadingId, Revision)> {
    recorded.iter().map(|recorded| (recorded.fact.id().clone(), recorded.fact.revision())).collect()
}

/// Everything that is in a fixture is what was written.
fn holds(store: &RedbStore, fixture: &Fixture) {
    assert_eq!(store.id(), StoreId::from_number(77));
    assert_eq!(store.mark().unwrap(), Sequence::new(1));
    let tail = store.tail(Sequence::START, MANY).unwrap();
    assert_eq!((tail.len(), tail[0].sequence), (1, Sequence::new(2)));
    assert_eq!((&tail[0].facts, &tail[0].rejects), (&kinds(), &vec![rejected()]));

    let ada = store.history(&user("ada"), None, MANY).unwrap();
    let mut facts = readings("ada", 0..fixture.days);
    facts.retain(|fact| *fact != reading("ada", 9) && *fact != reading("ada", 140));
    assert_eq!(ada.facts.iter().map(|recorded| recorded.fact.clone()).collect::<Vec<_>>(), facts);
    let odd: Vec<Fact> = readings("ada", 0..150).into_iter().step_by(7).collect();
    for recorded in ada.facts.iter().chain(&ada.told) {
        assert_eq!(recorded.verdict, odd.contains(&recorded.fact).then_some(ODD), "{:?}", recorded.fact);
    }
    for (correction, day) in corrections().iter().zip([9, 140]) {
        let found = store.find(&user("ada"), correction.id()).unwrap();
        let both = [reading("ada", day), correction.clone()];
        assert_eq!(found.iter().map(|recorded| recorded.fact.clone()).collect::<Vec<_>>(), both);
    }
    for day in [0, 63, 64, 100, fixture.days - 1] {
        let fact = reading("ada", day);
        let found = store.find(&user("ada"), fact.id()).unwrap();
        assert_eq!(ids_of(&found), [(fact.id().clone(), Revision::FIRST)], "day {day}");
    }
    let loaded = store.load(&user("ada")).unwrap().unwrap();
    let states = u64::try_from(fixture.days - 149).unwrap();
    assert_eq!((loaded.seen.state, loaded.facts), (states, u64::try_from(fixture.days + 2).unwrap()));
    assert_eq!(loaded.mark.key(), Some(&reading("ada", 9).key()));
    let kept = loaded.state.unwrap().look().unwrap();
    assert_eq!(kept.key, Some(reading("ada", fixture.days - 1).key()));
    let versions = store.versions(&user("ada")).unwrap();
    let numbers: Vec<u64> = versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, (fixture.oldest..=states).rev().collect::<Vec<u64>>());
    for version in &versions {
        let day = i64::try_from(version.number).unwrap() + 148;
        assert_eq!(version.key().unwrap(), Some(reading("ada", day).key()));
        assert_eq!(version.made, at(20));
    }

    let bob: Vec<Fact> =
        store.history(&user("bob"), None, MANY).unwrap().facts.into_iter().map(|known| known.fact).collect();
    assert_eq!(bob.len(), kinds().len());
    assert!(kinds().iter().all(|fact| bob.contains(fact)));
    let pin = store.load(&user("bob")).unwrap().unwrap().pin.unwrap();
    assert_eq!((pin.cause, pin.since, pin.version), (PinCause::Recovered(3), at(30), None));
    assert_eq!(pin.state.look().unwrap().key, Some(reading("ada", 63).key()));
    let cyd = store.load(&user("cyd")).unwrap().unwrap();
    assert_eq!((cyd.facts, cyd.state, cyd.erased), (0, None, Some(at(31))));

    let dan = store.history(&user("dan"), None, MANY).unwrap().facts;
    let dan: Vec<Fact> = dan.into_iter().map(|recorded| recorded.fact).collect();
    assert_eq!(dan, if fixture.with_uuids { uuids() } else { Vec::new() });
    let entries: Vec<AuditEntry> =
        store.audit(&AuditQuery::default(), MANY).unwrap().into_iter().map(|row| row.entry).collect();
    let acts = [(ActKind::Pin, 30), (ActKind::Erase, 31), (ActKind::Settings, 32)];
    let acts = acts.into_iter().map(|(kind, second)| AuditEntry::Act(act(kind, second)));
    assert_eq!(entries, std::iter::once(reset()).chain(acts).collect::<Vec<_>>());
    assert_eq!(store.rejects(0, MANY).unwrap(), [(1, rejected())]);
    let told = store.outbox(0, MANY).unwrap();
    assert_eq!((told.len(), &told[0].restatement, told[0].cause.as_str()), (1, &restatement(), "late"));
    assert_eq!(store.settings().unwrap(), settings());
    let report = store.check().unwrap();
    assert!(report.is_sound(), "{:?}", report.damage);
}

/// Every format that was released is opened, is what it was, and goes on as one of this program's.
///
/// Proves F7.
#[test]
fn every_released_format_is_opened_and_goes_on() {
    for fixture in FIXTURES {
        let disk = OnDisk::new();
        let from = folder().join(fixture.name);
        std::fs::copy(&from, disk.path()).unwrap();
        std::fs::copy(journal(&from), journal(&disk.path())).unwrap();
        let store = open(&disk.path());
        holds(&store, &fixture);
        drop(store);
        // Opened again it is of this program's schema, and nothing else changed.
        let store = open(&disk.path());
        holds(&store, &fixture);
        // A page of the old layout moves to the new one when something late falls in, and its neighbours do not.
        let late = Fact::reading(
            user("ada"),
            at(1_600_000_000 + 70 * 86_400 + 60),
            Source::new("scale").unwrap(),
            Measure::new(81.0, Unit::Kilogram).unwrap(),
        );
        let users = vec![UserCommit::facts(user("ada"), vec![late.clone()])];
        assert_eq!(store.commit(&Checkpoint { users, ..Checkpoint::at(at(40)) }).unwrap()[0].added, 1);
        for fact in [late, reading("ada", 3), reading("ada", 70), reading("ada", 150)] {
            assert_eq!(store.find(&user("ada"), fact.id()).unwrap()[0].fact, fact);
        }
        assert!(store.check().unwrap().is_sound());
    }
}

/// The fixture of the present schema is what this program writes; `REWEIGH_FIXTURES=1` writes it anew.
///
/// Proves F7.
#[test]
fn this_program_writes_what_its_fixture_says() {
    let fixture = &FIXTURES[FIXTURES.len() - 1];
    let disk = OnDisk::new();
    write(&disk.path(), fixture.days);
    if std::env::var_os("REWEIGH_FIXTURES").is_some() {
        let to = folder().join(fixture.name);
        std::fs::copy(disk.path(), &to).unwrap();
        std::fs::copy(journal(&disk.path()), journal(&to)).unwrap();
    }
    holds(&open(&disk.path()), fixture);
}
