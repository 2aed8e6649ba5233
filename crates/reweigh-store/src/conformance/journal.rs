//! Promises of the journal.

use super::Bench;
use super::world::{MANY, at, readings, user};
use crate::commit::{Checkpoint, UserCommit};
use crate::error::{Remedy, StoreError};
use crate::journal::{Rejected, Sequence};
use crate::port::Store;

pub(super) fn rejected(row: &str, code: &str) -> Rejected {
    Rejected {
        row: row.as_bytes().to_vec(),
        code: code.to_owned(),
        reason: format!("{row} is {code}"),
        origin: "readings.csv:7".to_owned(),
        received: at(9),
    }
}

fn mark(store: &dyn Store, sequence: Sequence) {
    store.commit(&Checkpoint { mark: Some(sequence), ..Checkpoint::at(at(1)) }).unwrap();
}

pub(super) fn an_acknowledged_append_survives(bench: &dyn Bench) {
    let facts = readings("ada", [3, 1, 2]);
    let store = bench.open();
    let id = store.id();
    let sequence = store.append(&facts, &[]).unwrap();
    drop(store);
    let store = bench.open();
    assert_eq!(store.id(), id);
    let rows = store.tail(Sequence::START, MANY).unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].sequence, &rows[0].facts), (sequence, &facts));
}

pub(super) fn rows_come_in_order_and_in_portions(bench: &dyn Bench) {
    let store = bench.open();
    let all: Vec<Sequence> =
        (1..=20).map(|n| store.append(&readings("ada", n * 10..n * 10 + 5), &[]).unwrap()).collect();
    assert!(all.is_sorted());
    let mut read = Vec::new();
    let mut after = Sequence::START;
    loop {
        let rows = store.tail(after, 12).unwrap();
        let Some(last) = rows.last() else { break };
        assert!(rows.len() <= 3, "12 facts are in 3 rows of 5");
        after = last.sequence;
        read.extend(rows.into_iter().map(|row| row.sequence));
    }
    assert_eq!(read, all);
}

pub(super) fn rejected_rows_ride_along(bench: &dyn Bench) {
    let store = bench.open();
    let rejects = [rejected("ada,x", "weight_not_a_number"), rejected("\u{7f}", "user_control_character")];
    let sequence = store.append(&[], &rejects).unwrap();
    drop(store);
    let row = bench.open().journal_row(sequence).unwrap().unwrap();
    assert_eq!(row.rejects, rejects);
    assert!(row.facts.is_empty());
}

pub(super) fn the_mark_hides_and_pruning_removes(bench: &dyn Bench) {
    let store = bench.open();
    let rows: Vec<Sequence> = (1..=4).map(|n| store.append(&readings("ada", [n]), &[]).unwrap()).collect();
    assert_eq!(store.mark().unwrap(), Sequence::START);
    mark(&*store, rows[2]);
    let left = |store: &dyn Store| -> Vec<Sequence> {
        store.tail(Sequence::START, MANY).unwrap().into_iter().map(|row| row.sequence).collect()
    };
    assert_eq!(left(&*store), [rows[3]]);
    drop(store);
    let store = bench.open();
    assert_eq!(store.mark().unwrap(), rows[2]);
    assert_eq!(left(&*store), [rows[3]]);
    let pruned = store.prune().unwrap();
    assert!(pruned <= 3, "opening may have pruned already");
    assert_eq!(store.prune().unwrap(), 0);
    assert_eq!(store.journal_row(rows[2]).unwrap(), None);
    assert_eq!(left(&*store), [rows[3]]);
}

pub(super) fn the_mark_stays_within_the_journal(bench: &dyn Bench) {
    let store = bench.open();
    let rows: Vec<Sequence> = (1..=3).map(|n| store.append(&readings("ada", [n]), &[]).unwrap()).collect();
    mark(&*store, rows[1]);
    for wrong in [rows[0], Sequence::new(rows[2].get() + 1)] {
        let users = vec![UserCommit::facts(user("ada"), readings("ada", [1]))];
        let checkpoint = Checkpoint { users, mark: Some(wrong), ..Checkpoint::at(at(1)) };
        let error = store.commit(&checkpoint).unwrap_err();
        assert!(matches!(error, StoreError::Mark { .. }), "{error}");
        assert_eq!((error.code(), error.remedy()), ("store_mark", Remedy::FixInput));
    }
    assert_eq!(store.load(&user("ada")).unwrap(), None, "nothing of a refused checkpoint is there");
    assert_eq!(store.mark().unwrap(), rows[1]);
}

pub(super) fn numbers_are_never_used_again(bench: &dyn Bench) {
    let store = bench.open();
    let first = store.append(&readings("ada", [1]), &[]).unwrap();
    mark(&*store, first);
    store.prune().unwrap();
    drop(store);
    let store = bench.open();
    let second = store.append(&readings("ada", [2]), &[]).unwrap();
    assert!(second > first);
    assert_eq!(store.tail(Sequence::START, MANY).unwrap().len(), 1);
}

pub(super) fn a_row_is_read_by_its_number(bench: &dyn Bench) {
    let store = bench.open();
    let rows: Vec<Sequence> = (1..=3).map(|n| store.append(&readings("ada", [n]), &[]).unwrap()).collect();
    for (row, second) in rows.iter().zip(1..) {
        assert_eq!(store.journal_row(*row).unwrap().unwrap().facts, readings("ada", [second]));
    }
    assert_eq!(store.journal_row(Sequence::new(99)).unwrap(), None);
}
