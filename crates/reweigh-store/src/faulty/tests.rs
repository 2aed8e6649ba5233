use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use reweigh_reading::{Measure, Source, Unit};

use super::*;
use crate::commit::UserCommit;
use crate::conformance::Bench;
use crate::error::Remedy;
use crate::memory::MemoryStore;

/// A store behind one that only delays: it must keep every promise.
struct Delayed(MemoryStore);

impl Bench for Delayed {
    fn open(&self) -> Box<dyn Store> {
        let faults = Faults { delays: 500, ..Faults::default() };
        Box::new(Faulty::new(self.0.clone(), 3, faults))
    }

    fn open_backup(&self, path: &Path) -> Box<dyn Store> {
        Box::new(self.0.open_backup(path).unwrap())
    }

    fn backup_path(&self) -> PathBuf {
        PathBuf::from("backup")
    }
}

mod delayed {
    use super::*;

    crate::promises!(Delayed(MemoryStore::new(StoreId::from_number(1))));
}

fn fact(second: i64) -> Fact {
    let at = Instant::from_unix_seconds(second).unwrap();
    Fact::reading(user(), at, Source::unknown(), Measure::new(80.0, Unit::Kilogram).unwrap())
}

fn user() -> UserId {
    UserId::new("ada").unwrap()
}

fn seconds(facts: impl IntoIterator<Item = Fact>) -> BTreeSet<i64> {
    facts.into_iter().map(|fact| fact.at().unix_micros() / 1_000_000).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Proves F1, F5.
    #[test]
    fn what_was_acknowledged_is_there_and_what_was_refused_is_not(seed in any::<u64>()) {
        let faults = Faults { busy: 100, broken: 50, unknown: 100, conflicts: 100, delays: 100 };
        let store = Faulty::new(MemoryStore::new(StoreId::from_number(1)), seed, faults);
        let (mut acknowledged, mut refused) = (BTreeSet::new(), BTreeSet::new());
        for second in 0..60 {
            let appended = store.append(&[fact(second)], &[]);
            match &appended {
                Ok(_) => { acknowledged.insert(second); }
                Err(StoreError::Unknown { .. }) => {}
                Err(_) => { refused.insert(second); }
            }
            if second % 7 == 0 && let Ok(sequence) = appended {
                let rows = store.inner().tail(Sequence::START, 1_000).unwrap();
                let facts: Vec<Fact> = rows.into_iter().flat_map(|row| row.facts).collect();
                let users = vec![UserCommit::facts(user(), facts)];
                let _ = store.commit(&Checkpoint { users, mark: Some(sequence), ..Checkpoint::at(Instant::UNIX_EPOCH) });
            }
            if second % 3 == 0 {
                store.heal();
            }
        }
        let store = store.inner();
        let tail = store.tail(Sequence::START, 1_000).unwrap().into_iter().flat_map(|row| row.facts);
        let kept = store.history(&user(), None, 1_000).unwrap().facts.into_iter().map(|recorded| recorded.fact);
        let there = seconds(tail.chain(kept));
        prop_assert!(acknowledged.is_subset(&there), "lost {:?}", acknowledged.difference(&there));
        prop_assert!(refused.is_disjoint(&there), "refused and there {:?}", refused.intersection(&there));
    }
}

#[test]
fn the_same_seed_fails_in_the_same_way() {
    let run = |seed| {
        let faults = Faults { busy: 200, unknown: 200, ..Faults::default() };
        let store = Faulty::new(MemoryStore::new(StoreId::from_number(1)), seed, faults);
        (0..50)
            .map(|n| {
                store.heal();
                store.append(&[fact(n)], &[]).map_err(|error| error.code())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_fault_says_what_can_be_done() {
    let store = |faults| Faulty::new(MemoryStore::new(StoreId::from_number(1)), 1, faults);
    let busy = store(Faults { busy: 1_000, ..Faults::default() }).mark().unwrap_err();
    assert_eq!((busy.code(), busy.remedy()), ("store_busy", Remedy::Retry));
    let broken = store(Faults { broken: 1_000, ..Faults::default() });
    let error = broken.mark().unwrap_err();
    assert_eq!((error.code(), error.remedy()), ("store_io", Remedy::Reopen));
    assert_eq!(broken.mark().unwrap_err().code(), "store_poisoned");
}

#[test]
fn a_delay_calls_its_hook() {
    let waited = Arc::new(AtomicU64::new(0));
    let hook = Arc::clone(&waited);
    let store = Faulty::new(
        MemoryStore::new(StoreId::from_number(1)),
        1,
        Faults { delays: 1_000, ..Faults::default() },
    )
    .with_delay(move |delay| {
        hook.fetch_add(1 + u64::try_from(delay.as_millis()).unwrap(), Ordering::Relaxed);
    });
    store.mark().unwrap();
    assert!(waited.load(Ordering::Relaxed) > 0);
}
