//! A hundred thousand faults, and what is left of them: nothing.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reweigh_reading::{Clock, Elapsed, OrderKey};
use reweigh_reset::{
    BreakerSettings, Breakers, OperationKind, ResetError, ResetLog, Stage, Target, TransactionResetter,
};
use reweigh_state::{
    AuditOutcome, Checked, CheckedPolicy, PlainResetter, ResetKind, ResetPlan, Resetter, UserState,
};

use crate::clock::Ticking;
use crate::double::{Double, Fail};
use crate::life::{Life, balanced, expectations, fold_with, user};

/// Injected faults: all of them in an optimised build, fewer where the check runs.
const FAULTS: u64 = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
/// The mix: which share of all attempts is hit at all, in percent. The others must succeed.
const HIT: u64 = 80;
/// Of those that are hit, each stage and each way to fail is as likely as any other.
const WAYS: [Fail; 13] = [
    Fail::Error,
    Fail::Panic,
    Fail::Rejected,
    Fail::Storage,
    Fail::Conflict,
    Fail::UnknownMade,
    Fail::UnknownNotMade,
    Fail::Blind,
    Fail::PanicMade,
    Fail::Overtaken,
    Fail::PanicOvertaken,
    Fail::Lost,
    Fail::Twin,
];

/// Numbers that look random and are the same on every run (Marsaglia's xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Lives of several shapes, folded: what resets are done to.
fn priors(policy: &CheckedPolicy) -> Vec<UserState> {
    let lives = [
        Life::of("ada").daily(0, 1, 80.0),
        Life::of("ada").daily(0, 40, 80.0),
        Life::of("ada").daily(0, 20, 80.0).on(21.0, 140.0, "scale").on(22.0, 66.0, "scale"),
        Life::of("ada").daily(0, 20, 80.0).daily(20, 3, 66.0),
        Life::of("ada").daily(0, 9, 80.0).on(60.0, 81.0, "care-team-upload").height(61.0, 1.7),
        Life::of("ada").daily(0, 9, 55.0).reset(12.0, "dr-who", "surgery").on(13.0, 50.0, "other"),
    ];
    lives.iter().map(|life| fold_with(&life.events(), policy, &mut PlainResetter).0).collect()
}

#[derive(Debug, Default)]
struct Counts {
    injected: u64,
    spared: u64,
    spared_committed: u64,
    /// Faults after which the commit turned out to be made, and was found out to be.
    found_made: u64,
    /// Commits of which the store has lost what would tell. They are neither.
    untold: u64,
    rolled_back: u64,
    clean: u64,
    recovered: u64,
    ways: BTreeMap<String, u64>,
}

/// Every transaction that is not hit succeeds. Every one that is hit leaves the prior state and the bytes in the
/// store exactly as they were, or exactly as they were meant if the store had committed already; and the same work
/// tried again succeeds with the bits of the plain chain.
///
/// Proves C1, C3, C8.
#[test]
fn a_hundred_thousand_faults_leave_nothing_behind() {
    let policy = balanced();
    let priors = priors(&policy);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut counts = Counts::default();
    while counts.injected < FAULTS {
        let prior = &priors[numbers.below(priors.len() as u64) as usize];
        let kind = ResetKind::ALL[1 + numbers.below(3) as usize];
        let end = prior.key.as_ref().map_or(reweigh_reading::Instant::UNIX_EPOCH, OrderKey::at);
        let plan = ResetPlan::new(kind, end.saturating_add(Elapsed::from_days(40)), 40.0, &policy);
        let hit = (numbers.below(100) < HIT).then(|| {
            let stage = Stage::ALL[numbers.below(Stage::ALL.len() as u64) as usize];
            (stage, WAYS[numbers.below(WAYS.len() as u64) as usize])
        });
        one(&policy, prior, &plan, hit, &mut counts);
    }
    let Counts {
        injected, spared, spared_committed, found_made, untold, rolled_back, clean, recovered, ..
    } = counts;
    eprintln!(
        "faults injected {injected}: rolled back {rolled_back}, clean {clean}, found to be committed {found_made}, \
         untold {untold}, recovered {recovered}; not hit {spared}, committed {spared_committed}"
    );
    assert_eq!(spared_committed, spared, "a transaction that is not hit succeeds");
    assert_eq!(rolled_back + found_made + untold, injected);
    assert_eq!(clean, rolled_back, "every rollback is clean");
    assert_eq!(recovered, injected, "the same work tried again succeeds");
    let rare = counts.ways.values().min().copied().unwrap_or(0);
    assert_eq!(counts.ways.len(), Stage::ALL.len() * WAYS.len());
    assert!(rare > FAULTS / 130, "every way came up: {:?}", counts.ways);
}

