//! The table against two plain lists.

use proptest::prelude::*;
use reweigh_reading::{Instant, UserId};

use super::Table;
use crate::entry::Version;
use crate::queue::Queue;
use crate::slot::{Open, Slot, Who};
use crate::sync::Arc;

#[derive(Clone, Copy, Debug)]
enum Call {
    Insert(u16),
    Remove(u16),
    PassOver(u16),
    Begin(u16),
    End(u16),
}

fn call() -> impl Strategy<Value = Call> {
    let key = 0..200_u16;
    prop_oneof![
        4 => key.clone().prop_map(Call::Insert),
        3 => key.clone().prop_map(Call::Remove),
        3 => key.clone().prop_map(Call::PassOver),
        1 => key.clone().prop_map(Call::Begin),
        1 => key.prop_map(Call::End),
    ]
}

fn name(key: u16) -> UserId {
    UserId::new(&key.to_string()).unwrap()
}

/// Few hashes, so that users meet in the index.
fn hash(key: u16) -> u64 {
    u64::from(key % 16) << 57 | u64::from(key % 5)
}

fn open() -> Open {
    let frozen = Arc::new(Queue::new());
    Open { ticket: Version(1), began: Instant::UNIX_EPOCH, finalized: false, frozen }
}

fn users<'a>(list: impl Iterator<Item = (super::At, &'a Slot)>) -> Vec<UserId> {
    list.map(|(_, slot)| slot.user.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn users_are_found_and_in_order(calls in prop::collection::vec(call(), 1..600), roomy: bool) {
        let mut table = Table::new();
        let (mut idle, mut busy) = (Vec::<UserId>::new(), Vec::<UserId>::new());
        for call in calls {
            let (Call::Insert(key) | Call::Remove(key) | Call::PassOver(key) | Call::Begin(key) | Call::End(key)) = call;
            let user = name(key);
            let found = table.find(hash(key), &user);
            prop_assert_eq!(found.is_some(), idle.contains(&user) || busy.contains(&user));
            match (call, found) {
                (Call::Insert(_), None) => {
                    let at = table.insert(Slot::new(Who { user: &user, hash: hash(key) }, Version(0)));
                    prop_assert_eq!(at, table.find(hash(key), &user));
                    idle.push(user);
                }
                (Call::Remove(_), Some(at)) => {
                    let slot = table.remove(at, if roomy { usize::MAX } else { 0 });
                    prop_assert_eq!(&slot.user, &user);
                    idle.retain(|other| *other != user);
                    busy.retain(|other| *other != user);
                }
                (Call::PassOver(_), Some(at)) => {
                    table.pass_over(at);
                    let list = if idle.contains(&user) { &mut idle } else { &mut busy };
                    list.retain(|other| *other != user);
                    list.push(user);
                }
                (Call::Begin(_), Some(at)) if idle.contains(&user) => {
                    table.relist(at, |slot| slot.open = Some(Box::new(open())));
                    idle.retain(|other| *other != user);
                    busy.push(user);
                }
                (Call::End(_), Some(at)) if busy.contains(&user) => {
                    table.relist(at, |slot| slot.open = None);
                    busy.retain(|other| *other != user);
                    idle.push(user);
                }
                _ => {}
            }
            prop_assert_eq!(users(table.idle()), &idle[..]);
            prop_assert_eq!(users(table.busy()), &busy[..]);
            prop_assert_eq!(table.len(), idle.len() + busy.len());
        }
    }
}

#[test]
fn a_table_that_empties_gives_its_memory_back() {
    let mut table = Table::new();
    for key in 0..10_000 {
        table.insert(Slot::new(Who { user: &name(key), hash: hash(key) }, Version(0)));
    }
    let full = table.bytes();
    while table.len() > 100 {
        let at = table.idle().next().unwrap().0;
        table.remove(at, usize::MAX);
    }
    assert!(table.bytes() < full / 20, "{} of {full} B left", table.bytes());
}
