//! Every stage × every fault: the table that `docs/testing-resets.md` shows.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reweigh_reading::{Clock, Elapsed, OrderKey};
use reweigh_reset::{
    BreakerSettings, Breakers, Cause, Committed, OperationKind, ResetDecision, ResetError, ResetLog,
    ResetTask, ResetTransaction, Resolved, Stage, StateVersion, Target, TransactionResetter,
};
use reweigh_state::{
    AuditOutcome, AuditRecord, Chain, Checked, CheckedPolicy, Expectations, Fingerprint, Hypothesis,
    PastReset, PlainResetter, ResetKind, ResetPlan, Resetter, Scale, UserState, Window, source_hash,
};

use crate::clock::Ticking;
use crate::double::{Double, Fail, Row};
use crate::life::{balanced, day, source, user};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The work is called off.
    Error,
    /// A panic goes by.
    Panic,
    /// The stage makes something that breaks a rule.
    Invalid,
    /// The store fails.
    Storage,
    /// Another commit of the user came first.
    Conflict,
}

const FAULTS: [Fault; 5] = [Fault::Error, Fault::Panic, Fault::Invalid, Fault::Storage, Fault::Conflict];

/// A state after three weeks of readings, the last three in the window. It is made by hand, so that what the
/// audit says of it depends on nothing that the judge does.
fn three_weeks(policy: &CheckedPolicy) -> UserState {
    let mut body = *policy.prior();
    body.level = 80.0;
    let mut story = Hypothesis::first(&body);
    story.body.widen_level(0.25 - story.body.level_variance());
    (story.accepted, story.last_accepted) = (21, Some(day(20.0)));
    let mut state = UserState::unborn(Fingerprint::of(1, policy));
    state.key = Some(OrderKey::new(day(20.0), source("scale"), "r20".parse().unwrap()));
    state.last_reading = Some(day(20.0));
    state.readings = 21;
    state.tally.accepted = 18;
    state.chain = Chain::default().link(b"three weeks");
    state.scales[0] = Some(Scale { source: source_hash(&source("scale")), last: 20 });
    state.resets = vec![PastReset { kind: ResetKind::Initial, at: day(0.0) }];
    state.resets_in_all = 1;
    state.window = Window::empty_at(18);
    for at in [18.0, 19.0, 20.0] {
        let place = state.window.push(day(at)).unwrap();
        story.lags.put(place, &story.body);
    }
    state.hypotheses = vec![story];
    state
}

/// A user with three weeks of readings, settled as version 1, and a reset that is due.
struct Case {
    policy: CheckedPolicy,
    prior: UserState,
    plan: ResetPlan,
    store: Double,
}

impl Case {
    fn new() -> Self {
        let policy = balanced();
        let prior = three_weeks(&policy);
        let store = Double::default();
        let (clock, mut log) = (Ticking::new(), ResetLog::new());
        let mut fence = &store;
        let staged = TransactionResetter::new(&mut log, &clock, &mut fence, 1).finish();
        let state = Checked::state(prior.clone(), &expected(&policy)).unwrap();
        let target = Target { user: &user("ada"), base: StateVersion::default(), state: &state };
        staged.commit(&mut &store, &breakers(), &clock, target).unwrap();
        let plan = ResetPlan::new(ResetKind::Hard, day(65.0), 45.0, &policy);
        Self { policy, prior, plan, store }
    }

    /// Makes the stage, and none before it, break a rule.
    fn spoil(&mut self, stage: Stage) {
        match stage {
            Stage::FilterReset => {
                self.plan.kind = ResetKind::Soft;
                self.plan.profile.variance = -1.0;
            }
            Stage::AdaptationCreated => self.plan.profile.decay = 7.0,
            // Only a state that is broken already gets a broken window.
            Stage::BufferUpdated => self.prior.tally.accepted += 1,
            Stage::Persisted => self.plan.at = day(-1.0),
            Stage::Commit => self.store.fail(Stage::Commit, Fail::Rejected, 1),
        }
    }

    fn row(&self) -> Row {
        self.store.row(&user("ada")).unwrap()
    }

