//! Every verdict in one sentence a person understands.

use reweigh_judge::{Deed, effective, explain, fold};
use reweigh_reading::Unit;
use reweigh_state::Policy;

use crate::life::{Life, reading};

fn say(value: f64, unit: Unit) -> String {
    let policy = Policy::default().check().unwrap();
    let mut life = Life::new().daily(0, 30, 81.0).kg(12.5, 61.0).kg(19.5, 61.4);
    life.facts.push(reading(30.0, value, unit, "scale"));
    let events = effective(life.facts).events;
    let (last, before) = events.split_last().unwrap();
    let Deed::Reading(measure) = last.deed else { panic!("a reading") };
    let explanation = explain(&fold(before, &policy), &last.key, measure, &policy).unwrap();
    let chances: f64 = explanation.possibilities.iter().map(|possibility| possibility.chance).sum();
    assert!((chances - 1.0).abs() < 1e-9);
    format!("{}\n{}\n\n", explanation.sentence(), explanation.what_would_change_it())
}

/// Proves H5, H4.
#[test]
fn sentences_for_everything_a_reading_can_be() {
    let mut text = String::new();
    for value in [81.2, 84.0, 70.0, 178.6, 36.7, 28.0, 18.1, 8.1, 61.2, 810.0] {
        text.push_str(&say(value, Unit::Kilogram));
    }
    text.push_str(&say(81.0, Unit::Pound));
    insta::assert_snapshot!(text);
}

/// Proves H5.
#[test]
fn before_the_first_reading_there_is_nothing_to_explain() {
    let policy = Policy::default().check().unwrap();
    let fact = reading(0.0, 80.0, Unit::Kilogram, "scale");
    let state = fold(&[], &policy);
    assert_eq!(explain(&state, &fact.key(), fact.measure().unwrap(), &policy), None);
}

/// Proves H5.
#[test]
fn what_is_said_to_be_taken_in_is_taken_in() {
    let policy = Policy::default().check().unwrap();
    let life = Life::new().daily(0, 30, 81.0);
    let probe = reading(30.0, 60.0, Unit::Kilogram, "scale");
    let state = fold(&effective(life.facts.clone()).events, &policy);
    let explanation = explain(&state, &probe.key(), probe.measure().unwrap(), &policy).unwrap();
    let (low, high) = explanation.accepted_kg.unwrap();
    let refused = |kg: f64| life.clone().kg(30.0, kg).folded().state.hypotheses[0].refused_in_a_row;
    assert_eq!(refused(low + 0.05), 0);
    assert_eq!(refused(high - 0.05), 0);
    assert_eq!(refused(low - 0.05), 1);
    assert_eq!(refused(high + 0.05), 1);
}

/// The sentence names the verdict's own reason, however far the value is.
///
/// Proves H5.
#[test]
fn what_is_beyond_any_body_is_said_to_be() {
    assert!(say(2000.0, Unit::Kilogram).contains("no body is believed to weigh that"));
}
