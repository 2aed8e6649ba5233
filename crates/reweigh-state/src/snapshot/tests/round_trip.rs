//! There and back.

use proptest::prelude::*;
use reweigh_filter::BodyState;
use reweigh_reading::Instant;

use crate::checked::Checked;
use crate::fingerprint::Fingerprint;
use crate::reset::ResetKind;
use crate::state::{Hypothesis, Scale, SlipMode, Stray, UserState, Window};
use crate::strategies::{FULL, Shape, USUAL, balanced, expectations, fingerprint, reasons, shape, state};
use crate::unit_slip::UnitSlip;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A legal state comes back from its bytes as it was, to the last bit, and is valid then too.
    ///
    /// Proves D4.
    #[test]
    fn a_state_comes_back_as_it_was(shape in shape()) {
        let policy = balanced();
        let state = state(shape, &policy);
        let bytes = state.encode();
        let back = Checked::decode(&bytes, &expectations(&policy));
        prop_assert_eq!(back.as_deref(), Ok(&state));
        prop_assert_eq!(back.unwrap().encode(), bytes);
    }

    /// Equal states have equal bytes; states that differ have others.
    #[test]
    fn bytes_are_equal_where_states_are((a, b) in (shape(), shape())) {
        let policy = balanced();
        let (one, same, other) = (state(a, &policy), state(a, &policy), state(b, &policy));
        prop_assert_eq!(one.encode(), same.encode());
        prop_assert_eq!(one == other, one.encode() == other.encode());
    }
}

/// What a snapshot keeps is the whole state: whatever is changed in it changes the bytes.
///
/// Proves D4.
#[test]
fn every_part_of_a_state_is_in_its_bytes() {
    let policy = balanced();
    for seed in 0..10 {
        let state = state(Shape { seed, ..FULL }, &policy);
        let bytes = state.encode();
        for (what, change) in CHANGES {
            let mut changed = state.clone();
            change(&mut changed);
            assert_ne!(changed, state, "{what} changed nothing");
            assert_ne!(changed.encode(), bytes, "{what} is not kept");
            assert_eq!(UserState::decode_unchecked(&changed.encode()), Ok(changed), "{what}");
        }
    }
}