    /// The way of a fold with one reset: the resetter is asked, the result checked and committed.
    fn attempt(&self, log: &mut ResetLog, breakers: &Breakers, clock: &Ticking) -> Result<Committed, String> {
        let mut fence = &self.store;
        let mut resetter = TransactionResetter::new(log, clock, &mut fence, 42);
        let state = match resetter.reset(&self.prior, &self.plan, &self.policy) {
            Ok(applied) => applied.state,
            Err(_) => self.prior.clone(),
        };
        let staged = resetter.finish();
        let state = Checked::state(state, &expected(&self.policy))
            .map_err(|_| "the prior state is invalid too".to_owned())?;
        let base = self.store.version(&user("ada"));
        let target = Target { user: &user("ada"), base, state: &state };
        staged.commit(&mut &self.store, breakers, clock, target).map_err(|error| error.code().to_owned())
    }
}

fn expected(policy: &CheckedPolicy) -> Expectations<'_> {
    Expectations { fingerprint: Fingerprint::of(1, policy), policy }
}

fn breakers() -> Breakers {
    Breakers::new(BreakerSettings::default().check().unwrap(), |_| {})
}

/// What came of one cell of the matrix.
struct Cell {
    /// One line for the table.
    line: String,
    /// The audit records it left, committed or not.
    records: Vec<AuditRecord>,
}

fn run(stage: Stage, fault: Fault) -> Cell {
    let mut case = Case::new();
    let fail = match fault {
        Fault::Error => Some(Fail::Error),
        Fault::Panic => Some(Fail::Panic),
        Fault::Storage => Some(Fail::Storage),
        Fault::Conflict => Some(Fail::Conflict),
        Fault::Invalid => None,
    };
    match fail {
        Some(fail) => case.store.fail(stage, fail, 1),
        None => case.spoil(stage),
    }
    let (before, prior) = (case.row(), case.prior.encode());
    let (mut log, breakers, clock) = (ResetLog::new(), breakers(), Ticking::new());
    let ended = catch_unwind(AssertUnwindSafe(|| case.attempt(&mut log, &breakers, &clock)));
    let ended = match ended {
        Ok(Ok(committed)) => format!("committed as {}", committed.version),
        Ok(Err(error)) => error,
        Err(_) => "panic".to_owned(),
    };

    // Whatever it was: the prior state and the bytes in the store are what they were.
    let context = format!("{stage} × {fault:?}");
    assert_eq!(case.prior.encode(), prior, "{context}");
    assert_eq!(case.row().bytes, before.bytes, "{context}");
    assert_eq!(log.tally().open(), 0, "{context}: {:?}", log.tally());

    let resolved = if log.stuck().is_empty() {
        String::new()
    } else {
        let all = log.resolve(&mut &case.store).unwrap();
        assert_eq!(all, [Resolved::RolledBack], "{context}");
        ", then rolled back".to_owned()
    };
    let failures = breakers.of(OperationKind::ResetCommit).status().failures;
    log.flush(&mut &case.store, &user("ada"), &breakers, clock.now()).unwrap();
    let records = case.store.audit();
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.as_str()).collect();
    let line = format!("{ended}{resolved} | {} | {failures}", outcomes.join(", "));

    recovers(case, &context);
    Cell { line, records }
}

/// Once the fault is over, the very same work succeeds, and its bits are those of the plain chain.
fn recovers(mut case: Case, context: &str) {
    case.store.heal();
    let whole = Case::new();
    (case.prior, case.plan) = (whole.prior, whole.plan);
    let (mut log, clock) = (ResetLog::new(), Ticking::new());
    case.attempt(&mut log, &breakers(), &clock).unwrap();
    let plain = PlainResetter.reset(&case.prior, &case.plan, &case.policy).unwrap();
    assert_eq!(case.row().bytes, plain.state.encode(), "{context}");
    assert_eq!(log.tally().committed, 1, "{context}");
}

/// Wherever a fault of whichever kind hits a reset, the user's state is bit for bit what it was, the audit says
/// what happened, only the store's own faults count against it, and the next try succeeds.
///
/// Proves C1, C2, C3, C6, C7, W19.
#[test]
fn every_stage_and_every_fault() {
    let mut table =
        String::from("| stage | fault | ends as | audit | counted by the breaker |\n|---|---|---|---|---|\n");
    let mut audit = String::new();
    for stage in Stage::ALL {
        for fault in FAULTS {
            let cell = run(stage, fault);
            let fault = format!("{fault:?}").to_lowercase();
            writeln!(table, "| {stage} | {fault} | {} |", cell.line).unwrap();
            writeln!(audit, "\n# {stage} × {fault}").unwrap();
            cell.records.iter().for_each(|record| write_record(&mut audit, record));
        }
    }
    insta::assert_snapshot!("matrix", table);
    insta::assert_snapshot!("audit", audit);
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/testing-resets.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    assert!(docs.contains(&table), "docs/testing-resets.md shows another table; it should be\n{table}");
}

