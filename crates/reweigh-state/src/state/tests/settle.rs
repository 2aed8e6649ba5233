//! What is said of readings while they may still change, and when they may not any more.

use proptest::prelude::*;
use reweigh_filter::STATES;
use reweigh_reading::Instant;

use crate::checked::Checked;
use crate::fingerprint::Chain;
use crate::state::{Hypothesis, Judged, UserState, Window};
use crate::strategies::{Shape, USUAL, balanced, expectations, fingerprint, shape, state};
use crate::verdict::{Outcome, Reason, Verdict};

/// A state with one reading in the window, and of each story its share, reason, smoothed level and variance.
fn one_reading(stories: &[(f64, Reason, f32, f32)]) -> UserState {
    let policy = balanced();
    let mut state = UserState::unborn(fingerprint(&policy));
    state.window = Window::empty_at(7);
    let place = state.window.push(Instant::UNIX_EPOCH).unwrap();
    state.readings = 8;
    for (share, reason, level, variance) in stories {
        let mut story = Hypothesis { share: *share, ..Hypothesis::first(policy.prior()) };
        story.reasons[place] = *reason;
        story.lags.set_place(place, [0.5; STATES], *level, *variance);
        state.hypotheses.push(story);
    }
    state
}

fn said(state: &UserState) -> Judged {
    let mut pending = state.pending();
    let judged = pending.next().unwrap();
    assert_eq!(pending.next(), None);
    judged
}

/// While stories differ about a reading it is held; what 95 of 100 say is its verdict.
///
/// Proves H5.
#[test]
fn a_reading_is_held_while_stories_differ() {
    let outcome = |refusing: f64| {
        let stories = [(1.0 - refusing, Reason::Fits, 80.0, 0.1), (refusing, Reason::OtherPerson, 80.0, 0.1)];
        let judged = said(&one_reading(&stories));
        assert!((judged.refused_share - refusing).abs() < 1e-12);
        (judged.verdict.outcome, judged.verdict.reason)
    };
    assert_eq!(outcome(0.0), (Outcome::Accepted, Reason::Fits));
    assert_eq!(outcome(0.04), (Outcome::Accepted, Reason::Fits));
    assert_eq!(outcome(0.06), (Outcome::Held, Reason::Fits));
    assert_eq!(outcome(0.5), (Outcome::Held, Reason::Fits));
    assert_eq!(outcome(0.51), (Outcome::Held, Reason::OtherPerson));
    assert_eq!(outcome(0.94), (Outcome::Held, Reason::OtherPerson));
    assert_eq!(outcome(0.96), (Outcome::Rejected, Reason::OtherPerson));
    assert_eq!(outcome(1.0), (Outcome::Rejected, Reason::OtherPerson));
}

/// Nothing is held for ever: what leaves the window is accepted or rejected, by the larger side.
///
/// Proves H5.
#[test]
fn what_leaves_the_window_is_decided() {
    for (refusing, outcome) in [(0.0, Outcome::Accepted), (0.5, Outcome::Accepted), (0.51, Outcome::Rejected)]
    {
        let stories =
            [(1.0 - refusing, Reason::BeganShift, 80.0, 0.1), (refusing, Reason::DecimalSlip, 80.0, 0.1)];
        let mut state = one_reading(&stories);
        let judged = state.settle_oldest().unwrap();
        let accepted = outcome == Outcome::Accepted;
        let reason = if accepted { Reason::BeganShift } else { Reason::DecimalSlip };
        assert_eq!(judged.verdict, Verdict { outcome, reason });
        assert_eq!((state.tally.accepted, state.tally.rejected), (u64::from(accepted), u64::from(!accepted)));
        assert_eq!(state.tally.shifts, u64::from(accepted), "a shift counts where it is believed");
        assert_eq!((state.window.first(), state.window.len()), (8, 0));
    }
}

/// The reason is that of the likeliest story on the side that wins, whatever the likeliest of all says.
#[test]
fn the_reason_is_the_winning_sides() {
    let stories = [
        (0.4, Reason::Fits, 80.0, 0.1),
        (0.35, Reason::SwappedDigits, 80.0, 0.1),
        (0.25, Reason::OtherPerson, 80.0, 0.1),
    ];
    let judged = one_reading(&stories).settle_oldest().unwrap();
    assert_eq!(judged.verdict, Verdict { outcome: Outcome::Rejected, reason: Reason::SwappedDigits });
}

