//! The step: one effective fact, taken into one state.

use reweigh_filter::SCALES;
use reweigh_reading::{Instant, Measure, OrderKey, ReadingId};
use reweigh_state::{
    CheckedPolicy, Estimate, HYPOTHESES, Judged, Reason, ResetKind, ResetPlan, Scale, SlipUnit, UserState,
    source_hash,
};

use crate::branch;
use crate::due;
use crate::event::{Deed, Event, Observation};
use crate::rhythm;
use crate::scene::{Face, Scene};

/// The version of the step. A change that moves one bit of any settled state raises it.
pub const STEP_VERSION: u32 = 1;

/// What the step did with an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It took it in.
    Taken(Taken),
    /// It did nothing yet: this reset comes first. Apply it, then call again.
    Reset(ResetPlan),
}

/// What is known right after an event was taken in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// The reading's number; none for an event that is no reading.
    pub number: Option<u64>,
    /// The estimate at that instant from everything up to it; none before the first reading.
    pub estimate: Option<Estimate>,
    /// What the likeliest story says of the reading.
    pub reason: Reason,
    /// The normalised innovation squared under the story that was likeliest before it.
    pub nis: f64,
    /// The quality of its scores.
    pub quality: f64,
}

/// Whether a step may ask for a reset before it takes an event in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resets {
    /// It asks, if one is due.
    Ask,
    /// It has asked for this event; whether the reset was applied or refused, the event is taken in now.
    Asked,
}

/// Takes one event into a state. Pure but for `state`, and total: every event is taken in or asks for
/// one reset first.
///
/// `settled` is called for each reading whose verdict becomes final, oldest first. Events must come in
/// the order of their keys; [`fold`](crate::fold) sees to that.
pub fn step(
    state: &mut UserState,
    event: &Event,
    policy: &CheckedPolicy,
    resets: Resets,
    settled: &mut impl FnMut(Judged),
) -> Step {
    match event.deed {
        Deed::Reading(measure) => reading(state, &event.key, measure, policy, resets, settled),
        Deed::Reset => {
            if resets == Resets::Ask && !state.hypotheses.is_empty() {
                return Step::Reset(ResetPlan::new(ResetKind::Manual, event.key.at(), 0.0, policy));
            }
            state.key = Some(event.key.clone());
            Step::Taken(no_reading(state))
        }
        Deed::Height(height) => {
            state.height_m = Some(height.metres());
            state.key = Some(event.key.clone());
            let mut link = [b'H'; 9];
            for (to, from) in link.iter_mut().skip(1).zip(height.metres().to_bits().to_le_bytes()) {
                *to = from;
            }
            state.chain = state.chain.link(&link);
            Step::Taken(no_reading(state))
        }
    }
}

fn no_reading(state: &UserState) -> Taken {
    Taken { number: None, estimate: state.estimate(), reason: Reason::Fits, nis: 0.0, quality: 1.0 }
}

fn reading(
    state: &mut UserState,
    key: &OrderKey,
    measure: Measure,
    policy: &CheckedPolicy,
    resets: Resets,
    settled: &mut impl FnMut(Judged),
) -> Step {
    let hash = source_hash(key.source());
    let source = policy.source(hash);
    let seen = observe(key, measure, policy);
    if resets == Resets::Ask {
        let scene = Scene::new(state, policy, seen, 0, source, key.at());
        if let Some(plan) = due::due(state, &scene, policy) {
            return Step::Reset(plan);
        }
    }
    settle_old(state, key, policy, settled);
    let scene = arrive(state, key.at(), hash, seen, policy);
    let taken = take(state, &scene, policy, settled);
    state.key = Some(key.clone());
    link_reading(state, key, measure, &taken);
    Step::Taken(taken)
}

/// Lets time pass for a state until a source shows something, and begins that source's scale if it is new.
pub(crate) fn arrive<'a>(
    state: &mut UserState,
    at: Instant,
    hash: u64,
    seen: Observation,
    policy: &'a CheckedPolicy,
) -> Scene<'a> {
    let days = state.last_reading.map_or(0.0, |last| at.since(last).days());
    state.adaptation.pass(at);
    let place = place_of(state, hash);
    let scene = Scene::new(state, policy, seen, place.index, policy.source(hash), at);
    place.prepare(state, &scene, policy);
    let factors = state.adaptation.factors;
    let passage = policy.model().passage_with_noise(days, factors.level, factors.trend);
    for story in &mut state.hypotheses {
        story.body.predict(&passage, &mut story.lags);
    }
    scene
}

pub(crate) fn observe(key: &OrderKey, measure: Measure, policy: &CheckedPolicy) -> Observation {
    Observation {
        kg: measure.kilograms().get(),
        number: measure.value(),
        unit: SlipUnit::of(measure.unit()),
        evening: rhythm::evening(key.at(), policy.policy().body.clock_offset_hours),
    }
}

/// Makes final what is too old for this reading to change.
fn settle_old(
    state: &mut UserState,
    key: &OrderKey,
    policy: &CheckedPolicy,
    settled: &mut impl FnMut(Judged),
) {
    let days = policy.policy().hindsight.days;
    while let Some(oldest) = state.window.oldest() {
        if key.at().since(oldest.at).days() <= days {
            break;
        }
        if let Some(judged) = state.settle_oldest() {
            settled(judged);
        }
    }
}

