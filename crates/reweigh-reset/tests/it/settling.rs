//! Many users, one store, and what the breaker and the audit make of it.

use std::rc::Rc;

use reweigh_reading::{Clock, Elapsed, Source};
use reweigh_reset::{
    BreakerState, CommitFault, ManualRequest, OperationKind, ResetDecision, ResetLog, Resolved, Stage,
    Staged, StateVersion, Target, TransactionResetter,
};
use reweigh_state::{
    Applied, AuditActor, AuditKind, AuditOutcome, AuditRecord, AuditedReset, CheckedPolicy, PlainResetter,
    ResetKind, ResetPlan, ResetRefused, Resetter, UserState,
};

use crate::clock::Ticking;
use crate::double::Fail;
use crate::engine::Engine;
use crate::life::{Life, check, day, fold_with};

fn users(count: u32, name: &str) -> Vec<Life> {
    (0..count).map(|n| Life::of(&format!("{name}-{n}")).daily(0, 10, 60.0 + f64::from(n))).collect()
}

/// One line for each record, without numbers that depend on the judge.
fn told(records: &[AuditRecord]) -> Vec<String> {
    let reset = |record: &AuditRecord| record.reset.map_or("none", |reset| reset.as_str());
    let line = |record: &AuditRecord| {
        format!("{} {}: {}, {}", record.kind.as_str(), reset(record), record.reason, record.outcome.as_str())
    };
    records.iter().map(line).collect()
}

/// While the breaker is open, users whose fold holds a new reset wait, unsettled and unasked; all others are
/// committed. When it closes, the waiting ones are settled, and every user is exactly what its facts make it.
///
/// Proves E1, E2.
#[test]
fn an_open_breaker_holds_back_new_resets_and_nothing_else() {
    let mut engine = Engine::new();
    let quiet = users(20, "quiet");
    for life in &quiet {
        engine.settle(life).unwrap();
    }
    // Next day: the quiet ones have another reading, the new ones their first, which is a reset.
    let quiet: Vec<_> = quiet.into_iter().map(|life| life.on(10.0, 70.0, "scale")).collect();
    let new = users(20, "new");
    engine.store.fail(Stage::Commit, Fail::Storage, 3);
    let asked = engine.store.asked.get();
    for life in &new {
        let code = engine.settle(life).unwrap_err().code();
        assert!(code == "reset_fault" || code == "reset_held_back", "{code}");
    }
    assert_eq!(engine.store.asked.get() - asked, 3, "an open breaker asks nobody");
    assert_eq!(engine.breakers.of(OperationKind::ResetCommit).status().state, BreakerState::Open);
    for life in &quiet {
        engine.settle(life).unwrap();
        assert_eq!(engine.bytes(life), Some(engine.pure(life)));
    }
    assert!(new.iter().all(|life| engine.bytes(life).is_none()));
    assert_eq!(engine.tally().held_back, 17);

    engine.clock.pass(Elapsed::from_seconds(60));
    for life in &new {
        engine.settle(life).unwrap();
    }
    assert_eq!(engine.breakers.of(OperationKind::ResetCommit).status().state, BreakerState::Closed);
    for life in new.iter().chain(&quiet) {
        assert_eq!(engine.bytes(life), Some(engine.pure(life)));
    }
    assert_eq!(engine.tally().open(), 0);
}

/// A user whose state the store does not take, or whose commits always race, never opens the breaker, and all
/// others are settled.
///
/// Proves E6, W19.
#[test]
fn one_users_failures_stay_with_that_user() {
    let mut engine = Engine::new();
    let all = users(100, "user");
    for (n, life) in all.iter().enumerate() {
        for fail in [Fail::Rejected, Fail::Conflict, Fail::Rejected, Fail::Conflict] {
            let sick = Life::of("sick").daily(0, 5, 80.0);
            engine.store.fail(Stage::Commit, fail, 1);
            engine.settle(&sick).unwrap_err();
        }
        engine.settle(life).unwrap();
        let status = engine.breakers.of(OperationKind::ResetCommit).status();
        assert_eq!((status.state, status.failures), (BreakerState::Closed, 0), "after {n}");
    }
    assert!(all.iter().all(|life| engine.bytes(life) == Some(engine.pure(life))));
}

