//! How large a state is: figures for whoever plans a disk, and a bound for whoever plans a cache.

use proptest::prelude::*;
use reweigh_filter::{LAGS, SCALES};
use reweigh_reading::{Elapsed, GivenId, Instant, OrderKey, Source};

use crate::checked::Checked;
use crate::reset::ResetKind;
use crate::state::{PastReset, RESETS_KEPT, STRAYS, Tally, UserState, Window};
use crate::strategies::{FULL, Shape, USUAL, balanced, expectations, shape, state};

/// The bound of every state.
const BYTES_MAX: usize = 4_096;

/// The usual state of a person who weighs daily, with a made id and a source of 14 bytes.
fn usual(scales: usize) -> UserState {
    let policy = balanced();
    let mut state = state(Shape { scales, ..USUAL }, &policy);
    let start = Instant::from_unix_seconds(1_700_000_000).unwrap();
    state.window = Window::empty_at(state.window.first());
    let mut at = start;
    for day in 0..LAGS as u64 {
        // Not to the second: people do not weigh by the clock.
        let micros =
            i64::try_from(day).unwrap() * 86_400_000_000 + i64::try_from(day * day).unwrap() * 71_123_457;
        at = start.checked_add(Elapsed::from_micros(micros)).unwrap();
        let _ = state.window.push(at);
    }
    state.last_reading = Some(at);
    state.key = Some(OrderKey::new(
        at,
        Source::new("patient-device").unwrap(),
        reweigh_reading::MadeId::from_bytes([7; 16]).into(),
    ));
    state.resets =
        vec![PastReset { kind: ResetKind::Initial, at: Instant::from_unix_seconds(1_600_000_000).unwrap() }];
    let [story] = state.hypotheses.as_mut_slice() else { unreachable!() };
    story.last_accepted = Some(at);
    (story.accepted, story.other_person, story.refused_in_a_row) = (405, 2, 0);
    for stray in story.strays.iter_mut().flatten() {
        stray.at = start;
    }
    for (n, scale) in state.scales.iter_mut().flatten().enumerate() {
        scale.last = 411 - n as u64;
    }
    state.tally = Tally { accepted: 390, rejected: 10, shifts: 1 };
    let checked = Checked::state(state, &expectations(&policy)).unwrap();
    checked.into_inner()
}

/// The common case stays far below a kilobyte with two scales, and about there with four.
#[test]
fn the_usual_state_takes_so_many_bytes() {
    let bytes: Vec<usize> = (1..=SCALES).map(|scales| usual(scales).encode().len()).collect();
    assert_eq!(bytes, [624, 738, 860, 990]);
}

/// The largest state there can be: four stories, everything in use, the longest names, the largest counts,
/// and instants as far apart as there are.
#[test]
fn the_largest_state_is_below_the_bound() {
    let policy = balanced();
    let mut state = state(FULL, &policy);
    state.readings = u64::MAX;
    let decades = |n: usize| {
        let days = i64::try_from(n).unwrap() * 9 * 365;
        let apart = Elapsed::from_micros(Elapsed::from_days(days).micros() + i64::try_from(n * n).unwrap());
        Instant::MIN.checked_add(apart).unwrap()
    };
    state.window = Window::empty_at(u64::MAX - LAGS as u64);
    for n in 1..=LAGS {
        let _ = state.window.push(decades(n));
    }
    state.last_reading = Some(Instant::MAX);
    let (source, id) = ("x".repeat(Source::BYTES_MAX), "y".repeat(GivenId::BYTES_MAX));
    state.key =
        Some(OrderKey::new(Instant::MAX, Source::new(&source).unwrap(), GivenId::new(&id).unwrap().into()));
    for scale in state.scales.iter_mut().flatten() {
        scale.last = u64::MAX - 1;
    }
    state.tally = Tally { accepted: u64::MAX, rejected: u64::MAX, shifts: u64::MAX };
    state.resets_in_all = u64::MAX;
    state.adaptation.readings = u32::MAX;
    state.adaptation.readings_max = u32::MAX;
    for story in &mut state.hypotheses {
        (story.accepted, story.other_person, story.refused_in_a_row) = (u64::MAX, u32::MAX, u32::MAX);
        // Not whole seconds from the last reading, which would be shorter to write.
        let odd = Instant::MIN.checked_add(Elapsed::from_micros(1)).unwrap();
        story.last_accepted = Some(odd);
        story.first_accepted = Some(odd);
        assert_eq!(story.strays.iter().flatten().count(), STRAYS);
        for stray in story.strays.iter_mut().flatten() {
            stray.at = odd;
        }
        story.slip = story.slip.map(|mode| crate::SlipMode { since: odd, at: odd, times: u32::MAX, ..mode });
    }
    assert_eq!(state.resets.len(), RESETS_KEPT);
    let bytes = state.encode();
    assert_eq!(UserState::decode_unchecked(&bytes), Ok(state));
    assert_eq!(bytes.len(), 4_063);
    assert!(bytes.len() <= BYTES_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No legal state is above the bound, whatever came before it.
    ///
    /// Proves W20.
    #[test]
    fn no_state_is_above_the_bound(shape in shape()) {
        prop_assert!(state(shape, &balanced()).encode().len() <= BYTES_MAX);
    }
}
