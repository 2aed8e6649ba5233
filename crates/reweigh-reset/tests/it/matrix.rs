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
use crate::double::{Double, Fail, Memory, Row};
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
    /// Only a commit can fail like this.
    Commit(Fail),
}

/// What can hit every stage.
const FAULTS: [Fault; 5] = [Fault::Error, Fault::Panic, Fault::Invalid, Fault::Storage, Fault::Conflict];
/// What can hit the commit alone: whether it was made is not what its failing says.
const COMMIT_FAULTS: [Fault; 8] = [
    Fault::Commit(Fail::UnknownNotMade),
    Fault::Commit(Fail::UnknownMade),
    Fault::Commit(Fail::PanicMade),
    Fault::Commit(Fail::Overtaken),
    Fault::Commit(Fail::PanicOvertaken),
    Fault::Commit(Fail::Twin),
    Fault::Commit(Fail::Lost),
    Fault::Commit(Fail::Blind),
];

impl Fault {
    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Invalid => "invalid",
            Self::Storage => "storage",
            Self::Conflict => "conflict",
            Self::Commit(Fail::UnknownNotMade) => "unknown, not made",
            Self::Commit(Fail::UnknownMade) => "unknown, made",
            Self::Commit(Fail::PanicMade) => "panic, made",
            Self::Commit(Fail::Overtaken) => "unknown, made, overtaken",
            Self::Commit(Fail::PanicOvertaken) => "panic, made, overtaken",
            Self::Commit(Fail::Twin) => "unknown, not made, another made the same",
            Self::Commit(Fail::Lost) => "unknown, made, overtaken, forgotten",
            Self::Commit(Fail::Blind) => "unknown, not made, blind",
            Self::Commit(_) => "another",
        }
    }

    /// Whether the commit is made nevertheless.
    fn makes(self) -> bool {
        use Fail::{Lost, Overtaken, PanicMade, PanicOvertaken, UnknownMade};
        matches!(self, Self::Commit(UnknownMade | PanicMade | Overtaken | PanicOvertaken | Lost))
    }
}

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
        let (clock, mut log) = (Ticking::new(), ResetLog::new(user("ada")));
        let mut fence = &store;
        let staged = TransactionResetter::new(&mut log, &clock, &mut fence, 1).finish();
        let state = Checked::state(prior.clone(), &expected(&policy)).unwrap();
        let target = Target { base: StateVersion::default(), state: &state };
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
        let target = Target { base, state: &state };
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
        Fault::Commit(fail) => Some(fail),
        Fault::Invalid => None,
    };
    match fail {
        Some(fail) => case.store.fail(stage, fail, 1),
        None => case.spoil(stage),
    }
    let (before, prior) = (case.row(), case.prior.encode());
    let whole = Case::new();
    let meant = PlainResetter.reset(&whole.prior, &whole.plan, &whole.policy).unwrap().state.encode();
    let (mut log, breakers, clock) = (ResetLog::new(user("ada")), breakers(), Ticking::new());
    let ended = catch_unwind(AssertUnwindSafe(|| case.attempt(&mut log, &breakers, &clock)));
    let ended = match ended {
        Ok(Ok(committed)) => format!("committed as {}", committed.version),
        Ok(Err(error)) => error,
        Err(_) => "panic".to_owned(),
    };

    // Whatever it was: the prior state is what it was, and so are the bytes in the store, unless a commit was made.
    let context = format!("{stage} × {}", fault.as_str());
    assert_eq!(case.prior.encode(), prior, "{context}");
    let bytes = if fault.makes() || fault == Fault::Commit(Fail::Twin) { &meant } else { &before.bytes };
    assert_eq!(case.row().bytes, *bytes, "{context}");
    assert_eq!(log.tally().open(), 0, "{context}: {:?}", log.tally());

    // What is stuck is written as that, and then looked for.
    case.store.blind.set(false);
    let failures = breakers.of(OperationKind::ResetCommit).status().failures;
    log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
    let resolved: String = log.resolve(&mut &case.store, clock.now()).unwrap().iter().map(then).collect();
    log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
    let mut records = case.store.audit();
    records.retain(|record| record.correlation == 42);
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.as_str()).collect();

    // The audit never says that what was made was not, nor the other way round.
    let refused = outcomes.contains(&"refused");
    assert_eq!(outcomes.contains(&"committed") || refused, case.row().was_made(42), "{context}");
    assert!(!(outcomes.contains(&"rolled_back") && case.row().was_made(42)), "{context}");
    let line = format!("{ended}{resolved} | {} | {failures}", outcomes.join(", "));

    recovers(case, &context);
    Cell { line, records }
}

