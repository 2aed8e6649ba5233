//! The first correction of an id, which is looked for in all of its user's pages.

use reweigh_reading::{Action, Fact, Instant, Measure, Revision, Unit};
use reweigh_store::{Checkpoint, Store, UserCommit};

use crate::world::{Folder, facts, spread, user};
use crate::{quantile, time};

/// A correction of a reading that is known.
fn correction(of: &Fact) -> Fact {
    let action = Action::Amend(Measure::new(90.0, Unit::Kilogram).unwrap());
    let (user, id, source) = (of.user().clone(), of.id().clone(), of.source().clone());
    Fact::new(user, id, Revision::new(1), of.at(), source, action)
}

/// By how long a life is; the control is a plain late reading of the same user, which touches one page.
pub(crate) fn correct() {
    for days in [64, 6_400, 60_000] {
        let folder = Folder::new("correct");
        let store = folder.store();
        let all = facts(&user(0), 0..days);
        for chunk in all.chunks(50_000) {
            let users = vec![UserCommit::facts(user(0), chunk.to_vec())];
            store.commit(&Checkpoint { users, ..Checkpoint::at(Instant::UNIX_EPOCH) }).unwrap();
        }
        let (mut finds, mut corrections, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        let commit = |fact: Fact| {
            let users = vec![UserCommit::facts(user(0), vec![fact])];
            let checkpoint = Checkpoint { users, ..Checkpoint::at(Instant::UNIX_EPOCH) };
            let (outcome, took) = time(|| store.commit(&checkpoint).unwrap());
            assert_eq!(outcome[0].added, 1);
            took
        };
        for day in spread(100.min(days), days) {
            let fact = &all[day];
            let (found, took) = time(|| store.find(fact.user(), fact.id()).unwrap());
            assert_eq!(found.len(), 1);
            finds.push(took);
            corrections.push(commit(correction(fact)));
            let measure = Measure::new(91.5, Unit::Kilogram).unwrap();
            plain.push(commit(Fact::reading(user(0), fact.at(), fact.source().clone(), measure)));
        }
        println!(
            "a life of {days} readings: find an id {:?}, its first correction {:?}, a plain late reading {:?}",
            quantile(&mut finds, 500),
            quantile(&mut corrections, 500),
            quantile(&mut plain, 500)
        );
    }
}