fn write_record(text: &mut String, record: &AuditRecord) {
    let reset = record.reset.map_or("none", |reset| reset.as_str());
    writeln!(
        text,
        "{} {reset} by {} at {}, written {}: {} -> {}, {} µs, correlation {}",
        record.kind.as_str(),
        record.who.as_str(),
        record.effective,
        record.recorded,
        record.reason,
        record.outcome.as_str(),
        record.micros,
        record.correlation
    )
    .unwrap();
    for step in &record.steps {
        writeln!(text, "  {} ({} µs): {}", step.operation, step.micros, step.verdict).unwrap();
        if !step.made.is_empty() {
            writeln!(text, "    {}", step.made).unwrap();
        }
    }
}

/// What a reset that is committed leaves in the audit: every checkpoint with what it made, its verdict and its
/// duration.
///
/// Proves C2, C6.
#[test]
fn a_committed_reset_keeps_its_checkpoints() {
    let case = Case::new();
    let (mut log, clock) = (ResetLog::new(), Ticking::new());
    let committed = case.attempt(&mut log, &breakers(), &clock).unwrap();
    assert_eq!(log.records(), []);
    assert_eq!(committed.records, case.store.audit());
    let mut text = String::new();
    committed.records.iter().for_each(|record| write_record(&mut text, record));
    insta::assert_snapshot!(text, @r"
    reset_new hard by step at 2026-03-07T07:00:00Z, written 2026-07-01T12:00:00.000010Z: 45 days without an accepted reading -> committed, 8 µs, correlation 42
      filter_reset (2 µs): valid
        stories 1, level 80.000 kg, variance 0.375 kg²
      adaptation_create (2 µs): valid
        factors 2 1.5 1, decay 0.7, for 10 readings or 21 days
      buffer_update (2 µs): valid
        verdicts made final 3, left open 0
      state_persist (2 µs): valid
        chain 8ab5c490c38dd4d698f5d991e5724e4f
    ");
}

/// After a commit of unknown outcome the store is looked at, and what is found there is what counts.
///
/// Proves C1, C6, C7.
#[test]
fn an_unknown_outcome_is_looked_up() {
    let outcome = |fail| {
        let case = Case::new();
        case.store.fail(Stage::Commit, fail, 1);
        let (mut log, clock) = (ResetLog::new(), Ticking::new());
        let ended = case.attempt(&mut log, &breakers(), &clock).map(|committed| committed.version.get());
        (
            ended,
            log.tally().committed,
            log.tally().rolled_back,
            log.tally().stuck,
            case.row().head.version.get(),
        )
    };
    assert_eq!(outcome(Fail::UnknownMade), (Ok(2), 1, 0, 0, 2));
    assert_eq!(outcome(Fail::UnknownNotMade), (Err("reset_fault".to_owned()), 0, 1, 0, 1));
    assert_eq!(outcome(Fail::Blind), (Err("reset_stuck".to_owned()), 0, 0, 1, 1));
}

/// A rollback that meets a fault is stuck: it has a handle, stays so while the store is blind, and is resolved
/// to what the store then says, whichever way the commit went.
///
/// Proves C1, C6.
#[test]
fn a_stuck_rollback_is_resolved_by_looking() {
    type After = (Fail, fn(&Case), Resolved, AuditOutcome);
    let version = StateVersion::new;
    let cases: [After; 4] = [
        (Fail::Blind, |_| {}, Resolved::RolledBack, AuditOutcome::RolledBack),
        (Fail::Panic, |_| {}, Resolved::RolledBack, AuditOutcome::RolledBack),
        (Fail::PanicMade, |_| {}, Resolved::Committed { version: version(2) }, AuditOutcome::Committed),
        (
            Fail::Blind,
            |case| {
                case.store.overtake(&user("ada"));
            },
            Resolved::Superseded { head: reweigh_reset::Head::default() },
            AuditOutcome::RolledBack,
        ),
    ];
    for (fail, meanwhile, expected, outcome) in cases {
        let case = Case::new();
        case.store.fail(Stage::Commit, fail, 1);
        let (mut log, clock, breakers) = (ResetLog::new(), Ticking::new(), breakers());
        let _ = catch_unwind(AssertUnwindSafe(|| case.attempt(&mut log, &breakers, &clock)));
        let stuck = &log.stuck()[0];
        assert_eq!((stuck.user(), stuck.base(), stuck.correlation()), (&user("ada"), version(1), 42));
        assert_eq!(stuck.records()[0].outcome, AuditOutcome::Stuck);

        // Nothing else of the user is tried meanwhile.
        let asked = case.store.asked.get();
        assert_eq!(case.attempt(&mut log, &breakers, &clock).unwrap_err(), "reset_unresolved");
        assert_eq!((case.store.asked.get(), log.tally().held_back), (asked, 1));

        case.store.blind.set(true);
        assert_eq!(log.resolve(&mut &case.store).unwrap_err().code(), "commit_storage");
        assert_eq!((log.tally().stuck, log.stuck().len()), (1, 1));

        meanwhile(&case);
        case.store.heal();
        let resolved = log.resolve(&mut &case.store).unwrap();
        let kind = std::mem::discriminant::<Resolved>;
        assert_eq!(resolved.iter().map(kind).collect::<Vec<_>>(), [kind(&expected)], "{fail:?}");
        if matches!(expected, Resolved::Committed { .. }) {
            assert_eq!(resolved, [expected]);
        }
        assert_eq!((log.tally().stuck, log.tally().open(), log.stuck().len()), (0, 0, 0));
        log.flush(&mut &case.store, &user("ada"), &breakers, clock.now()).unwrap();
        let outcomes: Vec<_> = case.store.audit().iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, [outcome], "{fail:?}");
    }
}