fn then(resolved: &Resolved) -> String {
    match resolved {
        Resolved::Committed { version } => format!(", then found as {version}"),
        Resolved::RolledBack => ", then rolled back".to_owned(),
        Resolved::Superseded { found } => format!(", then rolled back, {found} is another's"),
        Resolved::Untold { found } => format!(", then untold, {found} is another's"),
    }
}

/// Once the fault is over, the very same work succeeds, and its bits are those of the plain chain.
fn recovers(mut case: Case, context: &str) {
    case.store.heal();
    let whole = Case::new();
    (case.prior, case.plan) = (whole.prior, whole.plan);
    let (mut log, clock) = (ResetLog::new(user("ada")), Ticking::new());
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
    let cells = Stage::ALL.into_iter().flat_map(|stage| FAULTS.map(|fault| (stage, fault)));
    for (stage, fault) in cells.chain(COMMIT_FAULTS.map(|fault| (Stage::Commit, fault))) {
        let cell = run(stage, fault);
        let fault = fault.as_str();
        writeln!(table, "| {stage} | {fault} | {} |", cell.line).unwrap();
        writeln!(audit, "\n# {stage} × {fault}").unwrap();
        cell.records.iter().for_each(|record| write_record(&mut audit, record));
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
    let (mut log, clock) = (ResetLog::new(user("ada")), Ticking::new());
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

/// After a commit of unknown outcome the store is looked at, and what is found there is what counts, by whatever the
/// store tells it.
///
/// Proves C1, C6, C7.
#[test]
fn an_unknown_outcome_is_looked_up() {
    for memory in [Memory::Correlations, Memory::Audit] {
        let outcome = |fail| {
            let case = Case::new();
            case.store.memory.set(memory);
            case.store.fail(Stage::Commit, fail, 1);
            let (mut log, clock) = (ResetLog::new(user("ada")), Ticking::new());
            let ended = case.attempt(&mut log, &breakers(), &clock).map(|committed| committed.version.get());
            let tally = log.tally();
            (ended, tally.committed, tally.rolled_back, tally.stuck, case.row().version().get())
        };
        let err = |code: &str| Err(code.to_owned());
        assert_eq!(outcome(Fail::UnknownMade), (Ok(2), 1, 0, 0, 2));
        assert_eq!(outcome(Fail::UnknownNotMade), (err("reset_fault"), 0, 1, 0, 1));
        assert_eq!(outcome(Fail::Blind), (err("reset_stuck"), 0, 0, 1, 1));
        // Made, whatever came after it.
        assert_eq!(outcome(Fail::Overtaken), (Ok(2), 1, 0, 0, 3));
        // Not made, whoever made the same.
        assert_eq!(outcome(Fail::Twin), (err("reset_conflict"), 0, 1, 0, 2));
        // Made, and nobody can tell any more: then nobody says that it was rolled back.
        assert_eq!(outcome(Fail::Lost), (err("reset_untold"), 0, 0, 1, 3));
    }
}

/// That the state is the one that was meant does not say that it came from this commit: its records may be lost.
///
/// Proves C6, C7.
#[test]
fn an_equal_state_is_not_taken_for_the_commit_that_meant_it() {
    let case = Case::new();
    case.store.fail(Stage::Commit, Fail::Twin, 1);
    let (mut log, clock) = (ResetLog::new(user("ada")), Ticking::new());
    assert_eq!(case.attempt(&mut log, &breakers(), &clock).unwrap_err(), "reset_conflict");
    assert_eq!((log.tally().committed, log.tally().rolled_back, log.records().len()), (0, 1, 1));
}

/// A rollback that meets a fault is stuck: it has a handle and a record, stays so while the store is blind, and is
/// resolved to what the store then says, whichever way the commit went and whoever came after it.
///
/// Proves C1, C6.
#[test]
fn a_stuck_rollback_is_resolved_by_looking() {
    use AuditOutcome::{Committed as Made, RolledBack as Back, Stuck};
    use Memory::{Audit, Correlations};
    let version = StateVersion::new;
    let made = Resolved::Committed { version: version(2) };
    let superseded = Resolved::Superseded { found: version(2) };
    let cases: [(Fail, bool, Memory, Resolved, &[AuditOutcome]); 12] = [
        (Fail::Blind, false, Correlations, Resolved::RolledBack, &[Stuck, Back]),
        (Fail::Panic, false, Correlations, Resolved::RolledBack, &[Stuck, Back]),
        (Fail::PanicMade, false, Correlations, made, &[Made, Stuck]),
        (Fail::Blind, true, Correlations, superseded, &[Stuck, Back]),
        (Fail::Panic, true, Correlations, superseded, &[Stuck, Back]),
        (Fail::PanicMade, true, Correlations, made, &[Made, Stuck]),
        (Fail::Panic, false, Audit, Resolved::RolledBack, &[Stuck, Back]),
        (Fail::Panic, true, Audit, superseded, &[Stuck, Back]),
        (Fail::PanicMade, true, Audit, made, &[Made, Stuck]),
        (Fail::Panic, false, Memory::None, Resolved::RolledBack, &[Stuck, Back]),
        // Nobody can tell, and nobody claims to.
        (Fail::Panic, true, Memory::None, Resolved::Untold { found: version(2) }, &[Stuck]),
        (Fail::PanicMade, true, Memory::None, Resolved::Untold { found: version(3) }, &[Made, Stuck]),
    ];
    for (fail, overtaken, memory, expected, outcomes) in cases {
        let context = format!("{fail:?}, overtaken {overtaken}, {memory:?}");
        let (case, mut log, clock, breakers) = stuck(fail);
        case.store.memory.set(memory);

        case.store.blind.set(true);
        assert_eq!(log.resolve(&mut &case.store, clock.now()).unwrap_err().code(), "commit_storage");
        assert_eq!((log.tally().stuck, log.stuck().len()), (1, 1));
        case.store.heal();
        if overtaken {
            case.store.overtake(&user("ada"));
        }
        log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
        assert_eq!(log.resolve(&mut &case.store, clock.now()).unwrap(), [expected], "{context}");
        assert_eq!((log.tally().open(), log.stuck().len()), (0, 0), "{context}");
        assert_eq!(log.tally().stuck, u64::from(matches!(expected, Resolved::Untold { .. })), "{context}");
        log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
        let written: Vec<_> = case.store.audit().iter().map(|record| record.outcome).collect();
        assert_eq!(written, outcomes, "{context}");
        // The user is free.
        case.attempt(&mut log, &breakers, &clock).unwrap();
    }
}

/// A case whose commit is stuck. Nothing else of the user is tried meanwhile.
fn stuck(fail: Fail) -> (Case, ResetLog, Ticking, Breakers) {
    let case = Case::new();
    case.store.fail(Stage::Commit, fail, 1);
    let (mut log, clock, breakers) = (ResetLog::new(user("ada")), Ticking::new(), breakers());
    let _ = catch_unwind(AssertUnwindSafe(|| case.attempt(&mut log, &breakers, &clock)));
    let stuck = &log.stuck()[0];
    let told = (stuck.user(), stuck.base(), stuck.correlation(), stuck.sought().records.len());
    assert_eq!(told, (&user("ada"), StateVersion::new(1), 42, 1));
    assert_eq!((stuck.records(), stuck.records()[0].outcome), (log.records(), AuditOutcome::Stuck));
    let asked = case.store.asked.get();
    assert_eq!(case.attempt(&mut log, &breakers, &clock).unwrap_err(), "reset_unresolved");
    assert_eq!((case.store.asked.get(), log.tally().held_back), (asked, 1));
    (case, log, clock, breakers)
}

/// A store that never says is no reason to leave a user behind: an operator lets go, in their name. What was made is
/// not overwritten unseen, because the next commit names the version it stands on.
///
/// Proves C6, E6.
#[test]
fn an_operator_lets_go_of_what_nobody_will_ever_know() {
    for fail in [Fail::Blind, Fail::PanicMade] {
        let (case, mut log, clock, breakers) = stuck(fail);
        case.store.heal();
        let known = case.store.version(&user("ada"));
        assert_eq!(log.let_go(&source("dr-who"), "the disk is gone", clock.now()), 1);
        assert_eq!((log.stuck().len(), log.tally().stuck, log.tally().rolled_back), (0, 1, 0));
        let last = log.records().last().unwrap();
        assert_eq!(
            (last.outcome, last.who.as_str(), last.correlation),
            (AuditOutcome::Stuck, "operator", 42)
        );
        let why = "let go without knowing whether version 1 was replaced: the disk is gone";
        assert_eq!(last.reason, why);
        log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
        let committed = case.attempt(&mut log, &breakers, &clock).unwrap();
        assert_eq!(committed.version.get(), known.get() + 1);
        assert_eq!(log.let_go(&source("dr-who"), "again", clock.now()), 0);
    }
}

/// Records of what failed wait in the log while the store can't take them, and are written once.
///
/// Proves C6.
#[test]
fn records_of_failures_wait_until_they_are_written() {
    let case = Case::new();
    case.store.fail(Stage::Commit, Fail::Storage, 1);
    let (mut log, clock, breakers) = (ResetLog::new(user("ada")), Ticking::new(), breakers());
    case.attempt(&mut log, &breakers, &clock).unwrap_err();
    case.store.blind.set(true);
    for _ in 0..3 {
        let error = log.flush(&mut &case.store, &breakers, clock.now()).unwrap_err();
        assert_eq!(error.code(), "reset_audit_fault");
    }
    let error = log.flush(&mut &case.store, &breakers, clock.now()).unwrap_err();
    assert_eq!(error.code(), "reset_held_back");
    assert_eq!(log.records().len(), 1);
    case.store.heal();
    clock.pass(Elapsed::from_seconds(60));
    for _ in 0..2 {
        log.flush(&mut &case.store, &breakers, clock.now()).unwrap();
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

/// A refusal is in the log, whichever stage it was and whatever the caller does with the error.
///
/// Proves C6.
#[test]
fn a_refusal_is_in_the_log_whoever_runs_the_stages() {
    for stage in [Stage::FilterReset, Stage::AdaptationCreated, Stage::BufferUpdated, Stage::Persisted] {
        let mut case = Case::new();
        case.spoil(stage);
        let (mut log, clock, mut fence) = (ResetLog::new(user("ada")), Ticking::new(), &case.store);
        let task = ResetTask {
            prior: &case.prior,
            plan: case.plan,
            policy: &case.policy,
            cause: Cause::step(&ResetDecision::of_plan(&case.plan, false), 9),
            clock: &clock,
            fence: &mut fence,
        };
        let error = go_so_far(task, &mut log, 4).unwrap_err();
        let ResetError::Refused(refusal) = error else { panic!("{error}") };
        assert_eq!(refusal.stage, stage);
        assert_eq!(log.records(), [refusal.record()]);
        assert_eq!((log.tally().refused, log.tally().open()), (1, 0));
        log.flush(&mut &case.store, &breakers(), clock.now()).unwrap();
        assert_eq!(case.store.audit(), [refusal.record()]);
    }
}

/// The four stages by hand, dropped after each: a `?`, an early return and plain negligence are the same.
///
/// Proves C3.
#[test]
fn a_transaction_that_is_dropped_at_any_stage_is_rolled_back() {
    let case = Case::new();
    for stages in 1..=4 {
        let (mut log, clock, mut fence) = (ResetLog::new(user("ada")), Ticking::new(), &case.store);
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
