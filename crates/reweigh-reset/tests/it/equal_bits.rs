//! A fold whose resets are transactions has the bits of a fold whose resets are plain.

use proptest::prelude::*;
use reweigh_judge::{Event, fingerprint, fold_on};
use reweigh_reset::{
    Cause, ResetDecision, ResetError, ResetLog, ResetTask, ResetTransaction, Stage, TransactionResetter,
    Unfenced, compare,
};
use reweigh_state::{
    Applied, CheckedPolicy, PlainResetter, Policy, Profile, ResetKind, ResetPlan, ResetRefused, Resetter,
    UserState,
};

use crate::clock::Ticking;
use crate::double::{Double, Fail};
use crate::life::{Heard, Life, checked, day, fold_with};

/// One thing that happens in a life, so many days after the one before.
#[derive(Debug, Clone)]
enum Deed {
    Reading { kg: f64, scale: &'static str },
    Reset,
    Height(f64),
}

fn deed() -> impl Strategy<Value = (f64, Deed)> {
    let days = prop_oneof![
        6 => 0.3..2.5_f64,
        2 => 25.0..60.0_f64,
        1 => 200.0..3_000.0_f64,
        1 => Just(0.0),
    ];
    let scale = prop_oneof![4 => Just("patient-device"), 2 => Just("care-team-upload"), 1 => Just("other")];
    let kg = prop_oneof![8 => 78.0..82.0_f64, 2 => 60.0..110.0_f64, 1 => 3.0..400.0_f64];
    let what = prop_oneof![
        12 => (kg, scale).prop_map(|(kg, scale)| Deed::Reading { kg, scale }),
        1 => Just(Deed::Reset),
        1 => (1.4..2.0_f64).prop_map(Deed::Height),
    ];
    (days, what)
}

fn life() -> impl Strategy<Value = Life> {
    prop::collection::vec(deed(), 1..50).prop_map(|deeds| {
        let mut life = Life::of("ada");
        let mut now = 0.0;
        for (days, deed) in deeds {
            now += days;
            life = match deed {
                Deed::Reading { kg, scale } => life.on(now, kg, scale),
                Deed::Reset => life.reset(now, "dr-who", "a new scale"),
                Deed::Height(metres) => life.height(now, metres),
            };
        }
        life
    })
}

/// Policies whose resets differ, at their bounds too.
fn policy() -> impl Strategy<Value = CheckedPolicy> {
    let profile = prop_oneof![
        Just(Profile::Balanced),
        Just(Profile::Conservative),
        Just(Profile::Aggressive),
        Just(Profile::Clinical)
    ];
    let variance = prop_oneof![Just(1.0), Just(1e4), 1.0..1e4_f64];
    (profile, variance, 1.0..100.0_f64, 0.01..1.0_f64, 0_u32..20).prop_map(
        |(profile, variance, factor, decay, readings)| {
            let mut policy: Policy = profile.policy();
            for reset in [
                &mut policy.resets.initial,
                &mut policy.resets.hard,
                &mut policy.resets.soft,
                &mut policy.resets.manual,
            ] {
                reset.variance = variance;
                reset.level = factor;
                reset.decay = decay;
                reset.readings = readings;
            }
            checked(&policy)
        },
    )
}

/// The state, what was heard, the decisions and how they ended, of a fold with transactions.
fn transacted(
    events: &[Event],
    policy: &CheckedPolicy,
    known: &[ResetDecision],
    fail: Option<(Stage, Fail)>,
) -> (UserState, Heard, Vec<ResetDecision>, ResetLog) {
    let double = Double::default();
    if let Some((stage, fail)) = fail {
        double.fail(stage, fail, 1);
    }
    let (clock, mut log, mut fence) = (Ticking::new(), ResetLog::new(crate::life::user("ada")), &double);
    let mut resetter = TransactionResetter::new(&mut log, &clock, &mut fence, 7).known(known.iter().copied());
    let (state, heard) = fold_with(events, policy, &mut resetter);
    let staged = resetter.finish();
    let decisions = staged.decisions();
    assert_eq!(staged.changes(), compare(known, &decisions));
    staged.discard();
    assert_eq!(log.tally().open(), 0, "{:?}", log.tally());
    (state, heard, decisions, log)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is known of earlier resets, and whatever the fence says, the fold gives the same bits and tells
    /// the same things. The policy is the one that was given.
    ///
    /// Proves C1, I1, W22.
    #[test]
    fn a_fold_with_transactions_has_the_bits_of_a_plain_one(
        life in life(),
        policy in policy(),
        picks in prop::collection::vec(any::<bool>(), 60),
        stage in 0..4_usize,
    ) {
        let before = policy.clone();
        let events = life.events();
        let (plain, heard) = fold_with(&events, &policy, &mut PlainResetter);
        let (state, same, decisions, log) = transacted(&events, &policy, &[], None);
        prop_assert_eq!(state.encode(), plain.encode());
        prop_assert_eq!(&same, &heard);
        prop_assert_eq!(log.tally().opened, decisions.len() as u64);

        // Met again: the plain way, and no news.
        let (state, same, again, log) = transacted(&events, &policy, &decisions, None);
        prop_assert_eq!(state.encode(), plain.encode());
        prop_assert_eq!(&same, &heard);
        prop_assert_eq!(log.tally().opened, 0);
        prop_assert_eq!(log.tally().unchanged, decisions.len() as u64);
        prop_assert_eq!(&again, &decisions);

        // Some of them known.
        let known: Vec<_> =
            decisions.iter().zip(&picks).filter(|(_, pick)| **pick).map(|(decision, _)| *decision).collect();
        let (state, same, _, log) = transacted(&events, &policy, &known, None);
        prop_assert_eq!(state.encode(), plain.encode());
        prop_assert_eq!(&same, &heard);
        prop_assert_eq!(log.tally().unchanged, known.len() as u64);

        // A store that fails on the way changes nothing of what is decided.
        for fail in [Fail::Error, Fail::Storage, Fail::Conflict] {
            let (state, same, _, _) = transacted(&events, &policy, &[], Some((Stage::ALL[stage], fail)));
            prop_assert_eq!(state.encode(), plain.encode());
            prop_assert_eq!(&same, &heard);
        }
        prop_assert_eq!(policy, before);
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A state may be broken in any way and a plan too: the transaction refuses exactly when the plain chain
    /// does, in the same words, and gives the same bits when it does not. No stage asks for more than the
    /// whole.
    ///
    /// Proves C1, C2.
    #[test]
    fn no_stage_asks_for_more_than_the_whole(
        life in life(),
        kind in prop::sample::select(ResetKind::ALL.to_vec()),
        damage in prop::collection::vec(0..16_u8, 0..4),
        late in -40.0..40.0_f64,
    ) {
        let policy = crate::life::balanced();
        let events = life.events();
        let (mut state, _) = fold_with(&events, &policy, &mut PlainResetter);
        let end = state.key.as_ref().map_or_else(|| day(0.0), reweigh_reading::OrderKey::at);
        let at = end.saturating_add(reweigh_reading::Elapsed::from_hours((late * 24.0) as i64));
        let mut plan = ResetPlan::new(kind, at, 40.0, &policy);
        for damage in damage {
            spoil(&mut state, &mut plan, damage);
        }
        let (clock, mut log, mut fence) = (Ticking::new(), ResetLog::new(crate::life::user("ada")), Unfenced);
        let mut resetter = TransactionResetter::new(&mut log, &clock, &mut fence, 7);
        let transacted = resetter.reset(&state, &plan, &policy);
        let refused = resetter.finish().decisions()[0].refused();
        let plain = PlainResetter.reset(&state, &plan, &policy);
        // Compared as text, because a state may hold NaN now.
        prop_assert_eq!(format!("{transacted:?}"), format!("{plain:?}"));
        prop_assert_eq!(refused, plain.is_err());

        // And the stages themselves, without anybody to fall back on.
        let decision = ResetDecision::of_plan(&plan, false);
        let task = ResetTask {
            prior: &state,
            plan,
            policy: &policy,
            cause: Cause::step(&decision, 7),
            clock: &clock,
            fence: &mut Unfenced,
        };
        match through_all_stages(task, &mut ResetLog::new(crate::life::user("ada"))) {
            Ok(applied) => prop_assert_eq!(format!("{:?}", Ok::<_, ResetRefused>(applied)), format!("{plain:?}")),
            Err(error) => {
                prop_assert_eq!(error.code(), "reset_refused");
                prop_assert!(plain.is_err(), "{error}");
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A replay from any cut, which meets the resets after it again, counts every reading once and tells of
    /// nothing new.
    ///
    /// Proves C6, W6.
    #[test]
    fn a_replay_counts_once_and_tells_nothing_new(life in life(), cut in 0.0..1.0_f64) {
        let policy = crate::life::balanced();
        let events = life.events();
        let cut = (events.len() as f64 * cut) as usize;
        let (before, after) = events.split_at(cut);
        let (whole, _, all, _) = transacted(&events, &policy, &[], None);
        let (_, _, early, _) = transacted(before, &policy, &[], None);

        let (base, _) = fold_with(before, &policy, &mut PlainResetter);
        let snapshot = base.encode();
        let mut state = UserState::decode_unchecked(&snapshot).unwrap();
        prop_assert_eq!(format!("{state:?}"), format!("{base:?}"));
        let (clock, mut log, mut fence) = (Ticking::new(), ResetLog::new(crate::life::user("ada")), Unfenced);
        let mut resetter = TransactionResetter::new(&mut log, &clock, &mut fence, 7)
            .known(all[early.len()..].iter().copied());
        fold_on(&mut state, after, &policy, &mut resetter, &mut Heard::default());
        let staged = resetter.finish();
        prop_assert!(!staged.needs_permit());
        prop_assert_eq!(staged.records(day(0.0)), vec![]);
        staged.discard();
        prop_assert_eq!(state.encode(), whole.encode());
        prop_assert_eq!(state.readings, whole.readings);
        prop_assert_eq!(log.tally().opened, 0);
        prop_assert_eq!(state.fingerprint, fingerprint(&policy));
    }
}

fn through_all_stages<'a>(task: ResetTask<'a>, log: &'a mut ResetLog) -> Result<Applied, ResetError> {
    let persisted = ResetTransaction::begin(task, log)?.create_adaptation()?.update_buffer()?.persist()?;
    let (applied, staged) = persisted.stage();
    staged.discard();
    Ok(applied)
}

/// Damages a state or a plan in one way.
fn spoil(state: &mut UserState, plan: &mut ResetPlan, damage: u8) {
    match damage {
        0 => plan.profile.variance = f64::NAN,
        1 => plan.profile.variance = 1e9,
        2 => plan.profile.decay = 0.0,
        3 => plan.profile.level = 1_000.0,
        4 => plan.profile.noise = f64::INFINITY,
        5 => state.tally.accepted += 3,
        6 => state.readings += 1,
        7 => state.window = reweigh_state::Window::empty_at(state.readings),
        8 => state.resets.reverse(),
        9 => state.resets_in_all = 0,
        10 => state.chain = reweigh_state::Chain::default(),
        11 => state.key = None,
        12 => state.height_m = Some(-1.0),
        13 => state.adaptation.factors.trend = f64::NAN,
        14 => {
            for story in &mut state.hypotheses {
                story.body.widen_level(f64::NAN);
            }
        }
        _ => {
            for story in &mut state.hypotheses {
                story.share *= 0.5;
            }
        }
    }
}
