//! The chain of the four operations, and what it refuses.

use proptest::prelude::*;
use reweigh_filter::BodyState;
use reweigh_reading::{Elapsed, OrderKey};

use super::{by_hand, days_after, distinct, plan};
use crate::checked::Checked;
use crate::reset::{
    PlainResetter, ResetKind, ResetPlan, ResetRefused, Resetter, create_adaptation, cut_buffer, filter_reset,
};
use crate::rules::Rule;
use crate::state::{RESETS_KEPT, UserState};
use crate::strategies::{FULL, Shape, USUAL, balanced, expectations, shape, state};

const LATER: [ResetKind; 3] = [ResetKind::Hard, ResetKind::Soft, ResetKind::Manual];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// From any valid state any reset gives a valid one, the same each time, and leaves what it was given alone.
    ///
    /// Proves C1.
    #[test]
    fn a_reset_of_a_valid_state_is_valid(shape in shape(), days in 0..400_i64) {
        let policy = balanced();
        let before = state(shape, &policy);
        let kept = before.clone();
        for kind in LATER {
            let at = days_after(before.key.as_ref().unwrap().at(), days);
            let plan = ResetPlan::new(kind, at, 0.0, &policy);
            let applied = PlainResetter.reset(&before, &plan, &policy).unwrap();
            prop_assert_eq!(&applied, &by_hand(&before, &plan, &policy));
            prop_assert_eq!(&applied, &PlainResetter.reset(&before, &plan, &policy).unwrap());
            let checked = Checked::state(applied.state.clone(), &expectations(&policy));
            prop_assert!(checked.is_ok());
            let back = UserState::decode_unchecked(&applied.state.encode());
            prop_assert_eq!(back, Ok(applied.state));
            prop_assert_eq!(&before, &kept);
        }
    }
}

/// Each operation gives its part and leaves the state it was given to the last bit.
///
/// Proves C1.
#[test]
fn the_operations_are_pure() {
    let policy = distinct();
    let before = state(FULL, &policy);
    let bytes = before.encode();
    for kind in ResetKind::ALL {
        let plan = plan(kind, &before, &policy);
        assert_eq!(filter_reset(&before, &plan, &policy), filter_reset(&before, &plan, &policy));
        assert_eq!(create_adaptation(&plan), create_adaptation(&plan));
        assert_eq!(cut_buffer(&before, &plan), cut_buffer(&before, &plan));
        assert_eq!(by_hand(&before, &plan, &policy), by_hand(&before, &plan, &policy));
        assert_eq!(before.encode(), bytes);
    }
}

/// A reset that would break rules is refused, with every rule it would break; the prior state is untouched.
///
/// Proves C1, D5.
#[test]
fn a_reset_that_breaks_rules_is_refused() {
    let policy = balanced();
    let mut before = state(USUAL, &policy);
    let body = before.hypotheses[0].body;
    let mut mean = *body.mean();
    mean[0] = 900.0;
    before.hypotheses[0].body = BodyState::from_parts(mean, *body.triangle());
    before.tally.accepted += 1;
    let bytes = before.encode();
    for kind in LATER {
        let plan = plan(kind, &before, &policy);
        let refused = PlainResetter.reset(&before, &plan, &policy).unwrap_err();
        let ResetRefused::Invalid { kind: refused_kind, at, findings } = &refused else {
            panic!("{refused}")
        };
        assert_eq!((*refused_kind, *at), (kind, plan.at));
        let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::StateTally, Rule::FilterLevel]);
        let said = refused.to_string();
        let begin =
            format!("the {} reset at {} would break 2 of its rules: state.tally: ", kind.as_str(), plan.at);
        assert!(said.starts_with(&begin), "{said}");
        assert!(said.contains("; filter.level: story 0: 900 kg, must be 1.5 to 750 kg"), "{said}");
        assert_eq!(before.encode(), bytes);
    }
}

/// A reset dated before the one that came last is refused: resets are in order.
#[test]
fn a_reset_before_the_last_one_is_refused() {
    let policy = balanced();
    let before = state(USUAL, &policy);
    let last = before.resets.last().unwrap().at;
    let at = last.checked_add(Elapsed::from_micros(-1)).unwrap();
    let refused = PlainResetter.reset(&before, &ResetPlan::new(ResetKind::Manual, at, 0.0, &policy), &policy);
    let Err(ResetRefused::Invalid { findings, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [Rule::StateResets]);
    let now = ResetPlan::new(ResetKind::Manual, last, 0.0, &policy);
    assert!(PlainResetter.reset(&before, &now, &policy).is_ok(), "at the same instant is in order");
}

/// A refusal by somebody else says what they say.
#[test]
fn a_refusal_says_why() {
    let at = reweigh_reading::Instant::UNIX_EPOCH;
    let refused = ResetRefused::Refused { kind: ResetKind::Soft, at, why: "the store is full".to_owned() };
    assert_eq!(refused.to_string(), "the soft reset at 1970-01-01T00:00:00Z was refused: the store is full");
}

/// However many resets there were, a state remembers the last few, and costs the same bytes and the same look.
///
/// Proves W20.
#[test]
fn the_history_of_resets_is_bounded() {
    let policy = balanced();
    let mut state = state(Shape { resets: 0, ..USUAL }, &policy);
    let mut sizes = Vec::new();
    for n in 1..=1_100_u64 {
        let kind = LATER[usize::try_from(n % 3).unwrap()];
        let plan = plan(kind, &state, &policy);
        state = PlainResetter.reset(&state, &plan, &policy).unwrap().state;
        let key = state.key.as_ref().unwrap();
        state.key = Some(OrderKey::new(plan.at, key.source().clone(), key.id().clone()));
        assert_eq!(state.resets_in_all, n);
        assert_eq!(state.resets.len() as u64, n.min(RESETS_KEPT as u64));
        assert_eq!((state.resets.last().unwrap().kind, state.resets.last().unwrap().at), (kind, plan.at));
        assert!(state.resets.capacity() <= 2 * RESETS_KEPT);
        sizes.push(state.encode().len());
    }
    let (least, most) = (sizes[3..].iter().min().unwrap(), sizes[3..].iter().max().unwrap());
    // Only the count of all resets grows: by a byte.
    assert!(most - least <= 1, "{least} to {most} bytes");
}
