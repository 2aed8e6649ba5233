use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::conformance::{Bench, PROMISES, hold};
use crate::faulty::Faults;
use crate::memory::MemoryStore;

const FAULTS: Faults = Faults { busy: 100, broken: 60, unknown: 250, conflicts: 250, delays: 50 };

/// A store that fails in every way, with other dice at each opening.
struct UnderFaults {
    store: MemoryStore,
    seed: AtomicU64,
    counts: Arc<Mutex<BTreeMap<&'static str, u64>>>,
}

impl UnderFaults {
    fn new(seed: u64) -> Self {
        let store = MemoryStore::new(StoreId::from_number(1));
        Self { store, seed: AtomicU64::new(seed), counts: Arc::default() }
    }
}

impl Bench for UnderFaults {
    fn open(&self) -> Box<dyn Store> {
        let seed = self.seed.fetch_add(1_000_003, Ordering::Relaxed);
        let counts = Arc::clone(&self.counts);
        let faulty = Faulty::new(self.store.clone(), seed, FAULTS)
            .with_witness(move |word| *counts.lock().unwrap().entry(word).or_default() += 1);
        Box::new(Patient::new(faulty))
    }

    fn open_backup(&self, path: &Path) -> Box<dyn Store> {
        Box::new(self.store.open_backup(path).unwrap())
    }

    fn backup_path(&self) -> PathBuf {
        PathBuf::from("backup")
    }
}

mod under_faults {
    use super::*;

    crate::promises!(UnderFaults::new(11));
}

/// Every promise under many dice, and every kind of fault often.
///
/// Proves A2, F1, F5.
#[test]
fn the_ways_out_that_are_written_down_lead_out() {
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in 0..12 {
        for promise in PROMISES {
            let bench = UnderFaults::new(seed);
            hold(promise.name, &bench);
            for (word, count) in bench.counts.lock().unwrap().iter() {
                *seen.entry(word).or_default() += count;
            }
        }
    }
    println!("{seen:?}");
    for word in ["busy", "broken", "unknown and kept", "unknown and lost", "conflict", "delay"] {
        assert!(seen.get(word).is_some_and(|count| *count > 500), "{word}: {seen:?}");
    }
}

/// A caller that does not look writes twice: a suite that passes without it proves nothing.
#[test]
fn a_caller_that_offers_again_without_looking_is_found_out() {
    let store = Faulty::new(MemoryStore::new(StoreId::from_number(1)), 5, FAULTS);
    for _ in 0..100 {
        while store.append(&[], &[]).is_err() {
            store.heal();
        }
    }
    assert!(store.inner().tail(Sequence::START, ALL).unwrap().len() > 100);
}
