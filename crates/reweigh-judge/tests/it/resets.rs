//! Which resets are decided, and that they are decided again by any replay.

use reweigh_state::{
    Applied, CheckedPolicy, Outcome, Policy, ResetKind, ResetPlan, ResetRefused, Resetter, UserState,
};

use crate::life::{Life, day};

fn kinds(life: &Life) -> Vec<ResetKind> {
    life.folded().resets.iter().map(|(kind, _)| *kind).collect()
}

/// Proves C4.
#[test]
fn a_first_reading_a_gap_a_departure_and_an_operator_reset() {
    use ResetKind::{Hard, Initial, Manual, Soft};
    assert_eq!(kinds(&Life::new().kg(0.0, 80.0)), [Initial]);
    assert_eq!(kinds(&Life::new().daily(0, 10, 80.0).kg(38.9, 80.0)), [Initial]);
    assert_eq!(kinds(&Life::new().daily(0, 10, 80.0).kg(39.1, 80.0)), [Initial, Hard]);
    assert_eq!(kinds(&Life::new().daily(0, 10, 80.0).on(10.0, 90.0, "care-team-upload")), [Initial, Soft]);
    assert_eq!(kinds(&Life::new().daily(0, 10, 80.0).on(10.0, 90.0, "scale")), [Initial]);
    assert_eq!(kinds(&Life::new().daily(0, 10, 80.0).reset(9.5).kg(10.0, 80.0)), [Initial, Manual]);
    assert_eq!(kinds(&Life::new().reset(0.0).kg(1.0, 80.0)), [Initial]);
}

/// Proves C4.
#[test]
fn soft_resets_keep_their_distance() {
    let life = |gap: f64| {
        let start = Life::new().daily(0, 10, 80.0);
        start.on(10.0, 90.0, "care-team-upload").on(10.0 + gap, 90.3, "care-team-upload")
    };
    let soft = |life: &Life| kinds(life).iter().filter(|kind| **kind == ResetKind::Soft).count();
    assert_eq!(soft(&life(2.9)), 1);
    let alone = Life::new().daily(0, 10, 80.0).on(10.0, 90.0, "care-team-upload").daily(11, 4, 80.0);
    assert_eq!(soft(&alone.on(15.0, 90.0, "care-team-upload")), 2);
}

/// Proves C4, W13.
#[test]
fn a_departure_is_adopted_only_when_others_agree() {
    let agreed =
        Life::new().daily(0, 30, 80.0).on(30.0, 90.0, "care-team-upload").daily(31, 6, 90.0).folded();
    assert_eq!(agreed.outcome_at(30.0), Outcome::Accepted);
    assert!((agreed.level() - 90.0).abs() < 1.0, "{}", agreed.level());
}

/// Proves C4, H6.
#[test]
fn a_late_reading_takes_back_the_reset_of_a_gap() {
    let gap = Life::new().daily(0, 10, 80.0).daily(60, 10, 80.0);
    assert_eq!(kinds(&gap), [ResetKind::Initial, ResetKind::Hard]);
    let filled = gap.kg(30.0, 80.1).kg(50.0, 79.8);
    assert_eq!(kinds(&filled), [ResetKind::Initial]);
}

/// Proves C5.
#[test]
fn after_a_reset_the_filter_adapts_and_settles_again() {
    let begun = Life::new().daily(0, 3, 80.0).folded();
    assert_eq!(begun.state.adaptation.kind, Some(ResetKind::Initial));
    assert_eq!(begun.state.adaptation.readings, 3);
    let factor = begun.state.adaptation.factors.level;
    assert!(factor > 1.0 && factor < 2.0, "{factor}");
    assert!(!Life::new().daily(0, 10, 80.0).folded().state.adaptation.active(), "ten readings end it");
    assert!(
        !Life::new().kg(0.0, 80.0).kg(22.0, 80.0).folded().state.adaptation.active(),
        "three weeks end it"
    );
}

/// A resetter that never resets but at first.
struct Refuses;

impl Resetter for Refuses {
    fn reset(
        &mut self,
        state: &UserState,
        plan: &ResetPlan,
        policy: &CheckedPolicy,
    ) -> Result<Applied, ResetRefused> {
        if plan.kind == ResetKind::Initial {
            return reweigh_state::PlainResetter.reset(state, plan, policy);
        }
        Err(ResetRefused::Refused { kind: plan.kind, at: plan.at, why: "a test".to_owned() })
    }
}

/// Proves C1.
#[test]
fn a_refused_reset_leaves_the_prior_state_and_the_fold_goes_on() {
    let policy = Policy::default().check().unwrap();
    let events = reweigh_judge::effective(Life::new().daily(0, 10, 80.0).kg(60.0, 80.0).facts).events;
    let mut state = UserState::unborn(reweigh_judge::fingerprint(&policy));
    reweigh_judge::fold_on(&mut state, &events, &policy, &mut Refuses, &mut ());
    assert_eq!(state.readings, 11);
    assert_eq!(state.resets_in_all, 1);
    let mut endless = Policy::default();
    endless.resets.gap_days = 3650.0;
    let without = Life { facts: Life::new().daily(0, 10, 80.0).kg(60.0, 80.0).facts }
        .folded_under(&endless.check().unwrap());
    assert_eq!(state.estimate(), without.state.estimate());
    assert_eq!(state.key.unwrap().at(), day(60.0));
}
