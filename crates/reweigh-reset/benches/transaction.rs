//! What a reset costs as a transaction, over the four operations alone.
//!
//! `cargo bench -p reweigh-reset --bench transaction`
//!
//! Beside criterion's means it prints percentiles of single resets, plain and transacted by turns, each timed alone.
//! The clock is a real one, so what a transaction asks of it is in the figures.

#![expect(clippy::unwrap_used, reason = "a bench that cannot set itself up stops")]
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]

use std::hint::black_box;
use std::time;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use reweigh_judge::{effective, fold};
use reweigh_reading::{Clock, Elapsed, Fact, Instant, Measure, OrderKey, Source, Unit, UserId};
use reweigh_reset::{
    BreakerSettings, Breakers, Commit, CommitFault, CommitPort, ResetDecision, ResetLog, Sought,
    StateVersion, Target, Trace, TransactionResetter, Unfenced,
};
use reweigh_state::{
    AuditRecord, Checked, CheckedPolicy, Expectations, PlainResetter, Profile, ResetKind, ResetPlan,
    Resetter, UserState,
};

const SAMPLES: usize = 200_000;

/// Real time, counted from the first look.
struct Watch(time::Instant);

impl Clock for Watch {
    fn now(&self) -> Instant {
        let micros = i64::try_from(self.0.elapsed().as_micros()).unwrap_or(i64::MAX);
        Instant::UNIX_EPOCH.saturating_add(Elapsed::from_micros(micros))
    }
}

/// A store that takes everything and keeps nothing.
struct Nowhere;

impl CommitPort for Nowhere {
    fn look(&mut self, sought: &Sought<'_>) -> Result<Trace, CommitFault> {
        Ok(Trace::NotMade { found: sought.base })
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<StateVersion, CommitFault> {
        black_box(commit.records);
        Ok(StateVersion::new(commit.base.get() + 1))
    }

    fn record(&mut self, _user: &UserId, _records: &[AuditRecord]) -> Result<(), CommitFault> {
        Ok(())
    }
}

/// A state after some readings. Those that are far off make it weigh several stories.
fn state(policy: &CheckedPolicy, last: &[f64]) -> UserState {
    let user = UserId::new("ada").unwrap();
    let start: Instant = "2026-01-01T07:00:00Z".parse().unwrap();
    let values = (0..30).map(|n| 80.0 + f64::from(n % 5) * 0.2).chain(last.iter().copied());
    let facts = values.enumerate().map(|(n, kg)| {
        let at = start.saturating_add(Elapsed::from_days(i64::try_from(n).unwrap()));
        let measure = Measure::new(kg, Unit::Kilogram).unwrap();
        Fact::reading(user.clone(), at, Source::new("scale").unwrap(), measure)
    });
    fold(&effective(facts).events, policy)
}

struct Case {
    policy: CheckedPolicy,
    prior: UserState,
    plan: ResetPlan,
    clock: Watch,
    breakers: Breakers,
    user: UserId,
}

impl Case {
    fn new(last: &[f64]) -> Self {
        let policy = Profile::Balanced.policy().check().unwrap();
        let prior = state(&policy, last);
        let at = prior.key.as_ref().map_or(Instant::UNIX_EPOCH, OrderKey::at);
        let plan = ResetPlan::new(ResetKind::Hard, at.saturating_add(Elapsed::from_days(40)), 40.0, &policy);
        let breakers = Breakers::new(BreakerSettings::default().check().unwrap(), |_| {});
        let clock = Watch(time::Instant::now());
        Self { policy, prior, plan, clock, breakers, user: UserId::new("ada").unwrap() }
    }

    fn log(&self) -> ResetLog {
        ResetLog::new(self.user.clone())
    }

    fn plain(&self) -> UserState {
        PlainResetter.reset(black_box(&self.prior), &self.plan, &self.policy).unwrap().state
    }

