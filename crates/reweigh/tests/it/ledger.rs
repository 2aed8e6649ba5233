//! Counts add up, whatever happens on the way.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;
use reweigh::{Batch, Engine, Ledger, Settings, Tally};
use reweigh_judge::{effective, fold_on};
use reweigh_reading::{Action, Fact, Instant, Measure, Revision, Source, Unit, UserId};
use reweigh_state::{Judged, Outcome, PlainResetter, UserState};

use crate::law::{Deed, deeds, fact, settings};
use crate::world::{Hand, memory, open, open_stepped, policy};

fn reading(user: &str, day: i64, kg: f64) -> Fact {
    let at = Instant::from_unix_seconds(1_760_000_000 + 86_400 * day).unwrap();
    let measure = Measure::new(kg, Unit::Kilogram).unwrap();
    Fact::reading(UserId::new(user).unwrap(), at, Source::new("scale").unwrap(), measure)
}

/// Hears every verdict, final or not, by the number of its reading.
#[derive(Default)]
struct Verdicts(HashMap<u64, Outcome>);

impl reweigh_judge::Sink for Verdicts {
    fn settled(&mut self, judged: &Judged) {
        self.0.insert(judged.number, judged.verdict.outcome);
    }
}

/// What each of a user's facts is counted as, by the definition alone.
fn by_definition(facts: &[Fact]) -> Vec<(Fact, &'static str)> {
    let all = effective(facts.iter().cloned());
    let mut state = UserState::unborn(reweigh_judge::fingerprint(&policy()));
    let mut verdicts = Verdicts::default();
    fold_on(&mut state, &all.events, &policy(), &mut PlainResetter, &mut verdicts);
    verdicts.0.extend(state.pending().map(|judged| (judged.number, judged.verdict.outcome)));
    let mut counted: Vec<(Fact, &'static str)> = Vec::new();
    let mut number = 0;
    for event in &all.events {
        let own = |fact: &&Fact| fact.key() == event.key && fact.id() == event.key.id();
        let telling = facts
            .iter()
            .filter(own)
            .max_by(|a, b| a.revision().cmp(&b.revision()).then_with(|| a.compare_payload(b)));
        let fact = telling.unwrap().clone();
        if fact.measure().is_some() {
            counted.push((fact, verdicts.0.get(&number).unwrap().as_str()));
            number += 1;
        } else {
            counted.push((fact, "correction"));
        }
    }
    let reading = |fact: &Fact, word| if fact.measure().is_some() { word } else { "correction" };
    counted.extend(all.superseded.into_iter().map(|it| (it.fact.clone(), reading(&it.fact, "superseded"))));
    counted.extend(all.retracted.into_iter().map(|fact| (fact.clone(), reading(&fact, "retracted"))));
    counted.extend(all.retractions.into_iter().chain(all.waiting).map(|fact| (fact, "correction")));
    counted
}

fn expected(rows: &[Fact]) -> Tally {
    let mut users: BTreeMap<&UserId, Vec<Fact>> = BTreeMap::new();
    let mut tally = Tally::default();
    for fact in rows {
        let own = users.entry(fact.user()).or_default();
        if own.contains(fact) {
            tally.duplicate += 1;
        } else {
            own.push(fact.clone());
        }
    }
    for facts in users.values() {
        let counted = by_definition(facts);
        assert_eq!(counted.len(), facts.len());
        for (_, word) in counted {
            *match word {
                "accepted" => &mut tally.accepted,
                "rejected" => &mut tally.rejected,
                "held" => &mut tally.held,
                "superseded" => &mut tally.superseded,
                "retracted" => &mut tally.retracted,
                _ => &mut tally.correction,
            } += 1;
        }
    }
    tally
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// After every step and every reopening the counts add up to the rows that were read, and what is settled is
    /// counted as the definition says. Handed in again, every row is a duplicate.
    ///
    /// Proves I3.
    #[test]
    fn every_row_is_counted_once(
        facts in proptest::collection::vec(fact(), 1..40),
        first in settings(),
        second in settings(),
        deeds in deeds(40),
        seed in any::<u64>(),
    ) {
        let (store, clock) = (memory(), Hand::new());
        let open = |settings: &Settings| open_stepped(&store, settings.clone(), &clock, seed);
        let (mut engine, mut reopened) = (open(&first), 0);
        let (mut ledger, mut rows) = (Ledger::new(), Vec::new());
        for deed in &deeds {
            match deed {
                Deed::Offer(places) => {
                    let batch: Vec<Fact> = places.iter().filter_map(|it| facts.get(*it).cloned()).collect();
                    ledger.add(&engine.ingest(batch.clone()).unwrap());
                    rows.extend(batch);
                }
                Deed::Settle => {
                    engine.settle().unwrap();
                    prop_assert_eq!(engine.tally(&ledger).unwrap(), expected(&rows));
                }
                Deed::Checkpoint => engine.checkpoint().unwrap(),
                Deed::Wait(ms) => clock.advance_ms(*ms),
                Deed::Reopen | Deed::Kill => {
                    if matches!(deed, Deed::Reopen) { engine.close().unwrap() } else { drop(engine) }
                    reopened += 1;
                    engine = open(if reopened % 2 == 0 { &first } else { &second });
                }
            }
            prop_assert_eq!(engine.tally(&ledger).unwrap().total(), rows.len() as u64);
            prop_assert_eq!(ledger.read(), rows.len() as u64);
        }
        engine.settle().unwrap();
        let in_memory = engine.tally(&ledger).unwrap();
        prop_assert_eq!(in_memory, expected(&rows));
        engine.digest().unwrap();
        prop_assert_eq!(engine.tally(&ledger).unwrap(), in_memory);

        let again = engine.ingest(rows.clone()).unwrap();
        engine.settle().unwrap();
        let tally = engine.outcome(&again).unwrap();
        prop_assert_eq!(tally, Tally { duplicate: rows.len() as u64, ..Tally::default() });
    }
}

/// A file that holds known and new rows, some of them twice: those that were there are duplicates, whoever brought them.
///
/// Proves I3.
#[test]
fn what_was_there_before_is_a_duplicate() {
    let engine = open(&memory(), Settings::default(), &Hand::new());
    let old: Vec<Fact> = (0..30).map(|day| reading("ada", day, 80.0)).collect();
    engine.ingest(old.clone()).unwrap();
    engine.digest().unwrap();
    let new: Vec<Fact> = (30..40).map(|day| reading("ada", day, 80.0)).collect();
    let mut ledger = Ledger::new();
    for fact in old.iter().take(7).chain(&new).chain(&new[..3]) {
        ledger.add(&engine.ingest(fact.clone()).unwrap());
    }
    engine.settle().unwrap();
    let tally = engine.tally(&ledger).unwrap();
    assert_eq!((tally.duplicate, tally.accepted, tally.total()), (10, 10, 20));
    assert_eq!(ledger.users().len(), 1);
}

/// Refused rows are counted, kept with their reason once, and listed.
///
/// Proves I3.
#[test]
fn what_is_refused_is_counted_and_kept() {
    let store = memory();
    let engine = open(&store, Settings::default(), &Hand::new());
    let batch = vec![reading("ada", 1, 80.0), reading("ada", 2, 900.0), reading("ada", 100_000 / 3, 80.0)];
    let receipt = engine.ingest(batch.clone()).unwrap();
    assert_eq!((receipt.accepted, receipt.refused, receipt.facts.len()), (1, 2, 1));
    engine.ingest(Batch::from(batch)).unwrap();
    engine.digest().unwrap();
    let tally = engine.outcome(&receipt).unwrap();
    assert_eq!(tally, Tally { accepted: 1, refused: 2, ..Tally::default() });
    let kept = reweigh_store::Store::rejects(&store, 0, 100).unwrap();
    let codes: HashSet<&str> = kept.iter().map(|(_, row)| row.code.as_str()).collect();
    assert_eq!((kept.len(), codes.len()), (2, 2));
}

/// An amendment counts by its reading's verdict, and what it stands in place of as superseded.
///
/// Proves I3, I2.
#[test]
fn an_amendment_counts_by_its_reading() {
    let engine: Engine = open(&memory(), Settings::default(), &Hand::new());
    let told = reading("ada", 1, 80.0);
    let source = Source::new("scale").unwrap();
    let amended = Action::Amend(Measure::new(80.4, Unit::Kilogram).unwrap());
    let amended =
        Fact::new(told.user().clone(), told.id().clone(), Revision::new(1), told.at(), source, amended);
    let first = engine.ingest(told).unwrap();
    let second = engine.ingest(amended).unwrap();
    engine.settle().unwrap();
    assert_eq!(engine.outcome(&first).unwrap(), Tally { superseded: 1, ..Tally::default() });
    assert_eq!(engine.outcome(&second).unwrap(), Tally { accepted: 1, ..Tally::default() });
}