/// Records of what failed wait in the log while the store can't take them, and are written once.
///
/// Proves C6.
#[test]
fn records_of_failures_wait_until_they_are_written() {
    let case = Case::new();
    case.store.fail(Stage::Commit, Fail::Storage, 1);
    let (mut log, clock, breakers) = (ResetLog::new(), Ticking::new(), breakers());
    case.attempt(&mut log, &breakers, &clock).unwrap_err();
    case.store.blind.set(true);
    for _ in 0..3 {
        let error = log.flush(&mut &case.store, &user("ada"), &breakers, clock.now()).unwrap_err();
        assert_eq!(error.code(), "reset_audit_fault");
    }
    let error = log.flush(&mut &case.store, &user("ada"), &breakers, clock.now()).unwrap_err();
    assert_eq!(error.code(), "reset_held_back");
    assert_eq!(log.records().len(), 1);
    case.store.heal();
    clock.pass(Elapsed::from_seconds(60));
    for _ in 0..2 {
        log.flush(&mut &case.store, &user("ada"), &breakers, clock.now()).unwrap();
    }
    assert_eq!((log.records().len(), case.store.audit().len()), (0, 1));
}

fn go_so_far<'a>(task: ResetTask<'a>, log: &'a mut ResetLog, count: usize) -> Result<(), ResetError> {
    let first = ResetTransaction::begin(task, log)?;
    if count == 1 {
        return Ok(());
    }
    let second = first.create_adaptation()?;
    if count == 2 {
        return Ok(());
    }
    let third = second.update_buffer()?;
    if count == 3 {
        return Ok(());
    }
    let (_, staged) = third.persist()?.stage();
    drop(staged);
    Ok(())
}

/// The four stages by hand, dropped after each: a `?`, an early return and plain negligence are the same.
///
/// Proves C3.
#[test]
fn a_transaction_that_is_dropped_at_any_stage_is_rolled_back() {
    let case = Case::new();
    for stages in 1..=4 {
        let (mut log, clock, mut fence) = (ResetLog::new(), Ticking::new(), &case.store);
        let decision = ResetDecision::of_plan(&case.plan, false);
        let task = ResetTask {
            prior: &case.prior,
            plan: case.plan,
            policy: &case.policy,
            cause: Cause::step(&decision, 9),
            clock: &clock,
            fence: &mut fence,
        };
        let prior = case.prior.encode();
        go_so_far(task, &mut log, stages).unwrap();
        assert_eq!(case.prior.encode(), prior);
        let record = &log.records()[0];
        assert_eq!((log.tally().rolled_back, log.records().len()), (1, 1));
        assert_eq!((record.outcome, record.correlation), (AuditOutcome::RolledBack, 9));
        assert_eq!(record.steps.len(), stages + 1);
        assert_eq!(record.steps[stages].verdict, "dropped before it was committed");
    }
}
