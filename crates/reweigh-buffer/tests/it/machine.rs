//! Any sequence of calls, against a reference model of one line.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use reweigh_buffer::{
    Begun, BufferError, BufferLimits, Frozen, ReplayBuffer, Sequence, Snapshot, Stage, Token, Upto,
};
use reweigh_reading::{Elapsed, UserId};

use crate::stand::{add, held, numbers, second, user};

const USERS: usize = 9;
const TIMEOUT: i64 = 30;

#[derive(Clone, Debug)]
enum Call {
    Add(usize),
    /// With how many of the last readings left out, if any.
    Begin(usize, Option<usize>),
    Finalize(usize),
    Complete(usize),
    Abort(usize),
    Drop(usize),
    Wait(i64),
    Expire,
}

fn call() -> impl Strategy<Value = Call> {
    let who = 0..USERS;
    prop_oneof![
        8 => who.clone().prop_map(Call::Add),
        3 => (who.clone(), prop::option::of(0..3_usize)).prop_map(|(who, but)| Call::Begin(who, but)),
        3 => who.clone().prop_map(Call::Finalize),
        2 => who.clone().prop_map(Call::Complete),
        1 => who.clone().prop_map(Call::Abort),
        1 => who.prop_map(Call::Drop),
        1 => (1..20_i64).prop_map(Call::Wait),
        1 => Just(Call::Expire),
    ]
}

/// What a user's snapshot is, as the caller knows it.
enum Held {
    Begun(Snapshot, i64),
    Guard(Frozen),
}

struct Machine {
    buffer: ReplayBuffer,
    names: Vec<UserId>,
    open: BTreeMap<usize, Held>,
    now: i64,
    /// All that was ever added: whose, and its turn.
    added: Vec<(usize, Sequence)>,
    /// What has left memory: let go, or evicted.
    left: BTreeSet<u64>,
    versions: Vec<u64>,
}

impl Machine {
    fn new(limits: &BufferLimits) -> Self {
        Self {
            buffer: ReplayBuffer::new(limits).unwrap(),
            names: (0..USERS).map(|who| user(&format!("user {who}"))).collect(),
            open: BTreeMap::new(),
            now: 0,
            added: Vec::new(),
            left: BTreeSet::new(),
            versions: vec![0; USERS],
        }
    }

    /// The reference model: what is in memory is what was added and has not left, in the order in which it was added.
    fn expected(&self, who: usize) -> Vec<u64> {
        (0..)
            .zip(&self.added)
            .filter(|(n, of)| of.0 == who && !self.left.contains(n))
            .map(|(n, _)| n)
            .collect()
    }

