//! The books of a shard, worked out anew after each call.

use proptest::prelude::*;
use reweigh_reading::{Elapsed, Fact, Instant, Measure as Kilos, Source, Unit, UserId};

use super::{Shard, Who};
use crate::entry::{JournalPlace, Version};
use crate::limits::{BufferLimits, Rules};
use crate::slot::Measure;

#[derive(Clone, Copy, Debug)]
enum Call {
    Add(u8),
    Begin(u8),
    PutBack(u8),
    LetGo(u8),
}

fn call() -> impl Strategy<Value = Call> {
    let who = 0..20_u8;
    prop_oneof![
        6 => who.clone().prop_map(Call::Add),
        2 => who.clone().prop_map(Call::Begin),
        1 => who.clone().prop_map(Call::PutBack),
        1 => who.prop_map(Call::LetGo),
    ]
}

/// Texts of different lengths, so that what is given back is not by chance what was taken.
fn name(who: u8) -> UserId {
    UserId::new(&"x".repeat(1 + usize::from(who) * 5)).unwrap()
}

fn add(shard: &mut Shard, rules: &Rules, who: u8) {
    let source = Source::new(&"s".repeat(1 + usize::from(who))).unwrap();
    let fact =
        Fact::reading(name(who), Instant::UNIX_EPOCH, source, Kilos::new(80.0, Unit::Kilogram).unwrap());
    let place = JournalPlace { sequence: 0, offset: 0 };
    let sequence = shard.next_sequence();
    let hash = u64::from(who);
    match shard.room(rules, hash, &fact) {
        Some(room) => shard.push(rules, room, fact, place, sequence, None),
        None => shard.add_and_evict(rules, hash, fact, place, sequence),
    };
}

fn ticket(shard: &Shard, who: Who<'_>) -> Option<Version> {
    let at = shard.find(who)?;
    shard.table.slot(at).open.as_ref().map(|open| open.ticket)
}

fn begin(shard: &mut Shard, rules: &Rules, who: Who<'_>) {
    if shard.room_for_snapshot(rules, who, None).is_ok() {
        let ticket = shard.raise_version(who);
        shard.freeze(rules, who, None, ticket, Instant::UNIX_EPOCH).unwrap();
    }
}

fn run(shard: &mut Shard, rules: &Rules, call: Call) {
    let (Call::Add(of) | Call::Begin(of) | Call::PutBack(of) | Call::LetGo(of)) = call;
    let user = name(of);
    let who = Who { user: &user, hash: u64::from(of) };
    match (call, ticket(shard, who)) {
        (Call::Add(_), _) => add(shard, rules, of),
        (Call::Begin(_), None) => begin(shard, rules, who),
        (Call::PutBack(_), Some(ticket)) => {
            let open = shard.close(who, ticket).unwrap();
            shard.put_back(who, open);
            shard.forget_if_empty(rules, who);
        }
        (Call::LetGo(_), Some(ticket)) => {
            let open = shard.close(who, ticket).unwrap();
            shard.count_completed(open.frozen.len(), Elapsed::ZERO);
            shard.forget_if_empty(rules, who);
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn counts_are_what_there_is(calls in prop::collection::vec(call(), 1..400), bytes in 8_000..20_000_usize) {
        let limits =
            BufferLimits { max_buffer_readings: 3, shards: 1, memory_bytes_max: bytes, ..BufferLimits::default() };
        let rules = limits.check().unwrap();
        let mut shard = Shard::new();
        for call in calls {
            run(&mut shard, &rules, call);
            let (mut sum, mut waiting) = (Measure::default(), 0);
            for (_, slot) in shard.table.idle().chain(shard.table.busy()) {
                waiting += slot.queue.len();
                sum.replace(Measure::default(), slot.measure());
            }
            prop_assert_eq!(shard.total, sum);
            prop_assert_eq!(shard.waiting(), waiting);
            prop_assert!(shard.bytes() <= rules.bytes_max);
        }
    }
}
