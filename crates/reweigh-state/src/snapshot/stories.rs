//! One story as bytes, and back: only what is in use is written.

use reweigh_filter::{BodyState, STATES, TRIANGLE};
use reweigh_reading::Instant;

use super::SnapshotError;
use super::reader::Reader;
use super::writer::Writer;
use crate::state::{Hypothesis, LearnedNoise, SlipMode, Stray, UserState, states_in_use};
use crate::unit_slip::UnitSlip;
use crate::verdict::Reason;

pub(super) fn write(writer: &mut Writer, story: &Hypothesis, state: &UserState, share: bool) {
    let scales = state.scales.iter().flatten().count();
    let states = states_in_use(scales);
    if share {
        writer.number(story.share);
    }
    for mean in story.body.mean().iter().take(states) {
        writer.number(*mean);
    }
    for covariance in story.body.triangle().iter().take(states * (states + 1) / 2) {
        writer.number(*covariance);
    }
    for noise in story.noise.iter().take(scales) {
        writer.half(noise.readings);
        writer.half(noise.squares);
    }
    for pending in state.window.iter() {
        let (cross, level, variance) = story.lags.place(pending.place);
        writer.byte(story.reasons.get(pending.place).map_or(0, |reason| reason.tag()));
        writer.half(level);
        writer.half(variance);
        for covariance in cross.iter().take(states) {
            writer.half(*covariance);
        }
    }
    write_memory(writer, story, anchor(state));
}

fn write_memory(writer: &mut Writer, story: &Hypothesis, anchor: Instant) {
    let strays = story.strays.iter().flatten().count();
    writer.count(strays);
    for stray in story.strays.iter().flatten() {
        writer.half(stray.kg);
        writer.near(stray.at, anchor);
    }
    writer.varint(story.accepted);
    writer.varint(u64::from(story.other_person));
    writer.varint(u64::from(story.refused_in_a_row));
    let flags = u8::from(story.slip.is_some())
        | u8::from(story.last_accepted.is_some()) << 1
        | u8::from(story.first_accepted.is_some()) << 2;
    writer.byte(flags);
    if let Some(mode) = story.slip {
        writer.byte(mode.scale);
        writer.byte(mode.slip.tag());
        writer.near(mode.since, anchor);
        writer.near(mode.at, anchor);
        writer.number(mode.recorded_kg);
        writer.varint(u64::from(mode.times));
    }
    for at in [story.last_accepted, story.first_accepted].into_iter().flatten() {
        writer.near(at, anchor);
    }
}

/// What the instants of a story are told against.
fn anchor(state: &UserState) -> Instant {
    state.last_reading.unwrap_or(Instant::UNIX_EPOCH)
}

/// Reads a story; its share too, if shares are written.
pub(super) fn read(
    reader: &mut Reader<'_>,
    state: &UserState,
    share: bool,
) -> Result<Hypothesis, SnapshotError> {
    let scales = state.scales.iter().flatten().count();
    let states = states_in_use(scales);
    let share = if share { reader.number("share")? } else { 1.0 };
    let mut mean = [0.0; STATES];
    for slot in mean.iter_mut().take(states) {
        *slot = reader.number("mean")?;
    }
    let mut triangle = [0.0; TRIANGLE];
    for slot in triangle.iter_mut().take(states * (states + 1) / 2) {
        *slot = reader.number("covariance")?;
    }
    let mut story = Hypothesis::first(&reweigh_filter::BodyPrior::default());
    story.share = share;
    story.body = BodyState::from_parts(mean, triangle);
    for slot in story.noise.iter_mut().take(scales) {
        *slot = LearnedNoise { readings: reader.half("noise")?, squares: reader.half("noise")? };
    }
    for pending in state.window.iter() {
        let reason = Reason::from_tag(reader.byte("reason")?).ok_or_else(|| reader.malformed("reason"))?;
        if let Some(slot) = story.reasons.get_mut(pending.place) {
            *slot = reason;
        }
        let (level, variance) = (reader.half("smoothed level")?, reader.half("smoothed variance")?);
        let mut cross = [0.0; STATES];
        for slot in cross.iter_mut().take(states) {
            *slot = reader.half("smoothed covariance")?;
        }
        story.lags.set_place(pending.place, cross, level, variance);
    }
    read_memory(reader, &mut story, anchor(state))?;
    Ok(story)
}

fn read_memory(
    reader: &mut Reader<'_>,
    story: &mut Hypothesis,
    anchor: Instant,
) -> Result<(), SnapshotError> {
    let strays = reader.count("refused values", crate::state::STRAYS)?;
    for slot in story.strays.iter_mut().take(strays) {
        *slot = Some(Stray { kg: reader.half("refused value")?, at: reader.near("refused value", anchor)? });
    }
    story.accepted = reader.varint("accepted readings")?;
    story.other_person = reader.small("readings of another person")?;
    story.refused_in_a_row = reader.small("readings refused in a row")?;
    let flags = reader.flags("flags of a story", 3)?;
    if flags & 1 != 0 {
        let scale = reader.byte("other unit")?;
        let slip =
            UnitSlip::from_tag(reader.byte("other unit")?).ok_or_else(|| reader.malformed("other unit"))?;
        let (since, at) = (reader.near("other unit", anchor)?, reader.near("other unit", anchor)?);
        let recorded_kg = reader.number("other unit")?;
        story.slip =
            Some(SlipMode { scale, slip, since, at, recorded_kg, times: reader.small("other unit")? });
    }
    if flags & 2 != 0 {
        story.last_accepted = Some(reader.near("last accepted reading", anchor)?);
    }
    if flags & 4 != 0 {
        story.first_accepted = Some(reader.near("first accepted reading", anchor)?);
    }
    Ok(())
}