/// The store's own faults open the breaker however many users they are spread over, and only the breaker of
/// that kind of operation.
///
/// Proves E1, W19.
#[test]
fn the_stores_faults_open_one_breaker() {
    let mut engine = Engine::new();
    engine.store.fail(Stage::Commit, Fail::Storage, 3);
    for life in &users(3, "user") {
        engine.settle(life).unwrap_err();
    }
    for kind in OperationKind::ALL {
        let state = engine.breakers.of(kind).status().state;
        let expected =
            if kind == OperationKind::ResetCommit { BreakerState::Open } else { BreakerState::Closed };
        assert_eq!(state, expected, "{kind:?}");
    }
}

/// Two folds of one user from one base: the first to commit wins, the other gets a conflict that says so, folds
/// again on what there is now, and is committed. Nothing of the two is mixed.
///
/// Proves C7.
#[test]
fn of_two_that_race_one_wins_and_the_other_is_told() {
    let mut engine = Engine::new();
    let life = Life::of("ada").daily(0, 10, 80.0);
    engine.settle(&life).unwrap();
    let manual = life.clone().reset(20.0, "dr-who", "surgery");
    let (first, second) = (manual.clone().on(21.0, 74.0, "scale"), manual.on(60.0, 75.0, "scale"));
    let base = engine.store.version(life.user());

    let (store, clock) = (Rc::clone(&engine.store), Ticking::new());
    let (mut log, mut fence) = (ResetLog::new(life.user().clone()), &*store);
    let mut resetter =
        TransactionResetter::new(&mut log, &clock, &mut fence, 8).known(engine.known(life.user()));
    let (state, _) = fold_with(&second.events(), &engine.policy, &mut resetter);
    let staged = resetter.finish();
    let state = check(state, &engine.policy);

    engine.settle(&first).unwrap();
    let target = Target { base, state: &state };
    let error = staged.commit(&mut &*store, &engine.breakers, &clock, target).unwrap_err();
    let told = "the state moved from version 1 to 2 before commit; read it again and fold again";
    assert_eq!((error.code(), error.to_string().as_str()), ("reset_conflict", told));
    assert_eq!(engine.bytes(&first), Some(engine.pure(&first)), "the winner's bytes, all of them");
    let losers: Vec<_> = log.records().iter().map(|record| (record.outcome, record.reset)).collect();
    let planned = |kind| Some(AuditedReset::Planned(kind));
    let expected = [ResetKind::Manual, ResetKind::Hard].map(|kind| (AuditOutcome::RolledBack, planned(kind)));
    assert_eq!(losers, expected);

    engine.settle(&second).unwrap();
    assert_eq!(engine.store.version(life.user()), StateVersion::new(3));
    assert_eq!(engine.bytes(&second), Some(engine.pure(&second)));
}

/// Every manual reset counts, in the order of their keys, each in the name of who asked and with the reason they
/// gave; asking has a record of its own.
///
/// Proves C6, C7.
#[test]
fn every_manual_reset_counts_and_is_told_with_who_and_why() {
    let mut engine = Engine::new();
    let life = Life::of("ada").daily(0, 10, 80.0);
    engine.settle(&life).unwrap();
    // Told late and in no order, two of them for one instant.
    let life = life
        .reset(8.5, "b-clinic", "a cast")
        .reset(3.5, "dr-who", "surgery")
        .reset(8.5, "a-clinic", "a scale");
    let committed = engine.settle(&life).unwrap();
    let named: Vec<_> = committed
        .records
        .iter()
        .map(|record| (record.kind, record.who.clone(), record.reason.as_str(), record.effective))
        .collect();
    let by = |name: &str| AuditActor::Operator(Source::new(name).unwrap());
    let expected = [
        (AuditKind::ResetNew, by("dr-who"), "surgery", day(3.5)),
        (AuditKind::ResetNew, by("a-clinic"), "a scale", day(8.5)),
        (AuditKind::ResetNew, by("b-clinic"), "a cast", day(8.5)),
    ];
    assert_eq!(named, expected);

    let request = ManualRequest::of(life.facts.last().unwrap()).unwrap().record(engine.clock.now(), 3);
    assert_eq!(told(&[request]), ["reset_requested manual: a scale, accepted"]);
    assert_eq!(ManualRequest::of(&life.facts[0]), None);
}

