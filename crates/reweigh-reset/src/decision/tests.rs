use proptest::prelude::*;
use reweigh_reading::Elapsed;
use reweigh_state::Profile;

use super::*;

fn at(hours: i64) -> Instant {
    Instant::UNIX_EPOCH.saturating_add(Elapsed::from_hours(hours))
}

fn decision() -> impl Strategy<Value = ResetDecision> {
    let policy = Profile::Balanced.policy().check().unwrap();
    let plan = (prop::sample::select(ResetKind::ALL.to_vec()), 0..6_i64, 0..4_u8, any::<bool>()).prop_map(
        move |(kind, hours, cause, refused)| {
            ResetDecision::of_plan(&ResetPlan::new(kind, at(hours), f64::from(cause), &policy), refused)
        },
    );
    prop_oneof![5 => plan, 1 => (0..6_i64).prop_map(|hours| ResetDecision::level_shift(at(hours)))]
}

fn decisions() -> impl Strategy<Value = Vec<ResetDecision>> {
    prop::collection::vec(decision(), 0..12)
}

fn sorted(mut decisions: Vec<ResetDecision>) -> Vec<ResetDecision> {
    decisions.sort_unstable();
    decisions
}

/// The old decisions with the changes made to them.
fn applied(old: &[ResetDecision], changes: &[DecisionChange]) -> Vec<ResetDecision> {
    let mut decisions = old.to_vec();
    for change in changes {
        if let Some(old) = change.old_decision() {
            let place = decisions.iter().position(|decision| *decision == old).expect("it was there");
            decisions.swap_remove(place);
        }
    }
    decisions.extend(changes.iter().filter_map(DecisionChange::new_decision));
    sorted(decisions)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// The changes lead from the one list to the other, say nothing of what is in both, and depend on no order.
    ///
    /// Proves C6.
    #[test]
    fn changes_lead_from_old_to_new_and_no_further(old in decisions(), new in decisions()) {
        let changes = compare(&old, &new);
        prop_assert_eq!(applied(&old, &changes), sorted(new.clone()));
        for change in &changes {
            if let DecisionChange::Changed { old, new } = change {
                prop_assert_ne!(old, new);
                prop_assert_eq!(old.at(), new.at());
                prop_assert_eq!(old.kind.is_some(), new.kind.is_some());
            }
        }
        prop_assert_eq!(compare(&sorted(old.clone()), &sorted(new.clone())), changes.clone());
        let in_both = old.iter().filter(|decision| new.contains(decision)).count();
        let told_old = changes.iter().filter_map(DecisionChange::old_decision).count();
        prop_assert!(told_old <= old.len() && (in_both == 0 || told_old < old.len()));
    }

    /// Proves C6.
    #[test]
    fn equal_lists_have_no_changes(old in decisions()) {
        prop_assert_eq!(compare(&old, &old), vec![]);
        prop_assert_eq!(compare(&[], &old).len(), old.len());
    }

    #[test]
    fn bytes_give_the_decision_back_and_other_bytes_none(decision in decision(), place in 0..2_usize) {
        let bytes = decision.to_bytes();
        prop_assert_eq!(ResetDecision::from_bytes(bytes), Some(decision));
        let mut other = bytes;
        other[place] = 200;
        prop_assert_eq!(ResetDecision::from_bytes(other), None);
    }
}

/// A cause is told in whole days or tenths of a kilogram, and what changes below that is no change.
///
/// Proves C6.
#[test]
fn what_is_told_the_same_is_the_same() {
    let policy = Profile::Balanced.policy().check().unwrap();
    let of = |kind, cause| ResetDecision::of_plan(&ResetPlan::new(kind, at(0), cause, &policy), false);
    assert_eq!(of(ResetKind::Soft, 5.400_000_001), of(ResetKind::Soft, 5.4));
    assert_ne!(of(ResetKind::Soft, 5.5), of(ResetKind::Soft, 5.4));
    assert_eq!(of(ResetKind::Hard, 45.3), of(ResetKind::Hard, 44.9));
    assert_eq!(of(ResetKind::Hard, f64::NAN).reason(), "0 days without an accepted reading");
    assert_eq!(of(ResetKind::Hard, f64::MAX).told, i32::MAX);
    assert_eq!(
        of(ResetKind::Hard, 45.0).to_string(),
        "hard at 1970-01-01T00:00:00Z: 45 days without an accepted reading"
    );
}