/// The smoothed weight is the mean over the stories, and its variance has their disagreement in it.
#[test]
fn the_smoothed_weight_is_a_mixture() {
    let stories = [(0.75, Reason::Fits, 80.0, 0.25), (0.25, Reason::Unsafe, 84.0, 0.5)];
    let judged = said(&one_reading(&stories));
    assert_eq!((judged.number, judged.at), (7, Instant::UNIX_EPOCH));
    assert!((judged.smoothed_kg - 81.0).abs() < 1e-12, "{judged:?}");
    let variance = 0.75 * (0.25 + 1.0) + 0.25 * (0.5 + 9.0);
    assert!((judged.smoothed_variance - variance).abs() < 1e-12, "{judged:?}");
}

/// A variance that rounding pushed below zero counts as none.
#[test]
fn a_variance_is_never_negative() {
    let judged = said(&one_reading(&[(1.0, Reason::Fits, 80.0, -1e-7)]));
    assert!(judged.smoothed_variance.to_bits() == 0, "{judged:?}");
}

/// What is final is in the chain: number, verdict and smoothed weight.
#[test]
fn what_is_final_is_in_the_chain() {
    let usual = [(1.0, Reason::Fits, 80.0, 0.1)];
    let chain = |mut state: UserState| {
        state.settle_oldest().unwrap();
        state.chain
    };
    let base = chain(one_reading(&usual));
    assert_ne!(base, Chain::default());
    assert_eq!(base, chain(one_reading(&usual)));
    assert_ne!(base, chain(one_reading(&[(1.0, Reason::Unsafe, 80.0, 0.1)])), "outcome");
    assert_ne!(base, chain(one_reading(&[(1.0, Reason::BeganShift, 80.0, 0.1)])), "reason");
    assert_ne!(base, chain(one_reading(&[(1.0, Reason::Fits, 80.0_f32.next_up(), 0.1)])), "smoothed weight");
    let mut other = one_reading(&usual);
    other.window = Window::empty_at(8);
    let _ = other.window.push(Instant::UNIX_EPOCH);
    assert_ne!(base, chain(other), "number");
    let mut later = one_reading(&usual);
    later.chain = Chain::from_number(1);
    assert_ne!(base, chain(later), "what came before");
}

/// Nothing can be taken out of an empty window, and trying changes nothing.
#[test]
fn an_empty_window_has_nothing_to_settle() {
    let policy = balanced();
    let mut state = state(Shape { window: 0, ..USUAL }, &policy);
    let before = state.clone();
    assert_eq!(state.settle_oldest(), None);
    assert_eq!((state.pending().count(), state), (0, before));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// A valid state stays valid however many readings become final: counts, chain and places agree.
    ///
    /// Proves D4, H5.
    #[test]
    fn settling_keeps_a_state_valid(shape in shape(), times in 0..15_usize) {
        let policy = balanced();
        let before = state(shape, &policy);
        let mut state = before.clone();
        let mut settled = Vec::new();
        for _ in 0..times {
            settled.extend(state.settle_oldest());
        }
        prop_assert_eq!(settled.len(), times.min(shape.window));
        let said: Vec<Judged> = before.pending().take(settled.len()).collect();
        for (number, (said, settled)) in (shape.settled..).zip(said.iter().zip(&settled)) {
            prop_assert_eq!(settled.number, number);
            prop_assert_ne!(settled.verdict.outcome, Outcome::Held);
            prop_assert_eq!(settled.verdict.reason, said.verdict.reason);
            let undecided = Judged { verdict: said.verdict, ..*settled };
            prop_assert_eq!(undecided, *said);
        }
        let verdicts = |outcome| settled.iter().filter(|judged| judged.verdict.outcome == outcome).count() as u64;
        prop_assert_eq!(state.tally.accepted, before.tally.accepted + verdicts(Outcome::Accepted));
        prop_assert_eq!(state.tally.rejected, before.tally.rejected + verdicts(Outcome::Rejected));
        prop_assert_eq!(state.chain == before.chain, settled.is_empty());
        prop_assert_eq!(state.readings, before.readings);
        let checked = Checked::state(state, &expectations(&policy));
        prop_assert!(checked.is_ok(), "{:?}", checked.map_err(|violations| violations.findings));
    }
}