    fn evict(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            let number = token.place.sequence;
            assert_eq!(token.user, self.names[self.added[usize::try_from(number).unwrap()].0]);
            assert!(self.left.insert(number), "{number} left twice");
        }
    }

    fn version_grew(&mut self, who: usize, version: u64) {
        assert!(version > self.versions[who], "version {version} after {}", self.versions[who]);
        self.versions[who] = version;
    }

    fn run(&mut self, call: &Call) {
        let now = second(self.now);
        match *call {
            Call::Add(who) => {
                let number = self.added.len() as u64;
                let added = add(&self.buffer, &self.names[who], number);
                if let Some((_, last)) = self.added.iter().rev().find(|(of, _)| *of == who) {
                    assert!(added.sequence > *last);
                }
                self.added.push((who, added.sequence));
                let pending = self.open.contains_key(&who);
                assert!(added.stage == Stage::Evicted || (added.stage == Stage::Pending) == pending);
                self.evict(added.evicted);
            }
            Call::Begin(who, but) => self.begin(who, but),
            Call::Finalize(who) => match self.open.remove(&who) {
                Some(Held::Begun(snapshot, began)) => match snapshot.finalize(now) {
                    Ok(frozen) => {
                        assert!(self.now - began < TIMEOUT);
                        self.open.insert(who, Held::Guard(frozen));
                    }
                    Err(error) => {
                        assert!(matches!(error, BufferError::TimedOut { .. }), "{error}");
                        assert!(self.now - began >= TIMEOUT);
                    }
                },
                other => self.open.extend(other.map(|held| (who, held))),
            },
            Call::Complete(who) => match self.open.remove(&who) {
                Some(Held::Guard(frozen)) => {
                    assert!(self.expected(who).starts_with(&numbers(&frozen)));
                    self.left.extend(numbers(&frozen));
                    let ended = frozen.complete(now);
                    assert_eq!(ended.waiting, self.expected(who).len());
                    self.version_grew(who, ended.version.get());
                }
                other => self.open.extend(other.map(|held| (who, held))),
            },
            Call::Abort(who) => match self.open.remove(&who) {
                Some(Held::Guard(frozen)) => self.version_grew(who, frozen.abort(now).version.get()),
                Some(Held::Begun(snapshot, _)) => {
                    if let Some(ended) = snapshot.abort(now) {
                        self.version_grew(who, ended.version.get());
                    }
                }
                None => {}
            },
            Call::Drop(who) => drop(self.open.remove(&who)),
            Call::Wait(seconds) => self.now += seconds,
            Call::Expire => {
                let timed_out: Vec<_> = self.buffer.expire(now).into_iter().map(|gone| gone.user).collect();
                // A snapshot that timed out is known to its holder only when they ask.
                let late = |held: &Held| matches!(held, Held::Begun(_, began) if self.now - began >= TIMEOUT);
                let names = &self.names;
                let due = self.open.iter().filter(|(_, held)| late(held)).map(|(who, _)| names[*who].clone());
                assert_eq!(timed_out.into_iter().collect::<BTreeSet<_>>(), due.collect());
                let now = self.now;
                self.open.retain(|_, held| !matches!(held, Held::Begun(_, began) if now - *began >= TIMEOUT));
            }
        }
    }

    fn begin(&mut self, who: usize, but: Option<usize>) {
        let expected = self.expected(who);
        let upto = but
            .and_then(|but| expected.iter().rev().nth(but))
            .map_or(Upto::Latest, |number| Upto::Sequence(self.added[usize::try_from(*number).unwrap()].1));
        match self.buffer.begin_snapshot(&self.names[who], upto, second(self.now)) {
            Ok(Begun { snapshot, evicted }) => {
                assert!(!self.open.contains_key(&who));
                self.version_grew(who, snapshot.version().get());
                assert!(evicted.iter().all(|token| token.user != self.names[who]));
                self.evict(evicted);
                self.open.insert(who, Held::Begun(snapshot, self.now));
            }
            Err(BufferError::Busy { .. }) => assert!(self.open.contains_key(&who)),
            Err(error) => assert!(matches!(error, BufferError::NoRoom { .. }), "{error}"),
        }
    }

    fn check(&self, limits: &BufferLimits) {
        let mut readings = 0;
        for (who, name) in self.names.iter().enumerate() {
            let expected = self.expected(who);
            assert_eq!(held(&self.buffer, name), expected);
            assert!(expected.len() <= 4 * limits.max_buffer_readings);
            readings += expected.len();
        }
        let stats = self.buffer.stats();
        assert_eq!(stats.live + stats.pending + stats.frozen, readings);
        assert_eq!(stats.snapshots, self.open.len());
        assert!(stats.bytes <= limits.memory_bytes_max);
        assert!(stats.bytes_most <= limits.memory_bytes_max);
    }
}

fn run(limits: &BufferLimits, calls: &[Call]) {
    let mut machine = Machine::new(limits);
    for call in calls {
        machine.run(call);
        machine.check(limits);
    }
    // Whatever is open goes, and everything is where it was.
    machine.open.clear();
    machine.check(limits);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Proves B2, B3, B4, B5, B6, W3, W4.
    #[test]
    fn nothing_is_lost_or_seen_twice(calls in prop::collection::vec(call(), 1..250)) {
        let limits = BufferLimits {
            max_buffer_readings: 4,
            snapshot_timeout: Elapsed::from_seconds(TIMEOUT),
            shards: 2,
            ..BufferLimits::default()
        };
        run(&limits, &calls);
    }

    /// Proves B7.
    #[test]
    fn nor_if_there_is_hardly_any_memory(calls in prop::collection::vec(call(), 1..250)) {
        // Four readings of each of nine users would take twice as much.
        let limits = BufferLimits { max_buffer_readings: 4, shards: 1, memory_bytes_max: 8_000, ..BufferLimits::default() };
        run(&limits, &calls);
    }
}