    /// The reset as a transaction, up to where it waits for its commit.
    fn transacted(&self, log: &mut ResetLog) -> UserState {
        let mut fence = Unfenced;
        let mut resetter = TransactionResetter::new(log, &self.clock, &mut fence, 1);
        let applied = resetter.reset(black_box(&self.prior), &self.plan, &self.policy).unwrap();
        resetter.finish().discard();
        applied.state
    }

    /// The same, committed with its audit record.
    fn committed(&self, log: &mut ResetLog, state: &Checked<UserState>) -> StateVersion {
        let mut fence = Unfenced;
        let mut resetter = TransactionResetter::new(log, &self.clock, &mut fence, 1);
        black_box(resetter.reset(black_box(&self.prior), &self.plan, &self.policy).unwrap());
        let target = Target { base: StateVersion::default(), state };
        resetter.finish().commit(&mut Nowhere, &self.breakers, &self.clock, target).unwrap().version
    }

    fn unchanged(&self, log: &mut ResetLog, known: &[ResetDecision]) -> UserState {
        let mut fence = Unfenced;
        let mut resetter =
            TransactionResetter::new(log, &self.clock, &mut fence, 1).known(known.iter().copied());
        let applied = resetter.reset(black_box(&self.prior), &self.plan, &self.policy).unwrap();
        resetter.finish().discard();
        applied.state
    }

    fn checked(&self) -> Checked<UserState> {
        let expectations = Expectations { fingerprint: self.prior.fingerprint, policy: &self.policy };
        Checked::state(self.plain(), &expectations).unwrap()
    }
}

fn cases() -> [(&'static str, Case); 2] {
    [("one story", Case::new(&[])), ("several stories", Case::new(&[66.0, 140.0]))]
}

fn means(c: &mut Criterion) {
    for (name, case) in cases() {
        let mut group = c.benchmark_group(format!("reset, {name} of {}", case.prior.hypotheses.len()));
        let state = case.checked();
        let known = [ResetDecision::of_plan(&case.plan, false)];
        group.bench_function("plain", |b| b.iter(|| case.plain()));
        group.bench_function("transaction", |b| {
            b.iter_batched_ref(|| case.log(), |log| case.transacted(log), BatchSize::SmallInput);
        });
        group.bench_function("transaction, committed nowhere", |b| {
            b.iter_batched_ref(|| case.log(), |log| case.committed(log, &state), BatchSize::SmallInput);
        });
        group.bench_function("unchanged", |b| {
            b.iter_batched_ref(|| case.log(), |log| case.unchanged(log, &known), BatchSize::SmallInput);
        });
        group.finish();
    }
}

/// Proves C8.
fn percentiles(_c: &mut Criterion) {
    eprintln!("single resets, µs, {SAMPLES} of each by turns");
    eprintln!("| state | what | p50 | p99 | p99.9 |");
    for (name, case) in cases() {
        let state = case.checked();
        let mut log = case.log();
        let mut times: [Vec<u128>; 4] = Default::default();
        let [nothing, plain, transacted, committed] = &mut times;
        for _ in 0..SAMPLES {
            timed(nothing, || ());
            timed(plain, || case.plain());
            timed(transacted, || case.transacted(&mut log));
            timed(committed, || case.committed(&mut log, &state));
        }
        let names = ["the timer itself", "plain", "transaction", "transaction, committed nowhere"];
        for (what, times) in names.iter().zip(&mut times) {
            times.sort_unstable();
            eprintln!("| {name} | {what} | {} | {} | {} |", at(times, 500), at(times, 990), at(times, 999));
        }
    }
}

fn timed<T>(times: &mut Vec<u128>, work: impl FnOnce() -> T) {
    let start = time::Instant::now();
    black_box(work());
    times.push(start.elapsed().as_nanos());
}

/// The value that so many in a thousand do not exceed, in µs.
fn at(sorted: &[u128], per_mille: usize) -> String {
    let nanos = sorted.get(sorted.len() * per_mille / 1_000).copied().unwrap_or_default();
    format!("{}.{:03}", nanos / 1_000, nanos % 1_000)
}

criterion_group!(benches, means, percentiles);
criterion_main!(benches);