/// The audit gets what is new, changed or gone, and nothing for a reset that is as it was.
///
/// Proves C6.
#[test]
fn the_audit_tells_what_is_new_changed_or_gone() {
    let mut engine = Engine::new();
    let life = Life::of("ada").daily(0, 5, 80.0).on(50.0, 80.0, "scale").on(100.0, 80.0, "scale");
    let committed = engine.settle(&life).unwrap();
    assert_eq!(
        told(&committed.records),
        [
            "reset_new initial: the first reading, committed",
            "reset_new hard: 46 days without an accepted reading, committed",
            "reset_new hard: 50 days without an accepted reading, committed",
        ]
    );

    let committed = engine.settle(&life).unwrap();
    assert_eq!(told(&committed.records), [""; 0], "met again, nothing is told");

    // A late reading shortens the first gap, another fills the second.
    let life = life.on(10.0, 80.1, "scale").on(75.0, 80.1, "scale");
    let committed = engine.settle(&life).unwrap();
    assert_eq!(
        told(&committed.records),
        [
            "reset_changed hard: 40 days without an accepted reading; it was hard: 46 days without an accepted \
             reading, committed",
            "reset_gone hard: 50 days without an accepted reading, committed",
        ]
    );
    let steps: Vec<_> = committed.records.iter().map(|record| record.steps.len()).collect();
    assert_eq!(steps, [4, 0]);
}

/// A lasting change of weight is told when its verdict is final, and taken back when it no longer is.
///
/// Proves C4, C6.
#[test]
fn level_shifts_are_audited_like_resets() {
    let mut engine = Engine::new();
    let before = Life::of("ada").daily(0, 30, 80.0);
    engine.settle(&before).unwrap();
    let shifted = before.clone().daily(30, 40, 66.0);
    let committed = engine.settle(&shifted).unwrap();
    let lines = told(&committed.records);
    let shift = "reset_new level_shift: the readings settled on another weight, committed";
    assert!(lines.contains(&shift.to_owned()), "{lines:?}");

    let committed = engine.settle(&before).unwrap();
    let lines = told(&committed.records);
    let gone = "reset_gone level_shift: the readings settled on another weight, committed";
    assert!(lines.contains(&gone.to_owned()), "{lines:?}");
}

/// Plans soft resets that break a rule. A policy within its bounds plans none.
struct Spoiled<R>(R);

