//! Promises about what is remembered and told.

use reweigh_reading::{Instant, Source};
use reweigh_state::{
    AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditStep, Fingerprint, ResetChange, ResetKind,
    Restatement, VerdictChange,
};

use super::Bench;
use super::journal::rejected;
use super::world::{ACCEPTED, MANY, World, act, at, commit_one, reading, user};
use crate::audit::{ActKind, AuditEntry, AuditQuery};
use crate::commit::{Checkpoint, Settled, UserCommit};
use crate::report::Settings;

fn reset(recorded: Instant, outcome: AuditOutcome) -> AuditEntry {
    let step = |operation: &str| AuditStep {
        operation: operation.to_owned(),
        made: "one story".to_owned(),
        verdict: "valid".to_owned(),
        micros: 12,
    };
    AuditEntry::Reset(AuditRecord {
        kind: AuditKind::ResetNew,
        reset: Some(ResetKind::Hard.into()),
        who: AuditActor::Operator(Source::unknown()),
        effective: at(-5),
        recorded,
        reason: "40 days without an accepted reading".to_owned(),
        outcome,
        steps: vec![step("filter_reset"), step("create_adaptation")],
        micros: 31,
        correlation: 99,
    })
}

pub(super) fn audit_is_found_by_user_time_and_outcome(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let fact = reading("ada", 1);
    let mine = reset(at(10), AuditOutcome::Committed);
    let settled = Some(Settled { audit: vec![mine.clone()], ..world.settled(&fact, 1) });
    commit_one(&*store, UserCommit { settled, ..UserCommit::facts(user("ada"), vec![fact]) });
    let others: Vec<_> = [
        (Some(user("bob")), reset(at(20), AuditOutcome::RolledBack)),
        (Some(user("ada")), reset(at(30), AuditOutcome::Refused)),
        (None, AuditEntry::Act(act(ActKind::Rebuild, 40))),
    ]
    .into_iter()
    .collect();
    store.commit(&Checkpoint { audit: others.clone(), ..Checkpoint::at(at(1)) }).unwrap();
    drop(store);
    let store = bench.open();
    let ask = |query: AuditQuery| -> Vec<AuditEntry> {
        store.audit(&query, MANY).unwrap().into_iter().map(|row| row.entry).collect()
    };
    let any = AuditQuery::default;
    let all: Vec<AuditEntry> =
        std::iter::once(mine.clone()).chain(others.iter().map(|(_, e)| e.clone())).collect();
    assert_eq!(ask(any()), all);
    assert_eq!(ask(AuditQuery { user: Some(user("ada")), ..any() }), [all[0].clone(), all[2].clone()]);
    assert_eq!(ask(AuditQuery { from: Some(at(20)), until: Some(at(40)), ..any() }), all[1..3]);
    assert_eq!(ask(AuditQuery { outcome: Some(AuditOutcome::RolledBack), ..any() }), all[1..2]);
    let rows = store.audit(&any(), 2).unwrap();
    let rest = store.audit(&AuditQuery { after: rows[1].number, ..any() }, MANY).unwrap();
    assert_eq!((rows.len(), rest.len()), (2, 2), "in portions");
}

pub(super) fn trimming_the_audit_is_audited(bench: &dyn Bench) {
    let store = bench.open();
    let audit = (1..=5).map(|n| (Some(user("ada")), reset(at(n), AuditOutcome::Committed))).collect();
    store.commit(&Checkpoint { audit, ..Checkpoint::at(at(1)) }).unwrap();
    assert_eq!(store.trim_audit(at(4), &act(ActKind::Retention, 9)).unwrap(), 3);
    let rows = store.audit(&AuditQuery::default(), MANY).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[2].entry, AuditEntry::Act(act(ActKind::Retention, 9)));
    assert!(rows[0].number > 3, "numbers are never used again");
    let of_ada = store.audit(&AuditQuery { user: Some(user("ada")), ..AuditQuery::default() }, MANY).unwrap();
    assert_eq!(of_ada.len(), 2);
}

pub(super) fn a_rejected_row_is_kept_once(bench: &dyn Bench) {
    let store = bench.open();
    let keep = |rows: &[(&str, &str)]| {
        let rejects = rows.iter().map(|(row, code)| rejected(row, code)).collect();
        store.commit(&Checkpoint { rejects, ..Checkpoint::at(at(1)) }).unwrap();
    };
    keep(&[("a", "x"), ("b", "x"), ("a", "x")]);
    keep(&[("a", "x"), ("a", "y")]);
    let rows = store.rejects(0, MANY).unwrap();
    let kept: Vec<_> = rows.iter().map(|(_, row)| row.clone()).collect();
    assert_eq!(kept, [rejected("a", "x"), rejected("b", "x"), rejected("a", "y")]);
    assert_eq!(store.rejects(rows[0].0, 1).unwrap(), rows[1..2]);
}

pub(super) fn the_outbox_waits_until_told(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    let restatement = Restatement {
        verdicts: vec![VerdictChange { number: 7, at: at(1), old: Some(ACCEPTED), new: None }],
        resets: vec![ResetChange { old: None, new: Some((ResetKind::Soft, at(3))) }],
        newest_kg: (Some(80.25), Some(80.5)),
    };
    for name in ["ada", "bob", "cyd"] {
        let fact = reading(name, 1);
        let settled = Some(Settled {
            restatement: Some((restatement.clone(), "late".to_owned())),
            ..world.settled(&fact, 1)
        });
        commit_one(&*store, UserCommit { settled, ..UserCommit::facts(user(name), vec![fact]) });
    }
    drop(store);
    let store = bench.open();
    let rows = store.outbox(0, MANY).unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.user.clone()).collect();
    assert_eq!(names, [user("ada"), user("bob"), user("cyd")]);
    assert_eq!((&rows[0].restatement, rows[0].cause.as_str()), (&restatement, "late"));
    store.told(rows[1].number).unwrap();
    assert_eq!(store.outbox(0, MANY).unwrap(), rows[2..]);
    store.told(rows[2].number).unwrap();
    assert_eq!(store.outbox(0, MANY).unwrap(), []);
}

pub(super) fn settings_are_kept(bench: &dyn Bench) {
    let (store, world) = (bench.open(), World::new());
    assert_eq!(store.settings().unwrap(), Settings::default());
    let target = Some(Fingerprint::of(2, &world.policy));
    let settings = Settings { current: Some(world.fingerprint), target, audit_days: Some(365) };
    store.set(&settings, &act(ActKind::Settings, 3)).unwrap();
    drop(store);
    let store = bench.open();
    assert_eq!(store.settings().unwrap(), settings);
    let rows = store.audit(&AuditQuery::default(), MANY).unwrap();
    assert_eq!(rows[0].entry, AuditEntry::Act(act(ActKind::Settings, 3)));
}