/// The place of a source among a state's scales.
struct Place {
    index: usize,
    new: bool,
}

impl Place {
    /// Begins the scale in every story, if it is new.
    fn prepare(&self, state: &mut UserState, scene: &Scene<'_>, policy: &CheckedPolicy) {
        if !self.new {
            return;
        }
        let noise = branch::first_noise(scene);
        for story in &mut state.hypotheses {
            story.begin_scale(self.index, policy.prior().bias_sd, noise);
        }
    }
}

/// The place of a source among the scales; the one that was silent longest makes room for a new one.
/// The first scale is the frame of the level and stays.
fn place_of(state: &mut UserState, hash: u64) -> Place {
    let number = state.readings;
    let mut room = (SCALES - 1, u64::MAX);
    for (index, slot) in state.scales.iter_mut().enumerate() {
        match slot {
            Some(scale) if scale.source == hash => {
                scale.last = number;
                return Place { index, new: false };
            }
            Some(scale) => {
                if index > 0 && scale.last < room.1 {
                    room = (index, scale.last);
                }
            }
            None => {
                *slot = Some(Scale { source: hash, last: number });
                return Place { index, new: true };
            }
        }
    }
    let (index, _) = room;
    if let Some(slot) = state.scales.get_mut(index) {
        *slot = Some(Scale { source: hash, last: number });
    }
    Place { index, new: true }
}

/// Takes the value into the stories and puts the reading into the window.
fn take(
    state: &mut UserState,
    scene: &Scene<'_>,
    policy: &CheckedPolicy,
    settled: &mut impl FnMut(Judged),
) -> Taken {
    let before = state.hypotheses.first().map(|story| scene.face(story));
    let reasons = match (state.hypotheses.as_mut_slice(), before) {
        ([only], Some(face)) if scene.plain(only, &face) => {
            branch::accept(only, &face, scene.seen.kg, face.total, scene);
            [Reason::Fits; HYPOTHESES]
        }
        _ => weigh_all(state, scene),
    };
    let [reason, ..] = reasons;
    if !reason.rejects() {
        state.adaptation.accept();
    }
    let number = enter(state, scene.at, &reasons, policy, settled);
    let (nis, quality) = before.map_or((0.0, 0.0), |face| (face.nis, face.quality));
    Taken { number: Some(number), estimate: state.estimate(), reason, nis, quality }
}

/// Lets every story branch; gives what each that is left says of the reading.
fn weigh_all(state: &mut UserState, scene: &Scene<'_>) -> [Reason; HYPOTHESES] {
    let faces: Vec<Face> = state.hypotheses.iter().map(|story| scene.face(story)).collect();
    let grown = branch::branch(&state.hypotheses, &faces, scene);
    let mut reasons = [Reason::OutOfPattern; HYPOTHESES];
    for (slot, grown) in reasons.iter_mut().zip(&grown) {
        *slot = grown.reason;
    }
    state.hypotheses.clear();
    state.hypotheses.extend(grown.into_iter().map(|grown| grown.story));
    reasons
}

/// Puts the reading into the window, after the oldest has made room for it. Its number.
fn enter(
    state: &mut UserState,
    at: Instant,
    reasons: &[Reason; HYPOTHESES],
    policy: &CheckedPolicy,
    settled: &mut impl FnMut(Judged),
) -> u64 {
    while state.window.len() >= usize::from(policy.policy().hindsight.readings) {
        if let Some(judged) = state.settle_oldest() {
            settled(judged);
        }
    }
    if let Some(place) = state.window.push(at) {
        for (story, reason) in state.hypotheses.iter_mut().zip(reasons) {
            story.lags.put(place, &story.body);
            if let Some(slot) = story.reasons.get_mut(place) {
                *slot = *reason;
            }
        }
    }
    let number = state.readings;
    state.readings += 1;
    state.last_reading = Some(at);
    number
}

/// What the chain takes in of a reading: its key, its payload, the estimate then.
fn link_reading(state: &mut UserState, key: &OrderKey, measure: Measure, taken: &Taken) {
    let mut link = [0u8; 200];
    let mut filled = 0;
    let mut put = |bytes: &[u8]| {
        if let Some(room) = link.get_mut(filled..filled + bytes.len()) {
            room.copy_from_slice(bytes);
            filled += bytes.len();
        }
    };
    put(b"A");
    put(&key.at().unix_micros().to_le_bytes());
    put(&source_hash(key.source()).to_le_bytes());
    match key.id() {
        ReadingId::Made(made) => put(&made.bytes()),
        ReadingId::Given(given) => put(given.as_str().as_bytes()),
    }
    put(&[measure.unit().tag()]);
    put(&measure.value().to_bits().to_le_bytes());
    if let Some(estimate) = &taken.estimate {
        for number in [estimate.level_kg, estimate.variance, estimate.trend_kg_per_day] {
            put(&number.to_bits().to_le_bytes());
        }
    }
    state.chain = state.chain.link(link.get(..filled).unwrap_or(&link));
}