impl<R: Resetter> Resetter for Spoiled<R> {
    fn reset(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused> {
        let mut plan = *plan;
        if plan.kind == ResetKind::Soft {
            plan.profile.decay = 7.0;
        }
        self.0.reset(state, &plan, policy)
    }
}

/// A reset that the rules refuse is a decision: it is told once, and the fold goes on without it.
///
/// Proves C1, C6.
#[test]
fn a_refused_reset_is_told_once_and_the_prior_state_goes_on() {
    let engine = Engine::new();
    let life = Life::of("ada").daily(0, 9, 80.0).on(10.0, 95.0, "care-team-upload").daily(11, 3, 80.0);
    let (plain, heard) = fold_with(&life.events(), &engine.policy, &mut Spoiled(PlainResetter));
    assert!(heard.resets.iter().any(|(plan, outcome)| plan.kind == ResetKind::Soft && outcome.is_err()));

    let mut log = ResetLog::new(life.user().clone());
    let mut settle = |known: &[ResetDecision]| {
        let mut fence = &*engine.store;
        let resetter = TransactionResetter::new(&mut log, &engine.clock, &mut fence, 8);
        let mut resetter = Spoiled(resetter.known(known.iter().copied()));
        let (state, same) = fold_with(&life.events(), &engine.policy, &mut resetter);
        assert_eq!((state.encode(), &same), (plain.encode(), &heard));
        let state = check(state, &engine.policy);
        let target = Target { base: engine.store.version(life.user()), state: &state };
        resetter.0.finish().commit(&mut &*engine.store, &engine.breakers, &engine.clock, target).unwrap()
    };
    let committed = settle(&[]);
    let lines = told(&committed.records);
    assert_eq!((lines.len(), lines[0].as_str()), (2, "reset_new initial: the first reading, committed"));
    assert!(lines[1].starts_with("reset_refused soft: a manual source departs by 1"), "{lines:?}");
    let step = committed.records[1].steps.last().unwrap();
    assert_eq!(
        (step.operation.as_str(), step.verdict.as_str()),
        ("adaptation_create", "adaptation.decay: 7, must be above 0 and at most 1")
    );
    assert_eq!(settle(&committed.decisions).records, []);
    assert_eq!((log.tally().refused, log.tally().committed, log.tally().unchanged), (1, 1, 2));
}

/// An engine that commits many users in one transaction of its own writes the records there and says what the store
/// answered. What the store does not know either is stuck, and looked for like any other.
///
/// Proves C3, C6.
#[test]
fn a_commit_made_elsewhere_says_how_it_went() {
    let engine = Engine::new();
    let life = Life::of("ada").daily(0, 5, 80.0);
    let state = check(fold_with(&life.events(), &engine.policy, &mut PlainResetter).0, &engine.policy);
    let target = Target { base: StateVersion::default(), state: &state };
    let fold = |log: &mut ResetLog, end: &dyn Fn(Staged<'_>)| {
        let mut fence = &*engine.store;
        let mut resetter = TransactionResetter::new(log, &engine.clock, &mut fence, 8);
        let _ = fold_with(&life.events(), &engine.policy, &mut resetter);
        let staged = resetter.finish();
        assert!(staged.needs_permit() && staged.fault().is_none());
        assert_eq!(told(&staged.records(day(9.0))), ["reset_new initial: the first reading, committed"]);
        end(staged);
    };
    let end = |staged: Staged<'_>, answer| {
        let records = staged.records(day(9.0));
        staged.end(target, records, answer, day(9.0))
    };
    let unknown = || CommitFault::Unknown { action: "commit", source: "no space left on device".into() };
    let mut log = ResetLog::new(life.user().clone());
    fold(&mut log, &|staged| {
        let committed = end(staged, Ok(StateVersion::new(1))).unwrap();
        assert_eq!((committed.version.get(), committed.records.len(), committed.decisions.len()), (1, 1, 1));
    });
    assert_eq!((log.tally().committed, log.records().len()), (1, 0));
    fold(&mut log, &|staged| staged.discard());
    assert_eq!((log.tally().held_back, log.records().len()), (1, 0));
    fold(&mut log, &|staged| {
        assert_eq!(
            end(staged, Err(CommitFault::Timeout { waited_ms: 1_000 })).unwrap_err().code(),
            "reset_fault"
        );
    });
    assert_eq!((log.tally().rolled_back, log.records().len()), (1, 1));
    fold(&mut log, &|staged| drop(staged));
    assert_eq!((log.tally().rolled_back, log.records().len(), log.tally().open()), (2, 2, 0));

