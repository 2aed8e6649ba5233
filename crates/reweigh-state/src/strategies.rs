//! Legal states for the tests of every module.

use proptest::prelude::*;
use reweigh_filter::{BodyPrior, BodyState, LAGS, SCALES, STATES, TRIANGLE};
use reweigh_reading::{Elapsed, GivenId, Instant, MadeId, OrderKey, ReadingId, Source};

use crate::checked::Expectations;
use crate::fingerprint::{Chain, Fingerprint};
use crate::policy::{CheckedPolicy, Profile};
use crate::reset::{ResetKind, ResetPlan};
use crate::state::{
    Adaptation, HYPOTHESES, Hypothesis, LearnedNoise, PastReset, RESETS_KEPT, STRAYS, Scale, SlipMode, Stray,
    Tally, UserState, Window, states_in_use,
};
use crate::unit_slip::UnitSlip;
use crate::verdict::Reason;

/// What a state under test holds; the numbers come from the seed.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one part whether it is there")]
pub(crate) struct Shape {
    pub(crate) seed: u64,
    pub(crate) scales: usize,
    pub(crate) stories: usize,
    pub(crate) window: usize,
    pub(crate) settled: u64,
    pub(crate) resets: u64,
    pub(crate) adapting: bool,
    pub(crate) height: bool,
    pub(crate) given_id: bool,
    pub(crate) strays: usize,
    pub(crate) slips: bool,
}

/// A state as there are many: one story, two scales, a full window.
pub(crate) const USUAL: Shape = Shape {
    seed: 1,
    scales: 2,
    stories: 1,
    window: LAGS,
    settled: 400,
    resets: 1,
    adapting: false,
    height: false,
    given_id: false,
    strays: 1,
    slips: false,
};

/// A state with everything in use.
pub(crate) const FULL: Shape = Shape {
    scales: SCALES,
    stories: HYPOTHESES,
    resets: 7,
    adapting: true,
    height: true,
    given_id: true,
    strays: STRAYS,
    slips: true,
    ..USUAL
};

pub(crate) fn balanced() -> CheckedPolicy {
    Profile::Balanced.policy().check().unwrap()
}

pub(crate) fn fingerprint(policy: &CheckedPolicy) -> Fingerprint {
    Fingerprint::of(1, policy)
}

pub(crate) fn expectations(policy: &CheckedPolicy) -> Expectations<'_> {
    Expectations { fingerprint: fingerprint(policy), policy }
}

/// Any legal state with a reading, as its shape.
pub(crate) fn shape() -> impl Strategy<Value = Shape> {
    let sizes =
        (1..=SCALES, 1..=HYPOTHESES, 0..=LAGS, prop_oneof![0..20_u64, any::<u32>().prop_map(u64::from)]);
    let memory = (0..10_u64, 0..=STRAYS, any::<[bool; 4]>());
    (any::<u64>(), sizes, memory).prop_map(|(seed, (scales, stories, window, settled), memory)| {
        let (resets, strays, [adapting, height, given_id, slips]) = memory;
        // The first reading has begun a scale, so there is one.
        let settled = if window == 0 { settled.max(1) } else { settled };
        let adapting = adapting && resets > 0;
        Shape { seed, scales, stories, window, settled, resets, adapting, height, given_id, strays, slips }
    })
}

/// The legal state of a shape, under the usual policy.
pub(crate) fn state(shape: Shape, policy: &CheckedPolicy) -> UserState {
    let mut dice = Dice(shape.seed);
    let mut state = UserState::unborn(fingerprint(policy));
    state.chain = Chain::from_number(u128::from(dice.next()) << 64 | u128::from(dice.next()) | 1);
    state.readings = shape.settled + shape.window as u64;
    let accepted = dice.below(shape.settled + 1);
    let shifts = dice.below(accepted + 1);
    state.tally = Tally { accepted, rejected: shape.settled - accepted, shifts };
    let mut at = dice.instant(-1_000_000_000, 4_000_000_000);
    for slot in state.scales.iter_mut().take(shape.scales) {
        *slot = Some(Scale { source: dice.next(), last: dice.below(state.readings) });
    }
    let mut past = Vec::new();
    for _ in 0..shape.resets.min(RESETS_KEPT as u64) {
        at = dice.later(at);
        past.push(PastReset { kind: *dice.of(&ResetKind::ALL), at });
    }
    (state.resets, state.resets_in_all) = (past, shape.resets);
    if let (Some(reset), true) = (state.resets.last(), shape.adapting) {
        state.adaptation = adaptation(&mut dice, *reset, policy);
    }
    state.window = Window::empty_at(shape.settled);
    for _ in 0..shape.window {
        at = dice.later(at);
        let _ = state.window.push(at);
    }
    state.last_reading = Some(at);
    state.key = Some(key(&mut dice, at, shape.given_id));
    state.height_m = shape.height.then(|| dice.within(0.4, 2.5));
    for n in 0..shape.stories {
        let story = story(&mut dice, shape, &state, at);
        state.hypotheses.push(Hypothesis { share: share(n, shape.stories), ..story });
    }
    state
}

/// Shares that fall and sum to one: a half, a quarter, and the rest.
fn share(n: usize, stories: usize) -> f64 {
    let halves = (0..=n).fold(1.0, |share, _| share / 2.0);
    if n + 1 == stories { 2.0 * halves } else { halves }
}

