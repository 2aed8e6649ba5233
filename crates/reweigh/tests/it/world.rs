//! What the tests of whole engines are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use reweigh::{Digest, Engine, EngineError, Machine, OpenFault, Part, Settings, Stepper, Stores};
use reweigh_judge::{Event, Sink, Taken, effective, fingerprint, fold, fold_on};
use reweigh_reading::{Clock, Fact, Instant, OrderKey, UserId};
use reweigh_redb::{Options, Owner, RedbStore};
use reweigh_state::{CheckedPolicy, Judged, Outcome, PlainResetter, Profile, UserState, Verdict};
use reweigh_store::{Faulty, MemoryStore, Store, StoreId};

/// A clock that is moved by hand.
#[derive(Clone, Debug)]
pub(crate) struct Hand(Arc<AtomicI64>, i64);

impl Hand {
    pub(crate) fn new() -> Self {
        let at: Instant = "2030-01-01T00:00:00Z".parse().unwrap();
        Self(Arc::new(AtomicI64::new(at.unix_micros())), 1)
    }

    /// A clock by which so much time goes by with each look.
    pub(crate) fn fast(us: i64) -> Self {
        Self(Self::new().0, us)
    }

    pub(crate) fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(1_000 * ms, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        // Time goes by while one looks.
        Instant::from_unix_micros(self.0.fetch_add(self.1, Ordering::SeqCst)).unwrap()
    }
}

pub(crate) fn policy() -> CheckedPolicy {
    Profile::Balanced.policy().check().unwrap()
}

pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new(StoreId::from_number(7))
}

pub(crate) fn open(store: &MemoryStore, settings: Settings, clock: &Hand) -> Engine {
    let store = store.clone();
    let stores = move || Ok(Arc::new(store.clone()) as Arc<dyn Store>);
    Engine::open(stores, policy(), settings.check().unwrap(), clock.clone()).unwrap()
}

/// The definition, and nothing else: what every user is settled at is the fold of the facts that hold.
pub(crate) fn by_definition(facts: &[Fact], policy: &CheckedPolicy) -> Digest {
    let mut users: BTreeMap<UserId, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        users.entry(fact.user().clone()).or_default().push(fact.clone());
    }
    let mut digest = Digest::default();
    for (user, facts) in users {
        digest.settled(&user, &fold(&effective(facts).events, policy).encode());
    }
    digest
}

/// Takes the steps of an engine without threads in an order that a seed decides.
#[derive(Default)]
pub(crate) struct Turns {
    machine: OnceLock<Machine>,
    dice: AtomicU64,
    /// The only worker that works, until all do.
    favourite: Mutex<Option<usize>>,
}

impl Turns {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { dice: AtomicU64::new(seed | 1), ..Self::default() })
    }

    /// Of the workers only this one works, until all are [let](Self::let_all).
    pub(crate) fn of(favourite: usize) -> Arc<Self> {
        Arc::new(Self { favourite: Mutex::new(Some(favourite)), dice: AtomicU64::new(7), ..Self::default() })
    }

    pub(crate) fn let_all(&self) {
        *self.favourite.lock().unwrap() = None;
    }

    fn dice(&self) -> u64 {
        let x = self.dice.load(Ordering::SeqCst);
        let x = x ^ (x << 13);
        let x = x ^ (x >> 7);
        let x = x ^ (x << 17);
        self.dice.store(x, Ordering::SeqCst);
        x
    }
}

impl Stepper for Turns {
    fn step(&self) -> bool {
        let Some(machine) = self.machine.get() else { return false };
        let mut parts = machine.parts();
        if let Some(favourite) = *self.favourite.lock().unwrap() {
            parts.retain(|part| !matches!(part, Part::Worker(number) if *number != favourite));
        }
        while !parts.is_empty() {
            let part = parts.swap_remove(usize::try_from(self.dice()).unwrap() % parts.len());
            if machine.step(part) {
                return true;
            }
        }
        false
    }

    fn pause(&self, _: Duration) {}
}

impl Turns {
    /// An engine without threads, whose steps these are.
    pub(crate) fn open(
        self: &Arc<Self>,
        stores: impl Stores + 'static,
        settings: Settings,
        clock: &Hand,
    ) -> Result<Engine, EngineError> {
        let stepper: Arc<dyn Stepper> = Arc::clone(self) as Arc<dyn Stepper>;
        let (engine, machine) =
            Engine::open_stepped(stores, policy(), settings.check().unwrap(), clock.clone(), stepper)?;
        assert!(self.machine.set(machine).is_ok());
        Ok(engine)
    }
}

/// An engine without threads, whose steps are taken in an order that a seed decides.
pub(crate) fn open_stepped(store: &MemoryStore, settings: Settings, clock: &Hand, seed: u64) -> Engine {
    let store = store.clone();
    Turns::new(seed).open(move || Ok(Arc::new(store.clone()) as Arc<dyn Store>), settings, clock).unwrap()
}