fn one(
    policy: &CheckedPolicy,
    prior: &UserState,
    plan: &ResetPlan,
    hit: Option<(Stage, Fail)>,
    counts: &mut Counts,
) {
    let (store, clock) = (Double::default(), Ticking::new());
    let breakers = Breakers::new(BreakerSettings::default().check().unwrap(), |_| {});
    let mut log = ResetLog::new(user("ada"));
    settle(&store, prior, policy, &breakers, &clock, &mut log);
    let (before, bits) = (store.row(&user("ada")).unwrap(), prior.encode());
    let meant = PlainResetter.reset(prior, plan, policy).unwrap().state.encode();
    if let Some((stage, fail)) = hit {
        store.fail(stage, fail, 1);
        *counts.ways.entry(format!("{stage} {fail:?}")).or_default() += 1;
    }
    let ended =
        catch_unwind(AssertUnwindSafe(|| reset(&store, prior, plan, policy, &breakers, &clock, &mut log)));
    let committed = matches!(ended, Ok(Ok(())));
    store.heal();
    log.resolve(&mut &store, clock.now()).unwrap();
    let row = store.row(&user("ada")).unwrap();
    let Some((stage, fail)) = hit else {
        counts.spared += 1;
        counts.spared_committed += u64::from(committed && row.bytes == meant);
        return;
    };
    // What the log says is what the store did.
    let tally = log.tally();
    let ended = (tally.committed, tally.rolled_back, tally.stuck, tally.open());
    let made = row.was_made(2);
    if made && fail == Fail::Lost {
        counts.untold += 1;
        assert_eq!(ended, (0, 0, 1, 0), "{hit:?}");
    } else if made {
        counts.found_made += 1;
        assert_eq!(ended, (1, 0, 0, 0), "{hit:?}");
        assert_eq!(row.bytes, meant, "{hit:?}");
    } else {
        counts.rolled_back += 1;
        // The same state by another commit is that commit's.
        let bytes = if (stage, fail) == (Stage::Commit, Fail::Twin) { &meant } else { &before.bytes };
        counts.clean += u64::from(row.bytes == *bytes && prior.encode() == bits && !committed);
        assert_eq!(ended, (0, 1, 0, 0), "{hit:?}");
        assert_eq!(log.records().last().unwrap().outcome, AuditOutcome::RolledBack, "{hit:?}");
    }
    counts.injected += 1;
    // The same work again, on whatever is settled now.
    let again = reset(&store, prior, plan, policy, &breakers, &clock, &mut log);
    let row = store.row(&user("ada")).unwrap();
    counts.recovered += u64::from(again.is_ok() && row.bytes == meant);
    assert!(breakers.of(OperationKind::ResetCommit).status().in_flight == 0, "{hit:?}");
}

fn settle(
    store: &Double,
    state: &UserState,
    policy: &CheckedPolicy,
    breakers: &Breakers,
    clock: &Ticking,
    log: &mut ResetLog,
) {
    let mut fence = store;
    let staged = TransactionResetter::new(log, clock, &mut fence, 1).finish();
    let state = Checked::state(state.clone(), &expectations(policy)).unwrap();
    let target = Target { base: store.version(&user("ada")), state: &state };
    staged.commit(&mut &*store, breakers, clock, target).unwrap();
}

fn reset(
    store: &Double,
    prior: &UserState,
    plan: &ResetPlan,
    policy: &CheckedPolicy,
    breakers: &Breakers,
    clock: &Ticking,
    log: &mut ResetLog,
) -> Result<(), ResetError> {
    let mut fence = store;
    let mut resetter = TransactionResetter::new(log, clock, &mut fence, 2);
    let applied = resetter.reset(prior, plan, policy).unwrap();
    let staged = resetter.finish();
    let state = Checked::state(applied.state, &expectations(policy)).unwrap();
    let target = Target { base: store.version(&user("ada")), state: &state };
    staged.commit(&mut &*store, breakers, clock, target).map(|_| ())
}