fn adaptation(dice: &mut Dice, reset: PastReset, policy: &CheckedPolicy) -> Adaptation {
    let mut adaptation = Adaptation::begin(&ResetPlan::new(reset.kind, reset.at, 0.0, policy));
    for _ in 0..dice.below(u64::from(adaptation.readings_max)) {
        adaptation.accept();
    }
    adaptation
}

fn key(dice: &mut Dice, at: Instant, given: bool) -> OrderKey {
    let at = dice.later(at);
    let text = |dice: &mut Dice, most: usize| {
        (0..=dice.size(most)).map(|_| *dice.of(&['a', 'Z', '-', '/', '\u{e9}', '9'])).collect::<String>()
    };
    let source = Source::new(&text(dice, 30)).unwrap();
    let id = if given {
        ReadingId::Given(GivenId::new(&text(dice, 60)).unwrap())
    } else {
        ReadingId::Made(MadeId::from_bytes(
            (u128::from(dice.next()) << 64 | u128::from(dice.next())).to_le_bytes(),
        ))
    };
    OrderKey::new(at, source, id)
}

fn story(dice: &mut Dice, shape: Shape, state: &UserState, last: Instant) -> Hypothesis {
    let states = states_in_use(shape.scales);
    let mut story = Hypothesis::first(&BodyPrior::default());
    story.body = body(dice, states);
    for slot in story.noise.iter_mut().take(shape.scales) {
        *slot = LearnedNoise { readings: dice.half(0.5, 200.0), squares: dice.half(0.01, 50.0) };
    }
    for pending in state.window.iter() {
        let cross = std::array::from_fn(|i| if i < states { dice.half(-1.0, 1.0) } else { 0.0 });
        story.lags.set_place(pending.place, cross, dice.half(40.0, 150.0), dice.half(0.0, 4.0));
        story.reasons[pending.place] = *dice.of(&reasons());
    }
    for slot in story.strays.iter_mut().take(shape.strays) {
        *slot = Some(Stray { kg: dice.half(1.0, 300.0), at: dice.earlier(last) });
    }
    story.accepted = dice.below(state.readings + 1);
    let few = u32::try_from(state.readings.min(1000)).unwrap();
    (story.other_person, story.refused_in_a_row) = (dice.small(few), dice.small(few));
    story.last_accepted = (dice.below(4) > 0).then(|| dice.earlier(last));
    if shape.slips {
        let slip = *dice.of(&(0..16).filter_map(UnitSlip::from_tag).collect::<Vec<_>>());
        let scale = u8::try_from(dice.size(shape.scales)).unwrap();
        story.slip = Some(SlipMode {
            scale,
            slip,
            since: dice.earlier(last),
            at: dice.earlier(last),
            recorded_kg: dice.within(1.0, 300.0),
            times: 3,
        });
    }
    story
}

/// Every reason there is.
pub(crate) fn reasons() -> Vec<Reason> {
    (0..=u8::MAX).filter_map(Reason::from_tag).collect()
}

/// A belief whose covariance is `F F'` of a lower triangle with a diagonal above zero.
fn body(dice: &mut Dice, states: usize) -> BodyState {
    let mut factor = [[0.0; STATES]; STATES];
    for (i, row) in factor.iter_mut().enumerate().take(states) {
        for (j, slot) in row.iter_mut().enumerate().take(i + 1) {
            *slot = if i == j { dice.within(0.05, 2.0) } else { dice.within(-0.7, 0.7) };
        }
    }
    let mut triangle = [0.0; TRIANGLE];
    let places = (0..STATES).flat_map(|i| (0..=i).map(move |j| (i, j)));
    for (slot, (i, j)) in triangle.iter_mut().zip(places) {
        *slot = factor[i].iter().zip(&factor[j]).map(|(a, b)| a * b).sum();
    }
    let mut mean = [0.0; STATES];
    for slot in mean.iter_mut().take(states) {
        *slot = dice.within(-0.5, 0.5);
    }
    mean[0] += dice.within(30.0, 200.0);
    BodyState::from_parts(mean, triangle)
}

/// Numbers that look like chance and are the same on every run (`SplitMix64`: Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn size(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap()
    }

    fn small(&mut self, end: u32) -> u32 {
        u32::try_from(self.below(u64::from(end) + 1)).unwrap()
    }

    pub(crate) fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.size(all.len())]
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are all that a f64 holds")]
    pub(crate) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    #[expect(clippy::cast_possible_truncation, reason = "halves are single precision on purpose")]
    fn half(&mut self, low: f64, high: f64) -> f32 {
        self.within(low, high) as f32
    }

    fn instant(&mut self, low: i64, high: i64) -> Instant {
        let seconds = low + i64::try_from(self.below(u64::try_from(high - low).unwrap())).unwrap();
        Instant::from_unix_seconds(seconds).unwrap()
    }

    /// The same instant, or one within a month after it.
    fn later(&mut self, at: Instant) -> Instant {
        let micros = if self.below(5) == 0 { 0 } else { self.below(2_592_000_000_000) };
        at.checked_add(Elapsed::from_micros(i64::try_from(micros).unwrap())).unwrap()
    }

    /// The same instant, or one within four years before it.
    fn earlier(&mut self, at: Instant) -> Instant {
        let micros = i64::try_from(self.below(126_230_400_000_000)).unwrap();
        at.checked_add(Elapsed::from_micros(-micros)).unwrap()
    }
}