type Change = (&'static str, fn(&mut UserState));

/// A small change of each part.
const CHANGES: &[Change] = &[
    ("fingerprint", |s| s.fingerprint = Fingerprint::from_number(s.fingerprint.number() ^ 1)),
    ("chain", |s| s.chain = s.chain.link(b"x")),
    ("key", |s| s.key = None),
    ("last reading", |s| s.last_reading = Some(Instant::MIN)),
    ("no last reading", |s| s.last_reading = None),
    ("accepted", |s| s.tally.accepted += 1),
    ("rejected", |s| s.tally.rejected += 1),
    ("shifts", |s| s.tally.shifts += 1),
    ("height", |s| s.height_m = s.height_m.map(f64::next_up)),
    ("no height", |s| s.height_m = None),
    ("source", |s| s.scales[3] = s.scales[3].map(|scale| Scale { source: !scale.source, ..scale })),
    ("scale's last", |s| s.scales[0] = s.scales[0].map(|scale| Scale { last: scale.last + 1, ..scale })),
    ("adaptation's kind", |s| {
        let other = ResetKind::ALL.into_iter().find(|kind| Some(*kind) != s.adaptation.kind);
        s.adaptation.kind = other;
    }),
    ("adaptation's instant", |s| s.adaptation.since = Instant::MIN),
    ("level factor", |s| s.adaptation.factors.level = s.adaptation.factors.level.next_up()),
    ("trend factor", |s| s.adaptation.factors.trend = s.adaptation.factors.trend.next_up()),
    ("noise factor", |s| s.adaptation.factors.noise = s.adaptation.factors.noise.next_up()),
    ("decay", |s| s.adaptation.decay = s.adaptation.decay.next_down()),
    ("adaptation's readings", |s| s.adaptation.readings += 1),
    ("adaptation's last reading", |s| s.adaptation.readings_max += 1),
    ("adaptation's days", |s| s.adaptation.days_max = s.adaptation.days_max.next_up()),
    ("adaptation's threshold", |s| s.adaptation.threshold = s.adaptation.threshold.next_up()),
    ("resets", |s| s.resets[1].at = Instant::MAX),
    ("kept resets", |s| s.resets.truncate(3)),
    ("resets in all", |s| s.resets_in_all += 1),
    ("stories", |s| s.hypotheses.truncate(3)),
    ("share", |s| s.hypotheses[2].share = s.hypotheses[2].share.next_up()),
    ("mean", |s| {
        let mut mean = *s.hypotheses[3].body.mean();
        mean[6] = mean[6].next_up();
        s.hypotheses[3].body = BodyState::from_parts(mean, *s.hypotheses[3].body.triangle());
    }),
    ("covariance", |s| {
        let mut triangle = *s.hypotheses[0].body.triangle();
        triangle[27] = triangle[27].next_up();
        s.hypotheses[0].body = BodyState::from_parts(*s.hypotheses[0].body.mean(), triangle);
    }),
    ("smoothed level", |s| {
        let (cross, level, variance) = s.hypotheses[1].lags.place(5);
        s.hypotheses[1].lags.set_place(5, cross, level.next_up(), variance);
    }),
    ("smoothed variance", |s| {
        let (cross, level, variance) = s.hypotheses[1].lags.place(11);
        s.hypotheses[1].lags.set_place(11, cross, level, variance.next_up());
    }),
    ("smoothed covariance", |s| {
        let (mut cross, level, variance) = s.hypotheses[1].lags.place(0);
        cross[6] = cross[6].next_up();
        s.hypotheses[1].lags.set_place(0, cross, level, variance);
    }),
    ("noise", |s| s.hypotheses[2].noise[3].readings = s.hypotheses[2].noise[3].readings.next_up()),
    ("squares", |s| s.hypotheses[2].noise[0].squares = s.hypotheses[2].noise[0].squares.next_up()),
    ("reason", |s| {
        let known = s.hypotheses[3].reasons[4];
        let reasons = reasons();
        s.hypotheses[3].reasons[4] = reasons.into_iter().find(|reason| *reason != known).unwrap();
    }),
    ("slip's scale", |s| {
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(|m| SlipMode { scale: m.scale ^ 1, ..m });
    }),
    ("slip", |s| {
        let swap = |slip: UnitSlip| UnitSlip { measured: slip.recorded, recorded: slip.measured };
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(|m| SlipMode { slip: swap(m.slip), ..m });
    }),
    ("slip's instant", |s| {
        let at = Instant::MIN;
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(|m| SlipMode { at, ..m });
    }),
    ("slip's value", |s| {
        let up = |m: SlipMode| SlipMode { recorded_kg: m.recorded_kg.next_up(), ..m };
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(up);
    }),
    ("no slip", |s| s.hypotheses[0].slip = None),
    ("refused value", |s| {
        let up = |stray: Stray| Stray { kg: stray.kg.next_up(), ..stray };
        s.hypotheses[0].strays[2] = s.hypotheses[0].strays[2].map(up);
    }),
    ("refused at", |s| {
        let at = Instant::MAX;
        s.hypotheses[0].strays[0] = s.hypotheses[0].strays[0].map(|stray| Stray { at, ..stray });
    }),
    ("one value less", |s| s.hypotheses[0].strays[2] = None),
    ("story's accepted", |s| s.hypotheses[1].accepted += 1),
    ("story's other person", |s| s.hypotheses[1].other_person += 1),
    ("story's first accepted", |s| {
        let at = s.hypotheses[1].first_accepted.map_or(Instant::MIN, |_| Instant::MAX);
        s.hypotheses[1].first_accepted = Some(at);
    }),
    ("slip's times", |s| {
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(|m| SlipMode { times: m.times + 1, ..m });
    }),
    ("slip's first", |s| {
        s.hypotheses[0].slip = s.hypotheses[0].slip.map(|m| SlipMode { since: Instant::MIN, ..m });
    }),
    ("story's refused", |s| s.hypotheses[1].refused_in_a_row += 1),
    ("story's last accepted", |s| s.hypotheses[1].last_accepted = Some(Instant::MAX)),
];

/// The count of readings is kept, and the window begins where it says.
#[test]
fn the_count_of_readings_is_kept() {
    let policy = balanced();
    for readings in [1, 127, 128, u64::from(u32::MAX), u64::MAX] {
        let mut state = state(Shape { window: 0, ..USUAL }, &policy);
        state.readings = readings;
        state.window = Window::empty_at(readings);
        assert_eq!(UserState::decode_unchecked(&state.encode()), Ok(state));
    }
}

/// The state before the first fact, and the one between the first reset and the first reading.
#[test]
fn states_without_readings_come_back() {
    let policy = balanced();
    let mut state = UserState::unborn(fingerprint(&policy));
    assert_eq!(UserState::decode_unchecked(&state.encode()).as_ref(), Ok(&state));
    state.hypotheses.push(Hypothesis::first(policy.prior()));
    assert_eq!(Checked::decode(&state.encode(), &expectations(&policy)).as_deref(), Ok(&state));
}

/// A story that is alone has a share of one up to rounding, and keeps the rounding.
#[test]
fn a_share_that_is_almost_one_is_kept() {
    let policy = balanced();
    let mut state = state(USUAL, &policy);
    let whole = state.encode();
    state.hypotheses[0].share = 1.0_f64.next_down();
    let almost = state.encode();
    assert_eq!(almost.len(), whole.len() + 8);
    assert_eq!(Checked::decode(&almost, &expectations(&policy)).as_deref(), Ok(&state));
}
