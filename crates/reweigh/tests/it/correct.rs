//! What operators correct, and what they are told of it.

use proptest::prelude::*;
use reweigh::{Engine, EngineError, Settings};
use reweigh_judge::effective;
use reweigh_reading::{Fact, Instant, Measure, ReadingId, ResetReason, Source, Unit, UserId};
use reweigh_state::{AuditActor, AuditKind, Outcome};
use reweigh_store::{AuditEntry, AuditQuery, Faults, Faulty};

use crate::law::fact;
use crate::world::{Hand, Shared, by_definition, memory, on_disk, open, open_on, open_stepped, policy};

fn ada() -> UserId {
    UserId::new("ada").unwrap()
}

fn day(day: i64) -> Instant {
    Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap()
}

fn kg(value: f64) -> Measure {
    Measure::new(value, Unit::Kilogram).unwrap()
}

fn reading(at: i64, value: f64) -> Fact {
    Fact::reading(ada(), day(at), Source::new("scale").unwrap(), kg(value))
}

/// Amended, taken back, brought back: each is a fact with the next revision, whatever was settled meanwhile.
///
/// Proves I2.
#[test]
fn a_reading_is_amended_taken_back_and_brought_back() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open_on(on_disk(folder.path()), Settings::default(), &Hand::new());
    let facts: Vec<Fact> = (0..10).map(|at| reading(at, 80.0)).collect();
    engine.ingest(facts.clone()).unwrap();
    let id = facts[4].id();
    let outcome = |receipt| {
        engine.settle().unwrap();
        engine.outcome(receipt).unwrap()
    };
    // The reading may be anywhere on its way: it is found.
    let (first, revision) = engine.amend(&ada(), id, kg(80.5)).unwrap();
    assert_eq!((revision.get(), outcome(&first).accepted), (1, 1));
    let (second, revision) = engine.retract(&ada(), id).unwrap();
    assert_eq!((revision.get(), outcome(&second).correction, outcome(&first).retracted), (2, 1, 1));
    engine.checkpoint().unwrap();
    let (third, revision) = engine.amend(&ada(), id, kg(80.2)).unwrap();
    assert_eq!((revision.get(), outcome(&third).accepted, outcome(&first).superseded), (3, 1, 1));
    let mut all = Vec::new();
    engine.each_fact(|fact| all.push(fact.clone())).unwrap();
    assert_eq!(all.len(), 13);
    assert_eq!(engine.digest().unwrap(), by_definition(&all, &policy()));
    engine.close().unwrap();
}

/// A manual reset is a fact; who asked is in the audit, and retracting it undoes it.
///
/// Proves C6, C7, I2.
#[test]
fn a_manual_reset_is_asked_for_recorded_and_undone() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    engine.ingest((0..10).map(|at| reading(at, 80.0)).collect::<Vec<_>>()).unwrap();
    let before = engine.digest().unwrap();
    let clerk = Source::new("clerk").unwrap();
    let reason = ResetReason::new("a new scale").unwrap();
    let (receipt, id) = engine.reset(&ada(), day(5), &clerk, &reason).unwrap();
    let other = ResetReason::new("another new scale").unwrap();
    engine.reset(&ada(), day(7), &clerk, &other).unwrap();
    let with_resets = engine.digest().unwrap();
    assert_ne!(before, with_resets);
    assert_eq!(engine.outcome(&receipt).unwrap().correction, 1);
    let of_ada = AuditQuery { user: Some(ada()), ..AuditQuery::default() };
    let asked = engine.audit(&of_ada, 1_000).unwrap().into_iter().filter(|row| {
        matches!(&row.entry, AuditEntry::Reset(record)
            if record.kind == AuditKind::ResetRequested && record.who == AuditActor::Operator(clerk.clone()))
    });
    assert_eq!(asked.count(), 2);
    engine.retract(&ada(), &id).unwrap();
    let one_reset = engine.digest().unwrap();
    assert_ne!(one_reset, with_resets);
    let settled = engine.state(&ada()).unwrap().unwrap().settled.unwrap();
    assert_eq!(settled.resets_in_all, 2);
}

#[test]
fn what_cannot_be_corrected_is_said_and_changes_nothing() {
    let store = memory();
    let engine = open(&store, Settings::default(), &Hand::new());
    let told = reading(0, 80.0);
    engine.ingest(told.clone()).unwrap();
    let (clerk, reason) = (Source::new("clerk").unwrap(), ResetReason::new("x").unwrap());
    let (_, reset) = engine.reset(&ada(), day(0), &clerk, &reason).unwrap();
    let nothing: ReadingId = "nothing".parse().unwrap();
    let code = |error: EngineError| error.code();
    assert_eq!(code(engine.amend(&ada(), &nothing, kg(80.0)).unwrap_err()), "engine_no_reading");
    assert_eq!(
        code(engine.retract(&UserId::new("bob").unwrap(), told.id()).unwrap_err()),
        "engine_no_reading"
    );
    assert_eq!(code(engine.amend(&ada(), told.id(), kg(4_000.0)).unwrap_err()), "engine_refused");
    assert_eq!(code(engine.amend(&ada(), &reset, kg(80.0)).unwrap_err()), "engine_not_a_reading");
    let bob = UserId::new("bob").unwrap();
    assert_eq!(code(engine.reset(&bob, day(0), &clerk, &reason).unwrap_err()), "engine_no_user");
    let digest = engine.digest().unwrap();
    assert_eq!((digest.users, engine.rejects(0, 10).unwrap().len()), (1, 0));
}

