//! Facts about facts, and what stands in the end.

use crate::{of, scenario};
use proptest::prelude::*;
use reweigh_reading::{Action, Meeting, ReadingId, Revision};
use reweigh_scenario::{Corrections, Delivery, Ids, Life, Recipe, Role, Share, Span};
use std::collections::{BTreeMap, BTreeSet};

fn by_id(life: &Life) -> BTreeMap<ReadingId, Vec<Delivery>> {
    let mut facts: BTreeMap<ReadingId, Vec<Delivery>> = BTreeMap::new();
    for delivery in life.deliveries().filter(|delivery| delivery.role != Role::Resent) {
        facts.entry(delivery.fact.id().clone()).or_default().push(delivery);
    }
    facts
}

/// Every reading meets this fate.
fn always(corrections: Corrections) -> Recipe {
    Recipe { corrections, ids: Ids::Given, ..Recipe::plain() }
}

#[test]
fn what_stands_is_the_highest_revision_of_what_was_told() {
    for life in scenario("corrections", 8).lives(20) {
        let standing = life.standing();
        assert!(
            standing.is_sorted_by(|a, b| a.fact.key() < b.fact.key()),
            "in the order of keys, no two the same"
        );
        let ids: BTreeSet<ReadingId> = standing.iter().map(|delivery| delivery.fact.id().clone()).collect();
        assert_eq!(ids.len(), standing.len());
        for (id, told) in by_id(&life) {
            let last = told.iter().map(|delivery| delivery.fact.revision()).max().unwrap();
            let of_last = || told.iter().filter(|delivery| delivery.fact.revision() == last);
            let retracted = of_last().any(|delivery| *delivery.fact.action() == Action::Retract);
            let added = told
                .iter()
                .any(|delivery| !matches!(delivery.fact.action(), Action::Amend(_) | Action::Retract));
            let stands = standing.iter().find(|delivery| *delivery.fact.id() == id);
            assert_eq!(stands.is_some(), added && !retracted, "{id}");
            if let Some(stands) = stands {
                assert!(of_last().all(|other| stands.fact.meet(&other.fact) != Meeting::SecondWins));
            }
        }
    }
}

#[test]
fn an_amended_reading_says_what_the_scale_should_have_said() {
    let slips =
        reweigh_scenario::Slips { pounds_as_kilograms: Share::ALWAYS, ..reweigh_scenario::Slips::NONE };
    let recipe = always(Corrections { amend_gross: Share::ALWAYS, ..Corrections::NONE });
    for life in of(Recipe { slips, ..recipe }, 8).lives(5) {
        for delivery in life.standing() {
            assert_eq!(delivery.role, Role::Amendment);
            assert_eq!(delivery.fact.revision(), Revision::new(1));
            let off = delivery.fact.measure().unwrap().kilograms().get() - delivery.true_kg;
            assert!(off.abs() < 3.5, "{off} kg off");
        }
    }
}

#[test]
fn corrections_come_after_before_or_without_their_reading() {
    let corrections = Corrections {
        retract_clean: Share::ALWAYS,
        early: Share(0.3),
        orphan: Share(0.2),
        ..Corrections::NONE
    };
    let (mut after, mut before, mut without) = (0, 0, 0);
    for life in of(always(corrections), 8).lives(5) {
        assert!(life.standing().is_empty());
        for told in by_id(&life).values() {
            match told.as_slice() {
                [only] => without += usize::from(*only.fact.action() == Action::Retract),
                [first, _] if first.role == Role::First => after += 1,
                [_, _] => before += 1,
                more => panic!("{more:?}"),
            }
        }
    }
    let all = after + before + without;
    assert!((45..68).contains(&(after * 100 / all)), "{after} {before} {without}");
    assert!((18..30).contains(&(before * 100 / all)), "{after} {before} {without}");
    assert!((15..25).contains(&(without * 100 / all)), "{after} {before} {without}");
}

#[test]
fn moved_readings_end_at_the_instant_at_which_they_were_taken() {
    let corrections =
        Corrections { moved: Share::ALWAYS, moved_days: Span::new(1.0, 9.0), ..Corrections::NONE };
    for life in of(always(corrections), 8).lives(5) {
        let taken: BTreeSet<_> = life.samples().map(|sample| sample.at).collect();
        let stands: BTreeSet<_> = life.standing().iter().map(|delivery| delivery.fact.at()).collect();
        assert_eq!(taken, stands);
        for told in by_id(&life).values() {
            let [first, amended] = told.as_slice() else { panic!("{told:?}") };
            let days = amended.fact.at().since(first.fact.at()).days();
            assert!((0.0..=9.0).contains(&days), "{days}");
            assert!(days >= 0.999 || first.fact.at() == life.begins(), "{days}");
        }
    }
}

#[test]
fn conflicts_are_facts_of_one_revision_that_differ() {
    let mut kinds = BTreeSet::new();
    for life in of(always(Corrections { conflict: Share::ALWAYS, ..Corrections::NONE }), 8).lives(5) {
        for told in by_id(&life).values() {
            let of_conflict = told.iter().find(|delivery| delivery.role == Role::Conflict).unwrap();
            let other = told
                .iter()
                .filter(|delivery| delivery.role != Role::Conflict)
                .find(|delivery| delivery.fact.revision() == of_conflict.fact.revision())
                .unwrap();
            assert!(matches!(other.fact.meet(&of_conflict.fact), Meeting::FirstWins | Meeting::SecondWins));
            kinds.insert(*of_conflict.fact.action() == Action::Retract);
        }
    }
    assert_eq!(kinds.len(), 2, "of values and of corrections");
}

#[test]
fn without_corrections_everything_stands() {
    for life in scenario("arrivals", 8).lives(5) {
        let mut taken: Vec<_> = life.deliveries().filter(|delivery| delivery.role == Role::First).collect();
        taken.sort_by_cached_key(|delivery| delivery.fact.key());
        assert_eq!(life.standing(), taken);
    }
}

#[test]
fn resets_are_rare_and_heights_are_those_of_the_people() {
    let (mut resets, mut heights) = (0_usize, 0_usize);
    for life in scenario("corrections", 8).lives(300) {
        for delivery in life.deliveries().filter(|delivery| delivery.role != Role::Resent) {
            match delivery.fact.action() {
                Action::Reset { .. } => resets += 1,
                Action::Height(height) => {
                    heights += 1;
                    assert_eq!(*height, life.height());
                    assert_eq!(delivery.fact.at(), life.begins());
                }
                Action::Add(_) | Action::Amend(_) | Action::Retract => {}
            }
        }
    }
    assert!((4..32).contains(&resets), "{resets}");
    assert!((110..190).contains(&heights), "{heights}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Readings without names can be corrected too: by the id that is made of their first telling.
    #[test]
    fn made_ids_are_corrected_like_given_ones(seed: u64, number in 0_u32..50) {
        let stands = |ids| {
            let recipe = Recipe { ids, days: 120, ..Recipe::corrections() };
            let life = of(recipe, seed).life(number);
            let mut told: Vec<_> = life
                .standing()
                .into_iter()
                .map(|delivery| (delivery.fact.at(), delivery.fact.source().clone(), delivery.fact.payload(), delivery.label))
                .collect();
            told.sort();
            told
        };
        prop_assert_eq!(stands(Ids::Made), stands(Ids::Given));
    }
}