/// Names the first user whose state is not the fold of their facts: a digest says only that there is one.
pub(crate) fn tell_apart(engine: &Engine, facts: &[Fact]) {
    let users: BTreeSet<&UserId> = facts.iter().map(Fact::user).collect();
    for user in users {
        let own = facts.iter().filter(|fact| fact.user() == user).cloned();
        let expected = fold(&effective(own).events, &policy());
        let standing = engine.state(user).unwrap().unwrap_or_else(|| panic!("{user} is not known"));
        let settled =
            standing.settled.clone().unwrap_or_else(|| panic!("{user} is not settled: {standing:?}"));
        assert_eq!(settled.readings, expected.readings, "readings of {user}");
        assert_eq!(settled.encode(), expected.encode(), "{user}");
    }
}

/// A store that is opened again by mending it.
#[derive(Debug)]
pub(crate) struct Shared<S>(Arc<Faulty<S>>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store + 'static> Shared<S> {
    pub(crate) fn new(store: Faulty<S>) -> Self {
        Self(Arc::new(store))
    }
}

impl<S: Store + 'static> Stores for Shared<S> {
    fn open(&self) -> Result<Arc<dyn Store>, OpenFault> {
        self.0.heal();
        Ok(Arc::clone(&self.0) as Arc<dyn Store>)
    }
}

/// An engine on a store, with threads.
pub(crate) fn open_on(stores: impl Stores + 'static, settings: Settings, clock: &Hand) -> Engine {
    Engine::open(stores, policy(), settings.check().unwrap(), clock.clone()).unwrap()
}

/// A store on disk, in a folder.
pub(crate) fn on_disk(folder: &Path) -> Disk {
    Disk::new(&folder.join("weights.redb"))
}

/// A store on disk that knows what is asked of it beside the port.
pub(crate) struct Disk {
    path: PathBuf,
    handle: Mutex<Weak<RedbStore>>,
}

impl Disk {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), handle: Mutex::new(Weak::new()) }
    }
}

impl Stores for Disk {
    fn open(&self) -> Result<Arc<dyn Store>, OpenFault> {
        let owner = Owner { pid: 1, host: "test".to_owned(), since: "2030-01-01T00:00:00Z".to_owned() };
        let options = Options { create: Some(StoreId::from_number(7)), ..Options::new(owner) };
        let store = Arc::new(RedbStore::open(&self.path, options)?);
        *self.handle.lock().unwrap() = Arc::downgrade(&store);
        Ok(store)
    }

    fn compact(&self, _: &Arc<dyn Store>) -> Result<(), OpenFault> {
        Ok(self.handle.lock().unwrap().upgrade().unwrap().compact()?)
    }
}

/// What the fold says of each reading, by the place of the fact that tells it.
fn said_by_definition(facts: &[Fact]) -> BTreeMap<OrderKey, Verdict> {
    #[derive(Default)]
    struct Listener {
        keys: Vec<OrderKey>,
        said: BTreeMap<u64, Verdict>,
    }
    impl Sink for Listener {
        fn taken(&mut self, event: &Event, taken: &Taken) {
            if taken.number.is_some() {
                self.keys.push(event.key.clone());
            }
        }
        fn settled(&mut self, judged: &Judged) {
            self.said.insert(judged.number, judged.verdict);
        }
    }
    let policy = policy();
    let (mut listener, mut state) = (Listener::default(), UserState::unborn(fingerprint(&policy)));
    let events = effective(facts.to_vec()).events;
    fold_on(&mut state, &events, &policy, &mut PlainResetter, &mut listener);
    listener.said.extend(state.pending().map(|judged| (judged.number, judged.verdict)));
    let Listener { keys, said } = listener;
    (0..).zip(keys).filter_map(|(number, key)| Some((key, *said.get(&number)?))).collect()
}

/// Holds what the store says of each reading to what the fold says.
pub(crate) fn tell_verdicts_apart(store: &MemoryStore, facts: &[Fact]) {
    let users: BTreeSet<&UserId> = facts.iter().map(Fact::user).collect();
    for user in users {
        let own: Vec<Fact> = facts.iter().filter(|fact| fact.user() == user).cloned().collect();
        let expected = said_by_definition(&own);
        let history = store.history(user, None, usize::MAX).unwrap();
        let kept = history.facts.iter().chain(&history.told);
        let mut said: BTreeMap<OrderKey, Verdict> = BTreeMap::new();
        for recorded in kept {
            let lost = |verdict: Verdict| matches!(verdict.outcome, Outcome::Superseded | Outcome::Retracted);
            if let Some(verdict) = recorded.verdict.filter(|verdict| !lost(*verdict)) {
                assert!(
                    said.insert(recorded.fact.key(), verdict).is_none(),
                    "{user}: two verdicts at one place"
                );
            }
        }
        assert_eq!(said, expected, "verdicts of {user}");
    }
}