/// What was said and is not true any more is told, with the verdict of before; it stays until it is told.
///
/// Proves H6.
#[test]
fn a_late_reading_that_turns_a_verdict_round_is_told() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    engine.ingest((0..15).map(|at| reading(at, 80.0)).collect::<Vec<_>>()).unwrap();
    engine.ingest(reading(40, 92.0)).unwrap();
    engine.digest().unwrap();
    let after = engine.revisions(0, 1_000).unwrap().last().unwrap().number;
    // The days between, found later, say that the change was true.
    engine
        .ingest((16..40_i32).map(|at| reading(i64::from(at), 72.0 + 0.5 * f64::from(at))).collect::<Vec<_>>())
        .unwrap();
    engine.digest().unwrap();
    let told = engine.revisions(after, 1_000).unwrap();
    assert!(!told.is_empty());
    let cause = told.iter().map(|told| told.cause.as_str()).collect::<Vec<_>>();
    assert!(cause.contains(&"late or corrected facts"), "{cause:?}");
    let history = engine.history(&ada()).unwrap();
    assert!(history.iter().any(|told| told.number > after));
    engine.told(history.last().unwrap().number).unwrap();
    assert!(engine.history(&ada()).unwrap().is_empty());
}

/// A verdict that flips is told once, as what it was and what it is.
///
/// Proves H6.
#[test]
fn a_verdict_that_flips_is_told_with_what_it_was() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    engine.ingest((0..15).map(|at| reading(at, 80.0)).collect::<Vec<_>>()).unwrap();
    engine.ingest(reading(15, 91.0)).unwrap();
    engine.digest().unwrap();
    engine.ingest((16..30).map(|at| reading(at, 91.0)).collect::<Vec<_>>()).unwrap();
    engine.digest().unwrap();
    let flips: Vec<_> = engine
        .history(&ada())
        .unwrap()
        .into_iter()
        .flat_map(|told| told.restatement.verdicts)
        .filter(|change| change.at == day(15))
        .collect();
    let (first, last) = (flips.first().unwrap(), flips.last().unwrap());
    assert_ne!(first.old.unwrap().outcome, Outcome::Accepted);
    assert_eq!(last.new.unwrap().outcome, Outcome::Accepted);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Conflicts and what waits are those of the set of facts, wherever the facts are.
    ///
    /// Proves I2.
    #[test]
    fn conflicts_and_what_waits_are_listed(
        facts in proptest::collection::vec(fact(), 1..50),
        cut in 0..50_usize,
        seed in any::<u64>(),
    ) {
        let engine = open_stepped(&memory(), Settings { turn_facts: 16, ..Settings::default() }, &Hand::new(), seed);
        let (first, rest) = facts.split_at(cut.min(facts.len()));
        engine.ingest(first.to_vec()).unwrap();
        engine.checkpoint().unwrap();
        engine.ingest(rest.to_vec()).unwrap();
        engine.settle().unwrap();
        for _ in 0..2 {
            let (mut lost, mut waiting) = (0, 0);
            for user in engine.users(None, 10).unwrap() {
                let own = effective(facts.iter().filter(|fact| *fact.user() == user).cloned());
                let conflicts = engine.conflicts(Some(&user)).unwrap();
                let losers = own.superseded.iter().filter(|it| it.conflict).count();
                prop_assert_eq!(conflicts.len(), losers);
                for conflict in &conflicts {
                    let winner = conflict.winner.as_ref().unwrap();
                    prop_assert!(winner.compare_payload(&conflict.loser).is_gt());
                }
                prop_assert_eq!(engine.waiting(Some(&user)).unwrap().len(), own.waiting.len());
                lost += losers;
                waiting += own.waiting.len();
            }
            prop_assert_eq!(engine.conflicts(None).unwrap().len(), lost);
            prop_assert_eq!(engine.waiting(None).unwrap().len(), waiting);
            engine.digest().unwrap();
        }
    }

    /// A store that fails now and then makes reading and correcting fail now and then, and never wrong.
    ///
    /// Proves I1, I3.
    #[test]
    fn over_a_store_that_fails_corrections_are_made_once(
        seed in any::<u64>(),
        values in proptest::collection::vec(78.0..82.0_f64, 4..30),
    ) {
        let faults = Faults { busy: 30, broken: 10, unknown: 10, ..Faults::default() };
        let store = Shared::new(Faulty::new(memory(), seed, faults));
        let settings = Settings { backoff_ms: 0, attempts: 20, ..Settings::default() };
        let engine = loop {
            // What fails while it is opened is the caller's to try again.
            let (policy, settings) = (policy(), settings.clone().check().unwrap());
            if let Ok(engine) = Engine::open(store.clone(), policy, settings, Hand::new()) {
                break engine;
            }
        };
        let mut told = Vec::new();
        for (at, value) in (0..).zip(&values) {
            let fact = reading(at, *value);
            while engine.ingest(fact.clone()).is_err() {}
            told.push(fact);
        }
        let id = told[1].id().clone();
        let amended = loop {
            if let Ok((_, revision)) = engine.amend(&ada(), &id, kg(80.0)) {
                break revision;
            }
        };
        prop_assert!(amended.get() >= 1);
        let mut all = Vec::new();
        while engine.each_fact(|fact| all.push(fact.clone())).is_err() {
            all.clear();
        }
        prop_assert!(told.iter().all(|fact| all.contains(fact)));
        let digest = loop {
            if let Ok(digest) = engine.digest() {
                break digest;
            }
        };
        prop_assert_eq!(digest, by_definition(&all, &policy()));
    }
}