    for _ in 0..2 {
        fold(&mut log, &|staged| assert_eq!(end(staged, Err(unknown())).unwrap_err().code(), "reset_stuck"));
    }
    assert_eq!((log.tally().stuck, log.stuck().len(), log.records().len()), (2, 2, 4));
    assert_eq!(log.resolve(&mut &*engine.store, day(9.0)).unwrap(), [Resolved::RolledBack; 2]);
    assert_eq!((log.tally().stuck, log.tally().rolled_back, log.records().len()), (0, 4, 6));

    // A fence that broke on the way says that the fold must not be committed.
    engine.store.fail(Stage::Persisted, Fail::Storage, 1);
    let mut fence = &*engine.store;
    let mut resetter = TransactionResetter::new(&mut log, &engine.clock, &mut fence, 8);
    let _ = fold_with(&life.events(), &engine.policy, &mut resetter);
    assert_eq!(resetter.finish().fault().map(CommitFault::code), Some("commit_storage"));
}

/// Users wait detached for one commit that all of them share; each hears of its end in a log of its own, and their
/// counts add up.
///
/// Proves C3, C6.
#[test]
fn detached_users_wait_for_a_commit_they_share() {
    let engine = Engine::new();
    let waiting = || -> Vec<_> {
        let fold = |life: &Life| {
            let mut log = ResetLog::new(life.user().clone());
            let mut fence = &*engine.store;
            let mut resetter = TransactionResetter::new(&mut log, &engine.clock, &mut fence, 8);
            let (state, _) = fold_with(&life.events(), &engine.policy, &mut resetter);
            let detached = resetter.finish().detach();
            assert!(detached.needs_permit() && detached.fault().is_none());
            assert_eq!((log.tally().opened, log.records().len()), (0, 0));
            (detached, check(state, &engine.policy), log)
        };
        users(5, "user").iter().map(fold).collect()
    };
    let ends: [fn() -> Result<StateVersion, CommitFault>; 2] =
        [|| Ok(StateVersion::new(1)), || Err(CommitFault::Cancelled)];
    for (end, expected) in ends.into_iter().zip([(1, 1, 0, 0), (1, 0, 1, 1)]) {
        for (detached, state, mut log) in waiting() {
            let staged = detached.attach(&mut log).unwrap();
            let records = staged.records(day(9.0));
            assert_eq!(told(&records), ["reset_new initial: the first reading, committed"]);
            let target = Target { base: StateVersion::default(), state: &state };
            assert_eq!(staged.end(target, records, end(), day(9.0)).is_ok(), expected.1 == 1);
            let tally = log.tally();
            assert_eq!((tally.opened, tally.committed, tally.rolled_back, log.records().len()), expected);
            assert_eq!(tally.open(), 0);
        }
    }

    // What is one user's never gets into another's log.
    let mut waiting = waiting();
    let (detached, _, _) = waiting.remove(0);
    let (_, _, other) = &mut waiting[0];
    let back = detached.attach(other).unwrap_err();
    assert_eq!((back.user().as_str(), other.tally().opened), ("user-0", 0));
    assert!(back.needs_permit());
}

/// A thousand resets leave a state as small as ten do, one record each, and nothing when they are met again.
///
/// Proves C6, W20.
#[test]
fn a_thousand_resets_leave_no_trace_in_the_state() {
    let mut engine = Engine::new();
    let size = |engine: &mut Engine, count: u32| {
        let mut life = Life::of(&format!("reset-{count}")).daily(0, 5, 80.0);
        for n in 0..count {
            life =
                life.reset(5.0 + f64::from(n), "dr-who", "a new scale").on(5.5 + f64::from(n), 80.0, "scale");
        }
        let committed = engine.settle(&life).unwrap();
        assert_eq!(committed.records.len(), count as usize + 1);
        assert_eq!(engine.settle(&life).unwrap().records, []);
        engine.bytes(&life).unwrap().len()
    };
    let (few, many) = (size(&mut engine, 10), size(&mut engine, 1_100));
    assert!(many <= few + 8, "{few} bytes after 10 resets, {many} after 1,100");
}
